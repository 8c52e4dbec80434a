"""Patterns of surfaces as functions of the place, filtered over the width of a pixel.

Whatever repeats is averaged over the pixel (`steps_filtered`), whatever is random comes from tiles with halves
(`noise`), so a surface keeps its mean colour with distance and never flickers.
"""

from typing import Any

import numpy as np
from numba import njit

from carlet.render.noise import nearest, smooth
from carlet.render.quick import level_of

_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
#: Texels a metre.
_GRAIN, _STAIN, _LEAF, _TUFT = np.float32(55.0), np.float32(7.0), np.float32(9.0), np.float32(14.0)
#: Wider pixels than this (m) do not show the pattern any more.
_ASPHALT_END, _GRASS_END = np.float32(2.5), np.float32(6.0)
_LEAST = np.float32(1e-3)
#: Width of window frames (m).
_FRAME = np.float32(0.07)


@njit(**_JIT)
def share(x):
    """`x` held between 0 and 1."""
    return min(max(x, _NONE), _ONE)


@njit(**_JIT)
def chance(i, j, salt):
    """A number 0 to 1 that belongs to the cell (i, j)."""
    mixed = (i * 374761393 + j * 668265263 + salt * 2246822519) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    return np.float32((mixed ^ (mixed >> 16)) & 0xFFFF) * np.float32(1.0 / 65536.0)


@njit(**_JIT)
def _steps_before(x, period, start, width):
    """Length covered from 0 to x by steps of a width, one a period, each from `start` of the period on."""
    whole = np.floor(x / period)
    return whole * width + min(max(x - whole * period - start, _NONE), width)


@njit(**_JIT)
def steps_filtered(x, blur, period, start, width):
    """Share of [x - blur / 2, x + blur / 2] that such steps cover."""
    wide = max(blur, _LEAST)
    low = _steps_before(x - _HALF * wide, period, start, width)
    return (_steps_before(x + _HALF * wide, period, start, width) - low) / wide


@njit(**_JIT)
def worn(stain, crack, starts, x, y, blur, cracks):
    """Brightness of asphalt with its stains and cracks at a place of the world, seen by pixels `blur` m wide."""
    if blur > _ASPHALT_END:
        return _ONE
    level, u, v = level_of(blur * _STAIN), x * _STAIN, y * _STAIN
    value = np.float32(0.14) * smooth(stain, starts, u, v, level)
    if level < 2:
        value += cracks * np.float32(3.5) * smooth(crack, starts, u, v, level)
    return _ONE + value * share((_ASPHALT_END - blur) * np.float32(0.8))


@njit(**_JIT)
def gravelly(grain, starts, x, y, blur, roughness):
    """What the grain of asphalt adds to its brightness."""
    level = level_of(blur * _GRAIN)
    if level > 3:
        return _NONE
    return roughness * np.float32(1.1) * nearest(grain, starts, x * _GRAIN, y * _GRAIN, level)


@njit(**_JIT)
def slabs(grain, starts, x, y, blur_x, blur_y, params):
    """Brightness of slabs with joints at a place of the world."""
    cos, sin = np.cos(params[4]), np.sin(params[4])
    u, v = x * cos + y * sin, y * cos - x * sin
    blur_u, blur_v = abs(blur_x * cos) + abs(blur_y * sin), abs(blur_y * cos) + abs(blur_x * sin)
    length, width = max(params[0], np.float32(0.05)), max(params[1], np.float32(0.05))
    free = (_ONE - steps_filtered(u, blur_u, length, _NONE, params[2])) * (
        _ONE - steps_filtered(v, blur_v, width, _NONE, params[2])
    )
    value = _ONE - params[3] * (_ONE - free)
    clear = share(np.float32(1.6) - np.float32(2.0) * max(blur_u / length, blur_v / width))
    if clear > _NONE:
        value += clear * np.float32(0.12) * (chance(int(np.floor(u / length)), int(np.floor(v / width)), 1) - _HALF)
    level = level_of(max(blur_u, blur_v) * _GRAIN)
    if level < 4:
        value += np.float32(0.12) * nearest(grain, starts, x * _GRAIN, y * _GRAIN, level)
    return value


@njit(**_JIT)
def grass(grain, stain, starts, x, y, blur, contrast, scale):
    """Brightness of grass and how yellow it is, 0 being the mean of both."""
    if blur > _GRASS_END:
        return _ONE, _NONE
    texels = np.float32(24.0) / max(scale, np.float32(0.5))
    patch = smooth(stain, starts, x * texels, y * texels, level_of(blur * texels))
    value = np.float32(0.30) * patch
    level = level_of(blur * _TUFT)
    if level < 5:
        value += np.float32(0.55) * smooth(grain, starts, x * _TUFT, y * _TUFT, level)
    fade = share((_GRASS_END - blur) * np.float32(0.4))
    return _ONE + contrast * fade * value, contrast * fade * patch


@njit(**_JIT)
def foliage(grain, stain, starts, x, y, z, blur, mottle, sway):
    """Brightness of leaves at a place; `sway` in texels moves them."""
    u = (x * np.float32(0.8) + z * np.float32(0.6)) * _LEAF + sway
    v = (y * np.float32(0.8) - z * np.float32(0.6)) * _LEAF
    level = level_of(blur * _LEAF)
    fine = nearest(grain, starts, u, v, level) if level < 4 else _NONE
    return _ONE + mottle * (np.float32(0.55) * fine + np.float32(0.5) * smooth(stain, starts, u, v, level))


@njit(**_JIT)
def _pane_and_frame(x, blur, period, per, start, width, frame):
    """Shares of [x - blur / 2, x + blur / 2] that steps of a width cover, one a period, from `start` on, and that they
    cover with frames on both sides; `per` is one over the period.
    """
    wide = max(blur, _LEAST)
    low, high = x - _HALF * wide, x + _HALF * wide
    low_whole, high_whole = np.floor(low * per), np.floor(high * per)
    low_part, high_part = low - low_whole * period - start, high - high_whole * period - start
    periods, per_wide = high_whole - low_whole, _ONE / wide
    pane = periods * width + min(max(high_part, _NONE), width) - min(max(low_part, _NONE), width)
    outer = width + frame + frame
    framed = periods * outer + min(max(high_part + frame, _NONE), outer) - min(max(low_part + frame, _NONE), outer)
    return pane * per_wide, framed * per_wide


@njit(**_JIT)
def windows(u, v, blur_u, blur_v, params):
    """Of a wall at `u` along and `v` up: share of glass, share of frames, and the cell of the window."""
    ground, bay = params[5], max(params[1], np.float32(0.2))
    wide, tall, sill, storey = params[2], params[3], params[4], max(params[0], np.float32(0.2))
    if v < ground:
        if ground < np.float32(2.6):
            return _NONE, _NONE, 0, -1
        wide, tall, sill, storey = np.float32(0.82) * bay, ground - np.float32(1.15), np.float32(0.45), ground
        row, up = -1, v
    else:
        up = v - ground
        row = int(np.floor(up / storey))
    per_bay = _ONE / bay
    along, framed = _pane_and_frame(u, blur_u, bay, per_bay, _HALF * (bay - wide), wide, _FRAME)
    tall_share, framed_up = _pane_and_frame(up, blur_v, storey, _ONE / storey, sill, tall, _FRAME)
    glass = along * tall_share
    return glass, max(framed * framed_up - glass, _NONE), int(np.floor(u * per_bay)), row


@njit(**_JIT)
def bricks(u, v, blur_u, blur_v, params):
    """Brightness of courses of bricks or siding at `u` along and `v` up a wall."""
    course, length, joint = max(params[0], np.float32(0.02)), params[1], params[2]
    free = _ONE - steps_filtered(v, blur_v, course, _NONE, joint)
    row = int(np.floor(v / course))
    clear = share(np.float32(1.5) - np.float32(2.0) * blur_v / course)
    value = _NONE
    if length > joint:
        along = u + _HALF * length * np.float32(row & 1)
        apart = steps_filtered(along, blur_u, length, _NONE, joint)
        free *= _ONE - apart * clear - (_ONE - clear) * joint / length
        clear *= share(np.float32(1.5) - np.float32(2.0) * blur_u / length)
        if clear > _NONE:
            value = clear * np.float32(0.35) * (chance(int(np.floor(along / length)), row, 2) - _HALF)
    return _ONE - params[3] * (_ONE - free) + params[3] * value
