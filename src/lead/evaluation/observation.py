"""What the criteria see of one tick: frozen, small, in CARLA's frame; metres, seconds, m/s, radians."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class RouteLine:
    """The route as the criteria know it, one point about every metre.

    `points` (n, 3), `directions` (n, 3) unit vectors of travel, `metres` (n,) driven from the start to each point.
    """

    points: NDArray[np.float64]
    directions: NDArray[np.float64]
    metres: NDArray[np.float64]

    @classmethod
    def from_poses(cls, points: NDArray[np.float64], yaws: NDArray[np.float64]) -> "RouteLine":
        """The line through points (n, 3) with headings `yaws` (n,) in radians; ValueError below two points."""
        if len(points) < 2:
            raise ValueError(f"a route line needs at least two points, not {len(points)}")
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        directions = np.stack([np.cos(yaws), np.sin(yaws), np.zeros(len(yaws))], axis=1)
        return cls(np.asarray(points, dtype=np.float64), directions, np.concatenate([[0.0], np.cumsum(steps)]))

    @property
    def length(self) -> float:
        """Metres from the first to the last point."""
        return float(self.metres[-1])

    def advance(self, index: int, location: Vector, window: int = 2) -> int:
        """Index of the last of the next `window` points that `location` has passed, or `index` itself."""
        stop = min(index + window + 1, len(self.points))
        ahead = location - self.points[index:stop]
        passed = np.flatnonzero(np.einsum("ij,ij->i", ahead, self.directions[index:stop]) > 0.0)
        return index + int(passed[-1]) if len(passed) else index


@dataclass(frozen=True)
class Progress:
    """Where on the route the ego is: index of the last passed point, its metres, and those gained in this tick.

    `total_m` is the route's length, `to_end_m` the straight distance to its last point.
    """

    index: int
    metres: float
    advanced_m: float
    total_m: float
    to_end_m: float

    @property
    def share(self) -> float:
        """Driven share of the route, 0 to 1."""
        return self.metres / self.total_m if self.total_m > 0.0 else 1.0


@dataclass(frozen=True)
class Ego:
    """The vehicle under test. `location` is CARLA's origin of the actor, `forward_speed` is along its x axis."""

    location: Vector
    yaw: float
    half_length: float
    speed: float
    forward_speed: float
    speed_limit_kmh: float

    @property
    def direction(self) -> tuple[float, float]:
        """Unit vector of the heading in the ground plane."""
        return math.cos(self.yaw), math.sin(self.yaw)

    def along(self, metres: float) -> Vector:
        """The place so far ahead of (or, negative, behind) the origin."""
        dx, dy = self.direction
        x, y, z = self.location
        return x + metres * dx, y + metres * dy, z


@dataclass(frozen=True)
class LanePoint:
    """A point on the centre of a lane; `yaw` is the direction of travel."""

    road_id: int
    lane_id: int
    in_junction: bool
    location: Vector
    yaw: float
    width: float


@dataclass(frozen=True)
class StopLine:
    """Where a light stops one lane: the lane's last point before the junction."""

    road_id: int
    lane_id: int
    location: Vector
    yaw: float
    width: float


@dataclass(frozen=True)
class Light:
    """A traffic light near the ego."""

    id: int
    is_red: bool
    stop_lines: tuple[StopLine, ...]


@dataclass(frozen=True)
class StopSign:
    """A stop sign near the ego with its trigger box, upright, in the world."""

    id: int
    centre: Vector
    yaw: float
    half_x: float
    half_y: float


@dataclass(frozen=True)
class Contact:
    """The ego touched something; map geometry has id 0."""

    other_id: int
    other_type: str


@dataclass(frozen=True)
class Observation:
    """One tick. What nobody can use is left out: lanes at the tail without a red light near, and the like.

    `time_s`: game time since the route's start. `lane`: the driving lane nearest to the ego. `nearest_lane`: the
    nearest of driving and parking lanes. `tail_lane`: the driving lane one metre behind the ego, None without a red
    light near. `lane_ahead`: points of the ego's lane from beside it to 4 m ahead, empty without a stop sign near.
    `traffic_speed`: mean speed of the background vehicles, None without any. `wrong_lane_counts`, `standing_counts`:
    whether driving in a wrong lane and standing still are held against the ego, which scenarios may suspend.
    """

    frame: int
    time_s: float
    ego: Ego
    progress: Progress
    lane: LanePoint | None = None
    nearest_lane: LanePoint | None = None
    tail_lane: LanePoint | None = None
    lane_ahead: tuple[Vector, ...] = ()
    lights: tuple[Light, ...] = ()
    stop_signs: tuple[StopSign, ...] = ()
    contacts: tuple[Contact, ...] = ()
    traffic_speed: float | None = None
    wrong_lane_counts: bool = True
    standing_counts: bool = True
