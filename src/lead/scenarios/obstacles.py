"""Obstacles in the ego's lane: accidents, parked vehicles, slow bicycles, an opening door, and how traffic copes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import carla

from lead.scenarios.cast import MODERN, Cast, park
from lead.scenarios.conditions import in_front, near, past, place_of, seconds, within
from lead.scenarios.conditions import moved as travelled
from lead.scenarios.drivers import PathDriver, dense_path, lane_points
from lead.scenarios.flows import oncoming_flow
from lead.scenarios.lanes import LaneError, ahead, drivable_side, forward, moved, neighbour, turned
from lead.scenarios.parameters import Interval, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Condition, Script, every_tick, first_of, forever, in_turn, once

POLICE = "vehicle.dodge.charger_police_2020"
LIGHTS = carla.VehicleLightState
BLUE_LIGHTS = LIGHTS.Special1 | LIGHTS.Special2 | LIGHTS.Position
HAZARD_LIGHTS = LIGHTS.RightBlinker | LIGHTS.LeftBlinker | LIGHTS.Position
BICYCLES = ("vehicle.bh.crossbike", "vehicle.diamondback.century", "vehicle.gazelle.omafiets")

NOTICED_M, REACTION_S = 50.0, 5.0
BEYOND_M = 50.0
LIFT_M = 1.0
SIGN_SHIFT = 0.3


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
        crashed = _place_accident(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 36.0)
        with speed_cap(scene, params.speed) as slow_down:
            yield until_passed(scene, crashed[-1], noticed(scene, crashed[1], slow_down))


def accident_two_ways(scene: Scene, params: TwoWaysParameters) -> Script:
    """Two crashed cars and a police car block the lane; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        crashed = _place_accident(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 36.0)
        yield pass_against_traffic(scene, crashed[1], crashed[-1], params.frequency)


def parked_obstacle(scene: Scene, params: ObstacleParameters) -> Script:
    """A car stands in the lane with its hazard lights on; the cars beside slow down."""
    with scene.cast() as cast:
        car = _place_parked(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        with speed_cap(scene, params.speed) as slow_down:
            yield until_passed(scene, car, noticed(scene, car, slow_down))


def parked_obstacle_two_ways(scene: Scene, params: TwoWaysParameters) -> Script:
    """A car stands in the lane with its hazard lights on; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        car = _place_parked(scene, cast, params.distance, params.direction)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        yield pass_against_traffic(scene, car, car, params.frequency)


def hazard_at_side_lane(scene: Scene, params: HazardParameters) -> Script:
    """Two bicycles ride slowly at the edge of the lane; the cars beside slow down."""
    with scene.cast() as cast:
        bicycles = _place_bicycles(scene, cast, params.distance)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 29.0)
        scene.traffic.change_road(extra_space=30.0)
        with speed_cap(scene, params.speed) as slow_down:
            yield _ride(scene, bicycles, params, noticed(scene, bicycles[0], slow_down))
        scene.traffic.change_road(extra_space=0.0)


def hazard_at_side_lane_two_ways(scene: Scene, params: HazardTwoWaysParameters) -> Script:
    """Two bicycles ride slowly at the edge of the lane; there is room between the oncoming cars."""
    with scene.cast() as cast:
        bicycles = _place_bicycles(scene, cast, params.distance)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 29.0)
        scene.traffic.change_road(extra_space=30.0)

        def thin_out() -> None:
            # The test stays off for the rest of the route, as it does in the leaderboard.
            scene.rules.wrong_direction_off += 1
            scene.traffic.set_opposite(spawn_distance=params.frequency)

        yield _ride(scene, bicycles, params, noticed(scene, bicycles[0], thin_out))
        scene.traffic.set_opposite(spawn_distance=40.0)
        scene.traffic.change_road(extra_space=0.0)


def vehicle_opens_door(scene: Scene, params: DoorParameters) -> Script:
    """A parked car opens its door as the ego comes by; the cars behind the ego wait."""
    place = ahead(scene.reference, params.distance)
    lane = neighbour(place, params.direction.sign)
    if lane is None:
        raise LaneError(f"there is no lane to the {params.direction.value} for the parked car")
    with scene.cast() as cast:
        car = cast.vehicle({"has_dynamic_doors": "true", "base_type": "car"}, moved(lane, up=LIFT_M))
        towards = -params.direction.sign * (lane.lane_width - car.bounding_box.extent.y) / 4.0
        car.set_transform(moved(lane, right=towards, up=LIFT_M))
        park(car)
        yield scene.triggered
        scene.traffic.leave_space(params.distance + 20.0)
        door = carla.VehicleDoor.FL if params.direction is Side.RIGHT else carla.VehicleDoor.FR
        with scene.without_blocked_test(), _waiting_behind(scene) as wait:
            yield first_of(
                past(scene, forward(place, BEYOND_M, stop_at_junction=True)),
                scene.timeout(),
                in_turn(
                    near(scene, place.transform.location, 3.0, 10.0),
                    once(lambda: car.open_door(door)),
                    once(wait),
                    seconds(scene, REACTION_S),
                    against_traffic(scene, place, params.frequency),
                ),
            )


# -- building blocks


def noticed(scene: Scene, obstacle: carla.Actor, reaction: Callable[[], None], distance: float = NOTICED_M) -> Script:
    """A while after the ego has come near an obstacle, react."""
    yield within(scene, obstacle, distance)
    yield seconds(scene, REACTION_S)
    reaction()
    yield forever


def until_passed(scene: Scene, obstacle: carla.Actor, meanwhile: Script) -> Script:
    """Until the ego is well past an obstacle, or takes too long for it."""
    with scene.without_blocked_test():
        yield first_of(past(scene, _beyond(scene, obstacle)), scene.timeout(), meanwhile)


def pass_against_traffic(scene: Scene, first: carla.Actor, last: carla.Actor, gap: Interval) -> Script:
    """Until the ego is past; once it waits at the first obstacle, cars with gaps come along the oncoming lane."""
    lane = scene.map.get_waypoint(last.get_location())
    oncoming = neighbour(lane, -1) if lane else None
    if oncoming is None:
        raise LaneError("there is no lane to the left for the oncoming cars")
    traffic = in_turn(
        within(scene, first, NOTICED_M), seconds(scene, REACTION_S), against_traffic(scene, oncoming, gap)
    )
    yield until_passed(scene, last, traffic)


def against_traffic(scene: Scene, oncoming: carla.Waypoint, gap: Interval) -> Script:
    """Replace the oncoming traffic by cars with gaps, and let the ego use their lane, without end."""
    with scene.without_wrong_direction_test(), _no_opposite(scene):
        yield oncoming_flow(scene, oncoming, gap)


@contextmanager
def speed_cap(scene: Scene, speed_kmh: float) -> Iterator[Callable[[], None]]:
    """Gives the action of capping everybody's speed; in the end the cap is taken away."""
    try:
        yield lambda: scene.traffic.set_max_speed(speed_kmh)
    finally:
        scene.traffic.set_max_speed(None)


def place_sign(scene: Scene, cast: Cast, blueprint: str, side: Side) -> carla.Actor:
    """A warning sign at the trigger, beside the outermost lane of a side."""
    edge = drivable_side(scene.reference, side.sign)
    shift = side.sign * (0.5 + SIGN_SHIFT) * edge.lane_width
    return cast.prop(blueprint, turned(moved(edge, right=shift), 90.0))


@contextmanager
def _no_opposite(scene: Scene) -> Iterator[None]:
    scene.traffic.set_opposite(active=False)
    try:
        yield
    finally:
        scene.traffic.set_opposite(active=True)


@contextmanager
def _waiting_behind(scene: Scene) -> Iterator[Callable[[], None]]:
    try:
        yield lambda: scene.traffic.stop_back(True)
    finally:
        scene.traffic.stop_back(False)


def _beyond(scene: Scene, obstacle: carla.Actor) -> carla.Waypoint:
    lane = scene.map.get_waypoint(obstacle.get_location())
    if lane is None:
        raise LaneError("the obstacle is not on a road")
    return forward(lane, BEYOND_M, stop_at_junction=True)


def _place_accident(scene: Scene, cast: Cast, distance: float, side: Side) -> list[carla.Vehicle]:
    place_sign(scene, cast, "static.prop.warningaccident", side)
    scene_of_accident = forward(scene.reference, distance, stop_at_junction=True)
    first = forward(scene_of_accident, 10.0, stop_at_junction=True)
    second = forward(first, 6.0, stop_at_junction=True)
    places = ((scene_of_accident, POLICE, BLUE_LIGHTS), (first, MODERN, LIGHTS.NONE), (second, MODERN, LIGHTS.NONE))
    cars = []
    for lane, wanted, lights in places:
        shift = side.sign * 0.6 * 0.5 * lane.lane_width
        cars.append(cast.vehicle(wanted, moved(lane, right=shift, up=LIFT_M)))
        park(cars[-1], lights)
    return cars


def _place_parked(scene: Scene, cast: Cast, distance: float, side: Side) -> carla.Vehicle:
    place_sign(scene, cast, "static.prop.warningaccident", side)
    lane = forward(scene.reference, distance, stop_at_junction=True)
    car = cast.vehicle(MODERN, moved(lane, right=side.sign * 0.7 * 0.5 * lane.lane_width, up=LIFT_M))
    park(car, HAZARD_LIGHTS)
    return car


def _place_bicycles(scene: Scene, cast: Cast, distance: float) -> list[carla.Vehicle]:
    bicycles = []
    for metres in (distance, distance + 9.0):
        lane = forward(scene.reference, metres, stop_at_junction=True)
        model = BICYCLES[int(scene.rng.integers(len(BICYCLES)))]
        bicycles.append(cast.vehicle(model, moved(lane, right=0.55 * 0.5 * lane.lane_width, up=LIFT_M)))
        park(bicycles[-1])
    return bicycles


def _ride(
    scene: Scene,
    bicycles: list[carla.Vehicle],
    params: HazardParameters | HazardTwoWaysParameters,
    meanwhile: Script,
) -> Script:
    """Until the ego is past the bicycles and has driven on, or takes too long."""
    riders = [_rider(scene, bicycle, params) for bicycle in bicycles]
    passed: Condition = in_front(scene, scene.ego, bicycles[-1])
    with scene.without_blocked_test():
        yield first_of(
            in_turn(passed, travelled(place_of(scene.ego), BEYOND_M)),
            scene.timeout(),
            meanwhile,
            *riders,
        )


def _rider(scene: Scene, bicycle: carla.Vehicle, params: HazardParameters | HazardTwoWaysParameters) -> Script:
    lane = scene.map.get_waypoint(bicycle.get_location())
    if lane is None:
        raise LaneError("the bicycle is not on a road")
    path = dense_path(lane_points(lane, params.bicycle_drive_distance), right=0.55 * 0.5 * lane.lane_width)
    driver = PathDriver(bicycle, path, lambda: params.bicycle_speed / 3.6)
    yield driver.step
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
