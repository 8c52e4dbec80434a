"""Places where the route changes lanes several times in a row."""

from collections.abc import Iterator
from dataclasses import dataclass

import carla
import numpy as np

from lead.scenarios.lanes import neighbour
from lead.scenarios.places.open_road import OpenRoad, lane_to_left
from lead.scenarios.places.place import Place
from lead.scenarios.places.roads import Roads

_LEG_M = 55.0


@dataclass(frozen=True)
class LaneChanges:
    """A road on which the route can go to the lane on its left and come back, a change every 55 m."""

    changes: int = 3

    def places(self, roads: Roads, rng: np.random.Generator) -> Iterator[Place]:
        """See `Need`."""
        length_m = (self.changes + 1) * _LEG_M
        for found in OpenRoad(lane_to_left(0.0, length_m), length_m).places(roads, rng):
            way = found.way
            if way is None:
                continue
            trigger = way.row(float(np.linalg.norm(way.point[0] - found.trigger[:3])))
            at = float(way.s_m[trigger])
            rows = [way.row(at + _LEG_M * (leg + 1)) for leg in range(self.changes)]
            points = [way.point[0], way.point[trigger]]
            for leg, row in enumerate(rows):
                lane = roads.lane_at(way, row)
                points.append(way.point[row] if lane is None or leg % 2 else _left_of(lane))
            points.append(way.point[-1] if self.changes % 2 == 0 else _last_left(roads, found))
            yield Place(np.array(points).round(2), found.trigger, changes=self.changes)


def _left_of(lane: carla.Waypoint) -> np.ndarray:
    beside = neighbour(lane, -1) or lane
    place = beside.transform.location
    return np.array([place.x, place.y, place.z])


def _last_left(roads: Roads, found: Place) -> np.ndarray:
    assert found.way is not None
    lane = roads.lane_at(found.way, len(found.way.s_m) - 1)
    return found.way.point[-1] if lane is None else _left_of(lane)
