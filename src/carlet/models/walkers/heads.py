"""Heads: faces, hair, hats. Origin at the joint below the chin; lengths in heights of the head."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.walkers.measures import Floats, lid, painted, piece, ring, tube
from carlet.models.walkers.person import HATS, Carried, Hair, Person

SIDES = 8
FACE = (6, 7, 0)
BACK = (2, 3, 4)
#: Rings from the chin to the crown: z, half depth, half width, shift forward.
SKULL = (
    (0.01, 0.20, 0.17, 0.11),
    (0.22, 0.33, 0.265, 0.03),
    (0.52, 0.40, 0.32, 0.0),
    (0.81, 0.38, 0.315, -0.015),
    (1.0, 0.21, 0.18, -0.03),
)
#: Rings of hair that hangs: z, half depth, half width, shift forward.
LOOSE = {
    Hair.BOB: ((0.76, 0.35, 0.345, -0.08), (0.08, 0.27, 0.35, -0.15)),
    Hair.LONG: ((0.76, 0.35, 0.345, -0.08), (0.15, 0.25, 0.34, -0.17), (-0.38, 0.12, 0.27, -0.24)),
}
HAT_CLOTH = {
    Carried.CAP: "cloth_navy",
    Carried.BEANIE: "cloth_red",
    Carried.HAT: "leather_brown",
    Carried.POLICE_CAP: "cloth_navy",
}


def head(person: Person, height: float) -> Mesh:
    """A head of a height (m), chin to crown."""
    hatted = person.worn in HATS
    parts = [_skull(person, hatted), _features()]
    parts += _loose_hair(person)
    if hatted:
        parts.append(_hat(person.worn))
    whole = join(parts)
    return whole.moved(turn=np.eye(3) * height)


def _skull(person: Person, hatted: bool) -> Mesh:
    rings = [ring(z, rx, ry, x) for z, rx, ry, x in (SKULL[:4] if hatted else SKULL)]
    if person.hair is Hair.FULL and not hatted:
        middle = np.array([-0.015, 0.0, 0.7])
        rings[3:] = [(points - middle) * (1.12, 1.12, 1.0) + middle for points in rings[3:]]
    cells = [["skin"] * SIDES for _ in rings[1:]]
    for band, sides in enumerate(((), BACK, (1, 5, *BACK), range(SIDES))[: len(cells)]):
        for side in sides if person.hair is not Hair.BALD else ():
            cells[band][side] = person.hair_colour
    crown = "skin" if person.hair is Hair.BALD else person.hair_colour
    return join([painted(rings, cells), lid(rings[-1], crown, 1.0)])


def _front(z: float) -> float:
    """How far forward the face is at a height."""
    table = np.array(SKULL)
    swell = np.cos(np.pi / SIDES) ** 0.5
    return float(np.interp(z, table[:, 0], table[:, 1] * swell + table[:, 3]))


def _features() -> Mesh:
    bridge, tip = (_front(0.54), 0.0, 0.54), (_front(0.36) + 0.10, 0.0, 0.36)
    side = (_front(0.31), 0.06, 0.31)
    nose = [(bridge, tip, side), (tip, (side[0], 0.0, side[2]), side)]
    eye = _patch(0.085, 0.50, 0.035, 0.022)
    mouth = _patch(0.0, 0.185, 0.075, 0.018)
    return join(
        [
            piece(shapes.both_sides(np.array(nose)[:, ::-1]), "skin"),
            piece(shapes.both_sides(eye), "eyes"),
            piece(mouth, "lips"),
        ]
    )


def _patch(y: float, z: float, wide: float, high: float) -> Floats:
    """A small upright rectangle just before the face."""
    low, top = _front(z - high) + 0.012, _front(z + high) + 0.012
    corners = [
        (low, y - wide, z - high),
        (low, y + wide, z - high),
        (top, y + wide, z + high),
        (top, y - wide, z + high),
    ]
    corner = shapes.quads([corners])
    return corner if np.cross(*(corner[0, 1:] - corner[0, 0]))[0] > 0.0 else shapes.flipped(corner)


def _loose_hair(person: Person) -> list[Mesh]:
    colour = person.hair_colour
    if person.hair in LOOSE:
        rings = [ring(z, rx, ry, x, sides=6) for z, rx, ry, x in LOOSE[person.hair]]
        return [tube(rings, colour, "last")]
    if person.hair is Hair.BUN:
        return [piece(shapes.sphere(0.15, 5, 4) + (-0.40, 0.0, 0.72), colour)]
    if person.hair is Hair.TAIL:
        path = [(-0.30, 0.0, 0.70), (-0.52, 0.0, 0.60), (-0.50, 0.0, -0.10)]
        return [piece(shapes.tube(path, [0.06, 0.11, 0.03], sides=4), colour)]
    return []


def _hat(worn: Carried) -> Mesh:
    cloth = HAT_CLOTH[worn]
    if worn is Carried.POLICE_CAP:
        shape = (
            (0.66, 0.415, 0.355, 0.0),
            (0.80, 0.425, 0.365, 0.0),
            (0.92, 0.53, 0.46, -0.02),
            (1.0, 0.44, 0.38, -0.05),
        )
        cap = tube([ring(z, rx, ry, x) for z, rx, ry, x in shape], ("cloth_black", cloth, cloth))
        top = lid(ring(1.0, 0.44, 0.38, -0.05), cloth, 1.0)
        badge = shapes.box((0.40, -0.05, 0.79), (0.50, 0.05, 0.89), sides=("+x", "+z"))
        return join([cap, top, piece(badge, "badge"), _peak("cloth_black", 0.66, 0.18)])
    low = {Carried.CAP: 0.64, Carried.BEANIE: 0.55, Carried.HAT: 0.66}[worn]
    shape = ((low, 0.425, 0.355, -0.01), (0.84, 0.40, 0.34, -0.02), (1.0, 0.20, 0.18, -0.03))
    if worn is Carried.HAT:
        shape = ((low, 0.415, 0.35, -0.01), (1.0, 0.33, 0.26, -0.02))
    rings = [ring(z, rx, ry, x) for z, rx, ry, x in shape]
    crown = join([tube(rings, cloth), lid(rings[-1], cloth, 1.0)])
    if worn is Carried.HAT:
        brim = [ring(z, 0.62, 0.56, -0.01) for z in (low - 0.005, low + 0.015)]
        return join([crown, tube(brim, cloth, "both")])
    return join([crown, _peak(cloth, low + 0.02, 0.26)]) if worn is Carried.CAP else crown


def _peak(cloth: str, z: float, reach: float) -> Mesh:
    front = 0.36
    outline = [(front - 0.1, 0.27), (front + 0.6 * reach, 0.2), (front + reach, 0.0)]
    outline += [(front + 0.6 * reach, -0.2), (front - 0.1, -0.27)]
    top = shapes.flat(outline, 0.0)
    top[:, :, 2] = z + 0.02 - 0.25 * np.maximum(top[:, :, 0] - front, 0.0)
    return piece(np.concatenate([top, shapes.flipped(top)]), cloth)
