"""A town as the page draws it, and where clicks on it fall."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.spatial import KDTree

from lead.routes import LaneGraph, RouteError, Trace, trace_route
from lead.routes.towns import open_town

_SIMPLER_M = 0.15
#: A click falls on a lane from so far (m).
NEAR_M = 15.0
#: Lanes above each other are told apart by who is on top, within this distance seen from above (m).
_STACK_M = 1.0
_SIGNS: Mapping[str, str] = {"light": "1000001", "stop": "206", "yield": "205"}


@dataclass(frozen=True, eq=False)
class TownMap:
    """The lanes of a town, to be drawn, clicked on, and planned over."""

    name: str
    graph: LaneGraph

    @classmethod
    def open(cls, name: str) -> "TownMap":
        """A town by its name. RouteError when there is none."""
        return cls(name, open_town(name))

    def drawing(self) -> dict[str, Any]:
        """Lanes and signs, in decimetres: `lanes` with `x, y, x, y ...`, width and whether in a junction."""
        arrays = self.graph.arrays
        edges = np.flatnonzero(arrays.edge_target < 0)
        owner = np.repeat(np.arange(len(edges)), arrays.edge_count[edges])
        lines = shapely.linestrings(arrays.point[:, :2].astype(np.float64), indices=owner)
        points, of_line = shapely.get_coordinates(shapely.simplify(lines, _SIMPLER_M), return_index=True)
        parts = np.split(np.rint(10.0 * points).astype(int), np.flatnonzero(np.diff(of_line)) + 1)
        widths = np.rint(10.0 * arrays.width[arrays.edge_first[edges] + arrays.edge_count[edges] // 2]).astype(int)
        lanes = [
            {"p": part.ravel().tolist(), "w": int(width), "j": int(inside)}
            for part, width, inside in zip(parts, widths, arrays.edge_junction[edges], strict=True)
        ]
        return {"town": self.name, "lanes": lanes, "signs": self._signs()}

    def snap(self, x: float, y: float, reach_m: float = NEAR_M) -> dict[str, float]:
        """The lane's middle next to a place seen from above: x, y, z (m) and yaw (deg). RouteError if none is near."""
        distance, _ = self._tree.query((x, y))
        if distance > reach_m:
            raise RouteError(f"there is no lane at ({x:.0f}, {y:.0f})")
        rows = np.array(self._tree.query_ball_point((x, y), distance + _STACK_M))
        row = int(rows[self.graph.arrays.point[rows, 2].argmax()])
        nearest = np.linalg.norm(self.graph.arrays.point[rows, :2] - (x, y), axis=1)
        level = np.abs(self.graph.arrays.point[rows, 2] - self.graph.arrays.point[row, 2]) < 2.0
        row = int(rows[np.where(level, nearest, np.inf).argmin()])
        px, py, pz = self.graph.arrays.point[row].tolist()
        yaw_deg = float(np.degrees(self.graph.arrays.yaw[row]))
        return {"x": round(px, 2), "y": round(py, 2), "z": round(pz, 2), "yaw": round(yaw_deg, 2)}

    def trace(self, keypoints: ArrayLike, route_id: str) -> Trace:
        """The planned way through keypoints (k, 3). RouteError when there is none."""
        return trace_route(self.graph, keypoints, route_id)

    def _signs(self) -> dict[str, list[int]]:
        found = {}
        for name, kind in _SIGNS.items():
            places = [sign.transform.location for sign in self.graph.carla_map.get_all_landmarks_of_type(kind)]
            found[name] = [round(10.0 * value) for place in places for value in (place.x, place.y)]
        return found

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.graph.arrays.point[:, :2])
