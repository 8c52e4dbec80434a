"""The kernel that colours rows of pixels: air, then surfaces and sky, then haze and tones."""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.models.materials import Pattern
from carlet.render.exposure import TONES, TONES_PER_ROOT
from carlet.render.glow import glow_on
from carlet.render.light_row import (
    AIR,
    FOG,
    FOG_FALLOFF,
    FOG_START,
    GROUND_LIGHT,
    HALO,
    HAZE,
    KEY,
    KEY_LIGHT,
    NIGHT,
    PUDDLES,
    SKY_LIGHT,
    SUN,
    TIME,
    WET,
    WIND,
)
from carlet.render.patterns import foliage, share
from carlet.render.quick import exp_below
from carlet.render.shadow_kernels import lit_share
from carlet.render.shadows import MOVING_BITS, MOVING_SCALE, STILL_BITS, STILL_REACH, STILL_SCALE
from carlet.render.sky import sky_color
from carlet.render.surfaces import (
    albedo_of,
    emission_of,
    film_of,
    ground_pattern,
    local_pattern,
    mirrored,
    soaked,
    wall_pattern,
)

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_JIT, "_nrt": True}
#: Rows of pixels that one thread colours at a time, and the side of the blocks that bloom is gathered in.
BAND, BLOCK = 16, 8
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_PLAIN, _ASPHALT, _GRASS = int(Pattern.PLAIN), int(Pattern.ASPHALT), int(Pattern.GRASS)
_FOLIAGE, _FACADE, _BRICK, _FACE = int(Pattern.FOLIAGE), int(Pattern.FACADE), int(Pattern.BRICK), int(Pattern.FACE)
_WATER = int(Pattern.WATER)
#: The sky is taken to be so far away (m) when haze is laid over it.
_SKY_Z = np.float32(20000.0)
#: Haze fills the air up to about 1 / so many metres, and counts up to a distance.
_AIR_THINS, _AIR_END = np.float32(1.0 / 500.0), np.float32(4000.0)
#: Shadows are looked up this far (m) off the surface, and so much (m) over it towards the light.
_OFF, _BIAS = np.float32(0.28), np.float32(0.07)
#: Least length of anything (m), and how much the normals of leaves stay their own.
_TINY, _STIFF = np.float32(0.01), np.float32(0.35)
#: Share of light that a smooth surface mirrors when looked at square on, and what comes to it at a grazing angle.
_HEAD_ON, _GRAZING = np.float32(0.04), np.float32(0.90)
#: Colour of lit rooms.
_WINDOW_LIGHT = (np.float32(1.0), np.float32(0.72), np.float32(0.40))
#: Surfaces beyond the reach of shadows get this share of the direct light.
_FAR_LIT = np.float32(0.85)
_REACH = np.float32(STILL_REACH)


class Cameras(NamedTuple):
    """v views: `eye` (v, 3), `turn` (v, 3, 3), `focal` (v,) pixels, `floor` (v,): height (m) where fog lies."""

    eye: NDArray[np.float32]
    turn: NDArray[np.float32]
    focal: NDArray[np.float32]
    floor: NDArray[np.float32]


class Row(NamedTuple):
    """Of each pixel of a row: distance along the axis, one over the length of its ray, share of light that passes the
    air, halo of the sun, cosine to the sun, how much a wet surface mirrors, and the linear colour.
    """

    z: NDArray[np.float32]
    short: NDArray[np.float32]
    passed: NDArray[np.float32]
    halo: NDArray[np.float32]
    sunward: NDArray[np.float32]
    mirror: NDArray[np.float32]
    red: NDArray[np.float32]
    green: NDArray[np.float32]
    blue: NDArray[np.float32]


@njit(**_JIT)
def _air_row(light, near, camera, view, y, row):
    """Fill in what the air does to a row of pixels whose middle is `y` focal lengths under the axis."""
    turn, eye_z, floor = camera.turn[view], camera.eye[view, 2], camera.floor[view]
    width, unit = len(near), _ONE / camera.focal[view]
    middle = np.float32(width) * _HALF - _HALF
    bx, by, bz = turn[1, 0] * y + turn[2, 0], turn[1, 1] * y + turn[2, 1], turn[1, 2] * y + turn[2, 2]
    rx, ry, rz = turn[0, 0], turn[0, 1], turn[0, 2]
    sx, sy, sz = light[SUN], light[SUN + 1], light[SUN + 2]
    falloff = max(light[FOG_FALLOFF], np.float32(1e-5))
    fog = light[FOG] * exp_below(-min(max(falloff * (eye_z - floor), _NONE), np.float32(50.0)))
    start, air = light[FOG_START], light[AIR]
    for i in range(width):
        x = (np.float32(i) - middle) * unit
        vx, vy, vz = rx * x + bx, ry * x + by, rz * x + bz
        short = _ONE / math.sqrt(vx * vx + vy * vy + vz * vz)
        inverse = near[i]
        z = _ONE / inverse if inverse > _NONE else _SKY_Z
        far = z / short
        fall = min(max(falloff * vz * z, np.float32(-4.0)), np.float32(3000.0))
        thin = exp_below(-abs(fall))
        mean = (_ONE - thin) / max(abs(fall), np.float32(1e-3))
        mean = mean if abs(fall) > np.float32(1e-3) else _ONE
        mean = mean / max(thin, np.float32(0.018)) if fall < _NONE else mean
        sunward = (vx * sx + vy * sy + vz * sz) * short
        halo = max(sunward, _NONE)
        halo = halo * halo
        halo = halo * halo
        row.z[i] = z
        row.short[i] = short
        clear = min(far / (_ONE + max(vz * z, _NONE) * _AIR_THINS), _AIR_END)
        row.passed[i] = exp_below(-(fog * max(far - start, _NONE) * mean + air * clear))
        row.halo[i] = halo * halo * (_HALF + _HALF * halo)
        row.sunward[i] = sunward


@njit(forceinline=True, **_JIT)
def shadow_shift(axes, nx, ny, nz):
    """How far (u, v, height) in the light's frame, m, from a surface of a normal its shadow is looked up: off the
    surface, the more the more it is turned from the light, so that it does not shade itself.
    """
    u = axes[0, 0] * nx + axes[0, 1] * ny + axes[0, 2] * nz
    v = axes[1, 0] * nx + axes[1, 1] * ny + axes[1, 2] * nz
    facing = axes[2, 0] * nx + axes[2, 1] * ny + axes[2, 2] * nz
    off = _OFF * math.sqrt(max(_ONE - facing * facing, _NONE))
    return u * off, v * off, facing * off + _BIAS


@njit(forceinline=True, **_JIT)
def lit_at(axes, still, moving, x, y, z, shift, distance):
    """Share of the direct light that reaches a place whose `shadow_shift` is `shift`, seen from a distance (m);
    `axes`, `still` and `moving` are parts of `Shadows`.
    """
    u = axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z + shift[0]
    v = axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z + shift[1]
    height = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z + shift[2]
    lit = lit_share(still.table, still.corner, still.depth, STILL_BITS, u * STILL_SCALE, v * STILL_SCALE, height)
    if lit > _NONE:
        lit *= lit_share(
            moving.table, moving.corner, moving.depth, MOVING_BITS, u * MOVING_SCALE, v * MOVING_SCALE, height
        )
    fade = share((_REACH - distance) * np.float32(0.025))
    return lit * fade + _FAR_LIT * (_ONE - fade)


@njit(forceinline=True, **_JIT)
def _leaves(grain, stain, starts, px, py, pz, nx, ny, nz, key, wx, wy, wz, blur, mottle, sway):
    """Of leaves at (px, py, pz) from the middle of their tree: brightness, how far they face the light, and the sky."""
    long = _ONE / max(math.sqrt(px * px + py * py + pz * pz), _TINY)
    px, py, pz = nx * _STIFF + px * long, ny * _STIFF + py * long, nz * _STIFF + pz * long
    long = _ONE / max(math.sqrt(px * px + py * py + pz * pz), _TINY)
    turned = share((px * key[0] + py * key[1] + pz * key[2]) * long * np.float32(0.8) + np.float32(0.2))
    risen = share(_HALF + _HALF * pz * long) * np.float32(0.8)
    return foliage(grain, stain, starts, wx, wy, wz, blur, mottle, sway), turned, risen


@njit(forceinline=True, **_JIT)
def _mirror_image(light, dome, vx, vy, vz, short, nx, ny, nz, toward, mirror, lit):
    """What a smooth surface shows of the sky and the sun (r, g, b), and how much of it."""
    away = _ONE - share(toward)
    bent = away * away
    strength = mirror * (_HEAD_ON + _GRAZING * (bent * bent * away))
    red, green, blue = mirrored(light, dome, vz * short + np.float32(2.0) * toward * nz)
    if lit > _NONE:
        kx, ky, kz = light[KEY], light[KEY + 1], light[KEY + 2]
        shine = (vx * kx + vy * ky + vz * kz) * short + np.float32(2.0) * toward * (nx * kx + ny * ky + nz * kz)
        if shine > _HALF:
            for _ in range(5):
                shine = shine * shine
            shine *= np.float32(6.0) * mirror * mirror
            red += shine * light[KEY_LIGHT]
            green += shine * light[KEY_LIGHT + 1]
            blue += shine * light[KEY_LIGHT + 2]
    return red, green, blue, strength


@njit(**_JIT)
def _color_row(
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
    view,
    line,
    y,
    row,
):
    """Fill in the linear colours of a row of pixels. All in one loop, as what belongs to a triangle is looked up once
    for the run of pixels that see it.
    """
    seen, cover, marked = buffers.seen[view, line], buffers.cover[view, line], buffers.marked[view, line]
    grain, stain, crack, cloud, starts = noise
    albedo, tint_of, gloss_of, emission, lamps_of, pattern_of, params_of = materials
    origin, axis, tints, lit_lamps = things.origin, things.axis, things.tint, things.lamps
    eye_x, eye_y, eye_z = camera.eye[view, 0], camera.eye[view, 1], camera.eye[view, 2]
    turn, unit, width = camera.turn[view], _ONE / camera.focal[view], len(seen)
    middle = np.float32(width) * _HALF - _HALF
    bx, by, bz = turn[1, 0] * y + turn[2, 0], turn[1, 1] * y + turn[2, 1], turn[1, 2] * y + turn[2, 2]
    rx, ry, rz = turn[0, 0], turn[0, 1], turn[0, 2]
    key = light[KEY], light[KEY + 1], light[KEY + 2]
    key_r, key_g, key_b = light[KEY_LIGHT], light[KEY_LIGHT + 1], light[KEY_LIGHT + 2]
    ground_r, ground_g, ground_b = light[GROUND_LIGHT], light[GROUND_LIGHT + 1], light[GROUND_LIGHT + 2]
    sky_r, sky_g, sky_b = light[SKY_LIGHT], light[SKY_LIGHT + 1], light[SKY_LIGHT + 2]
    wet, puddles, night = light[WET], light[PUDDLES], light[NIGHT]
    sway = light[WIND] * np.sin(light[TIME] * np.float32(2.5)) * np.float32(1.2)
    last, last_mark = -1, -1
    nx, ny, nz, facing, up, gloss, film = _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE
    color = own = mark = shift = _NONE, _NONE, _NONE
    ox, oy, oz, kind, material, thing = _NONE, _NONE, _NONE, 0, 0, 0
    for i in range(width):
        x = (np.float32(i) - middle) * unit
        vx, vy, vz = rx * x + bx, ry * x + by, rz * x + bz
        short = row.short[i]
        row.mirror[i] = _NONE
        t = seen[i]
        if t < 0:
            row.red[i], row.green[i], row.blue[i] = sky_color(
                light, dome, cloud, vx * short, vy * short, vz * short, row.sunward[i]
            )
            continue
        if t != last:
            last = t
            nx, ny, nz = triangles.normal[t, 0], triangles.normal[t, 1], triangles.normal[t, 2]
            material, thing = int(triangles.material[t]), int(triangles.thing[t])
            color = albedo_of(albedo, tint_of, tints, material, thing)
            own = emission_of(emission, lamps_of, lit_lamps, material, thing)
            ox, oy, oz = origin[thing, 0], origin[thing, 1], origin[thing, 2]
            kind, gloss = int(pattern_of[material]), gloss_of[material]
            facing, up = max(nx * key[0] + ny * key[1] + nz * key[2], _NONE), _HALF + _HALF * nz
            film, shift = film_of(wet, kind, nz), shadow_shift(axes, nx, ny, nz)
        z = row.z[i]
        wx, wy, wz = eye_x + vx * z, eye_y + vy * z, eye_z + vz * z
        toward, pixel = -(nx * vx + ny * vy + nz * vz) * short, z * unit
        blur = pixel / max(toward, np.float32(0.04))
        r, g, b = color
        mirror, lamps, turned, risen = gloss, _NONE, facing, up
        if kind != _PLAIN:
            params = params_of[material]
            if kind <= _GRASS:
                r, g, b = ground_pattern(
                    grain, stain, crack, starts, kind, params, wx, wy, nx, ny, nz, vx, vy, vz, turn, pixel, blur, color
                )
            elif kind == _FOLIAGE:
                px, py, pz, mottle = wx - ox, wy - oy, wz - oz - params[0], params[1]
                value, turned, risen = _leaves(
                    grain, stain, starts, px, py, pz, nx, ny, nz, key, wx, wy, wz, blur, mottle, sway
                )
                r, g, b = r * value, g * value, b * value
            elif kind in (_FACADE, _BRICK):
                r, g, b, sheen, lamps = wall_pattern(
                    night, kind, params, wx, wy, wz, ox, oy, oz, nx, ny, nz, vx, vy, vz, turn, pixel, color
                )
                mirror = max(sheen, gloss)
            elif kind == _WATER:
                mirror = _ONE
            else:
                cos, sin = axis[thing, 0], axis[thing, 1]
                r, g, b = local_pattern(kind, params, faces, wx, wy, wz, ox, oy, oz, cos, sin, nx, ny, pixel, color)
        over = cover[i]
        if over > _NONE:
            m = marked[i]
            if m >= 0 and m != last_mark:
                last_mark = m
                mark = albedo_of(albedo, tint_of, tints, int(paint.material[m]), int(paint.thing[m]))
            r, g, b = r + over * (mark[0] - r), g + over * (mark[1] - g), b + over * (mark[2] - b)
        lit = turned * lit_at(axes, still, moving, wx, wy, wz, shift, z) if turned > _NONE else _NONE
        in_r = ground_r + risen * (sky_r - ground_r) + lit * key_r
        in_g = ground_g + risen * (sky_g - ground_g) + lit * key_g
        in_b = ground_b + risen * (sky_b - ground_b) + lit * key_b
        if night > _NONE:
            glow_r, glow_g, glow_b = glow_on(glow.table, glow.corner, glow.cells, wx, wy, wz, nx, ny, nz)
            in_r, in_g, in_b = in_r + glow_r, in_g + glow_g, in_b + glow_b
        if film > _NONE:
            dry, wet_mirror = soaked(stain, starts, wx, wy, blur, film, puddles)
            r, g, b, mirror = r * dry, g * dry, b * dry, max(mirror, wet_mirror)
        r, g, b = r * in_r, g * in_g, b * in_b
        if mirror > _NONE:
            sr, sg, sb, strength = _mirror_image(light, dome, vx, vy, vz, short, nx, ny, nz, toward, mirror, lit)
            r, g, b = r + strength * (sr - r), g + strength * (sg - g), b + strength * (sb - b)
            row.mirror[i] = strength if film > _NONE else _NONE
        row.red[i] = r + own[0] + lamps * _WINDOW_LIGHT[0]
        row.green[i] = g + own[1] + lamps * _WINDOW_LIGHT[1]
        row.blue[i] = b + own[2] + lamps * _WINDOW_LIGHT[2]


@njit(**_JIT)
def _tone_row(light, tones, row, out):
    """Lay haze over a row of colours and write it as numbers."""
    haze_r, haze_g, haze_b = light[HAZE], light[HAZE + 1], light[HAZE + 2]
    halo_r, halo_g, halo_b = light[HALO], light[HALO + 1], light[HALO + 2]
    scale, most = np.float32(TONES_PER_ROOT), np.float32(TONES - 1)
    for i in range(len(out)):
        passed, halo = row.passed[i], row.halo[i]
        air = _ONE - passed
        row.red[i] = row.red[i] * passed + (haze_r + halo * halo_r) * air
        row.green[i] = row.green[i] * passed + (haze_g + halo * halo_g) * air
        row.blue[i] = row.blue[i] * passed + (haze_b + halo * halo_b) * air
    for i in range(len(out)):
        red = np.int32(min(math.sqrt(max(row.red[i], _NONE)) * scale, most))
        green = np.int32(min(math.sqrt(max(row.green[i], _NONE)) * scale, most))
        blue = np.int32(min(math.sqrt(max(row.blue[i], _NONE)) * scale, most))
        out[i] = np.uint32(tones[blue] | (tones[green] << 8) | (tones[red] << 16)) | np.uint32(0xFF000000)


@njit(**_JIT)
def _mirror_row(row, mirror):
    """Note how much of the mirror images comes through the air."""
    for i in range(len(mirror)):
        mirror[i] = row.mirror[i] * row.passed[i]


@njit(**_JIT)
def _bloom_row(row, bloom):
    """Add what is brighter than white to the blocks (w / 8, 3) of a row."""
    for block in range(len(bloom)):
        red, green, blue = _NONE, _NONE, _NONE
        for i in range(block * BLOCK, min((block + 1) * BLOCK, len(row.red))):
            red += min(max(row.red[i] - _ONE, _NONE), np.float32(12.0))
            green += min(max(row.green[i] - _ONE, _NONE), np.float32(12.0))
            blue += min(max(row.blue[i] - _ONE, _NONE), np.float32(12.0))
        bloom[block, 0] += red
        bloom[block, 1] += green
        bloom[block, 2] += blue


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
    tones,
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
        scratch = np.empty((9, width), np.float32)
        row = Row(
            scratch[0],
            scratch[1],
            scratch[2],
            scratch[3],
            scratch[4],
            scratch[5],
            scratch[6],
            scratch[7],
            scratch[8],
        )
        for line in range(first, min(first + BAND, height)):
            y = (np.float32(line) + _HALF - np.float32(height) * _HALF) / camera.focal[view]
            _air_row(light, buffers.near[view, line], camera, view, y, row)
            _color_row(
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
                view,
                line,
                y,
                row,
            )
            _tone_row(light, tones[view], row, out[view, line])
            if mirror.shape[0] > 0:
                _mirror_row(row, mirror[view, line])
            if bloom.shape[0] > 0:
                _bloom_row(row, bloom[view, line // BLOCK])
