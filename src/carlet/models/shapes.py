"""Simple shapes as triangles: arrays (n, 3, 3) of corners, which add, join and scale like any array.

`carlet.models.mesh.make_mesh` gives them their looks. The outside of a triangle `a b c` is where
`cross(b - a, c - a)` points; solids have their outside outwards, whatever the order of the points they are made from.
Lengths in metres, angles in radians.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_NOTHING = 1e-12
#: Corners of a box's sides, as bits x y z of the upper end, by the letter that names the side.
_SIDES = {
    "-x": (0b000, 0b001, 0b011, 0b010),
    "+x": (0b100, 0b110, 0b111, 0b101),
    "-y": (0b000, 0b100, 0b101, 0b001),
    "+y": (0b010, 0b011, 0b111, 0b110),
    "-z": (0b000, 0b010, 0b110, 0b100),
    "+z": (0b001, 0b101, 0b111, 0b011),
}


def triangles(*parts: ArrayLike) -> Floats:
    """Several shapes as one, without the triangles that have no area."""
    arrays = [np.asarray(part, dtype=np.float64).reshape(-1, 3, 3) for part in parts]
    every = np.concatenate(arrays) if arrays else np.zeros((0, 3, 3))
    cross = np.cross(every[:, 1] - every[:, 0], every[:, 2] - every[:, 0])
    return every[(cross * cross).sum(axis=1) > _NOTHING]


def quads(corner: ArrayLike) -> Floats:
    """Quadrilaterals (n, 4, 3), corners in turn, as 2 n triangles."""
    corner = np.asarray(corner, dtype=np.float64).reshape(-1, 4, 3)
    return corner[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 3)


def fan(outline: ArrayLike) -> Floats:
    """A convex polygon (n, 3) as n - 2 triangles about its first point."""
    points = np.asarray(outline, dtype=np.float64).reshape(-1, 3)
    first = np.broadcast_to(points[0], (len(points) - 2, 3))
    return np.stack([first, points[1:-1], points[2:]], axis=1)


def flipped(corner: Floats) -> Floats:
    """The same triangles seen from the other side."""
    return corner[:, ::-1]


def mirrored(corner: Floats, axis: int = 1) -> Floats:
    """Mirrored in the plane through the origin across `axis`, outside still outwards."""
    sign = np.ones(3)
    sign[axis] = -1.0
    return flipped(corner * sign)


def both_sides(corner: Floats, axis: int = 1) -> Floats:
    """A shape and its mirror image."""
    return np.concatenate([corner, mirrored(corner, axis)])


def turn(angle: float, axis: int = 2) -> Floats:
    """The matrix (3, 3) of CARLA's yaw (axis 2, x towards y), pitch (axis 1, x towards z) or roll (axis 0, z towards y,
    so that the right side, +y, goes down).
    """
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = {0: (2, 1), 1: (0, 2), 2: (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[[first, second], [first, second]] = cos
    matrix[second, first], matrix[first, second] = sin, -sin
    return matrix


def turned(corner: Floats, angle: float, axis: int = 2, about: ArrayLike = (0.0, 0.0, 0.0)) -> Floats:
    """Turned by `turn(angle, axis)` about a point."""
    pivot = np.asarray(about, dtype=np.float64)
    return (corner - pivot) @ turn(angle, axis).T + pivot


def signed_volume(corner: Floats) -> float:
    """Volume of a closed shape (m3), positive when its outside is outwards."""
    return float(np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])) / 6.0)


def outwards(corner: Floats) -> Floats:
    """A closed shape, flipped where its outside was inwards."""
    return flipped(corner) if signed_volume(corner - corner.mean(axis=(0, 1))) < 0.0 else corner


def box(low: ArrayLike, high: ArrayLike, sides: Sequence[str] = tuple(_SIDES)) -> Floats:
    """An upright box, or those of its sides that are named `-x`, `+x`, `-y`, `+y`, `-z`, `+z`: 2 triangles a side."""
    ends = np.array([low, high], dtype=np.float64)
    bits = np.array([_SIDES[side] for side in sides])
    choice = np.stack([(bits >> 2) & 1, (bits >> 1) & 1, bits & 1], axis=-1)
    return quads(ends[choice, np.arange(3)])


def bevelled_box(low: ArrayLike, high: ArrayLike, bevel: float | Sequence[float]) -> Floats:
    """A box whose upper and lower rims and upright edges are cut back by `bevel` (one number, or x y z): 44
    triangles.
    """
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    cut = np.minimum(np.broadcast_to(np.asarray(bevel, dtype=np.float64), 3), (high - low) / 2.0)
    heights = (low[2], low[2] + cut[2], high[2] - cut[2], high[2])
    insets = (1.0, 0.0, 0.0, 1.0)
    rings = [_octagon(low + cut * inset, high - cut * inset, cut, z) for z, inset in zip(heights, insets, strict=True)]
    return loft(np.array(rings))


def extrude(outline: ArrayLike, low: float, high: float, axis: int = 2) -> Floats:
    """A prism: an outline (n, 2) without crossings, swept along `axis` from `low` to `high`.

    The outline is (y, z) for axis 0, (x, z) for axis 1 and (x, y) for axis 2. 4 n - 4 triangles.
    """
    start, end = flat(outline, low, axis), flat(outline, high, axis)
    ring = np.stack([_raised(outline, low, axis), _raised(outline, high, axis)])
    following = np.roll(ring, -1, axis=1)
    sides = quads(np.stack([ring[0], following[0], following[1], ring[1]], axis=1))
    towards = np.eye(3)[axis]
    start = start if _facing(start) @ towards < 0.0 else flipped(start)
    end = end if _facing(end) @ towards > 0.0 else flipped(end)
    return outwards(np.concatenate([start, end, _agreeing(sides, outline, axis)]))


def flat(outline: ArrayLike, at: float, axis: int = 2) -> Floats:
    """A polygon (n, 2) without crossings, in the plane where `axis` is `at` (coordinates as for `extrude`), as n - 2
    triangles that look along +axis.
    """
    points = np.asarray(outline, dtype=np.float64).reshape(-1, 2)
    raised = _raised(points, at, axis)
    corner = raised[_ears(points)]
    return corner if _facing(corner)[axis] >= 0.0 else flipped(corner)


def loft(rings: ArrayLike, ends: bool = True) -> Floats:
    """A skin over m rings of n points (m, n, 3), closed with flat convex ends: 2 n (m - 1) + 2 (n - 2) triangles less
    those without area. Without ends its outside is that of the closed one.
    """
    rings = np.asarray(rings, dtype=np.float64)
    following = np.roll(rings, -1, axis=1)
    skin = quads(np.stack([rings[:-1], following[:-1], following[1:], rings[1:]], axis=2).reshape(-1, 4, 3))
    closed = np.concatenate([flipped(fan(rings[0])), skin, fan(rings[-1])])
    right = signed_volume(closed - closed.mean(axis=(0, 1))) >= 0.0
    kept = triangles(closed if ends else skin)
    return kept if right else flipped(kept)


def bridge(lower: ArrayLike, upper: ArrayLike) -> Floats:
    """The band between two open lines (a, 3) and (b, 3) that run side by side: a + b - 2 triangles.

    Seen from outside, with the lower line below, both run from left to right.
    """
    lower, upper = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    along, above = _progress(lower), _progress(upper)
    corner, i, j = [], 0, 0
    while i < len(lower) - 1 or j < len(upper) - 1:
        if j == len(upper) - 1 or (i < len(lower) - 1 and along[i] + along[i + 1] <= above[j] + above[j + 1]):
            corner.append((lower[i], lower[i + 1], upper[j]))
            i += 1
        else:
            corner.append((lower[i], upper[j + 1], upper[j]))
            j += 1
    return triangles(corner)


def lathe(profile: ArrayLike, sides: int, axis: int = 2, phase: float = 0.0) -> Floats:
    """A solid of revolution about `axis`: `profile` (m, 2) of (radius, place along the axis), from one end to the
    other; its first and last rings are closed by flat ends where their radius is not 0.
    """
    profile = np.asarray(profile, dtype=np.float64).reshape(-1, 2)
    angle = phase + np.arange(sides) * (2.0 * np.pi / sides)
    first, second = [a for a in range(3) if a != axis]
    rings = np.zeros((len(profile), sides, 3))
    rings[:, :, first] = profile[:, :1] * np.cos(angle)
    rings[:, :, second] = profile[:, :1] * np.sin(angle)
    rings[:, :, axis] = profile[:, 1:]
    return loft(rings)


def cylinder(
    radius: float, low: float, high: float, sides: int = 8, axis: int = 2, tip: float | None = None, phase: float = 0.0
) -> Floats:
    """A round prism about `axis` from `low` to `high`, or a cone whose radius at `high` is `tip`: 4 sides - 4
    triangles, a cone with a point 2 sides - 2.
    """
    return lathe([(radius, low), (radius if tip is None else tip, high)], sides, axis, phase)


def sphere(radius: float | Sequence[float], sides: int = 8, rings: int = 5) -> Floats:
    """A ball about the origin, or an ellipsoid of three half axes; poles along z: 2 sides (rings - 2) triangles, the
    poles counted as rings.
    """
    angle = np.linspace(-np.pi / 2.0, np.pi / 2.0, rings)
    profile = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    return lathe(profile, sides) * np.broadcast_to(np.asarray(radius, dtype=np.float64), 3)


def tube(path: ArrayLike, radius: ArrayLike, sides: int = 4) -> Floats:
    """A rod along a line of points (m, 3), `radius` one number or (m,), with flat ends: 2 sides (m - 1) + 2 (sides -
    2) triangles.
    """
    path = np.asarray(path, dtype=np.float64).reshape(-1, 3)
    size = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(path))
    step = np.diff(path, axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    heading = np.concatenate([step[:1], step[:-1] + step[1:], step[-1:]])
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    aside = np.cross(heading, np.eye(3)[np.argmin(np.abs(heading).sum(axis=0))])
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    upward = np.cross(heading, aside)
    angle = (np.arange(sides) + 0.5) * (2.0 * np.pi / sides)
    round_ = aside[:, None] * np.cos(angle)[None, :, None] + upward[:, None] * np.sin(angle)[None, :, None]
    return loft(path[:, None] + round_ * size[:, None, None])


def arc(centre: tuple[float, float], radius: float, start: float, end: float, steps: int) -> Floats:
    """Points (steps + 1, 2) on a circle from one angle to another."""
    angle = np.linspace(start, end, steps + 1)
    return np.asarray(centre) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _octagon(low: Floats, high: Floats, cut: Floats, z: float) -> Floats:
    (x0, y0), (x1, y1), (cx, cy) = low[:2], high[:2], cut[:2]
    cx, cy = min(cx, (x1 - x0) / 2.0), min(cy, (y1 - y0) / 2.0)
    corner = [(x0 + cx, y0), (x1 - cx, y0), (x1, y0 + cy), (x1, y1 - cy)]
    corner += [(x1 - cx, y1), (x0 + cx, y1), (x0, y1 - cy), (x0, y0 + cy)]
    return np.array([(x, y, z) for x, y in corner])


def _raised(outline: ArrayLike, at: float, axis: int) -> Floats:
    points = np.asarray(outline, dtype=np.float64).reshape(-1, 2)
    raised = np.full((len(points), 3), at, dtype=np.float64)
    raised[:, [a for a in range(3) if a != axis]] = points
    return raised


def _facing(corner: Floats) -> Floats:
    return np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]).sum(axis=0)


def _agreeing(sides: Floats, outline: ArrayLike, axis: int) -> Floats:
    clockwise = _area(np.asarray(outline, dtype=np.float64).reshape(-1, 2)) < 0.0
    return flipped(sides) if clockwise != (axis == 1) else sides


def _area(points: Floats) -> float:
    x, y = points.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2.0)


def _progress(line: Floats) -> Floats:
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return length / max(length[-1], _NOTHING)


def _ears(points: Floats) -> NDArray[np.intp]:
    """Rows (n - 2, 3) of a polygon's triangles: ears are cut off until three corners remain."""
    left = list(range(len(points)))
    if _area(points) < 0.0:
        left.reverse()
    rows = []
    while len(left) > 3:
        place = next((k for k in range(len(left)) if _is_ear(points, left, k)), 0)
        rows.append((left[place - 1], left[place], left[(place + 1) % len(left)]))
        del left[place]
    return np.array([*rows, tuple(left)], dtype=np.intp)


def _is_ear(points: Floats, left: list[int], place: int) -> bool:
    names = (left[place - 1], left[place], left[(place + 1) % len(left)])
    a, b, c = points[names[0]], points[names[1]], points[names[2]]
    if _side(a, b, c) <= _NOTHING:
        return False
    others = points[[row for row in left if row not in names]]
    inside = (_side(a, b, others) >= 0.0) & (_side(b, c, others) >= 0.0) & (_side(c, a, others) >= 0.0)
    return not inside.any()


def _side(a: Floats, b: Floats, points: Floats) -> Floats:
    return (b[0] - a[0]) * (points[..., 1] - a[1]) - (b[1] - a[1]) * (points[..., 0] - a[0])
