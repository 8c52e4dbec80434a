"""The lane that a path runs in, metre by metre: how wide, what is beside it, where it crosses junctions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import carla
import numpy as np

from lead.agents.path import DrivePath
from lead.control import PATH_SPACING
from lead.expert.scene import Bools, Floats, Ints, Neighbour, Route

STRIDE = 5
"""Path points between two rows of a scene's route."""

_BEHIND_M, _AHEAD_M = 40.0, 140.0
_LOOKS_M = 2.0  # between two looks at the map
_VERGES = carla.LaneType.Shoulder | carla.LaneType.Parking | carla.LaneType.Bidirectional | carla.LaneType.Stop


@dataclass(frozen=True)
class RouteTable:
    """The whole route, `STRIDE` path points a row; the columns are those of `Route`."""

    path: DrivePath
    width: Floats
    in_junction: Bools
    left: Ints
    right: Ints
    left_offset: Floats
    right_offset: Floats
    lane: Ints

    def place(self, index: int) -> float:
        """Metres along the route of a path point."""
        return index * PATH_SPACING

    def window(self, index: int) -> Route:
        """The route around a path point."""
        spacing = STRIDE * PATH_SPACING
        first = max(index // STRIDE - int(_BEHIND_M / spacing), 0)
        last = min(index // STRIDE + int(_AHEAD_M / spacing), len(self.width))
        first = min(first, last - 2)
        dense = slice(first * STRIDE, (last - 1) * STRIDE + 1, STRIDE)
        rows = slice(first, last)
        return Route(
            s=spacing * np.arange(first, last, dtype=np.float64),
            points=self.path.points[dense],
            yaw=self.path.yaw[dense],
            turn_speed=self.path.turn_speed[dense],
            width=self.width[rows],
            in_junction=self.in_junction[rows],
            left=self.left[rows],
            right=self.right[rows],
            left_offset=self.left_offset[rows],
            right_offset=self.right_offset[rows],
            lane=self.lane[rows],
            length=self.path.length,
        )

    def crossings(self, route: Route) -> Floats:
        """Those of the path's moves to other lanes (c, 2), metres along the route, that lie around a part of it."""
        found = self.path.crossings
        return found[(found[:, 1] > route.s[0]) & (found[:, 0] < route.s[-1])]


def read_route(town: carla.Map, path: DrivePath) -> RouteTable:
    """Look at the map along a path."""
    stride = int(_LOOKS_M / PATH_SPACING)
    lanes = [town.get_waypoint(carla.Location(*point)) for point in path.points[::stride].tolist()]
    table = np.array([_look(lane) for lane in lanes])
    count = (len(path) - 1) // STRIDE + 1
    rows = np.minimum((np.arange(count) * STRIDE) // stride, len(lanes) - 1)
    width, junction, left, left_offset, right, right_offset = table[rows].T
    kinds = left.astype(np.int64), right.astype(np.int64)
    return RouteTable(path, width, junction > 0.5, *kinds, left_offset, right_offset, _lane_numbers(lanes)[rows])


def _lane_numbers(lanes: Sequence[carla.Waypoint | None]) -> Ints:
    """How many lanes to the right of the first lane each of them is, as far as they change on one road."""
    changes = [0]
    for before, after in pairwise(lanes):
        same = before is not None and after is not None and _section(before) == _section(after)
        step = abs(after.lane_id) - abs(before.lane_id) if same and before and after else 0
        changes.append(step if before and after and before.lane_id * after.lane_id > 0 else 0)
    return np.cumsum(changes)


def _section(lane: carla.Waypoint) -> tuple[int, int]:
    return lane.road_id, lane.section_id


def _look(lane: carla.Waypoint | None) -> tuple[float, ...]:
    """Width, junction, and kind and distance of the left and the right neighbour of a lane."""
    if lane is None:
        return 3.5, 0.0, Neighbour.NONE, 0.0, Neighbour.NONE, 0.0
    left, right = _beside(lane, lane.get_left_lane()), _beside(lane, lane.get_right_lane())
    return lane.lane_width, float(lane.is_junction), *left, *right


def _beside(lane: carla.Waypoint, other: carla.Waypoint | None) -> tuple[float, float]:
    if other is None:
        return Neighbour.NONE, 0.0
    distance = 0.5 * (lane.lane_width + other.lane_width)
    if other.lane_type == carla.LaneType.Driving:
        return (Neighbour.SAME if other.lane_id * lane.lane_id > 0 else Neighbour.ONCOMING), distance
    if int(other.lane_type) & int(_VERGES):
        return Neighbour.VERGE, distance
    return Neighbour.NONE, distance
