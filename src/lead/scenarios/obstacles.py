"""Obstacles in the ego's lane: accidents, parked vehicles, slow bicycles, an opening door, and how traffic copes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import carla

from lead.scenarios.cast import MODERN, Cast, park
from lead.scenarios.conditions import drove, in_front, near, seconds, within
from lead.scenarios.detours import (
    NOTICED_M,
    REACTION_S,
    beyond,
    lane_to_the_left,
    noticed,
    pass_against_traffic,
    pass_beside_traffic,
    place_sign,
    speed_cap,
    with_extra_space,
)
from lead.scenarios.drivers import PathDriver, dense_path, lane_points
from lead.scenarios.lanes import LaneError, flat_distance, forward, moved, neighbour
from lead.scenarios.parameters import Interval, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, every_tick, first_of, forever, in_turn, once

ACCIDENT_SIGN = "static.prop.warningaccident"
POLICE = "vehicle.dodge.charger_police_2020"
LIGHTS = carla.VehicleLightState
BLUE_LIGHTS = LIGHTS.Special1 | LIGHTS.Special2 | LIGHTS.Position
HAZARD_LIGHTS = LIGHTS.RightBlinker | LIGHTS.LeftBlinker | LIGHTS.Position
BICYCLES = ("vehicle.bh.crossbike", "vehicle.diamondback.century", "vehicle.gazelle.omafiets")

_LIFT_M = 1.0
_APART_M = 5.5
_ACCIDENT_SHIFT, _PARKED_SHIFT, _BICYCLE_SHIFT = 0.6, 0.7, 0.55
_BICYCLES_APART_M = 9.0
_BEYOND_M = 50.0
_USUAL_OPPOSITE_M = 40.0


@dataclass(frozen=True)
class ObstacleParameters:
    """`distance` (m) from the trigger to the obstacle, the side it is shifted to, and the speed (km/h) at which
    traffic passes it.
    """

    distance: float = 120.0
    direction: Side = Side.RIGHT
    speed: float = 60.0


@dataclass(frozen=True)
class TwoWaysParameters:
    """As `ObstacleParameters`, where the way round leads over the oncoming lane: gaps (m) of the oncoming cars."""

    distance: float = 120.0
    direction: Side = Side.RIGHT
    speed: float = 60.0
    frequency: Interval = Interval(20.0, 100.0)


@dataclass(frozen=True)
class HazardParameters:
    """Bicycles at `distance` (m) that ride on for `bicycle_drive_distance` (m) at `bicycle_speed` (km/h)."""

    distance: float = 100.0
    speed: float = 60.0
    bicycle_speed: float = 10.0
    bicycle_drive_distance: float = 50.0


@dataclass(frozen=True)
class HazardTwoWaysParameters:
    """As `HazardParameters`; `frequency` (m) between oncoming cars."""

    distance: float = 100.0
    bicycle_speed: float = 10.0
    bicycle_drive_distance: float = 50.0
    frequency: float = 100.0


@dataclass(frozen=True)
class DoorParameters:
    """A parked car at `distance` (m) on a side; gaps (m) of the cars that come."""

    distance: float = 50.0
    direction: Side = Side.RIGHT
    speed: float = 60.0
    frequency: Interval = Interval(20.0, 100.0)


def accident(scene: Scene, params: ObstacleParameters) -> Script:
    """Two crashed cars and a police car block the lane; the cars beside slow down."""
    with scene.cast() as cast:
        first, last = _place_accident(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 36.0)
        start = noticed(scene, first.transform.location)
        yield pass_beside_traffic(scene, start, beyond(last), params.speed)


def accident_two_ways(scene: Scene, params: TwoWaysParameters) -> Script:
    """Two crashed cars and a police car block the lane; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        first, last = _place_accident(scene, cast, params.distance, params.direction)
        oncoming = lane_to_the_left(last)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 36.0)
        start = noticed(scene, first.transform.location)
        yield pass_against_traffic(scene, start, beyond(last), oncoming, params.frequency)


def parked_obstacle(scene: Scene, params: ObstacleParameters) -> Script:
    """A car stands in the lane with its hazard lights on; the cars beside slow down."""
    with scene.cast() as cast:
        lane = _place_parked(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        start = noticed(scene, lane.transform.location)
        yield pass_beside_traffic(scene, start, beyond(lane), params.speed)


def parked_obstacle_two_ways(scene: Scene, params: TwoWaysParameters) -> Script:
    """A car stands in the lane with its hazard lights on; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        lane = _place_parked(scene, cast, params.distance, params.direction)
        oncoming = lane_to_the_left(lane)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        start = noticed(scene, lane.transform.location)
        yield pass_against_traffic(scene, start, beyond(lane), oncoming, params.frequency)


def hazard_at_side_lane(scene: Scene, params: HazardParameters) -> Script:
    """Two bicycles ride slowly at the edge of the lane; the cars beside slow down."""
    with scene.cast() as cast:
        bicycles = _place_bicycles(scene, cast, params.distance)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 29.0)
        with with_extra_space(scene, 30.0), speed_cap(scene, params.speed) as slow_down:
            yield _ride(scene, bicycles, params, slow_down)


def hazard_at_side_lane_two_ways(scene: Scene, params: HazardTwoWaysParameters) -> Script:
    """Two bicycles ride slowly at the edge of the lane; there is room between the oncoming cars."""
    with scene.cast() as cast:
        bicycles = _place_bicycles(scene, cast, params.distance)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 29.0)
        with with_extra_space(scene, 30.0), _thin_opposite(scene, params.frequency) as thin_out:
            yield _ride(scene, bicycles, params, thin_out)


def vehicle_opens_door(scene: Scene, params: DoorParameters) -> Script:
    """A parked car opens its door as the ego comes by; the cars behind the ego wait."""
    beside = forward(scene.reference, params.distance)
    with scene.cast() as cast:
        car, lane = _place_with_door(cast, beside, params.direction)
        # For a car on the right that is the ego's own lane: nobody comes towards the ego, as in the leaderboard.
        freed = lane_to_the_left(lane)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        is_left = params.direction is Side.RIGHT

        def open_door() -> None:
            car.open_door(carla.VehicleDoor.FL if is_left else carla.VehicleDoor.FR)
            scene.told["opened_door"] = "left" if is_left else "right"

        with _waiting_behind(scene) as wait:
            opening = in_turn(
                near(scene, beside.transform.location, 3.0, 10.0),
                once(open_door),
                once(wait),
                seconds(scene, REACTION_S),
            )
            yield pass_against_traffic(scene, opening, beyond(beside), freed, params.frequency)


# -- building blocks


@contextmanager
def _thin_opposite(scene: Scene, spawn_distance: float) -> Iterator[Callable[[], None]]:
    """Gives the action of making oncoming cars rare and letting the ego use their lane.

    In the end the test of the wrong direction is off, whatever it was before, as in the leaderboard.
    """

    def thin_out() -> None:
        scene.rules.wrong_direction_off = True
        scene.traffic.set_opposite(spawn_distance=spawn_distance)

    try:
        yield thin_out
    finally:
        scene.rules.wrong_direction_off = True
        scene.traffic.set_opposite(spawn_distance=_USUAL_OPPOSITE_M)


@contextmanager
def _waiting_behind(scene: Scene) -> Iterator[Callable[[], None]]:
    """Gives the action of stopping the cars behind the ego; in the end they go on."""
    try:
        yield lambda: scene.traffic.stop_back(True)
    finally:
        scene.traffic.stop_back(False)


def _place_accident(scene: Scene, cast: Cast, distance: float, side: Side) -> tuple[carla.Waypoint, carla.Waypoint]:
    """The lane's places at the two crashed cars."""
    place_sign(scene, cast, ACCIDENT_SIGN, side)
    police = forward(scene.reference, distance, stop_at_junction=True)
    first = forward(police, 10.0, stop_at_junction=True)
    last = forward(first, 6.0, stop_at_junction=True)
    places = [lane.transform.location for lane in (police, first, last)]
    if min(flat_distance(places[0], places[1]), flat_distance(places[1], places[2])) < _APART_M:
        raise LaneError("there is no room for an accident before the junction")
    for lane, wanted, lights in (
        (police, POLICE, BLUE_LIGHTS),
        (first, MODERN, LIGHTS.NONE),
        (last, MODERN, LIGHTS.NONE),
    ):
        park(cast.vehicle(wanted, _at_edge(lane, side.sign * _ACCIDENT_SHIFT)), lights)
    return first, last


def _place_parked(scene: Scene, cast: Cast, distance: float, side: Side) -> carla.Waypoint:
    place_sign(scene, cast, ACCIDENT_SIGN, side)
    lane = forward(scene.reference, distance, stop_at_junction=True)
    park(cast.vehicle(MODERN, _at_edge(lane, side.sign * _PARKED_SHIFT)), HAZARD_LIGHTS)
    return lane


def _place_bicycles(scene: Scene, cast: Cast, distance: float) -> list[tuple[carla.Vehicle, carla.Waypoint]]:
    bicycles = []
    for metres in (distance, distance + _BICYCLES_APART_M):
        lane = forward(scene.reference, metres, stop_at_junction=True)
        model = BICYCLES[int(scene.rng.integers(len(BICYCLES)))]
        bicycles.append((cast.vehicle(model, _at_edge(lane, _BICYCLE_SHIFT)), lane))
        park(bicycles[-1][0])
    return bicycles


def _place_with_door(cast: Cast, beside: carla.Waypoint, side: Side) -> tuple[carla.Vehicle, carla.Waypoint]:
    """A car that can open its doors in the neighbouring lane, towards the ego's, and that lane."""
    lane = neighbour(beside, side.sign)
    if lane is None:
        raise LaneError(f"there is no lane to the {side.value} for the parked car")
    car = cast.vehicle({"has_dynamic_doors": "true", "base_type": "car"}, moved(lane, up=_LIFT_M))
    towards = -side.sign * (lane.lane_width - car.bounding_box.extent.y) / 4.0
    car.set_transform(moved(lane, right=towards, up=_LIFT_M))
    park(car)
    return car, lane


def _at_edge(lane: carla.Waypoint, share: float) -> carla.Transform:
    """A pose in the lane, shifted to the right by this share of its half width."""
    return moved(lane, right=share * 0.5 * lane.lane_width, up=_LIFT_M)


def _ride(
    scene: Scene,
    bicycles: list[tuple[carla.Vehicle, carla.Waypoint]],
    params: HazardParameters | HazardTwoWaysParameters,
    reaction: Callable[[], None],
) -> Script:
    """Until the ego is past the bicycles and has driven on, or takes too long; when it has come near, react."""
    riders = [_rider(bicycle, lane, params) for bicycle, lane in bicycles]
    first, last = bicycles[0][0], bicycles[-1][0]
    noticed = in_turn(within(scene, first, NOTICED_M), seconds(scene, REACTION_S), once(reaction), forever)
    with scene.without_blocked_test():
        passed = in_turn(in_front(scene, scene.ego, last), drove(scene, _BEYOND_M))
        yield first_of(passed, scene.timeout(), noticed, *riders)


def _rider(bicycle: carla.Vehicle, lane: carla.Waypoint, params: HazardParameters | HazardTwoWaysParameters) -> Script:
    way = lane_points(lane, params.bicycle_drive_distance)
    path = dense_path(way, right=_BICYCLE_SHIFT * 0.5 * lane.lane_width)
    yield PathDriver(bicycle, path, lambda: params.bicycle_speed / 3.6).step
    yield every_tick(lambda: park(bicycle))


SCENARIOS = (
    declare("Accident", ObstacleParameters, accident),
    declare("AccidentTwoWays", TwoWaysParameters, accident_two_ways),
    declare("ParkedObstacle", ObstacleParameters, parked_obstacle),
    declare("ParkedObstacleTwoWays", TwoWaysParameters, parked_obstacle_two_ways),
    declare("HazardAtSideLane", HazardParameters, hazard_at_side_lane),
    declare("HazardAtSideLaneTwoWays", HazardTwoWaysParameters, hazard_at_side_lane_two_ways),
    declare("VehicleOpensDoorTwoWays", DoorParameters, vehicle_opens_door),
)
