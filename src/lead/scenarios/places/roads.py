"""A town's lanes as the search for places walks them: ways along lanes without changes, and turns at junctions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import carla
import numpy as np
from numpy.typing import NDArray

from lead.routes import LaneGraph, RoadOption

Floats = NDArray[np.float64]

_MOST_IN_JUNCTION = 8
_OFF_LANE_M = 1.0


@dataclass(frozen=True, eq=False)
class Way:
    """Rows about a metre apart along lanes, in the order of travel.

    `point` (n, 3) m and `yaw` (n,) rad in the world, `edge` (n,) of the lane graph, `junction` (n,) inside a junction,
    `s_m` (n,) distance from the first row.
    """

    point: Floats
    yaw: Floats
    edge: NDArray[np.int64]
    junction: NDArray[np.bool_]
    s_m: Floats

    @property
    def length_m(self) -> float:
        """Length of the whole way."""
        return float(self.s_m[-1])

    def row(self, s_m: float) -> int:
        """The row nearest to a distance from the first one."""
        return int(np.abs(self.s_m - s_m).argmin())

    def free_m(self, row: int) -> float:
        """Metres from a row to the first junction after it, or to the end."""
        inside = np.flatnonzero(self.junction[row:])
        last = row + int(inside[0]) if len(inside) else len(self.s_m) - 1
        return float(self.s_m[last] - self.s_m[row])


@dataclass(frozen=True)
class Turning:
    """A way through a junction, as edges of the lane graph: the lane before, those inside, the lane after."""

    approach: int
    inside: tuple[int, ...]
    leave: int
    option: RoadOption


@dataclass(frozen=True, eq=False)
class Roads:
    """A town's lane graph with what comes before and after each lane."""

    town: str
    graph: LaneGraph

    @property
    def map(self) -> carla.Map:
        """CARLA's map of the town."""
        return self.graph.carla_map

    @cached_property
    def lanes(self) -> NDArray[np.int64]:
        """Edges along lanes outside of junctions."""
        arrays = self.graph.arrays
        return np.flatnonzero((arrays.edge_target < 0) & ~arrays.edge_junction)

    @cached_property
    def after(self) -> list[list[int]]:
        """By edge, the edges along the lanes that it leads to."""
        arrays = self.graph.arrays
        begin: dict[int, list[int]] = {}
        for edge in np.flatnonzero(arrays.edge_target < 0).tolist():
            begin.setdefault(int(arrays.edge_tail[edge]), []).append(edge)
        return [begin.get(head, []) for head in arrays.edge_head.tolist()]

    @cached_property
    def before(self) -> list[list[int]]:
        """By edge, the edges along the lanes that lead to it."""
        found: list[list[int]] = [[] for _ in self.after]
        for edge in np.flatnonzero(self.graph.arrays.edge_target < 0).tolist():
            for other in self.after[edge]:
                found[other].append(edge)
        return found

    @cached_property
    def turnings(self) -> list[Turning]:
        """All ways through junctions, by the edge that they come from."""
        return [one for edge in self.lanes.tolist() for one in self._turnings_from(edge)]

    def shuffled(self, rng: np.random.Generator, options: Collection[RoadOption]) -> Iterator[Turning]:
        """The ways through junctions that do one of some things, in random order."""
        for index in rng.permutation(len(self.turnings)).tolist():
            if self.turnings[index].option in options:
                yield self.turnings[index]

    def length(self, edge: int) -> float:
        """Length of a lane's edge (m)."""
        return float(self.graph.arrays.edge_cost[edge])

    def in_junction(self, edge: int) -> bool:
        """Whether a lane's edge lies in a junction."""
        return bool(self.graph.arrays.edge_junction[edge])

    def back(self, edge: int, length_m: float) -> list[int]:
        """Edges of lanes that lead to `edge`, in the order of travel, `edge` last: at least `length_m` before it, or
        from the junction before on.
        """
        way, have = [edge], 0.0
        while have < length_m:
            found = [one for one in self.before[way[0]] if not self.in_junction(one) and one not in way]
            if not found:
                break
            way.insert(0, found[0])
            have += self.length(found[0])
        return way

    def ahead(self, edge: int, length_m: float, through_junctions: bool = False) -> list[int]:
        """Edges that `edge` leads to, itself first: at least `length_m` after it, or to the next junction."""
        way, have = [edge], 0.0
        while have < length_m:
            found = [one for one in self.after[way[-1]] if one not in way]
            if not through_junctions:
                found = [one for one in found if not self.in_junction(one)]
            if not found:
                break
            way.append(self._straightest(way[-1], found))
            have += self.length(way[-1])
        return way

    def way(self, edges: Sequence[int]) -> Way:
        """The rows of consecutive edges."""
        arrays = self.graph.arrays
        rows, owners = [], []
        for number, edge in enumerate(edges):
            lane = self.graph.samples(edge)
            # A lane's last sample is its successor's first.
            stop = lane.stop if number == len(edges) - 1 else lane.stop - 1
            rows.append(np.arange(lane.start, stop))
            owners.append(np.full(stop - lane.start, edge))
        samples, edge = np.concatenate(rows), np.concatenate(owners)
        point = arrays.point[samples].astype(np.float64)
        steps = np.linalg.norm(np.diff(point, axis=0), axis=1)
        s_m = np.concatenate([[0.0], np.cumsum(steps)])
        return Way(point, arrays.yaw[samples].astype(np.float64), edge, arrays.edge_junction[edge], s_m)

    def lane_at(self, way: Way, row: int) -> carla.Waypoint | None:
        """CARLA's waypoint at a row; None where the map finds another lane there."""
        waypoint = self.map.get_waypoint(carla.Location(*way.point[row].tolist()))
        if waypoint is None or np.linalg.norm(_xyz(waypoint)[:2] - way.point[row, :2]) > _OFF_LANE_M:
            return None
        lane = (waypoint.road_id, waypoint.section_id, waypoint.lane_id)
        # A lane's last row is where its successor begins.
        owners = way.edge[max(row - 1, 0) : row + 2]
        return waypoint if any(lane == tuple(self.graph.arrays.edge_lane[one]) for one in owners) else None

    def _straightest(self, edge: int, found: Sequence[int]) -> int:
        leaving, nets = self.graph.arrays.edge_exit[edge], self.graph.arrays.edge_net
        return max(found, key=lambda one: float(leaving @ nets[one]))

    def _turnings_from(self, approach: int) -> Iterator[Turning]:
        waiting: list[tuple[int, ...]] = [(one,) for one in self.after[approach] if self.in_junction(one)]
        while waiting:
            inside = waiting.pop()
            for following in self.after[inside[-1]]:
                if not self.in_junction(following):
                    edges = [approach, *inside, following]
                    yield Turning(approach, inside, following, RoadOption(self.graph.roadbook.options(edges)[1]))
                elif len(inside) < _MOST_IN_JUNCTION and following not in inside:
                    waiting.append((*inside, following))


def _xyz(waypoint: carla.Waypoint) -> Floats:
    place = waypoint.transform.location
    return np.array([place.x, place.y, place.z])
