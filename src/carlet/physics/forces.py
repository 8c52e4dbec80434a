"""The first part of a tick: what acts on every body before anything moves."""

import numba as nb
import numpy as np

from carlet.physics.state import (
    ANGULAR_IMPULSE,
    CONSTANT_VELOCITY,
    EX,
    EY,
    EZ,
    FORCE,
    GRAVITY,
    GROUNDED,
    HAS_CONSTANT_VELOCITY,
    HAS_GRAVITY,
    IMPULSE,
    KIND,
    MASS,
    MOVES,
    PITCH,
    ROLL,
    SPIN,
    TORQUE,
    VEHICLE,
    VELOCITY,
    VZ,
    WALKER,
    YAW,
)
from carlet.physics.vehicles import drive
from carlet.physics.walkers import rub, walk


@nb.njit(cache=True)
def rotation_matrix(pitch, yaw, roll):
    """Matrix (3, 3) from the local to the outer frame, of pitch yaw roll (rad); as `carlet.geometry` has it."""
    cp, cy, cr = np.cos(pitch), np.cos(yaw), np.cos(roll)
    sp, sy, sr = np.sin(pitch), np.sin(yaw), np.sin(roll)
    return np.array(
        (
            (cp * cy, cy * sp * sr - sy * cr, -cy * sp * cr - sy * sr),
            (cp * sy, sy * sp * sr + cy * cr, -sy * sp * cr + cy * sr),
            (sp, -cp * sr, cp * cr),
        )
    )


@nb.njit(cache=True)
def _drop_what_is_no_number(b):
    for k in range(3):
        if not np.isfinite(b[VELOCITY + k]):
            b[VELOCITY + k] = 0.0
        if not np.isfinite(b[SPIN + k]):
            b[SPIN + k] = 0.0


@nb.njit(cache=True)
def _push(b, dt):
    """Impulses and forces that clients have given."""
    mass = max(b[MASS], 1e-3)
    ex, ey, ez = b[EX], b[EY], b[EZ]
    inertia = (
        mass * max(ey * ey + ez * ez, 0.01) / 3.0,
        mass * max(ex * ex + ez * ez, 0.01) / 3.0,
        mass * max(ex * ex + ey * ey, 0.01) / 3.0,
    )
    twist = np.empty(3)
    for k in range(3):
        push = (b[IMPULSE + k] + b[FORCE + k] * dt) / mass
        if np.isfinite(push):
            b[VELOCITY + k] += push
        twist[k] = b[ANGULAR_IMPULSE + k] + b[TORQUE + k] * dt
    if np.any(twist != 0.0) and np.all(np.isfinite(twist)):
        axes = rotation_matrix(b[PITCH], b[YAW], b[ROLL])
        for k in range(3):
            spin = axes[0, k] * twist[0] + axes[1, k] * twist[1] + axes[2, k] * twist[2]
            for m in range(3):
                b[SPIN + m] += axes[m, k] * spin / inertia[k]


@nb.njit(cache=True)
def _keep_velocity(b):
    axes = rotation_matrix(b[PITCH], b[YAW], b[ROLL])
    for k in range(3):
        ahead = 0.0
        for m in range(3):
            ahead += axes[k, m] * b[CONSTANT_VELOCITY + m]
        if k < 2 or not b[HAS_GRAVITY]:
            b[VELOCITY + k] = ahead


@nb.njit(cache=True)
def apply_forces(bodies, dt):
    """Set the velocities of all moving rows for this tick."""
    for i in range(len(bodies)):
        b = bodies[i]
        if not b[MOVES]:
            continue
        _drop_what_is_no_number(b)
        _push(b, dt)
        if b[HAS_CONSTANT_VELOCITY]:
            _keep_velocity(b)
        if b[KIND] == VEHICLE:
            drive(b, dt)
        elif b[KIND] == WALKER:
            walk(b, dt)
        else:
            rub(b, dt)
        if b[HAS_GRAVITY] and not b[GROUNDED]:
            b[VZ] -= GRAVITY * dt
