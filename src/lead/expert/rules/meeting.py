"""Give way to those whose forecast meets the ego's."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lead.control import Gap, follow_speed
from lead.expert.advice import Advice
from lead.expert.corridor import spans_on
from lead.expert.decision import Decision
from lead.expert.meetings import Meetings, find_meetings
from lead.expert.path import Shift
from lead.expert.rules.leader import LONG_WAIT_S, gap_behind, is_in_a_hurry, name_of, sweeps_by
from lead.expert.rules.signals import next_light
from lead.expert.scene import Bools, Floats, LightState
from lead.expert.situation import Situation, Way
from lead.kinds import Kind

_GAP, _CLOSE_GAP = Gap(2.0, 0.25), Gap(0.5, 0.25)
YIELDING = "yielding to"
"""How the reasons of this rule begin where the ego gives way."""

_ALIGNED, _HEAD_ON = math.radians(40.0), math.radians(145.0)
_STOPPING = 4.5  # with which others are taken to brake for a red light (m/s2)
_TURN = math.radians(25.0)
_MOVING, _SETTING_OFF, _SIGN_M = 0.5, 5.0, 20.0
_SET_OFF_S = 25.0  # so long who sets off goes first at a stop sign: longer than the margins take to shrink
_MOUTH_M = 5.0  # so far outside a junction those who turn out of it are not in their lane yet
_WAITED_S, _EAGERNESS = 10.0, 0.7  # after so long of giving way, margins have shrunk by this share
_SLACK_S, _YIELDING_SLACK_S, _TIGHT_SLACK_S = 0.3, 0.6, 0.1
_GONE_BY_S = 0.5
_HARD_BRAKING = 7.0
_MARGIN, _TIGHT_MARGIN = 0.35, 0.05
_INSIDE_M, _HELD_M = 0.5, 2.5
_RUN_UP_S, _RUN_UP_M = 0.6, 8.0  # room to gain speed before fast traffic is crossed
_BEND_M, _TIGHT, _TIGHT_SHARE = 6.0, 6.0, 0.7
_STREAM_SPEED, _STREAM_S, _STREAM_APPROACH, _EASY_BRAKING = 6.0, 2.0, 4.0, 3.0
_ASIDE_M, _RETURN_M, _RETURN_SLOPE = 0.8, 3.0, 2.0


def heed_meetings(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Stop before the place where another comes across, and follow who comes in from the side."""
    yields = advice.yields or must_yield(situation, way)
    way = from_aside(situation, way)
    if advice.yields:
        free, way = way, _able_to_stop(situation, way)
        if way is not free:
            limit = float(way.limits[way.corridor.row(situation.scene.ego.s)])
            yield Decision(limit, "coming to a stream", distance=situation.memory.edge - situation.scene.ego.s)
    wanted = _candidates(situation, way, advice)
    if not wanted.any():
        return
    careful = 1.0 if situation.config.uncertainty else 0.6
    waited = min(situation.memory.yielding_s / _WAITED_S, 1.0)
    slack = careful * (_YIELDING_SLACK_S if yields else _SLACK_S) * (1.0 - _EAGERNESS * waited)
    slack += (_TIGHT_SLACK_S - slack) * _impatience(situation)
    horizon = (5.0 if yields else 3.0) - 1.5 * waited
    margin = careful * _MARGIN * (1.0 - _EAGERNESS * waited)
    commits = yields and is_crossing(situation)
    if commits:
        slack, margin = min(slack, _TIGHT_SLACK_S), _TIGHT_MARGIN
    if advice.yields and not situation.memory.yields and not commits:
        yield from _ease_up(situation, way, wanted, margin)
    # Who stands waits until others have gone by: they may brake when it starts.
    hurries = advice.is_brisk or (yields and is_in_a_hurry(situation, advice))
    waits = situation.scene.ego.speed < _MOVING and not hurries
    found = _meet(situation, way, wanted, slack, margin, _GONE_BY_S if waits else 0.0)
    soon = found.seconds < horizon
    # Who is on its way across must not stop there for what merely comes close.
    inside = soon & (_gaps(situation, found) < _INSIDE_M)
    hits = _meet(situation, way, inside, _TIGHT_SLACK_S, _TIGHT_MARGIN) if inside.any() else found
    protected = not yields and is_protected(situation)
    for row in np.flatnonzero(soon & ~(inside & ~np.isfinite(hits.seconds))).tolist():
        if commits and hurries and not _gives_up(situation, found, row):
            decision = _slip_in_behind(situation, found, row)
        else:
            decision = _react(situation, way, found, row, protected, yields, advice)
        if decision is not None:
            yield decision


def _impatience(situation: Situation) -> float:
    """From 0 to 1 while the ego waits longer than dense traffic should make it; then any gap has to do."""
    late = (situation.memory.yielding_s - LONG_WAIT_S) / LONG_WAIT_S
    return min(max(late, 0.0), 1.0)


def _ease_up(situation: Situation, way: Way, wanted: Bools, margin: float) -> Iterator[Decision]:
    """Come slowly to a stream of fast traffic: the next in it may be out of sight still."""
    fast = wanted & (situation.actors.speed > _STREAM_SPEED)
    if not fast.any():
        return
    found = _meet(situation, way, fast, _STREAM_S, margin)
    across = np.isfinite(found.seconds) & (np.abs(found.turn) > _ALIGNED)
    gaps = _gaps(situation, found)
    for row in np.flatnonzero(across).tolist():
        room = float(gaps[row]) - _run_up(float(situation.actors.speed[row]))
        if room > 0.0:
            speed = max(math.sqrt(2.0 * _EASY_BRAKING * room), _STREAM_APPROACH)
            yield Decision(speed, "coming to a stream", int(situation.actors.id[row]), float(gaps[row]))


def _able_to_stop(situation: Situation, way: Way) -> Way:
    """Before the place where way was given lately the next of a stream may come into sight: the way, driven so that the
    ego can stop before that place, but no slower than a bend there has to be driven.
    """
    ego, edge = situation.scene.ego, situation.memory.edge
    if not _INSIDE_M < edge - ego.s < math.inf:
        return way
    rows = slice(way.corridor.row(ego.s), way.corridor.row(edge + _BEND_M) + 1)
    slowest = float(way.limits[rows].min())
    slowest *= _TIGHT_SHARE if slowest < _TIGHT else 1.0
    room = edge - _INSIDE_M - way.corridor.s
    stoppable = np.sqrt(2.0 * situation.config.braking * np.maximum(room, 0.0))
    before = (room > 0.0) & (way.corridor.s >= ego.s)
    return way.within(np.where(before, np.minimum(way.limits, np.maximum(stoppable, slowest)), way.limits), ego)


def from_aside(situation: Situation, way: Way) -> Way:
    """The way as the ego will really drive it when it stands beside it, in a parking place for example."""
    ego = situation.scene.ego
    side = way.corridor.side_of(ego.position, ego.s)
    if abs(side) < _ASIDE_M:
        return way
    back = Shift("", -math.inf, ego.s, side, ramp_out=_RETURN_M + _RETURN_SLOPE * abs(side))
    corridor = way.corridor.moved(back.at(way.corridor.s))
    return replace(way, corridor=corridor, spans=spans_on(corridor, situation.actors))


def is_crossing(situation: Situation) -> bool:
    """Whether the ego has found its gap and is on its way: it must not think better of it."""
    route, ego, memory = situation.scene.route, situation.scene.ego, situation.memory
    inside = bool(route.in_junction[np.searchsorted(route.s, situation.front).clip(0, len(route.s) - 1)])
    return not memory.yields and (memory.yielding_s > 0.0 or (inside and ego.speed > _MOVING))


def _meet(
    situation: Situation, way: Way, wanted: Bools, slack_s: float, margin: float, behind_s: float = 0.0
) -> Meetings:
    ego, actors, forecast = situation.scene.ego, situation.actors, situation.forecast
    return find_meetings(way.corridor, ego, way.places, actors, forecast, wanted, slack_s, margin, behind_s)


def _gaps(situation: Situation, found: Meetings) -> Floats:
    """Metres (n,) that the ego's front can go on before it is in another's way."""
    ego = situation.scene.ego
    return found.entry - (situation.front - ego.half_width)


def must_yield(situation: Situation, way: Way) -> bool:
    """Whether the ego is about to turn, or comes from a stop sign: others go first."""
    ego, route = situation.scene.ego, situation.scene.route
    ahead = (route.s > ego.s - 3.0) & (route.s < ego.s + 35.0) & route.in_junction
    if not ahead.any():
        return False
    return _is_at_stop_sign(situation) or float(np.ptp(np.unwrap(route.yaw)[ahead])) > _TURN


def _is_at_stop_sign(situation: Situation) -> bool:
    return bool((np.abs(situation.scene.signals.stop_s - situation.scene.ego.s) < _SIGN_M).any())


def is_protected(situation: Situation) -> bool:
    """Whether the ego's light is green, so that those who come across have to stop."""
    index = next_light(situation)
    signals = situation.scene.signals
    if index is not None and signals.light_s[index] - situation.front < 30.0:
        return situation.light_states[index] == LightState.GREEN
    behind = signals.light_s[(signals.light_s < situation.front) & (signals.light_s > situation.front - 40.0)]
    return len(behind) > 0


def _candidates(situation: Situation, way: Way, advice: Advice) -> Bools:
    actors, spans, ego = situation.actors, way.spans, situation.scene.ego
    step = actors.centre[:, :2] - ego.position[:2]
    near = np.hypot(step[:, 0], step[:, 1]) < 90.0
    same_storey = np.abs(actors.centre[:, 2] - ego.position[2]) < 6.0
    moving = (actors.speed > _MOVING) & (actors.kind != Kind.WALKER)
    aligned = np.abs(spans.turn) < _ALIGNED
    in_way = spans.within(ego.half_width + 0.3)
    leads = in_way & aligned & (spans.first > situation.front - 1.0)
    if is_in_a_hurry(situation, advice):
        leads &= ~sweeps_by(situation, way)
    follows = spans.near & aligned & (spans.last < ego.s) & (in_way | (not advice.merges))
    return near & same_storey & moving & ~leads & ~follows & ~situation.rows_of(tuple(advice.ignored))


def _gives_up(situation: Situation, found: Meetings, row: int) -> bool:
    """Whether the ego, on its way into a gap, had better stop for one who comes after it: as long as it still can."""
    speed = situation.scene.ego.speed
    stopping = speed**2 / (2.0 * _HARD_BRAKING) + _INSIDE_M
    can_stop = speed < _MOVING or float(_gaps(situation, found)[row]) > stopping
    return can_stop and bool(found.seconds[row] <= found.their_seconds[row])


def _slip_in_behind(situation: Situation, found: Meetings, row: int) -> Decision | None:
    """Touch nobody who goes first; who comes after the ego has to be outrun."""
    if found.seconds[row] <= found.their_seconds[row]:
        return None
    ego, gap = situation.scene.ego, max(float(_gaps(situation, found)[row]), 0.0)
    speed = follow_speed(situation.free_speed, ego.speed, gap, _CLOSE_GAP)
    name = name_of(int(situation.actors.kind[row]))
    return Decision(speed, f"slipping in behind {name}", int(situation.actors.id[row]), gap)


def _react(
    situation: Situation, way: Way, found: Meetings, row: int, protected: bool, yields: bool, advice: Advice
) -> Decision | None:
    actors, spans, ego = situation.actors, way.spans, situation.scene.ego
    turn, kind = abs(float(found.turn[row])), int(actors.kind[row])
    actor, name = int(actors.id[row]), name_of(kind)
    gap = float(_gaps(situation, found)[row])
    if turn < _ALIGNED and spans.near[row] and (gap < _INSIDE_M or not yields):
        # Whoever is in another's lane already gets out of its way best by driving on.
        if spans.last[row] < situation.front - 1.0 and (gap < -_INSIDE_M or not advice.merges):
            return None
        between = max(float(spans.first[row]) - situation.front, 0.0)
        lead = max(float(actors.speed[row]) * math.cos(turn), 0.0)
        speed = follow_speed(situation.free_speed, ego.speed, between, gap_behind(kind, advice), lead)
        return Decision(speed, f"letting {name} in", actor, between)
    if protected and turn < _HEAD_ON and _can_stop(situation, found, row):
        return None
    if not found.at_front[row] and gap < 0.0:
        return None  # it would run into the rear: braking makes that worse
    run_up = _run_up(float(actors.speed[row])) if yields else _GAP.standstill
    if advice.yields and situation.memory.yields:
        # Where one lane has to be crossed before another, the ego waits before the first.
        gap = min(gap, max(situation.memory.edge - ego.s, _INSIDE_M))
    speed = follow_speed(situation.free_speed, ego.speed, max(gap, 0.0), replace(_GAP, standstill=run_up))
    # One who waits does not creep on, however small the margins have become.
    holds = ego.speed < _MOVING and (gap < run_up + _HELD_M - _GAP.standstill or _has_set_off(situation, found, row))
    holds |= gap < _INSIDE_M
    return Decision(0.0 if holds else speed, f"{YIELDING} {name}", actor, gap)


def _has_set_off(situation: Situation, found: Meetings, row: int) -> bool:
    """Whether somebody comes slowly into the junction before which the ego stands at a stop sign, or out of it towards
    the ego: which way he turns is not known.
    """
    route, memory = situation.scene.route, situation.memory
    places = np.array([situation.front, float(found.entry[row]) + _MOUTH_M])
    before, there = route.in_junction[np.searchsorted(route.s, places).clip(0, len(route.s) - 1)]
    slow = float(situation.actors.speed[row]) < _SETTING_OFF
    return bool(there and not before) and slow and memory.yielding_s < _SET_OFF_S and _is_at_stop_sign(situation)


def _run_up(speed: float) -> float:
    """Metres to stay away from the way of one who comes at a speed (m/s)."""
    return min(max(_RUN_UP_S * speed, _GAP.standstill), _RUN_UP_M)


def _can_stop(situation: Situation, found: Meetings, row: int) -> bool:
    speed = float(situation.actors.speed[row])
    return speed * float(found.their_seconds[row]) > speed**2 / (2.0 * _STOPPING) + 2.0
