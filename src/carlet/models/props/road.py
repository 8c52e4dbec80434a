"""Cones, barriers, warnings and signs of road works."""

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
    WHITE,
    Floats,
    Size,
    both_faces,
    box,
    boxes,
    facing,
    piece,
    revolved,
    rods,
    wheels,
)

#: Heights at which the bands of cones change, as shares of the height.
BANDS = (0.06, 0.34, 0.54, 0.70, 0.84, 1.0)


def cone(size: Size) -> Mesh:
    """A cone with two bright bands on a square foot."""
    wide = 0.74 * min(size.x, size.y)
    profile = [(wide * (1.0 - 0.86 * share), share * size.z) for share in BANDS]
    foot = box(THIRD, (-size.x, -size.y, 0.0), (size.x, size.y, BANDS[0] * size.z))
    return join([foot, revolved(profile, (FIRST, SECOND, FIRST, SECOND, FIRST))])


def delineator(size: Size) -> Mesh:
    """A slim post with bright bands on a heavy foot."""
    foot = revolved([(size.x, 0.0), (0.95 * size.x, 0.05 * size.z), (0.4 * size.x, 0.09 * size.z)], THIRD)
    post = 0.36 * size.x
    profile = [(post, 0.09), (0.9 * post, 0.45), (0.88 * post, 0.58), (0.85 * post, 0.70), (0.82 * post, 0.83)]
    profile += [(0.8 * post, 0.93), (0.55 * post, 1.0)]
    rings = [(radius, share * size.z) for radius, share in profile]
    return join([foot, revolved(rings, (FIRST, SECOND, FIRST, SECOND, FIRST, FIRST))])


def barricade(size: Size) -> Mesh:
    """Two striped planks on a trestle, across the way of y."""
    x, y, z = size
    legs = [[(side * 0.82 * x, way * y, 0.0), (side * 0.82 * x, 0.0, z)] for side in (-1, 1) for way in (-1, 1)]
    planks = [striped(-x, x, 0.24 * y * k, z * low, z * high) for k, low, high in ((1, 0.70, 0.97), (2.2, 0.36, 0.60))]
    return join([rods(METAL, 0.022 * z, *legs), *planks])


def striped(left: float, right: float, y: float, low: float, high: float, count: int = 8) -> Mesh:
    """Planks before y and behind -y in slanted stripes of the first two colours."""
    edge = np.linspace(left, right, count + 1)
    slant = 0.5 * (edge[1] - edge[0])
    lower, upper = np.clip(edge - slant, left, right), np.clip(edge + slant, left, right)
    lower[[0, -1]], upper[[0, -1]] = (left, right), (left, right)
    corners = [
        [(lower[k], y, low), (lower[k + 1], y, low), (upper[k + 1], y, high), (upper[k], y, high)] for k in range(count)
    ]
    stripes = both_faces(facing(shapes.quads(corners), 1), 1).reshape(2, count, 2, 3, 3)
    rims = box(FIRST, (left, -y, low), (right, y, high), ("-x", "+x", "-z", "+z"))
    return join(
        [
            piece(FIRST, *stripes[:, ::2].reshape(-1, 2, 3, 3)),
            piece(SECOND, *stripes[:, 1::2].reshape(-1, 2, 3, 3)),
            rims,
        ]
    )


def chain(size: Size) -> Mesh:
    """Two posts with a chain between them."""
    x, _, z = size
    sag = [(at * (x - size.y), 0.0, z * (0.55 + 0.3 * at * at)) for at in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    posts = [post(Size(size.y, size.y, z)).moved((side * (x - size.y), 0.0, 0.0)) for side in (-1.0, 1.0)]
    return join([*posts, rods(WHITE, 0.02, sag, sides=3)])


def post(size: Size) -> Mesh:
    """A banded post on a round foot."""
    profile = [(size.x, 0.0), (size.x, 0.06), (0.3 * size.x, 0.1), (0.3 * size.x, 0.4), (0.3 * size.x, 0.7)]
    profile += [(0.3 * size.x, 0.93), (0.2 * size.x, 1.0)]
    rings = [(radius, share * size.z) for radius, share in profile]
    return revolved(rings, (THIRD, THIRD, FIRST, SECOND, FIRST, FIRST), sides=6)


def _figure(*outlines: list[tuple[float, float]], y: float) -> Floats:
    """Flat outlines (x, z) that look along both ways of y."""
    corner = np.concatenate([facing(shapes.flat(outline, y, axis=1), 1) for outline in outlines])
    return both_faces(corner, 1)


def _triangle(x: float, low: float, high: float, inset: float) -> list[tuple[float, float]]:
    return [(-x + 1.73 * inset, low + inset), (x - 1.73 * inset, low + inset), (0.0, high - 2.0 * inset)]


def _warning(size: Size, symbol: list[list[tuple[float, float]]]) -> Mesh:
    x, y, z = size
    low = z - 1.73 * x
    scale, middle = 0.46 * x, low + 0.52 * x
    drawn = [[(scale * u, middle + scale * v) for u, v in outline] for outline in symbol]
    plate = piece(FIRST, shapes.extrude(_triangle(x, low, z, 0.0), -0.012, 0.012, axis=1))
    legs = [
        [(side * 0.4 * x, way * y, 0.0), (side * 0.3 * x, 0.03 * way, low + 0.4 * x)]
        for side in (-1, 1)
        for way in (-1, 1)
    ]
    return join(
        [
            plate,
            piece(SECOND, _figure(_triangle(x, low, z, 0.11 * x), y=0.016)),
            piece(BLACK, _figure(*drawn, y=0.02)),
            rods(METAL, 0.018, *legs),
        ]
    )


def works_ahead(size: Size) -> Mesh:
    """A triangle with a man who digs, on legs, seen from both ways of y."""
    body = [(-0.2, -0.1), (0.15, 0.35), (-0.05, 0.5), (-0.4, 0.05)]
    legs = [(-0.4, -0.7), (-0.22, -0.7), (-0.15, -0.1), (-0.38, 0.0)]
    shovel = [(0.15, 0.3), (0.62, -0.45), (0.54, -0.5), (0.05, 0.2)]
    heap = [(0.35, -0.7), (1.0, -0.7), (0.68, -0.3)]
    head = [(0.0, 0.5), (0.22, 0.5), (0.22, 0.75), (0.0, 0.75)]
    return _warning(size, [body, legs, shovel, heap, head])


def accident_ahead(size: Size) -> Mesh:
    """A triangle with two cars that have met, on legs, seen from both ways of y."""
    left = [(-0.95, -0.5), (-0.1, -0.5), (-0.1, -0.15), (-0.3, -0.1), (-0.45, 0.15), (-0.8, 0.15), (-0.95, -0.1)]
    right = [(0.1, -0.35), (0.75, -0.62), (0.9, -0.2), (0.75, 0.1), (0.45, 0.2), (0.2, 0.0)]
    spark = [(-0.12, 0.3), (0.02, 0.3), (0.08, 0.8), (-0.18, 0.8)]
    return _warning(size, [left, right, spark])


def arrow_board(size: Size) -> Mesh:
    """A trailer with a lit arrow that points to the left of who comes against its +x, and to his left from behind."""
    x, y, z = size
    low, thick = 0.52 * z, 0.05
    panel = box(BLACK, (-thick, -y, low), (thick, y, z))
    frame = boxes(
        FIRST,
        ((-0.62 * x, -0.62 * y, 0.16 * z), (0.62 * x, 0.62 * y, 0.24 * z)),
        ((-0.3 * x, -0.4 * y, 0.24 * z), (0.3 * x, 0.4 * y, 0.38 * z)),
        ((-x, -0.04 * y, 0.17 * z), (-0.62 * x, 0.04 * y, 0.21 * z)),
        ((0.62 * x, -0.04 * y, 0.17 * z), (x, 0.04 * y, 0.21 * z)),
    )
    mast = boxes(
        METAL, ((-0.04, -0.3 * y, 0.38 * z), (0.04, -0.2 * y, low)), ((-0.04, 0.2 * y, 0.38 * z), (0.04, 0.3 * y, low))
    )
    tyres = wheels(0.11 * z, 0.09, (0.0, -0.72 * y), (0.0, 0.72 * y))
    return join([panel, frame, mast, tyres, piece(LIGHT, _lamps(y, 0.5 * (low + z), 0.5 * (z - low), thick + 0.01))])


def _lamps(y: float, z: float, high: float, x: float) -> Floats:
    """Square lamps that make an arrow, on both sides of a board."""
    places = [(along, 0.0) for along in (-0.45, -0.2, 0.05, 0.3, 0.55, 0.75)]
    places += [(0.5, 0.3), (0.5, -0.3), (0.28, 0.58), (0.28, -0.58)]
    half = 0.085 * y
    lamps = []
    for side in (1.0, -1.0):
        for along, up in places:
            middle = np.array([side * x, side * along * y, z + up * high])
            square = middle + half * np.array([(0, -1, -1), (0, 1, -1), (0, 1, 1), (0, -1, 1)])
            lamps.append(facing(shapes.quads([square]), 0, side))
    return np.concatenate(lamps)


def sign_board(size: Size) -> Mesh:
    """A board with lines of letters on two posts, seen from both ways of y."""
    x, y, z = size
    low = 0.55 * z
    posts = boxes(METAL, *(((s * 0.6 * x - 0.03, -0.6 * y, 0.0), (s * 0.6 * x + 0.03, 0.6 * y, low)) for s in (-1, 1)))
    board = box(FIRST, (-x, -y, low), (x, y, z))
    lines = [(-0.8, 0.3, 0.72, 0.86), (-0.8, 0.7, 0.46, 0.60), (-0.8, 0.1, 0.20, 0.34)]
    letters = [
        [
            (u0 * x, low + v0 * (z - low)),
            (u1 * x, low + v0 * (z - low)),
            (u1 * x, low + v1 * (z - low)),
            (u0 * x, low + v1 * (z - low)),
        ]
        for u0, u1, v0, v1 in lines
    ]
    return join([posts, board, piece(SECOND, _figure(*letters, y=y + 0.004))])
