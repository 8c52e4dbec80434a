"""What may overrule the model's plan, when asked to: creeping after a long stand, stopping at stop signs."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lead.agents.plan_following import Action
from lead.agents.sensor.config import ClosedLoopConfig
from lead.models.tfv6.boxes import CLASS, X, Y
from lead.navigation.odometry import TICK_S, seen_from

Floats = NDArray[np.float64]
Points = NDArray[np.floating]

STOP_SIGN = 3
"""LEAD's class of stop signs' boxes."""
_STOPPED = 0.01
_STOOD_M = 1.0
"""Who gets no further has stood: a plan that wavers twitches the car by centimetres."""
_CREEP_SPEED = 3.0
# Ahead of the bumper, between knee and roof (m).
_CLEAR_X, _CLEAR_Y, _CLEAR_Z = (2.451, 4.951), 1.064, (0.4, 2.0)
_FORGOTTEN_M = 64.0


@dataclass(frozen=True)
class Creeping:
    """`standing`: ticks within a metre; `moved`: how much of it is behind (m); `left`: ticks that it still creeps;
    `waited`: whether it has just now stood long enough to creep.
    """

    standing: int = 0
    moved: float = 0.0
    left: int = 0
    waited: bool = False


def creep(
    state: Creeping, action: Action, speed: float, cloud: Points, config: ClosedLoopConfig
) -> tuple[Action, Creeping]:
    """The action, or a push ahead after a long stand where nothing is right ahead of the bumper.

    `cloud` (n, 3): LiDAR points at their true height (m).
    """
    standing, moved, left = state.standing + 1, state.moved + max(speed, 0.0) * TICK_S, state.left
    is_stuck, got_away = standing > config.sensor_agent_stuck_threshold, moved > _STOOD_M
    if is_stuck:
        left = config.sensor_agent_stuck_move_duration or 0
    if is_stuck or got_away:
        standing, moved = 0, 0.0
    state = Creeping(standing, moved, max(left - 1, 0), is_stuck)
    if left == 0 or speed > _CREEP_SPEED or not _is_clear(cloud):
        return action, state
    return replace(action, throttle=max(action.throttle, config.sensor_agent_stuck_throttle), brake=0.0), state


def _is_clear(cloud: Points) -> bool:
    x, y, z = cloud[:, 0], cloud[:, 1], cloud[:, 2]
    inside = (x > _CLEAR_X[0]) & (x < _CLEAR_X[1]) & (np.abs(y) < _CLEAR_Y) & (z > _CLEAR_Z[0]) & (z < _CLEAR_Z[1])
    return not inside.any()


@dataclass(frozen=True)
class StopSigns:
    """`sign` (2,) m: the last one seen, in the frame of `pose` (3,), by dead reckoning; `wait`: ticks before the next
    stop.
    """

    sign: Floats | None = None
    pose: Floats | None = None
    wait: int = 0

    def distance(self, pose: Floats) -> float:
        """Metres to the sign from a reckoned pose (3,)."""
        if self.sign is None or self.pose is None:
            return math.inf
        place = seen_from(pose, np.append(self._in_world(), 0.0))
        return float(np.hypot(place[0], place[1]))

    def _in_world(self) -> Floats:
        assert self.sign is not None and self.pose is not None
        c, s = math.cos(self.pose[2]), math.sin(self.pose[2])
        x, y = self.sign
        return np.array([self.pose[0] + c * x - s * y, self.pose[1] + s * x + c * y])


def heed_stop_signs(
    state: StopSigns, action: Action, speed: float, boxes: Points, pose: Floats, config: ClosedLoopConfig
) -> tuple[Action, StopSigns]:
    """The action, or the brake at a stop sign's box until the car has stopped.

    `boxes` (n, 9): what the model sees, by `lead.models.tfv6.boxes.COLUMNS`; `pose` (3,) by dead reckoning.
    """
    signs = boxes[boxes[:, CLASS] == STOP_SIGN]
    if len(signs):
        nearest = signs[np.argmin(np.hypot(signs[:, X], signs[:, Y]))]
        state = replace(state, sign=nearest[[X, Y]].astype(np.float64), pose=pose)
    if state.distance(pose) > _FORGOTTEN_M:
        state = replace(state, sign=None, pose=None)
    if state.wait > 0:
        return action, replace(state, wait=state.wait - 1)
    if state.distance(pose) >= config.slower_for_stop_sign_dist_threshold:
        return action, state
    if speed <= _STOPPED:
        return action, StopSigns(wait=config.slower_for_stop_sign_cool_down)
    return Action(action.steer, 0.0, 1.0), state
