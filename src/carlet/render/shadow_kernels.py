"""Kernels of shadow maps: triangles drawn as heights towards the light, on square tiles of the plane across the light.

Places in that plane are counted in texels. A tile of n x n texels has one row and column more, the first of its
neighbours, so that four texels round a place always lie in one tile.
"""

import math
from typing import Any

import numpy as np
from numba import njit, prange

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_JIT, "_nrt": True}
#: Height (m) of a texel that nothing covers.
OPEN = np.float32(-1e9)
#: A free place in a table of tiles.
NO_TILE = np.int64(-(1 << 63))
#: Triangles are drawn this much too large, in texels, so that thin poles keep whole shadows.
_GROWN = np.float32(0.3)
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_TINY, _APRON = np.float32(1e-6), np.float32(0.01)
_FAR_LEFT, _FAR_RIGHT = np.float32(-1e9), np.float32(1e9)


@njit(**_JIT)
def _edge_span(ax, ay, bx, by, turn, y):
    """Where a row at y lies inside the edge a-b, grown: (lowest x, highest x)."""
    nx, ny = (ay - by) * turn, (bx - ax) * turn
    room = _GROWN * (abs(nx) + abs(ny)) + ny * (y - ay)
    if nx > _TINY:
        return ax - room / nx, _FAR_RIGHT
    if nx < -_TINY:
        return _FAR_LEFT, ax - room / nx
    return (_FAR_LEFT, _FAR_RIGHT) if room >= _NONE else (_FAR_RIGHT, _FAR_LEFT)


@njit(**_JIT)
def _draw(ax, ay, ah, bx, by, bh, cx, cy, ch, out):
    """Raise `out` (n + 1, n + 1) to a triangle whose corners are in texels of it, with heights."""
    side = out.shape[0]
    low, high = min(ay, by, cy) - _GROWN, max(ay, by, cy) + _GROWN
    left, right = min(ax, bx, cx) - _GROWN, max(ax, bx, cx) + _GROWN
    first, last = max(math.ceil(low - _HALF), 0), min(math.floor(high - _HALF), side - 1)
    if first > last or right < _HALF or left > np.float32(side) - _HALF:
        return
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    turn = _ONE if area > _NONE else -_ONE
    top = max(ah, bh, ch)
    slope_x, slope_y = _NONE, _NONE
    if abs(area) > _TINY:
        slope_x = ((bh - ah) * (cy - ay) - (ch - ah) * (by - ay)) / area
        slope_y = ((ch - ah) * (bx - ax) - (bh - ah) * (cx - ax)) / area
    for row in range(first, last + 1):
        y = np.float32(row) + _HALF
        p, q = _edge_span(ax, ay, bx, by, turn, y)
        r, s = _edge_span(bx, by, cx, cy, turn, y)
        t, w = _edge_span(cx, cy, ax, ay, turn, y)
        begin = max(math.ceil(max(max(p, r), max(t, left)) - _HALF), 0)
        end = min(math.floor(min(min(q, s), min(w, right)) - _HALF), side - 1)
        height = ah + slope_x * (_HALF - ax) + slope_y * (y - ay)
        for column in range(begin, end + 1):
            out[row, column] = max(out[row, column], min(height + slope_x * np.float32(column), top))


@njit(**_JIT)
def _draw_run(corner, normal, axes, scale, u, v, first, last, facing, out):
    """Draw the triangles [first, last) on a tile that begins at (u, v) texels; only those facing the light if asked."""
    x0, x1, x2 = axes[0, 0] * scale, axes[0, 1] * scale, axes[0, 2] * scale
    y0, y1, y2 = axes[1, 0] * scale, axes[1, 1] * scale, axes[1, 2] * scale
    z0, z1, z2 = axes[2, 0], axes[2, 1], axes[2, 2]
    for i in range(first, last):
        if facing and normal[i, 0] * z0 + normal[i, 1] * z1 + normal[i, 2] * z2 <= _NONE:
            continue
        ax, ay, az = corner[i, 0], corner[i, 1], corner[i, 2]
        bx, by, bz = corner[i, 3], corner[i, 4], corner[i, 5]
        cx, cy, cz = corner[i, 6], corner[i, 7], corner[i, 8]
        _draw(
            x0 * ax + x1 * ay + x2 * az - u,
            y0 * ax + y1 * ay + y2 * az - v,
            z0 * ax + z1 * ay + z2 * az,
            x0 * bx + x1 * by + x2 * bz - u,
            y0 * bx + y1 * by + y2 * bz - v,
            z0 * bx + z1 * by + z2 * bz,
            x0 * cx + x1 * cy + x2 * cz - u,
            y0 * cx + y1 * cy + y2 * cz - v,
            z0 * cx + z1 * cy + z2 * cz,
            out,
        )


@njit(parallel=True, **_PARALLEL)
def draw_tiles(corner, normal, axes, scale, tile, slot, runs, first, last, facing, depth):
    """Draw k tiles: tile i at `tile[i]` (column, row) into `depth[slot[i]]`, from the runs of triangles `first`, `last`
    [runs[i], runs[i + 1]).
    """
    side = depth.shape[1] - 1
    for i in prange(len(slot)):
        out = depth[slot[i]]
        out[:] = OPEN
        u, v = np.float32(tile[i, 0] * side), np.float32(tile[i, 1] * side)
        for k in range(runs[i], runs[i + 1]):
            _draw_run(corner, normal, axes, scale, u, v, first[k], last[k], facing, out)


@njit(**_JIT)
def boxes_across(low, high, axes, scale, out):
    """Bounds (c, 4) of boxes in the plane, in texels: lowest and highest u, lowest and highest v."""
    for i in range(len(low)):
        for axis in range(2):
            middle, reach = _NONE, _NONE
            for k in range(3):
                middle += axes[axis, k] * (low[i, k] + high[i, k]) * _HALF
                reach += abs(axes[axis, k]) * (high[i, k] - low[i, k]) * _HALF
            out[i, 2 * axis] = (middle - reach) * scale
            out[i, 2 * axis + 1] = (middle + reach) * scale


@njit(**_JIT)
def _put(tile_u, tile_v, table):
    """Add a tile to a hash table of packed tiles, whose free places are `NO_TILE`."""
    packed = (np.int64(tile_v) << np.int64(32)) | (np.int64(tile_u) & np.int64(0xFFFFFFFF))
    mask = len(table) - 1
    place = (tile_u * 7919 + tile_v * 104729) & mask
    for _ in range(len(table)):
        if table[place] == packed:
            return
        if table[place] == NO_TILE:
            table[place] = packed
            return
        place = (place + 1) & mask


@njit(**_JIT)
def seen_tiles(near, focal, frame, tiles_per_metre, farthest, step, table):
    """Put the tiles that every `step`-th pixel of the views looks at into `table`, a hash table as long as a power of
    two: row in the upper half of a number, column in the lower. `frame` (v, 4, 2): place of the eye, in tiles, and how
    far a metre to the right, down and forward leads from it.
    """
    table[:] = NO_TILE
    height, width = near.shape[1], near.shape[2]
    last_u, last_v = 0, -(1 << 30)
    for view in range(len(focal)):
        unit, grow = _ONE / focal[view], np.float32(step) / focal[view] * tiles_per_metre
        eye_u, right_u, down_u, ahead_u = frame[view, 0, 0], frame[view, 1, 0], frame[view, 2, 0], frame[view, 3, 0]
        eye_v, right_v, down_v, ahead_v = frame[view, 0, 1], frame[view, 1, 1], frame[view, 2, 1], frame[view, 3, 1]
        for row in range(step // 2, height, step):
            y = (np.float32(row) + _HALF - np.float32(height) * _HALF) * unit
            for column in range(step // 2, width, step):
                inverse = near[view, row, column]
                if inverse * farthest <= _ONE:
                    continue
                z = _ONE / inverse
                x = (np.float32(column) + _HALF - np.float32(width) * _HALF) * unit
                u = eye_u + z * (ahead_u + x * right_u + y * down_u)
                v = eye_v + z * (ahead_v + x * right_v + y * down_v)
                margin = z * grow + _APRON
                left, right = int(np.floor(u - margin)), int(np.floor(u + margin))
                low, high = int(np.floor(v - margin)), int(np.floor(v + margin))
                if left == last_u == right and low == last_v == high:
                    continue
                last_u, last_v = left, low
                for tile_v in range(low, high + 1):
                    for tile_u in range(left, right + 1):
                        _put(tile_u, tile_v, table)


@njit(forceinline=True, **_JIT)
def lit_share(table, corner, depth, bits, u, v, height):
    """Share 0 to 1 of the light that comes to a place (u, v) in texels at `height` m along the light: of the four
    texels round it, those that nothing higher covers. 1 where there is no tile. A tile has 2 ** bits texels a side.
    """
    x, y = u - _HALF, v - _HALF
    left, top = np.floor(x), np.floor(y)
    column, row = np.int32(left), np.int32(top)
    tile_u, tile_v = (column >> bits) - corner[0], (row >> bits) - corner[1]
    if tile_u < 0 or tile_v < 0 or tile_u >= table.shape[1] or tile_v >= table.shape[0]:
        return _ONE
    slot = table[tile_v, tile_u]
    if slot < 0:
        return _ONE
    mask = (np.int32(1) << bits) - np.int32(1)
    i, j = row & mask, column & mask
    a, b = x - left, y - top
    upper = (_ONE - a if depth[slot, i, j] <= height else _NONE) + (a if depth[slot, i, j + 1] <= height else _NONE)
    lower = (_ONE - a if depth[slot, i + 1, j] <= height else _NONE) + (
        a if depth[slot, i + 1, j + 1] <= height else _NONE
    )
    return upper + b * (lower - upper)
