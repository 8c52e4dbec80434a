"""Crossing a stop line while its light is red."""

import math

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction, at
from lead.evaluation.observation import Light, Observation, StopLine

#: Farther lights are not looked at.
REACH_M = 15.0
#: The tail goes from this share of the half length to `TAIL_BEHIND_M` behind the bumper.
TAIL_START = 0.8
TAIL_BEHIND_M = 1.0
HALF_LINE = 0.6

Point = tuple[float, float]


class RunningRedLight(Criterion):
    """An infraction when the ego's tail crosses a stop line of its lane while the light is red; yellow is free.

    The light of the last infraction is not counted twice in a row.
    """

    def __init__(self) -> None:
        self._last_light: int | None = None

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The infraction of this tick, if any."""
        for light in seen.lights:
            if light.is_red and light.id != self._last_light and crosses_line_of(light, seen):
                self._last_light = light.id
                text = f"Agent ran a red light {light.id} at {at(seen.ego.location)}"
                return (Event(Infraction.RED_LIGHT, seen.time_s, text),)
        return ()


def crosses_line_of(light: Light, seen: Observation) -> bool:
    """Whether the ego's tail lies across a stop line of the lane that it is in, in the lane's direction."""
    lane, ego = seen.tail_lane, seen.ego
    if lane is None:
        return False
    near, far = ego.along(-TAIL_START * ego.half_length), ego.along(-ego.half_length - TAIL_BEHIND_M)
    return any(
        (line.road_id, line.lane_id) == (lane.road_id, lane.lane_id)
        and math.cos(ego.yaw - line.yaw) > 0.0
        and _intersect(near[:2], far[:2], *_ends(line))
        for line in light.stop_lines
    )


def _ends(line: StopLine) -> tuple[Point, Point]:
    half = HALF_LINE * line.width
    dx, dy = -math.sin(line.yaw) * half, math.cos(line.yaw) * half
    x, y, _ = line.location
    return (x - dx, y - dy), (x + dx, y + dy)


def _intersect(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) != _side(a, b, d) and _side(c, d, a) != _side(c, d, b)


def _side(a: Point, b: Point, p: Point) -> bool:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0.0
