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

_SIMPLER_M = 0.25
_FAR_M = 15.0
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
        lanes = []
        for edge in np.flatnonzero(arrays.edge_target < 0).tolist():
            rows = self.graph.samples(edge)
            line = shapely.simplify(shapely.linestrings(arrays.point[rows, :2].astype(np.float64)), _SIMPLER_M)
            points = np.rint(10.0 * shapely.get_coordinates(line)).astype(int)
            width = round(10.0 * float(np.median(arrays.width[rows])))
            lanes.append({"p": points.ravel().tolist(), "w": width, "j": int(arrays.edge_junction[edge])})
        return {"town": self.name, "lanes": lanes, "signs": self._signs()}

    def snap(self, x: float, y: float) -> dict[str, float]:
        """The lane's middle at a place seen from above: x, y, z (m) and yaw (deg). RouteError far from every lane."""
        distance, _ = self._tree.query((x, y))
        if distance > _FAR_M:
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
