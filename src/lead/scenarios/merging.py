"""Streams of cars that the ego has to merge into, cross on its way to an exit, or turn across."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import carla
import numpy as np

from lead.routes import Trace
from lead.scenarios.conditions import left_junction, past
from lead.scenarios.detours import lane_to_the_left, without_opposite
from lead.scenarios.flows import Stream, actor_flow, trace_between
from lead.scenarios.lanes import (
    LaneError,
    before_junction,
    entry_ahead,
    forward,
    is_same_road,
    junction_ahead,
    junction_entries,
    junction_exits,
    neighbour,
    same_direction,
)
from lead.scenarios.parameters import Interval, Place
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Condition, Part, Script, first_of, forever, in_turn, once

_SINK_M = 2.0
_EXTRA_M = 20.0
_EXIT_M = 9.0
_AT_SINK_M = 10.0


@dataclass(frozen=True)
class FlowParameters:
    """Where cars come from and go to, their speed (m/s), and the gaps (m) between them."""

    start_actor_flow: Place
    end_actor_flow: Place
    flow_speed: float = 10.0
    source_dist_interval: Interval = Interval(20.0, 50.0)


def enter_actor_flow(scene: Scene, params: FlowParameters) -> Script:
    """Cars come fast on every lane of the road that the ego enters."""
    source, sink = _ends(scene, params)
    sources, sinks = same_direction(source), same_direction(sink)
    streams = [_stream(params, begin, end) for begin, end in zip(sources, sinks, strict=False)]
    yield _merge(scene, streams, sources, sinks, trace_between(scene, source, sink))


def merge_into_slow_traffic(scene: Scene, params: FlowParameters) -> Script:
    """Slow cars fill the lane that the ego has to merge into."""
    source, sink = _ends(scene, params)
    stream = _stream(params, source, sink)
    yield _merge(scene, [stream], same_direction(source), same_direction(sink), trace_between(scene, source, sink))


def enter_actor_flow_v2(scene: Scene, params: FlowParameters) -> Script:
    """Cars come fast along the lane that the ego enters; behind the junction the road is free."""
    yield _merge_with_free_exit(scene, params)


def merge_into_slow_traffic_v2(scene: Scene, params: FlowParameters) -> Script:
    """Slow cars fill the lane that the ego has to merge into; behind the junction the road is free."""
    yield _merge_with_free_exit(scene, params)


def highway_exit(scene: Scene, params: FlowParameters) -> Script:
    """Cars come along the lane that the ego has to cross to its exit."""
    source, sink = _ends(scene, params)
    junction_id = _junction_of(scene, trace_between(scene, source, sink))
    yield scene.triggered
    scene.traffic.remove_lane(source)
    flow = actor_flow(scene, _stream(params, source, sink))
    yield _until(scene, left_junction(scene, junction_id), flow)


def leave_interurban_road(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns off a main road through the cars that come towards it."""
    source, sink = _ends(scene, params)
    entry = before_junction(scene.reference)
    beside_exit = neighbour(forward(scene.route_after_junction(), _EXIT_M), -1)
    yield scene.triggered
    removed = [entry, *([beside_exit] if beside_exit is not None else []), entry_ahead(source)]
    scene.traffic.handle_junction(clear_ego_entry=True, remove_entries=removed)
    with without_opposite(scene):
        yield _until(scene, left_junction(scene), actor_flow(scene, _stream(params, source, sink, prefill=False)))


def enter_interurban_road(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns into a main road: through the cars of one direction, in between those of the other."""
    source, sink = _ends(scene, params)
    far_source, far_sink = lane_to_the_left(sink), lane_to_the_left(source)
    junction = junction_ahead(scene.reference).get_junction()
    own_entry, own_exit = before_junction(scene.reference), scene.route_after_junction()
    entries = [lane for lane in junction_entries(junction) if not is_same_road(lane, own_entry)]
    exits = [lane for lane in junction_exits(junction) if not is_same_road(lane, own_exit)]
    tail = tail_of(trace_between(scene, far_source, far_sink))
    yield scene.triggered
    with _no_route_sources(scene), without_opposite(scene):
        scene.traffic.handle_junction(
            clear=True,
            clear_ego_entry=True,
            remove_entries=entries,
            remove_exits=exits,
            extend_exit=_EXTRA_M + tail,
        )
        flows = [_stream(params, source, sink), _stream(params, far_source, far_sink)]
        yield _until(scene, past(scene, far_sink, _AT_SINK_M), *(actor_flow(scene, one) for one in flows))


def tail_of(way: Trace) -> float:
    """Metres of a way after its last junction; the whole way when it has none."""
    inside = np.flatnonzero(way.junction)
    return way.length_m - float(way.s_m[inside[-1]]) if len(inside) else way.length_m


def _merge(
    scene: Scene,
    streams: Sequence[Stream],
    sources: Sequence[carla.Waypoint],
    sinks: Sequence[carla.Waypoint],
    way: Trace,
) -> Script:
    """Until the ego is at the end of a stream: the background is out of the way."""
    yield scene.triggered
    with _no_route_sources(scene):
        scene.traffic.handle_junction(
            clear=True,
            clear_ego_entry=True,
            remove_entries=[entry_ahead(lane) for lane in sources],
            extend_exit=_EXTRA_M + tail_of(way),
        )
        yield _until(scene, _at_any(scene, sinks), *(actor_flow(scene, one) for one in streams))


def _merge_with_free_exit(scene: Scene, params: FlowParameters) -> Script:
    """Until the ego is at the end of the stream: the background's cars leave the ego's exit before, and keep away after
    it is through the junction.
    """
    source, sink = _ends(scene, params)
    space = _EXTRA_M + tail_of(trace_between(scene, source, sink))
    exits = same_direction(scene.route_after_junction())
    yield scene.triggered
    with _no_route_sources(scene):
        scene.traffic.handle_junction(
            clear=True,
            clear_ego_entry=True,
            remove_entries=[entry_ahead(lane) for lane in same_direction(source)],
            remove_exits=exits,
        )
        free_road = in_turn(left_junction(scene), once(lambda: scene.traffic.leave_space(space)), forever)
        flow = actor_flow(scene, _stream(params, source, sink))
        yield _until(scene, _at_any(scene, same_direction(sink)), flow, free_road)


def _until(scene: Scene, end: Condition, *meanwhile: Part) -> Script:
    """Until a condition holds or the ego takes too long; nobody is blocked."""
    with scene.without_blocked_test():
        yield first_of(end, scene.timeout(), *meanwhile)


def _ends(scene: Scene, params: FlowParameters) -> tuple[carla.Waypoint, carla.Waypoint]:
    source, sink = (scene.lane_at(carla.Location(*place)) for place in (params.start_actor_flow, params.end_actor_flow))
    return source, sink


def _stream(params: FlowParameters, source: carla.Waypoint, sink: carla.Waypoint, prefill: bool = True) -> Stream:
    gap, speed = params.source_dist_interval, params.flow_speed
    return Stream(source, sink, gap, speed, _SINK_M, prefill=prefill, prefill_junction=prefill)


def _at_any(scene: Scene, sinks: Sequence[carla.Waypoint]) -> Condition:
    places = [sink.transform.location for sink in sinks]
    return lambda: any(scene.tick.distance_to(place) < _SINK_M for place in places)


def _junction_of(scene: Scene, way: Trace) -> int:
    """The first junction on a way."""
    inside = np.flatnonzero(way.junction)
    if not len(inside):
        raise LaneError("the cars that the ego has to cross pass no junction")
    return scene.lane_at(carla.Location(*way.location[inside[0]].tolist())).junction_id


@contextmanager
def _no_route_sources(scene: Scene) -> Iterator[None]:
    """No background car comes from behind the ego while the context lasts."""
    scene.traffic.set_route_sources(False)
    try:
        yield
    finally:
        scene.traffic.set_route_sources(True)


SCENARIOS = (
    declare("EnterActorFlow", FlowParameters, enter_actor_flow),
    declare("EnterActorFlowV2", FlowParameters, enter_actor_flow_v2),
    declare("MergerIntoSlowTraffic", FlowParameters, merge_into_slow_traffic),
    declare("MergerIntoSlowTrafficV2", FlowParameters, merge_into_slow_traffic_v2),
    declare("HighwayExit", FlowParameters, highway_exit),
    declare("InterurbanActorFlow", FlowParameters, leave_interurban_road),
    declare("InterurbanAdvancedActorFlow", FlowParameters, enter_interurban_road),
)
