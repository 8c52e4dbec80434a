"""Where traffic comes from at the junctions of a route, read from the map once."""

import math

import carla
import numpy as np

from lead.agents.expert.road import STRIDE, RouteTable
from lead.control import PATH_SPACING, wrap
from lead.expert.scene import Bools, Floats

_UPSTREAM_M = (4.0, 10.0, 16.0)
_LEAST_TURN, _MOST_TURN = math.radians(40.0), math.radians(145.0)


def read_approaches(town: carla.Map, table: RouteTable) -> Floats:
    """Points as `Scene.approaches` (a, 4) on the lanes that lead into the route's junctions from the sides."""
    rows = [row for first, last in _runs(table.in_junction) for row in _approaches(town, table, first, last)]
    return np.array(rows).reshape(-1, 4)


def _runs(inside: Bools) -> list[tuple[int, int]]:
    """First and last row of each junction."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]


def _approaches(town: carla.Map, table: RouteTable, first: int, last: int) -> list[tuple[float, ...]]:
    middle = town.get_waypoint(carla.Location(*table.path.points[STRIDE * (first + last) // 2].tolist()))
    junction = middle.get_junction() if middle is not None else None
    if junction is None:
        return []
    yaw, place = float(table.path.yaw[STRIDE * first]), first * STRIDE * PATH_SPACING
    lanes = {}
    for entry, _ in junction.get_waypoints(carla.LaneType.Driving):
        turn = abs(wrap(math.radians(entry.transform.rotation.yaw) - yaw))
        if _LEAST_TURN < turn < _MOST_TURN:
            here = entry.transform.location
            lanes[round(here.x), round(here.y)] = entry
    return [(place, *point) for entry in lanes.values() for point in _upstream(entry)]


def _upstream(entry: carla.Waypoint) -> list[tuple[float, float, float]]:
    before = [entry.previous(distance) for distance in _UPSTREAM_M]
    places = [found[0].transform.location for found in before if found]
    return [(place.x, place.y, place.z) for place in places]
