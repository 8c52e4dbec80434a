"""Baked noise that surfaces and clouds are made of: square tiles that repeat, with halved copies for far pixels.

A tile of 256 texels and its halves lie one after the other in one flat array; half `level` begins at `starts[level]`.
Values have the mean 0 in every half, so whatever is drawn with them keeps its mean colour at any distance.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.quick import one_over_power

Texels = NDArray[np.float32]

SIZE = 256
_HALVES = 9
_SEED = 20_816
_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}


class Noise(NamedTuple):
    """Flat tiles with their halves: `grain` (t,) has no pattern, about -1 to 1; `stain` (t,) is cloudy, about -1 to 1;
    `crack` (t,) is 0 to -1 along fine lines, its mean taken off; `cloud` (65536,) has no halves and goes evenly from
    0 to 1: as much of it lies under 0.3 as 30 %. `starts` (9,).
    """

    grain: Texels
    stain: Texels
    crack: Texels
    cloud: Texels
    starts: NDArray[np.int32]


@cache
def noise() -> Noise:
    """The tiles, the same in every process."""
    random = np.random.default_rng(_SEED)
    stain = _unit(_cloudy(random, 1.1, 2.0))
    return Noise(
        grain=_with_halves(np.clip(0.45 * random.standard_normal((SIZE, SIZE)), -1.0, 1.0)),
        stain=_with_halves(np.clip(0.5 * stain, -1.0, 1.0)),
        crack=_with_halves(_lines(random)),
        cloud=_ranked(_cloudy(random, 1.45, 1.0)).astype(np.float32).ravel(),
        starts=np.cumsum([0] + [(SIZE >> level) ** 2 for level in range(_HALVES - 1)]).astype(np.int32),
    )


def _cloudy(random: np.random.Generator, fall: float, lowest: float) -> NDArray[np.float64]:
    """Noise whose waves weaken with their frequency to the power `fall`, none longer than 1 / `lowest` of the tile."""
    waves = np.fft.fftfreq(SIZE, 1.0 / SIZE)
    frequency = np.hypot(waves[:, None], waves[None, :])
    strength = np.where(frequency >= lowest, np.maximum(frequency, 1.0) ** -fall, 0.0)
    return np.fft.ifft2(np.fft.fft2(random.standard_normal((SIZE, SIZE))) * strength).real


def _lines(random: np.random.Generator) -> NDArray[np.float64]:
    """Lines where a smooth noise passes zero, only where another one is high."""
    smooth, where = _unit(_cloudy(random, 2.2, 2.0)), _unit(_cloudy(random, 1.8, 1.0))
    down, right = np.gradient(smooth)
    slope = np.hypot(down, right)
    distance = np.abs(smooth) / np.maximum(slope, 1e-6)
    return -np.clip(1.2 - distance, 0.0, 1.0) * np.clip(where, 0.0, 1.0)


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values - values.mean()) / values.std()


def _ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values spread evenly over 0 to 1, order kept."""
    order = np.empty(values.size)
    order[np.argsort(values, axis=None, kind="stable")] = np.arange(values.size)
    return (order / values.size).reshape(values.shape)


def _with_halves(tile: NDArray[np.float64]) -> Texels:
    tile = tile - tile.mean()
    halves = [tile]
    while len(halves) < _HALVES:
        halves.append(halves[-1].reshape(len(halves[-1]) // 2, 2, -1, 2).mean(axis=(1, 3)))
    return np.concatenate([half.ravel() for half in halves]).astype(np.float32)


@njit(**_JIT)
def nearest(tile, starts, u, v, level):
    """The texel of half `level` (int32) at (u, v), in texels of the whole tile."""
    scale = one_over_power(level)
    mask = (np.int32(SIZE) >> level) - np.int32(1)
    column = np.int32(np.floor(u * scale)) & mask
    row = np.int32(np.floor(v * scale)) & mask
    return tile[starts[level] + row * (mask + 1) + column]


@njit(**_JIT)
def smooth(tile, starts, u, v, level):
    """As `nearest`, blended between four texels."""
    scale = one_over_power(level)
    mask = (np.int32(SIZE) >> level) - np.int32(1)
    x, y = u * scale - np.float32(0.5), v * scale - np.float32(0.5)
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    column, row = np.int32(left), np.int32(top)
    near, next_ = column & mask, (column + 1) & mask
    at = starts[level] + (row & mask) * (mask + 1)
    below = starts[level] + ((row + 1) & mask) * (mask + 1)
    upper = tile[at + near] + a * (tile[at + next_] - tile[at + near])
    lower = tile[below + near] + a * (tile[below + next_] - tile[below + near])
    return upper + b * (lower - upper)
