"""Placing what moves: rigid parts of models into the rows behind those of the level."""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.render.scene import Clusters, Triangles
from carlet.render.templates import TemplateArrays

# Positions are strict: corners that parts share stay the same. Only least and greatest may be found in any order.
_JIT: dict[str, Any] = {"cache": True, "fastmath": {"nnan", "ninf", "nsz"}, "error_model": "numpy", "nogil": True}
_HUGE = np.float32(3e38)


def place(
    triangles: Triangles,
    clusters: Clusters,
    first_cluster: int,
    templates: TemplateArrays,
    part: NDArray[np.int32],
    matrices: NDArray[np.floating],
) -> None:
    """Put p parts of `templates`, rows `part` (p,), where `matrices` (p, 3, 4) take them. Part i is cluster
    `first_cluster + i`, whose first triangle is set already: writes the corners and normals of its triangles, and its
    box.
    """
    if len(part):
        _place(
            triangles.corner.reshape(-1),
            triangles.normal.reshape(-1),
            clusters.first[first_cluster:],
            clusters.low[first_cluster:],
            clusters.high[first_cluster:],
            templates.corner.reshape(-1),
            templates.normal.reshape(-1),
            templates.start,
            part,
            np.ascontiguousarray(matrices, np.float32),
        )


@njit(parallel=True, **_JIT)
def _place(corner, normal, first, low, high, template_corner, template_normal, start, part, matrices):
    """All parts."""
    for i in prange(len(part)):
        begin, end, row = start[part[i]], start[part[i] + 1], first[i]
        count = end - begin
        _move(matrices[i], template_corner[9 * begin : 9 * end], corner[9 * row : 9 * (row + count)], low[i], high[i])
        _turn(matrices[i], template_normal[3 * begin : 3 * end], normal[3 * row : 3 * (row + count)])


@njit(**_JIT)
def _move(matrix, points, moved, low, high):
    """Points (3 n,) to where they are in the world, and the box around them."""
    xx, xy, xz, x = matrix[0, 0], matrix[0, 1], matrix[0, 2], matrix[0, 3]
    yx, yy, yz, y = matrix[1, 0], matrix[1, 1], matrix[1, 2], matrix[1, 3]
    zx, zy, zz, z = matrix[2, 0], matrix[2, 1], matrix[2, 2], matrix[2, 3]
    low_x, low_y, low_z, high_x, high_y, high_z = _HUGE, _HUGE, _HUGE, -_HUGE, -_HUGE, -_HUGE
    for k in range(len(points) // 3):
        a, b, c = points[3 * k], points[3 * k + 1], points[3 * k + 2]
        east, south, up = xx * a + xy * b + xz * c + x, yx * a + yy * b + yz * c + y, zx * a + zy * b + zz * c + z
        moved[3 * k], moved[3 * k + 1], moved[3 * k + 2] = east, south, up
        low_x, low_y, low_z = min(low_x, east), min(low_y, south), min(low_z, up)
        high_x, high_y, high_z = max(high_x, east), max(high_y, south), max(high_z, up)
    low[0], low[1], low[2] = low_x, low_y, low_z
    high[0], high[1], high[2] = high_x, high_y, high_z


@njit(**_JIT)
def _turn(matrix, directions, turned):
    """Directions (3 n,) as they are in the world."""
    xx, xy, xz = matrix[0, 0], matrix[0, 1], matrix[0, 2]
    yx, yy, yz = matrix[1, 0], matrix[1, 1], matrix[1, 2]
    zx, zy, zz = matrix[2, 0], matrix[2, 1], matrix[2, 2]
    for k in range(len(directions) // 3):
        a, b, c = directions[3 * k], directions[3 * k + 1], directions[3 * k + 2]
        turned[3 * k] = xx * a + xy * b + xz * c
        turned[3 * k + 1] = yx * a + yy * b + yz * c
        turned[3 * k + 2] = zx * a + zy * b + zz * c
