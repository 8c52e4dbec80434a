"""From triangles in the world to triangles in the picture: projection, sifting, clipping at the near plane.

Every corner goes through the same operations in the same order, without the freedoms of fast mathematics, so that
triangles which share corners in the world share them in the picture to the last bit.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from carlet.render.culling import NEAR

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_STRICT, "forceinline": True}
_HALF, _ONE = np.float32(0.5), np.float32(1.0)
#: Areas (pixels) are known to this, for each pixel of a triangle's width and height.
_AWAY = np.float32(2e-3)
#: Triangles that are set up together.
BATCH = 64
#: Where y and z of the corners begin in `Workbench.points`.
_Y, _Z = 3 * BATCH, 6 * BATCH


class Workbench(NamedTuple):
    """Scratch of one thread, for a batch of triangles. Numbers of one kind lie together, `BATCH` or three times that
    many: in `points` the projected corners, x and y in pixels, then z, metres along the camera's axis; in `traits` each
    triangle's pixels `left right top bottom`, right and bottom excluded, and whether to draw it. `chosen`
    (BATCH,) lists those to draw. `polygon` (8, 3): see `clip`.

    Few arrays, so that the compiler can tell that they do not overlap, and use vector instructions.
    """

    points: Any
    traits: Any
    chosen: Any
    polygon: Any


class Plane(NamedTuple):
    """1/z of the plane of a triangle: `base + by_column * x + by_row * y` at the centre of pixel x, y."""

    base: Any
    by_column: Any
    by_row: Any


def workbenches(threads: int) -> Workbench:
    """Scratch for some threads, first axis thread."""
    return Workbench(
        points=np.zeros((threads, 9 * BATCH), np.float32),
        traits=np.zeros((threads, 5 * BATCH), np.float32),
        chosen=np.zeros((threads, BATCH), np.int32),
        polygon=np.zeros((threads, 8, 3), np.float32),
    )


@njit(**_STRICT)
def bench_of(benches, thread):
    """The scratch of one thread."""
    return Workbench(benches.points[thread], benches.traits[thread], benches.chosen[thread], benches.polygon[thread])


@njit(**_INLINE)
def project(camera, corners, points):
    """Project the corners of a batch, `corners` (9 n,), into `Workbench.points`."""
    for i in range(len(corners) // 3):
        east, south, up = corners[3 * i] - camera.ex, corners[3 * i + 1] - camera.ey, corners[3 * i + 2] - camera.ez
        depth = camera.r20 * east + camera.r21 * south + camera.r22 * up
        scale = camera.focal / depth
        points[i] = camera.middle_x + scale * (camera.r00 * east + camera.r01 * south + camera.r02 * up)
        points[_Y + i] = camera.middle_y + scale * (camera.r10 * east + camera.r11 * south + camera.r12 * up)
        points[_Z + i] = depth


@njit(**_INLINE)
def sift(camera, bench, count, canvas, slack):
    """Choose those of `count` triangles whose box holds the centre of a pixel of the canvas, or misses it by no more
    than `slack` pixels, and that do not clearly look away; and those that cross the near plane. Returns how many; the
    chosen come first in `bench.chosen`.
    """
    points, traits, chosen = bench.points, bench.traits, bench.chosen
    first_x, last_x = np.float32(canvas.left), np.float32(canvas.right)
    first_y, last_y = np.float32(canvas.top), np.float32(canvas.bottom)
    before, after = _HALF + slack, _HALF - slack
    for i in range(count):
        ax, bx, cx = points[3 * i], points[3 * i + 1], points[3 * i + 2]
        ay, by, cy = points[_Y + 3 * i], points[_Y + 3 * i + 1], points[_Y + 3 * i + 2]
        az, bz, cz = points[_Z + 3 * i], points[_Z + 3 * i + 1], points[_Z + 3 * i + 2]
        low_x, high_x = min(min(ax, bx), cx), max(max(ax, bx), cx)
        low_y, high_y = min(min(ay, by), cy), max(max(ay, by), cy)
        low_z, high_z = min(min(az, bz), cz), max(max(az, bz), cz)
        left, right = max(np.ceil(low_x - before), first_x), min(np.ceil(high_x - after), last_x)
        top, bottom = max(np.ceil(low_y - before), first_y), min(np.ceil(high_y - after), last_y)
        away = ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) * camera.hand
        seen = (left < right) & (top < bottom) & (away < _AWAY * (_ONE + high_x - low_x + high_y - low_y))
        traits[i], traits[BATCH + i], traits[2 * BATCH + i], traits[3 * BATCH + i] = left, right, top, bottom
        traits[4 * BATCH + i] = _ONE if (seen | (low_z < NEAR)) & (high_z >= NEAR) else np.float32(0.0)
    end = 0
    for i in range(count):
        chosen[end] = i
        end += np.int64(traits[4 * BATCH + i])
    return end


@njit(**_INLINE)
def corners_of(bench, i):
    """Put the projected corners of a triangle into `polygon[3:]`, as `clip` does. Returns how many there are."""
    for k in range(3):
        bench.polygon[3 + k, 0], bench.polygon[3 + k, 1] = bench.points[3 * i + k], bench.points[_Y + 3 * i + k]
        bench.polygon[3 + k, 2] = _ONE / bench.points[_Z + 3 * i + k]
    return 3


@njit(**_INLINE)
def least_z(bench, i):
    """Least z of a triangle of the batch."""
    return min(min(bench.points[_Z + 3 * i], bench.points[_Z + 3 * i + 1]), bench.points[_Z + 3 * i + 2])


@njit(**_INLINE)
def box_of(bench, i):
    """Pixels of the canvas in the box of a triangle of the batch: left, right, top, bottom."""
    traits = bench.traits
    left, right = np.int64(traits[i]), np.int64(traits[BATCH + i])
    return left, right, np.int64(traits[2 * BATCH + i]), np.int64(traits[3 * BATCH + i])


@njit(**_INLINE)
def box_of_polygon(polygon, last, canvas, slack):
    """Pixels of the canvas in the box of the triangle of the corners 3, last - 1 and last of `polygon`, as `sift` finds
    them.
    """
    low_x = min(min(polygon[3, 0], polygon[last - 1, 0]), polygon[last, 0])
    high_x = max(max(polygon[3, 0], polygon[last - 1, 0]), polygon[last, 0])
    low_y = min(min(polygon[3, 1], polygon[last - 1, 1]), polygon[last, 1])
    high_y = max(max(polygon[3, 1], polygon[last - 1, 1]), polygon[last, 1])
    return (
        np.int64(max(np.ceil(low_x - _HALF - slack), np.float32(canvas.left))),
        np.int64(min(np.ceil(high_x - _HALF + slack), np.float32(canvas.right))),
        np.int64(max(np.ceil(low_y - _HALF - slack), np.float32(canvas.top))),
        np.int64(min(np.ceil(high_y - _HALF + slack), np.float32(canvas.bottom))),
    )


@njit(**_STRICT)
def clip(camera, corners, polygon):
    """Cut the triangle `corners` (9,) at the near plane: `polygon[3:]` are the corners of what is left, three or four,
    in pixels and 1/z. Returns how many there are.
    """
    for i in range(3):
        x, y, z = corners[3 * i] - camera.ex, corners[3 * i + 1] - camera.ey, corners[3 * i + 2] - camera.ez
        polygon[i, 0] = camera.r00 * x + camera.r01 * y + camera.r02 * z
        polygon[i, 1] = camera.r10 * x + camera.r11 * y + camera.r12 * z
        polygon[i, 2] = camera.r20 * x + camera.r21 * y + camera.r22 * z
    end = 3
    for i in range(3):
        j = (i + 1) % 3
        if polygon[i, 2] >= NEAR:
            _put(camera, polygon, end, polygon[i, 0], polygon[i, 1], polygon[i, 2])
            end += 1
        if (polygon[i, 2] >= NEAR) != (polygon[j, 2] >= NEAR):
            # From before the plane to behind it, whichever way the edge runs: both its triangles get the same point.
            a, b = (i, j) if polygon[i, 2] >= NEAR else (j, i)
            share = (polygon[a, 2] - NEAR) / (polygon[a, 2] - polygon[b, 2])
            x = polygon[a, 0] + share * (polygon[b, 0] - polygon[a, 0])
            y = polygon[a, 1] + share * (polygon[b, 1] - polygon[a, 1])
            _put(camera, polygon, end, x, y, NEAR)
            end += 1
    return end - 3


@njit(**_STRICT)
def _put(camera, polygon, row, x, y, z):
    scale = camera.focal / z
    polygon[row, 0], polygon[row, 1] = camera.middle_x + scale * x, camera.middle_y + scale * y
    polygon[row, 2] = _ONE / z


@njit(**_INLINE)
def plane_of(camera, corner, normal):
    """The plane through a corner (3,) with a normal (3,), exact enough for a millimetre at a hundred metres."""
    nx, ny, nz = np.float64(normal[0]), np.float64(normal[1]), np.float64(normal[2])
    distance = nx * (corner[0] - camera.ex) + ny * (corner[1] - camera.ey) + nz * (corner[2] - camera.ez)
    over_distance = 1.0 / distance
    per_pixel = over_distance * (1.0 / np.float64(camera.focal))
    by_column = (nx * camera.r00 + ny * camera.r01 + nz * camera.r02) * per_pixel
    by_row = (nx * camera.r10 + ny * camera.r11 + nz * camera.r12) * per_pixel
    base = (nx * camera.r20 + ny * camera.r21 + nz * camera.r22) * over_distance
    return Plane(base + by_column * (0.5 - camera.middle_x) + by_row * (0.5 - camera.middle_y), by_column, by_row)


@njit(**_INLINE)
def faces(camera, corner, normal):
    """Whether a triangle's outside is towards the eye; false when its normal is zero or not a number."""
    x, y, z = corner[0] - camera.ex, corner[1] - camera.ey, corner[2] - camera.ez
    return normal[0] * x + normal[1] * y + normal[2] * z < np.float32(0.0)
