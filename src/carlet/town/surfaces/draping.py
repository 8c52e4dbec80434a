"""Paint follows the triangles below it."""

import numpy as np
import shapely

from carlet.town.model import Floats
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.pieces import Pieces

#: How far paint lies over the surface (m).
PAINT_LIFT = 0.01
_STOREY = 2.0


class Drape:
    """Heights of the surfaces of a town: of its junctions' own triangles, elsewhere of its lanes."""

    def __init__(self, crossings: Pieces, heights: Heights):
        a, b, c = (crossings.corner[:, k] for k in range(3))
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        self._corner = crossings.corner[area > 0.0]
        rings = shapely.linearrings(self._corner[:, :, :2])
        self._tree = shapely.STRtree(np.asarray(shapely.polygons(np.asarray(rings))))
        self._heights = heights

    def over(self, points: Floats) -> Floats:
        """Points (k, 3) at the same places, one lift over the surface that is about as high."""
        z = self._heights.at(points)
        row, triangle = self._tree.query(shapely.points(points[:, :2]), predicate="intersects")
        height = _on_triangles(self._corner[triangle], points[row])
        near = np.abs(height - points[row, 2]) < _STOREY
        z[row[near]] = height[near]
        return np.column_stack([points[:, :2], z + PAINT_LIFT])


def _on_triangles(corner: Floats, points: Floats) -> Floats:
    """Heights (k,) of the planes of triangles (k, 3, 3) at `points` (k, 3)."""
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    normal = np.cross(b - a, c - a)
    away = points - a
    return a[:, 2] - (normal[:, 0] * away[:, 0] + normal[:, 1] * away[:, 1]) / normal[:, 2]
