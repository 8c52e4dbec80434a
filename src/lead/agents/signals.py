"""The traffic lights and stop signs that a path meets, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from lead.agents.path import DrivePath
from lead.control import PATH_SPACING
from lead.geometry import pose_array, to_ego, to_world, wrap_angle

Floats = NDArray[np.float64]

_LANE_RADIUS = 1.9  # metres from a stop point within which the path runs in its lane
_ALIGNED = 0.8  # radians between a lane and a path that follows it
_FAR = 60.0


@dataclass(frozen=True)
class Light:
    """A light of the path; `s`: metres along the path of its stop line."""

    s: float
    actor: carla.TrafficLight


@dataclass(frozen=True)
class Stop:
    """A stop sign of the path; `s`: metres along the path where the ego's origin should be when it stands."""

    s: float
    id: int


class SignalMap:
    """Lights and stop signs along one path, found as the world shows them (a large town shows only those near)."""

    def __init__(self, path: DrivePath):
        self._path = path
        self._tree = KDTree(path.points[:, :2])
        self.lights: list[Light] = []
        self.stops: list[Stop] = []

    def add(self, actors: Iterable[carla.Actor]) -> None:
        """Take in new actors; those that are no lights and no stop signs, or not of this path, are passed over."""
        for actor in actors:
            if isinstance(actor, carla.TrafficLight) and self._is_near(actor):
                self.lights += [Light(s, actor) for s in self._light_crossings(actor)]
            elif isinstance(actor, carla.TrafficSign) and actor.type_id == "traffic.stop" and self._is_near(actor):
                self.stops += [Stop(s, actor.id) for s in self._stop_places(actor)]
        self.lights.sort(key=lambda light: light.s)
        self.stops.sort(key=lambda stop: stop.s)

    def next_light(self, s: float) -> Light | None:
        """The first light whose line lies at or beyond `s`."""
        return next((light for light in self.lights if light.s >= s), None)

    def next_stop(self, s: float, done: Iterable[int] = ()) -> Stop | None:
        """The first stop sign at or beyond `s` that is not among `done`."""
        return next((stop for stop in self.stops if stop.s >= s and stop.id not in done), None)

    def pose_at(self, s: float) -> Floats:
        """Pose (6,) of the path, level, at metres `s` along it."""
        row = min(max(round(s / PATH_SPACING), 0), len(self._path) - 1)
        return np.array([*self._path.points[row], 0.0, self._path.yaw[row], 0.0])

    def _is_near(self, actor: carla.TrafficSign) -> bool:
        centre = _trigger_pose(actor)[:2]
        distance, _ = self._tree.query(centre, distance_upper_bound=_FAR)
        return bool(np.isfinite(distance))

    def _light_crossings(self, light: carla.TrafficLight) -> list[float]:
        places: list[float] = []
        for waypoint in light.get_stop_waypoints():
            pose = pose_array(waypoint.transform)
            places += self._passes(pose)
        return _merge(places)

    def _passes(self, pose: Floats) -> list[float]:
        """Metres along the path of each time it runs through the lane point `pose`."""
        rows = np.array(sorted(self._tree.query_ball_point(pose[:2], _LANE_RADIUS)), dtype=np.int64)
        rows = rows[np.abs(wrap_angle(self._path.yaw[rows] - pose[4])) < _ALIGNED] if len(rows) else rows
        rows = rows[np.abs(self._path.points[rows, 2] - pose[2]) < 4.0] if len(rows) else rows
        distance = np.hypot(*(self._path.points[rows, :2] - pose[:2]).T)
        return [PATH_SPACING * run[np.argmin(distance[np.isin(rows, run)])] for run in _runs(rows)]

    def _stop_places(self, sign: carla.TrafficSign) -> list[float]:
        pose, extent = _trigger_pose(sign), sign.trigger_volume.extent
        half = 1.2 * np.maximum([extent.x, extent.y], 0.5)
        rows = np.array(sorted(self._tree.query_ball_point(pose[:2], float(np.hypot(*half)))), dtype=np.int64)
        if len(rows) == 0:
            return []
        local = to_ego(pose, self._path.points[rows])
        rows = rows[(np.abs(local[:, :2]) < half).all(1) & (np.abs(local[:, 2]) < 4.0)]
        # The criterion wants a stop with the box within 4 m ahead and its centre, above the road, within 4 m; those who
        # stand up to 0.7 m before this place have stopped.
        return [PATH_SPACING * max(run[0] - 25, run[len(run) // 2] - 30, 0) for run in _runs(rows)]


def _trigger_pose(actor: carla.TrafficSign) -> Floats:
    """World pose (6,) of the centre of an actor's trigger volume."""
    pose, box = pose_array(actor.get_transform()), actor.trigger_volume
    centre = to_world(pose, np.array([box.location.x, box.location.y, box.location.z]))
    return np.concatenate([centre, pose[3:] + np.radians([0.0, box.rotation.yaw, 0.0])])


def _runs(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Ascending indices cut where the path was elsewhere for five metres or more."""
    if len(rows) == 0:
        return []
    return np.split(rows, np.flatnonzero(np.diff(rows) > 50) + 1)


def _merge(places: list[float]) -> list[float]:
    """Places that lie within three metres of the one before them are the same crossing: keep its first."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > 3.0:
            kept.append(place)
    return kept
