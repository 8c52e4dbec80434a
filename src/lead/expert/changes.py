"""Lane changes of the plan: not into others. The ego stays in its lane until there is a gap, and changes then."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from lead.control import Gap, follow_speed
from lead.expert.advice import Advice
from lead.expert.decision import Decision, Memory
from lead.expert.path import PASSED_M, LaneChange, Ramp, change_offset, total_offset
from lead.expert.scene import Bools, Floats, Neighbour, Route
from lead.expert.situation import Situation
from lead.expert.strategies.blockage import blockers

_HALF_RAMP_M = 12.0  # the plan moves across so far before and after the border of the lanes
_LOOK_M, _LOOK_S = 20.0, 3.0  # as far as meetings are looked for
_NEAR_M, _NEAR_S = 3.0, 1.0
_HURRIED_S, _CHANGE_S, _SHORTEST_M, _LONGEST_M = 1.5, 2.2, 12.0, 45.0
_BACK_SHARE = 0.25  # of the way across, from which on the ego does not go back
_FALL_BACK, _SLOWEST = 2.0, 4.0  # slower (m/s) than those beside, to get behind them
_PATIENCE_S = 25.0
_STOP_GAP = Gap(1.0, 0.3)
_PRESSED_M = 1.0
_ASIDE_M = 0.5


def way_offset(memory: Memory, s: Floats) -> Floats:
    """How far (m,) to the right of the route the way lies at places (m,): shifts, and lane changes driven otherwise."""
    return change_offset(memory.changes, s) + total_offset(memory.shifts, s)


def change_lanes(situation: Situation) -> tuple[tuple[LaneChange, ...], tuple[Decision, ...]]:
    """The plan's lane changes as they are driven, those just passed and those that are due, and wishes for gaps."""
    ego, memory = situation.scene.ego, situation.memory
    known = {one.planned: one for one in memory.changes if one.finish > ego.s - PASSED_M}
    aside = abs(float(total_offset(memory.shifts, np.array([ego.s]))[0])) > _ASIDE_M
    for change in find_changes(situation.scene.route):
        if change.planned in known:
            known[change.planned] = replace(known[change.planned], room=change.room, back=change.back)
        elif not aside and -0.5 * change.planned.length < change.planned.begin - ego.s < _LOOK_M + _LOOK_S * ego.speed:
            known[change.planned] = _begin(situation, change, known.values())
    driven = tuple(one if _undoes(one, known.values()) else _go_on(situation, one) for one in known.values())
    return driven, tuple(wish for one in driven if one.driven is None for wish in _wait(situation, one))


def with_pressed(advice: Advice, changes: Iterable[LaneChange], s: float) -> Advice:
    """The advice; while the ego at `s` (m) presses into a lane it stays close behind others, lest the next fills in."""
    presses = any(one.pressed and one.driven is not None and one.driven.finish > s for one in changes)
    return replace(advice, closest=min(advice.closest, _PRESSED_M)) if presses else advice


def find_changes(route: Route) -> Iterator[LaneChange]:
    """The plan's changes between lanes of one direction in the known part of the route, as planned."""
    rows = np.flatnonzero(np.diff(route.lane)).tolist()
    ramps = _planned_ramps(route, rows)
    for n, row in enumerate(rows):
        side = float(np.sign(route.lane[row + 1] - route.lane[row]))
        kinds, offsets = (route.left, route.left_offset) if side < 0.0 else (route.right, route.right_offset)
        if kinds[row] == Neighbour.SAME and not route.in_junction[row]:
            room = _room(route, row, side)
            returns = [ramps[m] for m in range(n + 1, len(rows)) if _is_back(route, row, rows[m], side)]
            back = returns[0] if returns and returns[0].finish < room else None
            yield LaneChange(side, float(offsets[row]), ramps[n], room, back, ramps[n])


def _planned_ramps(route: Route, rows: list[int]) -> list[Ramp]:
    """Where the plan moves across at the rows before borders of lanes."""
    if not rows:
        return []
    places = [float(route.s[row + 1]) for row in rows]
    between = [min(0.5 * (later - place), _HALF_RAMP_M) for place, later in pairwise(places)]
    reach = [_HALF_RAMP_M, *between, _HALF_RAMP_M]
    return [Ramp(place - reach[n], reach[n] + reach[n + 1]) for n, place in enumerate(places)]


def _is_back(route: Route, row: int, later: int, side: float) -> bool:
    return bool((route.lane[later + 1] - route.lane[row]) * side <= 0)


def _room(route: Route, row: int, side: float) -> float:
    """Where the lane ends that the route leaves to a side behind a row, as far as it is known."""
    beyond = slice(row + 1, None)
    kinds = route.right if side < 0.0 else route.left
    beside = (route.lane[beyond] - route.lane[row]) * side > 0
    ended = np.flatnonzero((beside & (kinds[beyond] != Neighbour.SAME)) | route.in_junction[beyond])
    return float(route.s[beyond][ended[0]]) if len(ended) else float(route.s[-1])


def _begin(situation: Situation, change: LaneChange, others: Iterable[LaneChange]) -> LaneChange:
    """A change that is due: as planned, over a longer way where that would be too sharp, or not yet."""
    if _undoes(change, others):
        return change
    if _takers(situation, change).any():
        return replace(change, driven=None)
    hurried = change.planned.length < _HURRIED_S * situation.scene.ego.speed
    return _from_here(situation, change) if hurried else change


def _undoes(change: LaneChange, others: Iterable[LaneChange]) -> bool:
    """Whether it leads back into a lane that the ego never left."""
    return any(one.back == change.planned and one.driven in (None, one.back) for one in others)


def _go_on(situation: Situation, change: LaneChange) -> LaneChange:
    """Back while hardly begun when somebody comes; off when there is a gap, or nobody makes one."""
    ego, memory = situation.scene.ego, situation.memory
    is_patient = memory.standing_s < _PATIENCE_S
    if change.driven is not None:
        gone = float(change.driven.share(np.array([ego.s]))[0])
        may_give_up = is_patient and not change.pressed and change.driven != change.back and change in memory.changes
        gives_up = may_give_up and gone < _BACK_SHARE
        return replace(change, driven=None) if gives_up and _takers(situation, change).any() else change
    if change.back is not None and ego.s > change.back.begin - _NEAR_M:
        return replace(change, driven=change.back)
    if is_patient and _takers(situation, change).any():
        return change
    return replace(_from_here(situation, change), pressed=not is_patient)


def _from_here(situation: Situation, change: LaneChange) -> LaneChange:
    """The change from where the ego is, as long as its speed asks for and the room allows."""
    ego = situation.scene.ego
    length = min(max(_CHANGE_S * ego.speed, _SHORTEST_M), _LONGEST_M, max(change.room - ego.s, _SHORTEST_M))
    return replace(change, driven=Ramp(max(ego.s, change.planned.begin), length))


def _takers(situation: Situation, change: LaneChange) -> Bools:
    """Which actors (n,) are in the lane that the ego changes to, or come there."""
    spans = situation.spans
    # Beside each actor: the route itself moves across.
    s = np.where(spans.near, spans.s, situation.scene.ego.s)
    return blockers(situation, change.side * change.width * (1.0 - change.planned.share(s)))


def _wait(situation: Situation, change: LaneChange) -> Iterator[Decision]:
    """Fall behind those beside, and stop where the lane ends."""
    ego, spans, actors = situation.scene.ego, situation.spans, situation.actors
    is_near = change.planned.begin - ego.s < _NEAR_M + _NEAR_S * ego.speed
    rows = np.flatnonzero(_takers(situation, change) & is_near)
    for row in rows[spans.last[rows] > situation.rear].tolist():
        speed = max(float(spans.along[row]) - _FALL_BACK, _SLOWEST)
        yield Decision(speed, "waiting for a free lane", int(actors.id[row]), float(spans.first[row]) - situation.front)
    if change.back is None:
        left = change.room - _SHORTEST_M - situation.front
        speed = follow_speed(situation.free_speed, ego.speed, max(left, 0.0) + _STOP_GAP.standstill, _STOP_GAP)
        yield Decision(speed if left > 0.3 else 0.0, "waiting for a free lane", distance=left)
