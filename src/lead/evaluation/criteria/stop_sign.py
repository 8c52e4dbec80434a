"""Passing a stop sign without stopping."""

import math

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction, at
from lead.evaluation.observation import Observation, StopSign, Vector

STOPPED_SPEED = 0.1
#: How far ahead the ego's lane is searched for a trigger box, and how near the box must be.
REACH_M = 4.0
BOX_SCALE = 1.2
#: Some signs' boxes are as thin as paint.
THINNEST_HALF_M = 0.5
#: Cosine (about 100 degrees) beyond which the ego drives backwards or against its lane.
AGAINST = -0.17


class RunningStop(Criterion):
    """An infraction when the ego leaves a stop sign's trigger box without having stopped since it came near.

    The box affects the ego from 4 m before it. The same sign is not counted twice in a row.
    """

    def __init__(self) -> None:
        self._sign: StopSign | None = None
        self._stopped = False
        self._last_failed: int | None = None

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The infraction of this tick, if any."""
        if self._sign is None:
            self._sign = next((sign for sign in seen.stop_signs if affects(sign, seen)), None)
            return ()
        self._stopped = self._stopped or seen.ego.speed < STOPPED_SPEED
        if is_ahead(self._sign, seen):
            return ()
        sign, stopped = self._sign, self._stopped
        self._sign, self._stopped = None, False
        if stopped or sign.id == self._last_failed:
            return ()
        self._last_failed = sign.id
        text = f"Agent ran a stop with id={sign.id} at {at(seen.ego.location)}"
        return (Event(Infraction.STOP_SIGN, seen.time_s, text),)


def affects(sign: StopSign, seen: Observation) -> bool:
    """Whether the sign is ahead of an ego that drives forward along its lane."""
    ego, lane = seen.ego, seen.lane
    if ego.forward_speed < AGAINST or (lane is not None and math.cos(ego.yaw - lane.yaw) < AGAINST):
        return False
    return is_ahead(sign, seen)


def is_ahead(sign: StopSign, seen: Observation) -> bool:
    """Whether the sign is near and a point of the lane ahead lies in its box."""
    lane = seen.lane_ahead
    return bool(lane) and math.dist(sign.centre, lane[0]) <= REACH_M and any(_contains(sign, point) for point in lane)


def _contains(sign: StopSign, point: Vector) -> bool:
    dx, dy = point[0] - sign.centre[0], point[1] - sign.centre[1]
    c, s = math.cos(sign.yaw), math.sin(sign.yaw)
    half_x, half_y = (BOX_SCALE * max(half, THINNEST_HALF_M) for half in (sign.half_x, sign.half_y))
    return abs(c * dx + s * dy) < half_x and abs(c * dy - s * dx) < half_y
