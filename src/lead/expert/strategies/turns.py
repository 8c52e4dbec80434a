"""Turns across or into streams of vehicles that do not stop."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation

_BRISK_SPEED = 40.0 / 3.6
_UNHURRIED = ("CrossingBicycleFlow", "OppositeVehicleRunningRedLight", "OppositeVehicleTakingPriority")


def give_way(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Others go first, whatever the lights say; gaps in a stream are used briskly, and as fast as the stream is."""
    if not fact.is_triggered:
        return Advice(), note
    return Advice(yields=True, at_least=0.0 if fact.type in _UNHURRIED else stream_speed(situation, fact)), note


def stream_speed(situation: Situation, fact: ScenarioFact) -> float:
    """How fast (m/s) to drive in a scenario's stream of vehicles, as far as it can be seen."""
    speeds = situation.actors.speed[situation.rows_of(fact.actors)]
    return float(np.clip(speeds.max(initial=0.0), _BRISK_SPEED, situation.config.max_speed))


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
        ),
        give_way,
    )
)
