"""Pots with plants, beds of flowers, and the trees that can be spawned."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.props.kit import (
    CROWN,
    FIRST,
    LEAVES,
    SECOND,
    THIRD,
    Size,
    box,
    boxes,
    lumpy,
    piece,
    revolved,
)

TRUNK = "prop_trunk"


def trough(size: Size) -> Mesh:
    """A long trough of plants along x."""
    x, y, z = size
    rings = [
        [(a * x * s, b * y * s, h) for a, b in ((1, -1), (1, 1), (-1, 1), (-1, -1))]
        for s, h in ((0.86, 0.0), (1.0, 0.5 * z))
    ]
    greens = [
        lumpy(shapes.sphere((0.34 * x, 0.85 * y, 0.32 * z), 6, 4), 0.15, k) + (at * x, 0.0, 0.66 * z)
        for k, at in enumerate((-0.62, 0.0, 0.62))
    ]
    flowers = [
        shapes.sphere(0.12 * z, 4, 3) + (at * x, side * y, h * z)
        for at, side, h in ((-0.7, 0.3, 0.9), (-0.25, -0.4, 0.9), (0.2, 0.35, 0.92), (0.65, -0.2, 0.93))
    ]
    return join([piece(FIRST, shapes.loft(rings)), piece(LEAVES, *greens), piece(THIRD, *flowers)])


def pot(size: Size) -> Mesh:
    """A round pot with a plant."""
    x, y, z = size
    tub = revolved(
        [(0.62 * x, 0.0), (0.82 * x, 0.42 * z), (0.9 * x, 0.44 * z), (0.9 * x, 0.5 * z)], FIRST, stretch=y / x
    )
    green = lumpy(shapes.sphere((x, y, 0.3 * z), 8, 5), 0.12, 5) + (0.0, 0.0, 0.72 * z)
    return join(
        [
            tub,
            piece(LEAVES, green),
            piece(
                THIRD,
                *(
                    shapes.sphere(0.09 * z, 4, 3) + (a * x, b * y, 0.92 * z)
                    for a, b in ((0.3, 0.2), (-0.35, 0.1), (0.0, -0.4))
                ),
            ),
        ]
    )


def empty_pot(size: Size) -> Mesh:
    """A round pot with earth in it."""
    x, y, z = size
    profile = [(0.72 * x, 0.0), (0.9 * x, 0.8 * z), (x, 0.82 * z), (x, z), (0.88 * x, z), (0.86 * x, 0.85 * z)]
    return revolved(profile, (FIRST, FIRST, FIRST, FIRST, SECOND), sides=10, stretch=y / x)


def flower_bed(size: Size) -> Mesh:
    """A low bed of flowers along x, framed in wood."""
    x, y, z = size
    frame = boxes(
        FIRST,
        ((-x, -y, 0.0), (x, -0.9 * y, 0.5 * z)),
        ((-x, 0.9 * y, 0.0), (x, y, 0.5 * z)),
        ((-x, -0.9 * y, 0.0), (-0.985 * x, 0.9 * y, 0.5 * z)),
        ((0.985 * x, -0.9 * y, 0.0), (x, 0.9 * y, 0.5 * z)),
    )
    earth = box(SECOND, (-0.985 * x, -0.9 * y, 0.0), (0.985 * x, 0.9 * y, 0.4 * z), ("+z",))
    tufts = [
        shapes.sphere((0.05 * x, 0.35 * y, 0.32 * z), 5, 3) + (at * x, side * y, 0.66 * z)
        for at in np.linspace(-0.9, 0.9, 7)
        for side in (-0.45, 0.45)
    ]
    return join([frame, earth, piece(LEAVES, *tufts[::2]), piece(THIRD, *tufts[1::2])])


def broad_tree(size: Size) -> Mesh:
    """A tree with a wide crown."""
    x, y, z = size
    trunk = shapes.tube([(0, 0, 0), (0.02 * x, 0, 0.22 * z), (0, 0, 0.5 * z)], [0.034 * z, 0.024 * z, 0.015 * z], 6)
    limbs = [
        shapes.tube([(0, 0, 0.26 * z), (0.5 * x * c, 0.5 * y * s, 0.52 * z)], [0.014 * z, 0.006 * z], 3)
        for c, s in _round(5, 0.4)
    ]
    parts = [(0.0, 0.0, 0.80, 0.62, 0.20), *((0.56 * c, 0.56 * s, 0.60, 0.44, 0.17) for c, s in _round(5, 0.9))]
    crown = [
        lumpy(shapes.sphere((r * x, r * y, h * z), 7, 5), 0.14, k) + (cx * x, cy * y, cz * z)
        for k, (cx, cy, cz, r, h) in enumerate(parts)
    ]
    return join([piece(TRUNK, trunk, *limbs), piece(CROWN, *crown)])


def palm(size: Size) -> Mesh:
    """A palm with hanging fronds."""
    x, y, z = size
    trunk = shapes.tube([(0, 0, 0), (0.06 * x, 0, 0.45 * z), (0, 0, 0.84 * z)], [0.022 * z, 0.015 * z, 0.012 * z], 6)
    fronds = []
    for k, (c, s) in enumerate(_round(10, 0.0)):
        lift = 0.16 if k % 2 else 0.06
        ridge = [
            (0.0, 0.84, 0.02),
            (0.45, 0.84 + lift, 0.13),
            (0.85, 0.80 + lift, 0.10),
            (1.0, 0.68 + 0.6 * lift, 0.01),
        ]
        edges = [[((r * c - e * w * s) * x, (r * s + e * w * c) * y, h * z) for r, h, w in ridge] for e in (-1.0, 1.0)]
        leaf = shapes.bridge(*edges)
        fronds += [leaf, shapes.flipped(leaf)]
    return join([piece(TRUNK, trunk), piece(CROWN, *fronds)])


def cypress(size: Size) -> Mesh:
    """A tall slim tree."""
    x, y, z = size
    profile = [(0.55, 0.06), (0.9, 0.16), (1.0, 0.32), (0.86, 0.55), (0.55, 0.8), (0.25, 0.93), (0.0, 1.0)]
    body = revolved([(r * x, h * z) for r, h in profile], CROWN, sides=9, stretch=y / x)
    corner = lumpy(body.corner.astype(np.float64), 0.07, 2)
    return join([piece(TRUNK, shapes.cylinder(0.02 * z, 0.0, 0.1 * z, 6)), piece(CROWN, corner)])


def _round(count: int, start: float) -> list[tuple[float, float]]:
    angle = start + np.arange(count) * (2.0 * np.pi / count)
    return list(zip(np.cos(angle), np.sin(angle), strict=True))
