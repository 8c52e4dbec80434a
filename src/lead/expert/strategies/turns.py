"""Turns across or into streams of vehicles that do not stop."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation
from lead.expert.strategies.streams import stream_speed

_UNHURRIED = (
    "CrossingBicycleFlow",
    "OppositeVehicleRunningRedLight",
    "OppositeVehicleTakingPriority",
    "NormalVehicleRunningRedLight",
    "NormalVehicleTakingPriority",
)


def give_way(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Others go first, whatever the lights say; gaps in a stream are used briskly, and as fast as the stream is."""
    if not fact.is_triggered:
        return Advice(), note
    return Advice(yields=True, at_least=0.0 if fact.type in _UNHURRIED else stream_speed(situation, fact)), note


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
