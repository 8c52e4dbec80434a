"""The sky: a dome of colours, clouds on a plane above, the disc of sun or moon."""

from typing import Any

import numpy as np
from numba import njit

from carlet.render.light_row import CLOUD_BRIGHT, CLOUD_COVER, CLOUD_DARK, DISC, DRIFT, SUN
from carlet.render.noise import SIZE
from carlet.render.weather import DOME

_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}
#: Tiles of cloud per height of the clouds, and how much the plane is bent down at the horizon.
_TILES, _BEND = np.float32(0.27), np.float32(0.25)
#: Clouds are lit from so many texels further towards the sun.
_LIT_STEP = np.float32(9.0)
#: Shares of large and small shapes in clouds.
_COARSE, _FINE = np.float32(0.72), np.float32(0.28)
_DISC_EDGE, _DISC = np.float32(0.99975), np.float32(0.99988)
_NONE, _ONE = np.float32(0.0), np.float32(1.0)


@njit(**_JIT)
def dome_color(dome, rise):
    """Colour (r, g, b) of the cloudless sky at the sine of an elevation; the horizon's below it."""
    at = min(max(rise, _NONE), _ONE) * np.float32(DOME - 1)
    row = min(int(at), DOME - 2)
    share = at - np.float32(row)
    return (
        dome[row, 0] + share * (dome[row + 1, 0] - dome[row, 0]),
        dome[row, 1] + share * (dome[row + 1, 1] - dome[row, 1]),
        dome[row, 2] + share * (dome[row + 1, 2] - dome[row, 2]),
    )


@njit(**_JIT)
def _cloud_at(cloud, x, y):
    """The tile `cloud` at (x, y) in texels, blended between four of them."""
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    mask = SIZE - 1
    column, row = int(left), int(top)
    near, next_ = column & mask, (column + 1) & mask
    at, below = (row & mask) * SIZE, ((row + 1) & mask) * SIZE
    upper = cloud[at + near] + a * (cloud[at + next_] - cloud[at + near])
    lower = cloud[below + near] + a * (cloud[below + next_] - cloud[below + near])
    return upper + b * (lower - upper)


@njit(**_JIT)
def _clouds(light, cloud, x, y, z):
    """Share of the sky that clouds cover in a unit direction, and how dark they are there, both 0 to 1."""
    scale = _TILES * np.float32(SIZE) / (z + _BEND)
    u = x * scale + light[DRIFT] * np.float32(SIZE)
    v = y * scale + light[DRIFT + 1] * np.float32(SIZE)
    fine = np.float32(SIZE) * np.float32(0.37)
    coarse, clear = _cloud_at(cloud, u, v), _ONE - np.float32(1.15) * light[CLOUD_COVER]
    if _COARSE * coarse + _FINE < clear:
        return _NONE, _NONE
    behind = _cloud_at(cloud, u + light[SUN] * _LIT_STEP, v + light[SUN + 1] * _LIT_STEP)
    thick = _COARSE * coarse
    thick += _FINE * _cloud_at(cloud, np.float32(3.0) * u + fine, np.float32(3.0) * v - fine)
    over = thick - clear
    dense = min(max(over * np.float32(3.5), _NONE), _ONE)
    dense = dense * dense * (np.float32(3.0) - np.float32(2.0) * dense)
    low = min(max(z * np.float32(6.0) - np.float32(0.1), _NONE), _ONE)
    dark = np.float32(0.30) + np.float32(0.9) * over + np.float32(2.2) * (behind - coarse)
    return dense * low, min(max(dark, _NONE), _ONE)


@njit(**_JIT)
def sky_color(light, dome, cloud, x, y, z, to_sun):
    """Colour (r, g, b) of the sky in the unit direction (x, y, z), without haze; `to_sun` is the cosine to the sun;
    `light` is a `light_row`.
    """
    red, green, blue = dome_color(dome, z)
    shining = _ONE
    if light[CLOUD_COVER] > np.float32(0.01) and z > np.float32(0.01):
        covered, dark = _clouds(light, cloud, x, y, z)
        bright = _ONE - dark
        red += covered * (bright * light[CLOUD_BRIGHT] + dark * light[CLOUD_DARK] - red)
        green += covered * (bright * light[CLOUD_BRIGHT + 1] + dark * light[CLOUD_DARK + 1] - green)
        blue += covered * (bright * light[CLOUD_BRIGHT + 2] + dark * light[CLOUD_DARK + 2] - blue)
        shining = _ONE - covered
    if to_sun > np.float32(0.97):
        near = (to_sun - np.float32(0.97)) * np.float32(1.0 / 0.03)
        ring = near * near * near
        ring = np.float32(0.035) * ring * ring * ring
        edge = min(max((to_sun - _DISC_EDGE) / (_DISC - _DISC_EDGE), _NONE), _ONE)
        ring = shining * (ring + edge)
        red += ring * light[DISC]
        green += ring * light[DISC + 1]
        blue += ring * light[DISC + 2]
    return red, green, blue
