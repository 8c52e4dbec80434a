"""Turns across or into streams of vehicles that do not stop."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation


def give_way(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Others go first, whatever the lights say."""
    del situation
    return Advice(yields=fact.is_triggered), note


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
