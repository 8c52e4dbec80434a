"""What the background sees in one tick: where its cars are along the route, and the ego's lane."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import NDArray

from lead.geometry import wrap_angle
from lead.routes import Trace
from lead.scenarios.tick import Tick

Floats = NDArray[np.float64]

_TICK_S = 0.05
_BEHIND_ROWS, _AHEAD_ROWS = 150, 250


@dataclass(frozen=True)
class Spot:
    """Where a car is: `location` (3,), `speed` m/s, metres `along` the route from the ego (negative behind it) and to
    the `right` of the route, and the angle `turn` (rad) of its heading to the route's.
    """

    location: Floats
    speed: float
    along: float
    right: float
    turn: float


@dataclass(frozen=True)
class View:
    """One tick: the ego's `tick` and its driving lane if it is on one, and the `spots` of the cars that are known."""

    tick: Tick
    waypoint: carla.Waypoint | None
    spots: Mapping[int, Spot]
    ego_right: float

    @property
    def count(self) -> int:
        """Number of the tick since the route's start."""
        return round(self.tick.time_s / _TICK_S)

    @property
    def is_on_road(self) -> bool:
        """Whether the ego is on a lane outside of junctions."""
        return self.waypoint is not None and not self.waypoint.is_junction

    def apart(self, car: int) -> float:
        """Metres from the ego to a car, infinite for unknown ones."""
        return math.dist(self.tick.location, self.spots[car].location) if car in self.spots else math.inf

    def along(self, car: int) -> float:
        """Metres along the route from the ego to a car; not a number for unknown ones."""
        return self.spots[car].along if car in self.spots else math.nan

    def ahead(self, cars: Iterable[int]) -> list[int]:
        """Those ahead of the ego, the nearest first."""
        return sorted((car for car in cars if self.along(car) > 0.0), key=self.along)

    def behind(self, cars: Iterable[int]) -> list[int]:
        """Those behind the ego, the nearest first."""
        return sorted((car for car in cars if self.along(car) <= 0.0), key=self.along, reverse=True)


def spots_on(
    trace: Trace, tick: Tick, cars: Iterable[int], location: Floats, yaw: Floats, speed: Floats
) -> dict[int, Spot]:
    """The spots of n cars at `location` (n, 3) with `yaw` (n,) and `speed` (n,)."""
    first = max(tick.route_index - _BEHIND_ROWS, 0)
    rows = slice(first, tick.route_index + _AHEAD_ROWS)
    route, way, heading = trace.location[rows, :2], trace.s_m[rows], trace.yaw[rows]
    nearest = np.linalg.norm(location[:, None, :2] - route[None], axis=2).argmin(axis=1)
    offset, turn = location[:, :2] - route[nearest], heading[nearest]
    forward = offset[:, 0] * np.cos(turn) + offset[:, 1] * np.sin(turn)
    right = offset[:, 1] * np.cos(turn) - offset[:, 0] * np.sin(turn)
    along = way[nearest] + forward - trace.s_m[tick.route_index]
    columns = zip(
        cars, location, speed.tolist(), along.tolist(), right.tolist(), wrap_angle(yaw - turn).tolist(), strict=True
    )
    return {car: Spot(*rest) for car, *rest in columns}
