"""Filling one projected triangle, row by row.

A pixel belongs to a triangle when its centre is inside, on a left edge, or on an upper one. Edges are walked from their
upper end, whichever triangle they belong to, so that neighbours agree on every crossing and share no pixel.
"""

from typing import Any

import numpy as np
from numba import njit

from carlet.render.canvas import key_of, surely_hides, touch
from carlet.render.setup import plane_of

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_HALF = np.float32(0.5)
#: Pixels are filled in blocks of so many.
_BLOCK = 8


@njit(**_STRICT)
def fill(canvas, camera, polygon, last, corner, normal, row):
    """Draw the triangle of the corners 3, last - 1 and last of `polygon` (see `setup.clip`), which is part of triangle
    `row` with its first corner (3,) and normal (3,).
    """
    ax, ay, aw = polygon[3, 0], polygon[3, 1], polygon[3, 2]
    bx, by, bw = polygon[last - 1, 0], polygon[last - 1, 1], polygon[last - 1, 2]
    cx, cy, cw = polygon[last, 0], polygon[last, 1], polygon[last, 2]
    total = ax + bx + cx + ay + by + cy
    if total != total:
        return
    anchor = max(np.int64(np.ceil(min(min(ax, bx), cx) - _HALF)), 0)
    left, right = max(anchor, canvas.left), min(np.int64(np.ceil(max(max(ax, bx), cx) - _HALF)), canvas.right)
    top = max(np.int64(np.ceil(min(min(ay, by), cy) - _HALF)), canvas.top)
    bottom = min(np.int64(np.ceil(max(max(ay, by), cy) - _HALF)), canvas.bottom)
    if left >= right or top >= bottom:
        return
    nearest, farthest = max(max(aw, bw), cw), min(min(aw, bw), cw)
    if surely_hides(canvas, left, right, top, bottom, nearest):
        return
    touch(canvas, left, right, top, bottom)
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
            # Blocks reach beyond the span, where they change nothing; whole ones become vector instructions.
            start = np.uint64((y - canvas.top) * canvas.stride + first - canvas.left)
            whole, wide = np.uint64((span + _BLOCK - 1) & ~(_BLOCK - 1)), np.uint64(span)
            row_base, offset = np.float32(base + plane.by_row * y), np.float32(first - anchor)
            for x in range(whole):
                near = min(max(row_base + slope * (offset + np.float32(np.int32(x))), farthest), nearest)
                key = key_of(near, 0) & ~np.int64(0xFFFFFFFF) | count_down
                old = canvas.keys[start + x]
                canvas.keys[start + x] = max(old, key) if x < wide else old
