"""What LEAD adds for its own routes: lights that cross traffic does not keep to, and red lights without a leader."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import carla
import numpy as np

from lead.scenarios.approaches import Approaches, Passage, approaches_of, of_same_road
from lead.scenarios.conditions import drove, left_junction
from lead.scenarios.detours import without_opposite
from lead.scenarios.flows import actor_flow
from lead.scenarios.junctions import SIDE_AFTER_S, FlowParameters, cars_from_side
from lead.scenarios.lanes import Approach, before_junction, junction_ahead
from lead.scenarios.lights import delayed_green, light_of, lights_at, lights_needed
from lead.scenarios.parameters import Interval, NoParameters, ParameterError, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Condition, Script, every_tick, first_of, forever, next_tick

_BEYOND_M, _EXTEND_M = 50.0, 20.0
_STRETCH_M = 200.0
_LONGER_S = 5.0
_LIGHT_M = 48.0
_CLEAR_M, _STANDING = 24.0, 3.0


@dataclass(frozen=True)
class DefectParameters:
    """Speed (m/s) of the cars that cross, the gaps between them (m), and the sides that they come from."""

    traffic_direction: Side = Side.RIGHT
    flow_speed: float = 20.0
    source_dist_interval: Interval = Interval(25.0, 50.0)

    def __post_init__(self):
        if self.traffic_direction is Side.OPPOSITE:
            raise ParameterError("traffic_direction: cars cross from left, right or both, not from 'opposite'")


def cross_junction_defect_traffic_light(scene: Scene, params: DefectParameters) -> Script:
    """The ego has green at a junction, and so has, by a defect, the flow that crosses its way."""
    approaches = approaches_of(scene.reference)
    crossing = _crossing_cars(scene, params, approaches)
    yield scene.triggered
    lights = lights_needed(scene, approaches.junction)
    scene.traffic.handle_junction(
        clear=True,
        clear_ego_entry=True,
        remove_entries=[lane for cars in crossing for lane in of_same_road(approaches.entries, cars.entry)],
        extend_exit=SIDE_AFTER_S * params.flow_speed + _EXTEND_M,
    )
    with scene.without_blocked_test(), without_opposite(scene):
        yield first_of(
            _way_out(scene),
            scene.timeout(),
            delayed_green(scene, lights, approaches.ego, *(cars.entry for cars in crossing)),
            *(actor_flow(scene, cars.stream) for cars in crossing),
        )


def red_light_without_lead_vehicle(scene: Scene, _: NoParameters) -> Script:
    """The next light turns red in front of the ego, with nobody waiting there."""
    yield scene.triggered
    with _longer_red(scene), scene.without_blocked_test():
        yield first_of(
            drove(scene, _STRETCH_M), scene.timeout(), _red_once(scene), every_tick(lambda: _clear_front(scene))
        )


# -- building blocks


def _crossing_cars(scene: Scene, params: DefectParameters, approaches: Approaches) -> list[Passage]:
    asked = params.traffic_direction
    sides = [Side.LEFT, Side.RIGHT] if asked is Side.BOTH else [asked]
    flow = FlowParameters(params.flow_speed, params.source_dist_interval)
    return [cars_from_side(scene, flow, approaches, Approach(side.value)) for side in sides]


def _way_out(scene: Scene) -> Script:
    """Until the ego is through the junction and well beyond, where no new cars of the background get in its way."""
    yield left_junction(scene)
    scene.traffic.pause_spawning(True)
    try:
        yield drove(scene, _BEYOND_M)
    finally:
        scene.traffic.pause_spawning(False)


@contextmanager
def _longer_red(scene: Scene) -> Iterator[None]:
    """The lights that are red now stay so for longer while the context lasts."""
    actors = scene.world.get_actors().filter("traffic.traffic_light*")
    lights = [light for light in actors if isinstance(light, carla.TrafficLight) and _is_red(light)]
    times = [light.get_red_time() for light in lights]
    try:
        for light, time_s in zip(lights, times, strict=True):
            light.set_red_time(time_s + _LONGER_S)
        yield
    finally:
        for light, time_s in zip(lights, times, strict=True):
            light.set_red_time(time_s)


def _red_once(scene: Scene) -> Script:
    """The first light that the ego comes near turns red, and green when its phase is over."""
    found: list[carla.TrafficLight] = []

    def is_near() -> bool:
        found.extend(_light_ahead(scene))
        return bool(found)

    yield is_near
    light = found[0]
    light.set_state(carla.TrafficLightState.Red)
    yield next_tick()
    yield _phase_over(light)
    light.set_state(carla.TrafficLightState.Green)
    yield forever


def _phase_over(light: carla.TrafficLight) -> Condition:
    """A condition: the light's time has started over, or it is not red any more."""
    last = [light.get_elapsed_time()]

    def over() -> bool:
        before, last[0] = last[0], light.get_elapsed_time()
        return last[0] < before or not _is_red(light)

    return over


def _light_ahead(scene: Scene) -> list[carla.TrafficLight]:
    """The light of the next junction on the route, none when that is far or has none."""
    trace, row = scene.trace, scene.tick.route_index
    last = int(np.searchsorted(trace.s_m, trace.s_m[row] + _LIGHT_M))
    inside = np.flatnonzero(trace.junction[row:last])
    if not len(inside) or inside[0] == 0:
        return []
    before = scene.map.get_waypoint(carla.Location(*trace.location[row + int(inside[0]) - 1].tolist()))
    if before is None or before.is_junction:
        return []
    entry, junction = before_junction(before), junction_ahead(before)
    lights = lights_at(scene, junction.get_junction())
    return [light_of(lights, entry)] if lights else []


def _clear_front(scene: Scene) -> None:
    """Take vehicles away that stand or creep in the ego's lane, close in front of it."""
    users, (x, y, z) = scene.lookout.users(), scene.tick.location
    place = carla.Location(x, y, z)
    dx, dy = users.location[:, 0] - x, users.location[:, 1] - y
    ahead = dx * math.cos(scene.tick.yaw) + dy * math.sin(scene.tick.yaw)
    slow = np.linalg.norm(users.velocity, axis=1) < _STANDING
    rows = np.flatnonzero((ahead > 0.0) & (np.hypot(dx, dy) < _CLEAR_M) & slow & (users.id != scene.ego.id))
    lane = scene.map.get_waypoint(place) if len(rows) else None
    for row in rows:
        actor = scene.world.get_actor(int(users.id[row]))
        if actor is not None and actor.type_id.startswith("vehicle") and _is_in_lane(scene, actor, lane):
            actor.destroy()


def _is_in_lane(scene: Scene, actor: carla.Actor, lane: carla.Waypoint | None) -> bool:
    other = scene.map.get_waypoint(actor.get_location())
    return lane is not None and other is not None and (lane.road_id, lane.lane_id) == (other.road_id, other.lane_id)


def _is_red(light: carla.TrafficLight) -> bool:
    return light.get_state() == carla.TrafficLightState.Red


SCENARIOS = (
    declare("CrossJunctionDefectTrafficLight", DefectParameters, cross_junction_defect_traffic_light),
    declare("RedLightWithoutLeadVehicle", NoParameters, red_light_without_lead_vehicle),
)
