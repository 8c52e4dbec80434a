"""Bench2Drive's success rate, efficiency and comfort."""

from collections.abc import Sequence

from lead.evaluation.infractions import Infraction, percentage_in
from lead.evaluation.metrics.base import DrivenRoute, Metric, mean_of

#: Percentages of the traffic's speed above this one say that the traffic stood still.
FASTEST_PERCENT = 1000.0


def succeeded(route: DrivenRoute) -> bool:
    """Whether the route was driven to its end without any infraction but slowness."""
    return route.completed and route.is_clean(Infraction.MIN_SPEED)


def _efficiency(route: DrivenRoute) -> Sequence[float]:
    percents = [percentage_in(text) for text in route.record.infractions[Infraction.MIN_SPEED.value]]
    kept = [percent for percent in percents if percent <= FASTEST_PERCENT]
    return (sum(kept) / len(kept), 1.0) if kept else (0.0, 0.0)


def _comfort(route: DrivenRoute) -> Sequence[float]:
    share = route.comfortable_share
    return (0.0, 0.0) if share is None else (100.0 * share, 1.0)


BENCH2DRIVE = (
    Metric("success_rate", "success rate", "%", mean_of(lambda route: 100.0 * succeeded(route))),
    Metric("efficiency", "driving efficiency", "%", _efficiency, needs="no route with speeds of the traffic"),
    Metric("comfort", "driving comfort", "%", _comfort, needs="no metric_info.json of any route"),
)
