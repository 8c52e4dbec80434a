"""The glow that a lens draws round lamps at night."""

from typing import Any

import numpy as np
from numba import njit

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True}
#: Shares of the narrow and the wide glow, and their spread in blocks of pixels.
_NARROW, _WIDE = (np.float32(0.16), np.float32(0.8)), (np.float32(0.10), np.float32(3.0))
_REACH = 8
_LEAST = np.float32(0.004)
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


@njit(**_JIT)
def _blur(blocks, spread):
    """Blocks (h, w, 3) blurred by a bell curve."""
    height, width = blocks.shape[0], blocks.shape[1]
    weight = np.empty(2 * _REACH + 1, np.float32)
    for k in range(2 * _REACH + 1):
        weight[k] = np.exp(-_HALF * np.float32(k - _REACH) ** 2 / (spread * spread))
    weight /= weight.sum()
    across, both = np.zeros_like(blocks), np.zeros_like(blocks)
    for row in range(height):
        for column in range(width):
            for k in range(max(column - _REACH, 0), min(column + _REACH + 1, width)):
                for c in range(3):
                    across[row, column, c] += weight[k - column + _REACH] * blocks[row, k, c]
    for row in range(height):
        for k in range(max(row - _REACH, 0), min(row + _REACH + 1, height)):
            for column in range(width):
                for c in range(3):
                    both[row, column, c] += weight[k - row + _REACH] * across[k, column, c]
    return both


@njit(**_JIT)
def add_bloom(blocks, side, strength, out):
    """Add the glow of what is brighter than white, summed in `blocks` of side x side pixels, to a picture (h, w, 4)."""
    area = np.float32(side * side)
    glow = (_blur(blocks, _NARROW[1]) * _NARROW[0] + _blur(blocks, _WIDE[1]) * _WIDE[0]) * (strength / area)
    height, width, last_row, last_column = out.shape[0], out.shape[1], glow.shape[0] - 1, glow.shape[1] - 1
    for row in range(height):
        y = min(max((np.float32(row) + _HALF) / np.float32(side) - _HALF, _NONE), np.float32(last_row))
        top = min(int(y), max(last_row - 1, 0))
        below, b = min(top + 1, last_row), y - np.float32(top)
        for column in range(width):
            x = min(max((np.float32(column) + _HALF) / np.float32(side) - _HALF, _NONE), np.float32(last_column))
            left = min(int(x), max(last_column - 1, 0))
            right, a = min(left + 1, last_column), x - np.float32(left)
            if glow[top, left, 0] + glow[below, right, 0] + glow[top, right, 0] + glow[below, left, 0] < _LEAST:
                continue
            for c in range(3):
                upper = glow[top, left, c] + a * (glow[top, right, c] - glow[top, left, c])
                lower = glow[below, left, c] + a * (glow[below, right, c] - glow[below, left, c])
                light = upper + b * (lower - upper)
                value = np.float32(out[row, column, 2 - c])
                out[row, column, 2 - c] = np.uint8(value + (np.float32(255.0) - value) * light / (_ONE + light))
