"""Junctions: turns through flows of cars, drivers who take the right of way, and how busy the background is."""

from collections.abc import Mapping
from dataclasses import dataclass

import carla

from lead.scenarios.approaches import (
    Approaches,
    FlowShape,
    Passage,
    any_of,
    approaches_of,
    of_same_road,
    passage,
    rightmost,
)
from lead.scenarios.cast import appear
from lead.scenarios.conditions import drove, left_junction, near, seconds
from lead.scenarios.detours import without_opposite
from lead.scenarios.drivers import PathDriver, dense_path
from lead.scenarios.flows import actor_flow, way_between
from lead.scenarios.lanes import Approach, Turn, back, flat_distance, forward, moved, through_junction
from lead.scenarios.lights import delayed_green, green_for, lights_needed
from lead.scenarios.parameters import Interval, NoParameters, ParameterError, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, all_of, first_of, forever, in_turn

EMERGENCY: Mapping[str, str] = {"special_type": "emergency"}
SIREN_LIGHTS = carla.VehicleLightState.Special1 | carla.VehicleLightState.Special2 | carla.VehicleLightState.Position

_BEYOND_M = 10.0
_EXTEND_M = 20.0
#: Seconds that cars from the opposite side need from their source to the junction, and from there to their sink.
_LEFT_BEFORE_S, _LEFT_AFTER_S = 4.0, 2.5
#: The same for cars from a side.
_SIDE_BEFORE_S, SIDE_AFTER_S = 5.0, 3.0
_RUSH_BEFORE_M, _RUSH_AFTER_M, _RUSH_SPEED = 30.0, 10.0, 60.0 / 3.6
_RUSH_START_S, _RUSH_START_M = 2.2, 12.0
_LIFT_M = 0.5
#: Sine of the angle below which lanes do not cross anywhere near.
_PARALLEL = 0.26


@dataclass(frozen=True)
class FlowParameters:
    """Speed (m/s) of the cars that cross, and the gaps between them (m)."""

    flow_speed: float = 20.0
    source_dist_interval: Interval = Interval(25.0, 50.0)


@dataclass(frozen=True)
class DirectionParameters:
    """Where the other one comes from, seen by the ego."""

    direction: Side = Side.RIGHT

    def __post_init__(self):
        if self.direction is Side.BOTH:
            raise ParameterError("direction: one side is needed, not 'both'")


@dataclass(frozen=True)
class BackgroundParameters:
    """The background from now on; what is not given stays as it is. Distances in metres, the share in percent."""

    num_front_vehicles: float | None = None
    num_back_vehicles: float | None = None
    road_spawn_dist: float | None = None
    opposite_source_dist: float | None = None
    opposite_spawn_dist: float | None = None
    opposite_active: bool | None = None
    junction_source_dist: float | None = None
    junction_max_actors: float | None = None
    junction_spawn_dist: float | None = None
    junction_source_perc: float | None = None


def signalized_left_turn(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns left at traffic lights through oncoming cars, for which it has to wait."""
    yield turn_left(scene, params, Turn.STRAIGHT, has_lights=True)


def non_signalized_left_turn(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns left through oncoming cars, for which it has to wait."""
    yield turn_left(scene, params, Turn.STRAIGHT, has_lights=False)


def signalized_right_turn(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns right at traffic lights into a flow of cars from its left."""
    yield _turn_right(scene, params, has_lights=True)


def non_signalized_right_turn(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns right into a flow of cars from its left."""
    yield _turn_right(scene, params, has_lights=False)


def opposite_vehicle_running_red_light(scene: Scene, params: DirectionParameters) -> Script:
    """An emergency vehicle crosses the ego's way at its red light."""
    yield rush_through(scene, EMERGENCY, params.direction, has_lights=True, lamps=SIREN_LIGHTS)


def opposite_vehicle_taking_priority(scene: Scene, params: DirectionParameters) -> Script:
    """An emergency vehicle crosses the ego's way at a junction without lights."""
    yield rush_through(scene, EMERGENCY, params.direction, has_lights=False, lamps=SIREN_LIGHTS)


def priority_at_junction(scene: Scene, _: NoParameters) -> Script:
    """The ego has green at the next junction, and all others red."""
    approaches = approaches_of(scene.reference)
    yield scene.triggered
    yield first_of(left_junction(scene, approaches.junction.id), green_for(scene, approaches.junction, approaches.ego))


def background_activity_parametrizer(scene: Scene, params: BackgroundParameters) -> Script:
    """The background traffic becomes denser or thinner."""
    yield scene.triggered
    scene.traffic.change_road(
        front_vehicles=_whole(params.num_front_vehicles),
        back_vehicles=_whole(params.num_back_vehicles),
        gap=params.road_spawn_dist,
    )
    scene.traffic.set_opposite(
        params.opposite_active, params.opposite_spawn_dist, source_distance=params.opposite_source_dist
    )
    # The number of cars and the distance between them are swapped, as in the leaderboard.
    scene.traffic.change_junctions(
        source_distance=params.junction_source_dist,
        most=_whole(params.junction_spawn_dist),
        gap=params.junction_max_actors,
        share=None if params.junction_source_perc is None else 0.01 * params.junction_source_perc,
    )


# -- building blocks


def rush_through(
    scene: Scene, wanted: str | Mapping[str, str], side: Side, has_lights: bool, lamps: carla.VehicleLightState
) -> Script:
    """A vehicle races through the junction ahead just when the ego gets there. Where there are lights the ego has
    green and all others red.
    """
    approaches = approaches_of(scene.reference)
    entry = approaches.come_from(Approach(side.value))[0]
    source = back(entry, _RUSH_BEFORE_M, stop_at_junction=True)
    leave = through_junction(entry, Turn.STRAIGHT)
    sink = forward(leave, _RUSH_AFTER_M)
    way, meeting = way_between(scene, source, sink), meeting_place(approaches.ego, entry)
    with scene.cast() as cast:
        pose = moved(source, up=_LIFT_M)
        vehicle = cast.hidden_vehicle(wanted, pose)
        vehicle.set_light_state(carla.VehicleLightState(lamps))
        yield scene.triggered
        lights = green_for(scene, approaches.junction, approaches.ego) if has_lights else forever
        scene.traffic.handle_junction(
            clear=True,
            clear_ego_entry=True,
            remove_entries=[entry],
            remove_exits=[leave],
            stop_entries=not has_lights,
        )
        appear(vehicle, pose)

        def race() -> Script:
            speed = _RUSH_SPEED
            vehicle.enable_constant_velocity(carla.Vector3D(speed, 0.0, 0.0))
            longest_s = flat_distance(source.transform.location, sink.transform.location) / speed
            yield first_of(PathDriver(vehicle, dense_path(way), lambda: speed).step, seconds(scene, longest_s))
            cast.dismiss([vehicle])

        start = near(scene, meeting, _RUSH_START_S, _RUSH_START_M)
        yield first_of(all_of(in_turn(start, race()), left_junction(scene)), lights)


def meeting_place(ego: carla.Waypoint, other: carla.Waypoint) -> carla.Location:
    """Where two lanes that enter a junction would cross if they went straight on; halfway between them where they are
    nearly parallel.
    """
    a, b = ego.transform.location, other.transform.location
    u, v = ego.transform.get_forward_vector(), other.transform.get_forward_vector()
    cross = u.x * v.y - u.y * v.x
    if abs(cross) < _PARALLEL:
        return carla.Location(0.5 * (a.x + b.x), 0.5 * (a.y + b.y), 0.5 * (a.z + b.z))
    way = ((b.x - a.x) * v.y - (b.y - a.y) * v.x) / cross
    return carla.Location(a.x + way * u.x, a.y + way * u.y, a.z)


def turn_left(scene: Scene, params: FlowParameters, turn: Turn, has_lights: bool) -> Script:
    """The ego turns left, oncoming cars go `turn`: through until it is past them, or takes too long."""
    approaches, after_m = approaches_of(scene.reference), _LEFT_AFTER_S * params.flow_speed
    entry = any_of(scene, approaches.come_from(Approach.OPPOSITE))
    shape = FlowShape(turn, _LEFT_BEFORE_S * params.flow_speed, after_m, prefill=False)
    cars = passage(entry, shape, params.flow_speed, params.source_dist_interval)
    exits = of_same_road(approaches.exits, cars.exit)
    yield _through_flow(scene, approaches, cars, exits, after_m, has_lights)


def cars_from_side(scene: Scene, params: FlowParameters, approaches: Approaches, side: Approach) -> Passage:
    """Cars that cross the junction straight on, in the rightmost lane from a side; some are there already."""
    entry = rightmost(any_of(scene, approaches.come_from(side)))
    before_m, after_m = _SIDE_BEFORE_S * params.flow_speed, SIDE_AFTER_S * params.flow_speed
    shape = FlowShape(Turn.STRAIGHT, before_m, after_m, prefill=True)
    return passage(entry, shape, params.flow_speed, params.source_dist_interval)


def _turn_right(scene: Scene, params: FlowParameters, has_lights: bool) -> Script:
    approaches = approaches_of(scene.reference)
    cars = cars_from_side(scene, params, approaches, Approach.LEFT)
    yield _through_flow(scene, approaches, cars, [], SIDE_AFTER_S * params.flow_speed, has_lights)


def _through_flow(
    scene: Scene,
    approaches: Approaches,
    cars: Passage,
    exits: list[carla.Waypoint],
    after_m: float,
    has_lights: bool,
) -> Script:
    """Until the ego is through the junction and a little farther, or takes too long, cars cross its way."""
    yield scene.triggered
    lights = lights_needed(scene, approaches.junction) if has_lights else []
    scene.traffic.handle_junction(
        clear=True,
        clear_ego_entry=True,
        remove_entries=of_same_road(approaches.entries, cars.entry),
        remove_exits=exits,
        stop_entries=not has_lights,
        extend_exit=after_m + _EXTEND_M,
    )
    through = in_turn(left_junction(scene), drove(scene, _BEYOND_M))
    with scene.without_blocked_test(), without_opposite(scene):
        yield first_of(
            through,
            scene.timeout(),
            actor_flow(scene, cars.stream),
            delayed_green(scene, lights, approaches.ego, cars.entry) if lights else forever,
        )


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


SCENARIOS = (
    declare("SignalizedJunctionLeftTurn", FlowParameters, signalized_left_turn),
    declare("NonSignalizedJunctionLeftTurn", FlowParameters, non_signalized_left_turn),
    declare("SignalizedJunctionRightTurn", FlowParameters, signalized_right_turn),
    declare("NonSignalizedJunctionRightTurn", FlowParameters, non_signalized_right_turn),
    declare("OppositeVehicleRunningRedLight", DirectionParameters, opposite_vehicle_running_red_light),
    declare("OppositeVehicleTakingPriority", DirectionParameters, opposite_vehicle_taking_priority),
    declare("PriorityAtJunction", NoParameters, priority_at_junction),
    declare("BackgroundActivityParametrizer", BackgroundParameters, background_activity_parametrizer),
)
