"""Into and out of streams of vehicles: highway exits, slow queues, parking places."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Note
from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation
from lead.expert.strategies.streams import stream_speed

_STREAMS = ("EnterActorFlow", "EnterActorFlowV2", "HighwayExit", "InterurbanAdvancedActorFlow")


def merge(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Mind those in the other lane, beside and behind, and drive as fast as a stream that is entered."""
    if not fact.is_triggered:
        return Advice(), note
    return Advice(merges=True, at_least=stream_speed(situation, fact) if fact.type in _STREAMS else 0.0), note


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
