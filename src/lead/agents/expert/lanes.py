"""Where lanes lead: the way that each vehicle will take if it stays in its lane and goes straight on at junctions."""

import math
from dataclasses import dataclass, field

import carla
import numpy as np

from lead.control import wrap
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M, Floats

_OFF_M, _OFF_YAW = 1.6, math.radians(30.0)
_BRANCH_LOOK_M = 12.0
_KEPT = 2  # points of a way behind a vehicle


@dataclass
class _Way:
    """Points (k, 2) so far, and the place that leads on; `end` is None where no lane does."""

    points: list[tuple[float, float]]
    end: carla.Waypoint | None


@dataclass
class LanesAhead:
    """Remembers the way of each vehicle, because in a junction lanes lie above each other."""

    town: carla.Map
    _ways: dict[int, _Way] = field(default_factory=dict)

    def ahead(self, actor: int, x: float, y: float, z: float, yaw: float) -> Floats | None:
        """The next points (`LANE_POINTS`, 2) of a vehicle's lane from beside it on; None when it is in none."""
        way = self._ways.get(actor)
        row = _place_on(way, x, y, yaw) if way is not None else None
        if way is None or row is None:
            way = self._ways[actor] = self._begin(x, y, z, yaw)
            row = 0
        while len(way.points) < row + LANE_POINTS and way.end is not None:
            _extend(way)
        if len(way.points) < row + 2:
            return None
        if row > _KEPT:
            del way.points[: row - _KEPT]
            row = _KEPT
        return padded(np.array(way.points[row : row + LANE_POINTS]))

    def forget(self, actors: set[int]) -> None:
        """Drop those that are gone."""
        for actor in actors & self._ways.keys():
            del self._ways[actor]

    def _begin(self, x: float, y: float, z: float, yaw: float) -> _Way:
        lane = self.town.get_waypoint(carla.Location(x, y, z))
        if lane is None:
            return _Way([], None)
        pose = lane.transform
        off = math.hypot(pose.location.x - x, pose.location.y - y)
        turn = abs(wrap(math.radians(pose.rotation.yaw) - yaw))
        if off > _OFF_M or turn > _OFF_YAW:
            return _Way([], None)
        return _Way([(pose.location.x, pose.location.y)], lane)


def _place_on(way: _Way, x: float, y: float, yaw: float) -> int | None:
    """The row of the way that a vehicle is at; None when it has left the way or comes to its end."""
    if len(way.points) < 2:
        return None
    points = np.array(way.points[: _KEPT + 4])
    step = points - (x, y)
    row = min(int(np.argmin(step[:, 0] ** 2 + step[:, 1] ** 2)), len(points) - 2)
    dx, dy = points[row + 1] - points[row]
    heading = math.atan2(dy, dx)
    across = (x - points[row, 0]) * -math.sin(heading) + (y - points[row, 1]) * math.cos(heading)
    is_off = abs(across) > _OFF_M or abs(wrap(heading - yaw)) > _OFF_YAW
    return None if is_off else row


def _extend(way: _Way) -> None:
    """One more point, straight on where the lane branches."""
    assert way.end is not None
    branches = way.end.next(LANE_SPACING_M)
    if not branches:
        way.end = None
        return
    yaw_deg = way.end.transform.rotation.yaw
    way.end = branches[0] if len(branches) == 1 else min(branches, key=lambda one: _bend(one, yaw_deg))
    place = way.end.transform.location
    way.points.append((place.x, place.y))


def _bend(branch: carla.Waypoint, yaw_deg: float) -> float:
    later = branch.next(_BRANCH_LOOK_M)
    return abs(wrap(math.radians((later[0] if later else branch).transform.rotation.yaw - yaw_deg)))


def padded(points: Floats) -> Floats:
    """At most `LANE_POINTS` points (n, 2), made as many; beyond their end straight on."""
    missing = LANE_POINTS - len(points)
    if missing:
        step = points[-1] - points[-2]
        points = np.concatenate([points, points[-1] + np.arange(1, missing + 1)[:, None] * step])
    return points
