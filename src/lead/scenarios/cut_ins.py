"""Cars that come into the ego's lane right before it: from a parking place, from a queue, from a ramp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import carla
import numpy as np

from lead.scenarios.cast import LIT, MODERN, Cast, appear, park
from lead.scenarios.conditions import moved as travelled
from lead.scenarios.conditions import near, past, place_of, seconds
from lead.scenarios.detours import with_extra_space, without_lane
from lead.scenarios.drivers import (
    Care,
    Floats,
    ForcedDriver,
    PathDriver,
    dense_path,
    lane_change_points,
    lane_points,
    points_of,
)
from lead.scenarios.lanes import (
    LaneError,
    Turn,
    flat_distance,
    forward,
    moved,
    neighbour,
    places_along,
    way_through_junction,
)
from lead.scenarios.parameters import Place, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of

_LIFT_M = 0.5
_CARE = Care(5.0, 1.0)
_SLOWEST_M_S = 0.1

_BLOCKER_M, _PARKED_M, _PARKED_SPACE_M = 28.0, 35.0, 45.0
_PARKED_SPEED, _LEAVE_IN_M, _PARKED_WAY_M = 20.0 / 3.6, 6.0, 30.0

_QUEUE_STEP_M, _BEFORE, _AFTER = 11.0, 2, 3
_QUEUE_SPACE_M, _QUEUE_S = 66.0, 30.0
_QUEUE_CHANGE_S, _QUEUE_CHANGED_S, _QUEUE_SPEED, _QUEUE_WAY_M = 3.0, 2.0, 60.0 / 3.6, 70.0

_RAMP_TARGET_M, _RAMP_ON_M, _RAMP_SYNC_M, _RAMP_EXTEND_M = 10.0, 50.0, 5.0, 170.0
_RAMP_SAME_S, _RAMP_CHANGE_S, _RAMP_CHANGED_S, _RAMP_SHARE = 0.3, 2.0, 3.0, 0.8


@dataclass(frozen=True)
class ParkingParameters:
    """The side of the ego's lane on which cars park."""

    direction: Side = Side.RIGHT


@dataclass(frozen=True)
class QueueParameters:
    """A queue of cars in the lane on a side, from `distance` (m) on."""

    distance: float = 100.0
    direction: Side = Side.RIGHT


@dataclass(frozen=True)
class RampParameters:
    """Where the car on the ramp starts."""

    other_actor_location: Place


def parking_cut_in(scene: Scene, params: ParkingParameters) -> Script:
    """A parked car, hidden behind another one, pulls out before the ego."""
    beside = forward(scene.reference, _PARKED_M)
    with scene.cast() as cast:
        place_parked(cast, forward(scene.reference, _BLOCKER_M), params.direction)
        car = place_parked(cast, beside, params.direction, {**MODERN, "special_type": ""})
        yield scene.triggered
        scene.traffic.leave_space(_PARKED_SPACE_M)
        yield near(scene, beside.transform.location, 2.35, 10.0)
        with with_extra_space(scene, 20.0):
            lane = lane_points(forward(beside, _LEAVE_IN_M), 2.0 * _PARKED_WAY_M)
            path = dense_path([place_of(car)(), *lane])
            driver = PathDriver(car, path, lambda: _PARKED_SPEED, scene.lookout, _CARE)
            yield first_of(driver.step, travelled(place_of(car), _PARKED_WAY_M))


def static_cut_in(scene: Scene, params: QueueParameters) -> Script:
    """A car leaves the standing queue in the lane beside, right before the ego."""
    places = [forward(scene.reference, params.distance + _QUEUE_STEP_M * i) for i in range(_BEFORE + 1 + _AFTER)]
    lanes = [_beside(place, params.direction) for place in places]
    with scene.cast() as cast:
        queue = [cast.hidden_vehicle(LIT, moved(lane, up=_LIFT_M)) for lane in lanes]
        yield scene.triggered
        for car, lane in zip(queue, lanes, strict=True):
            appear(car, moved(lane, up=_LIFT_M))
            park(car)
        scene.traffic.leave_space(params.distance + _QUEUE_SPACE_M)
        yield near(scene, places[_BEFORE].transform.location, 2.7, 15.0)
        with without_lane(scene, lanes[_BEFORE], params.direction.sign), with_extra_space(scene, 30.0):
            leaving = _leave_queue(scene, queue, lanes[_BEFORE], params.direction)
            yield first_of(leaving, seconds(scene, _QUEUE_S))


def highway_cut_in(scene: Scene, params: RampParameters) -> Script:
    """A car comes from the ramp together with the ego, and changes into its lane before it."""
    ramp = scene.lane_at(carla.Location(*params.other_actor_location))
    way = way_through_junction(ramp, Turn.STRAIGHT)
    target = forward(way[-1], _RAMP_TARGET_M)
    reference = way_through_junction(scene.reference, Turn.STRAIGHT)[-1]
    pose = moved(ramp, up=_LIFT_M)
    with scene.cast() as cast:
        car = cast.hidden_vehicle(LIT, pose)
        yield scene.triggered
        appear(car, pose)
        scene.traffic.handle_junction(clear=True, remove_entries=[ramp], extend_exit=_RAMP_EXTEND_M)
        whole_way = points_of([*way, *places_along(way[-1], _RAMP_ON_M)[1:]])
        yield _arrive_together(scene, car, whole_way, target, reference)
        lane = scene.lane_at(car.get_location())
        yield _cut_in(
            scene, car, lane, -1, (_RAMP_SAME_S, _RAMP_CHANGE_S, _RAMP_CHANGED_S), _RAMP_SHARE * scene.tick.speed
        )


def place_parked(cast: Cast, beside: carla.Waypoint, side: Side, wanted: Mapping[str, str] = MODERN) -> carla.Vehicle:
    """A car at the kerb of the lane on a side of the ego's. LaneError when there is no such lane."""
    lane = neighbour(beside, side.sign)
    if lane is None:
        raise LaneError(f"there is no lane to the {side.value} to park in")
    car = cast.vehicle(wanted, moved(lane, up=_LIFT_M))
    car.set_transform(kerb_pose(lane, side, car))
    park(car)
    return car


def kerb_pose(lane: carla.Waypoint, side: Side, vehicle: carla.Vehicle) -> carla.Transform:
    """Where a vehicle parks in a lane: displaced away from the ego's lane."""
    away = side.sign * (lane.lane_width - vehicle.bounding_box.extent.y) / 4.0
    return moved(lane, right=away, up=_LIFT_M)


def _beside(place: carla.Waypoint, side: Side) -> carla.Waypoint:
    lane = neighbour(place, side.sign)
    if lane is None or lane.lane_type != carla.LaneType.Driving:
        raise LaneError(f"there is no driving lane to the {side.value} for a queue")
    return lane


def _leave_queue(scene: Scene, queue: list[carla.Vehicle], lane: carla.Waypoint, side: Side) -> Script:
    """The car between the standing ones changes into the ego's lane and drives on in it."""
    car, others = queue[_BEFORE], [one.id for one in queue]
    durations = (0.0, _QUEUE_CHANGE_S, _QUEUE_CHANGED_S)
    yield _cut_in(scene, car, lane, -side.sign, durations, scene.tick.speed, others, _QUEUE_STEP_M)
    path = dense_path(lane_points(scene.lane_at(car.get_location()), _QUEUE_WAY_M))
    yield PathDriver(car, path, lambda: _QUEUE_SPEED, scene.lookout, _CARE, others).step


def _cut_in(
    scene: Scene,
    car: carla.Vehicle,
    lane: carla.Waypoint,
    side: int,
    durations: tuple[float, float, float],
    speed: float,
    ignored: Sequence[int] = (),
    longest_m: float = np.inf,
) -> Script:
    """Until a car has changed its lane: seconds in its own, on the way over and in the new one, at `speed` (m/s).

    The way over takes at most `longest_m` metres.
    """
    same, change, other = (duration * max(speed, _SLOWEST_M_S) for duration in durations)
    way = lane_change_points(lane, side, same, min(change, longest_m), other)
    yield PathDriver(car, dense_path(way), lambda: speed, scene.lookout, _CARE, ignored).step


def _arrive_together(
    scene: Scene, car: carla.Vehicle, way: Floats, target: carla.Waypoint, reference: carla.Waypoint
) -> Script:
    """Until a car is at its target at the time at which the ego is at its own, or the ego is past that."""
    goal, ego_goal = target.transform.location, reference.transform.location

    def speed() -> float:
        left = scene.tick.distance_to(ego_goal) / max(scene.tick.speed, _SLOWEST_M_S)
        return car.get_location().distance(goal) / max(left, _SLOWEST_M_S)

    driver = ForcedDriver(car, dense_path(way), speed)
    yield first_of(lambda: _is_near(car, goal), past(scene, reference), driver.step)
    driver.release()


def _is_near(car: carla.Vehicle, goal: carla.Location) -> bool:
    return flat_distance(car.get_location(), goal) < _RAMP_SYNC_M


SCENARIOS = (
    declare("ParkingCutIn", ParkingParameters, parking_cut_in),
    declare("StaticCutIn", QueueParameters, static_cut_in),
    declare("HighwayCutIn", RampParameters, highway_cut_in),
)
