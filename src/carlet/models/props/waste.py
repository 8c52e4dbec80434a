"""Bins, containers, bags, litter and debris."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.props.kit import (
    BLACK,
    FIRST,
    GLOSSY,
    METAL,
    SECOND,
    THIRD,
    WOOD,
    Floats,
    Size,
    box,
    boxes,
    lumpy,
    piece,
    prism,
    revolved,
    rods,
    wheels,
)


def wheeled_bin(size: Size) -> Mesh:
    """A bin with a lid and two wheels behind."""
    x, y, z = size
    rings = [_rectangle(0.72 * x, 0.75 * y, 0.06 * z), _rectangle(0.92 * x, 0.95 * y, 0.90 * z)]
    lid = prism([(-x, 0.90 * z), (x, 0.90 * z), (0.9 * x, 0.95 * z), (-0.7 * x, z), (-x, 0.97 * z)], -y, y, 1, SECOND)
    return join(
        [piece(FIRST, shapes.loft(rings)), lid, wheels(0.11 * z, 0.04, (-0.75 * x, -0.7 * y), (-0.75 * x, 0.7 * y))]
    )


def round_bin(size: Size) -> Mesh:
    """A round bin with a rim and an open top."""
    r, z = size.x, size.z
    profile = [(0.78 * r, 0.0), (0.92 * r, 0.84 * z), (r, 0.86 * z), (r, 0.97 * z), (0.85 * r, z), (0.8 * r, 0.9 * z)]
    return revolved(profile, (FIRST, SECOND, SECOND, SECOND, BLACK), stretch=size.y / size.x)


def hooded_bin(size: Size) -> Mesh:
    """A square bin with a hood over its opening."""
    x, y, z = size
    body = boxes(FIRST, ((-0.9 * x, -0.9 * y, 0.05 * z), (0.9 * x, 0.9 * y, 0.72 * z)))
    foot = box(BLACK, (-0.8 * x, -0.8 * y, 0.0), (0.8 * x, 0.8 * y, 0.05 * z))
    opening = box(BLACK, (-0.82 * x, -0.82 * y, 0.72 * z), (0.82 * x, 0.82 * y, 0.86 * z))
    hood = shapes.loft([_rectangle(x, y, 0.86 * z), _rectangle(x, y, 0.92 * z), _rectangle(0.6 * x, 0.6 * y, z)])
    return join([body, foot, opening, piece(SECOND, hood)])


def barrel(size: Size) -> Mesh:
    """A drum with hoops."""
    r, z = size.x, size.z
    heights = (0.0, 0.04, 0.31, 0.34, 0.64, 0.67, 0.96, 1.0)
    radii = (r, 0.95 * r, 0.95 * r, r, r, 0.95 * r, 0.95 * r, r)
    bands = (SECOND, FIRST, FIRST, SECOND, FIRST, FIRST, SECOND)
    return revolved([(radius, z * h) for radius, h in zip(radii, heights, strict=True)], bands, stretch=size.y / size.x)


def skip(size: Size) -> Mesh:
    """A large bin on four wheels with a sloping lid."""
    x, y, z = size
    rings = [_rectangle(0.86 * x, 0.72 * y, 0.13 * z), _rectangle(0.97 * x, y, 0.74 * z)]
    lid = [(-y, 0.74 * z), (y, 0.74 * z), (y, 0.80 * z), (0.1 * y, z), (-y, 0.94 * z)]
    places = [(a * 0.75 * x, b * 0.6 * y) for a in (-1, 1) for b in (-1, 1)]
    arms = boxes(METAL, *(((s * x - 0.03, -0.2 * y, 0.55 * z), (s * x + 0.03, 0.2 * y, 0.65 * z)) for s in (-1, 1)))
    return join(
        [
            piece(FIRST, shapes.loft(rings)),
            prism(lid, -0.98 * x, 0.98 * x, 0, SECOND),
            arms,
            wheels(0.07 * z, 0.04, *places),
        ]
    )


def cloth_container(size: Size) -> Mesh:
    """A tall box with a slot and a sloping head."""
    x, y, z = size
    side = [(-x, 0.06 * z), (x, 0.06 * z), (x, 0.72 * z), (0.45 * x, z), (-x, z)]
    slot = box(BLACK, (0.86 * x, -0.55 * y, 0.75 * z), (0.9 * x, 0.55 * y, 0.84 * z))
    label = box(SECOND, (x, -0.5 * y, 0.30 * z), (1.004 * x, 0.5 * y, 0.55 * z), ("+x",))
    foot = box(BLACK, (-0.9 * x, -0.9 * y, 0.0), (0.9 * x, 0.9 * y, 0.06 * z))
    return join([prism(side, -y, y, 1, FIRST), slot, label, foot])


def bottle_bank(size: Size) -> Mesh:
    """A round container with holes at the height of a chest."""
    r, z = size.x, size.z
    profile = [
        (0.8 * r, 0.0),
        (0.97 * r, 0.12 * z),
        (r, 0.55 * z),
        (0.86 * r, 0.80 * z),
        (0.55 * r, 0.95 * z),
        (0.12 * r, z),
    ]
    body = revolved(profile, (SECOND, FIRST, FIRST, FIRST, SECOND), sides=10, stretch=size.y / size.x)
    holes = [
        shapes.turned(shapes.cylinder(0.13 * r, 0.84 * r, 0.97 * r, 6, axis=0) + (0.0, 0.0, 0.66 * z), angle)
        for angle in (0.0, np.pi / 2.0, np.pi, 1.5 * np.pi)
    ]
    return join([body, piece(BLACK, *holes)])


def tied_bag(size: Size) -> Mesh:
    """A full bag with a knot on top."""
    x, y, z = size
    ball = lumpy(shapes.sphere((x, y, 0.44 * z), 8, 6), 0.10, 7) + (0.0, 0.0, 0.42 * z)
    ball[:, :, 2] = np.maximum(ball[:, :, 2], 0.0)
    knot = revolved([(0.2 * x, 0.78 * z), (0.1 * x, 0.88 * z), (0.28 * x, z)], GLOSSY, sides=6)
    return join([piece(GLOSSY, ball), knot])


def carrier_bag(size: Size) -> Mesh:
    """A bag that stands open, with two handles."""
    x, y, z = size
    rings = [_rectangle(0.75 * x, 0.85 * y, 0.0), _rectangle(x, y, 0.3 * z), _rectangle(0.7 * x, 0.95 * y, 0.72 * z)]
    long = [(s * 0.4 * x, -0.35 * y, 0.7 * z) for s in (-1, 1)]
    handles = [[low, (low[0], -0.2 * y, z), (low[0], 0.2 * y, z), (low[0], 0.35 * y, 0.7 * z)] for low in long]
    return join([piece(FIRST, shapes.loft(rings)), rods(SECOND, 0.03 * z, *handles, sides=3)])


def can(size: Size) -> Mesh:
    """A drinks can that stands."""
    r, z = size.x, size.z
    profile = [(0.8 * r, 0.0), (r, 0.06 * z), (r, 0.9 * z), (0.8 * r, z)]
    return revolved(profile, (METAL, FIRST, METAL), stretch=size.y / size.x)


def disc(size: Size) -> Mesh:
    """A flat round lid."""
    return revolved([(size.x, 0.0), (size.x, 0.6 * size.z), (0.8 * size.x, size.z)], FIRST, stretch=size.y / size.x)


def cup(size: Size) -> Mesh:
    """A paper cup."""
    r, z = size.x, size.z
    return revolved(
        [(0.7 * r, 0.0), (0.97 * r, 0.9 * z), (r, z), (0.9 * r, z), (0.8 * r, 0.6 * z)], (FIRST, SECOND, FIRST, BLACK)
    )


def crumpled(size: Size) -> Mesh:
    """Something pressed out of shape."""
    return piece(FIRST, lumpy(shapes.sphere((size.x, size.y, size.z / 2.0), 7, 5), 0.25, 11))


def mound(size: Size) -> Mesh:
    """A flat heap of earth with clods and stones on it."""
    random = np.random.default_rng(int(1e4 * size.z))
    sides = 11
    angle = np.arange(sides) * (2.0 * np.pi / sides)
    rings = []
    for reach, height in ((1.0, 0.0), (0.74, 0.40), (0.42, 0.66), (0.15, 0.70)):
        spread, bumps = reach * random.uniform(0.80, 1.0, sides), height * random.uniform(0.65, 1.25, sides)
        rings.append(
            np.stack([size.x * spread * np.cos(angle), size.y * spread * np.sin(angle), size.z * bumps], axis=1)
        )
    heap = np.concatenate([shapes.loft(rings, ends=False), shapes.fan(rings[-1])])
    lumps = []
    for k in range(7):
        spot = random.uniform(-0.5, 0.5, 2) * (size.x, size.y)
        radius = size.z * random.uniform(0.25, 0.55)
        ball = shapes.sphere((1.3 * radius, radius, 0.8 * radius), 5, 4)
        lumps.append(lumpy(ball, 0.2, k) + (*spot, 0.62 * size.z))
    return join([piece(FIRST, heap), piece(SECOND, *lumps[:4]), piece(THIRD, *lumps[4:])])


def shard(size: Size) -> Mesh:
    """A broken piece of a tile."""
    random = np.random.default_rng(int(1e5 * (size.x + size.y)))
    angle = np.sort(random.uniform(0.0, 2.0 * np.pi, 6) * 0.15 + np.arange(6) * (2.0 * np.pi / 6))
    reach = random.uniform(0.65, 1.0, 6)
    outline = [(size.x * r * np.cos(a), size.y * r * np.sin(a)) for a, r in zip(angle, reach, strict=True)]
    return prism(outline, 0.0, size.z, 2, FIRST)


def plate(size: Size) -> Mesh:
    """A steel plate with a bent rim on one side."""
    x, y, z = size
    flat = box(METAL, (-x, -y, 0.0), (x, y, 0.6 * z))
    rim = prism([(0.8 * x, 0.6 * z), (x, 0.6 * z), (x, z)], -y, y, 1, METAL)
    return join([flat, rim])


def rubble(size: Size) -> Mesh:
    """Planks and broken things on a pallet."""
    x, y, z = size
    slats = boxes(
        WOOD,
        *(((-x, at * y - 0.09 * y, 0.0), (x, at * y + 0.09 * y, 0.25 * z)) for at in (-0.9, -0.45, 0.0, 0.45, 0.9)),
    )
    heap = []
    random = np.random.default_rng(3)
    for _ in range(7):
        low = random.uniform((-0.9, -0.8, 0.2), (0.6, 0.5, 0.25)) * (x, y, z)
        high = low + random.uniform((0.15, 0.15, 0.2), (0.4, 0.35, 0.75)) * (x, y, z)
        heap.append(shapes.turned(shapes.box(low, high), random.uniform(-0.4, 0.4), about=(low + high) / 2.0))
    return join([slats, piece(FIRST, *heap[:4]), piece(SECOND, *heap[4:])])


def flat_carton(size: Size) -> Mesh:
    """A carton that was pressed flat, its flaps half open."""
    x, y, z = size
    sheet = box(FIRST, (-0.72 * x, -0.72 * y, 0.0), (0.72 * x, 0.72 * y, 0.35 * z))
    flaps = []
    for ends in (
        [(0.72 * x, -0.7 * y), (0.72 * x, 0.7 * y), (x, 0.62 * y), (x, -0.66 * y)],
        [(-0.72 * x, 0.7 * y), (-0.72 * x, -0.7 * y), (-x, -0.6 * y), (-x, 0.68 * y)],
        [(0.7 * x, 0.72 * y), (-0.7 * x, 0.72 * y), (-0.6 * x, y), (0.66 * x, y)],
        [(-0.7 * x, -0.72 * y), (0.7 * x, -0.72 * y), (0.64 * x, -y), (-0.68 * x, -y)],
    ):
        heights = (0.2 * z, 0.2 * z, z, z)
        flap = shapes.quads([[(u, v, h) for (u, v), h in zip(ends, heights, strict=True)]])
        flaps += [flap, shapes.flipped(flap)]
    tape = box(SECOND, (-0.72 * x, -0.05 * y, 0.35 * z), (0.72 * x, 0.05 * y, 0.37 * z), ("+z",))
    return join([sheet, piece(THIRD, *flaps), tape])


def _rectangle(x: float, y: float, z: float) -> Floats:
    return np.array([(x, -y, z), (x, y, z), (-x, y, z), (-x, -y, z)])
