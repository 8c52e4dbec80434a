"""Mirror images of what stands round wet ground, found in the picture itself.

From each wet pixel a ray goes on as a mirror would send it, in growing steps, until it passes behind something that the
picture shows. That replaces the sky, which `shade_rows` mirrored there. Only ground that is dry is mirrored, so no
pixel that is read here is written here.
"""

import math
from typing import Any

import numpy as np
from numba import njit, prange

from carlet.render.exposure import byte_of
from carlet.render.light_row import RAIN
from carlet.render.patterns import chance
from carlet.render.surfaces import mirrored

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_JIT, "_nrt": True}
_BAND = 16
#: Steps of a ray: how many, the first as a share of the distance from the eye, and how they grow.
_STEPS, _FIRST, _GROWTH, _HALVINGS = 10, np.float32(0.10), np.float32(1.55), 3
#: What is thicker than this share of the distance hides what is behind; weaker mirrors than this are left out.
_THICK, _LEAST = np.float32(1.25), np.float32(0.02)
#: Mirror images fade out towards the rim of the picture, so wide as a share of its width.
_RIM = np.float32(0.08)
#: How far rays are thrown up and down, as a share of their rise: by asphalt, and more by rain.
_ROUGH, _RAINY = np.float32(0.02), np.float32(0.05)
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


@njit(**_JIT)
def _met(near, mirror, x, y, z, dx, dy, dz, focal):
    """The pixel (row, column) that a ray from (x, y, z) along (dx, dy, dz) of the camera's frame meets, or (-1, -1)."""
    height, width = near.shape
    middle_x, middle_y = np.float32(width) * _HALF, np.float32(height) * _HALF
    step = _FIRST * z
    at, before = step, _NONE
    for _ in range(_STEPS):
        far = z + at * dz
        if far < np.float32(0.2):
            return -1, -1
        column = int(middle_x + focal * (x + at * dx) / far)
        row = int(middle_y + focal * (y + at * dy) / far)
        if row < 0 or column < 0 or row >= height or column >= width:
            return -1, -1
        if near[row, column] * far > _ONE:
            if near[row, column] * (z + before * dz) > _THICK:
                return -1, -1
            for _ in range(_HALVINGS):
                half = _HALF * (before + at)
                far = z + half * dz
                row_half = int(middle_y + focal * (y + half * dy) / far)
                column_half = int(middle_x + focal * (x + half * dx) / far)
                inside = 0 <= row_half < height and 0 <= column_half < width
                if inside and near[row_half, column_half] * far > _ONE:
                    at, row, column = half, row_half, column_half
                else:
                    before = half
            return (row, column) if mirror[row, column] == _NONE else (-1, -1)
        before = at
        step *= _GROWTH
        at += step
    return -1, -1


@njit(**_JIT)
def _replaced(old, met, sky, weight, curve, linear):
    """A pixel whose mirror image of the sky (3,) is replaced by that of another pixel."""
    red = linear[(old >> 16) & 255] + weight * (linear[(met >> 16) & 255] - sky[0])
    green = linear[(old >> 8) & 255] + weight * (linear[(met >> 8) & 255] - sky[1])
    blue = linear[old & 255] + weight * (linear[met & 255] - sky[2])
    mixed = byte_of(blue, curve) | (byte_of(green, curve) << np.int32(8)) | (byte_of(red, curve) << np.int32(16))
    return np.uint32(mixed) | np.uint32(0xFF000000)


@njit(**_JIT)
def _trace_row(near, seen, mirror, normal, turn, focal, line, rough, hits):
    """Find for every second pixel of a row which pixel (row, column) its mirror image shows: `hits` (2, w / 2), -1 for
    the sky. `rough`: how far, as a share of its length, rays are thrown about.
    """
    height, width = near.shape
    y = (np.float32(line) + _HALF - np.float32(height) * _HALF) / focal
    for pair in range(hits.shape[1]):
        i = min(2 * pair, width - 1)
        hits[0, pair], hits[1, pair] = -1, -1
        if mirror[line, i] < _LEAST:
            continue
        x = (np.float32(i) + _HALF - np.float32(width) * _HALF) / focal
        vx = turn[0, 0] * x + turn[1, 0] * y + turn[2, 0]
        vy = turn[0, 1] * x + turn[1, 1] * y + turn[2, 1]
        vz = turn[0, 2] * x + turn[1, 2] * y + turn[2, 2]
        t = seen[line, i]
        nx, ny, nz = normal[t, 0], normal[t, 1], normal[t, 2]
        twice = np.float32(2.0) * (nx * vx + ny * vy + nz * vz)
        rx, ry, rz = vx - twice * nx, vy - twice * ny, vz - twice * nz
        rz *= _ONE + rough * (chance(i, line, 5) - _HALF)
        z = _ONE / near[line, i]
        dx = turn[0, 0] * rx + turn[0, 1] * ry + turn[0, 2] * rz
        dy = turn[1, 0] * rx + turn[1, 1] * ry + turn[1, 2] * rz
        dz = turn[2, 0] * rx + turn[2, 1] * ry + turn[2, 2] * rz
        hits[0, pair], hits[1, pair] = _met(near, mirror, x * z, y * z, z, dx, dy, dz, focal)


@njit(**_JIT)
def _reflect_row(mirror, hits, light, dome, turn, focal, line, curve, linear, out):
    """Replace the mirrored sky in a row by the pixels that were found for it."""
    height, width = mirror.shape
    y = (np.float32(line) + _HALF - np.float32(height) * _HALF) / focal
    for i in range(width):
        row, column = hits[0, i // 2], hits[1, i // 2]
        if row < 0 or mirror[line, i] < _LEAST:
            continue
        x = (np.float32(i) + _HALF - np.float32(width) * _HALF) / focal
        rise = -(turn[0, 2] * x + turn[1, 2] * y + turn[2, 2]) / math.sqrt(x * x + y * y + _ONE)
        weight = mirror[line, i]
        weight *= min(np.float32(min(row, column, width - 1 - column)) / (_RIM * np.float32(width)), _ONE)
        out[line, i] = _replaced(out[line, i], out[row, column], mirrored(light, dome, rise), weight, curve, linear)


@njit(**_JIT)
def _reflect_band(near, seen, mirror, normal, light, dome, turn, focal, curve, linear, hits, first, out):
    """Two rows share what was found for the first of them."""
    height = near.shape[0]
    rough = _ROUGH + _RAINY * light[RAIN]
    for line in range(first, min(first + _BAND, height)):
        if line % 2 == 0:
            _trace_row(near, seen, mirror, normal, turn, focal, line, rough, hits)
        _reflect_row(mirror, hits, light, dome, turn, focal, line, curve, linear, out)


@njit(parallel=True, **_PARALLEL)
def reflect_bands(near, seen, mirror, normal, light, dome, turns, focals, curves, linear, out):
    """Mirror what the pictures `out` (v, h, w) uint32 show in their wet pixels. `mirror` (v, h, w): how much of its
    mirror image a pixel shows; `normal` (n, 3) of the triangles; `curves` (v, 10): see `tone_curves`; `linear`
    (v, 256): their inverse.
    """
    views, height, width = out.shape
    bands = (height + _BAND - 1) // _BAND
    for job in prange(views * bands):
        view, first = job // bands, (job % bands) * _BAND
        hits = np.empty((2, (width + 1) // 2), np.int32)
        _reflect_band(
            *(near[view], seen[view], mirror[view], normal, light, dome, turns[view], focals[view]),
            *(curves[view], linear[view], hits, first, out[view]),
        )
