"""Places where a stream of vehicles and the route meet: ramps, exits, main roads, bicycle lanes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import carla
import numpy as np

from lead.routes import RoadOption, RouteError, trace_route
from lead.scenarios.lanes import (
    Approach,
    approach_of,
    back,
    entry_ahead,
    flat_distance,
    forward,
    neighbour,
    same_direction,
    yaw_between,
)
from lead.scenarios.places.at_junctions import Approached, AtJunction, Control, approach, is_controlled
from lead.scenarios.places.draws import Attributes, Draws, draw_all
from lead.scenarios.places.place import Parameters, Place
from lead.scenarios.places.roads import Floats, Roads, Turning

_AHEAD = (RoadOption.STRAIGHT, RoadOption.LANEFOLLOW)
_MERGE_DEG = 60.0
_SOURCE_M, _OTHER_WAY_M = 45.0, 10.0
_ON_WAY_M = 1.5
_BESIDE_EVERY_M = 10.0
_EXIT_CHANGE_M = 35.0


@dataclass(frozen=True)
class Merging:
    """A junction at which the ego's lane and another road's come together, without lights and without a sharp bend.

    The stream starts 45 m before the junction and ends `sink_m` (bounds) behind it. `beside`: it comes into the lane
    to the right of the ego's, and its start alone is asked for.
    """

    sink_m: tuple[float, float] = (30.0, 60.0)
    approach_m: tuple[float, float] = (40.0, 110.0)
    after_m: float = 90.0
    beside: bool = False
    draws: Draws = field(default_factory=dict)

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`."""
        merges = _by_exit(roads)
        for turning in roads.shuffled(rng, _AHEAD):
            others = [one for one in merges[_road_after(roads, turning)] if _merges(roads, one, turning)]
            found = approach(roads, turning, self.approach_m, self.after_m, rng) if others else None
            if found is None or not is_controlled(found.approaches.ego, Control.NO_LIGHTS):
                continue
            other = others[int(rng.integers(len(others)))]
            parameters = self._beside(found, other) if self.beside else self._merging(found, other, rng)
            if parameters is not None:
                yield found.place({**draw_all(self.draws, rng), **parameters})

    def _merging(self, found: Approached, other: Turning, rng: np.random.Generator) -> Parameters | None:
        source = _lane_before(found.roads, other, _SOURCE_M)
        sink = _lane_after(found.roads, other, float(rng.uniform(*self.sink_m)))
        if source is None or sink is None or not _reaches(found.roads, source, sink):
            return None
        if not any(_is_on(found.way.point, lane) for lane in same_direction(sink)):
            return None
        return _ends(source, sink)

    def _beside(self, found: Approached, other: Turning) -> Parameters | None:
        """The other lane stays to the right of the ego's for long enough to change out of it."""
        source = _lane_before(found.roads, other, _SOURCE_M)
        if source is None:
            return None
        for metres in np.arange(0.0, self.sink_m[1], _BESIDE_EVERY_M):
            lane = _lane_after(found.roads, other, float(metres))
            left = None if lane is None else neighbour(lane, -1)
            if left is None or not _is_on(found.way.point, left):
                return None
        return {"other_actor_location": location_of(source)}


@dataclass(frozen=True)
class Leaving:
    """A road that the route leaves by the outermost lane, through the lane beside the ego's, whose cars stay on it."""

    approach_m: tuple[float, float] = (120.0, 220.0)
    after_m: float = 60.0
    draws: Draws = field(default_factory=dict)

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`."""
        for turning in roads.shuffled(rng, _AHEAD):
            found = approach(roads, turning, self.approach_m, self.after_m, rng)
            place = None if found is None else self._leaving(found, rng)
            if place is not None:
                yield place

    def _leaving(self, found: Approached, rng: np.random.Generator) -> Place | None:
        """The route starts in the lane to the left of the stream's, and changes through it to its exit."""
        roads, way = found.roads, found.way
        exit_lane, lane = roads.lane_at(way, found.trigger), roads.lane_at(way, found.enter - 1)
        if exit_lane is None or lane is None or not is_controlled(lane, Control.NO_LIGHTS):
            return None
        for begin in (exit_lane, neighbour(exit_lane, -1)):
            own = None if begin is None else neighbour(begin, -1)
            if begin is None or own is None or not (_along(begin, exit_lane) and _along(own, begin)):
                continue
            source = forward(begin, 30.0, stop_at_junction=True)
            sink = self._sink(found, begin)
            if sink is not None and _reaches(roads, source, sink):
                return self._place(found, own, source, sink, rng)
        return None

    def _place(
        self,
        found: Approached,
        own: carla.Waypoint,
        source: carla.Waypoint,
        sink: carla.Waypoint,
        rng: np.random.Generator,
    ) -> Place | None:
        roads, way = found.roads, found.way
        start = back(own, 20.0, stop_at_junction=True)
        change = roads.lane_at(way, way.row(way.s_m[found.enter] - _EXIT_CHANGE_M))
        if change is None or flat_distance(start.transform.location, own.transform.location) < 10.0:
            return None
        points = [*(_point(one) for one in (start, own, change)), way.point[found.enter - 2], way.point[-1]]
        parameters = {**draw_all(self.draws, rng), **_ends(source, sink)}
        return Place(np.array(points).round(2), _trigger(own), parameters, changes=1)

    def _sink(self, found: Approached, lane: carla.Waypoint) -> carla.Waypoint | None:
        """Where the cars of a lane are well behind the junction on a road that is not the route's."""
        roads, own = found.roads, _road_after(found.roads, found.turning)
        last = entry_ahead(lane)
        for one in roads.turnings:
            road, _, number = roads.graph.arrays.edge_lane[one.approach].tolist()
            is_own = one.option in _AHEAD and (road, number) == (last.road_id, last.lane_id)
            if is_own and _road_after(roads, one) != own:
                return _lane_after(roads, one, 50.0)
        return None


@dataclass(frozen=True)
class AcrossMainRoad:
    """A left turn without lights: out of a main road through its oncoming cars, or (`entering`) into one, through the
    cars of its near side into those of its far side.
    """

    entering: bool
    approach_m: tuple[float, float] = (70.0, 140.0)
    after_m: float = 70.0
    draws: Draws = field(default_factory=dict)

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`."""
        sides = (Approach.LEFT, Approach.RIGHT) if self.entering else (Approach.OPPOSITE,)
        fits = _into_main_road if self.entering else _out_of_main_road
        turn = (RoadOption.LEFT,)
        need = AtJunction(
            turn,
            Control.NO_LIGHTS,
            sides,
            self.approach_m,
            self.after_m,
            fits=lambda one, _: fits(one),
            draws=self.draws,
        )
        return need.places(roads, rng)


def along_bicycle_lane(found: Approached, _: np.random.Generator) -> Parameters | None:
    """A bicycle lane to the right that goes on through the junction: where its stream starts, as parameters."""
    lane = found.roads.lane_at(found.way, found.way.row(found.way.s_m[found.enter] - _SOURCE_M))
    while lane is not None and lane.lane_type != carla.LaneType.Biking:
        beside = neighbour(lane, 1)
        lane = beside if beside is not None and beside.lane_id * lane.lane_id > 0 else None
    if lane is None:
        return None
    way = [lane]
    while len(way) < 100 and (following := way[-1].next(1.0)):
        way.append(following[0])
        if way[-1].is_junction and way[-1].lane_type == carla.LaneType.Biking:
            return {"start_actor_flow": location_of(lane)}
    return None


def location_of(lane: carla.Waypoint) -> Attributes:
    """A lane's place as the attributes x, y and z."""
    return {axis: f"{value:.2f}" for axis, value in zip("xyz", _point(lane).tolist(), strict=True)}


# -- building blocks


def _into_main_road(found: Approached) -> Parameters | None:
    """From the left, through the junction, to the right; beside both ends are the lanes of the other direction."""
    roads, points = found.roads, found.way.point
    for source, sink in _crossing(found, Approach.LEFT, _SOURCE_M):
        far_source, far_sink = neighbour(sink, -1), neighbour(source, -1)
        if far_source is None or far_sink is None or not _is_on(points, far_sink):
            continue
        if _opposes(far_sink, source) and _opposes(far_source, sink) and _reaches(roads, far_source, far_sink):
            return _ends(source, sink)
    return None


def _out_of_main_road(found: Approached) -> Parameters | None:
    """From the opposite side straight on into the lane beside the ego's."""
    for source, sink in _crossing(found, Approach.OPPOSITE, 2.0 * _SOURCE_M):
        beside = neighbour(sink, -1)
        if beside is not None and _opposes(beside, sink) and beside.road_id == found.approaches.ego.road_id:
            return _ends(source, sink)
    return None


def _crossing(found: Approached, side: Approach, before_m: float) -> Iterator[tuple[carla.Waypoint, carla.Waypoint]]:
    """Ends of the ways straight through a junction from a side."""
    roads, meeting = found.roads, found.approaches
    entries = {(lane.road_id, lane.lane_id) for lane in meeting.entries if approach_of(lane, meeting.ego) is side}
    for other in roads.turnings:
        road, _, lane = roads.graph.arrays.edge_lane[other.approach].tolist()
        if other.option in _AHEAD and (road, lane) in entries:
            source, sink = _lane_before(roads, other, before_m), _lane_after(roads, other, _SOURCE_M)
            if source is not None and sink is not None and _reaches(roads, source, sink):
                yield source, sink


def _ends(source: carla.Waypoint, sink: carla.Waypoint) -> Parameters:
    return {"start_actor_flow": location_of(source), "end_actor_flow": location_of(sink)}


def _by_exit(roads: Roads) -> dict[tuple[int, int], list[Turning]]:
    """Ways through junctions by the road that they lead into."""
    found: dict[tuple[int, int], list[Turning]] = {}
    for one in roads.turnings:
        found.setdefault(_road_after(roads, one), []).append(one)
    return found


def _road_after(roads: Roads, turning: Turning) -> tuple[int, int]:
    """The road and the direction into which a way through a junction leads."""
    road, _, lane = roads.graph.arrays.edge_lane[turning.leave].tolist()
    return road, 1 if lane > 0 else -1


def _merges(roads: Roads, other: Turning, own: Turning) -> bool:
    """Whether another road's way ahead comes into the same road at a narrow angle."""
    arrays = roads.graph.arrays
    if other.option not in _AHEAD or arrays.edge_lane[other.approach][0] == arrays.edge_lane[own.approach][0]:
        return False
    cosine = float(arrays.edge_exit[other.approach] @ arrays.edge_exit[own.approach])
    return cosine > np.cos(np.radians(_MERGE_DEG))


def _lane_before(roads: Roads, turning: Turning, metres: float) -> carla.Waypoint | None:
    """The place so many metres before a way enters its junction, or where its road begins if that is nearer."""
    way = roads.way(roads.back(turning.approach, metres))
    row = max(way.row(way.length_m - metres), 1)
    return roads.lane_at(way, row) if way.length_m >= _OTHER_WAY_M else None


def _lane_after(roads: Roads, turning: Turning, metres: float) -> carla.Waypoint | None:
    """The place so many metres after a way has left its junction; None where its road ends before."""
    way = roads.way(roads.ahead(turning.leave, metres))
    return roads.lane_at(way, max(way.row(metres), 1)) if way.length_m > metres else None


def _reaches(roads: Roads, source: carla.Waypoint, sink: carla.Waypoint) -> bool:
    """Whether there is a direct way over the lanes."""
    try:
        trace = trace_route(roads.graph, [_point(source), _point(sink)])
    except RouteError:
        return False
    direct = flat_distance(source.transform.location, sink.transform.location)
    return trace.length_m < 1.6 * direct + 20.0


def _is_on(points: Floats, lane: carla.Waypoint) -> bool:
    return bool(np.linalg.norm(points - _point(lane), axis=1).min() < _ON_WAY_M)


def _along(one: carla.Waypoint, other: carla.Waypoint) -> bool:
    return one.lane_type == carla.LaneType.Driving and one.lane_id * other.lane_id > 0


def _opposes(one: carla.Waypoint, other: carla.Waypoint) -> bool:
    return one.lane_type == carla.LaneType.Driving and yaw_between(one.transform, other.transform) > 120.0


def _point(lane: carla.Waypoint) -> Floats:
    place = lane.transform.location
    return np.array([place.x, place.y, place.z])


def _trigger(lane: carla.Waypoint) -> tuple[float, float, float, float]:
    x, y, z = _point(lane).round(2).tolist()
    return x, y, z, round(lane.transform.rotation.yaw, 2)
