"""The record of a route, as the leaderboard's result files have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from lead.evaluation.infractions import Event, Infraction, tally_events
from lead.evaluation.protocol import Protocol
from lead.evaluation.scoring import Scores, penalty

_METRE_DIGITS = 3
_SCORE_DIGITS = 6


class RouteStatus(str, Enum):
    """How a route ended, in the leaderboard's words."""

    PERFECT = "Perfect"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TIMED_OUT = "Failed - Agent timed out"
    DEVIATED = "Failed - Agent deviated from the route"
    BLOCKED = "Failed - Agent got blocked"
    NOT_SET_UP = "Failed - Agent couldn't be set up"
    SENSORS_INVALID = "Failed - Agent's sensors were invalid"
    AGENT_CRASHED = "Failed - Agent crashed"
    SIMULATION_CRASHED = "Failed - Simulation crashed"
    TICKS_EXCEEDED = "Failed - TickRuntime"


_ENDINGS: Mapping[Infraction, RouteStatus] = {
    Infraction.ROUTE_TIMEOUT: RouteStatus.TIMED_OUT,
    Infraction.ROUTE_DEVIATION: RouteStatus.DEVIATED,
    Infraction.BLOCKED: RouteStatus.BLOCKED,
}


@dataclass(frozen=True)
class Names:
    """What Bench2Drive's records carry besides: the names of scenario, weather, recording folder and town."""

    scenario_name: str
    weather_id: str | None
    save_name: str
    town_name: str


@dataclass(frozen=True)
class RouteRecord:
    """One driven route. Lengths in metres, durations in seconds, scores in percent but `score_penalty`, 0 to 1.

    `infractions`: messages by `Infraction` value, every kind present.
    """

    index: int
    route_id: str
    status: RouteStatus
    infractions: Mapping[str, tuple[str, ...]]
    score_route: float
    score_penalty: float
    score_composed: float
    route_length: float
    duration_game: float
    duration_system: float
    names: Names | None = None

    @property
    def num_infractions(self) -> int:
        """Number of infractions of all kinds."""
        return sum(len(messages) for messages in self.infractions.values())

    def to_json(self) -> dict[str, Any]:
        """The record in the official schema."""
        return {
            "index": self.index,
            "route_id": self.route_id,
            "status": self.status.value,
            "num_infractions": self.num_infractions,
            "infractions": {kind: list(messages) for kind, messages in self.infractions.items()},
            "scores": {
                "score_route": self.score_route,
                "score_penalty": self.score_penalty,
                "score_composed": self.score_composed,
            },
            "meta": {
                "route_length": self.route_length,
                "duration_game": self.duration_game,
                "duration_system": self.duration_system,
            },
            **({} if self.names is None else vars(self.names)),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RouteRecord":
        """The record that `to_json` wrote; KeyError, TypeError or ValueError when it is none."""
        named = "scenario_name" in data
        return cls(
            index=int(data["index"]),
            route_id=str(data["route_id"]),
            status=RouteStatus(data["status"]),
            infractions={kind.value: tuple(data["infractions"][kind.value]) for kind in Infraction},
            **{key: float(data["scores"][key]) for key in ("score_route", "score_penalty", "score_composed")},
            **{key: float(data["meta"][key]) for key in ("route_length", "duration_game", "duration_system")},
            names=Names(**{key: data[key] for key in Names.__dataclass_fields__}) if named else None,
        )


@dataclass(frozen=True)
class Drive:
    """What the drive of a route came to: percentage driven, infractions, length (m) and durations (s).

    `failure` is set when something other than an infraction ended it early.
    """

    completion: float = 0.0
    events: tuple[Event, ...] = ()
    route_length: float = 0.0
    duration_game: float = 0.0
    duration_system: float = 0.0
    failure: RouteStatus | None = None


@dataclass(frozen=True)
class RouteKey:
    """Which route of the evaluation: its position, its id in the route file, and the repetition."""

    index: int
    id: str
    repetition: int = 0
    names: Names | None = field(default=None, compare=False)

    @property
    def route_id(self) -> str:
        """The id that the leaderboard gives it."""
        return f"RouteScenario_{self.id}_rep{self.repetition}"


def make_record(key: RouteKey, drive: Drive, protocol: Protocol) -> RouteRecord:
    """Score a drive."""
    scores = Scores(drive.completion, penalty(tally_events(drive.events), protocol.rule, protocol.min_speed_counts))
    return RouteRecord(
        index=key.index,
        route_id=key.route_id,
        status=status_of(drive),
        infractions=messages_by_kind(drive.events),
        score_route=round(scores.route, _SCORE_DIGITS),
        score_penalty=round(scores.penalty, _SCORE_DIGITS),
        score_composed=round(scores.composed, _SCORE_DIGITS),
        route_length=round(drive.route_length, _METRE_DIGITS),
        duration_game=round(drive.duration_game, _METRE_DIGITS),
        duration_system=round(drive.duration_system, _METRE_DIGITS),
        names=key.names if protocol.named_records else None,
    )


def status_of(drive: Drive) -> RouteStatus:
    """The status of a drive; arrival beats everything, a crash every infraction."""
    if drive.completion >= 100.0:
        return RouteStatus.COMPLETED if drive.events else RouteStatus.PERFECT
    if drive.failure is not None:
        return drive.failure
    ends = (_ENDINGS[event.kind] for event in drive.events if event.kind in _ENDINGS)
    return next(ends, RouteStatus.FAILED)


def messages_by_kind(events: Iterable[Event]) -> dict[str, tuple[str, ...]]:
    """Messages of every kind, by its key, in the official order of keys."""
    events = list(events)
    return {kind.value: tuple(event.message for event in events if event.kind is kind) for kind in Infraction}
