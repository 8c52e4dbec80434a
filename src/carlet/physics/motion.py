"""The middle part of a tick: bodies move and push each other, in small sub-steps."""

import numba as nb
import numpy as np

from carlet.physics.candidates import actor_pairs, box_shape, place, reaches, scenery_pairs, shapes_of
from carlet.physics.contacts import EDGE, NO_BOX
from carlet.physics.shapes import (
    COS,
    HX,
    HY,
    INV_INERTIA,
    INV_MASS,
    RADIUS,
    REACH,
    SHAPE_WIDTH,
    SIN,
    SX,
    SY,
    apart,
    touch,
)
from carlet.physics.state import KIND, MOVES, VEHICLE, VX, VY, WZ, YAW, X, Y

#: columns of a touch of two bodies: normal from b to a, overlap, arms from the centres to the contact, inverse masses
#: and inertias, friction, rows (-1: the level), place among the contacts of the tick
(NX, NY, DEPTH, AX, AY, BX, BY, MASS_A, TURN_A, MASS_B, TURN_B, FRICTION, ROW_A, ROW_B, SLOT, TOUCH_WIDTH) = range(16)
RESTITUTION, BOUNCE_SPEED = 0.1, 1.0
BODY_FRICTION = 0.4
ROUNDS = 2
#: overlap that is left alone (m), the share of the rest that a sub-step takes out, and how fast at most (m/s)
SLOP, CORRECTION, CORRECTION_SPEED = 0.005, 0.3, 4.0
#: a vehicle slower than this (m/s and rad/s together) stands
STANDSTILL = 1e-6
#: a box turned less than this against the edge of the world meets it flat
FLAT_SINE = 0.02


@nb.njit(cache=True)
def move(bodies, order, boxes, start, members, grid, edges, dt, substeps):
    """Move all rows through a tick, with contacts. Returns row_a, row_b, box and impulse of `Contacts`.

    `order` (n,): rows by the x of their box centres. `boxes`, `start`, `members`, `grid`: of `Obstacles`. `edges` (4,):
    xmin, ymin, xmax, ymax of the world.
    """
    count = len(bodies)
    shapes = shapes_of(bodies)
    reach = reaches(bodies, shapes, dt)
    among = actor_pairs(shapes, reach, order)
    against = scenery_pairs(shapes, reach, boxes, start, members, grid)
    walls = np.empty((len(against), SHAPE_WIDTH))
    for k in range(len(against)):
        box_shape(walls[k], boxes[against[k, 1]])
    level = np.zeros(bodies.shape[1])
    first = np.zeros((len(among) + len(against) + count, 2))
    touches = np.empty((len(among) + len(against) + 4 * count, TOUCH_WIDTH))
    h = dt / substeps
    for _ in range(substeps):
        for i in range(count):
            if bodies[i, MOVES]:
                _advance(bodies[i], shapes[i], h)
        found = 0
        for k in range(len(among)):
            i, j = among[k, 0], among[k, 1]
            found += _meet(touches[found], bodies[i], bodies[j], shapes[i], shapes[j], i, j, k, h)
        for k in range(len(against)):
            i = against[k, 0]
            found += _meet(touches[found], bodies[i], level, shapes[i], walls[k], i, -1, len(among) + k, h)
        for i in range(count):
            if shapes[i, INV_MASS] > 0.0 and _near_edge(shapes[i], edges):
                slot = len(among) + len(against) + i
                for side in range(4):
                    found += _meet_edge(touches[found], shapes[i], edges, side, i, slot)
        _solve(touches[:found], bodies, level, first)
        for k in range(found):
            _part(touches[k], bodies, shapes, h)
    return _report(first, among, against)


@nb.njit(cache=True)
def _advance(b, shape, h):
    b[X] += b[VX] * h
    b[Y] += b[VY] * h
    b[YAW] += b[WZ] * h
    place(shape, b)


@nb.njit(cache=True)
def _meet(touching, a, b, shape_a, shape_b, row_a, row_b, slot, h):
    """Fill `touching` and return 1 if two bodies overlap, else 0."""
    if apart(shape_a, shape_b):
        return 0
    depth, nx, ny, px, py = touch(shape_a, shape_b, (a[VX] - b[VX]) * h, (a[VY] - b[VY]) * h)
    if depth <= 0.0:
        return 0
    touching[:] = 0.0
    if not _anchored(a, shape_b):
        touching[MASS_A], touching[TURN_A] = shape_a[INV_MASS], shape_a[INV_INERTIA]
    if not _anchored(b, shape_a):
        touching[MASS_B], touching[TURN_B] = shape_b[INV_MASS], shape_b[INV_INERTIA]
    if touching[MASS_A] + touching[MASS_B] == 0.0:
        return 0
    touching[NX], touching[NY], touching[DEPTH] = nx, ny, depth
    touching[AX], touching[AY] = px - shape_a[SX], py - shape_a[SY]
    touching[BX], touching[BY] = px - shape_b[SX], py - shape_b[SY]
    touching[FRICTION] = 0.0 if shape_a[RADIUS] + shape_b[RADIUS] > 0.0 else BODY_FRICTION
    touching[ROW_A], touching[ROW_B], touching[SLOT] = row_a, row_b, slot
    return 1


@nb.njit(cache=True)
def _anchored(b, other):
    """A standing vehicle does not give way to a walker."""
    stands = abs(b[VX]) + abs(b[VY]) + abs(b[WZ]) < STANDSTILL
    return stands and b[KIND] == VEHICLE and other[RADIUS] > 0.0


@nb.njit(cache=True)
def _near_edge(shape, edges):
    x, y, far = shape[SX], shape[SY], shape[REACH]
    return far > 0.0 and (x - far < edges[0] or y - far < edges[1] or x + far > edges[2] or y + far > edges[3])


@nb.njit(cache=True)
def _meet_edge(touching, shape, edges, side, row, slot):
    """Fill `touching` and return 1 if a body reaches over a side of the world, else 0."""
    along, sign = side % 2, 1.0 if side < 2 else -1.0
    nx, ny = (sign, 0.0) if along == 0 else (0.0, sign)
    ahead, aside = _deepest(shape, nx, ny)
    depth = (edges[side] - shape[SX + along]) * sign - nx * ahead - ny * aside
    if depth <= 0.0:
        return 0
    touching[:] = 0.0
    touching[MASS_A], touching[TURN_A] = shape[INV_MASS], shape[INV_INERTIA]
    touching[NX], touching[NY], touching[DEPTH] = nx, ny, depth
    touching[AX], touching[AY] = ahead, aside
    touching[ROW_A], touching[ROW_B], touching[SLOT] = row, -1, slot
    return 1


@nb.njit(cache=True)
def _solve(touches, bodies, level, first):
    """Impulses that keep touching bodies from closing; notes the first of each pair in `first`."""
    for _ in range(ROUNDS):
        for k in range(len(touches)):
            c = touches[k]
            a = bodies[int(c[ROW_A])]
            b = bodies[int(c[ROW_B])] if c[ROW_B] >= 0.0 else level
            jx, jy = _impulse(c, a, b)
            slot = int(c[SLOT])
            if first[slot, 0] == 0.0 and first[slot, 1] == 0.0:
                first[slot, 0], first[slot, 1] = jx, jy


@nb.njit(cache=True)
def _impulse(c, a, b):
    """Stop two bodies from closing along the normal; returns the impulse on a."""
    nx, ny = c[NX], c[NY]
    speed = _closing(c, a, b, nx, ny)
    if speed >= 0.0:
        return 0.0, 0.0
    bounce = RESTITUTION if speed < -BOUNCE_SPEED else 0.0
    strength = -(1.0 + bounce) * speed / _softness(c, nx, ny)
    _strike(c, a, b, strength * nx, strength * ny)
    tx, ty = -ny, nx
    rub = -_closing(c, a, b, tx, ty) / _softness(c, tx, ty)
    rub = min(c[FRICTION] * strength, max(-c[FRICTION] * strength, rub))
    _strike(c, a, b, rub * tx, rub * ty)
    return strength * nx + rub * tx, strength * ny + rub * ty


@nb.njit(cache=True)
def _closing(c, a, b, ux, uy):
    """Speed of a against b at the contact along (ux, uy)."""
    vx = a[VX] - a[WZ] * c[AY] - b[VX] + b[WZ] * c[BY]
    vy = a[VY] + a[WZ] * c[AX] - b[VY] - b[WZ] * c[BX]
    return vx * ux + vy * uy


@nb.njit(cache=True)
def _softness(c, ux, uy):
    """Speed along (ux, uy) that an impulse of 1 N s gives to the contact."""
    lever_a, lever_b = c[AX] * uy - c[AY] * ux, c[BX] * uy - c[BY] * ux
    return c[MASS_A] + c[MASS_B] + lever_a * lever_a * c[TURN_A] + lever_b * lever_b * c[TURN_B]


@nb.njit(cache=True)
def _strike(c, a, b, jx, jy):
    a[VX] += jx * c[MASS_A]
    a[VY] += jy * c[MASS_A]
    a[WZ] += (c[AX] * jy - c[AY] * jx) * c[TURN_A]
    b[VX] -= jx * c[MASS_B]
    b[VY] -= jy * c[MASS_B]
    b[WZ] -= (c[BX] * jy - c[BY] * jx) * c[TURN_B]


@nb.njit(cache=True)
def _part(c, bodies, shapes, h):
    """Push overlapping bodies apart, gently."""
    if c[DEPTH] <= SLOP:
        return
    push = min(CORRECTION * (c[DEPTH] - SLOP), CORRECTION_SPEED * h) / (c[MASS_A] + c[MASS_B])
    _shift(bodies, shapes, int(c[ROW_A]), c[NX] * push * c[MASS_A], c[NY] * push * c[MASS_A])
    if c[ROW_B] >= 0.0:
        _shift(bodies, shapes, int(c[ROW_B]), -c[NX] * push * c[MASS_B], -c[NY] * push * c[MASS_B])


@nb.njit(cache=True)
def _shift(bodies, shapes, i, dx, dy):
    bodies[i, X] += dx
    bodies[i, Y] += dy
    shapes[i, SX] += dx
    shapes[i, SY] += dy


@nb.njit(cache=True)
def _deepest(shape, nx, ny):
    """From the centre to the point of a shape that lies farthest against (nx, ny)."""
    if shape[RADIUS] > 0.0:
        return -nx * shape[RADIUS], -ny * shape[RADIUS]
    along, across = shape[COS] * nx + shape[SIN] * ny, shape[COS] * ny - shape[SIN] * nx
    lx = 0.0 if abs(along) < FLAT_SINE else -np.sign(along) * shape[HX]
    ly = 0.0 if abs(across) < FLAT_SINE else -np.sign(across) * shape[HY]
    return shape[COS] * lx - shape[SIN] * ly, shape[SIN] * lx + shape[COS] * ly


@nb.njit(cache=True)
def _report(first, among, against):
    count = 0
    for k in range(len(first)):
        if first[k, 0] != 0.0 or first[k, 1] != 0.0:
            count += 1
    row_a, row_b, box = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    impulse = np.zeros((count, 3))
    at = 0
    for k in range(len(first)):
        if first[k, 0] == 0.0 and first[k, 1] == 0.0:
            continue
        impulse[at, 0], impulse[at, 1] = first[k, 0], first[k, 1]
        if k < len(among):
            row_a[at], row_b[at], box[at] = among[k, 0], among[k, 1], NO_BOX
        elif k < len(among) + len(against):
            m = k - len(among)
            row_a[at], row_b[at], box[at] = against[m, 0], -1, against[m, 1]
        else:
            row_a[at], row_b[at], box[at] = k - len(among) - len(against), -1, EDGE
        at += 1
    return row_a, row_b, box, impulse
