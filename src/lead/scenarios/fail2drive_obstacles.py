"""Fail2Drive's obstacles: badly parked cars, things on the road, and roads that are blocked for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import carla

from lead.scenarios.cast import MODERN, Cast, appear, park
from lead.scenarios.conditions import seconds
from lead.scenarios.construction import NOTICED_M, Prop
from lead.scenarios.detours import (
    beyond,
    lane_to_the_left,
    noticed,
    pass_against_traffic,
    pass_beside_traffic,
    without_lane,
    without_opposite,
)
from lead.scenarios.lanes import forward, moved, shifted, turned
from lead.scenarios.parameters import Interval, Objects, PlacedObject
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script

_LIFT_M = 1.0
_SPACE_M = 20.0
_QUIET_M = 200.0
_USUAL_CARS, _USUAL_GAP_M = 2, 15.0
_HIDDEN_APART_M = 6.0


@dataclass(frozen=True)
class BadParkingParameters:
    """A car `distance` (m) ahead, moved by `x` (m) ahead and `y` (m) to the right of the lane's middle and turned by
    `yaw` (deg); some car when `vehicle` names no blueprint. Traffic passes it at `speed` (km/h).
    """

    vehicle: str = ""
    x: float = 0.0
    y: float = 1.5
    yaw: float = 0.0
    distance: float = 120.0
    speed: float = 60.0


@dataclass(frozen=True)
class BadParkingTwoWaysParameters(BadParkingParameters):
    """As `BadParkingParameters`, where the way round leads over the oncoming lane: gaps (m) of the oncoming cars."""

    frequency: Interval = Interval(20.0, 100.0)


@dataclass(frozen=True)
class CustomParameters:
    """Objects about a place `distance` (m) ahead; traffic passes them at `speed` (km/h)."""

    objects: Objects
    distance: float = 100.0
    speed: float = 60.0


@dataclass(frozen=True)
class CustomTwoWaysParameters:
    """Objects about a place `distance` (m) ahead, and the gaps (m) of the oncoming cars."""

    objects: Objects
    distance: float = 100.0
    frequency: Interval = Interval(20.0, 100.0)


@dataclass(frozen=True)
class BlockedParameters:
    """Objects about a place `distance` (m) ahead, which are gone after `wait` seconds."""

    objects: Objects
    distance: float = 100.0
    wait: float = 60.0


def bad_parking(scene: Scene, params: BadParkingParameters) -> Script:
    """A car is parked badly and stands in the lane; the cars beside slow down."""
    with scene.cast() as cast:
        lane = _park_badly(scene, cast, params)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + _SPACE_M)
        yield pass_beside_traffic(scene, noticed(scene, lane.transform.location), beyond(lane), params.speed)


def bad_parking_two_ways(scene: Scene, params: BadParkingTwoWaysParameters) -> Script:
    """A car is parked badly and stands in the lane; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        lane = _park_badly(scene, cast, params)
        oncoming = lane_to_the_left(lane)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + _SPACE_M)
        start = noticed(scene, lane.transform.location)
        yield pass_against_traffic(scene, start, beyond(lane), oncoming, params.frequency)


def custom_obstacle(scene: Scene, params: CustomParameters) -> Script:
    """Things of all kinds lie on the road or beside it; the cars beside slow down."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        props = hide_objects(cast, site.transform, params.objects)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal_objects(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_beside_traffic(scene, start, beyond(site), params.speed)


def custom_obstacle_two_ways(scene: Scene, params: CustomTwoWaysParameters) -> Script:
    """Things of all kinds lie on the road or beside it; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        oncoming = lane_to_the_left(site)
        props = hide_objects(cast, site.transform, params.objects)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal_objects(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_against_traffic(scene, start, beyond(site), oncoming, params.frequency)


def road_blocked(scene: Scene, params: BlockedParameters) -> Script:
    """Nobody gets through, until what blocks the road is gone after a while."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        props = hide_objects(cast, site.transform, params.objects)
        yield scene.triggered
        with quiet_road(scene), without_opposite(scene):
            reveal_objects(props)
            yield seconds(scene, params.wait)


# -- building blocks


@contextmanager
def quiet_road(scene: Scene) -> Iterator[None]:
    """No background cars ahead of the ego or behind it while the context lasts."""
    scene.traffic.change_road(front_vehicles=0, back_vehicles=0, gap=_QUIET_M, extra_space=_QUIET_M)
    try:
        yield
    finally:
        scene.traffic.change_road(
            front_vehicles=_USUAL_CARS, back_vehicles=_USUAL_CARS, gap=_USUAL_GAP_M, extra_space=0.0
        )


def hide_objects(cast: Cast, site: carla.Transform, objects: Sequence[PlacedObject]) -> list[Prop]:
    """Objects that belong where they say in the frame of `site`, hidden.

    They are hidden at different depths: some are so close to each other that they touch.
    """
    return [_hide(cast, site, one, depth) for depth, one in enumerate(objects)]


def reveal_objects(props: Sequence[Prop]) -> None:
    """Let hidden objects appear: vehicles on their wheels, the rest where it is put."""
    for actor, pose in props:
        is_vehicle = isinstance(actor, carla.Vehicle)
        appear(actor, pose, physics=is_vehicle)
        if is_vehicle:
            park(actor)


def _hide(cast: Cast, site: carla.Transform, one: PlacedObject, depth: int) -> Prop:
    pose = _pose_of(site, one, on_ground=cast.stands_upright(one.blueprint))
    hide = cast.hidden_vehicle if one.blueprint.startswith("vehicle") else cast.hidden_prop
    return Prop(hide(one.blueprint, shifted(pose, up=-depth * _HIDDEN_APART_M)), pose)


def _pose_of(site: carla.Transform, one: PlacedObject, on_ground: bool) -> carla.Transform:
    """Where an object belongs; upright and without its height when it is to stand on the ground."""
    place = shifted(site, right=one.y, ahead_m=one.x, up=0.0 if on_ground else one.z).location
    turn = site.rotation
    pitch, roll = (0.0, 0.0) if on_ground else (one.pitch, one.roll)
    return carla.Transform(place, carla.Rotation(turn.pitch + pitch, turn.yaw + one.yaw, turn.roll + roll))


def _park_badly(scene: Scene, cast: Cast, params: BadParkingParameters) -> carla.Waypoint:
    """The place of the lane at which the car stands."""
    lane = forward(scene.reference, params.distance, stop_at_junction=True)
    pose = turned(moved(lane, right=params.y, ahead_m=params.x, up=_LIFT_M), params.yaw)
    park(cast.vehicle(params.vehicle or MODERN, pose))
    return lane


SCENARIOS = (
    declare("BadParkingObstacle", BadParkingParameters, bad_parking),
    declare("BadParkingObstacleTwoWays", BadParkingTwoWaysParameters, bad_parking_two_ways),
    declare("CustomObstacle", CustomParameters, custom_obstacle),
    declare("CustomObstacleTwoWays", CustomTwoWaysParameters, custom_obstacle_two_ways),
    declare("RoadBlocked", BlockedParameters, road_blocked),
)
