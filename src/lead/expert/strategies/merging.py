"""Into and out of streams of vehicles: highway exits, slow queues, parking places."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation


def merge(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Mind those in the other lane, beside and behind."""
    del situation
    return Advice(merges=fact.is_triggered), note


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    dict.fromkeys(
        (
            "HighwayExit",
            "MergerIntoSlowTraffic",
            "MergerIntoSlowTrafficV2",
            "InterurbanAdvancedActorFlow",
            "EnterActorFlow",
            "EnterActorFlowV2",
            "ParkingExit",
            "SequentialLaneChange",
        ),
        merge,
    )
)
