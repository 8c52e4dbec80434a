"""Vehicles that scenarios drive themselves: along a path at a speed, braking for who is in the way if they look."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.agents.controllers import PATH_SPACING, LateralState, pedals_for, steer_along
from lead.routes import LaneGraph, trace_route
from lead.scenarios.lanes import places_along
from lead.scenarios.road_users import Lookout

Floats = NDArray[np.float64]

_ARRIVED_M = 2.0
_BACK_M, _WINDOW_M = 2.0, 30.0


@dataclass(frozen=True)
class Care:
    """How far ahead (m) a driver looks for others: `base` + `ratio` x speed (m/s); `room` (m) beside the vehicle in
    which they are in its way.
    """

    base: float
    ratio: float
    room: float = 0.3


def dense_path(points: ArrayLike, right: float = 0.0) -> Floats:
    """A path through points (n, 2 or 3) as steering wants it, (m, 2), shifted `right` metres to its right."""
    places = np.asarray(points, dtype=np.float64)[:, :2]
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    keep = np.append(True, steps > 1e-3)
    places = places[keep]
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1)))
    at = np.arange(0.0, way[-1] + PATH_SPACING, PATH_SPACING)
    dense = np.stack([np.interp(at, way, places[:, axis]) for axis in range(2)], axis=1)
    heading = np.arctan2(*np.gradient(dense, axis=0).T[::-1])
    return dense + right * np.stack([-np.sin(heading), np.cos(heading)], axis=1)


def lane_points(start: carla.Waypoint, length: float) -> Floats:
    """Points (n, 3) along a lane, straight on where it branches, until it ends."""
    return points_of(places_along(start, length))


def points_of(places: Iterable[carla.Waypoint]) -> Floats:
    """Points (n, 3) of places on lanes."""
    locations = [place.transform.location for place in places]
    return np.array([(one.x, one.y, one.z) for one in locations]).reshape(-1, 3)


def road_points(graph: LaneGraph, *places: carla.Location) -> Floats:
    """Points (n, 3) of the shortest way over the lanes. RouteError when there is none."""
    return trace_route(graph, [(place.x, place.y, place.z) for place in places]).location


class PathDriver:
    """Drives one vehicle along a `path` (m, 2) of `dense_path` at `speed()` m/s. `care` None: looks for nobody.

    Call `step` once a tick.
    """

    def __init__(
        self,
        vehicle: carla.Vehicle,
        path: Floats,
        speed: Callable[[], float],
        lookout: Lookout | None = None,
        care: Care | None = None,
        ignored: Sequence[int] = (),
    ):
        self.vehicle = vehicle
        self._path = path
        self._speed = speed
        self._lookout = lookout if care is not None else None
        self._care = care or Care(0.0, 0.0)
        self._ignored = {vehicle.id, *ignored}
        self._half = vehicle.bounding_box.extent
        self._lateral = LateralState()
        self._at = 0

    @property
    def arrived(self) -> bool:
        """Whether the vehicle is at the end of its path."""
        return (len(self._path) - self._at) * PATH_SPACING < _ARRIVED_M

    def step(self) -> bool:
        """Steer and pedal for the next tick; whether the vehicle has arrived."""
        pose, velocity = self.vehicle.get_transform(), self.vehicle.get_velocity()
        place, yaw = (pose.location.x, pose.location.y), np.radians(pose.rotation.yaw)
        speed = float(np.hypot(velocity.x, velocity.y))
        self._advance(place)
        ahead = self._path[self._at :]
        steer, self._lateral = steer_along(self._lateral, ahead, place, yaw, speed)
        target = 0.0 if self.arrived or self._blocked(ahead, speed) else self._speed()
        pedals = pedals_for(target, speed)
        self.vehicle.apply_control(carla.VehicleControl(pedals.throttle, steer, pedals.brake))
        return self.arrived

    def _advance(self, place: tuple[float, float]) -> None:
        first = max(self._at - int(_BACK_M / PATH_SPACING), 0)
        window = self._path[first : self._at + int(_WINDOW_M / PATH_SPACING)]
        self._at = max(self._at, first + int(np.hypot(*(window - place).T).argmin()))

    def _blocked(self, ahead: Floats, speed: float) -> bool:
        if self._lookout is None:
            return False
        users = self._lookout.users()
        others = ~np.isin(users.id, list(self._ignored))
        reach = self._care.base + self._care.ratio * speed + self._half.x
        path = ahead[: int(reach / PATH_SPACING) : 5]
        if not len(path) or not others.any():
            return False
        apart = np.linalg.norm(users.location[others, None, :2] - path[None], axis=2).min(axis=1)
        wide = np.minimum(users.extent[others, 1], users.extent[others, 0])
        return bool((apart < self._half.y + wide + self._care.room).any())
