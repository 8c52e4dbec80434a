"""Rays against lane surfaces, terrain and scenery boxes: every crossing, nearest first."""

import numpy as np
from numba import njit

from carlet.town.kernels import surface_below

MOST_HITS = 24
TERRAIN_HIT = -1
_STOREY = 2.5


@njit(cache=True)
def _cells(x, y, dx, dy, origin, cell, shape):
    """Cells that the segment from (x, y) along (dx, dy) passes, in order."""
    low, high = 0.0, 1.0
    for axis in range(2):
        at, along = (x, dx) if axis == 0 else (y, dy)
        near, far = origin[axis], origin[axis] + cell * shape[axis]
        if along == 0.0:
            if at < near or at > far:
                return np.zeros(0, np.int64)
            continue
        first, second = (near - at) / along, (far - at) / along
        low, high = max(low, min(first, second)), min(high, max(first, second))
    if low > high:
        return np.zeros(0, np.int64)
    i = min(max(int((x + low * dx - origin[0]) / cell), 0), shape[0] - 1)
    j = min(max(int((y + low * dy - origin[1]) / cell), 0), shape[1] - 1)
    last_i = min(max(int((x + high * dx - origin[0]) / cell), 0), shape[0] - 1)
    last_j = min(max(int((y + high * dy - origin[1]) / cell), 0), shape[1] - 1)
    steps = abs(last_i - i) + abs(last_j - j)
    found = np.empty(steps + 1, np.int64)
    step_i, step_j = (1 if dx > 0 else -1), (1 if dy > 0 else -1)
    for n in range(steps + 1):
        found[n] = j * shape[0] + i
        next_x = (origin[0] + (i + (step_i > 0)) * cell - x) / dx if i != last_i else np.inf
        next_y = (origin[1] + (j + (step_j > 0)) * cell - y) / dy if j != last_j else np.inf
        if next_x < next_y:
            i += step_i
        else:
            j += step_j
    return found


@njit(cache=True)
def _triangle(o, d, ax, ay, az, bx, by, bz, cx, cy, cz):
    """Fraction of the ray at which it crosses triangle abc from either side, or -1."""
    ex, ey, ez = bx - ax, by - ay, bz - az
    fx, fy, fz = cx - ax, cy - ay, cz - az
    px, py, pz = d[1] * fz - d[2] * fy, d[2] * fx - d[0] * fz, d[0] * fy - d[1] * fx
    det = ex * px + ey * py + ez * pz
    if abs(det) < 1e-12:
        return -1.0
    tx, ty, tz = o[0] - ax, o[1] - ay, o[2] - az
    u = (tx * px + ty * py + tz * pz) / det
    if u < -1e-9 or u > 1.0 + 1e-9:
        return -1.0
    qx, qy, qz = ty * ez - tz * ey, tz * ex - tx * ez, tx * ey - ty * ex
    v = (d[0] * qx + d[1] * qy + d[2] * qz) / det
    if v < -1e-9 or u + v > 1.0 + 1e-9:
        return -1.0
    w = (fx * qx + fy * qy + fz * qz) / det
    return w if 0.0 <= w <= 1.0 else -1.0


@njit(cache=True)
def _strip_hit(o, d, point, heading, width, bank, rise, i):
    """Fraction of the ray at which it crosses strip i, or -1."""
    j = i + 1
    p, q = 0.5 * width[i], 0.5 * width[j]
    px, py, pz = -p * np.sin(heading[i]), p * np.cos(heading[i]), p * bank[i]
    qx, qy, qz = -q * np.sin(heading[j]), q * np.cos(heading[j]), q * bank[j]
    x, y, z = point[i, 0], point[i, 1], point[i, 2] + rise[i]
    u, v, w = point[j, 0], point[j, 1], point[j, 2] + rise[j]
    f = _triangle(o, d, x - px, y - py, z - pz, x + px, y + py, z + pz, u + qx, v + qy, w + qz)
    if f < 0.0:
        f = _triangle(o, d, x - px, y - py, z - pz, u + qx, v + qy, w + qz, u - qx, v - qy, w - qz)
    return f


@njit(cache=True)
def _square_hit(o, d, height, x, y, spacing, i, j):
    """Fraction of the ray at which it crosses the terrain between four nodes, the first at (x, y), or -1."""
    a, b, c, e = height[j, i], height[j, i + 1], height[j + 1, i], height[j + 1, i + 1]
    f = _triangle(o, d, x, y, a, x + spacing, y, b, x + spacing, y + spacing, e)
    if f < 0.0:
        f = _triangle(o, d, x, y, a, x + spacing, y + spacing, e, x, y + spacing, c)
    return f


@njit(cache=True)
def _box(o, d, centre, extent, yaw):
    """Fraction of the ray at which it enters an upright box from outside, or -1."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, y = o[0] - centre[0], o[1] - centre[1]
    start = (x * cos + y * sin, -x * sin + y * cos, o[2] - centre[2])
    along = (d[0] * cos + d[1] * sin, -d[0] * sin + d[1] * cos, d[2])
    low, high = -np.inf, np.inf
    for axis in range(3):
        if abs(along[axis]) < 1e-12:
            if abs(start[axis]) > extent[axis]:
                return -1.0
            continue
        a = (-extent[axis] - start[axis]) / along[axis]
        b = (extent[axis] - start[axis]) / along[axis]
        low, high = max(low, min(a, b)), min(high, max(a, b))
    return low if low <= high and 0.0 <= low <= 1.0 else -1.0


@njit(cache=True)
def _keep(fractions, things, count, fraction, thing):
    """Insert a hit in order unless it repeats one; the new count."""
    for n in range(count):
        if things[n] == thing and abs(fractions[n] - fraction) < 1e-9:
            return count
    if count == MOST_HITS and fraction >= fractions[count - 1]:
        return count
    n = count if count < MOST_HITS else count - 1
    while n > 0 and fractions[n - 1] > fraction:
        fractions[n], things[n] = fractions[n - 1], things[n - 1]
        n -= 1
    fractions[n], things[n] = fraction, thing
    return min(count + 1, MOST_HITS)


@njit(cache=True)
def cast(origins, ends, lanes, lane_grid, terrain, scenery, box_grid):
    """Counts (k,), fractions (k, m) along the rays and things (k, m): a strip, `TERRAIN_HIT`, or -2 - box.

    `lanes`: point, heading, width, bank, rise; grids: `Grid.arrays`; `terrain`: height, origin, spacing; `scenery`:
    centre, extent, yaw.
    """
    point, heading, width, bank, rise = lanes
    origin, cell, shape, first, item = lane_grid
    height, base, spacing = terrain
    centre, extent, yaw = scenery
    box_origin, box_cell, box_shape, box_first, box_item = box_grid
    counts = np.zeros(len(origins), np.int64)
    fractions, things = np.zeros((len(origins), MOST_HITS)), np.zeros((len(origins), MOST_HITS), np.int64)
    squares = np.array([height.shape[1] - 1, height.shape[0] - 1])
    for k in range(len(origins)):
        o, d, count = origins[k], ends[k] - origins[k], 0
        for at in _cells(o[0], o[1], d[0], d[1], origin, cell, shape):
            for n in range(first[at], first[at + 1]):
                i = item[n]
                f = _strip_hit(o, d, point, heading, width, bank, rise, i)
                if f >= 0.0:
                    count = _keep(fractions[k], things[k], count, f, i)
        for at in _cells(o[0], o[1], d[0], d[1], base, spacing, squares):
            i, j = at % squares[0], at // squares[0]
            f = _square_hit(o, d, height, base[0] + i * spacing, base[1] + j * spacing, spacing, i, j)
            if f < 0.0:
                continue
            x, y, z = o[0] + f * d[0], o[1] + f * d[1], o[2] + f * d[2]
            found, road = surface_below(
                x, y, z + _STOREY, point, heading, width, bank, rise, origin, cell, shape, first, item
            )
            if not found or abs(road - z) > _STOREY:
                count = _keep(fractions[k], things[k], count, f, TERRAIN_HIT)
        for at in _cells(o[0], o[1], d[0], d[1], box_origin, box_cell, box_shape):
            for n in range(box_first[at], box_first[at + 1]):
                i = box_item[n]
                f = _box(o, d, centre[i], extent[i], yaw[i])
                if f >= 0.0:
                    count = _keep(fractions[k], things[k], count, f, -2 - i)
        counts[k] = count
    return counts, fractions, things
