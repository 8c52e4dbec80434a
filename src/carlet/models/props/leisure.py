"""Benches, tables, playgrounds and what stands in gardens."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.props.kit import (
    BLACK,
    FIRST,
    LIGHT,
    METAL,
    SECOND,
    THIRD,
    WOOD,
    Size,
    both_faces,
    box,
    boxes,
    facing,
    piece,
    prism,
    revolved,
    rods,
)


def bench(size: Size) -> Mesh:
    """A bench with a back along x, open to +y."""
    x, y, z = size
    slats = [((-x, at * y, 0.44 * z), (x, at * y + 0.4 * y, 0.49 * z)) for at in (-0.45, 0.05, 0.55)]
    backs = [((-x, -0.85 * y, at * z), (x, -0.68 * y, (at + 0.16) * z)) for at in (0.60, 0.84)]
    legs = []
    for side in (-0.8, 0.8):
        low, high = side * x - 0.025, side * x + 0.025
        legs += [((low, 0.6 * y, 0.0), (high, 0.8 * y, 0.44 * z)), ((low, -y, 0.0), (high, -0.8 * y, 0.95 * z))]
        legs += [((low, -0.8 * y, 0.40 * z), (high, y, 0.44 * z))]
    return join([boxes(FIRST, *slats, *backs), boxes(SECOND, *legs)])


def plain_bench(size: Size) -> Mesh:
    """A bench without a back along x."""
    x, y, z = size
    slats = [((-x, at * y, 0.82 * z), (x, at * y + 0.58 * y, z)) for at in (-1.0, -0.29, 0.42)]
    legs = [((s * 0.75 * x - 0.05 * x, -0.8 * y, 0.0), (s * 0.75 * x + 0.05 * x, 0.8 * y, 0.82 * z)) for s in (-1, 1)]
    return join([boxes(FIRST, *slats), boxes(SECOND, *legs)])


def picnic_table(size: Size) -> Mesh:
    """A table with benches on two sides."""
    x, y, z = size
    top = box(FIRST, (-x, -0.45 * y, 0.94 * z), (x, 0.45 * y, z))
    seats = boxes(
        FIRST, *(((-x, s * 0.82 * y - 0.18 * y, 0.56 * z), (x, s * 0.82 * y + 0.18 * y, 0.62 * z)) for s in (-1, 1))
    )
    legs = [[(a * 0.7 * x, b * 0.75 * y, 0.0), (a * 0.7 * x, b * 0.2 * y, 0.94 * z)] for a in (-1, 1) for b in (-1, 1)]
    beams = [[(a * 0.7 * x, -0.9 * y, 0.53 * z), (a * 0.7 * x, 0.9 * y, 0.53 * z)] for a in (-1, 1)]
    return join([top, seats, rods(SECOND, 0.04, *legs, *beams)])


def chair(size: Size) -> Mesh:
    """A chair with arms, open to +x."""
    x, y, z = size
    seat = box(FIRST, (-0.7 * x, -0.8 * y, 0.46 * z), (0.85 * x, 0.8 * y, 0.51 * z))
    back = prism([(-0.7 * x, 0.5 * z), (-0.6 * x, 0.5 * z), (-0.85 * x, z), (-x, z)], -0.8 * y, 0.8 * y, 1, FIRST)
    legs = [[(a * x, b * y, 0.0), (a * 0.75 * x, b * 0.75 * y, 0.48 * z)] for a in (-1, 1) for b in (-1, 1)]
    arms = [
        [(-0.8 * x, b * 0.9 * y, 0.72 * z), (0.7 * x, b * 0.9 * y, 0.70 * z), (0.8 * x, b * 0.85 * y, 0.48 * z)]
        for b in (-1, 1)
    ]
    return join([seat, back, rods(FIRST, 0.028, *legs, *arms)])


def parasol_table(size: Size) -> Mesh:
    """A round table under a sunshade."""
    x, y, z = size
    shade = revolved([(x, 0.80 * z), (0.97 * x, 0.83 * z), (0.05 * x, z)], (SECOND, FIRST), stretch=y / x)
    top = revolved([(0.44 * x, 0.29 * z), (0.44 * x, 0.31 * z)], THIRD, stretch=y / x)
    legs = [[(a * 0.34 * x, b * 0.34 * y, 0.0), (a * 0.2 * x, b * 0.2 * y, 0.29 * z)] for a in (-1, 1) for b in (-1, 1)]
    return join([shade, top, rods(THIRD, 0.03, *legs), rods(METAL, 0.025, [(0, 0, 0), (0, 0, 0.95 * z)], sides=5)])


def pergola(size: Size) -> Mesh:
    """A roof of beams on four posts."""
    x, y, z = size
    posts = [
        ((a * 0.85 * x - 0.08, b * 0.85 * y - 0.08, 0.0), (a * 0.85 * x + 0.08, b * 0.85 * y + 0.08, 0.88 * z))
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    beams = [((-x, b * 0.85 * y - 0.06, 0.88 * z), (x, b * 0.85 * y + 0.06, 0.94 * z)) for b in (-1, 1)]
    laths = [((at * x - 0.05, -y, 0.94 * z), (at * x + 0.05, y, z)) for at in np.linspace(-0.95, 0.95, 7)]
    return boxes(FIRST, *posts, *beams, *laths)


def swing(size: Size) -> Mesh:
    """A frame with two swings along x."""
    x, y, z = size
    legs = [[(a * x, b * y, 0.0), (a * 0.92 * x, 0.0, z)] for a in (-1, 1) for b in (-1, 1)]
    bar = [[(-0.95 * x, 0.0, 0.98 * z), (0.95 * x, 0.0, 0.98 * z)]]
    ropes = [[(at * x, 0.0, 0.98 * z), (at * x, 0.0, 0.2 * z)] for at in (-0.5, -0.25, 0.25, 0.5)]
    seats = boxes(
        SECOND, *(((at * x, -0.18 * y, 0.18 * z), (at * x + 0.25 * x, 0.18 * y, 0.2 * z)) for at in (-0.5, 0.25))
    )
    return join([rods(FIRST, 0.04, *legs, *bar), rods(METAL, 0.012, *ropes, sides=3), seats])


def swing_couch(size: Size) -> Mesh:
    """A couch that hangs under a roof, along y."""
    x, y, z = size
    legs = [[(a * x, b * 0.95 * y, 0.0), (0.0, b * 0.95 * y, 0.9 * z)] for a in (-1, 1) for b in (-1, 1)]
    ropes = [[(a * 0.3 * x, b * 0.8 * y, 0.3 * z), (0.0, b * 0.8 * y, 0.9 * z)] for a in (-1, 1) for b in (-1, 1)]
    roof = prism([(-x, 0.86 * z), (x, 0.86 * z), (0.8 * x, 0.95 * z), (0.0, z), (-0.8 * x, 0.95 * z)], -y, y, 1, FIRST)
    seat = boxes(
        SECOND,
        ((-0.45 * x, -0.8 * y, 0.25 * z), (0.5 * x, 0.8 * y, 0.33 * z)),
        ((-0.55 * x, -0.8 * y, 0.3 * z), (-0.38 * x, 0.8 * y, 0.6 * z)),
    )
    return join([rods(METAL, 0.03, *legs), rods(METAL, 0.012, *ropes, sides=3), roof, seat])


def slide(size: Size) -> Mesh:
    """A ladder with a slide down to +y."""
    x, y, z = size
    line = [(0.98 * y, 0.12 * z), (0.75 * y, 0.14 * z), (-0.25 * y, 0.62 * z), (-0.62 * y, 0.64 * z)]
    under = [(v, w - 0.03 * z) for v, w in reversed(line)]
    floor = prism([*line, *under], -0.62 * x, 0.62 * x, 0, SECOND)
    wall = [(v, w + 0.10 * z) for v, w in line] + under
    walls = [prism(wall, s * 0.72 * x - 0.06 * x, s * 0.72 * x + 0.06 * x, 0, FIRST) for s in (-1, 1)]
    rails = [
        [(s * 0.95 * x, -y, 0.0), (s * 0.85 * x, -0.66 * y, 0.64 * z), (s * 0.85 * x, -0.62 * y, z)] for s in (-1, 1)
    ]
    rungs = [
        [(-0.9 * x, -y + at * 0.34 * y, at * 0.64 * z), (0.9 * x, -y + at * 0.34 * y, at * 0.64 * z)]
        for at in (0.25, 0.5, 0.75)
    ]
    feet = [[(s * 0.6 * x, 0.7 * y, 0.0), (s * 0.6 * x, 0.7 * y, 0.15 * z)] for s in (-1, 1)]
    return join([floor, *walls, rods(METAL, 0.03, *rails, *rungs, *feet, sides=3)])


def trampoline(size: Size) -> Mesh:
    """A round trampoline with posts and a net."""
    x, y, z = size
    rim = revolved([(x, 0.28 * z), (x, 0.33 * z)], FIRST, sides=10, stretch=y / x)
    mat = revolved([(0.86 * x, 0.33 * z), (0.86 * x, 0.335 * z)], BLACK, sides=10, stretch=y / x)
    angle = np.arange(6) * (2.0 * np.pi / 6) + 0.2
    posts = [
        [(0.95 * x * c, 0.95 * y * s, 0.0), (0.95 * x * c, 0.95 * y * s, z)]
        for c, s in zip(np.cos(angle), np.sin(angle), strict=True)
    ]
    hoop = [
        (0.95 * x * c, 0.95 * y * s, 0.98 * z)
        for c, s in zip(np.cos(np.linspace(0, 2 * np.pi, 9)), np.sin(np.linspace(0, 2 * np.pi, 9)), strict=True)
    ]
    return join([rim, mat, rods(SECOND, 0.035, *posts, hoop, sides=3)])


def barbecue(size: Size) -> Mesh:
    """A grill on legs with a rack beside it."""
    x, y, z = size
    bowl = [(-0.75 * x, 0.62 * z), (0.55 * x, 0.62 * z), (0.4 * x, 0.5 * z), (-0.6 * x, 0.5 * z)]
    hood = [
        (-0.75 * x, 0.64 * z),
        (0.55 * x, 0.64 * z),
        (0.5 * x, 0.85 * z),
        (0.2 * x, z),
        (-0.4 * x, z),
        (-0.7 * x, 0.85 * z),
    ]
    legs = [[(a * x, b * 0.7 * y, 0.0), (a * x, b * 0.7 * y, 0.52 * z)] for a in (-0.6, 0.4) for b in (-1, 1)]
    shelf = box(WOOD, (0.55 * x, -0.6 * y, 0.58 * z), (x, 0.6 * y, 0.62 * z))
    handle = [[(-0.5 * x, 1.0 * y, 0.75 * z), (0.3 * x, 1.0 * y, 0.75 * z)]]
    return join(
        [
            prism(bowl, -0.9 * y, 0.9 * y, 1, BLACK),
            prism(hood, -0.9 * y, 0.9 * y, 1, FIRST),
            shelf,
            rods(METAL, 0.018, *legs, *handle, [(-x, 0, 0.3 * z), (0.4 * x, 0, 0.3 * z)]),
        ]
    )


def kennel(size: Size) -> Mesh:
    """A dog's house with its door to +y."""
    x, y, z = size
    walls = box(FIRST, (-0.85 * x, -0.9 * y, 0.0), (0.85 * x, 0.9 * y, 0.6 * z), ("-x", "+x", "-y", "+y"))
    gable = prism([(-0.85 * x, 0.6 * z), (0.85 * x, 0.6 * z), (0.0, 0.95 * z)], -0.9 * y, 0.9 * y, 1, FIRST)
    roofs = [
        prism([(s * x, 0.52 * z), (s * x, 0.58 * z), (0.0, z), (0.0, 0.94 * z)], -y, y, 1, SECOND) for s in (-1, 1)
    ]
    door = [(-0.35 * x, 0.0), (0.35 * x, 0.0), (0.35 * x, 0.38 * z), (0.0, 0.52 * z), (-0.35 * x, 0.38 * z)]
    return join([walls, gable, *roofs, piece(BLACK, facing(shapes.flat(door, 0.905 * y, axis=1), 1))])


def clothes_line(size: Size) -> Mesh:
    """Clothes on a line between two posts along x."""
    x, y, z = size
    posts = [[(s * 0.98 * x, 0.0, 0.0), (s * 0.98 * x, 0.0, z)] for s in (-1, 1)]
    arms = [[(s * 0.98 * x, -y, 0.96 * z), (s * 0.98 * x, y, 0.96 * z)] for s in (-1, 1)]
    lines = [[(-0.98 * x, at * y, 0.95 * z), (0.98 * x, at * y, 0.95 * z)] for at in (-0.8, 0.8)]
    cloths = {FIRST: [], SECOND: [], THIRD: []}
    for k, at in enumerate(np.linspace(-0.85, 0.65, 7)):
        low, side = z * (0.40 + 0.08 * (k * 5 % 3)), 0.8 * y * (-1.0) ** k
        sheet = shapes.box((at * x, side - 0.01, low), ((at + 0.16) * x, side + 0.01, 0.95 * z))
        cloths[(FIRST, SECOND, THIRD)[k % 3]].append(sheet)
    return join(
        [
            rods(METAL, 0.03, *posts, *arms),
            rods(BLACK, 0.006, *lines, sides=3),
            *(piece(name, *c) for name, c in cloths.items()),
        ]
    )


def garden_lamp(size: Size) -> Mesh:
    """A low lantern."""
    x, y, z = size
    post = revolved([(0.5 * x, 0.0), (0.3 * x, 0.1 * z), (0.25 * x, 0.45 * z)], FIRST, sides=6)
    glass = revolved([(0.5 * x, 0.45 * z), (0.75 * x, 0.75 * z)], LIGHT, sides=6, stretch=y / x)
    roof = revolved([(x, 0.75 * z), (0.5 * x, 0.9 * z), (0.1 * x, z)], FIRST, sides=6, stretch=y / x)
    return join([post, glass, roof])


def gnome(size: Size) -> Mesh:
    """A garden gnome that looks along +x."""
    x, y, z = size
    body = revolved(
        [(0.8 * x, 0.0), (x, 0.12 * z), (0.7 * x, 0.42 * z), (0.55 * x, 0.52 * z)],
        (BLACK, SECOND, SECOND),
        stretch=y / x,
    )
    face = piece(THIRD, shapes.sphere((0.5 * x, 0.5 * y, 0.12 * z), 6, 5) + (0.05 * x, 0.0, 0.58 * z))
    beard = piece("prop_white", shapes.sphere((0.3 * x, 0.42 * y, 0.12 * z), 6, 4) + (0.42 * x, 0.0, 0.48 * z))
    hat = revolved([(0.62 * x, 0.64 * z), (0.35 * x, 0.82 * z), (0.02 * x, z)], FIRST, stretch=y / x)
    return join([body, face, beard, hat])


def fountain(size: Size) -> Mesh:
    """A round basin with a bowl and a column."""
    x, _, z = size
    rim = revolved([(x, 0.0), (x, 0.14 * z), (0.92 * x, 0.14 * z), (0.92 * x, 0.10 * z)], FIRST, sides=10)
    water = revolved([(0.92 * x, 0.09 * z), (0.92 * x, 0.105 * z)], SECOND, sides=10)
    profile = [
        (0.2, 0.1),
        (0.12, 0.2),
        (0.1, 0.42),
        (0.38, 0.52),
        (0.4, 0.55),
        (0.12, 0.56),
        (0.07, 0.78),
        (0.16, 0.84),
        (0.05, 1.0),
    ]
    return join([rim, water, revolved([(r * x, h * z) for r, h in profile], FIRST, sides=6)])


def drinking_fountain(size: Size) -> Mesh:
    """A post with a small basin to +y."""
    x, y, z = size
    post = boxes(FIRST, ((-0.7 * x, -y, 0.0), (0.7 * x, -0.35 * y, 0.94 * z)), ((-x, -y, 0.0), (x, 0.0, 0.06 * z)))
    head = prism([(-y, 0.94 * z), (-0.2 * y, 0.94 * z), (-0.6 * y, z)], -0.8 * x, 0.8 * x, 0, FIRST)
    basin = prism([(-0.35 * y, 0.45 * z), (0.3 * y, 0.45 * z), (y, 0.6 * z), (-0.35 * y, 0.6 * z)], -x, x, 0, SECOND)
    spout = rods(METAL, 0.02, [(0.0, -0.35 * y, 0.72 * z), (0.0, 0.0, 0.72 * z), (0.0, 0.05 * y, 0.68 * z)])
    return join([post, head, basin, spout])


def map_table(size: Size) -> Mesh:
    """A slanting board with a map on two legs, along x."""
    x, y, z = size
    board = prism([(y, 0.68 * z), (y, 0.72 * z), (-y, z), (-y, 0.96 * z)], -x, x, 0, FIRST)
    legs = boxes(
        METAL, *(((s * 0.7 * x - 0.04, -0.3 * y, 0.0), (s * 0.7 * x + 0.04, 0.3 * y, 0.84 * z)) for s in (-1, 1))
    )
    corners = [
        [
            (u * x, v * y, (0.86 - 0.14 * v) * z + 0.006)
            for u, v in ((-0.9, -0.85), (0.9, -0.85), (0.9, 0.85), (-0.9, 0.85))
        ]
    ]
    return join([board, legs, piece(SECOND, facing(shapes.quads(corners), 2))])


def chart(size: Size) -> Mesh:
    """A low plate in squares of two colours."""
    x, y, z = size
    base = box(BLACK, (-x, -y, 0.0), (x, y, 0.9 * z))
    fields = {FIRST: [], SECOND: []}
    edge_x, edge_y = np.linspace(-0.95 * x, 0.95 * x, 7), np.linspace(-0.9 * y, 0.9 * y, 4)
    for i in range(6):
        for k in range(3):
            ends = (edge_x[i], edge_y[k], 0.9 * z), (edge_x[i + 1], edge_y[k + 1], z)
            fields[(FIRST, SECOND)[(i + k) % 2]].append(shapes.box(*ends, ("+z",)))
    return join([base, *(piece(name, *field) for name, field in fields.items())])


def poster(size: Size) -> Mesh:
    """A lit poster in a frame on a foot, seen from both ways of y."""
    x, y, z = size
    frame = box(FIRST, (-x, -0.8 * y, 0.2 * z), (x, 0.8 * y, z))
    foot = boxes(
        METAL, ((-0.3 * x, -0.5 * y, 0.0), (0.3 * x, 0.5 * y, 0.2 * z)), ((-0.6 * x, -y, 0.0), (0.6 * x, y, 0.03 * z))
    )
    at = 0.82 * y
    paper = shapes.flat([(-0.9 * x, 0.25 * z), (0.9 * x, 0.25 * z), (0.9 * x, 0.95 * z), (-0.9 * x, 0.95 * z)], at, 1)
    shape = shapes.flat(
        [(-0.7 * x, 0.32 * z), (0.75 * x, 0.45 * z), (0.2 * x, 0.85 * z), (-0.5 * x, 0.7 * z)], at + 0.006, 1
    )
    return join(
        [frame, foot, piece(SECOND, both_faces(facing(paper, 1), 1)), piece(THIRD, both_faces(facing(shape, 1), 1))]
    )
