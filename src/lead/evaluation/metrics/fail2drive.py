"""Fail2Drive: driving score, success rate and their harmonic mean, on the routes like the training and on the altered
ones, and what is lost between the two.

The official success rate does not ask whether the route was driven to its end; the one that does stands beside it.
"""

from collections.abc import Callable, Sequence

import numpy as np

from lead.evaluation.infractions import Infraction
from lead.evaluation.metrics.base import DrivenRoute, Floats, Metric, divide

#: Ids from this one on are the altered routes; the one below by this number is its counterpart.
FIRST_ALTERED = 1000

_PART_COUNT = 4  # driving score, official success, success with completion, routes
_LABELS = {"id": "in distribution", "gen": "generalisation"}

Combine = Callable[[Floats], Floats]


def is_altered(route: DrivenRoute) -> bool:
    """Whether it is a route of the generalisation set."""
    return route.id.isdecimal() and int(route.id) >= FIRST_ALTERED


def succeeded(route: DrivenRoute) -> bool:
    """The official success: no infraction but slowness and driving outside the lanes, completed or not."""
    return route.is_clean(Infraction.MIN_SPEED, Infraction.OUTSIDE_LANES)


def _parts(route: DrivenRoute) -> Sequence[float]:
    """The four parts of both sets, of which one is nought."""
    success = succeeded(route)
    own = [route.record.score_composed, 100.0 * success, 100.0 * (success and route.completed), 1.0]
    other = [0.0] * _PART_COUNT
    return [*other, *own] if is_altered(route) else [*own, *other]


def harmonic_mean(first: Floats, second: Floats) -> Floats:
    """2ab / (a + b); 0 where both are 0."""
    total = first + second
    return 2.0 * first * second / np.where(total == 0.0, 1.0, total)


def _driving_score(sums: Floats) -> Floats:
    return divide(sums[..., 0], sums[..., 3])


def _success_rate(sums: Floats) -> Floats:
    return divide(sums[..., 1], sums[..., 3])


def _completed_success_rate(sums: Floats) -> Floats:
    return divide(sums[..., 2], sums[..., 3])


def _harmonic_mean(sums: Floats) -> Floats:
    return harmonic_mean(_driving_score(sums), _success_rate(sums))


def _of_set(combine: Combine, altered: bool) -> Combine:
    return lambda sums: combine(sums[..., _PART_COUNT:] if altered else sums[..., :_PART_COUNT])


def _drop(combine: Combine) -> Combine:
    """How much of the value is lost on the altered routes, percent."""
    base, altered = _of_set(combine, False), _of_set(combine, True)
    return lambda sums: 100.0 * divide(base(sums) - altered(sums), base(sums))


_VALUES: Sequence[tuple[str, str, Combine]] = (
    ("driving_score", "driving score", _driving_score),
    ("success_rate", "success rate", _success_rate),
    ("harmonic_mean", "harmonic mean", _harmonic_mean),
    ("completed_success_rate", "success rate, completed", _completed_success_rate),
)

FAIL2DRIVE = (
    *(
        Metric(f"{key}_{name}", f"{_LABELS[key]}: {label}", "%", _parts, _of_set(combine, key == "gen"))
        for key in _LABELS
        for name, label, combine in _VALUES
    ),
    *(
        Metric(f"{name}_drop", f"relative drop: {label}", "%", _parts, _drop(combine), higher_is_better=False)
        for name, label, combine in _VALUES
    ),
)
