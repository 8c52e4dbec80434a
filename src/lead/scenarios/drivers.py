"""Vehicles that scenarios drive themselves: along a path at a speed, braking for who is in the way if they look."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import carla
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.control import DENSE_BEND_ROWS, PATH_SPACING, LateralState, pedals_for, steer_along, turn_speeds
from lead.scenarios.lanes import LaneError, forward, neighbour, places_along
from lead.scenarios.road_users import Lookout

Floats = NDArray[np.float64]

_ARRIVED_M = 2.0
_BACK_M, _WINDOW_M = 2.0, 30.0
_STRIDE = 5
_CLOSING_S = 0.5
_LATERAL, _BRAKING = 6.0, 4.0  # with which bends are driven and come to (m/s2)


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


def bend_speeds(path: Floats) -> Floats:
    """Speeds (m,) at which a car comes round the bends of a path (m, 2) of `dense_path` without leaving its lane."""
    yaw = np.arctan2(*np.gradient(path, axis=0).T[::-1])
    return turn_speeds(yaw, PATH_SPACING, _LATERAL, _BRAKING, DENSE_BEND_ROWS)


def lane_points(start: carla.Waypoint, length: float) -> Floats:
    """Points (n, 3) along a lane, straight on where it branches, until it ends."""
    return points_of(places_along(start, length))


def points_of(places: Iterable[carla.Waypoint]) -> Floats:
    """Points (n, 3) of places on lanes."""
    locations = [place.transform.location for place in places]
    return np.array([(one.x, one.y, one.z) for one in locations]).reshape(-1, 3)


def lane_change_points(start: carla.Waypoint, side: int, same: float, change: float, other: float) -> Floats:
    """Points (n, 3) of a lane change to the right (1) or left (-1): `same` metres in the lane, `change` metres on the
    way over, `other` metres in the new lane. LaneError when there is no such lane.
    """
    before = places_along(start, same)
    landing = neighbour(forward(before[-1], change), side)
    if landing is None:
        raise LaneError(f"there is no lane to the {'right' if side > 0 else 'left'} to change to")
    return points_of([*before, *places_along(landing, other)])


class Leader(NamedTuple):
    """Who is in the way: the gap to it (m), bumper to bumper along the path, and its speed (m/s) in our direction."""

    gap: float
    speed: float


class PathDriver:
    """Drives one vehicle along a `path` (m, 2) of `dense_path` at `speed()` m/s, and brakes for who is in the way.

    `limits` (m,): never faster (m/s) than there at the points of the path.
    `care` None: looks for nobody. Call `step` once a tick.
    """

    def __init__(
        self,
        vehicle: carla.Vehicle,
        path: Floats,
        speed: Callable[[], float],
        lookout: Lookout | None = None,
        care: Care | None = None,
        ignored: Sequence[int] = (),
        limits: Floats | None = None,
    ):
        self.vehicle = vehicle
        self._path = path
        self._wanted = speed
        self._limits = limits
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
        self._go(steer, speed, self._leader(ahead, yaw, speed))
        return self.arrived

    def _go(self, steer: float, speed: float, leader: Leader | None) -> None:
        target = 0.0 if self.arrived or leader is not None else self._speed()
        pedals = pedals_for(target, speed)
        self.vehicle.apply_control(carla.VehicleControl(pedals.throttle, steer, pedals.brake))

    def _speed(self) -> float:
        wanted = self._wanted()
        return wanted if self._limits is None else min(wanted, float(self._limits[self._at]))

    def _advance(self, place: tuple[float, float]) -> None:
        first = max(self._at - int(_BACK_M / PATH_SPACING), 0)
        window = self._path[first : self._at + int(_WINDOW_M / PATH_SPACING)]
        self._at = max(self._at, first + int(np.hypot(*(window - place).T).argmin()))

    def _leader(self, ahead: Floats, yaw: float, speed: float) -> Leader | None:
        """The nearest one in the way within reach."""
        if self._lookout is None:
            return None
        users = self._lookout.users()
        others = ~np.isin(users.id, list(self._ignored))
        reach = self._care.base + self._care.ratio * speed + self._half.x
        path = ahead[: int(reach / PATH_SPACING) : _STRIDE]
        if not len(path) or not others.any():
            return None
        apart = np.linalg.norm(users.location[others, None, :2] - path[None], axis=2)
        extent = users.extent[others]
        in_way = apart.min(axis=1) < self._half.y + extent[:, :2].min(axis=1) + self._care.room
        if not in_way.any():
            return None
        gaps = apart.argmin(axis=1) * _STRIDE * PATH_SPACING - self._half.x - extent[:, 0]
        nearest = int(np.flatnonzero(in_way)[gaps[in_way].argmin()])
        velocity = users.velocity[others][nearest]
        return Leader(float(gaps[nearest]), float(velocity[0] * np.cos(yaw) + velocity[1] * np.sin(yaw)))


class ForcedDriver(PathDriver):
    """As `PathDriver`, but the vehicle has its speed at once. It closes up to who is in the way, to `least` metres."""

    def __init__(
        self,
        vehicle: carla.Vehicle,
        path: Floats,
        speed: Callable[[], float],
        lookout: Lookout | None = None,
        care: Care | None = None,
        least: Care = Care(1.0, 0.2),
    ):
        super().__init__(vehicle, path, speed, lookout, care)
        self._least = least

    def release(self) -> None:
        """Leave the vehicle's speed to its pedals again."""
        self.vehicle.disable_constant_velocity()

    def _go(self, steer: float, speed: float, leader: Leader | None) -> None:
        target = 0.0 if self.arrived else self._speed()
        if leader is not None:
            spare = leader.gap - self._least.base - self._least.ratio * speed
            target = float(np.clip(leader.speed + spare / _CLOSING_S, 0.0, target))
        self.vehicle.enable_constant_velocity(carla.Vector3D(target, 0.0, 0.0))
        self.vehicle.apply_control(carla.VehicleControl(steer=steer))
