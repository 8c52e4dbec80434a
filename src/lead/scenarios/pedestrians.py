"""Walkers and bicycles that cross the ego's way: from behind things, at crossings, and where the route turns."""

import math
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import carla

from lead.scenarios.approaches import Approaches, approaches_of
from lead.scenarios.cast import MODERN, Cast, PlacingError, appear, hide, park
from lead.scenarios.conditions import drove, left_junction, near, seconds
from lead.scenarios.drivers import Floats, points_of
from lead.scenarios.flows import bicycle_flow
from lead.scenarios.lanes import (
    LaneError,
    Turn,
    ahead,
    before_junction,
    flat_distance,
    forward,
    moved,
    shifted,
    through_junction,
    turned,
)
from lead.scenarios.lights import delayed_green, lights_at
from lead.scenarios.parameters import Interval, NoParameters, ParameterError, Place, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Condition, Script, all_of, first_of, forever, in_turn, once
from lead.scenarios.walkers import (
    WALKER,
    WALKER_LIFT_M,
    border,
    facing_road,
    first_with_room,
    hidden_walker,
    shove,
    walk,
)

_BEYOND_M = 40.0
_BEHIND_BLOCKER_M = 0.5
_CAR_LIFT_M, _BICYCLE_LIFT_M = 0.5, 0.5
#: Outward shift (m) of what stands beside a road that has no pavement.
_BLOCKER_OUTWARD_M, _WALKER_OUTWARD_M, _BICYCLE_OUTWARD_M = 1.5, 1.2, 1.5
#: Seconds to the place of crossing at which a walker starts, and how much more for every 5 degrees that it comes
#: towards the ego.
_OBJECT_S, _PARKING_S, _ANGLE_S, _ANGLE_DEG = 2.1, 2.15, 0.1, 5.0
_NEAR_M = 6.0
_CROWD = ((0.4, 1.5), (1.0, 2.5), (1.6, 0.5))
_CROWD_IDLE_S, _CROWD_SPEED = Interval(0.0, 1.5), Interval(1.3, 2.0)
_AFTER_TURN_M, _CROSSWALK_M = 11.0, 0.5
_BICYCLE = "vehicle.diamondback.century"
_OFF_LANE_M, _PLAN_STEP_M, _PLAN_BEYOND_M = 10.0, 2.0, 40.0


@dataclass(frozen=True)
class ObjectParameters:
    """A walker at `distance` (m) on a side, who crosses at `crossing_angle` (deg) to the road's normal, hidden by a
    prop `blocker_z` m above the ground.
    """

    distance: float = 12.0
    direction: Side = Side.RIGHT
    crossing_angle: float = 0.0
    blocker_model: str = "static.prop.vendingmachine"
    blocker_z: float = 0.0
    walker: str = WALKER

    def __post_init__(self):
        _check_angle(self.crossing_angle)


@dataclass(frozen=True)
class ParkingParameters:
    """A walker beside a parked car at `distance` (m) on a side, `offset_x` (m) farther than usual, who crosses at
    `crossing_angle` (deg) to the road's normal.
    """

    distance: float = 12.0
    direction: Side = Side.RIGHT
    crossing_angle: float = 0.0
    offset_x: float = 0.0
    walker: str = WALKER

    def __post_init__(self):
        _check_angle(self.crossing_angle)


@dataclass(frozen=True)
class WalkerParameters:
    """Who crosses: a blueprint id or pattern."""

    walker: str = WALKER


@dataclass(frozen=True)
class TurnWalkerParameters:
    """Who crosses, and how much farther outside (m) it starts."""

    walker: str = WALKER
    offset_y: float = 0.0


@dataclass(frozen=True)
class BicycleFlowParameters:
    """Where bicycles start, their speed (m/s), and the gaps between them (m)."""

    start_actor_flow: Place
    flow_speed: float = 10.0
    source_dist_interval: Interval = Interval(20.0, 50.0)


class Hideout(NamedTuple):
    """What hides a walker, the walker, its pose, and the place of the lane that it comes to."""

    blocker: carla.Actor
    walker: carla.Walker
    pose: carla.Transform
    lane: carla.Waypoint


def dynamic_object_crossing(scene: Scene, params: ObjectParameters) -> Script:
    """A walker steps onto the road from behind something that hides it."""
    with scene.cast() as cast:
        hideout = first_with_room(partial(_behind_object, scene, cast, params))
        way = 2.0 * flat_distance(hideout.lane.transform.location, hideout.pose.location)
        time_s = _OBJECT_S + _earlier(params.crossing_angle)
        yield _step_out(scene, cast, hideout, params.distance + 10.0, time_s, way)


def parking_crossing_pedestrian(scene: Scene, params: ParkingParameters) -> Script:
    """A walker steps onto the road from behind a parked car."""
    with scene.cast() as cast:
        hideout = first_with_room(partial(_behind_car, scene, cast, params))
        time_s = _PARKING_S + _earlier(params.crossing_angle)
        yield _step_out(scene, cast, hideout, params.distance + 15.0, time_s, 8.0)


def pedestrian_crossing(scene: Scene, params: WalkerParameters) -> Script:
    """Three walkers cross the road just before a junction."""
    lane = before_junction(scene.reference)
    with scene.cast() as cast:
        pavement = facing_road(border(lane, 1), 1)
        poses = [shifted(pavement, right=x, ahead_m=-y, up=WALKER_LIFT_M) for x, y in _CROWD]
        walkers = [hidden_walker(cast, params.walker, pose, needs_room=False) for pose in poses]
        yield scene.triggered
        for walker, pose in zip(walkers, poses, strict=True):
            appear(walker, pose)
        scene.traffic.handle_junction(clear_ego_entry=True)
        yield near(scene, lane.transform.location, 3.5, 12.0)
        yield all_of(*(_stroll(scene, cast, walker, pose, lane) for walker, pose in zip(walkers, poses, strict=True)))
        yield drove(scene, _BEYOND_M)


def vehicle_turning_route(scene: Scene, _: NoParameters) -> Script:
    """A bicycle crosses the road into which the route turns."""
    yield _bicycle_after(scene, scene.route_after_junction())


def vehicle_turning_left(scene: Scene, _: NoParameters) -> Script:
    """A bicycle crosses the road to the left."""
    yield _bicycle_after(scene, through_junction(scene.reference, Turn.LEFT))


def vehicle_turning_right(scene: Scene, _: NoParameters) -> Script:
    """A bicycle crosses the road to the right."""
    yield _bicycle_after(scene, through_junction(scene.reference, Turn.RIGHT))


def vehicle_turning_route_pedestrian(scene: Scene, params: TurnWalkerParameters) -> Script:
    """A walker crosses the road into which the route turns, from the side that the ego sees last."""
    lane = ahead(scene.route_after_junction(), _CROSSWALK_M)
    side = _hidden_side(before_junction(scene.reference), lane)
    start = facing_road(border(lane, side), side)
    way = flat_distance(start.location, border(lane, -side).location)
    with scene.cast() as cast:
        pose = shifted(start, ahead_m=-params.offset_y, up=WALKER_LIFT_M)
        walker = hidden_walker(cast, params.walker, pose, needs_room=False)
        yield scene.triggered
        appear(walker, pose)
        cross = walk(scene, walker, 1.8, way)
        yield _cross(scene, cast, walker, lane, near(scene, lane.transform.location, 2.2, 6.0), cross)


def crossing_bicycle_flow(scene: Scene, params: BicycleFlowParameters) -> Script:
    """Bicycles on their own lane cross the road into which the ego turns."""
    way = _bicycle_way(scene, params.start_actor_flow)
    approaches = approaches_of(scene.reference)
    yield scene.triggered
    scene.traffic.handle_junction(clear=True, clear_ego_entry=True, stop_entries=True)
    flow = bicycle_flow(scene, way, params.source_dist_interval, params.flow_speed)
    with scene.without_blocked_test():
        yield first_of(left_junction(scene), scene.timeout(), flow, _lights_for_bicycles(scene, approaches))


# -- building blocks


def _check_angle(angle_deg: float) -> None:
    if abs(angle_deg) > 90.0:
        raise ParameterError(f"crossing_angle: {angle_deg:g} is not between -90 and 90 degrees")


def _earlier(angle_deg: float) -> float:
    return _ANGLE_S * math.floor(angle_deg / _ANGLE_DEG)


def _behind_object(scene: Scene, cast: Cast, params: ObjectParameters, further: float, needs_room: bool) -> Hideout:
    side, lane = params.direction.sign, ahead(scene.reference, params.distance + further)
    is_vehicle = params.blocker_model.startswith("vehicle")
    stand = shifted(border(lane, side, _BLOCKER_OUTWARD_M), up=params.blocker_z)
    stand = shifted(stand, up=_CAR_LIFT_M) if is_vehicle else turned(stand, 90.0)
    blocker = cast.vehicle(params.blocker_model, stand) if is_vehicle else cast.prop(params.blocker_model, stand)
    half = max(blocker.bounding_box.extent.x, blocker.bounding_box.extent.y)
    edge = shifted(border(lane, side, _WALKER_OUTWARD_M), ahead_m=half + _BEHIND_BLOCKER_M, up=WALKER_LIFT_M)
    pose = facing_road(edge, side, params.crossing_angle)
    return Hideout(blocker, _hidden_behind(cast, blocker, params.walker, pose, needs_room), pose, lane)


def _behind_car(scene: Scene, cast: Cast, params: ParkingParameters, further: float, needs_room: bool) -> Hideout:
    side, lane = params.direction.sign, ahead(scene.reference, params.distance + further)
    car = cast.vehicle(MODERN, moved(lane, right=side * lane.lane_width, up=_CAR_LIFT_M))
    park(car)
    beyond = ahead(lane, car.bounding_box.extent.x + _BEHIND_BLOCKER_M + params.offset_x)
    edge = moved(beyond, right=side * beyond.lane_width, up=WALKER_LIFT_M)
    pose = facing_road(edge, side, params.crossing_angle)
    return Hideout(car, _hidden_behind(cast, car, params.walker, pose, needs_room), pose, beyond)


def _hidden_behind(
    cast: Cast, blocker: carla.Actor, wanted: str, pose: carla.Transform, needs_room: bool
) -> carla.Walker:
    """A walker for a blocker, which is given up when there is no room for the walker."""
    try:
        return hidden_walker(cast, wanted, pose, needs_room)
    except PlacingError:
        cast.dismiss([blocker])
        raise


def _step_out(scene: Scene, cast: Cast, hideout: Hideout, space: float, time_s: float, way: float) -> Script:
    blocker, walker, pose, lane = hideout
    yield scene.triggered
    appear(walker, pose)
    scene.traffic.leave_space(space)
    start = near(scene, lane.transform.location, time_s, _NEAR_M)
    yield _cross(scene, cast, walker, lane, start, walk(scene, walker, 2.0, way), blocker)


def _cross(
    scene: Scene,
    cast: Cast,
    actor: carla.Actor,
    lane: carla.Waypoint,
    start: Condition,
    way: Script,
    *props: carla.Actor,
) -> Script:
    """When it is time somebody crosses a lane, oncoming traffic lets it; then it is gone, and the ego drives on."""
    yield start
    scene.traffic.clear_crossing(lane)
    yield way
    cast.dismiss([actor, *props])
    yield drove(scene, _BEYOND_M)


def _stroll(scene: Scene, cast: Cast, walker: carla.Walker, pose: carla.Transform, lane: carla.Waypoint) -> Script:
    idle, speed = scene.rng.uniform(*_CROWD_IDLE_S), scene.rng.uniform(*_CROWD_SPEED)
    way = 2.3 * flat_distance(lane.transform.location, pose.location)
    yield seconds(scene, float(idle))
    yield in_turn(walk(scene, walker, float(speed), way), once(lambda: cast.dismiss([walker])))


def _bicycle_after(scene: Scene, exit_lane: carla.Waypoint) -> Script:
    """A bicycle crosses the road behind a junction."""
    with scene.cast() as cast:
        bicycle, pose, lane = first_with_room(partial(_bicycle_at, cast, exit_lane))
        place = lane.transform.location
        yield scene.triggered
        appear(bicycle, pose)
        cross = shove(scene, bicycle, 1.8, 2.0 * flat_distance(place, pose.location))
        yield _cross(scene, cast, bicycle, lane, near(scene, place, 1.8, 6.0), cross)


def _bicycle_at(
    cast: Cast, exit_lane: carla.Waypoint, further: float, needs_room: bool
) -> tuple[carla.Vehicle, carla.Transform, carla.Waypoint]:
    """A hidden bicycle, its pose at the side of the road, and the place of the lane that it comes to."""
    lane = forward(exit_lane, _AFTER_TURN_M + further)
    pose = facing_road(shifted(border(lane, 1, _BICYCLE_OUTWARD_M), up=_BICYCLE_LIFT_M), 1)
    bicycle = cast.vehicle(_BICYCLE, pose) if needs_room else cast.hidden_vehicle(_BICYCLE, pose)
    park(bicycle)
    hide(bicycle, pose)
    return bicycle, pose, lane


def _hidden_side(entry: carla.Waypoint, lane: carla.Waypoint) -> int:
    """The side of the road that a turn from `entry` into `lane` hides: 1 right, -1 left."""
    come, go = entry.transform.get_forward_vector(), lane.transform.get_forward_vector()
    return 1 if come.x * go.y - come.y * go.x < 0.0 else -1


def _bicycle_way(scene: Scene, start: Place) -> Floats:
    """Points (n, 3) of the bicycle lane from its start to well beyond the junction."""
    place = carla.Location(*start)
    lane = scene.map.get_waypoint(place, lane_type=carla.LaneType.Biking)
    if lane is None or lane.transform.location.distance(place) > _OFF_LANE_M:
        raise LaneError("there is no bicycle lane where the flow starts")
    places, beyond, entered = [lane], 0.0, False
    while beyond < _PLAN_BEYOND_M:
        following = places[-1].next(_PLAN_STEP_M)
        if not following:
            break
        places.append(following[0])
        entered = entered or following[0].is_junction
        beyond += _PLAN_STEP_M if entered and not following[0].is_junction else 0.0
    return points_of(places)


def _lights_for_bicycles(scene: Scene, approaches: Approaches) -> Script:
    lights = lights_at(scene, approaches.junction)
    yield delayed_green(scene, lights, approaches.ego) if lights else forever


SCENARIOS = (
    declare("DynamicObjectCrossing", ObjectParameters, dynamic_object_crossing),
    declare("ParkingCrossingPedestrian", ParkingParameters, parking_crossing_pedestrian),
    declare("PedestrianCrossing", WalkerParameters, pedestrian_crossing),
    declare("VehicleTurningRoute", NoParameters, vehicle_turning_route),
    declare("VehicleTurningLeft", NoParameters, vehicle_turning_left),
    declare("VehicleTurningRight", NoParameters, vehicle_turning_right),
    declare("VehicleTurningRoutePedestrian", TurnWalkerParameters, vehicle_turning_route_pedestrian),
    declare("CrossingBicycleFlow", BicycleFlowParameters, crossing_bicycle_flow),
)
