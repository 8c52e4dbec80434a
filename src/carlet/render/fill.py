"""Filling one projected triangle, row by row.

A pixel belongs to a triangle when its centre is inside, on a left edge, or on an upper one. Edges are walked from their
upper end, whichever triangle they belong to, so that neighbours agree on every crossing and share no pixel.
"""

from typing import Any

import numpy as np
from numba import njit

from carlet.render.canvas import BLOCK, key_of, raise_keys, touch
from carlet.render.setup import plane_of

_INLINE: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False, "forceinline": True}
_HALF = np.float32(0.5)


@njit(**_INLINE)
def fill(canvas, camera, left, right, top, bottom, polygon, last, corner, normal, row):
    """Draw the triangle of the corners 3, last - 1 and last of `polygon` (see `setup.clip`), whose box has the pixels
    `left right top bottom` of the canvas. It is part of triangle `row` with its first corner (3,) and normal (3,).
    """
    ax, ay, aw = polygon[3, 0], polygon[3, 1], polygon[3, 2]
    bx, by, bw = polygon[last - 1, 0], polygon[last - 1, 1], polygon[last - 1, 2]
    cx, cy, cw = polygon[last, 0], polygon[last, 1], polygon[last, 2]
    total = ax + bx + cx + ay + by + cy
    if total != total:
        return
    if left >= right or top >= bottom:
        return
    nearest, farthest = max(max(aw, bw), cw), min(min(aw, bw), cw)
    touch(canvas, left, right, top, bottom)
    anchor = np.int64(min(max(ax, np.float32(0.0)), np.float32(2.0) * camera.middle_x))
    plane = plane_of(camera, corner, normal)
    base, slope = plane.base + plane.by_column * anchor, np.float32(plane.by_column)
    count_down = key_of(np.float32(0.0), row)
    if by < ay:
        ax, ay, bx, by = bx, by, ax, ay
    if cy < ay:
        ax, ay, cx, cy = cx, cy, ax, ay
    if cy < by:
        bx, by, cx, cy = cx, cy, bx, by
    long_x, long_y = np.float64(ax), np.float64(ay)
    long_step = (np.float64(cx) - long_x) / (np.float64(cy) - long_y)
    turn = min(max(np.int64(np.ceil(by - _HALF)), top), bottom)
    for part in range(2):
        if part == 0:
            begin, end, short_x, short_y, end_x, end_y = top, turn, long_x, long_y, np.float64(bx), np.float64(by)
        else:
            begin, end, short_x, short_y = turn, bottom, np.float64(bx), np.float64(by)
            end_x, end_y = np.float64(cx), np.float64(cy)
        short_step = (end_x - short_x) / (end_y - short_y)
        for y in range(begin, end):
            middle = np.float64(y) + 0.5
            one = long_x + (middle - long_y) * long_step - 0.5
            other = short_x + (middle - short_y) * short_step - 0.5
            first = max(np.int64(np.ceil(min(one, other))), left)
            span = min(np.int64(np.ceil(max(one, other))), right) - first
            if span <= 0:
                continue
            start = (y - canvas.top) * canvas.stride + first - canvas.left
            near = np.float32(base + plane.by_row * y)
            for block in range(0, span, BLOCK):
                along = np.float32(first + block - anchor)
                raise_keys(canvas.keys, start + block, span - block, near, slope, along, farthest, nearest, count_down)
