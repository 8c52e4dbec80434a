"""Boxes, cases, bags and small things that lie about."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.props.kit import (
    BLACK,
    FIRST,
    GLASS,
    GLOSSY,
    METAL,
    SCREEN,
    SECOND,
    THIRD,
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


def carton(size: Size) -> Mesh:
    """A closed carton with tape over the top."""
    x, y, z = size
    tape = box(SECOND, (-0.1 * x, -1.004 * y, 0.75 * z), (0.1 * x, 1.004 * y, 1.004 * z), ("-y", "+y", "+z"))
    label = box(THIRD, (1.003 * x, -0.6 * y, 0.5 * z), (1.006 * x, 0.1 * y, 0.8 * z), ("+x",))
    return join([box(FIRST, (-x, -y, 0.0), (x, y, z)), tape, label])


def open_carton(size: Size) -> Mesh:
    """A carton whose flaps stand open."""
    x, y, z = size
    low = 0.72 * z
    walls = box(FIRST, (-0.7 * x, -0.7 * y, 0.0), (0.7 * x, 0.7 * y, low), ("-x", "+x", "-y", "+y"))
    inner = shapes.flipped(
        shapes.box((-0.7 * x, -0.7 * y, 0.1 * z), (0.7 * x, 0.7 * y, low), ("-x", "+x", "-y", "+y", "-z"))
    )
    flaps = []
    for ends in (
        [(0.7, -0.7, low), (0.7, 0.7, low), (1.0, 0.68, z), (1.0, -0.68, z)],
        [(-0.7, -0.7, low), (-0.7, 0.7, low), (-1.0, 0.68, 0.9 * z), (-1.0, -0.68, 0.9 * z)],
        [(-0.7, 0.7, low), (0.7, 0.7, low), (0.68, 1.0, 0.85 * z), (-0.68, 1.0, 0.85 * z)],
        [(-0.7, -0.7, low), (0.7, -0.7, low), (0.68, -1.0, 0.95 * z), (-0.68, -1.0, 0.95 * z)],
    ):
        flap = shapes.quads([[(u * x, v * y, h) for u, v, h in ends]])
        flaps += [flap, shapes.flipped(flap)]
    return join([walls, piece(THIRD, inner), piece(FIRST, *flaps)])


def case(size: Size) -> Mesh:
    """A flat case along x with a handle."""
    x, y, z = size
    body = piece(FIRST, shapes.bevelled_box((-x, -y, 0.0), (x, y, 0.88 * z), (0.06 * x, 0.25 * y, 0.06 * z)))
    handle = [
        [(-0.25 * x, 0.0, 0.87 * z), (-0.2 * x, 0.0, 0.98 * z), (0.2 * x, 0.0, 0.98 * z), (0.25 * x, 0.0, 0.87 * z)]
    ]
    locks = boxes(
        METAL,
        *(((s * 0.6 * x - 0.05 * x, -0.5 * y, 0.84 * z), (s * 0.6 * x + 0.05 * x, 0.5 * y, 0.9 * z)) for s in (-1, 1)),
    )
    return join([body, rods(BLACK, 0.03 * z, *handle), locks])


def guitar_case(size: Size) -> Mesh:
    """The case of a guitar, lying on its long edge along x."""
    x, y, z = size
    outline = [(-1.0, 0.36), (-0.9, 0.1), (-0.6, 0.0), (-0.28, 0.1), (0.0, 0.22), (0.3, 0.38), (0.95, 0.40), (1.0, 0.5)]
    outline += [(u, 1.0 - v) for u, v in reversed(outline[:-1])]
    body = prism([(u * x, v * z) for u, v in outline], -y, y, 1, FIRST)
    seam = prism([(1.002 * u * x, (0.5 + 1.004 * (v - 0.5)) * z) for u, v in outline], -0.06 * y, 0.06 * y, 1, SECOND)
    return join([body, seam])


def travel_case(size: Size) -> Mesh:
    """A suitcase on wheels with its handle out."""
    x, y, z = size
    body = piece(GLOSSY, shapes.bevelled_box((-x, -y, 0.07 * z), (x, y, 0.72 * z), (0.15 * x, 0.25 * y, 0.05 * z)))
    bar = [
        [
            (-0.5 * x, -0.6 * y, 0.7 * z),
            (-0.5 * x, -0.6 * y, 0.98 * z),
            (0.5 * x, -0.6 * y, 0.98 * z),
            (0.5 * x, -0.6 * y, 0.7 * z),
        ]
    ]
    ribs = boxes(
        SECOND,
        *(
            ((at * x - 0.04 * x, 0.98 * y, 0.14 * z), (at * x + 0.04 * x, 1.02 * y, 0.66 * z))
            for at in (-0.5, 0.0, 0.5)
        ),
    )
    return join(
        [
            body,
            rods(METAL, 0.012, *bar),
            ribs,
            wheels(0.05 * z, 0.02, (-0.7 * x, -0.6 * y), (0.7 * x, -0.6 * y), (-0.7 * x, 0.6 * y), (0.7 * x, 0.6 * y)),
        ]
    )


def handbag(size: Size) -> Mesh:
    """A bag along y with a high handle."""
    x, y, z = size
    rings = [
        [(a * x * s, b * y * t, h * z) for a, b in ((1, -1), (1, 1), (-1, 1), (-1, -1))]
        for s, t, h in ((0.9, 0.9, 0.0), (1.0, 1.0, 0.2), (0.5, 0.85, 0.58))
    ]
    handle = [
        [(0, -0.6 * y, 0.55 * z), (0, -0.5 * y, 0.9 * z), (0, 0, z), (0, 0.5 * y, 0.9 * z), (0, 0.6 * y, 0.55 * z)]
    ]
    clasp = box(METAL, (0.75 * x, -0.12 * y, 0.38 * z), (0.95 * x, 0.12 * y, 0.48 * z))
    return join([piece(FIRST, shapes.loft(rings)), rods(FIRST, 0.03 * z, *handle), clasp])


def shopping_bag(size: Size) -> Mesh:
    """A stiff paper bag along x with string handles."""
    x, y, z = size
    body = box(FIRST, (-x, -y, 0.0), (x, y, 0.74 * z), ("-x", "+x", "-y", "+y", "-z"))
    inner = piece(BLACK, shapes.box((-x, -y, 0.5 * z), (x, y, 0.738 * z), ("+z",)))
    mark = boxes(SECOND, ((-0.4 * x, -1.01 * y, 0.25 * z), (0.4 * x, 1.01 * y, 0.5 * z)))
    handles = [
        [
            (-0.4 * x, s * y, 0.72 * z),
            (-0.25 * x, s * 0.8 * y, 0.99 * z),
            (0.25 * x, s * 0.8 * y, 0.99 * z),
            (0.4 * x, s * y, 0.72 * z),
        ]
        for s in (-1, 1)
    ]
    return join([body, inner, mark, rods(THIRD, 0.014 * z, *handles, sides=3)])


def shopping_cart(size: Size) -> Mesh:
    """A cart of wire along y, its handle at -y."""
    x, y, z = size
    rings = [
        [(a * x * s, b * y, h * z) for a, b in ((1, front), (1, back), (-1, back), (-1, front))]
        for s, front, back, h in ((0.7, 0.75, -0.5, 0.42), (0.95, 0.98, -0.72, 0.88))
    ]
    edge = [np.array([*ring, ring[0]]) for ring in rings]
    middle = 0.5 * (edge[0] + edge[1])
    ribs = [np.array([low, high]) for low, high in zip(rings[0], rings[1], strict=True)]
    for k in range(4):
        low, high = np.array(rings[0]), np.array(rings[1])
        ribs.append(np.array([(low[k] + low[(k + 1) % 4]) / 2.0, (high[k] + high[(k + 1) % 4]) / 2.0]))
    frame = [
        [
            (s * 0.8 * x, 0.8 * y, 0.1 * z),
            (s * 0.8 * x, -0.6 * y, 0.14 * z),
            (s * 0.9 * x, -0.72 * y, 0.88 * z),
            (s * 0.95 * x, -y, 0.98 * z),
        ]
        for s in (-1, 1)
    ]
    handle = rods(SECOND, 0.022, [(-0.95 * x, -0.98 * y, 0.98 * z), (0.95 * x, -0.98 * y, 0.98 * z)])
    floor = piece(METAL, shapes.quads([rings[0]]), shapes.flipped(shapes.quads([rings[0]])))
    places = [(a * 0.8 * x, b * y) for a in (-1, 1) for b in (0.78, -0.6)]
    return join(
        [
            rods(METAL, 0.008, *edge, middle, *ribs, sides=3),
            rods(METAL, 0.014, *frame, sides=3),
            handle,
            floor,
            wheels(0.06 * z, 0.015, *places, axis=0),
        ]
    )


def trolley(size: Size) -> Mesh:
    """A shopping bag on two wheels."""
    x, y, z = size
    bag = piece(
        FIRST,
        shapes.bevelled_box((-0.75 * x, -0.5 * y, 0.12 * z), (0.75 * x, y, 0.74 * z), (0.1 * x, 0.2 * y, 0.04 * z)),
    )
    flap = box(SECOND, (-0.78 * x, -0.55 * y, 0.62 * z), (0.78 * x, 1.02 * y, 0.755 * z))
    bar = [
        [(s * 0.5 * x, -0.7 * y, 0.1 * z), (s * 0.5 * x, -0.7 * y, 0.9 * z), (s * 0.4 * x, -y, 0.98 * z)]
        for s in (-1, 1)
    ]
    grip = [[(-0.45 * x, -0.97 * y, 0.98 * z), (0.45 * x, -0.97 * y, 0.98 * z)]]
    return join(
        [
            bag,
            flap,
            rods(METAL, 0.014, *bar, *grip),
            wheels(0.11 * z, 0.1 * x, (-0.9 * x, -0.3 * y), (0.9 * x, -0.3 * y), axis=0),
        ]
    )


def helmet(size: Size) -> Mesh:
    """A bicycle helmet along y."""
    x, y, z = size
    profile = [(0.97, 0.0), (1.0, 0.3), (0.92, 0.5), (0.84, 0.62), (0.66, 0.8), (0.5, 0.9), (0.1, 1.0)]
    bands = (GLOSSY, GLOSSY, BLACK, GLOSSY, BLACK, GLOSSY)
    return revolved([(r * x, h * z) for r, h in profile], bands, stretch=y / x)


def full_helmet(size: Size) -> Mesh:
    """A motorcyclist's helmet with its visor to +x."""
    x, y, z = size
    profile = [(0.7, 0.0), (0.95, 0.2), (1.0, 0.5), (0.9, 0.75), (0.55, 0.95), (0.1, 1.0)]
    shell = revolved([(r * x, h * z) for r, h in profile], GLOSSY, sides=10, stretch=y / x)
    arc = np.linspace(-0.9, 0.9, 5)
    low, high = ([(1.10 * x * np.cos(t), 1.10 * y * np.sin(t), h * z) for t in arc] for h in (0.42, 0.70))
    visor = shapes.bridge(low, high)
    outside = np.cross(visor[0, 1] - visor[0, 0], visor[0, 2] - visor[0, 0])[0] > 0.0
    return join([shell, piece(GLASS, visor if outside else shapes.flipped(visor))])


def telephone(size: Size) -> Mesh:
    """A mobile telephone on its edge, its screen to +y."""
    x, y, z = size
    screen = box(SCREEN, (-0.88 * x, y, 0.08 * z), (0.88 * x, 1.02 * y, 0.92 * z), ("+y",))
    return join([piece(BLACK, shapes.bevelled_box((-x, -y, 0.0), (x, y, z), (0.15 * x, 0.2 * y, 0.05 * z))), screen])


def watering_can(size: Size) -> Mesh:
    """A watering can along y, its spout to +y."""
    x, y, z = size
    body = revolved([(x, 0.0), (x, 0.6 * z), (0.8 * x, 0.7 * z)], FIRST, sides=7).moved((0.0, -0.35 * y, 0.0))
    spout = shapes.tube(
        [(0, 0, 0.15 * z), (0, 0.55 * y, 0.7 * z), (0, 0.95 * y, 0.85 * z)], [0.16 * x, 0.12 * x, 0.35 * x], 5
    )
    handle = shapes.tube(
        [(0, -0.3 * y, 0.7 * z), (0, -0.5 * y, 0.97 * z), (0, -0.9 * y, 0.8 * z), (0, -0.95 * y, 0.3 * z)], 0.12 * x, 4
    )
    return join([body, piece(FIRST, spout, handle)])


def bale(size: Size) -> Mesh:
    """A round bale of hay along x."""
    x, y, z = size
    round_ = lumpy(shapes.cylinder(1.0, -x, x, 14, axis=0), 0.02, 4) * (1.0, y, z / 2.0) + (0.0, 0.0, z / 2.0)
    nets = [
        shapes.cylinder(1.012, at * x, (at + 0.06) * x, 14, axis=0) * (1.0, y, z / 2.0) + (0.0, 0.0, z / 2.0)
        for at in (-0.5, 0.44)
    ]
    return join([piece(FIRST, round_), piece(SECOND, *nets)])
