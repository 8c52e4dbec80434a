"""The junction ahead of the ego: who comes into it from where, and streams of cars through it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import carla

from lead.scenarios.flows import Stream
from lead.scenarios.lanes import (
    Approach,
    LaneError,
    Turn,
    approach_of,
    back,
    before_junction,
    forward,
    junction_ahead,
    junction_entries,
    junction_exits,
    same_direction,
    through_junction,
)
from lead.scenarios.parameters import Interval
from lead.scenarios.scene import Scene

_SOURCE_STEP_M = 5.0


@dataclass(frozen=True)
class Approaches:
    """A junction, the place `ego` where the ego's lane enters it, and where all lanes enter and leave it."""

    ego: carla.Waypoint
    junction: carla.Junction
    entries: tuple[carla.Waypoint, ...]
    exits: tuple[carla.Waypoint, ...]

    def come_from(self, side: Approach) -> list[carla.Waypoint]:
        """The entries on a side. LaneError when there are none."""
        found = [lane for lane in self.entries if approach_of(lane, self.ego) is side]
        if not found:
            raise LaneError(f"nobody can enter the junction ahead from the side '{side.value}'")
        return found


@dataclass(frozen=True)
class FlowShape:
    """How cars cross a junction: which way, how far before and behind it (m) they appear and vanish, and whether some
    are on the way from the beginning.
    """

    turn: Turn
    before_m: float
    after_m: float
    prefill: bool


@dataclass(frozen=True)
class Passage:
    """A stream of cars through a junction: where it enters and leaves, and the whole stream."""

    entry: carla.Waypoint
    exit: carla.Waypoint
    stream: Stream


def approaches_of(reference: carla.Waypoint) -> Approaches:
    """The next junction on a lane. LaneError when there is none."""
    junction = junction_ahead(reference).get_junction()
    entries, exits = (sorted(lanes, key=_lane_key) for lanes in (junction_entries(junction), junction_exits(junction)))
    return Approaches(before_junction(reference), junction, tuple(entries), tuple(exits))


def passage(entry: carla.Waypoint, shape: FlowShape, speed: float, gap: Interval) -> Passage:
    """Cars (m/s, gaps in m) that enter a junction at `entry`; they appear behind the junction before it, and vanish
    before the one after it, in which a way to where a branch leads may lead round the block.
    """
    leave = through_junction(entry, shape.turn)
    before_m = _SOURCE_STEP_M * math.ceil(shape.before_m / _SOURCE_STEP_M)
    source = back(entry, before_m, stop_at_junction=True)
    sink = forward(leave, shape.after_m, stop_at_junction=True)
    return Passage(entry, leave, Stream(source, sink, gap, speed, prefill=shape.prefill))


def rightmost(lane: carla.Waypoint) -> carla.Waypoint:
    """The driving lane of the same direction that is farthest to the right."""
    return same_direction(lane)[-1]


def any_of(scene: Scene, lanes: Sequence[carla.Waypoint]) -> carla.Waypoint:
    """One of some lanes, by chance."""
    return lanes[int(scene.rng.integers(len(lanes)))]


def of_same_road(lanes: Sequence[carla.Waypoint], lane: carla.Waypoint) -> list[carla.Waypoint]:
    """Those lanes that are on the same road as `lane` and go the same way."""
    return [one for one in lanes if one.road_id == lane.road_id and one.lane_id * lane.lane_id > 0]


def _lane_key(lane: carla.Waypoint) -> tuple[int, int, int]:
    return lane.road_id, lane.section_id, lane.lane_id
