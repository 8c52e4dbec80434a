"""Where the student is and where it is to go, from GNSS, compass, speedometer and the sparse plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.geometry import location_array
from lead.navigation.odometry import Compass, DeadReckoning, Localiser
from lead.navigation.targets import TargetPlanner, command_place, known_commands, three_points
from lead.routes.plan import geo_reference_from_plan, location_from_gps

Floats = NDArray[np.float64]

_DENSE_M, _DENSE_POP_M = 10.0, 4.0


@dataclass(frozen=True)
class NavigationConfig:
    """How the plan is followed. `pop_m`: distance at which a target point is passed; `leaves_passed`: whether points
    left behind further away are passed too; `adaptive`: nearer where points are close together; `farthest_m`: a next
    point beyond it is left out, None for none; `filtered`: whether points are seen from the filtered position.
    """

    pop_m: float = 3.25
    leaves_passed: bool = True
    adaptive: bool = False
    farthest_m: float | None = None
    filtered: bool = True


@dataclass(frozen=True)
class Place:
    """Where the ego believes to be in a tick. `position` (2,) m and `yaw` rad in the world; `reckoned` (3,) x, y, yaw
    by dead reckoning; `targets` (3, 2) m in the ego's frame: previous, current, next; `command` and `next_command` from
    0; `speed` m/s.
    """

    position: Floats
    yaw: float
    reckoned: Floats
    targets: Floats
    command: int
    next_command: int
    speed: float


class Navigator:
    """Follows one plan."""

    def __init__(
        self,
        gps_plan: Sequence[tuple[Mapping[str, float], Any]],
        world_plan: Sequence[tuple[Any, Any]],
        config: NavigationConfig,
    ):
        """The sparse plan as agents get it. RouteError when its coordinates do not go together."""
        points = np.array([location_array(pose.location) for pose, _ in world_plan])
        gps = np.array([[point["lat"], point["lon"], point["z"]] for point, _ in gps_plan])
        commands = known_commands([int(getattr(option, "value", option)) for _, option in world_plan])
        self._config = config
        self._geo = geo_reference_from_plan(gps, points)
        self._planner = TargetPlanner(points, commands, config.pop_m)
        self._compass, self._localiser, self._reckoning = Compass(), Localiser(), DeadReckoning()

    def step(self, gps: Floats, compass: float, speed: float) -> Place:
        """Take in a tick: GNSS (3,) in degrees and m, compass (rad), speed (m/s)."""
        yaw = self._compass.step(compass)
        fix = location_from_gps(self._geo, gps)[:2]
        estimate = self._localiser.step(fix, yaw, speed)
        position = estimate if self._config.filtered else fix
        self._planner.step(float(estimate[0]), float(estimate[1]), self._pop(position, yaw))
        if self._config.leaves_passed:
            self._planner.leave_passed(float(estimate[0]), float(estimate[1]))
        _, commands = self._planner.ahead
        following = commands[min(1, len(commands) - 1)]
        return Place(
            position,
            yaw,
            self._reckoning.step(yaw, speed),
            self._targets(position, yaw),
            command_place(commands[0]),
            command_place(following),
            speed,
        )

    def _targets(self, position: Floats, yaw: float) -> Floats:
        points, _ = self._planner.ahead
        offsets = np.array(three_points(points.tolist())) - position
        c, s = np.cos(yaw), np.sin(yaw)
        targets = np.stack([c * offsets[:, 0] + s * offsets[:, 1], c * offsets[:, 1] - s * offsets[:, 0]], axis=1)
        limit = self._config.farthest_m
        if limit is not None and np.hypot(*targets[2]) > limit:
            targets[2] = targets[1]
        return targets

    def _pop(self, position: Floats, yaw: float) -> float:
        if not self._config.adaptive:
            return self._config.pop_m
        targets = self._targets(position, yaw)
        dense = any(
            np.hypot(*(one - other)) < _DENSE_M and min(np.hypot(*targets[0]), np.hypot(*targets[1])) < _DENSE_M
            for one, other in ((targets[1], targets[2]), (targets[0], targets[1]))
        )
        return min(_DENSE_POP_M, self._config.pop_m) if dense else self._config.pop_m
