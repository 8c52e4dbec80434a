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
from carlet.render.setup import faces

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_STRICT, "forceinline": True}
_PARALLEL: dict[str, Any] = {**_STRICT, "_nrt": True, "parallel": True}
#: Rows that one thread works on at a time.
_BAND = 32
#: Surfaces are one when their normals' cosine is over this, and one goes on where the other is to this share.
_ALIKE, _SAME = np.float32(0.96), 0.02
#: Neighbours whose colours differ by less, all channels together, show no step.
_STEP = 20
#: A surface is followed over so many edges, to rows that are no farther apart than this.
_HOPS, _WINDOW = 4, 8
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
        np.empty((count * bands, 3, width), np.float32),
    )


@njit(**_PARALLEL)
def _smooth_bands(cameras, bgra, near, seen, corner, normal, material, thing, lines, shares):
    """Bands of rows of all pictures. `lines` (bands, 4, w, 4): rows as they were: the one above the band, the one below
    it, and two in turn; `shares` (bands, 3, w).
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
    across, upper, lower = shares[0], shares[1], shares[2]
    above, here, spare = lines[0], lines[2], lines[3]
    _copy(picture[top], here)
    lower[:] = _NONE
    if top > 0:
        _share_line(scene, top - 1, 0, 1, above, here, lower)
    for y in range(top, bottom):
        below = picture[y + 1] if y + 1 < bottom else lines[1]
        upper, lower = lower, upper
        lower[:] = _NONE
        if y + 1 < height:
            _share_line(scene, y, 0, 1, here, below, lower)
        across[width - 1] = _NONE
        _share_line(scene, y, 1, 0, here, here[1:], across)
        _mix_line(picture[y], above, here, below, upper, across, lower)
        if y + 1 < bottom:
            _copy(below, spare)
            above, here, spare = here, spare, lines[3] if (y - top) & 1 else lines[2]


@njit(**_STRICT)
def _share_line(scene, y, right, down, here, there, shares):
    """What the pixels of row y share with their neighbours, `right` and `down` of them, which have the colours `there`
    (see `_share`); zero where nothing shall be mixed.
    """
    one, other = scene[2][y], scene[2][y + down]
    for x in range(len(there)):
        shares[x] = _NONE
        if one[x] != other[x + right] and _differ(here[x], there[x]) and _is_edge(scene, x, y, x + right, y + down):
            shares[x] = _share(scene, x, y, x + right, y + down)


@njit(**_INLINE)
def _differ(one, other):
    """Whether two colours are so far apart that a step between them is seen."""
    blue, green, red = np.int32(one[0]) - other[0], np.int32(one[1]) - other[1], np.int32(one[2]) - other[2]
    return abs(blue) + abs(green) + abs(red) > _STEP


@njit(**_STRICT)
def _mix_line(picture, above, here, below, upper, across, lower):
    """One row, from what it and its neighbours were. Mixes with the two neighbours on one axis, the more cut one."""
    last = len(here) - 1
    for x in range(last + 1):
        before, after = max(-across[max(x - 1, 0)], _NONE) if x > 0 else _NONE, max(across[x], _NONE)
        over, under = max(-upper[x], _NONE), max(lower[x], _NONE)
        if max(before + after, over + under) <= _NONE:
            continue
        if before + after >= over + under:
            _mix(picture[x], here[x], here[max(x - 1, 0)], before, here[min(x + 1, last)], after)
        else:
            _mix(picture[x], here[x], above[x], over, below[x], under)


@njit(**_INLINE)
def _mix(target, own, one, one_share, other, other_share):
    """Write the colour `own` with shares of two others."""
    kept = np.float32(1.0) - one_share - other_share
    for channel in range(3):
        mixed = own[channel] * kept + one[channel] * one_share + other[channel] * other_share
        target[channel] = np.uint8(mixed + _HALF)


@njit(**_INLINE)
def _share(scene, x, y, other_x, other_y):
    """How much of pixel x, y belongs to what its neighbour sees; below zero, how much of that belongs to this one."""
    camera, near, seen = scene[0], scene[1], scene[2]
    row, other = seen[y, x], seen[other_y, other_x]
    if near[y, x] >= near[other_y, other_x]:
        way = _way_to_end(scene, row, other, _ray(camera, x, y), _ray(camera, other_x, other_y))
    else:
        way = 1.0 - _way_to_end(scene, other, row, _ray(camera, other_x, other_y), _ray(camera, x, y))
    return np.float32(0.5 - way)


@njit(**_INLINE)
def _is_edge(scene, x, y, other_x, other_y):
    """Whether two neighbouring pixels with different triangles see different things, materials, or sides of one."""
    camera, near, seen, corner, normal = scene[0], scene[1], scene[2], scene[3], scene[4]
    row, other = seen[y, x], seen[other_y, other_x]
    if row < 0 or other < 0 or not _alike(scene, row, other):
        return True
    found = near[other_y, other_x]
    return abs(_near(camera, corner[row], normal[row], _ray(camera, other_x, other_y)) - found) > _SAME * found


@njit(**_INLINE)
def _ray(camera, x, y):
    """Direction of the ray through the centre of a pixel, one metre deep."""
    right = (np.float64(x) + 0.5 - camera.middle_x) / camera.focal
    down = (np.float64(y) + 0.5 - camera.middle_y) / camera.focal
    return (
        camera.r00 * right + camera.r10 * down + camera.r20,
        camera.r01 * right + camera.r11 * down + camera.r21,
        camera.r02 * right + camera.r12 * down + camera.r22,
    )


@njit(**_INLINE)
def _near(camera, corner, normal, ray):
    """1/z at which a ray meets the plane of a triangle."""
    x, y, z = corner[0] - camera.ex, corner[1] - camera.ey, corner[2] - camera.ez
    distance = np.float64(normal[0]) * x + np.float64(normal[1]) * y + np.float64(normal[2]) * z
    return (normal[0] * ray[0] + normal[1] * ray[1] + normal[2] * ray[2]) / distance


@njit(**_INLINE)
def _way_to_end(scene, front, back, inside, outside):
    """Share of the way from a ray that meets triangle `front` to one that meets `back`, at which the surface of `front`
    ends, as far as neighbouring rows tell how it goes on.
    """
    camera, corner = scene[0], scene[3]
    way, row = 0.5, front
    for _ in range(_HOPS):
        edge, end = _exit(camera, corner[row], inside, outside)
        if edge < 0:
            # It goes on, but behind the other: they cut each other.
            if back >= 0:
                lead = _lead(scene, row, back, inside)
                lag = _lead(scene, row, back, outside)
                if lead > 0.0 > lag:
                    way = lead / (lead - lag)
            break
        way = end
        row = _across(scene, row, edge, back)
        if row < 0:
            break
    return way


@njit(**_INLINE)
def _lead(scene, row, other, ray):
    """By how much 1/z of the plane of triangle `row` is over that of another's, along a ray."""
    camera, corner, normal = scene[0], scene[3], scene[4]
    return _near(camera, corner[row], normal[row], ray) - _near(camera, corner[other], normal[other], ray)


@njit(**_INLINE)
def _exit(camera, points, inside, outside):
    """The edge of a triangle (9,) through which the way from one ray to another leaves it, -1 for none, and where."""
    edge, way = -1, 1.0
    for i in range(3):
        ax, ay, az = _from_eye(camera, points, i)
        bx, by, bz = _from_eye(camera, points, i + 1 if i < 2 else 0)
        # The plane through the eye and an edge: rays beyond it miss the triangle.
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        beyond = nx * outside[0] + ny * outside[1] + nz * outside[2]
        if beyond > 0.0:
            within = nx * inside[0] + ny * inside[1] + nz * inside[2]
            end = within / (within - beyond) if within < 0.0 else 0.0
            if end <= way:
                edge, way = i, end
    return edge, way


@njit(**_INLINE)
def _across(scene, row, edge, back):
    """The triangle on the other side of an edge, when it stands among the neighbouring rows, is seen from outside, and
    does not belong to the surface of `back`; else -1.
    """
    camera, corner, normal, thing = scene[0], scene[3], scene[4], scene[6]
    begin, end = 3 * edge, 3 * edge + 3 if edge < 2 else 0
    for other in range(max(row - _WINDOW, 0), min(row + _WINDOW + 1, len(thing))):
        if thing[other] != thing[row]:
            continue
        for k in range(3):
            at, to = 3 * k, 3 * k + 3 if k < 2 else 0
            if _same_point(corner, row, begin, other, to) and _same_point(corner, row, end, other, at):
                if back >= 0 and _alike(scene, other, back):
                    return -1
                return other if faces(camera, corner[other], normal[other]) else -1
    return -1


@njit(**_INLINE)
def _same_point(corner, row, i, other, j):
    """Whether corners of two triangles, which begin at columns i and j, are the same."""
    one, two = corner[row], corner[other]
    return one[i] == two[j] and one[i + 1] == two[j + 1] and one[i + 2] == two[j + 2]


@njit(**_INLINE)
def _alike(scene, row, other):
    """Whether two triangles are of one thing and material and look the same way."""
    normal, material, thing = scene[4], scene[5], scene[6]
    if thing[row] != thing[other] or material[row] != material[other]:
        return False
    one, two = normal[row], normal[other]
    return one[0] * two[0] + one[1] * two[1] + one[2] * two[2] > _ALIKE


@njit(**_INLINE)
def _from_eye(camera, points, i):
    """Corner i of a triangle (9,) as seen from the eye."""
    return (
        np.float64(points[3 * i] - camera.ex),
        np.float64(points[3 * i + 1] - camera.ey),
        np.float64(points[3 * i + 2] - camera.ez),
    )
