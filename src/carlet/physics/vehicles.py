"""Vehicles between two contacts: a kinematic bicycle whose tyres can only pull so hard.

The rear axle does not slip as long as the tyres hold; what they cannot hold stays as a slide and dies down with their
friction. Velocities are set here; positions move in `carlet.physics.contacts`.
"""

import numba as nb
import numpy as np

from carlet.physics.ackermann import steer_with_ackermann
from carlet.physics.response import KMH, next_speed, slope_pull
from carlet.physics.state import (
    ACKERMANN,
    BRAKE,
    BRAKE_GAIN,
    DRAG,
    DRIVE_GAIN,
    EX,
    EY,
    EZ,
    FRESH_CONTROL,
    FRICTION,
    GEAR,
    GRAVITY,
    GROUNDED,
    HAND_BRAKE,
    HAS_CONSTANT_VELOCITY,
    HAS_GRAVITY,
    MANUAL_GEAR,
    MASS,
    MAX_STEER,
    REVERSE,
    SIDESLIP,
    SLOPE,
    STEER,
    STICKY_CONTROL,
    THROTTLE,
    TOP_SPEED,
    VX,
    VY,
    VZ,
    WHEEL_STEER,
    WHEELBASE,
    WZ,
    YAW,
    clean,
    toward,
)

#: fitted to vehicle.lincoln.mkz_2020 (wheel base 2.86 m, 70 degrees of lock): rear axle behind the origin, m; distance
#: of the axles that turns like the car, m; wheel angle of full steer, rad
REAR_AXLE, TURNING_BASE, STEER_GAIN = 1.4178275, 1.4178275 - 0.090769015, 0.36848336
FIT_WHEELBASE, FIT_MAX_STEER = 2.86, 1.2217304763960306
AIR_DENSITY, FIT_DRAG = 1.2, 0.3
#: a car that leaves the ground faster than this jumps, m/s
LIFT_OFF = 1.0
#: share of the tyres' grip that steering may ask for
CORNERING_SHARE = 0.9
#: tyres build a turn so much faster than they stop a spin
STEERING_IN = 4.0
SLIP_TOLERANCE = 1e-6
GEAR_SPEEDS = (4.6, 7.1, 11.0, 14.6, 21.0)
STEERING_CURVE = ((0.0, 1.0), (20.0, 0.9), (60.0, 0.8), (120.0, 0.7))


@nb.njit(cache=True)
def steering_share(speed_kmh):
    """How much of the lock the steering gives at a speed, as CARLA's steering curve has it."""
    for k in range(1, len(STEERING_CURVE)):
        v0, share0 = STEERING_CURVE[k - 1]
        v1, share1 = STEERING_CURVE[k]
        if speed_kmh < v1:
            return share0 + (share1 - share0) * (speed_kmh - v0) / (v1 - v0)
    return STEERING_CURVE[-1][1]


@nb.njit(cache=True)
def _read_control(b):
    if not b[STICKY_CONTROL] and not b[FRESH_CONTROL] and not b[ACKERMANN]:
        b[THROTTLE] = b[STEER] = b[BRAKE] = 0.0
        b[HAND_BRAKE] = b[REVERSE] = b[MANUAL_GEAR] = False
    b[FRESH_CONTROL] = False
    b[THROTTLE] = clean(b[THROTTLE], 0.0, 1.0, 0.0)
    b[BRAKE] = clean(b[BRAKE], 0.0, 1.0, 1.0)
    b[STEER] = clean(b[STEER], -1.0, 1.0, 0.0)


@nb.njit(cache=True)
def _engaged_gear(b):
    """1 forward, -1 backward, 0 neutral."""
    if b[MANUAL_GEAR]:
        b[REVERSE] = b[GEAR] < 0
        return int(np.sign(b[GEAR]))
    return -1 if b[REVERSE] else 1


@nb.njit(cache=True)
def _shown_gear(b, speed):
    if b[MANUAL_GEAR]:
        return b[GEAR]
    if b[REVERSE]:
        return -1
    if abs(speed) < 0.01 and b[THROTTLE] == 0.0:
        return 0
    gear = 1
    for shift in GEAR_SPEEDS:
        if abs(speed) > shift:
            gear += 1
    return gear


@nb.njit(cache=True)
def sideslip_of(b, speed, grip):
    """Angle from heading to path that the steered wheels ask for (rad), no tighter than `grip` (m/s^2) allows."""
    size = b[WHEELBASE] / FIT_WHEELBASE
    wheel = STEER_GAIN * b[STEER] * b[MAX_STEER] / FIT_MAX_STEER
    beta = np.arctan(REAR_AXLE / TURNING_BASE * np.tan(wheel))
    limit = CORNERING_SHARE * grip * REAR_AXLE * size
    if speed * speed * abs(np.sin(beta)) > limit:
        beta = np.sign(beta) * np.arcsin(limit / (speed * speed))
    return beta


@nb.njit(cache=True)
def _air_drag(b, coefficient, speed):
    """Deceleration by the air, m/s^2."""
    front = 4.0 * b[EY] * b[EZ]
    return 0.5 * AIR_DENSITY * coefficient * front * speed * speed / max(b[MASS], 1.0)


@nb.njit(cache=True)
def _slide(b, dt):
    """What the car does when its tyres carry nothing: slopes and air only."""
    vx, vy = b[VX], b[VY]
    speed = np.hypot(vx, vy)
    if speed > 0.0:
        left = max(0.0, 1.0 - _air_drag(b, b[DRAG], speed) * dt / speed)
        b[VX] = vx * left
        b[VY] = vy * left
    b[SIDESLIP] = 0.0


@nb.njit(cache=True)
def _downhill(b, dt):
    gx, gy = b[SLOPE], b[SLOPE + 1]
    share = -GRAVITY * dt / (1.0 + gx * gx + gy * gy)
    b[VX] += share * gx
    b[VY] += share * gy


@nb.njit(cache=True)
def _speed_along(b, cos, sin, stretch):
    """Speed along the heading and the ground, seen through the sideslip that the tyres left it with."""
    ahead = b[VX] * cos + b[VY] * sin
    aside = b[VY] * cos - b[VX] * sin
    if abs(aside - ahead * np.tan(b[SIDESLIP])) < SLIP_TOLERANCE * (1.0 + abs(ahead)):
        ahead /= np.cos(b[SIDESLIP])
    return ahead * stretch


@nb.njit(cache=True)
def _grip(b, speed, stretch, held, dt):
    """Bring velocity and yaw rate towards what wheels at `speed` ask for, as far as the tyres can."""
    size = b[WHEELBASE] / FIT_WHEELBASE
    hold = b[FRICTION] * GRAVITY
    beta = sideslip_of(b, speed, hold)
    turn = speed * np.sin(beta) / (REAR_AXLE * size)
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    rear = REAR_AXLE * size
    ahead = speed * np.cos(beta) / stretch
    dx = ahead * cos - (b[VX] + b[WZ] * rear * sin)
    dy = ahead * sin - (b[VY] - b[WZ] * rear * cos)
    needed = np.hypot(dx, dy)
    share = 1.0 if needed <= hold * dt else hold * dt / needed
    lever = (b[EX] ** 2 + b[EY] ** 2) / 3.0
    twist = 0.5 * hold * b[WHEELBASE] * dt / max(lever, 0.1)
    if abs(turn) > abs(b[WZ]):
        twist *= STEERING_IN
    spin = toward(b[WZ], turn, twist)
    if not held:
        b[VX] += dx * share - (spin - b[WZ]) * rear * sin
        b[VY] += dy * share + (spin - b[WZ]) * rear * cos
    b[WZ] = spin
    b[SIDESLIP] = beta - turn * dt


@nb.njit(cache=True)
def drive(b, dt):
    """Set the velocity of vehicle i for this tick."""
    _read_control(b)
    cos, sin = np.cos(b[YAW]), np.sin(b[YAW])
    gx, gy = b[SLOPE], b[SLOPE + 1]
    if b[GROUNDED] and b[VZ] - gx * b[VX] - gy * b[VY] > LIFT_OFF:
        b[GROUNDED] = False
    carried = b[GROUNDED] and b[HAS_GRAVITY]
    rise = gx * cos + gy * sin if carried else 0.0
    stretch = np.sqrt(1.0 + rise * rise)
    held = b[HAS_CONSTANT_VELOCITY]
    speed = _speed_along(b, cos, sin, stretch)
    if b[ACKERMANN]:
        steer_with_ackermann(b, speed, dt)
    gear = _engaged_gear(b)
    if carried and b[FRICTION] > 0.0:
        if not held:
            extra = _air_drag(b, max(0.0, b[DRAG] - FIT_DRAG), speed) * np.sign(speed)
            pull = slope_pull(rise) - extra
            speed = next_speed(
                speed,
                b[THROTTLE],
                b[BRAKE],
                b[HAND_BRAKE],
                gear,
                b[DRIVE_GAIN],
                b[BRAKE_GAIN],
                b[TOP_SPEED],
                pull,
                dt,
            )
            _downhill(b, dt)
        _grip(b, speed, stretch, held, dt)
    elif not held:
        if carried:
            _downhill(b, dt)
        _slide(b, dt)
    b[GEAR] = _shown_gear(b, speed)
    b[WHEEL_STEER] = b[STEER] * b[MAX_STEER] * steering_share(abs(speed) * KMH)
