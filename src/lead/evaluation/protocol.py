"""The evaluation protocols that scores are comparable under, by name and version."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lead.evaluation.scoring import Rule


class ProtocolError(ValueError):
    """An unknown protocol; the message is one sentence."""


@dataclass(frozen=True)
class Protocol:
    """The rules of an evaluation; two scores under one name and version mean the same."""

    name: str
    """Name and version, as users give it."""
    rule: Rule
    """How infractions become the penalty."""
    blocked_after_s: float = 180.0
    """Seconds of standing still after which the agent is blocked."""
    min_speed_checkpoints: int = 4
    """Stretches of equal length in which the speed is compared with the traffic's."""
    min_speed_counts: bool = True
    """Whether slow stretches lower the score; where not, fast stretches are recorded too, as a measurement."""
    max_ticks: int | None = None
    """Ticks after which a route is stopped, if there is such a limit."""
    plan_spacing_m: float = 200.0
    """Largest distance between the points of the plan that the agent gets."""
    named_records: bool = False
    """Whether records carry `scenario_name`, `weather_id`, `save_name` and `town_name`."""


PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            Protocol("leaderboard@2.0", Rule.PRODUCT),
            Protocol("leaderboard@2.1", Rule.HARMONIC),
            Protocol("longest6@2", Rule.PRODUCT),
            Protocol("town13", Rule.PRODUCT),
            Protocol("fail2drive", Rule.PRODUCT),
            Protocol(
                "bench2drive@0.0.3",
                Rule.PRODUCT,
                blocked_after_s=60.0,
                min_speed_checkpoints=20,
                min_speed_counts=False,
                max_ticks=4000,
                plan_spacing_m=50.0,
                named_records=True,
            ),
        )
    }
)


def find_protocol(name: str) -> Protocol:
    """The protocol of a name; ProtocolError, with the nearest name, when there is none."""
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    near = difflib.get_close_matches(name, PROTOCOLS, n=1, cutoff=0.4)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise ProtocolError(f"there is no protocol {name!r}{hint}; known are {', '.join(PROTOCOLS)}")
