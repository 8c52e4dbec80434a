"""Which bodies may touch within a tick: each other by a sweep along x, scenery by its grid."""

import numba as nb
import numpy as np

from carlet.physics.shapes import (
    COS,
    HIGH,
    HX,
    HY,
    INV_INERTIA,
    INV_MASS,
    LOW,
    RADIUS,
    REACH,
    SHAPE_WIDTH,
    SIN,
    SX,
    SY,
)
from carlet.physics.state import COLLIDES, CX, CY, CZ, EX, EY, EZ, KIND, MASS, MOVES, VX, VY, WALKER, YAW, X, Y, Z

#: what is lower than this is driven or stepped over, m
CLEARANCE, WALKER_CLEARANCE = 0.15, 0.4
#: room for what an impact adds to the motion, m
MARGIN = 0.3


@nb.njit(cache=True)
def place(shape, b):
    """Put a row's shape where the row is."""
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    shape[COS], shape[SIN] = cos, sin
    shape[SX] = b[X] + cos * b[CX] - sin * b[CY]
    shape[SY] = b[Y] + sin * b[CX] + cos * b[CY]


@nb.njit(cache=True)
def shapes_of(bodies):
    """Shapes (n, SHAPE_WIDTH) of all rows; reach 0 for those that nothing touches."""
    shapes = np.zeros((len(bodies), SHAPE_WIDTH))
    for i in range(len(bodies)):
        b, shape = bodies[i], shapes[i]
        place(shape, b)
        if not b[COLLIDES]:
            continue
        walker = b[KIND] == WALKER
        shape[HX], shape[HY] = b[EX], b[EY]
        shape[RADIUS] = max(b[EX], b[EY]) if walker else 0.0
        clearance = min(WALKER_CLEARANCE if walker else CLEARANCE, b[EZ])
        shape[LOW] = b[Z] + b[CZ] - b[EZ] + (clearance if b[MOVES] else 0.0)
        shape[HIGH] = b[Z] + b[CZ] + b[EZ]
        shape[REACH] = shape[RADIUS] if walker else np.hypot(b[EX], b[EY])
        if b[MOVES]:
            shape[INV_MASS] = 1.0 / max(b[MASS], 1e-3)
            inertia = max(b[EX] * b[EX] + b[EY] * b[EY], 0.01) / 3.0
            shape[INV_INERTIA] = 0.0 if walker else shape[INV_MASS] / inertia
    return shapes


@nb.njit(cache=True)
def reaches(bodies, shapes, dt):
    """How far each row may get from its place in a tick, (n,); negative for rows that nothing touches."""
    reach = np.empty(len(bodies))
    for i in range(len(bodies)):
        b = bodies[i]
        way = np.hypot(b[VX], b[VY]) * dt + MARGIN if b[MOVES] else 0.0
        reach[i] = shapes[i, REACH] + way if shapes[i, REACH] > 0.0 else -1.0
    return reach


@nb.njit(cache=True)
def ascending(values):
    """Sort a short array in place; numpy's own sort takes seconds to compile."""
    for k in range(1, len(values)):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@nb.njit(cache=True)
def actor_pairs(shapes, reach, order):
    """Pairs (k, 2) of rows, the lower first, that may touch; in order of rows. `order` (n,): rows by their x."""
    count = len(shapes)
    farthest = 0.0
    for i in range(count):
        farthest = max(farthest, reach[i])
    keys = np.empty(4 * count + 16, np.int64)
    found = 0
    for at in range(count):
        i = order[at]
        if reach[i] < 0.0:
            continue
        for after in range(at + 1, count):
            j = order[after]
            if shapes[j, SX] - shapes[i, SX] > reach[i] + farthest + MARGIN:
                break
            if (shapes[i, INV_MASS] == 0.0 and shapes[j, INV_MASS] == 0.0) or reach[j] < 0.0:
                continue
            near = reach[i] + reach[j]
            if abs(shapes[i, SX] - shapes[j, SX]) > near or abs(shapes[i, SY] - shapes[j, SY]) > near:
                continue
            if found == len(keys):
                keys = np.concatenate((keys, np.empty_like(keys)))
            keys[found] = min(i, j) * count + max(i, j)
            found += 1
    keys = keys[:found]
    ascending(keys)
    pairs = np.empty((found, 2), np.int64)
    for k in range(found):
        pairs[k, 0], pairs[k, 1] = keys[k] // count, keys[k] % count
    return pairs


@nb.njit(cache=True)
def boxes_within(x0, y0, x1, y1, start, members, grid):
    """Scenery boxes whose cells lie in a rectangle; ascending, each once."""
    columns, rows = int(grid[3]), int(grid[4])
    i0, i1 = max(0, int((x0 - grid[0]) // grid[2])), min(columns - 1, int((x1 - grid[0]) // grid[2]))
    j0, j1 = max(0, int((y0 - grid[1]) // grid[2])), min(rows - 1, int((y1 - grid[1]) // grid[2]))
    count = 0
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            cell = j * columns + i
            count += start[cell + 1] - start[cell]
    found = np.empty(count, np.int64)
    count = 0
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            cell = j * columns + i
            for k in range(start[cell], start[cell + 1]):
                found[count] = members[k]
                count += 1
    ascending(found)
    kept = 0
    for k in range(count):
        if k == 0 or found[k] != found[k - 1]:
            found[kept] = found[k]
            kept += 1
    return found[:kept]


@nb.njit(cache=True)
def scenery_pairs(shapes, reach, boxes, start, members, grid):
    """Pairs (k, 2) of a row that can be moved and a scenery box that it may touch."""
    pairs = np.empty((2 * len(shapes) + 16, 2), np.int64)
    found = 0
    for i in range(len(shapes)):
        if shapes[i, INV_MASS] == 0.0 or reach[i] < 0.0:
            continue
        x, y, far = shapes[i, SX], shapes[i, SY], reach[i]
        for box in boxes_within(x - far, y - far, x + far, y + far, start, members, grid):
            dx, dy = x - boxes[box, 0], y - boxes[box, 1]
            near = far + np.hypot(boxes[box, 3], boxes[box, 4])
            if dx * dx + dy * dy > near * near:
                continue
            if found == len(pairs):
                pairs = np.concatenate((pairs, np.empty_like(pairs)))
            pairs[found, 0], pairs[found, 1] = i, box
            found += 1
    return pairs[:found]


@nb.njit(cache=True)
def box_shape(shape, box):
    """Fill a shape from a row of scenery boxes."""
    shape[:] = 0.0
    shape[SX], shape[SY], shape[HX], shape[HY] = box[0], box[1], box[3], box[4]
    shape[COS], shape[SIN] = box[6], box[7]
    shape[LOW], shape[HIGH] = box[2] - box[5], box[2] + box[5]
    shape[REACH] = np.hypot(box[3], box[4])
