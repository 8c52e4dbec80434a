"""The leaderboard's scores as pure functions: penalty of a route, composed score, means over routes, normalised score.

Version 2.0 multiplies a factor per event; version 2.1 divides by one plus the sum of the events' coefficients.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from lead.evaluation.infractions import Infraction, Tally


class Rule(str, Enum):
    """How the infractions of a route become one penalty."""

    PRODUCT = "2.0"
    HARMONIC = "2.1"


#: Leaderboard 2.0: what every event multiplies the penalty with.
FACTORS: Mapping[Infraction, float] = MappingProxyType(
    {
        Infraction.COLLISION_PEDESTRIAN: 0.50,
        Infraction.COLLISION_VEHICLE: 0.60,
        Infraction.COLLISION_LAYOUT: 0.65,
        Infraction.RED_LIGHT: 0.70,
        Infraction.STOP_SIGN: 0.80,
        Infraction.SCENARIO_TIMEOUT: 0.70,
        Infraction.YIELD_TO_EMERGENCY_VEHICLE: 0.70,
    }
)
MIN_SPEED_FACTOR = 0.70

#: Leaderboard 2.1: what every event adds to the divisor.
COEFFICIENTS: Mapping[Infraction, float] = MappingProxyType(
    {
        Infraction.COLLISION_PEDESTRIAN: 1.0,
        Infraction.COLLISION_VEHICLE: 0.70,
        Infraction.COLLISION_LAYOUT: 0.60,
        Infraction.RED_LIGHT: 0.40,
        Infraction.STOP_SIGN: 0.25,
        Infraction.SCENARIO_TIMEOUT: 0.40,
        Infraction.YIELD_TO_EMERGENCY_VEHICLE: 0.40,
    }
)
MIN_SPEED_COEFFICIENT = 0.40


@dataclass(frozen=True)
class Scores:
    """Route completion (percent), penalty (0 to 1) and their product (percent)."""

    route: float
    penalty: float

    @property
    def composed(self) -> float:
        """The driving score of the route, 0 to 100."""
        return max(self.route * self.penalty, 0.0)


def penalty(tally: Tally, rule: Rule, min_speed_counts: bool) -> float:
    """The penalty of a route, 1 without infractions, never below 0."""
    inside = max(1.0 - tally.outside_percent / 100.0, 0.0)
    shortfalls = [max(1.0 - percent / 100.0, 0.0) for percent in tally.min_speed_percents if min_speed_counts]
    if rule is Rule.PRODUCT:
        slow = math.prod(1.0 - (1.0 - MIN_SPEED_FACTOR) * shortfall for shortfall in shortfalls)
        return inside * slow * math.prod(factor ** tally.count(kind) for kind, factor in FACTORS.items())
    burden = sum(weight * tally.count(kind) for kind, weight in COEFFICIENTS.items())
    burden += MIN_SPEED_COEFFICIENT * sum(shortfalls)
    return inside / (1.0 + burden)


def normalised_score(route_percent: float, driven_km: float, tally: Tally, min_speed_counts: bool = True) -> float:
    """The normalised driving score of long routes: each event's factor of 2.0 to the power of events per km.

    Minimum speed and the share outside the lanes are not normalised.
    """
    per_km = 1.0 / max(driven_km, 0.001)
    events = math.prod(factor ** (tally.count(kind) * per_km) for kind, factor in FACTORS.items())
    shares = Tally(outside_percent=tally.outside_percent, min_speed_percents=tally.min_speed_percents)
    return route_percent * events * penalty(shares, Rule.PRODUCT, min_speed_counts)


def mean(values: Sequence[float], total: int) -> float:
    """Mean over `total` routes, of which those without a value count 0."""
    return sum(values) / total if total else 0.0


def deviation(values: Sequence[float], total: int) -> float:
    """Standard deviation of a sample about `mean`; 0 for a single route."""
    if total < 2:
        return 0.0
    centre = mean(values, total)
    return math.sqrt(sum((value - centre) ** 2 for value in values) / (total - 1))


def driven_km(length_m: Sequence[float], route_percents: Sequence[float]) -> float:
    """Kilometres driven along routes, never below one metre."""
    metres = sum(length * percent / 100.0 for length, percent in zip(length_m, route_percents, strict=True))
    return max(metres / 1000.0, 0.001)
