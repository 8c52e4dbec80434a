"""Edges without stair-steps, for colour pictures: pixels that an edge runs through are mixed with their neighbours.

Of two neighbouring pixels that see different things the nearer triangle is known, and so exactly where on the way from
one centre to the other it ends. As much of a pixel as lies beyond that point takes the neighbour's colour.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.render.culling import pinhole, pinholes
from carlet.render.raster import Buffers
from carlet.render.scene import Triangles, View

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_STRICT, "_nrt": True, "parallel": True}
#: Rows that one thread works on at a time.
_BAND = 32
#: Surfaces are one when their normals' cosine is over this, and one goes on where the other is to this share.
_ALIKE, _SAME = np.float32(0.96), 0.02
_NONE, _HALF = np.float32(0.0), np.float32(0.5)


def smooth_edges(bgra: NDArray[np.uint8], buffers: Buffers, triangles: Triangles, views: Sequence[View]) -> None:
    """Smooth finished pictures (k, h, w, 4) of the first k of `views`, in place."""
    count, height, width = bgra.shape[:3]
    if not count:
        return
    bands = -(-height // _BAND)
    _smooth_bands(
        pinholes(views),
        bgra,
        buffers.near,
        buffers.seen,
        triangles.corner,
        triangles.normal,
        triangles.material,
        triangles.thing,
        np.empty((count * bands, 4, width, 4), np.uint8),
        np.empty((count * bands, 2, width), np.float32),
    )


@njit(**_PARALLEL)
def _smooth_bands(cameras, bgra, near, seen, corner, normal, material, thing, lines, shares):
    """Bands of rows of all pictures. `lines` (bands, 4, w, 4): rows as they were: the one above the band, the one below
    it, and two in turn; `shares` (bands, 2, w).
    """
    height = bgra.shape[1]
    bands = len(lines) // len(bgra)
    for task in prange(len(lines)):
        view, top = task // bands, (task % bands) * _BAND
        _copy(bgra[view, max(top - 1, 0)], lines[task, 0])
        _copy(bgra[view, min(top + _BAND, height - 1)], lines[task, 1])
    for task in prange(len(lines)):
        view, top = task // bands, (task % bands) * _BAND
        scene = (pinhole(cameras, view), near[view], seen[view], corner, normal, material, thing)
        _smooth_band(scene, bgra[view], top, min(top + _BAND, height), lines[task], shares[task])


@njit(**_STRICT)
def _copy(source, target):
    for x in range(len(source)):
        for channel in range(4):
            target[x, channel] = source[x, channel]


@njit(**_STRICT)
def _smooth_band(scene, picture, top, bottom, lines, shares):
    """Rows [top, bottom) of a picture."""
    height, width = picture.shape[:2]
    upper, lower = shares[0], shares[1]
    for x in range(width):
        lower[x] = _NONE
    if top > 0:
        _share_rows(scene, top - 1, lower)
    above, here = lines[0], lines[2]
    _copy(picture[top], here)
    for y in range(top, bottom):
        upper, lower = lower, upper
        for x in range(width):
            lower[x] = _NONE
        if y + 1 < height:
            _share_rows(scene, y, lower)
        below = picture[y + 1] if y + 1 < bottom else lines[1]
        _smooth_row(scene, picture[y], y, above, here, below, upper, lower)
        if y + 1 < bottom:
            spare = lines[3] if (y - top) & 1 == 0 else lines[2]
            _copy(below, spare)
            above, here = here, spare


@njit(**_STRICT)
def _share_rows(scene, y, shares):
    """Shares between row y and the next; zero where nothing is to be mixed."""
    seen = scene[2]
    one, other = seen[y], seen[y + 1]
    for x in range(len(shares)):
        if one[x] != other[x]:
            shares[x] = _share(scene, x, y, x, y + 1)


@njit(**_STRICT)
def _smooth_row(scene, picture, y, above, here, below, upper, lower):
    """One row, from what it and its neighbours were."""
    seen = scene[2][y]
    left = _NONE
    for x in range(len(here)):
        right = _NONE
        if x + 1 < len(here) and seen[x] != seen[x + 1]:
            right = _share(scene, x, y, x + 1, y)
        before, after = max(-left, _NONE), max(right, _NONE)
        over, under = max(-upper[x], _NONE), max(lower[x], _NONE)
        left = right
        if before + after >= over + under:
            if before + after > _NONE:
                _mix(picture[x], here[x], here[max(x - 1, 0)], before, here[min(x + 1, len(here) - 1)], after)
        else:
            _mix(picture[x], here[x], above[x], over, below[x], under)


@njit(**_STRICT)
def _mix(target, own, one, one_share, other, other_share):
    """Write the colour `own` with shares of two others."""
    kept = np.float32(1.0) - one_share - other_share
    for channel in range(3):
        mixed = own[channel] * kept + one[channel] * one_share + other[channel] * other_share
        target[channel] = np.uint8(mixed + _HALF)


@njit(**_STRICT)
def _share(scene, x, y, other_x, other_y):
    """How much of pixel x, y belongs to what its neighbour sees; below zero, how much of the neighbour belongs to it."""
    camera, near, seen = scene[0], scene[1], scene[2]
    row, other = seen[y, x], seen[other_y, other_x]
    if not _is_edge(scene, x, y, other_x, other_y):
        return _NONE
    if near[y, x] >= near[other_y, other_x]:
        way = _way_to_end(scene, row, other, _ray(camera, x, y), _ray(camera, other_x, other_y))
    else:
        way = 1.0 - _way_to_end(scene, other, row, _ray(camera, other_x, other_y), _ray(camera, x, y))
    return np.float32(0.5 - way)


@njit(**_STRICT)
def _is_edge(scene, x, y, other_x, other_y):
    """Whether two neighbouring pixels with different triangles see different things, materials, or sides of one."""
    camera, near, seen, corner, normal, material, thing = scene
    row, other = seen[y, x], seen[other_y, other_x]
    if row < 0 or other < 0 or thing[row] != thing[other] or material[row] != material[other]:
        return True
    one, two = normal[row], normal[other]
    if one[0] * two[0] + one[1] * two[1] + one[2] * two[2] < _ALIKE:
        return True
    found = near[other_y, other_x]
    return abs(_near(camera, corner[row], one, _ray(camera, other_x, other_y)) - found) > _SAME * found


@njit(**_STRICT)
def _ray(camera, x, y):
    """Direction of the ray through the centre of a pixel, one metre deep."""
    right = (np.float64(x) + 0.5 - camera.middle_x) / camera.focal
    down = (np.float64(y) + 0.5 - camera.middle_y) / camera.focal
    return (
        camera.r00 * right + camera.r10 * down + camera.r20,
        camera.r01 * right + camera.r11 * down + camera.r21,
        camera.r02 * right + camera.r12 * down + camera.r22,
    )


@njit(**_STRICT)
def _near(camera, corner, normal, ray):
    """1/z at which a ray meets the plane of a triangle."""
    x, y, z = corner[0] - camera.ex, corner[1] - camera.ey, corner[2] - camera.ez
    distance = np.float64(normal[0]) * x + np.float64(normal[1]) * y + np.float64(normal[2]) * z
    return (normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2]) / distance


@njit(**_STRICT)
def _way_to_end(scene, front, back, inside, outside):
    """Share of the way from a ray that meets triangle `front` to one that meets `back`, at which `front` ends."""
    camera, corner, normal = scene[0], scene[3], scene[4]
    points = corner[front]
    way = 2.0
    for i in range(3):
        j = i + 1 if i < 2 else 0
        ax, ay, az = _from_eye(camera, points, i)
        bx, by, bz = _from_eye(camera, points, j)
        # The plane through the eye and an edge: rays beyond it miss the triangle.
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        beyond = nx * outside[0] + ny * outside[1] + nz * outside[2]
        if beyond > 0.0:
            within = min(nx * inside[0] + ny * inside[1] + nz * inside[2], 0.0)
            way = min(way, within / (within - beyond))
    if way > 1.0:
        way = 0.5
        if back >= 0:
            # It goes on, but behind the other: they cut each other.
            lead = _near(camera, points, normal[front], inside) - _near(camera, corner[back], normal[back], inside)
            lag = _near(camera, points, normal[front], outside) - _near(camera, corner[back], normal[back], outside)
            if lead > 0.0 > lag:
                way = lead / (lead - lag)
    return way


@njit(**_STRICT)
def _from_eye(camera, points, i):
    """Corner i of a triangle (9,) as seen from the eye."""
    return (
        np.float64(points[3 * i] - camera.ex),
        np.float64(points[3 * i + 1] - camera.ey),
        np.float64(points[3 * i + 2] - camera.ez),
    )
