"""Lanes and lane changes of a `carla.Map` as arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import carla
import numpy as np
from numpy.typing import NDArray

from lead.routes.options import RoadOption

Lane = tuple[int, int, int]
Node = tuple[int, int, int]

#: Distance of the samples along a lane, m.
SPACING_M = 1.0

# The lane of a sample is looked at only this close to the lane's end, since looking costs as much as walking.
_NEAR_END_M = 10.0


@dataclass(frozen=True, eq=False)
class LaneArrays:
    """The lane graph of a town as columns; world frame, m and rad.

    Nodes (n): `node` (n, 3) whole metres. Edges (m), those along lanes first: `edge_tail` and `edge_head` nodes,
    `edge_option` (road option), `edge_cost`, `edge_lane` (m, 3) road, section and lane id, `edge_junction`,
    `edge_first` and `edge_count` samples, `edge_exit` and `edge_net` (m, 3) unit vectors of the last step and from
    end to end, `edge_target` the edge that a lane change leads to, else -1. A lane change has no samples.
    Samples (k) in the direction of travel, the lane's begin first and its successor's begin last: `point` (k, 3),
    `yaw` (k,), `width` (k,).
    """

    node: NDArray[np.int32]
    edge_tail: NDArray[np.int32]
    edge_head: NDArray[np.int32]
    edge_option: NDArray[np.int8]
    edge_cost: NDArray[np.float64]
    edge_lane: NDArray[np.int32]
    edge_junction: NDArray[np.bool_]
    edge_first: NDArray[np.int32]
    edge_count: NDArray[np.int32]
    edge_exit: NDArray[np.float64]
    edge_net: NDArray[np.float64]
    edge_target: NDArray[np.int32]
    point: NDArray[np.float32]
    yaw: NDArray[np.float32]
    width: NDArray[np.float32]


def build_lane_arrays(carla_map: carla.Map) -> LaneArrays:
    """Walk every lane of the map's topology; some seconds for the largest towns."""
    topology = carla_map.get_topology()
    ways = _Ways({_lane(waypoint) for pair in topology for waypoint in pair})
    for entry, successor in topology:
        if ways.lacks(entry, successor):
            ways.follow([entry, *_path(entry, successor), successor])
    for _, entry in topology:
        dead_end = list(_dead_end(entry)) if _lane(entry) not in ways.edge_of_lane else []
        if dead_end:
            ways.follow([entry, *dead_end])
    ways.link_changes()
    return ways.arrays()


@dataclass
class _Ways:
    """The graph while it grows, a list a column."""

    lanes: set[Lane]
    nodes: dict[Node, int] = field(default_factory=dict)
    edge_of_lane: dict[Lane, int] = field(default_factory=dict)
    known: set[tuple[Lane, int]] = field(default_factory=set)
    edges: list[tuple[int, int, int, float, Lane, bool, int]] = field(default_factory=list)
    changes: list[tuple[int, int, Lane]] = field(default_factory=list)
    samples: list[NDArray[np.float32]] = field(default_factory=list)

    def lacks(self, entry: carla.Waypoint, successor: carla.Waypoint) -> bool:
        """Whether no edge leads along the lane of `entry` to where `successor` begins; a fork's branches share one."""
        return (_lane(entry), self.node(successor)) not in self.known

    def follow(self, waypoints: list[carla.Waypoint]) -> None:
        """Add the edge along a lane, given its begin, its samples and the begin of its successor."""
        entry, *path, successor = waypoints
        lane, tail, head = _lane(entry), self.node(entry), self.node(successor)
        self.known.add((lane, head))
        edge = len(self.edges)
        self.edge_of_lane[lane] = edge
        junction = entry.is_junction
        self.edges.append((tail, head, RoadOption.LANEFOLLOW, len(path) + 1.0, lane, junction, -1))
        self.samples.append(np.array([_sample(waypoint) for waypoint in waypoints], dtype=np.float32))
        if not junction:
            self.changes += [(edge, option, to) for option, to in _changes(path, self._neighbours(lane))]

    def link_changes(self) -> None:
        """Turn the lane changes found on the way into edges, now that every lane has its edge."""
        for edge, option, lane in self.changes:
            if lane not in self.edge_of_lane:
                continue
            target = self.edge_of_lane[lane]
            tail, head = self.edges[edge][0], self.edges[target][0]
            self.edges.append((tail, head, option, 0.0, lane, False, target))

    def node(self, waypoint: carla.Waypoint) -> int:
        """The node at the waypoint."""
        place = waypoint.transform.location
        key = (round(place.x), round(place.y), round(place.z))
        return self.nodes.setdefault(key, len(self.nodes))

    def arrays(self) -> LaneArrays:
        """What was gathered, as columns."""
        tail, head, option, cost, lane, junction, target = zip(*self.edges, strict=True)
        count = np.zeros(len(self.edges), dtype=np.int32)
        count[: len(self.samples)] = [len(samples) for samples in self.samples]
        samples = np.concatenate(self.samples)
        exits, nets = np.zeros((len(self.edges), 3)), np.zeros((len(self.edges), 3))
        for edge, lane_samples in enumerate(self.samples):
            points = lane_samples[:, :3].astype(np.float64)
            exits[edge], nets[edge] = _unit(points[-1] - points[-2]), _unit(points[-1] - points[0])
        return LaneArrays(
            node=np.array(list(self.nodes), dtype=np.int32),
            edge_tail=np.array(tail, dtype=np.int32),
            edge_head=np.array(head, dtype=np.int32),
            edge_option=np.array(option, dtype=np.int8),
            edge_cost=np.array(cost),
            edge_lane=np.array(lane, dtype=np.int32),
            edge_junction=np.array(junction, dtype=bool),
            edge_first=(np.cumsum(count) - count).astype(np.int32),
            edge_count=count,
            edge_exit=exits,
            edge_net=nets,
            edge_target=np.array(target, dtype=np.int32),
            point=samples[:, :3].copy(),
            yaw=np.radians(samples[:, 3]),
            width=samples[:, 4].copy(),
        )

    def _neighbours(self, lane: Lane) -> Mapping[RoadOption, Lane]:
        """The lanes beside that run the same way, by the option that leads there."""
        road, section, number = lane
        outward = 1 if number > 0 else -1
        sides = {RoadOption.CHANGELANERIGHT: number + outward, RoadOption.CHANGELANELEFT: number - outward}
        return {option: (road, section, to) for option, to in sides.items() if to and (road, section, to) in self.lanes}


def _lane(waypoint: carla.Waypoint) -> Lane:
    return waypoint.road_id, waypoint.section_id, waypoint.lane_id


def _sample(waypoint: carla.Waypoint) -> tuple[float, float, float, float, float]:
    pose = waypoint.transform
    place = pose.location
    return place.x, place.y, place.z, pose.rotation.yaw, waypoint.lane_width


def _path(entry: carla.Waypoint, successor: carla.Waypoint) -> Iterator[carla.Waypoint]:
    """Waypoints strictly between a lane's begin and its successor's, the last at most one spacing before that."""
    end = successor.transform.location
    waypoint = entry
    while True:
        following = waypoint.next(SPACING_M)
        if not following:
            return
        waypoint = following[0]
        rest = waypoint.transform.location.distance(end)
        # Samples of a bend's outer lanes lie more than the spacing apart, so that the last step can miss the end.
        if rest <= SPACING_M or (rest < _NEAR_END_M and _lane(waypoint) != _lane(entry)):
            return
        yield waypoint


def _dead_end(entry: carla.Waypoint) -> Iterator[carla.Waypoint]:
    following = entry.next(SPACING_M)
    while following and _lane(following[0]) == _lane(entry):
        yield following[0]
        following = following[0].next(SPACING_M)


def _changes(path: list[carla.Waypoint], neighbours: Mapping[RoadOption, Lane]) -> Iterator[tuple[RoadOption, Lane]]:
    """Options and lanes that some waypoint's markings allow to change to."""
    for option, lane in neighbours.items():
        if any(_may_change(waypoint, option, lane) for waypoint in path):
            yield option, lane


def _may_change(waypoint: carla.Waypoint, option: RoadOption, lane: Lane) -> bool:
    if option == RoadOption.CHANGELANERIGHT:
        marking, side = waypoint.right_lane_marking, carla.LaneChange.Right
    else:
        marking, side = waypoint.left_lane_marking, carla.LaneChange.Left
    if marking is None or not marking.lane_change & side:
        return False
    beside = waypoint.get_right_lane() if option == RoadOption.CHANGELANERIGHT else waypoint.get_left_lane()
    return beside is not None and beside.lane_type == carla.LaneType.Driving and _lane(beside) == lane


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0.0 else vector
