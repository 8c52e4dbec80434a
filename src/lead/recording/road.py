"""What the map and the route say about where the ego is: the metas' facts of lanes, junctions and the way ahead."""

import math
from typing import Any

import carla
import numpy as np
from numpy.typing import NDArray

from lead.agents.path import DrivePath
from lead.geometry import to_ego, wrap_angle
from lead.routes import RoadOption, Trace

Floats = NDArray[np.float64]

_ROUTE_POINTS, _FIRST_M = 50, 2.5
_CURVE_M = 20
_CHANGES = {RoadOption.CHANGELANELEFT: -1.0, RoadOption.CHANGELANERIGHT: 1.0}


class RouteFacts:
    """Answers for one drive. `index` is the row of the trace that the ego has passed last."""

    def __init__(self, trace: Trace, town: carla.Map):
        self._trace = trace
        self._town = town
        change = [_CHANGES.get(RoadOption(option), 0.0) for option in trace.option]
        self._changes = np.array(change)

    def fields(self, ego: Floats, index: int) -> dict[str, Any]:
        """The facts at the ego's pose (6,)."""
        trace = self._trace
        s = trace.s_m[index]
        junctions = np.flatnonzero(trace.junction[index:]) + index
        changes = np.flatnonzero(self._changes[index:]) + index
        to_junction = float(trace.s_m[junctions[0]] - s) if len(junctions) else math.inf
        to_change = float(trace.s_m[changes[0]] - s) * float(self._changes[changes[0]]) if len(changes) else math.inf
        off = trace.location[index : index + 3, :2] - ego[:2]
        return {
            **self._lane(ego),
            **self._next_roads(index),
            "distance_to_next_junction": to_junction,
            "dist_to_junction": to_junction,
            "signed_dist_to_lane_change": to_change,
            "route_left_length": float(trace.s_m[-1] - s),
            "distance_ego_to_route": float(np.hypot(*off.T).min()),
            "route_curvature": self._curvature(index),
            "target_lane_width": float(trace.lane_width[min(index + 1, len(trace) - 1)]),
        }

    def _lane(self, ego: Floats) -> dict[str, Any]:
        lane = self._town.get_waypoint(carla.Location(*ego[:3].tolist()))
        assert lane is not None
        left, right = lane.left_lane_marking, lane.right_lane_marking
        return {
            "ego_lane_id": lane.lane_id,
            "road_id": lane.road_id,
            "lane_id": lane.lane_id,
            "is_junction": lane.is_junction,
            "is_intersection": lane.is_junction,
            "junction_id": lane.get_junction().id if lane.is_junction else -1,
            "lane_change_str": str(lane.lane_change),
            "lane_type_str": str(lane.lane_type),
            "left_lane_marking_color_str": str(left.color),
            "left_lane_marking_type_str": str(left.type),
            "right_lane_marking_color_str": str(right.color),
            "right_lane_marking_type_str": str(right.type),
            "ego_lane_width": lane.lane_width,
        }

    def _next_roads(self, index: int) -> dict[str, list[int]]:
        roads = self._trace.road_id[index:]
        changes = np.flatnonzero(np.diff(roads)) + 1
        following = [int(roads[row]) for row in changes[:2]]
        return {"next_road_ids": following[:1], "next_next_road_ids_ego": following[1:]}

    def _curvature(self, index: int) -> float:
        steps = np.diff(self._trace.location[index : index + _CURVE_M + 1, :2], axis=0)
        if len(steps) < 2:
            return 0.0
        yaw = np.arctan2(steps[:, 1], steps[:, 0])
        return float(np.sin(wrap_angle(np.diff(yaw))).sum())


def way_ahead(points: Floats, ego: Floats) -> NDArray[np.float32]:
    """The way (50, 2) in the ego's frame, from points (n, 2) in the world from the ego on: a metre apart, the first
    2.5 m along the way from the nearest point.
    """
    steps = np.hypot(*np.diff(points, axis=0).T)
    kept = points[np.concatenate([[True], steps > 1e-6])]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(kept, axis=0).T))])
    start = along[int(np.argmin(np.hypot(*(kept - ego[:2]).T)))]
    s = start + _FIRST_M + np.arange(_ROUTE_POINTS)
    sampled = np.stack([np.interp(s, along, kept[:, axis]) for axis in (0, 1)], axis=1)
    beyond = np.clip(s - along[-1], 0.0, None)[:, None]
    last = (kept[-1] - kept[-2]) / max(along[-1] - along[-2], 1e-6) if len(kept) > 1 else np.zeros(2)
    world = np.column_stack([sampled + beyond * last, np.full(len(s), ego[2])])
    return to_ego(ego, world)[:, :2].astype(np.float32)


class Way:
    """Where the ego is on a path, tick by tick."""

    def __init__(self, path: DrivePath):
        self.path = path
        self.index = 0

    def step(self, ego: Floats) -> None:
        """Take in the ego's pose (6,)."""
        self.index = self.path.nearest(ego[:2], self.index)

    def ahead(self) -> Floats:
        """Points (n, 2) in the world from a little behind the ego on."""
        return self.path.points[max(self.index - 10, 0) : self.index + 700, :2]
