"""Metrics with intervals, and two runs side by side on the routes that both drove.

Routes are drawn with replacement, together with all their repetitions and with the routes that share their geometry.
For two runs the same routes are drawn for both, so that the interval of the difference knows of the pairs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lead.evaluation.metrics import METRICS, DrivenRoute, Metric
from lead.evaluation.protocol import Protocol, one_protocol
from lead.evaluation.result_files import ResultError, Run

Floats = NDArray[np.float64]

CONFIDENCE_PERCENT = 95.0
RESAMPLES = 4000


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its interval; nan where there is nothing to tell, as of the interval of one route."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class MetricComparison:
    """A metric of two runs on their common routes, and by how much the second is above the first."""

    metric: Metric
    first: Estimate
    second: Estimate
    difference: Estimate


@dataclass(frozen=True)
class RouteChange:
    """The mean driving score of a route in both runs, and how it ended in each."""

    route_id: str
    first: float
    second: float
    first_status: str
    second_status: str

    @property
    def change(self) -> float:
        """By how much the second is above the first."""
        return self.second - self.first


@dataclass(frozen=True)
class Comparison:
    """Two runs under one protocol. `changes`: all common routes, the largest change first."""

    protocol: Protocol
    first: str
    second: str
    common: int
    only_first: int
    only_second: int
    metrics: tuple[MetricComparison, ...]
    changes: tuple[RouteChange, ...]


def measure(
    protocol: Protocol, routes: Sequence[DrivenRoute], seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """All metrics of the protocol over `routes`, by name, with intervals; nan without routes."""
    if not routes:
        return {name: Estimate(np.nan, np.nan, np.nan) for name in protocol.metrics}
    shares = share_of_drives(protocol, routes)
    weights = resample(len(shares), seed, resamples)
    return {name: _interval(*_values(METRICS[name], routes, shares, weights)) for name in protocol.metrics}


def compare(first: Run, second: Run, seed: int = 0) -> Comparison:
    """Two runs on their common routes; ProtocolError for different protocols, ResultError without a common route."""
    protocol = one_protocol({first.name: first.protocol.name, second.name: second.protocol.name})
    ids = {route.id for route in first.routes}, {route.id for route in second.routes}
    common = ids[0] & ids[1]
    if not common:
        raise ResultError(f"{first.name} and {second.name} have no route in common")
    ours = [route for route in first.routes if route.id in common]
    theirs = [route for route in second.routes if route.id in common]
    return Comparison(
        protocol=protocol,
        first=first.name,
        second=second.name,
        common=len(common),
        only_first=len(ids[0] - common),
        only_second=len(ids[1] - common),
        metrics=_compare(protocol, ours, theirs, seed),
        changes=_changes(ours, theirs),
    )


def share_of_drives(protocol: Protocol, routes: Sequence[DrivenRoute]) -> Floats:
    """How much of each drive is in each unit that is drawn, (units, drives).

    A unit is all routes of one geometry, in the order of their names; the repetitions of a route share a weight of one.
    """
    repetitions = Counter(route.id for route in routes)
    unit_of = [protocol.geometry_of(route.id) for route in routes]
    rows = {unit: row for row, unit in enumerate(sorted(set(unit_of)))}
    shares = np.zeros((len(rows), len(routes)))
    for column, (route, unit) in enumerate(zip(routes, unit_of, strict=True)):
        shares[rows[unit], column] = 1.0 / repetitions[route.id]
    return shares


def resample(count: int, seed: int, resamples: int) -> Floats:
    """How often each of `count` units is drawn in each resample: (resamples, count); none of a single unit."""
    if count < 2:
        return np.zeros((0, count))
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), resamples).astype(np.float64)


def _values(metric: Metric, routes: Sequence[DrivenRoute], shares: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The metric over all units, and over each resample of them."""
    parts = shares @ np.array([metric.parts(route) for route in routes], dtype=np.float64)
    return metric.combine(parts.sum(axis=0)), metric.combine(weights @ parts)


def _compare(
    protocol: Protocol, first: Sequence[DrivenRoute], second: Sequence[DrivenRoute], seed: int
) -> tuple[MetricComparison, ...]:
    runs = [(routes, share_of_drives(protocol, routes)) for routes in (first, second)]
    weights = resample(len(runs[0][1]), seed, RESAMPLES)
    lines = []
    for metric in (METRICS[name] for name in protocol.metrics):
        (value, drawn), (other_value, other_drawn) = (_values(metric, *run, weights) for run in runs)
        difference = _interval(other_value - value, other_drawn - drawn)
        lines.append(MetricComparison(metric, _interval(value, drawn), _interval(other_value, other_drawn), difference))
    return tuple(lines)


def _interval(value: Floats, drawn: Floats) -> Estimate:
    """The percentile interval; nan, like the value, where no resample has one."""
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(known) == 0:
        return Estimate(float(value), np.nan, np.nan)
    tail = (100.0 - CONFIDENCE_PERCENT) / 2.0
    low, high = np.percentile(known, [tail, 100.0 - tail])
    return Estimate(float(value), float(low), float(high))


def _changes(first: Sequence[DrivenRoute], second: Sequence[DrivenRoute]) -> tuple[RouteChange, ...]:
    ours, theirs = _by_id(first), _by_id(second)
    changes = [
        RouteChange(route_id, _score(ours[route_id]), _score(group), _ending(ours[route_id]), _ending(group))
        for route_id, group in theirs.items()
    ]
    return tuple(sorted(changes, key=lambda change: -abs(change.change)))


def _by_id(routes: Sequence[DrivenRoute]) -> dict[str, list[DrivenRoute]]:
    drives: dict[str, list[DrivenRoute]] = {}
    for route in routes:
        drives.setdefault(route.id, []).append(route)
    return drives


def _score(routes: Sequence[DrivenRoute]) -> float:
    return float(np.mean([route.record.score_composed for route in routes]))


def _ending(routes: Sequence[DrivenRoute]) -> str:
    return ", ".join(dict.fromkeys(route.record.status.value for route in routes))
