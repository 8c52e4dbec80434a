"""The shortest way over a lane graph, and what it does at each junction."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from lead.routes.build import LaneArrays
from lead.routes.options import RoadOption

#: A junction is crossed straight on when its last step turns less than this from the approach, rad.
STRAIGHT_LIMIT = math.radians(35.0)


@dataclass(frozen=True, eq=False)
class Roadbook:
    """A lane graph's edges in the form that a search walks fast: `out` edges of each node, costs and places."""

    arrays: LaneArrays
    out: list[list[int]]
    head: list[int]
    cost: list[float]
    place: list[tuple[int, int, int]]

    @classmethod
    def of(cls, arrays: LaneArrays) -> "Roadbook":
        """The edges of the arrays."""
        out: list[list[int]] = [[] for _ in arrays.node]
        for edge, tail in enumerate(arrays.edge_tail.tolist()):
            out[tail].append(edge)
        places = [(x, y, z) for x, y, z in arrays.node.tolist()]
        return cls(arrays, out, arrays.edge_head.tolist(), arrays.edge_cost.tolist(), places)

    def shortest(self, start: int, goal: int) -> list[int] | None:
        """Edges of the cheapest way from node to node by A*, the straight distance as estimate; None without a way.

        Lane changes are free although they move sideways, so the estimate can exceed the true rest, and a node is
        opened again whenever a cheaper way to it turns up.
        """
        order = count()
        reached = {start: (0.0, -1)}
        waiting = [(self._distance(start, goal), next(order), start, 0.0)]
        while waiting:
            _, _, node, cost = heapq.heappop(waiting)
            if node == goal:
                return self._walk_back(reached, start, goal)
            if cost > reached[node][0]:
                continue
            for edge in self.out[node]:
                head, head_cost = self.head[edge], cost + self.cost[edge]
                if head not in reached or head_cost < reached[head][0]:
                    reached[head] = (head_cost, edge)
                    heapq.heappush(waiting, (head_cost + self._distance(head, goal), next(order), head, head_cost))
        return None

    def options(self, edges: Sequence[int]) -> list[RoadOption]:
        """What each edge of a way does: follow its lane, change it, or turn through a junction.

        The turn is decided where the way enters a junction from a lane outside and holds for all of the junction's
        edges. A way that starts inside a junction follows its lane there.
        """
        options: list[RoadOption] = []
        turn_until = 0
        for index, edge in enumerate(edges):
            if index and index < turn_until:
                options.append(options[-1])
            elif index and self._crosses(edge) and self._approaches(edges[index - 1]):
                turn_until = self._junction_end(edges, index)
                options.append(self._turn(edges[index - 1], edge, edges[turn_until - 1]))
            else:
                options.append(RoadOption(int(self.arrays.edge_option[edge])))
        return options

    def _walk_back(self, reached: dict[int, tuple[float, int]], start: int, goal: int) -> list[int]:
        edges: list[int] = []
        node = goal
        while node != start:
            edges.append(reached[node][1])
            node = int(self.arrays.edge_tail[edges[-1]])
        return edges[::-1]

    def _distance(self, a: int, b: int) -> float:
        return math.dist(self.place[a], self.place[b])

    def _crosses(self, edge: int) -> bool:
        return bool(self.arrays.edge_target[edge] < 0 and self.arrays.edge_junction[edge])

    def _approaches(self, edge: int) -> bool:
        return bool(self.arrays.edge_target[edge] < 0 and not self.arrays.edge_junction[edge])

    def _junction_end(self, edges: Sequence[int], index: int) -> int:
        while index < len(edges) and self._crosses(edges[index]):
            index += 1
        return index

    def _turn(self, approach: int, first: int, last: int) -> RoadOption:
        """The turn from `approach` into the junction whose edges on the way are `first` to `last`."""
        heading, leaving = self.arrays.edge_exit[approach], self.arrays.edge_exit[last]
        if not heading.any() or not leaving.any():
            return RoadOption.LANEFOLLOW
        if math.acos(float(np.clip(heading @ leaving, -1.0, 1.0))) < STRAIGHT_LIMIT:
            return RoadOption.STRAIGHT
        sideways = _cross(heading, leaving)
        others = [_cross(heading, self.arrays.edge_net[edge]) for edge in self._alternatives(first)] or [0.0]
        if sideways < min(others):
            return RoadOption.LEFT
        if sideways > max(others):
            return RoadOption.RIGHT
        return RoadOption.LEFT if sideways < 0.0 else RoadOption.RIGHT

    def _alternatives(self, edge: int) -> list[int]:
        tail = int(self.arrays.edge_tail[edge])
        return [
            other
            for other in self.out[tail]
            if self.arrays.edge_target[other] < 0 and self.head[other] != self.head[edge]
        ]


def _cross(a: np.ndarray, b: np.ndarray) -> float:
    """z of the cross product: negative to the left, since y points right."""
    return float(a[0] * b[1] - a[1] * b[0])
