"""Machines, stalls and shelters of the pavement."""

from itertools import pairwise

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
    facing,
    piece,
    prism,
    revolved,
    rods,
    wheels,
)


def cash_machine(size: Size) -> Mesh:
    """A cash machine that looks along +x."""
    x, y, z = size
    side = [(-x, 0.0), (0.8 * x, 0.0), (0.8 * x, 0.42 * z), (x, 0.46 * z), (0.45 * x, 0.55 * z), (0.45 * x, 0.78 * z)]
    side += [(x, 0.84 * z), (x, z), (-x, z)]
    front = 0.46 * x
    screen = box(SCREEN, (front - 0.02, -0.55 * y, 0.58 * z), (front, 0.35 * y, 0.74 * z), ("+x",)).moved(
        (0.01, 0.0, 0.0)
    )
    sign = box(SECOND, (x, -0.9 * y, 0.86 * z), (1.01 * x, 0.9 * y, 0.98 * z), ("+x",))
    keys = boxes(METAL, ((0.62 * x, -0.3 * y, 0.47 * z), (0.86 * x, 0.3 * y, 0.51 * z)))
    slot = box(BLACK, (0.8 * x, -0.4 * y, 0.30 * z), (0.82 * x, 0.4 * y, 0.34 * z))
    return join([prism(side, -y, y, 1, FIRST), screen, sign, keys, slot])


def vending_machine(size: Size) -> Mesh:
    """A vending machine that looks along +x, with rows of goods behind glass."""
    x, y, z = size
    body = box(FIRST, (-x, -y, 0.0), (0.96 * x, y, z))
    pane = box(SCREEN, (0.96 * x, -0.9 * y, 0.30 * z), (0.965 * x, 0.45 * y, 0.95 * z), ("+x",))
    goods = {SECOND: [], THIRD: []}
    for row, low in enumerate(np.linspace(0.34, 0.80, 4)):
        for k, at in enumerate(np.linspace(-0.82, 0.18, 5)):
            ends = (0.97 * x, at * y, low * z), (0.975 * x, (at + 0.16) * y, (low + 0.09) * z)
            goods[(SECOND, THIRD)[(row + k) % 2]].append(shapes.box(*ends, ("+x",)))
    keys = box(BLACK, (0.96 * x, 0.6 * y, 0.5 * z), (x, 0.85 * y, 0.75 * z))
    tray = box(BLACK, (0.96 * x, -0.8 * y, 0.10 * z), (0.98 * x, 0.4 * y, 0.22 * z))
    return join([body, pane, keys, tray, *(piece(name, *sheets) for name, sheets in goods.items())])


def kiosk(size: Size) -> Mesh:
    """A small round-cornered stall with windows and a roof."""
    x, y, z = size
    base = revolved([(0.86 * x, 0.0), (0.86 * x, 0.36 * z)], FIRST, stretch=y / x)
    windows = revolved([(0.82 * x, 0.36 * z), (0.82 * x, 0.72 * z)], GLASS, stretch=y / x)
    head = revolved(
        [(0.86 * x, 0.72 * z), (0.86 * x, 0.82 * z), (x, 0.82 * z), (x, 0.86 * z), (0.3 * x, 0.96 * z), (0.05 * x, z)],
        (SECOND, FIRST, FIRST, FIRST, FIRST),
        stretch=y / x,
    )
    shelf = revolved([(0.86 * x, 0.36 * z), (0.95 * x, 0.37 * z), (0.86 * x, 0.39 * z)], METAL, stretch=y / x)
    return join([base, windows, head, shelf])


def mail_box(size: Size) -> Mesh:
    """A letter box with a round top on four feet; its flap looks along +x."""
    x, y, z = size
    feet = boxes(
        BLACK,
        *(
            ((a * 0.8 * x - 0.03, b * 0.8 * y - 0.03, 0.0), (a * 0.8 * x + 0.03, b * 0.8 * y + 0.03, 0.16 * z))
            for a in (-1, 1)
            for b in (-1, 1)
        ),
    )
    top = [(x * np.cos(t), 0.72 * z + 0.28 * z * np.sin(t)) for t in np.linspace(0.0, np.pi, 6)]
    body = prism([(-x, 0.14 * z), (x, 0.14 * z), *top], -y, y, 1, GLOSSY)
    flap = piece(
        METAL,
        facing(
            shapes.quads(
                [
                    [
                        (1.01 * x, -0.7 * y, 0.66 * z),
                        (1.01 * x, 0.7 * y, 0.66 * z),
                        (1.01 * x, 0.7 * y, 0.73 * z),
                        (1.01 * x, -0.7 * y, 0.73 * z),
                    ]
                ]
            ),
            0,
        ),
    )
    label = piece(
        SECOND,
        facing(
            shapes.quads(
                [
                    [
                        (1.01 * x, -0.5 * y, 0.36 * z),
                        (1.01 * x, 0.5 * y, 0.36 * z),
                        (1.01 * x, 0.5 * y, 0.54 * z),
                        (1.01 * x, -0.5 * y, 0.54 * z),
                    ]
                ]
            ),
            0,
        ),
    )
    return join([feet, body, flap, label])


def bus_shelter(size: Size) -> Mesh:
    """A shelter along x, open to +y, with a bench and a poster."""
    x, y, z = size
    roof = prism([(-y, 0.92 * z), (y, 0.95 * z), (y, z), (-y, 0.97 * z)], -x, x, 0, FIRST)
    posts = boxes(
        FIRST,
        *(
            ((a * 0.95 * x - 0.04, b - 0.04, 0.0), (a * 0.95 * x + 0.04, b + 0.04, 0.93 * z))
            for a in (-1, 1)
            for b in (-0.8 * y, 0.55 * y)
        ),
    )
    panes = boxes(
        GLASS,
        ((-0.93 * x, -0.82 * y, 0.12 * z), (0.93 * x, -0.78 * y, 0.88 * z)),
        ((-0.97 * x, -0.76 * y, 0.12 * z), (-0.94 * x, 0.5 * y, 0.88 * z)),
    )
    poster = boxes(SECOND, ((0.92 * x, -0.75 * y, 0.10 * z), (0.99 * x, 0.5 * y, 0.86 * z)))
    picture = boxes(THIRD, ((0.91 * x, -0.65 * y, 0.18 * z), (0.998 * x, 0.4 * y, 0.80 * z)))
    bench = boxes(
        METAL,
        ((-0.7 * x, -0.6 * y, 0.16 * z), (0.4 * x, -0.15 * y, 0.185 * z)),
        ((-0.6 * x, -0.45 * y, 0.0), (-0.55 * x, -0.3 * y, 0.16 * z)),
        ((0.25 * x, -0.45 * y, 0.0), (0.3 * x, -0.3 * y, 0.16 * z)),
    )
    return join([roof, posts, panes, poster, picture, bench])


def food_stall(size: Size) -> Mesh:
    """A trailer along x that sells food to +y, under an awning."""
    x, y, z = size
    body = box(FIRST, (-0.86 * x, -y, 0.2 * z), (0.86 * x, 0.45 * y, 0.92 * z))
    hatch = box(BLACK, (-0.62 * x, 0.45 * y, 0.45 * z), (0.62 * x, 0.46 * y, 0.74 * z), ("+y",))
    counter = box(METAL, (-0.66 * x, 0.45 * y, 0.41 * z), (0.66 * x, 0.7 * y, 0.44 * z))
    awning = []
    edges = np.linspace(-0.7 * x, 0.7 * x, 9)
    for left, right in pairwise(edges):
        sheet = shapes.quads(
            [[(left, 0.45 * y, 0.80 * z), (right, 0.45 * y, 0.80 * z), (right, y, 0.70 * z), (left, y, 0.70 * z)]]
        )
        awning.append(np.concatenate([sheet, shapes.flipped(sheet)]))
    roof = prism(
        [(-y, 0.92 * z), (0.45 * y, 0.92 * z), (0.2 * y, 0.97 * z), (-0.75 * y, 0.97 * z)],
        -0.88 * x,
        0.88 * x,
        0,
        SECOND,
    )
    sign = box(SECOND, (-0.5 * x, 0.1 * y, 0.93 * z), (0.5 * x, 0.2 * y, z))
    bar = rods(METAL, 0.04, [(-0.86 * x, -0.3 * y, 0.2 * z), (-x, -0.3 * y, 0.16 * z)])
    tail = box(METAL, (0.86 * x, -0.6 * y, 0.2 * z), (x, 0.1 * y, 0.24 * z))
    tyres = wheels(0.1 * z, 0.1, (-0.2 * x, -0.85 * y), (-0.2 * x, 0.3 * y), (0.2 * x, -0.85 * y), (0.2 * x, 0.3 * y))
    return join(
        [body, hatch, counter, piece(SECOND, *awning[::2]), piece(THIRD, *awning[1::2]), roof, sign, bar, tail, tyres]
    )
