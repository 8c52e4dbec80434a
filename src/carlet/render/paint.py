"""Paint: how much of each pixel the marks on the road cover, as exact areas, so that distant dashes fade and do not
flicker.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.canvas import hides, key_of, near_of, row_of, surely_hides
from carlet.render.culling import NEAR
from carlet.render.setup import BATCH, box_of, box_of_polygon, clip, corners_of, faces, least_z, plane_of, project, sift

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_STRICT, "forceinline": True}
_HALF = np.float32(0.5)
#: Paint is drawn up to where a metre is a pixel, and at least so far (m).
_LEAST_REACH = np.float32(200.0)
#: Paint may lie so deep (m) under the surface that is seen; 1/z grows by no more than this for it.
_SUNK, _MOST_LIFT = 0.05, np.float32(1.25)
#: A pixel's area in the whole numbers that areas are added up in, so that the order of triangles does not matter.
_WHOLE = 1 << 20
#: At most so many slices of a row.
_SLICES = 4


class Coverage(NamedTuple):
    """Scratch of some threads (first axis): for each pixel of a tile the area under paint `area` int32 and `most`
    int64, the largest share of one triangle and that triangle; `line` float32, one row of pixels of one triangle.
    """

    area: NDArray[np.int32]
    most: NDArray[np.int64]
    line: NDArray[np.float32]


def coverage_for(threads: int, width: int, height: int) -> Coverage:
    """Scratch for tiles of up to this size."""
    return Coverage(
        area=np.zeros((threads, height, width), np.int32),
        most=np.zeros((threads, height, width), np.int64),
        line=np.zeros((threads, width), np.float32),
    )


def paint_reach(focal: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far (v,) metres paint is drawn in views of these focal lengths."""
    return np.maximum(focal, _LEAST_REACH)


@njit(**_STRICT)
def paint_tile(camera, paint, static, found, view, canvas, bench, area, most, line, cover, marked):
    """Write shares of pixels and rows of paint triangles of one tile into pictures (h, w)."""
    for y in range(canvas.bottom - canvas.top):
        for x in range(canvas.right - canvas.left):
            area[y, x], most[y, x] = 0, 0
    corner, normal, first, last = paint
    item, nearest = found.item[view], found.nearest[view]
    for k in range(found.number[view]):
        i = item[k, 5]
        left, right = max(np.int64(item[i, 1]), canvas.left), min(np.int64(item[i, 2]), canvas.right)
        top, bottom = max(np.int64(item[i, 3]), canvas.top), min(np.int64(item[i, 4]), canvas.bottom)
        if left >= right or top >= bottom or hides(canvas, left, right, top, bottom, nearest[i] * _MOST_LIFT):
            continue
        cluster = item[i, 0]
        for start in range(first[cluster], last[cluster], BATCH):
            end = min(start + BATCH, last[cluster])
            _paint_batch(camera, corner[start:end], normal[start:end], start, static, canvas, bench, area, most, line)
    _hand_over(canvas, area, most, cover, marked)


@njit(**_INLINE)
def _paint_batch(camera, corner, normal, start, static, canvas, bench, area, most, line):
    """Up to `BATCH` triangles, the first of which is row `start`."""
    project(camera, corner.reshape(-1), bench.points)
    polygon = bench.polygon
    for k in range(sift(camera, bench, len(corner), canvas, _HALF)):
        i = bench.chosen[k]
        whole = least_z(bench, i) >= NEAR
        left, right, top, bottom = box_of(bench, i)
        if whole and surely_hides(canvas, left, right, top, bottom, _MOST_LIFT / least_z(bench, i)):
            continue
        if not faces(camera, corner[i], normal[i]):
            continue
        corners = corners_of(bench, i) if whole else clip(camera, corner[i], polygon)
        for last in range(5, 3 + corners):
            if not whole:
                left, right, top, bottom = box_of_polygon(polygon, last, canvas, _HALF)
            box = (left, right, top, bottom)
            _paint(camera, box, polygon, last, corner[i], normal[i], start + i, static, canvas, area, most, line)


@njit(**_INLINE)
def _paint(camera, box, polygon, last, corner, normal, row, static, canvas, area, most, line):
    """Add the areas of the triangle of the corners 3, last - 1 and last of `polygon` (see `setup.clip`), whose box has
    the pixels `left right top bottom`.
    """
    ax, ay = np.float64(polygon[3, 0]), np.float64(polygon[3, 1])
    bx, by = np.float64(polygon[last - 1, 0]), np.float64(polygon[last - 1, 1])
    cx, cy = np.float64(polygon[last, 0]), np.float64(polygon[last, 1])
    left, right, top, bottom = box
    total = ax + bx + cx + ay + by + cy
    if total != total or left >= right or top >= bottom:
        return
    farthest = min(min(polygon[3, 2], polygon[last - 1, 2]), polygon[last, 2])
    if by < ay:
        ax, ay, bx, by = bx, by, ax, ay
    if cy < ay:
        ax, ay, cx, cy = cx, cy, ax, ay
    if cy < by:
        bx, by, cx, cy = cx, cy, bx, by
    plane, lift = plane_of(camera, corner, normal), _lift(camera, corner, normal)
    long_step = (cx - ax) / (cy - ay)
    for y in range(top, bottom):
        begin, end = canvas.right, canvas.left
        for part in range(2):
            if part == 0:
                from_x, from_y, to_x, to_y = ax, ay, bx, by
            else:
                from_x, from_y, to_x, to_y = bx, by, cx, cy
            upper, lower = max(np.float64(y), from_y), min(np.float64(y + 1), to_y)
            if not upper < lower:
                continue
            short_step = (to_x - from_x) / (to_y - from_y)
            steepest = max(abs(long_step), abs(short_step)) * (lower - upper)
            slices = 1 + np.int64(min(steepest, np.float64(_SLICES - 1)))
            height = (lower - upper) / slices
            for k in range(slices):
                middle = upper + (k + 0.5) * height
                one, other = ax + (middle - ay) * long_step, from_x + (middle - from_y) * short_step
                first, last_x = max(min(one, other), np.float64(left)), min(max(one, other), np.float64(right))
                if first < last_x:
                    _add(line, canvas.left, first, last_x, height)
                    begin, end = min(begin, np.int64(first)), max(end, np.int64(np.ceil(last_x)))
        for x in range(begin, end):
            share = line[x - canvas.left]
            line[x - canvas.left] = np.float32(0.0)
            key = canvas.keys[(y - canvas.top) * canvas.stride + x - canvas.left]
            near = max(plane.base + plane.by_column * x + plane.by_row * y, farthest) * lift
            if 0 <= row_of(key) < static and near >= near_of(key):
                part_area = np.int64(share * np.float32(_WHOLE) + np.float32(0.5))
                area[y - canvas.top, x - canvas.left] += part_area
                ranked = part_area << 32 | key_of(np.float32(0.0), row)
                most[y - canvas.top, x - canvas.left] = max(most[y - canvas.top, x - canvas.left], ranked)


@njit(**_INLINE)
def _lift(camera, corner, normal):
    """By how much 1/z of a plane grows when it is shifted towards the eye by `_SUNK`."""
    x, y, z = corner[0] - camera.ex, corner[1] - camera.ey, corner[2] - camera.ez
    distance = -(np.float64(normal[0]) * x + np.float64(normal[1]) * y + np.float64(normal[2]) * z)
    return min(distance / max(distance - _SUNK, 1e-9), np.float64(_MOST_LIFT))


@njit(**_INLINE)
def _add(line, left, first, last, height):
    """Add a slice from column `first` to column `last` to the pixels it lies on."""
    begin, end = np.int64(first), np.int64(last)
    if begin == end:
        line[begin - left] += np.float32((last - first) * height)
        return
    line[begin - left] += np.float32((begin + 1 - first) * height)
    for x in range(begin + 1, end):
        line[x - left] += np.float32(height)
    if end < last:
        line[end - left] += np.float32((last - end) * height)


@njit(**_STRICT)
def _hand_over(canvas, area, most, cover, marked):
    width = canvas.right - canvas.left
    for y in range(canvas.bottom - canvas.top):
        cover_line = cover[canvas.top + y, canvas.left : canvas.right]
        marked_line = marked[canvas.top + y, canvas.left : canvas.right]
        for x in range(width):
            cover_line[x] = min(np.float32(area[y, x]) * np.float32(1.0 / _WHOLE), np.float32(1.0))
            marked_line[x] = row_of(most[y, x])
