"""Places on the open road: so many metres without a junction, and beside the lane what the type needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import carla
import numpy as np

from lead.scenarios.lanes import neighbour, opposite_lanes, same_direction, sidewalk
from lead.scenarios.parameters import Side
from lead.scenarios.places.draws import Draws, between, draw_all, text_of
from lead.scenarios.places.place import Parameters, Place, place_on
from lead.scenarios.places.roads import Roads, Way

_LOOK_EVERY_M = 8.0
_LEAST_BEFORE_M = 8.0
_TRY_EVERY_M = 20.0


@dataclass(frozen=True, eq=False)
class Stretch:
    """A piece of road without a junction: its trigger's row, and how far (m) from there things happen."""

    roads: Roads
    way: Way
    trigger: int
    distance: float

    def lanes(self, begin_m: float, end_m: float) -> Iterator[carla.Waypoint | None]:
        """The lane from `begin_m` to `end_m` after the trigger, every few metres; None where it cannot be told."""
        at = float(self.way.s_m[self.trigger])
        for metres in np.append(np.arange(begin_m, end_m, _LOOK_EVERY_M), end_m):
            yield self.roads.lane_at(self.way, self.way.row(at + metres))


Fit = Callable[[Stretch], Parameters | None]
_Test = Callable[[carla.Waypoint], bool]


@dataclass(frozen=True)
class OpenRoad:
    """`beyond_m` metres without a junction after what happens, which is `distance` (bounds, m) after the trigger.

    `fits` looks at a stretch and tells parameters that follow from it, or None; `before_m`: from the route's start to
    the trigger; `named`: whether `distance` is a parameter; `draws`: further ones.
    """

    fits: Fit
    beyond_m: float
    distance: tuple[float, float] = (0.0, 0.0)
    before_m: float = 20.0
    named: bool = True
    draws: Draws = field(default_factory=dict)

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`; one trigger is tried on every 20 m of road."""
        spots = [(edge, at) for edge in roads.lanes.tolist() for at in np.arange(0.0, roads.length(edge), _TRY_EVERY_M)]
        for index in rng.permutation(len(spots)).tolist():
            edge, at_m = spots[index]
            stretch = self._stretch(roads, edge, at_m, rng)
            found = None if stretch is None else self.fits(stretch)
            if stretch is not None and found is not None:
                yield self._place(stretch, found, rng)

    def _stretch(self, roads: Roads, edge: int, at_m: float, rng: np.random.Generator) -> Stretch | None:
        """A stretch with its trigger up to 20 m after `at_m` of a lane, None where the road is too short."""
        low, high = self.distance
        ahead = roads.ahead(edge, high + self.beyond_m)
        if sum(map(roads.length, ahead)) - at_m < low + self.beyond_m:
            return None
        way = roads.way([*roads.back(edge, self.before_m)[:-1], *ahead])
        begin = float(way.s_m[np.flatnonzero(way.edge == edge)[0]]) + at_m
        first = max(begin, min(self.before_m, _LEAST_BEFORE_M))
        last = min(begin + _TRY_EVERY_M, way.length_m - low - self.beyond_m)
        if last < first:
            return None
        row = way.row(float(rng.uniform(first, last)))
        room = way.length_m - float(way.s_m[row]) - self.beyond_m
        return Stretch(roads, way, row, between(rng, low, min(high, room)))

    def _place(self, stretch: Stretch, found: Parameters, rng: np.random.Generator) -> Place:
        way, at = stretch.way, float(stretch.way.s_m[stretch.trigger])
        rows = [way.row(at - self.before_m), stretch.trigger, way.row(at + stretch.distance + self.beyond_m)]
        distance = {"distance": {"value": text_of(stretch.distance)}} if self.named and self.distance[1] else {}
        return place_on(way, rows, stretch.trigger, {**distance, **draw_all(self.draws, rng), **found})


# -- what may be beside the lane, from some metres before what happens to some after


def anywhere(stretch: Stretch) -> Parameters | None:
    """Any road."""
    return {}


def alone(stretch: Stretch) -> Parameters | None:
    """The outermost lane on the right, so that there is a roadside; no car parks there."""
    return _given({}, stretch, lambda lane: not _is(neighbour(lane, 1), carla.LaneType.Parking, carla.LaneType.Driving))


def free_lane(before_m: float = 40.0, after_m: float = 60.0) -> Fit:
    """Another lane of the same direction on one side, in which the ego can pass; `direction` is the other side."""
    return _beside({Side.LEFT: "right", Side.RIGHT: "left"}, _goes_along, before_m, after_m)


def queue_lane(before_m: float = 20.0, after_m: float = 110.0) -> Fit:
    """Another lane of the same direction on a side, which is `direction`."""
    return _beside({Side.RIGHT: "right", Side.LEFT: "left"}, _goes_along, before_m, after_m)


def parking(before_m: float, after_m: float) -> Fit:
    """A parking lane on a side, which is `direction`."""
    return _beside({Side.RIGHT: "right", Side.LEFT: "left"}, _parks, before_m, after_m)


def lane_to_left(before_m: float = 40.0, after_m: float = 60.0) -> Fit:
    """Another lane of the same direction to the left."""
    return _all(lambda lane: _goes_along(lane, -1), before_m, after_m)


def lane_to_right(before_m: float = 20.0, after_m: float = 30.0) -> Fit:
    """Another lane of the same direction to the right, which can be closed."""
    return _all(lambda lane: _goes_along(lane, 1), before_m, after_m)


def oncoming(before_m: float = 40.0, after_m: float = 60.0) -> Fit:
    """One lane for each direction, the oncoming one to the left."""
    return _all(_is_two_way, before_m, after_m)


def oncoming_with_parking(before_m: float, after_m: float) -> Fit:
    """One lane for each direction, and a parking lane to the right."""
    return _all(lambda lane: _is_two_way(lane) and _parks(lane, 1), before_m, after_m)


def pavement(before_m: float, after_m: float) -> Fit:
    """A pavement to the right."""
    return _all(lambda lane: sidewalk(lane, 1).lane_type == carla.LaneType.Sidewalk, before_m, after_m)


def _beside(
    directions: dict[Side, str], test: Callable[[carla.Waypoint, int], bool], before_m: float, after_m: float
) -> Fit:
    def fits(stretch: Stretch) -> Parameters | None:
        for side, direction in directions.items():
            if _given({}, stretch, partial(_on_side, test, side), before_m, after_m) is not None:
                return {"direction": {"value": direction}}
        return None

    return fits


def _all(test: _Test, before_m: float, after_m: float) -> Fit:
    return lambda stretch: _given({}, stretch, test, before_m, after_m)


def _given(
    parameters: Parameters, stretch: Stretch, test: _Test, before_m: float = 10.0, after_m: float = 10.0
) -> Parameters | None:
    lanes = stretch.lanes(stretch.distance - before_m, stretch.distance + after_m)
    return parameters if all(lane is not None and test(lane) for lane in lanes) else None


def _on_side(test: Callable[[carla.Waypoint, int], bool], side: Side, lane: carla.Waypoint) -> bool:
    return test(lane, side.sign)


def _is(lane: carla.Waypoint | None, *types: carla.LaneType) -> bool:
    return lane is not None and lane.lane_type in types


def _goes_along(lane: carla.Waypoint, side: int) -> bool:
    other = neighbour(lane, side)
    return other is not None and other.lane_type == carla.LaneType.Driving and other.lane_id * lane.lane_id > 0


def _parks(lane: carla.Waypoint, side: int) -> bool:
    other = neighbour(lane, side)
    return other is not None and other.lane_type == carla.LaneType.Parking and other.lane_id * lane.lane_id > 0


def _is_two_way(lane: carla.Waypoint) -> bool:
    other = neighbour(lane, -1)
    if other is None or other.lane_type != carla.LaneType.Driving or other.lane_id * lane.lane_id > 0:
        return False
    return len(same_direction(lane)) == 1 and len(opposite_lanes(lane)) == 1
