"""The lanes of a town as a graph to search, built from CARLA's map once and kept on disk.

The graph is the one that CARLA's global route planner plans on. A node is the place where lanes begin or end, rounded
to whole metres; an edge either follows one lane of one lane section to a successor or changes to the neighbour lane.
A change starts where the lane begins, ends where the neighbour begins and costs nothing.
"""

from dataclasses import dataclass
from functools import cached_property

import carla
import numpy as np
from numpy.typing import NDArray

from lead.routes.build import LaneArrays, build_lane_arrays
from lead.routes.cache import cached_arrays
from lead.routes.search import Roadbook

#: Raise it whenever `build_lane_arrays` gives other arrays for the same map.
VERSION = 1

#: A keypoint farther than this from the centre of every driving lane (m, seen from above) is off the road.
MAX_OFF_LANE_M = 6.0


@dataclass(frozen=True)
class Anchor:
    """A place on the graph: the lane's edge, the nearest sample's row and the place on the lane's centre (3,)."""

    edge: int
    sample: int
    location: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LaneGraph:
    """A town's lane graph: the `arrays`, and the map that places on the road are looked up in."""

    arrays: LaneArrays
    carla_map: carla.Map

    @classmethod
    def from_map(cls, carla_map: carla.Map) -> "LaneGraph":
        """The graph of a map, from the disk cache where it holds this OpenDRIVE text, else built and cached."""
        text = carla_map.to_opendrive()
        arrays = cached_arrays(LaneArrays, text, VERSION, lambda: build_lane_arrays(carla_map))
        return cls(arrays, carla_map)

    def locate(self, location: NDArray[np.float64]) -> Anchor | None:
        """The driving lane at a location (3,), m; None when it is off the road or on a lane that joins nothing."""
        x, y, z = np.asarray(location, dtype=np.float64).tolist()
        waypoint = self.carla_map.get_waypoint(carla.Location(x, y, z))
        if waypoint is None:
            return None
        edge = self._edge_of_lane.get((waypoint.road_id, waypoint.section_id, waypoint.lane_id))
        centre = waypoint.transform.location
        if edge is None or np.hypot(centre.x - x, centre.y - y) > MAX_OFF_LANE_M:
            return None
        place = np.array([centre.x, centre.y, centre.z])
        return Anchor(edge, self.nearest_sample(edge, place), place)

    def samples(self, edge: int) -> slice:
        """Rows of the samples of a lane's edge."""
        first = int(self.arrays.edge_first[edge])
        return slice(first, first + int(self.arrays.edge_count[edge]))

    def nearest_sample(self, edge: int, location: NDArray[np.float64]) -> int:
        """Row of the sample of a lane's edge that is nearest to a location (3,)."""
        rows = self.samples(edge)
        return rows.start + int(np.argmin(distances(self.arrays.point[rows], location)))

    @cached_property
    def roadbook(self) -> Roadbook:
        """The edges, ready to be searched."""
        return Roadbook.of(self.arrays)

    @cached_property
    def _edge_of_lane(self) -> dict[tuple[int, int, int], int]:
        follows = np.flatnonzero(self.arrays.edge_target < 0)
        lanes = self.arrays.edge_lane[follows].tolist()
        # Of several edges along one lane the last counts, as in CARLA.
        return {(road, section, lane): int(edge) for edge, (road, section, lane) in zip(follows, lanes, strict=True)}


def distances(points: NDArray[np.floating], location: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances (n,) of points (n, 3) from a location (3,)."""
    return np.linalg.norm(points - location, axis=1)
