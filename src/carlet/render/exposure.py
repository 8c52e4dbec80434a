"""From linear light to the numbers of a picture: tone curve, gamma and exposure, as tables."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from carlet.render.picture import Lens

#: Entries of a table.
TONES = 2048
#: Entry of the square root of the linear brightness: root times this.
TONES_PER_ROOT = 512.0

_CONTRAST, _TOE, _WHITE = 1.9, 0.012, 6.0


def tone_tables(lenses: Sequence[Lens]) -> NDArray[np.int32]:
    """Tables (v, 2048) of the bytes 0 to 255, one a lens, over the square root of linear brightness."""
    return np.stack([_tone_table(lens) for lens in lenses])


@lru_cache(maxsize=64)
def _tone_table(lens: Lens) -> NDArray[np.int32]:
    root = np.arange(TONES) / TONES_PER_ROOT
    table = np.floor(255.0 * tone(root * root, lens) + 0.5).astype(np.int32)
    table.setflags(write=False)
    return table


def linear_tables(lenses: Sequence[Lens]) -> NDArray[np.float32]:
    """Linear brightness (v, 256) of the bytes 0 to 255, one row a lens; 255 stands for anything brighter than white."""
    return np.stack([_linear_table(lens) for lens in lenses])


@lru_cache(maxsize=64)
def _linear_table(lens: Lens) -> NDArray[np.float32]:
    root = np.arange(TONES) / TONES_PER_ROOT
    table = np.interp(np.arange(256), 255.0 * tone(root * root, lens), root * root).astype(np.float32)
    table[255] = _WHITE
    table.setflags(write=False)
    return table


def tone(linear: NDArray[np.float64], lens: Lens) -> NDArray[np.float64]:
    """Values 0 to 1 in the picture of linear light: straight in the dark, bending towards white."""
    light = linear * 2.0**lens.stops
    held = light * (light + 0.2 * _TOE) / (light + _TOE)
    curve = (1.0 - np.exp(-_CONTRAST * held)) / (1.0 - np.exp(-_CONTRAST * _WHITE))
    return np.clip(curve, 0.0, 1.0) ** (1.0 / max(lens.gamma, 0.1))
