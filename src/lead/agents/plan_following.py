"""From what a model plans to throttle, brake and steer; pure functions over frozen state.

Two ways: along the route at the target speed, for models that plan a route; along the waypoints for those that do
not. The constants are those of LEAD's closed-loop agent for vehicle.lincoln.mkz_2020 at 20 Hz.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lead.control import LateralState, lookahead_index, pedals_for, steer_along

Floats = NDArray[np.floating]

ROUTE_START_M = 2.5
"""Distance of a route's first point; the others follow every metre."""

_POINTS_PER_METRE = 10
_CURVE_GAIN, _MOST_CURVE_POINTS = 3.5, 2
_STANDING = 0.01
_BRAKE_RATIO = 1.1
_SLOWEST_TARGET = 1.0 / 3.6
_WINDOW = 20
_TURN_GAINS = (1.25, 0.75, 0.3)
_SPEED_GAINS = (1.75, 1.0, 2.0)
_BRAKE_SPEED = 0.4
_LARGEST_SPEED_ERROR = 0.99
_AIM_SLOW_M, _AIM_FAST_M, _AIM_THRESHOLD = 2.25, 3.0, 5.5


@dataclass(frozen=True)
class Action:
    """Steer in [-1, 1], positive right; throttle and brake 0 to 1, never both at once."""

    steer: float
    throttle: float
    brake: float
    reverse: bool = False


@dataclass(frozen=True)
class PidState:
    """The last errors of a controller, oldest first."""

    errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class WaypointState:
    """What following waypoints remembers."""

    turn: PidState = field(default_factory=PidState)
    speed: PidState = field(default_factory=PidState)


def follow_route(state: LateralState, route: Floats, target_speed: float, speed: float) -> tuple[Action, LateralState]:
    """The action along a planned route (n, 2; ego frame, m) at a target speed, both speeds in m/s; the next state."""
    brake = target_speed < _STANDING or speed / target_speed > _BRAKE_RATIO
    point = route[min(aim_index(route, speed), len(route) - 1)].astype(np.float64)
    steer, state = steer_along(state, point[None], (0.0, 0.0), 0.0, speed)
    pedals = pedals_for(0.0 if brake else max(target_speed, _SLOWEST_TARGET), speed)
    if pedals.brake > 0.0:
        return Action(0.0 if speed < _STANDING else round(steer, 3), 0.0, 1.0), state
    return Action(round(steer, 3), pedals.throttle, 0.0), state


def aim_index(route: Floats, speed: float) -> int:
    """Index of the route point to steer at for a speed in m/s; it may lie past the end. Further away in curves."""
    ahead_m = lookahead_index(speed) / _POINTS_PER_METRE
    bend = float(np.abs(np.arctan2(route[:, 1], route[:, 0])).mean())
    return int(ahead_m - 2.0) + min(int(_CURVE_GAIN * bend), _MOST_CURVE_POINTS)


def follow_waypoints(
    state: WaypointState, waypoints: Floats, speed: float, spacing_s: float
) -> tuple[Action, WaypointState]:
    """The action along waypoints (n, 2; ego frame, m), one every `spacing_s`, and the next state; speed in m/s."""
    desired = float(np.linalg.norm(waypoints[3] - waypoints[1])) / (2.0 * spacing_s)
    brake = desired < _BRAKE_SPEED or speed / desired > _BRAKE_RATIO
    aim_m = _AIM_SLOW_M if desired < _AIM_THRESHOLD else _AIM_FAST_M
    far = np.flatnonzero(np.linalg.norm(waypoints, axis=1) >= aim_m)
    aim = waypoints[far[0] if len(far) else -1]
    angle = math.degrees(math.atan2(aim[1], aim[0])) / 90.0
    steer, turn = _pid(state.turn, 0.0 if speed < _STANDING and brake else angle, _TURN_GAINS)
    error = min(max(desired - speed, 0.0), _LARGEST_SPEED_ERROR)
    throttle, pace = _pid(state.speed, error, _SPEED_GAINS)
    action = Action(
        steer=min(max(steer, -1.0), 1.0),
        throttle=0.0 if brake else min(max(throttle, 0.0), 1.0),
        brake=1.0 if brake else 0.0,
    )
    return action, WaypointState(turn, pace)


def _pid(state: PidState, error: float, gains: tuple[float, float, float]) -> tuple[float, PidState]:
    errors = (*state.errors, error)[-_WINDOW:]
    change = errors[-1] - errors[-2] if len(errors) > 1 else 0.0
    p, i, d = gains
    return p * error + i * sum(errors) / len(errors) + d * change, PidState(errors)
