"""Cars that wait for each other in a junction: the ego drives round them, and backs off first where it is too close."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.corridor import Corridor
from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.path import Shift
from lead.expert.scene import Bools, Floats
from lead.expert.situation import Situation, footprints_along
from lead.expert.strategies.queues import is_held_by_light
from lead.geometry import footprint, footprints_overlap
from lead.kinds import Kind

TYPE = "Gridlock"
_WAITED_S, _STANDING_S, _STANDING = 20.0, 10.0, 0.1
_ACROSS = math.radians(30.0)
_NEXT_M = 12.0
_SIDES_M = np.arange(0.5, 4.1, 0.5)
_RAMPS_M, _BACK_RAMP_M, _BEYOND_M = (12.0, 10.0, 9.0, 8.0, 7.0, 6.0), 12.0, 1.0
_STEP_M, _MARGIN_M, _CLOSE_BY_M, _SHARPEST = 0.5, 0.25, 0.05, 0.2  # the last: 1/m of curvature
_SPEED, _BACKWARDS = 3.0, -1.5
_BACK_M, _BACK_S, _CLOSE_M, _ROOM_M = 4.0, 6.0, 1.2, 2.5
_LOOK_S = 1.0


def gridlocks(situation: Situation) -> Iterator[ScenarioFact]:
    """The crossing vehicle that has long stood in the ego's way in a junction, and one that it is busy with."""
    notes = situation.memory.notes
    busy = [name for name, note in notes.items() if name.startswith(TYPE) and note.phase in ("passing", "backing")]
    if busy:
        yield from (ScenarioFact(name, TYPE, True) for name in busy)
        return
    rows = _blockers(situation)
    if rows.any():
        first = int(np.flatnonzero(rows)[situation.spans.first[rows].argmin()])
        actor = int(situation.actors.id[first])
        yield ScenarioFact(f"{TYPE} {actor}", TYPE, True, (actor,))


def go_round(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Round who stands in the way, if there is room; if not, back off once, and look again every second."""
    if note.phase == "passing":
        return _pass(situation, fact, note)
    if note.phase == "backing":
        return _back_off(situation, note)
    now = situation.scene.time_s
    if note.phase == "done" or now - note.since < _LOOK_S:
        return Advice(), note
    note = replace(note, since=now)
    shift = find_way_round(situation, fact)
    if shift is not None:
        return _going(shift), replace(note, phase="passing")
    if not math.isfinite(note.first) and _room_behind(situation) > _ROOM_M:
        return _back_off(situation, replace(note, phase="backing", first=situation.scene.ego.s))
    return Advice(), note


def find_way_round(situation: Situation, fact: ScenarioFact) -> Shift | None:
    """The smallest shift of the way past all who stand that the ego can steer from where it is."""
    ego, spans = situation.scene.ego, situation.spans
    last = float(spans.last[situation.rows_of(fact.actors)].max(initial=ego.s))
    others = _outlines(situation, _standing(situation))
    for side in _SIDES_M.tolist():
        for offset in (side, -side):
            for ramp in _RAMPS_M:
                end = max(last + _BEYOND_M + ego.rear, ego.s + ramp)
                shift = Shift(fact.name, ego.s + ramp, end, offset, ramp, _BACK_RAMP_M)
                way, places = _way(situation, (shift,)), np.arange(ego.s + _STEP_M, shift.finish, _STEP_M)
                if _can_steer(way, places) and not _touched(situation, way, places, others, _MARGIN_M).any():
                    return shift
    return None


def _way(situation: Situation, more: tuple[Shift, ...] = ()) -> Corridor:
    """The way as it is driven now, with some more shifts."""
    memory, route = situation.memory, situation.scene.route
    return Corridor.along(route, replace(memory, shifts=(*memory.shifts, *more)).way_offset(route.s))


def _can_steer(corridor: Corridor, places: Floats) -> bool:
    return bool(np.abs(np.diff(corridor.yaw_at(places))).max(initial=0.0) < _SHARPEST * _STEP_M)


def _standing(situation: Situation) -> Bools:
    """Who (n,) stands near the lane."""
    return situation.spans.near & (situation.actors.speed < _STANDING)


def _outlines(situation: Situation, rows: Bools) -> Floats:
    """The corners (k, 4, 2) of some actors (n,)."""
    actors = situation.actors
    return footprint(actors.centre[rows, :2], actors.yaw[rows], actors.extent[rows, :2])


def _touched(situation: Situation, way: Corridor, places: Floats, others: Floats, margin: float) -> Bools:
    """Which of others (k, 4, 2) the ego, `margin` (m) larger, would touch at places along a way."""
    own = footprints_along(situation, way, places, margin)
    return np.asarray(footprints_overlap(own[:, None], others[None]).any(axis=0))


def _going(shift: Shift) -> Advice:
    return Advice(shifts=(shift,), wishes=(Decision(_SPEED, "going round a gridlock"),))


def _pass(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    mine = [shift for shift in situation.memory.shifts if shift.key == fact.name]
    if not mine or situation.scene.ego.s > mine[0].finish:
        return Advice(), replace(note, phase="done")
    return _going(mine[0]), note


def _back_off(situation: Situation, note: Note) -> tuple[Advice, Note]:
    scene = situation.scene
    done = scene.ego.s < note.first - _BACK_M or scene.time_s - note.since > _BACK_S
    if done or _room_behind(situation) < _CLOSE_M:
        return Advice(), replace(note, phase="approach", since=scene.time_s)
    return Advice(wishes=(Decision(_BACKWARDS, "backing off"),)), note


def _blockers(situation: Situation) -> Bools:
    """Vehicles (n,) that have long stood across the ego's way close ahead, while it has waited, before no light."""
    spans, actors, ego = situation.spans, situation.actors, situation.scene.ego
    if situation.memory.slow_s <= _WAITED_S or is_held_by_light(situation) or not _is_at_junction(situation):
        return np.zeros(len(actors), dtype=bool)
    rows = _standing(situation) & (actors.kind == Kind.VEHICLE) & (actors.standing_s > _STANDING_S)
    rows &= np.abs(spans.turn) > _ACROSS
    places = np.arange(ego.s + _STEP_M, ego.s + _NEXT_M, _STEP_M)
    rows[rows] = _touched(situation, _way(situation), places, _outlines(situation, rows), _CLOSE_BY_M)
    return rows


def _is_at_junction(situation: Situation) -> bool:
    route = situation.scene.route
    near = (route.s > situation.scene.ego.s) & (route.s < situation.front + _NEXT_M)
    return bool(route.in_junction[near].any())


def _room_behind(situation: Situation) -> float:
    """Metres behind the ego that nobody is in."""
    spans = situation.spans
    behind = spans.within(situation.scene.ego.half_width + _MARGIN_M) & (spans.first < situation.rear)
    return float((situation.rear - spans.last)[behind].min(initial=math.inf))


STRATEGIES: Mapping[str, Strategy] = MappingProxyType({TYPE: go_round})
