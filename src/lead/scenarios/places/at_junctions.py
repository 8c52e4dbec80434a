"""Places at junctions: what the route does there, what regulates it, and who comes from where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import carla
import numpy as np

from lead.routes import RoadOption
from lead.scenarios.approaches import Approaches, approaches_of
from lead.scenarios.lanes import Approach, LaneError, approach_of
from lead.scenarios.places.draws import Draws, draw_all
from lead.scenarios.places.place import Parameters, Place, place_on
from lead.scenarios.places.roads import Roads, Turning, Way

_LIGHT, _STOP = "1000001", "206"
_REGULATED_M = 12.0
_BEFORE_M = 20.0
_LEAST_BEFORE_M, _LEAST_AFTER_M = 8.0, 25.0
#: Where the keypoints are that hold the route to its way: before a junction and behind it (m).
_HOLD_M = 4.0


class Control(Enum):
    """What regulates the ego's way into a junction."""

    LIGHTS = "lights"
    NO_LIGHTS = "no lights"
    STOP = "stop sign"
    NOTHING = "nothing"
    ANY = "any"


@dataclass(frozen=True, eq=False)
class Approached:
    """A way through a junction: the trigger's row, the first row inside and the first behind it, who comes in."""

    roads: Roads
    turning: Turning
    way: Way
    trigger: int
    enter: int
    leave: int
    approaches: Approaches

    def sides(self) -> set[Approach]:
        """Where others can come from."""
        entries, ego = self.approaches.entries, self.approaches.ego
        return {approach_of(lane, ego) for lane in entries} - {Approach.REFERENCE}

    def place(self, parameters: Parameters, start_m: float = _BEFORE_M) -> Place:
        """The route along the way."""
        way, at = self.way, float(self.way.s_m[self.trigger])
        held = [way.row(way.s_m[self.enter] - _HOLD_M), way.row(way.s_m[self.leave] + _HOLD_M)]
        rows = [way.row(at - start_m), self.trigger, *held, len(way.s_m) - 1]
        return place_on(way, [row for row in rows if row >= rows[0]], self.trigger, parameters)


JunctionFit = Callable[[Approached, np.random.Generator], Parameters | None]


def as_it_is(_: Approached, __: np.random.Generator) -> Parameters | None:
    """Any junction."""
    return {}


@dataclass(frozen=True)
class AtJunction:
    """A junction at which the route does one of `turns`; others come in from all of `sides`.

    `approach_m`: bounds of the trigger's distance to the junction (m); `after_m`: how far the route goes on behind it;
    `arms`: how many roads meet there, 0 for any number; `fits` tells further parameters, or None.
    """

    turns: tuple[RoadOption, ...]
    control: Control = Control.ANY
    sides: tuple[Approach, ...] = ()
    approach_m: tuple[float, float] = (30.0, 70.0)
    after_m: float = 60.0
    arms: int = 0
    fits: JunctionFit = as_it_is
    draws: Draws = field(default_factory=dict)

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`."""
        for turning in roads.shuffled(rng, self.turns):
            found = approach(roads, turning, self.approach_m, self.after_m, rng)
            if found is None or not self._suits(found):
                continue
            parameters = self.fits(found, rng)
            if parameters is not None:
                yield found.place({**draw_all(self.draws, rng), **parameters})

    def _suits(self, found: Approached) -> bool:
        if not is_controlled(found.approaches.ego, self.control):
            return False
        return set(self.sides) <= found.sides() and (not self.arms or _arms(found) == self.arms)


def approach(
    roads: Roads, turning: Turning, approach_m: tuple[float, float], after_m: float, rng: np.random.Generator
) -> Approached | None:
    """A way through a junction with its trigger at a random distance; None where the road before is too short."""
    before = roads.back(turning.approach, approach_m[1] + _BEFORE_M)
    way = roads.way([*before, *turning.inside, *roads.ahead(turning.leave, after_m)])
    inside = np.flatnonzero(way.junction)
    enter, leave = int(inside[0]), int(inside[-1]) + 1
    road_m, behind_m = float(way.s_m[enter]), way.length_m - float(way.s_m[leave])
    nearest, farthest = approach_m[0], min(approach_m[1], road_m - _LEAST_BEFORE_M)
    if farthest < nearest or behind_m < min(after_m, _LEAST_AFTER_M):
        return None
    way = _shortened(way, float(way.s_m[leave]) + after_m)
    trigger = way.row(road_m - float(rng.uniform(nearest, farthest)))
    lane = roads.lane_at(way, trigger)
    try:
        meeting = None if lane is None else approaches_of(lane)
    except LaneError:
        return None
    if meeting is None or not _is_entry(meeting.ego, way, enter):
        return None
    return Approached(roads, turning, way, trigger, enter, leave, meeting)


def is_controlled(entry: carla.Waypoint, control: Control) -> bool:
    """Whether what is asked for regulates a lane that enters a junction."""
    has_light, has_stop = (bool(_signs(entry, kind)) for kind in (_LIGHT, _STOP))
    return {
        Control.LIGHTS: has_light,
        Control.NO_LIGHTS: not has_light,
        Control.STOP: has_stop and not has_light,
        Control.NOTHING: not has_light and not has_stop,
        Control.ANY: True,
    }[control]


def side_of(*sides: Approach, name: str = "direction") -> JunctionFit:
    """One of some sides from which others can come, as a parameter."""

    def fits(found: Approached, rng: np.random.Generator) -> Parameters | None:
        open_sides = [side.value for side in sides if side in found.sides()]
        return {name: {"value": open_sides[int(rng.integers(len(open_sides)))]}} if open_sides else None

    return fits


def _arms(found: Approached) -> int:
    """How many roads meet."""
    return len({lane.road_id for lane in (*found.approaches.entries, *found.approaches.exits)})


def _signs(entry: carla.Waypoint, kind: str) -> list[carla.Landmark]:
    return entry.get_landmarks_of_type(_REGULATED_M, kind, False)


def _is_entry(lane: carla.Waypoint, way: Way, enter: int) -> bool:
    place = lane.transform.location
    return bool(np.linalg.norm(way.point[max(enter - 1, 0)] - (place.x, place.y, place.z)) < _HOLD_M)


def _shortened(way: Way, length_m: float) -> Way:
    rows = slice(0, way.row(length_m) + 1)
    return Way(way.point[rows], way.yaw[rows], way.edge[rows], way.junction[rows], way.s_m[rows])
