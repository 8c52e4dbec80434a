"""What a surface looks like at one place: colour, gloss and light of its own, from its material."""

from typing import Any

import numpy as np
from numba import njit

from carlet.models.materials import Pattern
from carlet.render.light_row import GROUND_LIGHT
from carlet.render.noise import smooth
from carlet.render.patterns import chance, share, windows
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
_FOLIAGE = int(Pattern.FOLIAGE)
#: Colour of lit rooms, how dim they are and how much brighter some, and the grey of window frames.
_ROOM_LIGHT = (np.float32(1.0), np.float32(0.72), np.float32(0.40))
_DIMMEST, _BRIGHTER, _FRAME = np.float32(0.20), np.float32(0.55), np.float32(0.42)
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
def is_lit(lamps_of, lit_lamps, material, thing):
    """Whether a material on a thing gives off its light; columns of `MaterialArrays` and `Things`."""
    return lamps_of[material] == 0 or (lamps_of[material] & lit_lamps[thing]) != 0


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
def slant(turn, normal, way):
    """How a direction `way` on a surface lies to the camera `turn` (3, 3): its parts to the right and down, each
    followed by those of the normal.
    """
    right = way[0] * turn[0, 0] + way[1] * turn[0, 1] + way[2] * turn[0, 2]
    right_off = normal[0] * turn[0, 0] + normal[1] * turn[0, 1] + normal[2] * turn[0, 2]
    down = way[0] * turn[1, 0] + way[1] * turn[1, 1] + way[2] * turn[1, 2]
    down_off = normal[0] * turn[1, 0] + normal[1] * turn[1, 1] + normal[2] * turn[1, 2]
    return right, right_off, down, down_off


@njit(**_JIT)
def slant_blur(slanted, away, ahead, z, unit):
    """How far (m) a pixel reaches along a direction on a surface, see `slant`. `away`: how far (m) along it the place
    is from the eye; `ahead`: how far (m) the eye is from the plane; `unit`: of a pixel at z = 1 m.
    """
    right, right_off, down, down_off = slanted
    along = away / max(ahead, np.float32(0.02) * z)
    return z * unit * (abs(right + along * right_off) + abs(down + along * down_off))


@njit(**_JIT)
def window_wall(night, params, salt, u, v, blur_u, blur_v, i, row):
    """Put windows into pixel i of a wall at `u` along and `v` up; `salt` tells houses apart."""
    glass, frame, bay, storey = windows(u, v, blur_u, blur_v, params)
    wall, pane = _ONE - glass - frame, np.float32(0.035)
    if glass > _NONE:
        clear = share(np.float32(1.5) - max(blur_u, blur_v) / params[1])
        first = chance(bay, storey, salt)
        if night > _NONE:
            lit_share = params[6] if storey >= 0 else max(params[6], np.float32(0.5))
            shown = _DIMMEST + _BRIGHTER * first if chance(bay, storey, salt + 1) < lit_share else _NONE
            lamps = glass * (clear * shown + (_ONE - clear) * lit_share * _HALF) * night
            row.own_red[i] += lamps * _ROOM_LIGHT[0]
            row.own_green[i] += lamps * _ROOM_LIGHT[1]
            row.own_blue[i] += lamps * _ROOM_LIGHT[2]
        pane += np.float32(0.16) * (clear * (first * first * first) + (_ONE - clear) * np.float32(0.25))
    row.red[i] = row.red[i] * wall + frame * _FRAME + glass * pane
    row.green[i] = row.green[i] * wall + frame * _FRAME + glass * pane * np.float32(1.05)
    row.blue[i] = row.blue[i] * wall + frame * _FRAME + glass * pane * np.float32(1.12)
    row.mirror[i] = max(glass * params[7], row.mirror[i])


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
