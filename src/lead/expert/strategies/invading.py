"""Make room for those who come towards the ego and cut a bend."""

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.path import Shift
from lead.expert.scene import Neighbour
from lead.expert.situation import Situation

_RAMP_M, _BEFORE_M, _AFTER_M = 12.0, 15.0, 25.0
_EXTRA_M = 0.6
_OVER_THE_LINE_M, _ON_THE_VERGE_M = 0.2, 0.6


def make_room(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Keep to the right, as far as the others come over, from the first cone on until after the last."""
    rows = situation.rows_of(fact.actors) & situation.spans.near
    rows &= situation.spans.first > situation.rear - 20.0
    if rows.any():
        first, last = situation.spans.first[rows].min(), situation.spans.last[rows].max()
        note = replace(note, first=min(note.first, float(first)), last=max(note.last, float(last)))
    if not math.isfinite(note.first) or situation.rear > note.last + _AFTER_M + _RAMP_M:
        return Advice(), note
    offset = abs(fact.number("offset", 0.25)) + _EXTRA_M
    beside, _ = situation.neighbour(note.first, 1.0)
    over = _ON_THE_VERGE_M if beside in (Neighbour.VERGE, Neighbour.SAME) else _OVER_THE_LINE_M
    room = 0.5 * situation.lane_width(note.first) - situation.scene.ego.half_width + over
    end = min(note.last + _AFTER_M, _next_junction(situation, note.last) - _RAMP_M)
    shift = Shift(fact.name, note.first - _BEFORE_M, end, float(np.clip(offset, 0.0, max(room, 0.3))))
    return Advice(shifts=(replace(shift, ramp_in=_RAMP_M, ramp_out=_RAMP_M),)), note


def _next_junction(situation: Situation, s: float) -> float:
    """Where the first junction beyond a place begins (m along the route): at its corners there is no verge."""
    route = situation.scene.route
    return float(route.s[route.in_junction & (route.s > s)].min(initial=math.inf))


STRATEGIES: Mapping[str, Strategy] = MappingProxyType({"InvadingTurn": make_room})
