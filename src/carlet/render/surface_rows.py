"""Surfaces of a row of pixels: what belongs to a triangle is looked up once for each run of pixels that see it."""

import math
from typing import Any

import numpy as np
from numba import njit

from carlet.models.materials import Pattern
from carlet.render.face_tiles import face_color
from carlet.render.light_row import NIGHT, TIME, WET, WIND
from carlet.render.patterns import bricks, foliage, grass, gravelly, slabs, steps_filtered, worn
from carlet.render.pixel_rows import SKY
from carlet.render.simd import LANES, put, spread
from carlet.render.sky import sky_color
from carlet.render.surfaces import albedo_of, film_of, is_lit, slant, slant_blur, window_wall

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_JIT, "forceinline": True}
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_PLAIN, _ASPHALT, _SLABS, _GRASS = int(Pattern.PLAIN), int(Pattern.ASPHALT), int(Pattern.SLABS), int(Pattern.GRASS)
_FOLIAGE, _FACADE, _BRICK = int(Pattern.FOLIAGE), int(Pattern.FACADE), int(Pattern.BRICK)
_FACE, _STRIPES, _WATER = int(Pattern.FACE), int(Pattern.STRIPES), int(Pattern.WATER)
#: Least sine of the angle at which surfaces are seen, for the width of pixels on them.
_GRAZING = np.float32(0.04)
#: How much the normals of leaves stay their own, and the share of light that goes round and through them.
_STIFF, _SOFT = np.float32(0.35), np.float32(0.2)
_TINY = np.float32(0.01)
#: Walls flatter than this (sine of the tilt) are roofs, without windows; flatter than the second, without courses.
_WALL, _ROOF = np.float32(0.7), np.float32(0.2)


@njit(**_INLINE)
def _fill(array, first, last, value):
    """Set the places [first, last) of an array that is `SPARE` longer than needed, and some after them."""
    for i in range(first, last, LANES):
        put(array, i, spread(value))


@njit(**_INLINE)
def clear_row(width, row):
    """Surfaces without light of their own."""
    _fill(row.own_red, 0, width, _NONE)
    _fill(row.own_green, 0, width, _NONE)
    _fill(row.own_blue, 0, width, _NONE)


@njit(**_INLINE)
def _sky_run(light, dome, cloud, eye, first, last, row):
    """Colour pixels of the sky, two at a time."""
    _fill(row.soft, first, last, SKY)
    _fill(row.mirror, first, last, _NONE)
    _fill(row.film, first, last, _NONE)
    _fill(row.nz, first, last, _NONE)
    for i in range(first, last, 2):
        scale = row.short[i] / row.z[i]
        x, y, z = (row.x[i] - eye[0]) * scale, (row.y[i] - eye[1]) * scale, (row.height[i] - eye[2]) * scale
        red, green, blue = sky_color(light, dome, cloud, x, y, z, row.sunward[i])
        row.red[i], row.green[i], row.blue[i] = red, green, blue
        row.red[i + 1], row.green[i + 1], row.blue[i + 1] = red, green, blue


@njit(**_INLINE)
def _asphalt_run(noise, params, ahead, unit, first, last, row):
    """Asphalt; what is large in it is the same for two pixels."""
    for i in range(first, last, 2):
        z = row.z[i]
        blur = z * unit / max(ahead * row.short[i] / z, _GRAZING)
        large = worn(noise.stain, noise.crack, noise.starts, row.x[i], row.y[i], blur, params[1])
        for k in range(i, min(i + 2, last)):
            value = large + gravelly(noise.grain, noise.starts, row.x[k], row.y[k], blur, params[0])
            row.red[k], row.green[k], row.blue[k] = row.red[k] * value, row.green[k] * value, row.blue[k] * value


@njit(**_INLINE)
def _slab_run(noise, params, eye, turn, normal, ahead, unit, first, last, row):
    along, across = slant(turn, normal, (_ONE, _NONE, _NONE)), slant(turn, normal, (_NONE, _ONE, _NONE))
    for i in range(first, last):
        z, x, y = row.z[i], row.x[i], row.y[i]
        blur_x = slant_blur(along, x - eye[0], ahead, z, unit)
        blur_y = slant_blur(across, y - eye[1], ahead, z, unit)
        value = slabs(noise.grain, noise.starts, x, y, blur_x, blur_y, params)
        row.red[i], row.green[i], row.blue[i] = row.red[i] * value, row.green[i] * value, row.blue[i] * value


@njit(**_INLINE)
def _grass_run(noise, params, ahead, unit, first, last, row):
    for i in range(first, last):
        z = row.z[i]
        blur = z * unit / max(ahead * row.short[i] / z, _GRAZING)
        value, yellow = grass(noise.grain, noise.stain, noise.starts, row.x[i], row.y[i], blur, params[0], params[1])
        row.red[i] *= value + _HALF * yellow
        row.green[i] *= value + np.float32(0.15) * yellow
        row.blue[i] *= value


@njit(**_INLINE)
def _leaf_run(noise, params, origin, normal, sway, ahead, unit, first, last, row):
    """Leaves: normals bent away from the middle of their tree."""
    _fill(row.soft, first, last, _SOFT)
    for i in range(first, last):
        x, y, z = row.x[i], row.y[i], row.height[i]
        px, py, pz = x - origin[0], y - origin[1], z - origin[2] - params[0]
        long = _ONE / max(math.sqrt(px * px + py * py + pz * pz), _TINY)
        px, py, pz = normal[0] * _STIFF + px * long, normal[1] * _STIFF + py * long, normal[2] * _STIFF + pz * long
        long = _ONE / max(math.sqrt(px * px + py * py + pz * pz), _TINY)
        row.nx[i], row.ny[i], row.nz[i] = px * long, py * long, pz * long
        blur = row.z[i] * unit / max(ahead * row.short[i] / row.z[i], np.float32(0.25))
        value = foliage(noise.grain, noise.stain, noise.starts, x, y, z, blur, params[1], sway)
        row.red[i], row.green[i], row.blue[i] = row.red[i] * value, row.green[i] * value, row.blue[i] * value


@njit(**_INLINE)
def _wall_run(night, kind, params, eye, turn, origin, normal, ahead, unit, first, last, row):
    """Windows on upright walls, courses of bricks on walls and steep roofs."""
    nx, ny, nz = normal
    flat = math.sqrt(nx * nx + ny * ny)
    if flat < (_WALL if kind == _FACADE else _ROOF):
        return
    tx, ty, sx, sy = -ny / flat, nx / flat, -nx * nz / flat, -ny * nz / flat
    along, up = slant(turn, normal, (tx, ty, _NONE)), slant(turn, normal, (sx, sy, flat))
    salt = int(origin[0] * np.float32(3.0)) + int(origin[1] * np.float32(7.0)) + int(nx * np.float32(2.0))
    for i in range(first, last):
        x, y, z = row.x[i], row.y[i], row.z[i]
        u, v = (x - origin[0]) * tx + (y - origin[1]) * ty, (row.height[i] - origin[2]) / flat
        blur_u = slant_blur(along, (x - eye[0]) * tx + (y - eye[1]) * ty, ahead, z, unit)
        away = (x - eye[0]) * sx + (y - eye[1]) * sy + (row.height[i] - eye[2]) * flat
        blur_v = slant_blur(up, away, ahead, z, unit)
        if kind == _BRICK:
            value = bricks(u, v, blur_u, blur_v, params)
            row.red[i], row.green[i], row.blue[i] = row.red[i] * value, row.green[i] * value, row.blue[i] * value
        else:
            window_wall(night, params, salt, u, v, blur_u, blur_v, i, row)


@njit(**_INLINE)
def _face_run(faces, params, origin, cos, sin, normal, unit, first, last, row):
    width, height = max(params[1], _TINY), max(params[2], _TINY)
    side = -_ONE if normal[0] * cos + normal[1] * sin > _NONE else _ONE
    for i in range(first, last):
        aside = side * ((row.y[i] - origin[1]) * cos - (row.x[i] - origin[0]) * sin)
        u, v = _HALF + aside / width, _HALF - (row.height[i] - origin[2]) / height
        r, g, b, opaque = face_color(faces, int(params[0]), u, v, row.z[i] * unit / width)
        row.red[i] += r - opaque * row.red[i]
        row.green[i] += g - opaque * row.green[i]
        row.blue[i] += b - opaque * row.blue[i]


@njit(**_INLINE)
def _stripe_run(params, origin, cos, sin, unit, first, last, row):
    period = max(params[0], _TINY)
    for i in range(first, last):
        aside = (row.y[i] - origin[1]) * cos - (row.x[i] - origin[0]) * sin
        place = aside + params[2] * (row.height[i] - origin[2])
        band = steps_filtered(place, row.z[i] * unit, period, _NONE, params[1] * period)
        row.red[i] += band * (params[3] - row.red[i])
        row.green[i] += band * (params[4] - row.green[i])
        row.blue[i] += band * (params[5] - row.blue[i])


@njit(**_INLINE)
def _pattern_run(light, noise, faces, kind, params, eye, turn, origin, cos, sin, normal, ahead, unit, first, last, row):
    if kind == _ASPHALT:
        _asphalt_run(noise, params, ahead, unit, first, last, row)
    elif kind == _SLABS:
        _slab_run(noise, params, eye, turn, normal, ahead, unit, first, last, row)
    elif kind == _GRASS:
        _grass_run(noise, params, ahead, unit, first, last, row)
    elif kind == _FOLIAGE:
        sway = light[WIND] * np.sin(light[TIME] * np.float32(2.5)) * np.float32(1.2)
        _leaf_run(noise, params, origin, normal, sway, ahead, unit, first, last, row)
    elif kind in (_FACADE, _BRICK):
        _wall_run(light[NIGHT], kind, params, eye, turn, origin, normal, ahead, unit, first, last, row)
    elif kind == _FACE:
        _face_run(faces, params, origin, cos, sin, normal, unit, first, last, row)
    elif kind == _STRIPES:
        _stripe_run(params, origin, cos, sin, unit, first, last, row)
    else:
        _fill(row.mirror, first, last, _ONE)


@njit(**_INLINE)
def _triangle_run(triangles, things, materials, light, noise, faces, eye, turn, unit, t, first, last, row):
    """Fill in the surface of the pixels [first, last), which see the triangle t."""
    normal = triangles.normal[t, 0], triangles.normal[t, 1], triangles.normal[t, 2]
    material, thing = int(triangles.material[t]), int(triangles.thing[t])
    kind = int(materials.pattern[material])
    red, green, blue = albedo_of(materials.albedo, materials.tint, things.tint, material, thing)
    _fill(row.red, first, last, red)
    _fill(row.green, first, last, green)
    _fill(row.blue, first, last, blue)
    _fill(row.nx, first, last, normal[0])
    _fill(row.ny, first, last, normal[1])
    _fill(row.nz, first, last, normal[2])
    _fill(row.soft, first, last, _NONE)
    _fill(row.mirror, first, last, materials.gloss[material])
    _fill(row.film, first, last, film_of(light[WET], kind, normal[2]))
    if kind != _PLAIN:
        ahead = normal[0] * (eye[0] - triangles.corner[t, 0])
        ahead += normal[1] * (eye[1] - triangles.corner[t, 1])
        ahead += normal[2] * (eye[2] - triangles.corner[t, 2])
        origin = things.origin[thing, 0], things.origin[thing, 1], things.origin[thing, 2]
        cos, sin = things.axis[thing, 0], things.axis[thing, 1]
        params = materials.params[material]
        _pattern_run(
            light, noise, faces, kind, params, eye, turn, origin, cos, sin, normal, ahead, unit, first, last, row
        )
    emission = materials.emission
    if emission[material, 0] > _NONE and is_lit(materials.lamps, things.lamps, material, thing):
        for i in range(first, last):
            row.own_red[i] += emission[material, 0]
            row.own_green[i] += emission[material, 1]
            row.own_blue[i] += emission[material, 2]


@njit(**_JIT)
def fill_surfaces(seen, triangles, things, materials, light, dome, noise, faces, camera, view, row):
    """Fill in the surfaces that a row of pixels sees, `seen` (w,) being rows of triangles."""
    eye = camera.eye[view, 0], camera.eye[view, 1], camera.eye[view, 2]
    turn, unit = camera.turn[view], _ONE / camera.focal[view]
    width, first = len(seen), 0
    clear_row(width, row)
    while first < width:
        t, last = seen[first], first + 1
        while last < width and seen[last] == t:
            last += 1
        if t < 0:
            _sky_run(light, dome, noise.cloud, eye, first, last, row)
        else:
            _triangle_run(triangles, things, materials, light, noise, faces, eye, turn, unit, t, first, last, row)
        first = last


@njit(**_JIT)
def paint_over(cover, marked, paint, things, materials, row):
    """Mix paint into the surfaces of a row: `cover` (w,) shares of the pixels, `marked` (w,) rows of paint."""
    last = -1
    red, green, blue = _NONE, _NONE, _NONE
    for i in range(len(cover)):
        over, mark = cover[i], marked[i]
        if over > _NONE and mark >= 0:
            if mark != last:
                last = mark
                material, thing = int(paint.material[mark]), int(paint.thing[mark])
                red, green, blue = albedo_of(materials.albedo, materials.tint, things.tint, material, thing)
            row.red[i] += over * (red - row.red[i])
            row.green[i] += over * (green - row.green[i])
            row.blue[i] += over * (blue - row.blue[i])
