"""From a path and a target speed to throttle, brake and steer, and how fast its bends allow; pure functions over frozen
state.

The constants are those that LEAD's expert was tuned with for vehicle.lincoln.mkz_2020 at 20 Hz.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

PATH_SPACING = 0.1
"""Metres between the points of a path given to `steer_along`."""

DENSE_BEND_ROWS = 30
"""Points over which a bend is measured where they lie `PATH_SPACING` apart: 3 m."""

_BEND_ROWS = 7

_HISTORY = 6
_LOOKAHEAD_SLOPE, _LOOKAHEAD_OFFSET = 0.9755321901954155, 1.9152884533402488
_LOOKAHEAD_RANGE = (24.0, 105.0)
_HOLD_OUT = 0.5
_STEER_P, _STEER_D, _STEER_I = 3.118357247806046, 1.3782508892109167, 0.6406067986034124
_SLOWEST_TARGET = 0.278
_FULL_THROTTLE_ERROR_KMH = 1.89
_BRAKE_RATIO = 1.031266635497984
_THROTTLE_WEIGHTS = (
    1.1990342347353184,
    -0.8057602384167799,
    1.710818710950062,
    0.921890257450335,
    1.556497522998393,
    -0.7013479734904027,
)


@dataclass(frozen=True)
class LateralState:
    """The last heading errors (in units of 90 degrees), oldest first, at most six."""

    errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Pedals:
    """Throttle and brake, both 0 to 1; never both at once."""

    throttle: float
    brake: float


def lookahead_index(speed: float) -> int:
    """Index of the path point to steer at, for a speed in m/s (2.4 to 10.5 m ahead)."""
    points = _LOOKAHEAD_SLOPE * speed * 3.6 + _LOOKAHEAD_OFFSET
    return int(min(max(points, _LOOKAHEAD_RANGE[0]), _LOOKAHEAD_RANGE[1]))


def steer_along(
    state: LateralState,
    path: NDArray[np.float64],
    position: Sequence[float],
    yaw: float,
    speed: float,
    bend: float = 0.0,
) -> tuple[float, LateralState]:
    """Steer in [-1, 1], positive right, and the next state.

    `path` (n, 2): the way ahead in the world, one point every `PATH_SPACING` metres, the first beside the car;
    `position`: x, y (m); `yaw` (rad); `speed` (m/s). Who steers at a point ahead cuts bends, as LEAD does: by 0.43 m
    where the radius is 6 m (carlet). `bend`, the curvature of the path about the car (1/m, positive right), makes that
    0.1 m.
    """
    index = min(lookahead_index(speed), len(path) - 1)
    target = path[index]
    heading = math.atan2(target[1] - position[1], target[0] - position[0]) - _HOLD_OUT * bend * index * PATH_SPACING
    error = math.degrees(wrap(heading - yaw)) / 90.0
    errors = (*state.errors, error)[-_HISTORY:]
    change = errors[-1] - errors[-2] if len(errors) > 1 else 0.0
    steer = _STEER_P * error + _STEER_D * change + _STEER_I * sum(errors) / len(errors)
    return min(max(steer, -1.0), 1.0), LateralState(errors)


def pedals_for(target: float, speed: float) -> Pedals:
    """Throttle and (binary) brake that bring `speed` to `target` (both m/s)."""
    if target < 1e-5:
        return Pedals(0.0, 1.0)
    target = max(target, _SLOWEST_TARGET)
    error_kmh = 3.6 * (target - speed)
    if error_kmh > _FULL_THROTTLE_ERROR_KMH:
        return Pedals(1.0, 0.0)
    if speed / target > _BRAKE_RATIO:
        return Pedals(0.0, 1.0)
    v, e = speed * 3.6 / 100.0, max(error_kmh, 0.0) / 100.0
    features = (v, v * v, 100.0 * e, e * e, v * e, v * v * e)
    throttle = sum(weight * feature for weight, feature in zip(_THROTTLE_WEIGHTS, features, strict=True))
    return Pedals(min(max(throttle, 0.0), 1.0), 0.0)


def turn_speeds(
    yaw: NDArray[np.float64],
    spacing: float,
    lateral_limit: float = 3.0,
    braking: float = 4.0,
    bend_rows: int = _BEND_ROWS,
) -> NDArray[np.float64]:
    """Speeds (m,) that the bends of a line of headings (m,), `spacing` m apart, allow, as `lateral_limit` (m/s2) bounds
    them and `braking` (m/s2) how they fall; bends are the mean of `bend_rows`.
    """
    curvature = uniform_filter1d(np.abs(np.gradient(np.unwrap(yaw), spacing)), bend_rows, mode="nearest")
    allowed = np.sqrt(lateral_limit / np.maximum(curvature, 1e-4))
    # Walking backwards, the square of the speed may grow by 2 a ds a step.
    growth = 2.0 * braking * spacing * np.arange(len(yaw))
    return np.sqrt(np.minimum.accumulate((allowed**2 + growth)[::-1])[::-1] - growth)


@dataclass(frozen=True)
class Gap:
    """How to follow something: the standstill gap (m) and the time headway (s)."""

    standstill: float
    headway: float


VEHICLE_GAP = Gap(4.0, 0.25)
BICYCLE_GAP = Gap(6.0, 0.5)
WALKER_GAP = Gap(4.5, 0.125)
LIGHT_GAP = Gap(3.0, 0.5)
STOP_SIGN_GAP = Gap(0.3, 0.5)


def follow_speed(
    desired: float, speed: float, distance: float, gap: Gap, leader_speed: float = 0.0, leader_length: float = 0.0
) -> float:
    """Target speed (m/s) for the next 0.05 s by the Intelligent Driver Model.

    `desired`, `speed`, `leader_speed` in m/s; `distance` (m) to the leader's centre, of which `leader_length` (m) is
    taken off.
    """
    return float(
        _integrate_idm(desired, leader_length, speed, leader_speed, distance, gap.standstill, gap.headway),
    )


@njit(cache=True)
def _idm_acceleration(
    x: float, v: float, t: float, desired: float, length: float, lead: float, distance: float, s0: float, headway: float
) -> float:
    a = 24.0
    b = 8.7 if v <= 6.02 else 3.72
    wanted = s0 + v * headway + v * (v - lead) / (2.0 * math.sqrt(a * b))
    free = max(0.1, distance + t * lead - x - length)
    return a * (1.0 - (v / desired) ** 4 - (wanted / free) ** 2)


@njit(cache=True)
def _integrate_idm(
    desired: float, length: float, speed: float, lead: float, distance: float, s0: float, headway: float
) -> float:
    # The equation is stiff for small gaps: 32 steps keep Runge-Kutta stable, and a standstill ends the integration.
    steps = 32
    h = 0.05 / steps
    desired = max(desired, 0.1)
    x, v = 0.0, speed
    for i in range(steps):
        t = i * h
        k1 = _idm_acceleration(x, v, t, desired, length, lead, distance, s0, headway)
        v2 = v + 0.5 * h * k1
        k2 = _idm_acceleration(x + 0.5 * h * v, v2, t + 0.5 * h, desired, length, lead, distance, s0, headway)
        v3 = v + 0.5 * h * k2
        k3 = _idm_acceleration(x + 0.5 * h * v2, v3, t + 0.5 * h, desired, length, lead, distance, s0, headway)
        v4 = v + h * k3
        k4 = _idm_acceleration(x + h * v3, v4, t + h, desired, length, lead, distance, s0, headway)
        x += h / 6.0 * (v + 2.0 * v2 + 2.0 * v3 + v4)
        v += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        if v <= 0.0:
            return 0.0
    return v


def wrap(angle: float) -> float:
    """An angle (rad) brought into [-pi, pi)."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi
