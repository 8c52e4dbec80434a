"""A row of pixels on its way from what is seen to numbers, in steps over whole arrays that the compiler vectorises.

Colours are linear. What surfaces look like comes in between, see `surface_rows`.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.exposure import byte_of
from carlet.render.light_row import (
    AIR,
    FOG,
    FOG_FALLOFF,
    FOG_START,
    GROUND_LIGHT,
    HALO,
    HAZE,
    KEY_LIGHT,
    SKY_LIGHT,
    SUN,
)
from carlet.render.quick import exp_below
from carlet.render.simd import LANES

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
Numbers = NDArray[np.float32]
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
#: The sky is taken to be so far away (m) when haze is laid over it.
_SKY_Z = np.float32(20000.0)
#: Haze fills the air up to about 1 / so many metres, and counts up to a distance.
_AIR_THINS, _AIR_END = np.float32(1.0 / 500.0), np.float32(4000.0)
#: Land fades from so far on (m), at a rate (1/m) that hides where it ends at `scene.FAR`.
_VERGE, _TO_END = np.float32(450.0), np.float32(1.0 / 330.0)
#: Shadows are looked up this far (m) off the surface, and so much (m) over it towards the light.
_OFF, _BIAS = np.float32(0.28), np.float32(0.07)
#: Share of grey in every colour, as film has it, and how bright red, green and blue are in it.
_GREY, _LUMA = np.float32(0.08), (np.float32(0.25), np.float32(0.65), np.float32(0.10))
#: `Row.soft` of the sky, whose colour is light already.
SKY = np.float32(-1.0)
#: Arrays of a row are this much longer than it, so that runs may be filled in whole registers.
SPARE = LANES


class Cameras(NamedTuple):
    """v views: `eye` (v, 3), `turn` (v, 3, 3), `focal` (v,) pixels, `floor` (v,): height (m) where fog lies."""

    eye: Numbers
    turn: Numbers
    focal: Numbers
    floor: Numbers


class Row(NamedTuple):
    """Arrays of one row of pixels.

    Air: `z` distance along the axis, `short` one over the length of the ray to z = 1, `passed` share of light that
    comes through, `halo` of the sun, `sunward` cosine to the sun. Place in the world: `x`, `y`, `height`.
    Surface: normal `nx`, `ny`, `nz`; `soft`: share of light that goes round edges, `SKY` for the sky; `mirror` how
    smooth it is, `film` how wet. Light: `lit` share of the direct light times the cosine to it; `u`, `v`, `w`: where to
    look for shadows, in the frame of `Shadows` (m); light of its own `own_red`, `own_green`, `own_blue`. Colours `red`,
    `green`, `blue`: first of the surface, then of the light that it sends.
    """

    z: Numbers
    short: Numbers
    passed: Numbers
    halo: Numbers
    sunward: Numbers
    x: Numbers
    y: Numbers
    height: Numbers
    nx: Numbers
    ny: Numbers
    nz: Numbers
    soft: Numbers
    mirror: Numbers
    film: Numbers
    lit: Numbers
    u: Numbers
    v: Numbers
    w: Numbers
    own_red: Numbers
    own_green: Numbers
    own_blue: Numbers
    red: Numbers
    green: Numbers
    blue: Numbers


#: How many arrays a row has.
ARRAYS = len(Row._fields)


@njit(**_JIT)
def row_of(scratch):
    """A row in scratch memory (24, w + `SPARE`), which the caller must hold on to: rows do not keep it alive."""
    s = scratch
    return Row(
        *(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11]),
        *(s[12], s[13], s[14], s[15], s[16], s[17], s[18], s[19], s[20], s[21], s[22], s[23]),
    )


@njit(**_JIT)
def look(light, near, camera, view, line, row):
    """Fill in air and place of the row `line` of a view, `near` (w,) being one over the distances."""
    turn, eye_x, eye_y, eye_z = camera.turn[view], camera.eye[view, 0], camera.eye[view, 1], camera.eye[view, 2]
    unit, width = _ONE / camera.focal[view], len(near)
    y = line * unit
    middle = np.float32(width) * _HALF - _HALF
    bx, by, bz = turn[1, 0] * y + turn[2, 0], turn[1, 1] * y + turn[2, 1], turn[1, 2] * y + turn[2, 2]
    rx, ry, rz = turn[0, 0], turn[0, 1], turn[0, 2]
    sx, sy, sz = light[SUN], light[SUN + 1], light[SUN + 2]
    falloff = max(light[FOG_FALLOFF], np.float32(1e-5))
    fog = light[FOG] * exp_below(-min(max(falloff * (eye_z - camera.floor[view]), _NONE), np.float32(50.0)))
    start, air = light[FOG_START], light[AIR]
    for i in range(width):
        x = (np.float32(i) - middle) * unit
        vx, vy, vz = rx * x + bx, ry * x + by, rz * x + bz
        length = math.sqrt(vx * vx + vy * vy + vz * vz)
        short = _ONE / length
        inverse = near[i]
        z = _ONE / inverse if inverse > _NONE else _SKY_Z
        far = z * length
        fall = min(max(falloff * vz * z, np.float32(-4.0)), np.float32(3000.0))
        thin = exp_below(-abs(fall))
        mean = (_ONE - thin) / max(abs(fall), np.float32(1e-3))
        mean = mean if abs(fall) > np.float32(1e-3) else _ONE
        mean = mean / max(thin, np.float32(0.018)) if fall < _NONE else mean
        sunward = (vx * sx + vy * sy + vz * sz) * short
        halo = max(sunward, _NONE)
        halo = halo * halo
        halo = halo * halo
        clear = min(far / (_ONE + max(vz * z, _NONE) * _AIR_THINS), _AIR_END)
        row.z[i], row.short[i], row.sunward[i] = z, short, sunward
        row.x[i], row.y[i], row.height[i] = eye_x + vx * z, eye_y + vy * z, eye_z + vz * z
        verge = max(far - _VERGE, _NONE) * _TO_END if inverse > _NONE else _NONE
        row.passed[i] = exp_below(-(fog * max(far - start, _NONE) * mean + air * clear + verge * verge))
        row.halo[i] = halo * halo * (_HALF + _HALF * halo)


@njit(**_JIT)
def face_light(axes, width, row):
    """Fill in how far surfaces face the direct light, and where to look for their shadows: off the surface, the more
    the more it is turned from the light, so that it does not shade itself. `axes`: see `Shadows`.
    """
    ux, uy, uz = axes[0, 0], axes[0, 1], axes[0, 2]
    vx, vy, vz = axes[1, 0], axes[1, 1], axes[1, 2]
    wx, wy, wz = axes[2, 0], axes[2, 1], axes[2, 2]
    for i in range(width):
        nx, ny, nz, soft = row.nx[i], row.ny[i], row.nz[i], row.soft[i]
        facing = nx * wx + ny * wy + nz * wz
        off = _OFF * math.sqrt(max(_ONE - facing * facing, _NONE))
        x, y, z = row.x[i] + off * nx, row.y[i] + off * ny, row.height[i] + off * nz
        row.u[i] = ux * x + uy * y + uz * z
        row.v[i] = vx * x + vy * y + vz * z
        row.w[i] = wx * x + wy * y + wz * z + _BIAS
        row.lit[i] = max(facing * (_ONE - soft) + soft, _NONE) if soft > SKY else _NONE


@njit(**_JIT)
def shine(light, width, row):
    """Turn the colours of surfaces into that of the light they send."""
    key_r, key_g, key_b = light[KEY_LIGHT], light[KEY_LIGHT + 1], light[KEY_LIGHT + 2]
    ground_r, ground_g, ground_b = light[GROUND_LIGHT], light[GROUND_LIGHT + 1], light[GROUND_LIGHT + 2]
    more_r, more_g, more_b = (
        light[SKY_LIGHT] - ground_r,
        light[SKY_LIGHT + 1] - ground_g,
        light[SKY_LIGHT + 2] - ground_b,
    )
    for i in range(width):
        soft, lit = row.soft[i], row.lit[i]
        up = (_HALF + _HALF * row.nz[i]) * (_ONE - soft)
        red = row.red[i] * (ground_r + up * more_r + lit * key_r) + row.own_red[i]
        green = row.green[i] * (ground_g + up * more_g + lit * key_g) + row.own_green[i]
        blue = row.blue[i] * (ground_b + up * more_b + lit * key_b) + row.own_blue[i]
        row.red[i] = red if soft > SKY else row.red[i]
        row.green[i] = green if soft > SKY else row.green[i]
        row.blue[i] = blue if soft > SKY else row.blue[i]


@njit(**_JIT)
def develop(light, curve, row, out):
    """Lay haze over a row of light and write it as numbers; `curve` (10,): see `tone_curves`."""
    haze_r, haze_g, haze_b = light[HAZE], light[HAZE + 1], light[HAZE + 2]
    halo_r, halo_g, halo_b = light[HALO], light[HALO + 1], light[HALO + 2]
    for i in range(len(out)):
        passed, halo = row.passed[i], row.halo[i]
        air = _ONE - passed
        red = row.red[i] * passed + (haze_r + halo * halo_r) * air
        green = row.green[i] * passed + (haze_g + halo * halo_g) * air
        blue = row.blue[i] * passed + (haze_b + halo * halo_b) * air
        grey = _GREY * (_LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue)
        red_byte = byte_of(red * (_ONE - _GREY) + grey, curve)
        green_byte = byte_of(green * (_ONE - _GREY) + grey, curve)
        blue_byte = byte_of(blue * (_ONE - _GREY) + grey, curve)
        out[i] = np.uint32(blue_byte | (green_byte << np.int32(8)) | (red_byte << np.int32(16))) | np.uint32(0xFF000000)
