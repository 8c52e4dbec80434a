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

RESTITUTION, BOUNCE_SPEED = 0.1, 1.0
BODY_FRICTION = 0.4
ROUNDS = 2
#: overlap that is left alone (m), the share of the rest that a sub-step takes out, and how fast at most (m/s)
SLOP, CORRECTION, CORRECTION_SPEED = 0.005, 0.3, 4.0
#: a vehicle slower than this is not moved by a walker's body, m/s
ANCHOR_SPEED = 0.2
#: a box turned less than this against the edge of the world meets it flat
FLAT_SINE = 0.02


@nb.njit(cache=True)
def move(bodies, boxes, start, members, grid, edges, dt, substeps):
    """Move all rows through a tick, with contacts. Returns row_a, row_b, box and impulse of `Contacts`.

    `boxes`, `start`, `members`, `grid`: of `Obstacles`. `edges` (4,): xmin, ymin, xmax, ymax of the world.
    """
    count = len(bodies)
    shapes = shapes_of(bodies)
    reach = reaches(bodies, shapes, dt)
    among = actor_pairs(shapes, reach)
    against = scenery_pairs(shapes, reach, boxes, start, members, grid)
    walls = np.empty((len(against), SHAPE_WIDTH))
    for k in range(len(against)):
        box_shape(walls[k], boxes[against[k, 1]])
    first = np.zeros((len(among) + len(against) + count, 2))
    still = np.zeros(bodies.shape[1])
    h = dt / substeps
    for _ in range(substeps):
        for i in range(count):
            if bodies[i, MOVES]:
                _advance(bodies[i], shapes[i], h)
        for turn in range(ROUNDS):
            last = turn == ROUNDS - 1
            for k in range(len(among)):
                i, j = among[k, 0], among[k, 1]
                _collide(bodies[i], bodies[j], shapes[i], shapes[j], first[k], h, last)
            for k in range(len(against)):
                i = against[k, 0]
                _collide(bodies[i], still, shapes[i], walls[k], first[len(among) + k], h, last)
            for i in range(count):
                if shapes[i, INV_MASS] > 0.0 and _near_edge(shapes[i], edges):
                    _stay_inside(bodies[i], still, shapes[i], edges, first[len(among) + len(against) + i], h, last)
    return _report(first, among, against)


@nb.njit(cache=True)
def _advance(b, shape, h):
    b[X] += b[VX] * h
    b[Y] += b[VY] * h
    b[YAW] += b[WZ] * h
    place(shape, b)


@nb.njit(cache=True)
def _collide(a, b, shape_a, shape_b, first, h, last):
    """Contact of two bodies: impulse where they close, and gentle pushing apart in the `last` round."""
    if apart(shape_a, shape_b):
        return
    depth, nx, ny, px, py = touch(shape_a, shape_b, (a[VX] - b[VX]) * h, (a[VY] - b[VY]) * h)
    if depth <= 0.0:
        return
    anchored_a = _anchored(a, shape_a, shape_b)
    anchored_b = _anchored(b, shape_b, shape_a)
    mass_a, turn_a = (0.0, 0.0) if anchored_a else (shape_a[INV_MASS], shape_a[INV_INERTIA])
    mass_b, turn_b = (0.0, 0.0) if anchored_b else (shape_b[INV_MASS], shape_b[INV_INERTIA])
    if mass_a + mass_b == 0.0:
        return
    arms = (px - shape_a[SX], py - shape_a[SY], px - shape_b[SX], py - shape_b[SY])
    friction = 0.0 if shape_a[RADIUS] + shape_b[RADIUS] > 0.0 else BODY_FRICTION
    jx, jy = _impulse(a, b, arms, nx, ny, (mass_a, turn_a, mass_b, turn_b), friction)
    if first[0] == 0.0 and first[1] == 0.0:
        first[0], first[1] = jx, jy
    if last and depth > SLOP:
        push = min(CORRECTION * (depth - SLOP), CORRECTION_SPEED * h) / (mass_a + mass_b)
        _shift(a, shape_a, nx * push * mass_a, ny * push * mass_a)
        _shift(b, shape_b, -nx * push * mass_b, -ny * push * mass_b)


@nb.njit(cache=True)
def _anchored(b, shape, other):
    """A standing vehicle does not give way to a walker."""
    return (
        b[KIND] == VEHICLE and other[RADIUS] > 0.0 and b[VX] * b[VX] + b[VY] * b[VY] < ANCHOR_SPEED * ANCHOR_SPEED
    ) or shape[INV_MASS] == 0.0


@nb.njit(cache=True)
def _shift(b, shape, dx, dy):
    b[X] += dx
    b[Y] += dy
    shape[SX] += dx
    shape[SY] += dy


@nb.njit(cache=True)
def _closing(a, b, arms, ux, uy):
    """Speed of a against b at the contact along (ux, uy)."""
    ax, ay, bx, by = arms
    vx = a[VX] - a[WZ] * ay - b[VX] + b[WZ] * by
    vy = a[VY] + a[WZ] * ax - b[VY] - b[WZ] * bx
    return vx * ux + vy * uy


@nb.njit(cache=True)
def _softness(arms, ux, uy, inverse):
    """Speed along (ux, uy) that an impulse of 1 N s gives to the contact."""
    ax, ay, bx, by = arms
    mass_a, turn_a, mass_b, turn_b = inverse
    lever_a, lever_b = ax * uy - ay * ux, bx * uy - by * ux
    return mass_a + mass_b + lever_a * lever_a * turn_a + lever_b * lever_b * turn_b


@nb.njit(cache=True)
def _strike(a, b, arms, jx, jy, inverse):
    ax, ay, bx, by = arms
    mass_a, turn_a, mass_b, turn_b = inverse
    a[VX] += jx * mass_a
    a[VY] += jy * mass_a
    a[WZ] += (ax * jy - ay * jx) * turn_a
    b[VX] -= jx * mass_b
    b[VY] -= jy * mass_b
    b[WZ] -= (bx * jy - by * jx) * turn_b


@nb.njit(cache=True)
def _impulse(a, b, arms, nx, ny, inverse, friction):
    """Stop two bodies from closing along the normal; returns the impulse on a."""
    speed = _closing(a, b, arms, nx, ny)
    if speed >= 0.0:
        return 0.0, 0.0
    bounce = RESTITUTION if speed < -BOUNCE_SPEED else 0.0
    strength = -(1.0 + bounce) * speed / _softness(arms, nx, ny, inverse)
    jx, jy = strength * nx, strength * ny
    _strike(a, b, arms, jx, jy, inverse)
    tx, ty = -ny, nx
    rub = -_closing(a, b, arms, tx, ty) / _softness(arms, tx, ty, inverse)
    rub = min(friction * strength, max(-friction * strength, rub))
    _strike(a, b, arms, rub * tx, rub * ty, inverse)
    return jx + rub * tx, jy + rub * ty


@nb.njit(cache=True)
def _near_edge(shape, edges):
    x, y, far = shape[SX], shape[SY], shape[REACH]
    return far > 0.0 and (x - far < edges[0] or y - far < edges[1] or x + far > edges[2] or y + far > edges[3])


@nb.njit(cache=True)
def _stay_inside(b, nobody, shape, edges, first, h, last):
    """Contact of a body with the edges of the world."""
    for side in range(4):
        along, sign = side % 2, 1.0 if side < 2 else -1.0
        nx, ny = (sign, 0.0) if along == 0 else (0.0, sign)
        ahead, aside = _deepest(shape, nx, ny)
        depth = (edges[side] - (shape[SX] if along == 0 else shape[SY])) * sign
        depth -= nx * ahead + ny * aside
        if depth <= 0.0:
            continue
        arms = (ahead, aside, 0.0, 0.0)
        jx, jy = _impulse(b, nobody, arms, nx, ny, (shape[INV_MASS], shape[INV_INERTIA], 0.0, 0.0), 0.0)
        if first[0] == 0.0 and first[1] == 0.0:
            first[0], first[1] = jx, jy
        if last and depth > SLOP:
            push = min(CORRECTION * (depth - SLOP), CORRECTION_SPEED * h)
            _shift(b, shape, nx * push, ny * push)


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
