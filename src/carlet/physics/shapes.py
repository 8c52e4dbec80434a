"""Upright shapes in the plane: boxes and circles with a height range, and where two of them touch.

A shape is a row `SHAPE_WIDTH` wide: centre, cos and sin of the yaw, half sizes, radius (0 for a box), lowest and
highest z, inverse mass and inertia (0 for what nothing can move), reach (radius of the circle around it).
"""

import numba as nb
import numpy as np

SX, SY, COS, SIN, HX, HY, RADIUS, LOW, HIGH, INV_MASS, INV_INERTIA, REACH, SHAPE_WIDTH = range(13)


@nb.njit(cache=True)
def apart(a, b):
    """Whether two shapes are too far from each other to touch."""
    dx, dy, reach = a[SX] - b[SX], a[SY] - b[SY], a[REACH] + b[REACH]
    return dx * dx + dy * dy >= reach * reach or a[LOW] >= b[HIGH] or b[LOW] >= a[HIGH]


@nb.njit(cache=True)
def touch(a, b, mx, my):
    """How deep shapes a and b overlap: (depth, nx, ny, px, py); no contact where depth <= 0.

    The normal points from b to a, p is the point of contact. (mx, my) is how a has moved against b lately: of several
    ways out, the one that they came in by counts.
    """
    if a[RADIUS] > 0.0 and b[RADIUS] > 0.0:
        return _circles(a, b)
    if a[RADIUS] > 0.0:
        return _box_circle(b, a, mx, my)
    if b[RADIUS] > 0.0:
        depth, nx, ny, px, py = _box_circle(a, b, -mx, -my)
        return depth, -nx, -ny, px, py
    return _boxes(a, b, mx, my)


@nb.njit(cache=True)
def _circles(a, b):
    dx, dy = a[SX] - b[SX], a[SY] - b[SY]
    distance = np.hypot(dx, dy)
    depth = a[RADIUS] + b[RADIUS] - distance
    if distance < 1e-9:
        return depth, 1.0, 0.0, a[SX], a[SY]
    nx, ny = dx / distance, dy / distance
    return depth, nx, ny, b[SX] + nx * b[RADIUS], b[SY] + ny * b[RADIUS]


@nb.njit(cache=True)
def _box_circle(box, circle, mx, my):
    """As `touch` with a circle that has moved by (mx, my) against a box; the normal points to the circle."""
    cos, sin, radius = box[COS], box[SIN], circle[RADIUS]
    dx, dy = circle[SX] - box[SX], circle[SY] - box[SY]
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    beyond_x, beyond_y = abs(x) - box[HX], abs(y) - box[HY]
    if beyond_x > 0.0 and beyond_y > 0.0:
        distance = np.hypot(beyond_x, beyond_y)
        depth = radius - distance
        nx, ny = np.copysign(beyond_x / distance, x), np.copysign(beyond_y / distance, y)
    else:
        nx, ny = np.copysign(1.0, x), np.copysign(1.0, y)
        came_x = max(0.0, -nx * (cos * mx + sin * my))
        came_y = max(0.0, -ny * (cos * my - sin * mx))
        if came_y + beyond_y > came_x + beyond_x:
            depth, nx = radius - beyond_y, 0.0
        else:
            depth, ny = radius - beyond_x, 0.0
    wx, wy = cos * nx - sin * ny, sin * nx + cos * ny
    return depth, wx, wy, circle[SX] - wx * radius, circle[SY] - wy * radius


@nb.njit(cache=True)
def _boxes(a, b, mx, my):
    dx, dy = a[SX] - b[SX], a[SY] - b[SY]
    best, depth, nx, ny = np.inf, 0.0, 0.0, 0.0
    for k in range(4):
        owner = a if k < 2 else b
        ux, uy = (owner[COS], owner[SIN]) if k % 2 == 0 else (-owner[SIN], owner[COS])
        off = dx * ux + dy * uy
        overlap = _half_width(a, ux, uy) + _half_width(b, ux, uy) - abs(off)
        if overlap <= 0.0:
            return 0.0, 0.0, 0.0, 0.0, 0.0
        side = 1.0 if off >= 0.0 else -1.0
        came = max(0.0, -side * (mx * ux + my * uy))
        if overlap - came < best - 1e-9:
            best, depth, nx, ny = overlap - came, overlap, side * ux, side * uy
    px, py = _overlap_centre(a, b)
    return depth, nx, ny, px, py


@nb.njit(cache=True)
def _half_width(box, ux, uy):
    return box[HX] * abs(box[COS] * ux + box[SIN] * uy) + box[HY] * abs(box[COS] * uy - box[SIN] * ux)


@nb.njit(cache=True)
def _overlap_centre(a, b):
    """Mean corner of the polygon that two boxes share."""
    xs, ys = np.empty(16), np.empty(16)
    for k in range(4):
        lx = b[HX] if k == 0 or k == 3 else -b[HX]
        ly = b[HY] if k < 2 else -b[HY]
        xs[k] = b[SX] + b[COS] * lx - b[SIN] * ly
        ys[k] = b[SY] + b[SIN] * lx + b[COS] * ly
    count = 4
    for k in range(4):
        sign = 1.0 if k % 2 == 0 else -1.0
        ux, uy, half = (sign * a[COS], sign * a[SIN], a[HX]) if k < 2 else (-sign * a[SIN], sign * a[COS], a[HY])
        xs, ys, count = _clip(xs, ys, count, ux, uy, half + ux * a[SX] + uy * a[SY])
    if count == 0:
        return 0.5 * (a[SX] + b[SX]), 0.5 * (a[SY] + b[SY])
    return xs[:count].mean(), ys[:count].mean()


@nb.njit(cache=True)
def _clip(xs, ys, count, ux, uy, limit):
    """The part of a convex polygon where x ux + y uy <= limit."""
    out_x, out_y, kept = np.empty(16), np.empty(16), 0
    for k in range(count):
        m = (k + 1) % count
        here = xs[k] * ux + ys[k] * uy - limit
        there = xs[m] * ux + ys[m] * uy - limit
        if here <= 0.0:
            out_x[kept], out_y[kept] = xs[k], ys[k]
            kept += 1
        if (here < 0.0 < there) or (there < 0.0 < here):
            share = here / (here - there)
            out_x[kept], out_y[kept] = xs[k] + share * (xs[m] - xs[k]), ys[k] + share * (ys[m] - ys[k])
            kept += 1
    return out_x, out_y, kept
