"""Rain in the air, drops and dust on the lens: drawn over finished pictures, for eyes only."""

from typing import Any

import numpy as np
from numba import njit

from carlet.render.patterns import chance

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True}
#: Drops fall in a box of this size (m) that repeats in all directions; most drops in it, their speed (m/s), how long
#: the lens looks (s), and how wide (m) a streak seems.
_BOX, _DROPS, _FALL, _LOOK, _WIDTH = np.float32(18.0), 3400, np.float32(9.0), np.float32(0.035), np.float32(0.025)
_BLOWN = (np.float32(6.0), np.float32(3.5))
_NEAREST, _FARTHEST = np.float32(0.8), np.float32(9.0)
#: Drops on the lens, at most, how long each stays (s), and their radius as a share of the width.
_ON_LENS, _STAY, _RADIUS = 14, np.float32(3.0), np.float32(0.022)
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


@njit(**_JIT)
def _mix(out, row, column, share, color):
    for c in range(3):
        value = np.float32(out[row, column, c])
        out[row, column, c] = np.uint8(value + share * (color[c] - value) + _HALF)


@njit(**_JIT)
def _streak(near, x0, y0, x1, y1, z, share, color, out):
    """Blend a thin line between two points of a picture (h, w, 4), where nothing nearer than `z` is seen."""
    height, width = near.shape
    steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    if steps > height:
        return
    for k in range(steps):
        at = (np.float32(k) + _HALF) / np.float32(steps)
        x, y = x0 + at * (x1 - x0) - _HALF, y0 + at * (y1 - y0)
        left, row = int(np.floor(x)), int(np.floor(y))
        if row < 0 or row >= height:
            continue
        part = x - np.float32(left)
        ends = share * (_ONE - abs(np.float32(2.0) * at - _ONE))
        for column, weight in ((left, _ONE - part), (left + 1, part)):
            if 0 <= column < width and near[row, column] * z < _ONE:
                _mix(out, row, column, ends * weight, color)


@njit(**_JIT)
def draw_rain(near, eye, turn, focal, rain, wind, time, color, out):
    """Draw falling rain into a picture (h, w, 4). `rain` and `wind` 0 to 1, `color` (3,) of a drop, b g r 0 to 255."""
    height, width = near.shape
    blown_x, blown_y = wind * _BLOWN[0], wind * _BLOWN[1]
    wide = _WIDTH * focal
    place, drop = np.empty(3, np.float32), np.empty(2, np.float32)
    for k in range(int(np.float32(_DROPS) * rain)):
        speed = _FALL * (np.float32(0.8) + np.float32(0.4) * chance(k, 3, 11))
        moved = (blown_x * time, blown_y * time, -speed * time)
        for axis in range(3):
            from_eye = chance(k, axis, 7) * _BOX + moved[axis] - eye[axis]
            place[axis] = from_eye - _BOX * np.floor(from_eye / _BOX) - _HALF * _BOX
        z = turn[2, 0] * place[0] + turn[2, 1] * place[1] + turn[2, 2] * place[2]
        if z < _NEAREST or z > _FARTHEST:
            continue
        tail = (place[0] - blown_x * _LOOK, place[1] - blown_y * _LOOK, place[2] + speed * _LOOK)
        end_z = max(turn[2, 0] * tail[0] + turn[2, 1] * tail[1] + turn[2, 2] * tail[2], _HALF)
        for axis in range(2):
            line = turn[axis, 0] * place[0] + turn[axis, 1] * place[1] + turn[axis, 2] * place[2]
            place[axis], drop[axis] = line, turn[axis, 0] * tail[0] + turn[axis, 1] * tail[1] + turn[axis, 2] * tail[2]
        x0, y0 = np.float32(width) * _HALF + focal * place[0] / z, np.float32(height) * _HALF + focal * place[1] / z
        x1, y1 = (
            np.float32(width) * _HALF + focal * drop[0] / end_z,
            np.float32(height) * _HALF + focal * drop[1] / end_z,
        )
        share = (np.float32(0.2) + np.float32(0.25) * rain) * min(wide / z, _ONE) * (_FARTHEST - z) / _FARTHEST
        _streak(near, x0, y0, x1, y1, z, share, color, out)


@njit(**_JIT)
def draw_lens_drops(rain, time, out):
    """Let drops on the lens turn small parts of a picture (h, w, 4) upside down, faintly."""
    height, width = out.shape[0], out.shape[1]
    for k in range(int(np.float32(_ON_LENS) * rain + _HALF)):
        age = time / _STAY + chance(k, 0, 21)
        turn = int(np.floor(age))
        age -= np.float32(turn)
        x, y = chance(k, turn, 22) * np.float32(width), chance(k, turn, 23) * np.float32(height)
        radius = _RADIUS * np.float32(width) * (np.float32(0.5) + chance(k, turn, 24))
        share = np.float32(0.4) * min(np.float32(6.0) * age, (_ONE - age) * np.float32(2.0), _ONE)
        left, top = max(int(x - radius), 0), max(int(y - radius), 0)
        patch = out[top : min(int(y + radius) + 1, height), left : min(int(x + radius) + 1, width)].copy()
        for row in range(patch.shape[0]):
            for column in range(patch.shape[1]):
                dx, dy = np.float32(column + left) - x, np.float32(row + top) - y
                round_ = (dx * dx + dy * dy) / (radius * radius)
                if round_ >= _ONE:
                    continue
                from_row = min(max(int(y - dy) - top, 0), patch.shape[0] - 1)
                from_column = min(max(int(x - dx) - left, 0), patch.shape[1] - 1)
                soft = share * (_ONE - round_ * round_)
                for c in range(3):
                    value, other = np.float32(patch[row, column, c]), np.float32(patch[from_row, from_column, c])
                    other += np.float32(6.0) * dy / radius
                    mixed = value + soft * (other - value)
                    out[row + top, column + left, c] = np.uint8(min(max(mixed, _NONE), np.float32(255.0)))


@njit(**_JIT)
def draw_dust(stain, dust, time, color, out):
    """Veil a picture (h, w, 4) with blown dust of a colour (3,), b g r 0 to 255; `stain`: a tile of `noise`."""
    height, width = out.shape[0], out.shape[1]
    scale = np.float32(200.0) / np.float32(width)
    shift = int(time * np.float32(60.0))
    for row in range(height):
        line = (int(np.float32(row) * scale) & 255) * 256
        for column in range(width):
            thick = stain[line + ((int(np.float32(column) * scale) + shift) & 255)]
            share = dust * (np.float32(0.14) + np.float32(0.06) * thick)
            _mix(out, row, column, share, color)
