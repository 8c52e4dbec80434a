"""Let an emergency vehicle pass that comes from behind."""

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.intent import intended_side
from lead.expert.path import Shift
from lead.expert.scene import Neighbour
from lead.expert.situation import Situation
from lead.expert.strategies.blockage import lane_is_free

_HEARD_M = 130.0
_PAST_M = 8.0
_RAMP_M = 22.0
_SPEED = 11.0


def give_way(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Change to a neighbouring lane, stay there until the vehicle is ahead, then come back."""
    actors, ego = situation.actors, situation.scene.ego
    rows = np.flatnonzero(situation.rows_of(fact.actors) & actors.is_emergency)
    ahead = _ahead(situation, int(rows[0])) if len(rows) else math.inf
    comes = ahead < _PAST_M
    if note.phase == "approach":
        near = comes and ahead > -_HEARD_M and actors.speed[rows[0]] > 3.0
        offset = _free_lane(situation) if near else None
        if offset is None:
            return Advice(), note
        shift = Shift(fact.name, ego.s + _RAMP_M, ego.s + 3.0 * _RAMP_M, offset, _RAMP_M, _RAMP_M)
        return Advice(shifts=(shift,), merges=True), replace(note, phase="aside")
    mine = [shift for shift in situation.memory.shifts if shift.key == fact.name]
    if note.phase == "done" or not mine or ego.s > mine[0].finish:
        return Advice(), replace(note, phase="done")
    if not comes:
        return Advice(shifts=(mine[0],), merges=True), note
    shift = replace(mine[0], end=max(mine[0].end, ego.s + 25.0))
    wish = Decision(_SPEED, "letting an emergency vehicle pass", int(actors.id[rows[0]]))
    return Advice(shifts=(shift,), wishes=(wish,), merges=True), note


def _ahead(situation: Situation, row: int) -> float:
    """How far (m) an actor's middle is ahead of the ego."""
    ego = situation.scene.ego
    step = situation.actors.centre[row, :2] - ego.position[:2]
    return float(step[0] * math.cos(ego.yaw) + step[1] * math.sin(ego.yaw))


def _free_lane(situation: Situation) -> float | None:
    """The offset of a neighbouring lane of the same direction that is free, first where the route goes on to."""
    place = situation.scene.ego.s + _RAMP_M
    intended = intended_side(situation.scene) if situation.config.intent else 0.0
    first = intended or -1.0
    for side in (first, -first):
        kind, offset = situation.neighbour(place, side)
        if kind == Neighbour.SAME and lane_is_free(situation, offset):
            return offset
    return None


STRATEGIES: Mapping[str, Strategy] = MappingProxyType({"YieldToEmergencyVehicle": give_way})
