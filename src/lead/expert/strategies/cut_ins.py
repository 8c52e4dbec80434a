"""Let those in who pull out in front of the ego."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation

_AHEAD_M = 30.0
_IN_FLOW = 5.0
_PULLING_OUT = 0.3  # speed across the lane (m/s)


def let_in(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Brake for a vehicle of the scenario ahead that moves slowly towards the lane."""
    spans, ego, actors = situation.spans, situation.scene.ego, situation.actors
    rows = situation.rows_of(fact.actors) & spans.near & (spans.last > situation.front)
    rows &= spans.first < situation.front + _AHEAD_M
    centre = (spans.left + spans.right) / 2.0
    comes = np.where(centre > 0.0, spans.across < -_PULLING_OUT, spans.across > _PULLING_OUT)
    outside = np.abs(centre) > 0.8
    slow = (actors.speed > 0.5) & (actors.speed < _IN_FLOW)
    for row in np.flatnonzero(rows & comes & outside & slow):
        gap = float(spans.first[row]) - situation.front
        speed = 0.0 if gap < 2.0 * ego.speed else min(ego.speed, float(actors.speed[row]))
        return Advice(wishes=(Decision(speed, "letting vehicle in", int(actors.id[row]), gap),)), note
    return Advice(), note


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    dict.fromkeys(("ParkingCutIn", "StaticCutIn", "HighwayCutIn"), let_in)
)
