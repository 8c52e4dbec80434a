"""The leaderboard's own numbers: driving score, route completion, infraction penalty, infractions per kilometre."""

from collections.abc import Callable, Sequence

from lead.evaluation.infractions import Infraction, metres_in
from lead.evaluation.metrics.base import DrivenRoute, Metric, mean_of

#: Kinds that are counted per driven kilometre, and how they are called.
COUNTED = {
    Infraction.COLLISION_PEDESTRIAN: "collisions with pedestrians",
    Infraction.COLLISION_VEHICLE: "collisions with vehicles",
    Infraction.COLLISION_LAYOUT: "collisions with layout",
    Infraction.RED_LIGHT: "red lights",
    Infraction.STOP_SIGN: "stop signs",
    Infraction.ROUTE_DEVIATION: "route deviations",
    Infraction.ROUTE_TIMEOUT: "route timeouts",
    Infraction.BLOCKED: "agent blocked",
    Infraction.YIELD_TO_EMERGENCY_VEHICLE: "failures to yield",
    Infraction.SCENARIO_TIMEOUT: "scenario timeouts",
}


def driven_metres(route: DrivenRoute) -> float:
    """Metres driven along the route."""
    return route.record.route_length * route.record.score_route / 100.0


def _per_km(kind: Infraction) -> Callable[[DrivenRoute], Sequence[float]]:
    return lambda route: (route.count(kind), driven_metres(route) / 1000.0)


def _outside(route: DrivenRoute) -> Sequence[float]:
    messages = route.record.infractions[Infraction.OUTSIDE_LANES.value]
    return 100.0 * sum(map(metres_in, messages)), driven_metres(route)


SCORES = (
    Metric("driving_score", "driving score", "%", mean_of(lambda route: route.record.score_composed)),
    Metric("route_completion", "route completion", "%", mean_of(lambda route: route.record.score_route)),
    Metric("infraction_penalty", "infraction penalty", "", mean_of(lambda route: route.record.score_penalty)),
)
RATES = (
    *(
        Metric(f"{kind.value}_per_km", label, "/km", _per_km(kind), higher_is_better=False)
        for kind, label in COUNTED.items()
    ),
    Metric("outside_lanes_share", "driven outside the lanes", "%", _outside, higher_is_better=False),
)
