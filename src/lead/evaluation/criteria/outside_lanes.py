"""Metres driven outside the road or in a lane of the wrong direction."""

import math

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.observation import LanePoint, Observation

TOLERANCE_M = 0.5
WRONG_WAY_RAD = math.radians(120.0)
TURNED_LANE_RAD = math.radians(150.0)


class OutsideRouteLanes(Criterion):
    """Adds up the route metres that are gained while the ego is off the lanes or in a wrong one.

    Off the lanes: farther from the nearest driving or parking lane's centre than half its width and 0.5 m. Wrong lane:
    decided anew when the lane changes, never inside junctions: right after a junction by the angle between lane and
    ego, elsewhere the verdict flips when consecutive lanes point in opposite directions. Scenarios may let the ego use
    the oncoming lane; the verdict is kept meanwhile.
    """

    def __init__(self) -> None:
        self._metres = 0.0
        self._wrong_metres = 0.0
        self._in_wrong_lane = False
        self._last_lane: LanePoint | None = None

    def step(self, seen: Observation) -> tuple[()]:
        """Account for this tick; the one infraction is told at the end."""
        self._watch_direction(seen)
        self._metres += seen.progress.advanced_m
        if is_outside(seen) or (self._in_wrong_lane and seen.wrong_lane_counts):
            self._wrong_metres += seen.progress.advanced_m
        return ()

    def finish(self, last: Observation) -> tuple[Event, ...]:
        """One infraction with the metres and their share of all driven ones, if there are any."""
        if self._wrong_metres <= 0.0:
            return ()
        percentage = 100.0 * self._wrong_metres / self._metres
        # Tools split this message at its spaces and take the ninth word for the metres.
        text = f"Agent went outside its route lanes for about {round(self._wrong_metres, 3)} meters "
        text += f"({round(percentage, 2)}% of the completed route)"
        return (Event(Infraction.OUTSIDE_LANES, last.time_s, text, percentage),)

    def _watch_direction(self, seen: Observation) -> None:
        lane, last = seen.lane, self._last_lane
        if lane is None:
            return
        self._last_lane = lane
        if lane.in_junction:
            self._in_wrong_lane = False
        elif last is not None and (lane.road_id, lane.lane_id) != (last.road_id, last.lane_id):
            if last.in_junction:
                self._in_wrong_lane = _angle(lane.yaw, seen.ego.yaw) >= WRONG_WAY_RAD
            elif _angle(lane.yaw, last.yaw) > TURNED_LANE_RAD:
                self._in_wrong_lane = not self._in_wrong_lane


def is_outside(seen: Observation) -> bool:
    """Whether the ego's centre is off the driving and parking lanes."""
    lane = seen.nearest_lane
    return lane is not None and math.dist(seen.ego.location, lane.location) > lane.width / 2.0 + TOLERANCE_M


def _angle(first: float, second: float) -> float:
    return abs(math.remainder(first - second, math.tau))
