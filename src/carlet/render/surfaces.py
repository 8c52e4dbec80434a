"""What a surface looks like at one place: colour, gloss and light of its own, from its material."""

from typing import Any

import numpy as np
from numba import njit

from carlet.models.materials import Pattern
from carlet.render.face_tiles import face_color
from carlet.render.light_row import GROUND_LIGHT
from carlet.render.noise import smooth
from carlet.render.patterns import asphalt, bricks, chance, grass, share, slabs, steps_filtered, windows
from carlet.render.quick import level_of
from carlet.render.sky import dome_color

_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_ASPHALT, _SLABS, _GRASS = int(Pattern.ASPHALT), int(Pattern.SLABS), int(Pattern.GRASS)
_FACADE, _BRICK, _FACE, _STRIPES = int(Pattern.FACADE), int(Pattern.BRICK), int(Pattern.FACE), int(Pattern.STRIPES)
_FOLIAGE, _WATER, _PLAIN = int(Pattern.FOLIAGE), int(Pattern.WATER), int(Pattern.PLAIN)
#: Texels a metre of the noise that puddles stand in; wider pixels (m) see its mean.
_PUDDLE = np.float32(3.2)
#: A film this much under full carries whole puddles.
_FULL = np.float32(1.7)


@njit(**_JIT)
def albedo_of(albedo, tint_of, tints, material, thing):
    """Colour (r, g, b) of a material on a thing, without its pattern; `albedo` and `tint_of` are columns of
    `MaterialArrays`, `tints` of `Things`.
    """
    red, green, blue = albedo[material, 0], albedo[material, 1], albedo[material, 2]
    slot = tint_of[material]
    if slot >= 0:
        red *= tints[thing, slot, 0]
        green *= tints[thing, slot, 1]
        blue *= tints[thing, slot, 2]
    return red, green, blue


@njit(**_JIT)
def emission_of(emission, lamps_of, lit_lamps, material, thing):
    """Light (r, g, b) that a material on a thing gives off by itself; columns of `MaterialArrays` and `Things`."""
    lamps = lamps_of[material]
    if lamps != 0 and (lamps & lit_lamps[thing]) == 0:
        return _NONE, _NONE, _NONE
    return emission[material, 0], emission[material, 1], emission[material, 2]


@njit(**_JIT)
def film_of(wet, kind, nz):
    """How wet (0 to 1) a surface of a pattern becomes: what lies open to the sky and does not drink."""
    if nz < np.float32(0.8) or kind in (_GRASS, _FOLIAGE):
        return _NONE
    return wet if kind in (_ASPHALT, _SLABS) else np.float32(0.6) * wet


@njit(**_JIT)
def soaked(stain, starts, x, y, blur, film, puddles):
    """Of ground under a film of water (0 to 1), with puddles (0 to 1): what is left of its colour, and how much of a
    mirror it is.
    """
    pond = _NONE
    if puddles > _NONE:
        depth = smooth(stain, starts, x * _PUDDLE, y * _PUDDLE, level_of(blur * _PUDDLE))
        pond = share((depth - np.float32(0.95) + np.float32(1.15) * puddles) * np.float32(4.0)) * share(film * _FULL)
    dry = _ONE - np.float32(0.45) * film - np.float32(0.25) * pond
    return dry, np.float32(0.40) * film + np.float32(0.6) * pond


@njit(**_JIT)
def blur_along(ax, ay, az, nx, ny, nz, vx, vy, vz, turn, pixel):
    """How far (m) a pixel of `pixel` m reaches along the direction (ax, ay, az) on a surface of normal (nx, ny, nz)
    seen in the direction (vx, vy, vz); `turn` (3, 3) has the camera's right and down.
    """
    facing = nx * vx + ny * vy + nz * vz
    facing = min(facing, np.float32(-0.02)) if facing < _NONE else max(facing, np.float32(0.02))
    along = (ax * vx + ay * vy + az * vz) / facing
    right = ax * turn[0, 0] + ay * turn[0, 1] + az * turn[0, 2]
    right -= along * (nx * turn[0, 0] + ny * turn[0, 1] + nz * turn[0, 2])
    down = ax * turn[1, 0] + ay * turn[1, 1] + az * turn[1, 2]
    down -= along * (nx * turn[1, 0] + ny * turn[1, 1] + nz * turn[1, 2])
    return pixel * (abs(right) + abs(down))


@njit(**_JIT)
def wall_pattern(night, kind, params, wx, wy, wz, ox, oy, oz, nx, ny, nz, vx, vy, vz, turn, pixel, color):
    """Facades and bricks on upright walls: colour (r, g, b), share of glass, brightness of the lamps behind it."""
    red, green, blue = color
    flat = np.sqrt(nx * nx + ny * ny)
    if flat < np.float32(0.7):
        return red, green, blue, _NONE, _NONE
    tx, ty = -ny / flat, nx / flat
    u, v = (wx - ox) * tx + (wy - oy) * ty, wz - oz
    blur_u = blur_along(tx, ty, _NONE, nx, ny, nz, vx, vy, vz, turn, pixel)
    blur_v = blur_along(_NONE, _NONE, _ONE, nx, ny, nz, vx, vy, vz, turn, pixel)
    if kind == _BRICK:
        value = bricks(u, v, blur_u, blur_v, params)
        return red * value, green * value, blue * value, _NONE, _NONE
    glass, frame, bay, storey = windows(u, v, blur_u, blur_v, params)
    lamps = _NONE
    wall = _ONE - glass - frame
    pane = np.float32(0.035)
    if glass > _NONE:
        salt = int(ox * np.float32(3.0)) + int(oy * np.float32(7.0)) + int(nx * np.float32(2.0))
        clear = share(np.float32(1.5) - max(blur_u, blur_v) / params[1])
        first = chance(bay, storey, salt)
        lit_share = params[6] if storey >= 0 else max(params[6], np.float32(0.5))
        if night > _NONE:
            shown = (np.float32(0.25) + np.float32(0.6) * first) if chance(bay, storey, salt + 1) < lit_share else _NONE
            lamps = glass * (clear * shown + (_ONE - clear) * lit_share * _HALF) * night
        pane += np.float32(0.16) * (clear * (first * first * first) + (_ONE - clear) * np.float32(0.25))
    red = red * wall + frame * np.float32(0.42) + glass * pane
    green = green * wall + frame * np.float32(0.42) + glass * pane * np.float32(1.05)
    blue = blue * wall + frame * np.float32(0.41) + glass * pane * np.float32(1.12)
    return red, green, blue, glass * params[7], lamps


@njit(**_JIT)
def local_pattern(kind, params, faces, wx, wy, wz, ox, oy, oz, cos, sin, nx, ny, pixel, color):
    """Faces and stripes in the frame of their thing: colour (r, g, b)."""
    red, green, blue = color
    x, y, z = wx - ox, wy - oy, wz - oz
    aside = y * cos - x * sin
    if kind == _STRIPES:
        band = steps_filtered(
            aside + params[2] * z, pixel, max(params[0], np.float32(0.01)), _NONE, params[1] * params[0]
        )
        return red + band * (params[3] - red), green + band * (params[4] - green), blue + band * (params[5] - blue)
    width, height = max(params[1], np.float32(0.01)), max(params[2], np.float32(0.01))
    if nx * cos + ny * sin > _NONE:
        aside = -aside
    r, g, b, opaque = face_color(faces, int(params[0]), _HALF + aside / width, _HALF - z / height, pixel / width)
    return red + r - opaque * red, green + g - opaque * green, blue + b - opaque * blue


@njit(**_JIT)
def ground_pattern(grain, stain, crack, starts, kind, params, wx, wy, nx, ny, nz, vx, vy, vz, turn, pixel, blur, color):
    """Asphalt, slabs and grass in the frame of the world: colour (r, g, b)."""
    red, green, blue = color
    if kind == _ASPHALT:
        value = asphalt(grain, stain, crack, starts, wx, wy, blur, params[0], params[1])
        return red * value, green * value, blue * value
    if kind == _SLABS:
        blur_x = blur_along(_ONE, _NONE, _NONE, nx, ny, nz, vx, vy, vz, turn, pixel)
        blur_y = blur_along(_NONE, _ONE, _NONE, nx, ny, nz, vx, vy, vz, turn, pixel)
        value = slabs(grain, starts, wx, wy, blur_x, blur_y, params)
        return red * value, green * value, blue * value
    value, yellow = grass(grain, stain, starts, wx, wy, blur, params[0], params[1])
    return red * (value + np.float32(0.5) * yellow), green * (value + np.float32(0.15) * yellow), blue * value


@njit(**_JIT)
def mirrored(light, dome, rise):
    """What a mirror sees (r, g, b) in a direction whose sine of the elevation is `rise`: sky, or the ground below."""
    red, green, blue = dome_color(dome, rise)
    above = share(rise * np.float32(5.0) + np.float32(0.6))
    dark = (_ONE - above) * np.float32(0.5)
    return (
        above * red + dark * light[GROUND_LIGHT],
        above * green + dark * light[GROUND_LIGHT + 1],
        above * blue + dark * light[GROUND_LIGHT + 2],
    )
