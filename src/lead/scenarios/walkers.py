"""Walkers and others that cross the road: found a place beside it, hidden until their time, and sent across."""

from collections.abc import Callable
from typing import TypeVar

import carla

from lead.scenarios.cast import HIDDEN_M, Cast, PlacingError, hide
from lead.scenarios.conditions import moved as travelled
from lead.scenarios.conditions import place_of, seconds
from lead.scenarios.lanes import shifted, sidewalk, turned
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, every_tick, first_of, next_tick

WALKER = "walker.pedestrian.*"
WALKER_LIFT_M = 1.2
_ATTEMPTS, _ATTEMPT_M = 6, 0.4

_T = TypeVar("_T")


def border(lane: carla.Waypoint, side: int, outward_m: float = 0.0) -> carla.Transform:
    """A pose on the pavement beside a lane, 1 to its right, -1 to its left, heading as the lane does.

    Where there is no pavement: `outward_m` outside of the last lane's centre.
    """
    edge = sidewalk(lane, side)
    outward = 0.0 if edge.lane_type == carla.LaneType.Sidewalk else outward_m
    pose = carla.Transform(edge.transform.location, lane.transform.rotation)
    return shifted(pose, right=side * outward)


def facing_road(pose: carla.Transform, side: int, angle_deg: float = 0.0) -> carla.Transform:
    """A pose beside a road that looks across it, turned by `angle_deg` towards those who come."""
    return turned(pose, side * (270.0 - angle_deg))


def first_with_room(place: Callable[[float, bool], _T]) -> _T:
    """What `place(metres, True)` gives for the first of some metres farther ahead at which it finds room, or else
    `place(0.0, False)`, which is to do without.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return place(attempt * _ATTEMPT_M, True)
        except PlacingError:
            continue
    return place(0.0, False)


def hidden_walker(cast: Cast, wanted: str, pose: carla.Transform, needs_room: bool = True) -> carla.Walker:
    """A walker for whom there is room at `pose`, hidden until it is to appear there.

    Not `needs_room`: whoever or whatever stands there now.
    """
    walker = cast.walker(wanted, pose if needs_room else shifted(pose, up=HIDDEN_M))
    hide(walker, pose)
    return walker


def walk(scene: Scene, walker: carla.Walker, speed: float, distance: float) -> Script:
    """A walker goes straight on, at `speed` m/s, until it has come `distance` m far or should have."""
    yield next_tick()  # it may only just have appeared, which is no way that it went
    heading = walker.get_transform().get_forward_vector()
    control = carla.WalkerControl(direction=heading, speed=speed)
    yield first_of(
        travelled(place_of(walker), distance),
        seconds(scene, distance / speed),
        every_tick(lambda: walker.apply_control(control)),
    )


def shove(scene: Scene, vehicle: carla.Vehicle, speed: float, distance: float) -> Script:
    """A vehicle is moved straight on, at `speed` m/s, until it has come `distance` m far or should have."""
    yield next_tick()
    heading = vehicle.get_transform().get_forward_vector()
    velocity = carla.Vector3D(speed * heading.x, speed * heading.y, speed * heading.z)
    vehicle.apply_control(carla.VehicleControl())
    yield first_of(
        travelled(place_of(vehicle), distance),
        seconds(scene, distance / speed),
        every_tick(lambda: vehicle.set_target_velocity(velocity)),
    )
