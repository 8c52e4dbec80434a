"""Trunks and what is worn over them: tops, coats, skirts, bags on the back."""

from collections.abc import Sequence

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.walkers.measures import Floats, Measures, painted, piece, ring, tube
from carlet.models.walkers.person import Bottom, Carried, Person, Top

SIDES = 8
#: The side of a ring that looks forward.
FRONT = 7
THICK = {Top.JACKET: 1.08, Top.SUIT: 1.05, Top.HOODIE: 1.10, Top.COAT: 1.13}
OPEN_FRONT = {Top.JACKET: "cloth_white", Top.SUIT: "cloth_white", Top.COAT: "cloth_top_dark"}


def trunk(person: Person, size: Measures) -> Mesh:
    """Pelvis, chest and neck with what they wear and carry, over the ground."""
    parts = [_neck(size), _top(person, size), _below(person, size)]
    if person.top is Top.SUIT:
        parts.append(_tie(person, size))
    if person.top is Top.HOODIE:
        parts.append(_hood(size))
    if person.carried is Carried.BACKPACK:
        parts.append(_backpack(person, size))
    if person.carried is Carried.SHOULDER_BAG:
        parts.append(_shoulder_bag(person, size))
    return join(parts)


def _neck(size: Measures) -> Mesh:
    unit = size.unit
    low = ring(size.shoulder + 0.012 * unit, 0.034 * unit, 0.036 * unit, -0.006 * unit, sides=6)
    high = ring(size.chin + 0.016 * unit, 0.029 * unit, 0.029 * unit, 0.004 * unit, sides=6)
    return tube([low, high], "skin")


def _top(person: Person, size: Measures) -> Mesh:
    rings = _top_rings(person, size)
    cells = [["cloth_top"] * SIDES for _ in rings[1:]]
    if person.top in OPEN_FRONT:
        for band in cells[-2:] if person.top is Top.SUIT else cells:
            band[FRONT] = OPEN_FRONT[person.top]
    return painted(rings, cells)


def _top_rings(person: Person, size: Measures) -> list[Floats]:
    unit, build = size.unit, person.build
    cloth = unit * THICK.get(person.top, 1.0)
    bust = 0.010 * unit if person.female and not person.child else 0.004 * unit
    hem = ring(
        size.belt - 0.035 * unit, (build.belly + 0.006) * cloth, (0.45 * build.waist + 0.55 * build.hips) * cloth
    )
    rings = [
        hem,
        ring(size.belt + 0.035 * unit, build.belly * cloth, build.waist * cloth, 0.002 * unit),
        ring(size.shoulder - 0.075 * unit, build.depth * cloth, 0.83 * build.shoulders * cloth, bust),
        ring(size.shoulder - 0.004 * unit, 0.76 * build.depth * cloth, 0.90 * build.shoulders * cloth, -0.004 * unit),
        ring(size.shoulder + 0.030 * unit, 0.036 * unit, 0.040 * unit, -0.006 * unit),
    ]
    if person.top is Top.COAT:
        wide = 1.12 * build.hips * cloth
        rings[0] = ring(size.hip - 0.14 * unit, 0.092 * unit, 1.12 * wide)
    return rings


def _below(person: Person, size: Measures) -> Mesh:
    unit, build = size.unit, person.build
    seat = (build.belly * 0.55 + build.depth * 0.5) * unit
    belt = ring(size.belt, build.belly * 0.97 * unit, 0.97 * build.waist * unit)
    hips = ring(size.hip + 0.005 * unit, 1.02 * seat, build.hips * unit, -0.006 * unit)
    if person.bottom is Bottom.SKIRT:
        hem = ring(size.hip - 0.17 * unit, 0.094 * unit, 1.22 * build.hips * unit)
        return tube([hem, hips, belt], "cloth_legs", "first")
    crotch = ring(size.hip - 0.045 * unit, 0.72 * seat, 0.74 * build.hips * unit)
    return tube([crotch, hips, belt], "cloth_legs")


def _front(person: Person, size: Measures, z: float) -> float:
    """How far forward the top reaches at a height, along the middle."""
    rings = _top_rings(person, size)
    heights, reach = [points[0, 2] for points in rings], [points[[0, -1], 0].mean() for points in rings]
    return float(np.interp(z, heights, reach))


def _band(person: Person, size: Measures, line: Sequence[tuple[float, float]], wide: float) -> Floats:
    """A flat band on the chest along points (y, z), seen from the front."""
    path = np.array([(_front(person, size, z) + 0.006 * size.unit, y, z) for y, z in line])
    edge = (0.0, 0.5 * wide, 0.0)
    corner = shapes.bridge(path - edge, path + edge)
    return corner if np.cross(*(corner[0, 1:] - corner[0, 0]))[0] > 0.0 else shapes.flipped(corner)


def _tie(person: Person, size: Measures) -> Mesh:
    line = [
        (0.0, size.shoulder + 0.02 * size.unit),
        (0.0, size.shoulder - 0.075 * size.unit),
        (0.0, size.belt + 0.05 * size.unit),
    ]
    return piece(_band(person, size, line, 0.018 * size.unit), "cloth_red")


def _hood(size: Measures) -> Mesh:
    unit = size.unit
    rings = [
        ring(size.shoulder - 0.035 * unit, 0.018 * unit, 0.035 * unit, -0.066 * unit, sides=5),
        ring(size.shoulder + 0.034 * unit, 0.036 * unit, 0.050 * unit, -0.044 * unit, sides=5),
    ]
    return tube(rings, "cloth_top", "both")


def _backpack(person: Person, size: Measures) -> Mesh:
    unit, back = size.unit, -0.92 * person.build.depth * size.unit * THICK.get(person.top, 1.0)
    deep, wide = 0.085 * unit, 0.075 * unit
    low, high = size.belt + 0.03 * unit, size.shoulder + 0.005 * unit
    rings = [
        ring(low, 0.6 * deep, wide, back - 0.45 * deep, sides=4),
        ring(0.6 * low + 0.4 * high, 0.72 * deep, 1.05 * wide, back - 0.5 * deep, sides=4),
        ring(high, 0.4 * deep, 0.8 * wide, back - 0.3 * deep, sides=4),
    ]
    y = 0.052 * unit
    line = [(y, size.shoulder + 0.012 * unit), (y, size.shoulder - 0.06 * unit), (1.2 * y, size.belt + 0.07 * unit)]
    straps = shapes.both_sides(_band(person, size, line, 0.020 * unit))
    return join([tube(rings, "bag", "both"), piece(straps, "bag")])


def _shoulder_bag(person: Person, size: Measures) -> Mesh:
    unit, wide = size.unit, 1.03 * person.build.hips * size.unit
    low, high = size.hip - 0.06 * unit, size.hip + 0.05 * unit
    bag = shapes.box((-0.065 * unit, wide, low), (0.065 * unit, wide + 0.04 * unit, high))
    line = [
        (-0.035 * unit, size.shoulder + 0.02 * unit),
        (-0.025 * unit, size.shoulder - 0.075 * unit),
        (0.035 * unit, size.belt + 0.035 * unit),
        (0.060 * unit, size.belt - 0.03 * unit),
    ]
    return piece(shapes.triangles(bag, _band(person, size, line, 0.014 * unit)), "leather_brown")
