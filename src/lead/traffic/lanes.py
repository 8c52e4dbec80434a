"""Cars in one lane, and where cars are along the route."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lead.routes import Trace
from lead.scenarios.tick import Tick

_BEHIND_ROWS, _AHEAD_ROWS = 150, 250


@dataclass
class Lane:
    """The cars of one lane of the ego's direction."""

    cars: list[int] = field(default_factory=list)

    def ahead(self, along: Mapping[int, float]) -> list[int]:
        """Cars ahead of the ego, the nearest first; `along` metres of each."""
        return sorted((car for car in self.cars if along.get(car, -1.0) > 0.0), key=lambda car: along[car])

    def last(self, along: Mapping[int, float]) -> int | None:
        """The car that is farthest behind."""
        return min((car for car in self.cars if car in along), key=lambda car: along[car], default=None)

    def keep(self, present: set[int]) -> None:
        """Forget cars that are gone."""
        self.cars = [car for car in self.cars if car in present]


def along_route(trace: Trace, tick: Tick, places: Mapping[int, NDArray[np.float64]]) -> dict[int, float]:
    """Metres along the route from the ego to each place (3,), negative behind it."""
    if not places:
        return {}
    first = max(tick.route_index - _BEHIND_ROWS, 0)
    rows = slice(first, tick.route_index + _AHEAD_ROWS)
    route, way = trace.location[rows], trace.s_m[rows]
    spots = np.array(list(places.values()))
    nearest = np.linalg.norm(spots[:, None, :2] - route[None, :, :2], axis=2).argmin(axis=1)
    heading = np.stack([np.cos(trace.yaw[rows]), np.sin(trace.yaw[rows])], axis=1)[nearest]
    beyond = ((spots[:, :2] - route[nearest, :2]) * heading).sum(axis=1)
    here = trace.s_m[tick.route_index]
    return dict(zip(places, (way[nearest] + beyond - here).tolist(), strict=True))
