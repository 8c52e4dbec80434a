"""Keep a distance to who drives or stands in the way."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lead.control import BICYCLE_GAP, VEHICLE_GAP, WALKER_GAP, Gap, follow_speed
from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.scene import Bools
from lead.expert.situation import Situation, Way
from lead.kinds import Kind

_GAPS = {
    Kind.VEHICLE: VEHICLE_GAP,
    Kind.BICYCLE: BICYCLE_GAP,
    Kind.WALKER: WALKER_GAP,
    Kind.OBSTACLE: VEHICLE_GAP,
}
_MARGIN, _MARGIN_IN_NEED = 0.35, 0.1
_IN_NEED_S = 8.0
_SQUEEZING, _SQUEEZED_M, _STANDING = 1.2, 6.0, 0.3
_ACROSS, _CROSSING_SPEED = math.radians(45.0), 3.0
_FACING = math.radians(120.0)  # those who come towards the ego keep to their side
_CLEAR_M, _FASTER, _CLOSEST_M = 0.5, 5.0, 2.0
_DRIVEN_OFF, _HARD_BRAKING = 0.6, 8.0
_BRAKES, _CLOSING, _EVEN_BRAKING = -3.0, 1.5, 4.5
_EASING = 1.0  # who slows down by less does not brake (m/s2)
_MOVING_UP, _MOVED_UP_M = 5.0, 1.5
_USUAL_BRAKING, _WEAKEST_BRAKING = 4.5, 3.0  # of those behind (m/s2)
LONG_WAIT_S = 15.0
"""After so long of giving way, other traffic is entered as a stream is."""
_NAMES = {Kind.VEHICLE: "vehicle", Kind.BICYCLE: "bicycle", Kind.WALKER: "walker", Kind.OBSTACLE: "obstacle"}


def name_of(kind: int) -> str:
    """What to call an actor."""
    return _NAMES[Kind(kind)]


def gap_behind(kind: int, advice: Advice) -> Gap:
    """The distance to keep behind an actor of a kind."""
    gap = _GAPS[Kind(kind)]
    return replace(gap, standstill=min(gap.standstill, advice.closest))


def follow_leader(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """The first actor ahead whose outline reaches into the way."""
    ego, actors, spans = situation.scene.ego, situation.actors, way.spans
    near, close = (spans.within(ego.half_width + margin) for margin in (_MARGIN, _MARGIN_IN_NEED))
    ahead = (spans.last > situation.front - 0.5) & ~situation.rows_of(tuple(advice.ignored)) & (spans.first > ego.s)
    if situation.memory.slow_s > _IN_NEED_S:
        yield from _squeeze(situation, way, ahead & near & ~close)
        near = close
    stands = (actors.kind == Kind.VEHICLE) & (actors.speed < _STANDING)
    faces = (np.abs(spans.turn) > _FACING) & ~stands
    ahead &= np.where(faces, close, near)
    # Who drives across is gone when the ego comes; the meetings tell.
    crosses = (np.abs(spans.turn) > _ACROSS) & (actors.speed > _CROSSING_SPEED)
    ahead &= ~(crosses & (actors.kind == Kind.VEHICLE))
    hurries = is_in_a_hurry(situation, advice)
    if hurries:
        ahead &= ~sweeps_by(situation, way)
    moves_up = ego.speed < _MOVING_UP and bool(ahead.any()) and _is_pressed(situation)
    for row in np.flatnonzero(ahead):
        kind = Kind(int(actors.kind[row]))
        gap = max(float(spans.first[row]) - situation.front, 0.0)
        lead = max(float(spans.along[row]), 0.0)
        if hurries and lead > 0.0:
            # Who turns into the lane and drives off faster is no longer there when the ego comes.
            lead = float(actors.speed[row])
            gap += _DRIVEN_OFF * max(lead**2 - ego.speed**2, 0.0) / (2.0 * _HARD_BRAKING)
        keep = gap_behind(kind, advice)
        if moves_up and kind == Kind.VEHICLE:
            keep = replace(keep, standstill=min(keep.standstill, _MOVED_UP_M))
        if hurries and lead - ego.speed > _FASTER:
            keep = replace(keep, standstill=min(keep.standstill, _CLOSEST_M))
        speed = follow_speed(situation.free_speed, ego.speed, gap, keep, lead)
        brakes = actors.acceleration[row] < _BRAKES and lead < ego.speed - _CLOSING
        if situation.config.uncertainty and brakes:
            speed = min(speed, _stopping_speed(gap - keep.standstill, lead))
        yield Decision(speed, f"behind {name_of(kind)}", int(actors.id[row]), gap)


def is_in_a_hurry(situation: Situation, advice: Advice) -> bool:
    """Whether a gap has to be used: as a strategy says, or because nobody lets the ego in."""
    return advice.is_brisk or situation.memory.yielding_s > LONG_WAIT_S


def sweeps_by(situation: Situation, way: Way) -> Bools:
    """Which actors (n,) are beside the ego's front, on their way into its lane, and so fast that they are gone at once;
    whether there is room the meetings tell.
    """
    close = way.spans.first - situation.front < _CLEAR_M
    faster = situation.actors.speed - situation.scene.ego.speed > _FASTER
    return close & faster & (way.spans.along > 0.0)


def _is_pressed(situation: Situation) -> bool:
    """Whether somebody behind, who brakes as he does now, will not come to a stand before he touches the ego."""
    actors, spans, ego = situation.actors, situation.spans, situation.scene.ego
    behind = spans.within(ego.half_width) & (spans.last < situation.rear) & (np.abs(spans.turn) < _ACROSS)
    braking = np.clip(-actors.acceleration, _WEAKEST_BRAKING, _USUAL_BRAKING)
    braking = np.where(actors.acceleration < -_EASING, braking, _USUAL_BRAKING)
    room = situation.rear - spans.last + ego.speed**2 / (2.0 * situation.config.braking)
    return bool((behind & (actors.kind == Kind.VEHICLE) & (spans.along**2 / (2.0 * braking) > room)).any())


def _stopping_speed(room: float, lead: float) -> float:
    """The speed (m/s) from which the ego stops evenly, `room` metres on, behind one who brakes hard from `lead` m/s."""
    return math.sqrt(2.0 * _EVEN_BRAKING * max(room + lead**2 / (2.0 * _HARD_BRAKING), 0.0))


def _squeeze(situation: Situation, way: Way, beside: Bools) -> Iterator[Decision]:
    """A car that has long been held up passes what stands close beside its way, slowly."""
    for row in np.flatnonzero(beside & (situation.actors.speed < _STANDING)).tolist():
        gap = max(float(way.spans.first[row]) - situation.front, 0.0)
        if gap < _SQUEEZED_M:
            name = name_of(int(situation.actors.kind[row]))
            yield Decision(_SQUEEZING, f"squeezing past {name}", int(situation.actors.id[row]), gap)
