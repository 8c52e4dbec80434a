"""Walkers and loose props between two contacts."""

import numba as nb
import numpy as np

from carlet.physics.state import (
    DIRECTION,
    EX,
    EY,
    GRAVITY,
    GROUNDED,
    HAS_CONSTANT_VELOCITY,
    HAS_GRAVITY,
    JUMP,
    JUMPS_LEFT,
    VX,
    VY,
    VZ,
    WALK_SPEED,
    WX,
    WY,
    WZ,
    YAW,
    clean,
    toward,
    wrap,
)

WALK_ACCELERATION = 20.0
TURN_GAIN, TURN_RATE = 6.0, 6.0
JUMP_SPEED, JUMPS = 5.0, 2
MAX_WALK_SPEED = 40.96
PROP_FRICTION = 0.6


@nb.njit(cache=True)
def walk(b, dt):
    """Set velocity and yaw rate of walker i towards what its control asks for."""
    if b[JUMP] and b[JUMPS_LEFT] > 0:
        b[VZ] = JUMP_SPEED
        b[GROUNDED] = False
        b[JUMPS_LEFT] -= 1
    b[JUMP] = False
    pace = clean(b[WALK_SPEED], 0.0, MAX_WALK_SPEED, 0.0)
    wish_x = clean(b[DIRECTION], -1e3, 1e3, 0.0) * pace
    wish_y = clean(b[DIRECTION + 1], -1e3, 1e3, 0.0) * pace
    wish = np.hypot(wish_x, wish_y)
    if wish > MAX_WALK_SPEED:
        wish_x *= MAX_WALK_SPEED / wish
        wish_y *= MAX_WALK_SPEED / wish
    if b[GROUNDED] and not b[HAS_CONSTANT_VELOCITY]:
        _approach(b, wish_x, wish_y, WALK_ACCELERATION * dt)
    b[WX] = b[WY] = b[WZ] = 0.0
    if wish > 0.0:
        error = wrap(np.arctan2(wish_y, wish_x) - b[YAW])
        rate = min(TURN_RATE, abs(error) * min(TURN_GAIN, 1.0 / dt))
        b[WZ] = rate * np.sign(error)


@nb.njit(cache=True)
def rub(b, dt):
    """Slow prop i down by its friction with the ground."""
    if b[GROUNDED] and b[HAS_GRAVITY] and not b[HAS_CONSTANT_VELOCITY]:
        hold = PROP_FRICTION * GRAVITY * dt
        _approach(b, 0.0, 0.0, hold)
        reach = max(np.hypot(b[EX], b[EY]), 0.05)
        b[WZ] = toward(b[WZ], 0.0, 2.0 * hold / reach)


@nb.njit(cache=True)
def _approach(b, vx, vy, limit):
    dx, dy = vx - b[VX], vy - b[VY]
    needed = np.hypot(dx, dy)
    share = 1.0 if needed <= limit else limit / needed
    b[VX] += dx * share
    b[VY] += dy * share
