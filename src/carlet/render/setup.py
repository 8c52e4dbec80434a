"""From triangles in the world to triangles in the picture: projection, sifting, clipping at the near plane.

Every corner goes through the same operations in the same order, without the freedoms of fast mathematics, so that
triangles which share corners in the world share them in the picture to the last bit.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.culling import NEAR

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_HALF, _ONE = np.float32(0.5), np.float32(1.0)
#: Triangles that are set up together.
BATCH = 64


class Workbench(NamedTuple):
    """Scratch of one thread. `x`, `y`, `z` (3 * BATCH,): projected corners of a batch, in pixels, and metres along the
    camera's axis; `wanted` (BATCH,): which of the triangles to draw; `polygon` (8, 3): see `clip`.
    """

    x: Any
    y: Any
    z: Any
    wanted: Any
    polygon: Any


class Plane(NamedTuple):
    """1/z of the plane of a triangle: `base + by_column * x + by_row * y` at the centre of pixel x, y."""

    base: Any
    by_column: Any
    by_row: Any


def workbenches(threads: int) -> Workbench:
    """Scratch for some threads, first axis thread."""
    corners: list[NDArray[np.float32]] = [np.zeros((threads, 3 * BATCH), np.float32) for _ in range(3)]
    return Workbench(*corners, np.zeros((threads, BATCH), np.uint8), np.zeros((threads, 8, 3), np.float32))


@njit(**_STRICT)
def project(camera, corners, bench):
    """Project the corners of a batch, `corners` (9 n,)."""
    x, y, z = bench.x, bench.y, bench.z
    for i in range(len(corners) // 3):
        east, south, up = corners[3 * i] - camera.ex, corners[3 * i + 1] - camera.ey, corners[3 * i + 2] - camera.ez
        depth = camera.r20 * east + camera.r21 * south + camera.r22 * up
        scale = camera.focal / depth
        x[i] = camera.middle_x + scale * (camera.r00 * east + camera.r01 * south + camera.r02 * up)
        y[i] = camera.middle_y + scale * (camera.r10 * east + camera.r11 * south + camera.r12 * up)
        z[i] = depth


@njit(**_STRICT)
def sift(bench, count, left, right, top, bottom):
    """Want those of `count` triangles whose box holds the centre of a pixel of the tile, and those that cross the near
    plane.
    """
    x, y, z, wanted = bench.x, bench.y, bench.z, bench.wanted
    first_x, last_x, first_y, last_y = np.float32(left), np.float32(right), np.float32(top), np.float32(bottom)
    for i in range(count):
        ax, bx, cx = x[3 * i], x[3 * i + 1], x[3 * i + 2]
        ay, by, cy = y[3 * i], y[3 * i + 1], y[3 * i + 2]
        az, bz, cz = z[3 * i], z[3 * i + 1], z[3 * i + 2]
        x0 = max(np.ceil(min(min(ax, bx), cx) - _HALF), first_x)
        x1 = min(np.ceil(max(max(ax, bx), cx) - _HALF), last_x)
        y0 = max(np.ceil(min(min(ay, by), cy) - _HALF), first_y)
        y1 = min(np.ceil(max(max(ay, by), cy) - _HALF), last_y)
        crosses = min(min(az, bz), cz) < NEAR
        wanted[i] = (((x0 < x1) & (y0 < y1)) | crosses) & (max(max(az, bz), cz) >= NEAR)


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


@njit(**_STRICT)
def plane_of(camera, corner, normal):
    """The plane through a corner (3,) with a normal (3,), exact enough for a millimetre at a hundred metres."""
    nx, ny, nz = np.float64(normal[0]), np.float64(normal[1]), np.float64(normal[2])
    distance = nx * (corner[0] - camera.ex) + ny * (corner[1] - camera.ey) + nz * (corner[2] - camera.ez)
    per_pixel = 1.0 / (camera.focal * distance)
    by_column = (nx * camera.r00 + ny * camera.r01 + nz * camera.r02) * per_pixel
    by_row = (nx * camera.r10 + ny * camera.r11 + nz * camera.r12) * per_pixel
    base = (nx * camera.r20 + ny * camera.r21 + nz * camera.r22) / distance
    return Plane(base + by_column * (0.5 - camera.middle_x) + by_row * (0.5 - camera.middle_y), by_column, by_row)


@njit(**_STRICT)
def faces(camera, corner, normal):
    """Whether a triangle's outside is towards the eye; false when its normal is zero or not a number."""
    x, y, z = corner[0] - camera.ex, corner[1] - camera.ey, corner[2] - camera.ez
    return normal[0] * x + normal[1] * y + normal[2] * z < np.float32(0.0)
