"""Turns across or into streams of vehicles that do not stop."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation
from lead.expert.strategies.streams import stream_speed

_PAST = "past"
_LEFT_M, _NEAR_M, _MOVING = 15.0, 60.0, 0.5
_UNHURRIED = (
    "CrossingBicycleFlow",
    "OppositeVehicleRunningRedLight",
    "OppositeVehicleTakingPriority",
    "NormalVehicleRunningRedLight",
    "NormalVehicleTakingPriority",
)


def give_way(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Others go first at the next junction, whatever the lights say; gaps in a stream are used briskly, and as fast as
    the stream is, as long as it is there.
    """
    if not fact.is_triggered:
        return Advice(), note
    note = replace(note, first=min(note.first, situation.scene.ego.s))
    is_past = note.phase == _PAST or _is_past(situation, note.first)
    note = replace(note, phase=_PAST if is_past else note.phase)
    hurries = fact.type not in _UNHURRIED and not (is_past and _is_over(situation, fact))
    return Advice(yields=not is_past, at_least=stream_speed(situation, fact) if hurries else 0.0), note


def _is_past(situation: Situation, since: float) -> bool:
    """Whether the ego has left the junction that came first after a place (m along the route)."""
    route = situation.scene.route
    ahead = route.s >= since
    inside = route.in_junction[ahead]
    before = int(np.argmin(inside)) if since >= route.s[0] else 0  # the place may lie in another one
    begin = before + int(np.argmax(inside[before:]))
    end = begin + int(np.argmin(inside[begin:]))
    left = inside[begin] and not inside[end]
    return bool(left) and situation.rear > float(route.s[ahead][end]) + _LEFT_M


def _is_over(situation: Situation, fact: ScenarioFact) -> bool:
    """Whether nobody of a scenario drives near the ego."""
    actors = situation.actors.pick(situation.rows_of(fact.actors) & (situation.actors.speed > _MOVING))
    step = actors.centre[:, :2] - situation.scene.ego.position[:2]
    return not bool((np.hypot(step[:, 0], step[:, 1]) < _NEAR_M).any())


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    dict.fromkeys(
        (
            "SignalizedJunctionLeftTurn",
            "NonSignalizedJunctionLeftTurn",
            "SignalizedJunctionRightTurn",
            "NonSignalizedJunctionRightTurn",
            "SignalizedJunctionLeftTurnEnterFlow",
            "NonSignalizedJunctionLeftTurnEnterFlow",
            "InterurbanActorFlow",
            "CrossingBicycleFlow",
            "CrossJunctionDefectTrafficLight",
            "OppositeVehicleRunningRedLight",
            "OppositeVehicleTakingPriority",
            "NormalVehicleRunningRedLight",
            "NormalVehicleTakingPriority",
        ),
        give_way,
    )
)
