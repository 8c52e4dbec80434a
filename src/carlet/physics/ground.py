"""The last part of a tick: everything finds the ground again, or falls."""

import numba as nb
import numpy as np

from carlet.physics.state import (
    ACCELERATION,
    CZ,
    EZ,
    GRAVITY,
    GROUNDED,
    HAS_GRAVITY,
    JUMPS_LEFT,
    KIND,
    LAST_VELOCITY,
    MOVES,
    PITCH,
    ROLL,
    ROTATION,
    SLOPE,
    START_X,
    START_Y,
    VEHICLE,
    VELOCITY,
    VX,
    VY,
    VZ,
    WALKER,
    WHEELBASE,
    WX,
    WY,
    WZ,
    YAW,
    X,
    Y,
    Z,
    wrap,
)
from carlet.physics.walkers import JUMPS

#: no axle hangs lower than this under the other one, m
MAX_HANG = 2.5
#: ground whose normal rises less than this does not tilt a body
STEEPEST = 0.5
#: a grounded body follows ground that falls away by this much, m, plus this much a metre driven
STICK, STICK_PER_METRE = 0.15, 0.3
STEP_UP, STEP_DOWN = 0.4, 0.4
#: how fast a body leans into a new slope, 1/s; and when it is there, rad
LEAN_RATE, LEAN_DONE = 15.0, 1e-4
#: landings faster than this count as a collision with the ground, m/s
HARD_LANDING = 6.0


@nb.njit(cache=True)
def probe_points(bodies):
    """Points (k, 3) whose ground `settle` wants to know: both axles of a vehicle, the foot of others."""
    points = np.empty((2 * len(bodies), 3))
    count = 0
    for i in range(len(bodies)):
        b = bodies[i]
        if not b[MOVES]:
            continue
        if b[KIND] != VEHICLE:
            points[count, 0], points[count, 1], points[count, 2] = b[X], b[Y], b[Z] - foot(b)
            count += 1
            continue
        dx, dy = 0.5 * b[WHEELBASE] * np.cos(b[YAW]), 0.5 * b[WHEELBASE] * np.sin(b[YAW])
        for sign in (1.0, -1.0):
            points[count, 0], points[count, 1] = b[X] + sign * dx, b[Y] + sign * dy
            points[count, 2] = b[Z] + sign * (b[SLOPE] * dx + b[SLOPE + 1] * dy)
            count += 1
    return points[:count]


@nb.njit(cache=True)
def foot(b):
    """How far the origin of a row stands above its ground, m."""
    if b[KIND] == VEHICLE:
        return 0.0
    return max(0.0, b[EZ] - b[CZ])


@nb.njit(cache=True)
def _plane(b, heights, normals, first):
    """Height and slopes ahead and aside of the ground under two axles; NaN without any ground."""
    front, rear = heights[first], heights[first + 1]
    if not np.isfinite(front):
        front = rear
    if not np.isfinite(rear):
        rear = front
    if not np.isfinite(front):
        return np.nan, 0.0, 0.0
    front, rear = max(front, rear - MAX_HANG), max(rear, front - MAX_HANG)
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    bank = 0.0
    for k in range(first, first + 2):
        if normals[k, 2] > STEEPEST:
            bank += 0.5 * (normals[k, 0] * sin - normals[k, 1] * cos) / normals[k, 2]
    return 0.5 * (front + rear), (front - rear) / b[WHEELBASE], bank


@nb.njit(cache=True)
def _stand_or_fall(b, ground, travelled, dt):
    """Vertical motion of row i over `ground` (z of its origin when it stands); returns the speed of a landing."""
    z = b[Z] + b[VZ] * dt
    if not b[HAS_GRAVITY]:
        b[Z] = max(z, ground) if np.isfinite(ground) else z
        b[GROUNDED] = False
        return 0.0
    stick = STICK + STICK_PER_METRE * travelled if b[KIND] != WALKER else STEP_DOWN
    follows = b[GROUNDED] and b[Z] - ground < stick
    if np.isfinite(ground) and (z <= ground or follows):
        impact = 0.0 if b[GROUNDED] else -b[VZ]
        b[Z] = ground
        b[VZ] = 0.0
        b[GROUNDED] = True
        b[JUMPS_LEFT] = JUMPS
        return impact
    if b[GROUNDED]:
        b[WX] = b[WY] = 0.0
        b[VZ] -= GRAVITY * dt
        z = b[Z] + b[VZ] * dt
    b[Z] = z
    b[GROUNDED] = False
    return 0.0


@nb.njit(cache=True)
def _lean(b, pitch, roll, dt):
    """Turn pitch and roll of row i towards those of its ground; sets the spin that goes with it."""
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    share = 1.0 - np.exp(-LEAN_RATE * dt)
    steps = np.empty(2)
    for column, target in ((0, pitch), (2, roll)):
        error = wrap(target - b[ROTATION + column])
        step = error if abs(error) < LEAN_DONE else share * error
        b[ROTATION + column] = target if step == error else b[ROTATION + column] + step
        steps[column // 2] = step / dt
    level = np.cos(b[PITCH])
    b[WX] = steps[0] * sin - steps[1] * level * cos
    b[WY] = -steps[0] * cos - steps[1] * level * sin


@nb.njit(cache=True)
def _tumble(b, dt):
    """Pitch and roll of a body in the air, from its spin; its yaw has turned already."""
    wx, wy = b[WX], b[WY]
    if wx == 0.0 and wy == 0.0:
        return
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    level = np.cos(b[PITCH])
    level = np.copysign(max(abs(level), 0.05), level)
    pitch_rate = wx * sin - wy * cos
    roll_rate = -(wx * cos + wy * sin) / level
    b[PITCH] = min(1.57, max(-1.57, b[PITCH] + pitch_rate * dt))
    b[ROLL] = wrap(b[ROLL] + roll_rate * dt)


@nb.njit(cache=True)
def _settle_vehicle(b, heights, normals, first, travelled, dt):
    ground, rise, bank = _plane(b, heights, normals, first)
    impact = _stand_or_fall(b, ground, travelled, dt)
    if not b[GROUNDED]:
        _tumble(b, dt)
        return impact
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    b[SLOPE] = rise * cos - bank * sin
    b[SLOPE + 1] = rise * sin + bank * cos
    b[VZ] = b[SLOPE] * b[VX] + b[SLOPE + 1] * b[VY]
    pitch = np.arctan(rise)
    _lean(b, pitch, -np.arctan(bank * np.cos(pitch)), dt)
    return impact


@nb.njit(cache=True)
def _settle_other(b, ground, dt):
    blocked = b[KIND] == WALKER and b[GROUNDED] and ground - (b[Z] - foot(b)) > STEP_UP
    if blocked:
        b[X], b[Y] = b[START_X], b[START_Y]
        b[VX] = b[VY] = 0.0
        return
    travelled = np.hypot(b[X] - b[START_X], b[Y] - b[START_Y])
    _stand_or_fall(b, ground + foot(b), travelled, dt)
    if not b[GROUNDED]:
        _tumble(b, dt)


@nb.njit(cache=True)
def settle(bodies, heights, normals, dt):
    """Put every moved row on its ground or let it fall, and close the tick's books.

    `heights` (k,), `normals` (k, 3): the ground at `probe_points`. Returns the impact speeds (n,) of vehicles that
    landed hard, else 0.
    """
    impacts = np.zeros(len(bodies))
    first = 0
    for i in range(len(bodies)):
        b = bodies[i]
        if not b[MOVES]:
            continue
        if b[KIND] == VEHICLE:
            travelled = np.hypot(b[X] - b[START_X], b[Y] - b[START_Y])
            impact = _settle_vehicle(b, heights, normals, first, travelled, dt)
            impacts[i] = impact if impact > HARD_LANDING else 0.0
            first += 2
        else:
            _settle_other(b, heights[first], dt)
            first += 1
        if b[WZ] != 0.0:
            b[YAW] = wrap(b[YAW])
        for k in range(3):
            b[ACCELERATION + k] = (b[VELOCITY + k] - b[LAST_VELOCITY + k]) / dt
            b[LAST_VELOCITY + k] = b[VELOCITY + k]
    return impacts
