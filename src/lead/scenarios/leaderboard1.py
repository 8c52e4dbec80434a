"""The scenarios of Leaderboard 1.0 on the road: loss of control, leaders that brake, crossings, a blocked lane.

Their names are the numbers that its scenario files give them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import carla
import numpy as np

from lead.scenarios.cast import Cast, appear, park
from lead.scenarios.conditions import drove, near_junction, near_on_route, reached, seconds, stood, within
from lead.scenarios.detours import lane_to_the_left
from lead.scenarios.drivers import Care, PathDriver, dense_path, lane_points, points_of
from lead.scenarios.flows import driven_flow
from lead.scenarios.lanes import LaneError, forward, moved, neighbour, places_along, shifted, turned
from lead.scenarios.parameters import Interval, NoParameters, ParameterError
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, all_of, every_tick, first_of, forever, in_turn, once
from lead.scenarios.walkers import WALKER, WALKER_LIFT_M, facing_road, hidden_walker, shove, walk

_LIFT_M = 0.5
_LEADER, _FASTER, _BICYCLE = "vehicle.nissan.patrol", "vehicle.audi.tt", "vehicle.diamondback.century"
_CARE = Care(10.0, 0.5)

_DEBRIS = "static.prop.dirtdebris01"
_DEBRIS_M, _ON_DEBRIS_M, _NOT_LATER_M, _SLIPPED_M, _BEFORE_JUNCTION_M = (12.0, 46.0, 72.0), 2.0, 30.0, 30.0, 10.0
_NOISE, _STEER_BIAS, _THROTTLE_BIAS = 0.01, 0.001, 0.045

_LEADER_M, _LEADER_SPEED, _STOPS_BEFORE_M, _BEHIND_M, _STOOD_S = 25.0, 10.0, 20.0, 20.0, 1.0
_LONGEST_M = 500.0

_MACHINE, _MACHINE_SHARE = "static.prop.vendingmachine", 0.9
_CROSSING_M, _LANE_FURTHER_M, _NOTICE_M, _CROSSED_BY_M, _CROSSING_END_M = 12.0, 1.5, 12.0, 5.0, 40.0
_TURN_M, _TURN_NOTICE_M, _TURN_SPEED, _TURN_GONE_S = 8.0, 13.0, 10.0, 5.0

# Meant as km/h, used as m/s, as in the leaderboard.
_PAIR_SPEED, _SLOWER = (55.0, 45.0), 3.2
_PAIR_M, _PAIR_NEAR_M, _PAIR_END_M = (35.0, 36.0), 55.0, 140.0

_BARRIER, _BARRIERS_M, _BARRIER_SHARE = "static.prop.streetbarrier", 50.0, 0.2
_ONCOMING = ("vehicle.audi.tt", "vehicle.tesla.model3", "vehicle.nissan.micra")
_ONCOMING_M, _ONCOMING_WAY_M, _ONCOMING_GAP_M, _ONCOMING_SPEED, _ONCOMING_END_M = 110.0, 160.0, 40.0, 5.56, 220.0


@dataclass(frozen=True)
class CrosserParameters:
    """Who crosses: a walker or a bicycle."""

    adversary: str = "walker"

    def __post_init__(self):
        if self.adversary not in ("walker", "bicycle"):
            raise ParameterError(f"adversary: {self.adversary!r} is neither walker nor bicycle")


class Roadside(NamedTuple):
    """A pose beside the road, looking across it, and how many lanes lie between the ego's and it, counting one."""

    pose: carla.Transform
    lanes: int


def control_loss(scene: Scene, _: NoParameters) -> Script:
    """From some debris on the ego's throttle and steering do not quite obey."""
    with scene.cast() as cast:
        lanes = [forward(scene.reference, metres, stop_at_junction=True) for metres in _DEBRIS_M]
        places = [lane.transform.location for lane in lanes]
        for place, lane in zip(places, lanes, strict=True):
            cast.prop(_DEBRIS, carla.Transform(place, lane.transform.rotation))
        yield scene.triggered
        first, *others = [reached(scene, place, _ON_DEBRIS_M) for place in places]
        yield first_of(first, drove(scene, _NOT_LATER_M))
        noise = _Noise(scene)
        redrawn = [step for other in others for step in (other, once(noise.draw))]
        slippery = in_turn(*redrawn, drove(scene, _SLIPPED_M))
        yield first_of(slippery, near_junction(scene, _BEFORE_JUNCTION_M), every_tick(noise.disturb))


def follow_leading_vehicle(scene: Scene, _: NoParameters) -> Script:
    """A car drives ahead and brakes before the next junction."""
    way = places_along(forward(scene.reference, _LEADER_M), _LONGEST_M, stop_at_junction=True)
    if len(way) <= _STOPS_BEFORE_M:
        raise LaneError("the next junction is too near for a car to drive ahead")
    pose = moved(way[0], up=_LIFT_M)
    with scene.cast() as cast:
        leader = cast.hidden_vehicle(_LEADER, pose)
        yield scene.triggered
        appear(leader, pose)
        path = dense_path(points_of(way[: len(way) - int(_STOPS_BEFORE_M)]))
        drive = PathDriver(leader, path, lambda: _LEADER_SPEED, scene.lookout, _CARE).step
        brake = every_tick(lambda: leader.apply_control(carla.VehicleControl(brake=1.0)))
        queued = all_of(within(scene, leader, _BEHIND_M), stood(scene, _STOOD_S))
        yield drive
        yield first_of(queued, brake)


def object_crossing(scene: Scene, params: CrosserParameters) -> Script:
    """Somebody comes onto the road from behind a vending machine."""
    is_walker, lane = params.adversary == "walker", scene.reference
    side = _roadside(lane, _CROSSING_M)
    pose = shifted(side.pose, up=WALKER_LIFT_M if is_walker else _LIFT_M)
    way = lane.lane_width * (1.0 + 1.25 * side.lanes)
    with scene.cast() as cast:
        cast.prop(_MACHINE, turned(_between(lane.transform, side.pose, _MACHINE_SHARE), 90.0))
        crosser = hidden_walker(cast, WALKER, pose) if is_walker else cast.hidden_vehicle(_BICYCLE, pose)
        yield scene.triggered
        appear(crosser, pose)
        yield near_on_route(scene, pose.location, _NOTICE_M + side.lanes)
        for metres, passed in ((0.5 * way, forever), (way, drove(scene, _CROSSED_BY_M))):
            yield first_of(_go(scene, crosser, side.lanes, metres), passed)
        cast.dismiss([crosser])
        yield drove(scene, _CROSSING_END_M)


def turning_route(scene: Scene, _: NoParameters) -> Script:
    """A bicycle crosses the road into which the route turns."""
    exit_lane = scene.route_after_junction()
    side = _roadside(exit_lane, _TURN_M, further=1.0)
    way = exit_lane.lane_width * (1.0 + 1.1 * side.lanes)
    pose = shifted(side.pose, up=_LIFT_M)
    with scene.cast() as cast:
        bicycle = cast.hidden_vehicle(_BICYCLE, pose)
        yield scene.triggered
        appear(bicycle, pose)
        yield near_on_route(scene, pose.location, _TURN_NOTICE_M + way)
        for share in (0.3, 0.7):
            yield shove(scene, bicycle, _TURN_SPEED, share * way)
        park(bicycle)
        yield seconds(scene, _TURN_GONE_S)


def other_leading_vehicle(scene: Scene, _: NoParameters) -> Script:
    """Of two cars ahead in neighbouring lanes the one in the ego's slows down."""
    own, other = (forward(scene.reference, metres) for metres in _PAIR_M)
    beside = neighbour(other, -1)
    if beside is None or beside.lane_type != carla.LaneType.Driving or beside.lane_id * own.lane_id < 0:
        raise LaneError("there is no lane of the ego's direction to its left")
    with scene.cast() as cast:
        cars = [_hidden_on(cast, model, lane) for model, lane in ((_LEADER, own), (_FASTER, beside))]
        speeds = list(_PAIR_SPEED)
        yield scene.triggered
        drivers = []
        for i, (car, lane) in enumerate(zip(cars, (own, beside), strict=True)):
            appear(car, moved(lane, up=_LIFT_M))
            path = dense_path(lane_points(lane, _LONGEST_M))
            drivers.append(PathDriver(car, path, lambda i=i: speeds[i], scene.lookout, _CARE))

        def slow_down() -> None:
            speeds[0] = _PAIR_SPEED[0] / _SLOWER

        slower = in_turn(within(scene, cars[0], _PAIR_NEAR_M), once(slow_down), forever)
        yield first_of(drove(scene, _PAIR_END_M), slower, *(every_tick(driver.step) for driver in drivers))


def opposite_direction(scene: Scene, _: NoParameters) -> Script:
    """Barriers block the lane; the way round leads through cars that come slowly."""
    site, far = forward(scene.reference, _BARRIERS_M), forward(scene.reference, _ONCOMING_M)
    source = lane_to_the_left(far)
    if source.lane_id * far.lane_id > 0:
        raise LaneError("nobody comes towards the ego in the lane to its left")
    way = points_of(places_along(source, _ONCOMING_WAY_M))
    gap = Interval(_ONCOMING_GAP_M, _ONCOMING_GAP_M)
    with scene.cast() as cast:
        for side in (-1.0, 1.0):
            pose = turned(moved(site, right=side * _BARRIER_SHARE * site.lane_width), 90.0)
            cast.prop(_BARRIER, pose)
        yield scene.triggered
        oncoming = driven_flow(scene, way, gap, _ONCOMING, _ONCOMING_SPEED, _CARE)
        yield first_of(drove(scene, _ONCOMING_END_M), oncoming)


# -- building blocks


class _Noise:
    """What comes on top of every control of the agent."""

    def __init__(self, scene: Scene):
        self._scene = scene
        self.draw()

    def draw(self) -> None:
        """Another noise from now on."""
        noise = abs(float(self._scene.rng.normal(0.0, _NOISE)))
        self._steer, self._throttle = min(0.0, _STEER_BIAS - noise), min(1.0, noise + _THROTTLE_BIAS)

    def disturb(self) -> None:
        """Put the noise on the agent's last control."""
        told = self._scene.tick.control
        control = carla.VehicleControl(
            throttle=float(np.clip(told.throttle + self._throttle, 0.0, 1.0)),
            steer=float(np.clip(told.steer + self._steer, -1.0, 1.0)),
            brake=told.brake,
            hand_brake=told.hand_brake,
            reverse=told.reverse,
        )
        self._scene.ego.apply_control(control)


def _roadside(lane: carla.Waypoint, distance: float, further: float = _LANE_FURTHER_M) -> Roadside:
    """A lane's width to the right of the last lane, `distance` ahead and `further` for each lane crossed on the way."""
    drivable, lanes, edge = (carla.LaneType.Driving, carla.LaneType.Parking), 1, lane
    while (beside := neighbour(edge, 1)) is not None and beside.lane_type in drivable:
        edge, lanes = beside, lanes + 1
    place = forward(edge, distance + further * lanes)
    return Roadside(facing_road(moved(place, right=place.lane_width), 1), lanes)


def _between(first: carla.Transform, second: carla.Transform, share: float) -> carla.Transform:
    """The second pose, moved to a share of the way from the first."""
    a, b = first.location, second.location
    place = carla.Location(*(p + share * (q - p) for p, q in ((a.x, b.x), (a.y, b.y), (a.z, b.z))))
    return carla.Transform(place, second.rotation)


def _go(scene: Scene, crosser: carla.Vehicle | carla.Walker, lanes: int, metres: float) -> Script:
    """Somebody goes straight on, the faster the more lanes are to be crossed."""
    if isinstance(crosser, carla.Walker):
        return walk(scene, crosser, 3.0 + 0.4 * lanes, metres)
    return shove(scene, crosser, 5.0 * lanes, metres)


def _hidden_on(cast: Cast, model: str, lane: carla.Waypoint) -> carla.Vehicle:
    return cast.hidden_vehicle(model, moved(lane, up=_LIFT_M))


SCENARIOS = (
    declare("Scenario1", NoParameters, control_loss),
    declare("Scenario2", NoParameters, follow_leading_vehicle),
    declare("Scenario3", CrosserParameters, object_crossing),
    declare("Scenario4", NoParameters, turning_route),
    declare("Scenario5", NoParameters, other_leading_vehicle),
    declare("Scenario6", NoParameters, opposite_direction),
)
