"""What the search for places finds, and what it asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lead.routes.xml import Trigger
from lead.scenarios.places.draws import Attributes
from lead.scenarios.places.roads import Roads, Way

Parameters = Mapping[str, Attributes]


@dataclass(frozen=True, eq=False)
class Place:
    """A route through a place for one scenario.

    `keypoints` (k, 3) m; `trigger` x, y, z (m) and yaw (deg). `way` is where the route has to lead; where it changes
    lanes, there is no way and it has to change at least `changes` times.
    """

    keypoints: NDArray[np.float64]
    trigger: Trigger
    parameters: Parameters = field(default_factory=dict)
    way: Way | None = None
    changes: int = 0


class Need(Protocol):
    """What a type of scenario needs of the road."""

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """Places that have it, in random order, until there are no more or nobody asks."""
        ...


def place_on(way: Way, rows: list[int], trigger: int, parameters: Parameters) -> Place:
    """A route that starts at the first of some rows of a way, passes the others and ends at the last."""
    kept = sorted(set(rows))
    x, y, z = way.point[trigger].tolist()
    pose = (round(x, 2), round(y, 2), round(z, 2), round(float(np.degrees(way.yaw[trigger])), 2))
    return Place(way.point[kept].round(2), pose, parameters, _part(way, kept[0], kept[-1]))


def _part(way: Way, first: int, last: int) -> Way:
    rows = slice(first, last + 1)
    return Way(way.point[rows], way.yaw[rows], way.edge[rows], way.junction[rows], way.s_m[rows] - way.s_m[first])
