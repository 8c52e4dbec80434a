"""Ground points found in a LiDAR cloud, with LEAD's constants: planes fitted in sectors round a grid of centres."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.sensors.clouds import STUDENT_AREA, Area

_SPACING_M = 28.0
_INNER_M, _OUTER_M = 1.0, 32.0
_NEEDED_M, _NEEDED = 20.0, 3
_SECTORS = 8
_LOWEST = 64
_SEED_BAND_M = 0.2
_PLANE_BAND_M = 0.15
_ROUNDS = 2
_PERCENTILE = 0.3


def is_ground(points: NDArray[np.floating], area: Area = STUDENT_AREA) -> NDArray[np.bool_]:
    """Which points (n, 3 or more) of the ego's frame are ground; distances are measured as |dx| + |dy|."""
    half = _SPACING_M / 2.0
    xs = np.arange(area.min_x - half, area.max_x + _SPACING_M, _SPACING_M)
    ys = np.arange(area.min_y - half, area.max_y + _SPACING_M, _SPACING_M)
    grid = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1).reshape(-1, 2)
    centres = np.vstack([grid, [0.0, 0.0]])
    return _mark(np.ascontiguousarray(points[:, :3], dtype=np.float64), centres)


@njit(cache=True, nogil=True)
def _mark(points, centres):
    ground = np.zeros(len(points), np.bool_)
    sector = np.empty(len(points), np.int8)
    rows = np.empty(len(points), np.int32)
    for c in range(len(centres)):
        starts, near = np.zeros(_SECTORS + 1, np.int64), 0
        for i in range(len(points)):
            dx, dy = points[i, 0] - centres[c, 0], points[i, 1] - centres[c, 1]
            distance = abs(dx) + abs(dy)
            near += distance < _NEEDED_M
            sector[i] = _octant(dx, dy) if _INNER_M < distance < _OUTER_M else -1
            if sector[i] >= 0:
                starts[sector[i] + 1] += 1
        if near < _NEEDED:
            continue
        starts = np.cumsum(starts)
        ends = starts[:-1].copy()
        for i in range(len(points)):
            if sector[i] >= 0:
                rows[ends[sector[i]]] = i
                ends[sector[i]] += 1
        for s in range(_SECTORS):
            if ends[s] - starts[s] >= _LOWEST:
                _mark_sector(points, rows[starts[s] : ends[s]], ground)
    return ground


@njit(cache=True, nogil=True)
def _octant(dx, dy):
    steep = 1 if abs(dy) > abs(dx) else 0
    return 4 * (dy < 0.0) + 2 * (dx < 0.0) + steep


@njit(cache=True, nogil=True)
def _mark_sector(points, rows, ground):
    heights = np.empty(len(rows))
    for k in range(len(rows)):
        heights[k] = points[rows[k], 2]
    lowest = np.partition(heights, _LOWEST // 2)[: _LOWEST // 2 + 1]
    lowest.sort()
    middle = 0.5 * (lowest[-2] + lowest[-1])
    a, b, d, found = _fit(points, rows, 0.0, 0.0, middle, _SEED_BAND_M, True)
    for _ in range(_ROUNDS - 1):
        if found:
            a, b, d, found = _fit(points, rows, a, b, d, _PLANE_BAND_M, False)
    place = int(_PERCENTILE * (len(rows) - 1))
    limit = np.partition(heights, place)[place]
    norm = np.sqrt(a * a + b * b + 1.0)
    for k in range(len(rows)):
        x, y, z = points[rows[k]]
        if z < limit or (found and (z - a * x - b * y - d) / norm < _PLANE_BAND_M):
            ground[rows[k]] = True


@njit(cache=True, nogil=True)
def _fit(points, rows, a, b, d, band, two_sided):
    """The least-squares plane z = a x + b y + d through the points within `band` of the given one, or below it."""
    moments = np.zeros((3, 3))
    right = np.zeros(3)
    norm = np.sqrt(a * a + b * b + 1.0)
    for k in range(len(rows)):
        x, y, z = points[rows[k]]
        height = (z - a * x - b * y - d) / norm
        if height >= band or (two_sided and height <= -band):
            continue
        moments[0, 0] += x * x
        moments[0, 1] += x * y
        moments[0, 2] += x
        moments[1, 1] += y * y
        moments[1, 2] += y
        moments[2, 2] += 1.0
        right[0] += x * z
        right[1] += y * z
        right[2] += z
    if moments[2, 2] < 3.0:
        return a, b, d, False
    moments[1, 0], moments[2, 0], moments[2, 1] = moments[0, 1], moments[0, 2], moments[1, 2]
    scale = max(moments[0, 0], moments[1, 1], 1.0)
    if abs(np.linalg.det(moments)) < 1e-9 * scale * scale:
        return a, b, d, False
    plane = np.linalg.solve(moments, right)
    return plane[0], plane[1], plane[2], True
