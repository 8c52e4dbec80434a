"""What can go wrong on a route, by the names of CARLA's leaderboard, and the event that tells of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)%")
_METRES = re.compile(r"(\d+(?:\.\d+)?) meters")


class Infraction(str, Enum):
    """Kinds of infraction; the value is the key of a record's `infractions`, the order that of the official file."""

    COLLISION_LAYOUT = "collisions_layout"
    COLLISION_PEDESTRIAN = "collisions_pedestrian"
    COLLISION_VEHICLE = "collisions_vehicle"
    RED_LIGHT = "red_light"
    STOP_SIGN = "stop_infraction"
    OUTSIDE_LANES = "outside_route_lanes"
    MIN_SPEED = "min_speed_infractions"
    YIELD_TO_EMERGENCY_VEHICLE = "yield_emergency_vehicle_infractions"
    SCENARIO_TIMEOUT = "scenario_timeouts"
    ROUTE_DEVIATION = "route_dev"
    BLOCKED = "vehicle_blocked"
    ROUTE_TIMEOUT = "route_timeout"

    @property
    def ends_route(self) -> bool:
        """Whether the drive is over with this infraction."""
        return self in (Infraction.ROUTE_DEVIATION, Infraction.BLOCKED, Infraction.ROUTE_TIMEOUT)


@dataclass(frozen=True)
class Place:
    """Where the ego was: `step` ticks after the first of the route, at `location` (m), having driven so many metres."""

    step: int
    location: tuple[float, float, float]
    metres_travelled: float


@dataclass(frozen=True)
class Event:
    """An infraction that happened: its kind, game time (s), and the message that goes into the record.

    `percentage` is given by OUTSIDE_LANES (share of the driven metres) and MIN_SPEED (share of the traffic's speed).
    `place` is where the ego was when it was seen; criteria leave it to those who judge the drive.
    """

    kind: Infraction
    time_s: float
    message: str
    percentage: float | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Tally:
    """What scoring needs to know of a route's infractions.

    `counts` has the number of events of every kind that occurred, `outside_percent` the share of the driven metres
    outside the lanes, `min_speed_percents` the achieved percentage of each minimum speed event.
    """

    counts: Mapping[Infraction, int] = field(default_factory=dict)
    outside_percent: float = 0.0
    min_speed_percents: tuple[float, ...] = ()

    def count(self, kind: Infraction) -> int:
        """Number of events of a kind."""
        return self.counts.get(kind, 0)


def tally_events(events: Iterable[Event]) -> Tally:
    """Tally of the events of one route."""
    events = list(events)
    counts: dict[Infraction, int] = {}
    for event in events:
        counts[event.kind] = counts.get(event.kind, 0) + 1
    return Tally(
        counts=counts,
        outside_percent=sum(_percentages(events, Infraction.OUTSIDE_LANES)),
        min_speed_percents=tuple(_percentages(events, Infraction.MIN_SPEED)),
    )


def tally_messages(infractions: Mapping[str, Sequence[str]]) -> Tally:
    """Tally of a record's `infractions`, whose messages carry the percentages; raises ValueError for unknown keys."""
    kinds = {Infraction(key): messages for key, messages in infractions.items()}
    return Tally(
        counts={kind: len(messages) for kind, messages in kinds.items() if messages},
        outside_percent=sum(percentage_in(text) for text in kinds.get(Infraction.OUTSIDE_LANES, ())),
        min_speed_percents=tuple(percentage_in(text) for text in kinds.get(Infraction.MIN_SPEED, ())),
    )


def percentage_in(message: str) -> float:
    """The percentage that a message tells; ValueError when it tells none."""
    return _number(_PERCENTAGE, message, "percentage")


def metres_in(message: str) -> float:
    """The distance (m) that a message tells; ValueError when it tells none."""
    return _number(_METRES, message, "distance")


def at(location: Sequence[float]) -> str:
    """A place as messages name it: `(x=1.0, y=2.0, z=3.0)`."""
    x, y, z = (round(value, 3) for value in location)
    return f"(x={x}, y={y}, z={z})"


def _number(pattern: re.Pattern[str], message: str, what: str) -> float:
    match = pattern.search(message)
    if match is None:
        raise ValueError(f"the message {message!r} tells no {what}")
    return float(match.group(1))


def _percentages(events: Sequence[Event], kind: Infraction) -> list[float]:
    return [event.percentage for event in events if event.kind is kind and event.percentage is not None]
