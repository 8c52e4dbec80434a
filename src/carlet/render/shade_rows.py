"""The kernel that colours pictures, row by row: see `pixel_rows` for the steps, `surface_rows` for the surfaces."""

from typing import Any

import numpy as np
from numba import njit, prange

from carlet.render.glow import glow_on
from carlet.render.light_row import KEY, KEY_LIGHT, NIGHT, PUDDLES, WET
from carlet.render.patterns import share
from carlet.render.pixel_rows import ARRAYS, SKY, SPARE, develop, face_light, look, row_of, shine
from carlet.render.shadow_kernels import lit_share
from carlet.render.shadows import MOVING_BITS, MOVING_SCALE, STILL_BITS, STILL_REACH, STILL_SCALE
from carlet.render.surface_rows import fill_surfaces, paint_over
from carlet.render.surfaces import mirrored, soaked

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_JIT, "_nrt": True}
#: Rows of pixels that one thread colours at a time, and the side of the blocks that bloom is gathered in.
BAND, BLOCK = 16, 8
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
#: Share of light that a smooth surface mirrors when looked at square on, and what comes to it at a grazing angle.
_HEAD_ON, _GRAZING = np.float32(0.04), np.float32(0.90)
#: Surfaces beyond the reach of shadows get this share of the direct light; shadows end within so many metres.
_FAR_LIT, _FADE = np.float32(0.85), np.float32(1.0 / 40.0)
_REACH = np.float32(STILL_REACH)


@njit(forceinline=True, **_JIT)
def lit_at(still, moving, u, v, height, distance):
    """Share of the direct light that reaches a place in the light's frame (m), seen from a distance (m); `still` and
    `moving` are parts of `Shadows`.
    """
    lit = lit_share(still.table, still.corner, still.depth, STILL_BITS, u * STILL_SCALE, v * STILL_SCALE, height)
    if lit > _NONE:
        lit *= lit_share(
            moving.table, moving.corner, moving.depth, MOVING_BITS, u * MOVING_SCALE, v * MOVING_SCALE, height
        )
    fade = share((_REACH - distance) * _FADE)
    return lit * fade + _FAR_LIT * (_ONE - fade)


@njit(**_JIT)
def _shadow_row(still, moving, width, row):
    """Take the light from what lies in shadow."""
    for i in range(width):
        if row.lit[i] > _NONE:
            row.lit[i] *= lit_at(still, moving, row.u[i], row.v[i], row.w[i], row.z[i])


@njit(**_JIT)
def _wet_row(noise, puddles, unit, eye_z, width, row):
    """Darken wet ground and make it a mirror."""
    for i in range(width):
        film, z = row.film[i], row.z[i]
        if film > _NONE:
            blur = z * unit / max((eye_z - row.height[i]) * row.short[i] / z, np.float32(0.04))
            dry, mirror = soaked(noise.stain, noise.starts, row.x[i], row.y[i], blur, film, puddles)
            row.red[i], row.green[i], row.blue[i] = row.red[i] * dry, row.green[i] * dry, row.blue[i] * dry
            row.mirror[i] = max(row.mirror[i], mirror)


@njit(**_JIT)
def _glow_row(glow, width, row):
    """Add the light of lamps."""
    for i in range(width):
        if row.soft[i] > SKY:
            red, green, blue = glow_on(
                *(glow.table, glow.corner, glow.cells, row.x[i], row.y[i], row.height[i]),
                *(row.nx[i], row.ny[i], row.nz[i]),
            )
            row.own_red[i] += red * row.red[i]
            row.own_green[i] += green * row.green[i]
            row.own_blue[i] += blue * row.blue[i]


@njit(**_JIT)
def _mirror_row(light, dome, eye_x, eye_y, eye_z, width, row):
    """Lay mirror images of sky and sun over smooth surfaces; `Row.mirror` then tells how much they show of them."""
    kx, ky, kz = light[KEY], light[KEY + 1], light[KEY + 2]
    for i in range(width):
        mirror = row.mirror[i]
        if mirror == _NONE:
            continue
        scale = row.short[i] / row.z[i]
        x, y, z = (row.x[i] - eye_x) * scale, (row.y[i] - eye_y) * scale, (row.height[i] - eye_z) * scale
        nx, ny, nz = row.nx[i], row.ny[i], row.nz[i]
        toward = -(nx * x + ny * y + nz * z)
        away = _ONE - share(toward)
        bent = away * away
        strength = mirror * (_HEAD_ON + _GRAZING * (bent * bent * away))
        red, green, blue = mirrored(light, dome, z + np.float32(2.0) * toward * nz)
        shining = x * kx + y * ky + z * kz + np.float32(2.0) * toward * (nx * kx + ny * ky + nz * kz)
        if shining > _HALF and row.lit[i] > _NONE:
            for _ in range(5):
                shining = shining * shining
            shining *= np.float32(6.0) * mirror * mirror
            red += shining * light[KEY_LIGHT]
            green += shining * light[KEY_LIGHT + 1]
            blue += shining * light[KEY_LIGHT + 2]
        row.red[i] += strength * (red - row.red[i])
        row.green[i] += strength * (green - row.green[i])
        row.blue[i] += strength * (blue - row.blue[i])
        row.mirror[i] = strength


@njit(**_JIT)
def _keep_mirrors(row, mirror):
    """Note how much of their mirror images wet pixels show through the air."""
    for i in range(len(mirror)):
        mirror[i] = row.mirror[i] * row.passed[i] if row.film[i] > _NONE else _NONE


@njit(**_JIT)
def _keep_bloom(row, width, bloom):
    """Add what is brighter than white to the blocks (w / 8, 3) of a row."""
    for block in range(len(bloom)):
        red, green, blue = _NONE, _NONE, _NONE
        for i in range(block * BLOCK, min((block + 1) * BLOCK, width)):
            red += min(max(row.red[i] - _ONE, _NONE), np.float32(12.0))
            green += min(max(row.green[i] - _ONE, _NONE), np.float32(12.0))
            blue += min(max(row.blue[i] - _ONE, _NONE), np.float32(12.0))
        bloom[block, 0] += red
        bloom[block, 1] += green
        bloom[block, 2] += blue


@njit(**_JIT)
def _shade_row(scene, light, dome, baked, shadows, glow, camera, view, line, row):
    """Fill in the light that comes from a row of pixels, before haze."""
    buffers, triangles, paint, things, materials = scene
    noise, faces = baked
    axes, still, moving = shadows
    near, seen = buffers.near[view, line], buffers.seen[view, line]
    width, eye = len(near), camera.eye
    below = np.float32(line) + _HALF - np.float32(buffers.near.shape[1]) * _HALF
    look(light, near, camera, view, below, row)
    fill_surfaces(seen, triangles, things, materials, light, dome, noise, faces, camera, view, row)
    paint_over(buffers.cover[view, line], buffers.marked[view, line], paint, things, materials, row)
    if light[WET] > _NONE:
        _wet_row(noise, light[PUDDLES], _ONE / camera.focal[view], eye[view, 2], width, row)
    if light[NIGHT] > _NONE:
        _glow_row(glow, width, row)
    face_light(axes, width, row)
    _shadow_row(still, moving, width, row)
    shine(light, width, row)
    _mirror_row(light, dome, eye[view, 0], eye[view, 1], eye[view, 2], width, row)


@njit(**_JIT)
def _shade_band(scene, light, dome, baked, shadows, glow, camera, view, first, curves, scratch, mirror, out, bloom):
    height, width = out.shape[1], out.shape[2]
    row = row_of(scratch)
    for line in range(first, min(first + BAND, height)):
        _shade_row(scene, light, dome, baked, shadows, glow, camera, view, line, row)
        develop(light, curves[view], row, out[view, line])
        if mirror.shape[0] > 0:
            _keep_mirrors(row, mirror[view, line])
        if bloom.shape[0] > 0:
            _keep_bloom(row, width, bloom[view, line // BLOCK])


@njit(parallel=True, **_PARALLEL)
def shade_bands(
    buffers,
    triangles,
    paint,
    things,
    materials,
    light,
    dome,
    noise,
    faces,
    axes,
    still,
    moving,
    glow,
    camera,
    curves,
    mirror,
    out,
    bloom,
):
    """Colour all rows of all views: `out` (v, h, w) uint32 of the bytes b g r 255; `bloom` (v, h / 8, w / 8, 3);
    `mirror` (v, h, w): how much of the mirror image each wet pixel shows, nothing written when it has no rows.
    """
    views, height, width = out.shape
    bands = (height + BAND - 1) // BAND
    for job in prange(views * bands):
        view, first = job // bands, (job % bands) * BAND
        scene, baked, shadows = (buffers, triangles, paint, things, materials), (noise, faces), (axes, still, moving)
        scratch = np.empty((ARRAYS, width + SPARE), np.float32)
        _shade_band(scene, light, dome, baked, shadows, glow, camera, view, first, curves, scratch, mirror, out, bloom)
