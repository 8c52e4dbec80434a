"""What every metric is: parts of each route that are summed over routes, and a function of the sums.

Ratios of sums cover all metrics of the benchmarks, and make intervals cheap: a resampled set of routes is a vector of
weights, and its metric a function of one product.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lead.evaluation.infractions import Infraction
from lead.evaluation.records import RouteRecord, RouteStatus

Floats = NDArray[np.float64]

_ROUTE_ID = re.compile(r"RouteScenario_(?P<id>.+?)(_rep(?P<repetition>\d+))?")
_NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class DrivenRoute:
    """A record, and what of a drive no record has.

    `comfortable_share` (0 to 1) of the drive's segments of two seconds, None where the motion was not written.
    `junction_share` (0 to 1): the route completion at which the first junction counts as passed, None where unknown.
    """

    record: RouteRecord
    comfortable_share: float | None = None
    junction_share: float | None = None

    @property
    def id(self) -> str:
        """The id of the route in its route file, the same for all repetitions."""
        return plain_id(self.record.route_id)

    @property
    def scenario_type(self) -> str:
        """The type of the route's scenario, as far as the record names it; empty otherwise."""
        names = self.record.names
        return "" if names is None else _NUMBERED.sub("", names.scenario_name)

    @property
    def completed(self) -> bool:
        """Whether the route was driven to its end."""
        return self.record.status in (RouteStatus.PERFECT, RouteStatus.COMPLETED)

    def count(self, *kinds: Infraction) -> int:
        """Number of infractions of these kinds."""
        return sum(len(self.record.infractions[kind.value]) for kind in kinds)

    def is_clean(self, *ignored: Infraction) -> bool:
        """Whether there is no infraction but those of the kinds `ignored`."""
        return self.count(*(kind for kind in Infraction if kind not in ignored)) == 0


def plain_id(route_id: str) -> str:
    """The id in the route file of a record's `route_id`: `RouteScenario_17_rep0` is `17`."""
    match = _ROUTE_ID.fullmatch(route_id)
    return match["id"] if match else route_id


def ratio(sums: Floats) -> Floats:
    """The first sum by the second; nan by 0. (..., 2) to (...)."""
    return divide(sums[..., 0], sums[..., 1])


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Elementwise; nan where the denominator is 0."""
    empty = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=empty, where=np.asarray(denominator) != 0.0)


@dataclass(frozen=True)
class Metric:
    """A metric by its name in the registry.

    `parts`: the k numbers of one route; `combine`: sums of them over routes, (..., k), to values, (...); nan where
    there is nothing to tell. `needs`: what is missing when a metric is nan.
    """

    name: str
    label: str
    unit: str
    parts: Callable[[DrivenRoute], Sequence[float]]
    combine: Callable[[Floats], Floats] = ratio
    higher_is_better: bool = True
    needs: str = "no route that it is about"


def mean_of(value: Callable[[DrivenRoute], float]) -> Callable[[DrivenRoute], Sequence[float]]:
    """Parts of the mean of `value` over routes."""
    return lambda route: (value(route), 1.0)
