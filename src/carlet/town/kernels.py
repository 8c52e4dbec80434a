"""The few loops over lanes, ground and boxes that must be fast. Arrays as in `Lanes`, `Ground`, `Scenery`, `Grid`."""

import numpy as np
from numba import njit

_FADE = 6.0  # metres over which the ground beside a road passes from the road's edge to the terrain
_SAME = 1.0  # surfaces nearer than this in height are one
_LAYER = 2.5  # surfaces farther apart than this in height are different storeys


@njit(cache=True)
def _strip(px, py, point, heading, i):
    """Fraction along strip i (between its cross sections; outside [0, 1] when beside it) and offset to the right."""
    j = i + 1
    before = (px - point[i, 0]) * np.cos(heading[i]) + (py - point[i, 1]) * np.sin(heading[i])
    after = (point[j, 0] - px) * np.cos(heading[j]) + (point[j, 1] - py) * np.sin(heading[j])
    whole = before + after
    if whole <= 1e-9:
        return -1.0, 0.0
    u = before / whole
    turn = heading[j] - heading[i]
    turn -= 2.0 * np.pi * np.round(turn / (2.0 * np.pi))
    angle = heading[i] + u * turn
    cx = point[i, 0] + u * (point[j, 0] - point[i, 0])
    cy = point[i, 1] + u * (point[j, 1] - point[i, 1])
    return u, (py - cy) * np.cos(angle) - (px - cx) * np.sin(angle)


@njit(cache=True)
def nearest_strips(points, mask, lane_kind, lane, point, heading, origin, cell, shape, first, item):
    """Nearest centre line in space among lanes whose kind's bit is in `mask`: sample (-1 none), fraction, offset,
    distance, one row a point.
    """
    count = len(points)
    samples = np.full(count, -1, np.int64)
    fractions, offsets, distances = np.zeros(count), np.zeros(count), np.full(count, np.inf)
    columns, rows = shape[0], shape[1]
    for k in range(count):
        px, py, pz = points[k, 0], points[k, 1], points[k, 2]
        ci = min(max(int((px - origin[0]) // cell), 0), columns - 1)
        cj = min(max(int((py - origin[1]) // cell), 0), rows - 1)
        best = np.inf
        found = -1
        fraction = 0.0
        ring = 0
        while ring <= max(columns, rows):
            for row in range(max(cj - ring, 0), min(cj + ring, rows - 1) + 1):
                edge = row == cj - ring or row == cj + ring
                step = 1 if edge or ring == 0 else 2 * ring
                for column in range(ci - ring, ci + ring + 1, step):
                    if column < 0 or column >= columns:
                        continue
                    at = row * columns + column
                    for n in range(first[at], first[at + 1]):
                        i = item[n]
                        if not (mask >> lane_kind[lane[i]]) & 1:
                            continue
                        ax, ay, az = point[i, 0], point[i, 1], point[i, 2]
                        dx, dy, dz = point[i + 1, 0] - ax, point[i + 1, 1] - ay, point[i + 1, 2] - az
                        long = dx * dx + dy * dy + dz * dz
                        u = 0.0
                        if long > 0.0:
                            u = ((px - ax) * dx + (py - ay) * dy + (pz - az) * dz) / long
                            u = min(max(u, 0.0), 1.0)
                        ex, ey, ez = ax + u * dx - px, ay + u * dy - py, az + u * dz - pz
                        d = ex * ex + ey * ey + ez * ez
                        if d < best:
                            best, found, fraction = d, i, u
            west = px - (origin[0] + (ci - ring) * cell) if ci - ring > 0 else np.inf
            east = origin[0] + (ci + ring + 1) * cell - px if ci + ring < columns - 1 else np.inf
            north = py - (origin[1] + (cj - ring) * cell) if cj - ring > 0 else np.inf
            south = origin[1] + (cj + ring + 1) * cell - py if cj + ring < rows - 1 else np.inf
            clear = min(min(west, east), min(north, south))
            if clear == np.inf or (clear > 0.0 and best <= clear * clear):
                break
            ring += 1
        if found >= 0:
            u, offset = _strip(px, py, point, heading, found)
            samples[k], distances[k] = found, np.sqrt(best)
            fractions[k] = min(max(u, 0.0), 1.0) if u != -1.0 else fraction
            offsets[k] = offset
    return samples, fractions, offsets, distances


@njit(cache=True)
def _strip_surface(u, offset, point, bank, rise, i):
    """Height without rise, rise, and slope along the lane, at fraction u and offset of strip i."""
    tilt = bank[i] + u * (bank[i + 1] - bank[i])
    z = point[i, 2] + u * (point[i + 1, 2] - point[i, 2]) + offset * tilt
    flat = np.hypot(point[i + 1, 0] - point[i, 0], point[i + 1, 1] - point[i, 1])
    grade = (point[i + 1, 2] - point[i, 2]) / max(flat, 1e-6)
    return z, rise[i] + u * (rise[i + 1] - rise[i]), grade, tilt


@njit(cache=True)
def terrain_at(px, py, terrain, origin, spacing):
    """Height of the terrain and its slopes along x and y."""
    rows, columns = terrain.shape
    fx = min(max((px - origin[0]) / spacing, 0.0), columns - 1.000001)
    fy = min(max((py - origin[1]) / spacing, 0.0), rows - 1.000001)
    i, j = int(fx), int(fy)
    u, v = fx - i, fy - j
    a, b = float(terrain[j, i]), float(terrain[j, i + 1])
    c, d = float(terrain[j + 1, i]), float(terrain[j + 1, i + 1])
    z = (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v
    return z, ((b - a) * (1.0 - v) + (d - c) * v) / spacing, ((c - a) * (1.0 - u) + (d - b) * u) / spacing


@njit(cache=True)
def _covering(px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item):
    """The lane surface to stand on at (x, y) with the feet no higher than `reach`: the highest one below `reach`, else
    the lowest above. Returns found, height, rise, slope along x, slope along y, strip.

    Where lanes of one storey overlap, as in junctions, each counts by how far inside it the point is, so that the
    surface has no steps.
    """
    found, height, lift, slope_x, slope_y, strip = False, 0.0, 0.0, 0.0, 0.0, -1
    column, row = int((px - origin[0]) // cell), int((py - origin[1]) // cell)
    if column < 0 or row < 0 or column >= shape[0] or row >= shape[1]:
        return found, height, lift, slope_x, slope_y, strip
    at = row * shape[0] + column
    total, most = 0.0, 0.0
    for n in range(first[at], first[at + 1]):
        i = item[n]
        u, offset = _strip(px, py, point, heading, i)
        inside = 0.5 * (width[i] + u * (width[i + 1] - width[i])) - abs(offset) + 1e-3
        if u < 0.0 or u > 1.0 or inside < 0.0:
            continue
        z, up, grade, tilt = _strip_surface(u, offset, point, bank, rise, i)
        if found and abs(z - height) > _SAME:
            better = (z > height or height > reach) if z <= reach else (height > reach and z < height)
            if not better:
                continue
            found = False
        if not found:
            found, height, lift, slope_x, slope_y = True, 0.0, up, 0.0, 0.0
            total, most = 0.0, -1.0
        cos, sin = np.cos(heading[i]), np.sin(heading[i])
        total += inside
        share = inside / total
        height += share * (z - height)
        slope_x += share * (grade * cos - tilt * sin - slope_x)
        slope_y += share * (grade * sin + tilt * cos - slope_y)
        lift = min(lift, up)
        if inside > most:
            most, strip = inside, i
    return found, height, lift, slope_x, slope_y, strip


@njit(cache=True)
def surface_below(px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item):
    """Whether a lane covers (x, y), and the height of the surface as in `_covering`."""
    found, z, lift, _, _, _ = _covering(
        px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item
    )
    return found, z + lift


@njit(cache=True)
def _beside(px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item):
    """The nearest lane edge within the fading distance and no higher than `reach`: distance (inf none), height,
    slopes.
    """
    best, height, slope_x, slope_y = np.inf, 0.0, 0.0, 0.0
    column, row = int((px - origin[0]) // cell), int((py - origin[1]) // cell)
    for j in range(max(row - 1, 0), min(row + 1, shape[1] - 1) + 1):
        for c in range(max(column - 1, 0), min(column + 1, shape[0] - 1) + 1):
            at = j * shape[0] + c
            for n in range(first[at], first[at + 1]):
                i = item[n]
                u, offset = _strip(px, py, point, heading, i)
                if u < -0.001 or u > 1.001:
                    continue
                half = 0.5 * (width[i] + u * (width[i + 1] - width[i]))
                away = abs(offset) - half
                if away >= best or away > _FADE:
                    continue
                edge = half if offset > 0.0 else -half
                z, up, grade, tilt = _strip_surface(u, edge, point, bank, rise, i)
                if z <= reach:
                    cos, sin = np.cos(heading[i]), np.sin(heading[i])
                    best, height = max(away, 0.0), z + up
                    slope_x, slope_y = grade * cos - tilt * sin, grade * sin + tilt * cos
    return best, height, slope_x, slope_y


@njit(cache=True)
def ground_heights(
    points, step, point, heading, width, bank, rise, origin, cell, shape, first, item, terrain, base, spacing
):
    """Height, normal and lane strip (-1 on terrain) of the ground under `points` whose feet may step up by `step`."""
    count = len(points)
    heights, normals, strips = np.zeros(count), np.zeros((count, 3)), np.full(count, -1, np.int64)
    for k in range(count):
        px, py, reach = points[k, 0], points[k, 1], points[k, 2] + step
        found, z, lift, sx, sy, strip = _covering(
            px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item
        )
        z += lift
        if not found or z > reach + lift:
            low, tx, ty = terrain_at(px, py, terrain, base, spacing)
            if not found:
                away, edge, ex, ey = _beside(
                    px, py, reach, point, heading, width, bank, rise, origin, cell, shape, first, item
                )
                w = 0.0
                if away < _FADE and abs(edge - low) < _LAYER:
                    w = 1.0 - away / _FADE
                    w = w * w * (3.0 - 2.0 * w)
                z, sx, sy = low + w * (edge - low), tx + w * (ex - tx), ty + w * (ey - ty)
            elif low < z - _LAYER:
                z, sx, sy, strip = low, tx, ty, -1
        size = np.sqrt(1.0 + sx * sx + sy * sy)
        heights[k], strips[k] = z, strip
        normals[k, 0], normals[k, 1], normals[k, 2] = -sx / size, -sy / size, 1.0 / size
    return heights, normals, strips


@njit(cache=True)
def _nearest_edge(px, py, point, heading, width, bank, rise, origin, cell, shape, first, item):
    """Distance to the nearest lane edge within the fading distance, on either side of it (inf none), and its height."""
    best, height = np.inf, 0.0
    column, row = int((px - origin[0]) // cell), int((py - origin[1]) // cell)
    for j in range(max(row - 1, 0), min(row + 1, shape[1] - 1) + 1):
        for c in range(max(column - 1, 0), min(column + 1, shape[0] - 1) + 1):
            at = j * shape[0] + c
            for n in range(first[at], first[at + 1]):
                i = item[n]
                u, offset = _strip(px, py, point, heading, i)
                if u < -0.001 or u > 1.001:
                    continue
                half = 0.5 * (width[i] + u * (width[i + 1] - width[i]))
                away = abs(abs(offset) - half)
                if away < best and away <= _FADE:
                    z, up, _, _ = _strip_surface(u, half if offset > 0.0 else -half, point, bank, rise, i)
                    best, height = away, z + up
    return best, height


@njit(cache=True)
def land_heights(points, point, heading, width, bank, rise, origin, cell, shape, first, item, terrain, base, spacing):
    """Height of the land at `points` (k, 2) beside the lanes; just inside a lane's edge it is the edge's.

    Land that is much higher than a road begins at its edge all the same, as a bank and not as a cliff.
    """
    heights = np.zeros(len(points))
    for k in range(len(points)):
        px, py = points[k, 0], points[k, 1]
        low, _, _ = terrain_at(px, py, terrain, base, spacing)
        away, edge = _nearest_edge(px, py, point, heading, width, bank, rise, origin, cell, shape, first, item)
        w = 0.0
        if away < _FADE and edge - low < _LAYER:
            w = 1.0 - away / _FADE
            w = w * w * (3.0 - 2.0 * w)
        heights[k] = low + w * (edge - low)
    return heights


@njit(cache=True)
def covered(points, point, heading, width, bank, rise, origin, cell, shape, first, item):
    """Whether any lane, at any height, covers each of `points` (k, 2)."""
    found = np.zeros(len(points), np.bool_)
    for k in range(len(points)):
        found[k], _ = surface_below(
            points[k, 0], points[k, 1], np.inf, point, heading, width, bank, rise, origin, cell, shape, first, item
        )
    return found
