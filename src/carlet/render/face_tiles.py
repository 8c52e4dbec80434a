"""Faces of signs and boards with halved copies, ready for kernels."""

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.models.faces import faces
from carlet.render.quick import level_of

_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}
_SIDE, _HALVES = 64, 7
_STARTS = np.cumsum([0] + [(_SIDE >> level) ** 2 for level in range(_HALVES - 1)]).astype(np.int32)
_NONE = np.float32(0.0)


@cache
def face_tiles() -> NDArray[np.float32]:
    """All faces (k, t, 4), linear colours times opacity, and opacity: 64 x 64 texels, then their halves."""
    given = faces().astype(np.float32) / np.float32(255.0)
    opaque = given[..., 3:]
    halves = [np.concatenate([given[..., :3] ** np.float32(2.2) * opaque, opaque], axis=-1)]
    while len(halves) < _HALVES:
        count, side = halves[-1].shape[:2]
        halves.append(halves[-1].reshape(count, side // 2, 2, side // 2, 2, 4).mean(axis=(2, 4)))
    tiles = np.concatenate([half.reshape(len(half), -1, 4) for half in halves], axis=1)
    tiles = np.ascontiguousarray(tiles, np.float32)
    tiles.setflags(write=False)
    return tiles


@njit(**_JIT)
def face_color(tiles, number, u, v, blur):
    """Colour times opacity (r, g, b) and opacity of a face at (u, v), 0 to 1 from its left and its top; `blur` is the
    share of its width that a pixel is wide. Nothing outside.
    """
    if u < _NONE or v < _NONE or u >= np.float32(1.0) or v >= np.float32(1.0):
        return _NONE, _NONE, _NONE, _NONE
    level = min(level_of(blur * np.float32(_SIDE)), _HALVES - 1)
    side = _SIDE >> level
    x, y = u * np.float32(side) - np.float32(0.5), v * np.float32(side) - np.float32(0.5)
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    i, j = min(max(int(left), 0), side - 1), min(max(int(top), 0), side - 1)
    right, below = min(int(left) + 1, side - 1), min(int(top) + 1, side - 1)
    at, under = _STARTS[level] + j * side, _STARTS[level] + below * side
    p, q = (np.float32(1.0) - a) * (np.float32(1.0) - b), a * (np.float32(1.0) - b)
    r, s = (np.float32(1.0) - a) * b, a * b
    face = tiles[number]
    red = p * face[at + i, 0] + q * face[at + right, 0] + r * face[under + i, 0] + s * face[under + right, 0]
    green = p * face[at + i, 1] + q * face[at + right, 1] + r * face[under + i, 1] + s * face[under + right, 1]
    blue = p * face[at + i, 2] + q * face[at + right, 2] + r * face[under + i, 2] + s * face[under + right, 2]
    opaque = p * face[at + i, 3] + q * face[at + right, 3] + r * face[under + i, 3] + s * face[under + right, 3]
    return red, green, blue, opaque
