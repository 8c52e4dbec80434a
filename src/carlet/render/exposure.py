"""From linear light to the numbers of a picture: tone curve, gamma and exposure."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.picture import Lens

_CONTRAST, _TOE, _WHITE = 1.9, 0.012, 6.0
#: Degree of the polynomial for tones, and the square root of the greatest brightness that it knows.
_DEGREE, _MOST_ROOT = 8, 3.0
_FULL = 1.0 / (1.0 - np.exp(-_CONTRAST * _WHITE))
_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}


def tone_curves(lenses: Sequence[Lens]) -> NDArray[np.float32]:
    """What `byte_of` needs of each lens, (v, 10): exposure, and a polynomial that follows `tone` closely."""
    return np.stack([_tone_curve(lens) for lens in lenses])


@lru_cache(maxsize=64)
def _tone_curve(lens: Lens) -> NDArray[np.float32]:
    place = np.cos(np.linspace(0.0, np.pi, 2000))
    root = _bent_back(0.5 * (place + 1.0))
    value = 255.0 * tone(root * root, lens._replace(stops=0.0))
    terms = np.polynomial.Polynomial.fit(place, value, _DEGREE, domain=[-1.0, 1.0]).coef
    curve = np.concatenate([[2.0**lens.stops], terms]).astype(np.float32)
    curve.setflags(write=False)
    return curve


def _bent_back(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square roots of brightness for shares 0 to 1 of the bent scale that `byte_of` uses."""
    bent = share * _MOST_ROOT / (1.0 + _MOST_ROOT)
    return bent / (1.0 - bent)


@njit(**_JIT)
def byte_of(light, curve):
    """The byte 0 to 255 of a linear brightness."""
    root = np.float32(math.sqrt(max(light * curve[0], np.float32(0.0))))
    root = min(root, np.float32(_MOST_ROOT))
    x = root / (np.float32(1.0) + root) * np.float32(2.0 * (1.0 + _MOST_ROOT) / _MOST_ROOT) - np.float32(1.0)
    value = curve[_DEGREE + 1]
    for term in range(_DEGREE, 0, -1):
        value = value * x + curve[term]
    return np.int32(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))


def linear_tables(lenses: Sequence[Lens]) -> NDArray[np.float32]:
    """Linear brightness (v, 256) of the bytes 0 to 255, one row a lens; 255 stands for anything brighter than white."""
    return np.stack([_linear_table(lens) for lens in lenses])


@lru_cache(maxsize=64)
def _linear_table(lens: Lens) -> NDArray[np.float32]:
    root = np.linspace(0.0, 4.0, 2048)
    table = np.interp(np.arange(256), 255.0 * tone(root * root, lens), root * root).astype(np.float32)
    table[255] = _WHITE
    table.setflags(write=False)
    return table


def tone(linear: NDArray[np.float64], lens: Lens) -> NDArray[np.float64]:
    """Values 0 to 1 in the picture of linear light: straight in the dark, bending towards white."""
    light = linear * 2.0**lens.stops
    held = light * (light + 0.2 * _TOE) / (light + _TOE)
    curve = (1.0 - np.exp(-_CONTRAST * held)) * _FULL
    return np.clip(curve, 0.0, 1.0) ** (1.0 / max(lens.gamma, 0.1))
