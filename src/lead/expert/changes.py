"""Lane changes of the plan: not into others. The ego stays in its lane until there is a gap, and changes then."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from lead.control import Gap, follow_speed
from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.path import PASSED_M, LaneChange, Ramp, total_offset
from lead.expert.scene import Bools, Floats, Neighbour, Route, Scene
from lead.expert.situation import Situation
from lead.expert.strategies.blockage import blockers

_BORDER_M = 3.0  # within which the border of the lanes is known
_LOOK_M, _LOOK_S = 20.0, 3.0  # as far as meetings are looked for
_NEAR_M, _NEAR_S = 3.0, 1.0
_CHANGE_S, _SHORTEST_M, _LONGEST_M = 2.7, 12.0, 45.0  # what takes less time slows the ego down
_BACK_SHARE = 0.25  # of the way across, from which on the ego does not go back
_FALL_BACK, _SLOWEST = 2.0, 4.0  # slower (m/s) than those beside, to get behind them
_PATIENCE_S, _LAST_PATIENCE_S, _PRESSED_SPEED = 25.0, 90.0, 2.5
_ROOM_S = 3.5  # that each of several changes takes
_STOP_GAP = Gap(1.0, 0.3)
_PRESSED_M = 1.0
_ASIDE_M = 0.5


def change_lanes(situation: Situation) -> tuple[tuple[LaneChange, ...], tuple[Decision, ...]]:
    """The plan's lane changes as they are driven, those just passed and those that are due, and wishes for gaps."""
    ego, memory = situation.scene.ego, situation.memory
    known = {one.planned: one for one in memory.changes if one.finish > ego.s - PASSED_M}
    aside = abs(float(total_offset(memory.shifts, np.array([ego.s]))[0])) > _ASIDE_M
    for change in find_changes(situation.scene):
        if change.planned in known:
            known[change.planned] = replace(known[change.planned], room=change.room, back=change.back)
        elif not aside and -0.5 * change.planned.length < change.planned.begin - ego.s < _LOOK_M + _LOOK_S * ego.speed:
            known[change.planned] = _begin(situation, change, {**known, change.planned: change}.values())
    driven: list[LaneChange] = []
    for one in sorted(known.values(), key=lambda change: change.planned.begin):
        before = [other for other in driven if other.side == one.side]
        driven.append(one if _undoes(one, known.values()) else _go_on(situation, one, before, known.values()))
    waiting = (one for one in driven if one.driven is None)
    return tuple(driven), tuple(wish for one in waiting for wish in _wait(situation, one, driven))


def speed_in_time(changes: Iterable[LaneChange], s: float) -> float:
    """The speed (m/s) at `s` that leaves time for all changes still to be made in the room that there is."""
    left = [one for one in changes if one.back is None and (one.driven is None or one.driven.finish > s)]
    if len(left) < 2 and all(one.driven is not None for one in left):
        return math.inf
    return min(max((one.room - s) / ((n + 1) * _ROOM_S), _SLOWEST) for n, one in enumerate(left))


def with_pressed(advice: Advice, changes: Iterable[LaneChange], s: float) -> Advice:
    """The advice; while the ego at `s` (m) presses into a lane it stays close behind others, lest the next fills in."""
    presses = any(one.pressed and one.driven is not None and one.driven.finish > s for one in changes)
    return replace(advice, closest=min(advice.closest, _PRESSED_M)) if presses else advice


def find_changes(scene: Scene) -> Iterator[LaneChange]:
    """The plan's changes between lanes of one direction in the known part of the route, as planned."""
    route, crossings = scene.route, scene.crossings
    borders = np.flatnonzero(np.diff(route.lane)).tolist()
    found = [(row, ramp) for row in borders if (ramp := _ramp_at(crossings, float(route.s[row + 1]))) is not None]
    for n, (row, ramp) in enumerate(found):
        side = float(np.sign(route.lane[row + 1] - route.lane[row]))
        kinds, offsets = (route.left, route.left_offset) if side < 0.0 else (route.right, route.right_offset)
        if kinds[row] == Neighbour.SAME:
            room = _room(route, row, side)
            returns = [later for at, later in found[n + 1 :] if _is_back(route, row, at, side)]
            back = returns[0] if returns and returns[0].finish < room else None
            yield LaneChange(side, float(offsets[row]), ramp, room, back, ramp)


def _ramp_at(crossings: Floats, place: float) -> Ramp | None:
    """Where the plan moves across at the border of two lanes."""
    here = crossings[(crossings[:, 0] < place + _BORDER_M) & (crossings[:, 1] > place - _BORDER_M)]
    if not len(here):
        return None
    begin, finish = here[np.abs(here.mean(axis=1) - place).argmin()].tolist()
    return Ramp(begin, finish - begin)


def _is_back(route: Route, row: int, later: int, side: float) -> bool:
    return bool((route.lane[later + 1] - route.lane[row]) * side <= 0)


def _room(route: Route, row: int, side: float) -> float:
    """Where the lane ends that the route leaves to a side behind a row, as far as it is known; at the next junction."""
    beyond = slice(row + 1, None)
    kinds = route.right if side < 0.0 else route.left
    beside = (route.lane[beyond] - route.lane[row]) * side > 0
    inside = route.in_junction[beyond]
    enters = inside & ~(route.in_junction[row] & np.logical_and.accumulate(inside))
    ended = np.flatnonzero((beside & (kinds[beyond] != Neighbour.SAME)) | enters)
    return float(route.s[beyond][ended[0]]) if len(ended) else float(route.s[-1])


def _begin(situation: Situation, change: LaneChange, known: Iterable[LaneChange]) -> LaneChange:
    """A change that is due: as planned, over a longer way where that would be too sharp, or not yet."""
    if _undoes(change, known):
        return change
    if _takers(situation, change, known).any():
        return replace(change, driven=None)
    hurried = change.planned.length < _CHANGE_S * situation.scene.ego.speed
    return _from_here(situation, change) if hurried else change


def _undoes(change: LaneChange, known: Iterable[LaneChange]) -> bool:
    """Whether it leads back into a lane that the ego never left."""
    return any(one.back == change.planned and one.driven in (None, one.back) for one in known)


def _go_on(
    situation: Situation, change: LaneChange, before: Sequence[LaneChange], known: Iterable[LaneChange]
) -> LaneChange:
    """Back while hardly begun when somebody comes; off when there is a gap, or nobody makes one.

    `before`: those to the same side that come first, without which it would lead into the lane of one of them.
    """
    ego, memory = situation.scene.ego, situation.memory
    if any(one.driven is None for one in before):
        return replace(change, driven=None)
    last = max((one.driven.finish for one in before if one.driven is not None), default=-math.inf)
    if change.driven is not None:
        gone = float(change.driven.share(np.array([ego.s]))[0])
        may_give_up = not change.pressed and change.driven != change.back and change in memory.changes
        gives_up = may_give_up and gone < _BACK_SHARE and _takers(situation, change, known).any()
        return replace(change, driven=None) if gives_up else change
    if change.back is not None and ego.s > change.back.begin - _NEAR_M:
        return replace(change, driven=change.back)
    takers = _takers(situation, change, known)
    if takers.any() and not _presses(situation, change, known, takers):
        return change
    return replace(_from_here(situation, change, last), pressed=bool(takers.any()))


def _presses(situation: Situation, change: LaneChange, known: Iterable[LaneChange], takers: Bools) -> bool:
    """Whether the ego has waited long enough to go before those who take (n,) the lane: slow ones, those who can stop,
    at last anybody.
    """
    waited_s = situation.memory.slow_s
    if waited_s < _PATIENCE_S:
        return False
    is_slow = bool((situation.spans.along[takers] < _PRESSED_SPEED).all())
    return is_slow or waited_s > _LAST_PATIENCE_S or not _takers(situation, change, known, urgent=True).any()


def _from_here(situation: Situation, change: LaneChange, last: float = -math.inf) -> LaneChange:
    """The change from where the ego is, or from where one before it ends at the `last` (m), as long as its speed asks
    for and the room allows; one that is not late takes as long as planned at least.
    """
    ego = situation.scene.ego
    begin = max(ego.s, change.planned.begin, min(last, change.room - _SHORTEST_M))
    shortest = _SHORTEST_M if begin > change.planned.begin else max(_SHORTEST_M, change.planned.length)
    length = min(max(_CHANGE_S * ego.speed, shortest), _LONGEST_M, max(change.room - begin, _SHORTEST_M))
    return replace(change, driven=Ramp(begin, length))


def _takers(situation: Situation, change: LaneChange, known: Iterable[LaneChange], urgent: bool = False) -> Bools:
    """Which actors (n,) are in the lane that the ego changes to, or come there; `known`: all changes, with this one."""
    spans = situation.spans
    # Beside each actor: the route itself moves across, in other changes too.
    s = np.where(spans.near, spans.s, situation.scene.ego.s)
    lanes = [(one.side * one.width, one.planned) for one in known]
    due = [float(ramp.begin <= change.planned.begin) for _, ramp in lanes]
    moves = [width * (is_due - ramp.share(s)) for (width, ramp), is_due in zip(lanes, due, strict=True)]
    return blockers(situation, np.sum(moves, axis=0), urgent)


def _wait(situation: Situation, change: LaneChange, known: Iterable[LaneChange]) -> Iterator[Decision]:
    """Fall behind those beside, and stop where the lane ends."""
    ego, spans, actors = situation.scene.ego, situation.spans, situation.actors
    is_near = change.planned.begin - ego.s < _NEAR_M + _NEAR_S * ego.speed
    rows = np.flatnonzero(_takers(situation, change, known) & is_near)
    for row in rows[spans.last[rows] > situation.rear].tolist():
        speed = max(float(spans.along[row]) - _FALL_BACK, _SLOWEST)
        yield Decision(speed, "waiting for a free lane", int(actors.id[row]), float(spans.first[row]) - situation.front)
    if change.back is None:
        left = change.room - _SHORTEST_M - situation.front
        speed = follow_speed(situation.free_speed, ego.speed, max(left, 0.0) + _STOP_GAP.standstill, _STOP_GAP)
        yield Decision(speed if left > 0.3 else 0.0, "waiting for a free lane", distance=left)
