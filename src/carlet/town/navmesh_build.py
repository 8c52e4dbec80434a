"""The navigation mesh of a town, made from its lanes."""

import logging

import numpy as np

from carlet.town.model import Floats, Ints, LaneKind, Town
from carlet.town.navmesh_areas import GRID, Area, walking_regions
from carlet.town.navmesh_detour import MOST_POLYGONS, MOST_VERTICES, empty_mesh, pack_mesh
from carlet.town.navmesh_polygons import Polygons, convex_polygons

_CELL = 32.0
_BELOW_ALL = -1e4
_log = logging.getLogger(__name__)


def build_navigation_mesh(town: Town) -> bytes:
    """`navigation.navigation_mesh` of any town, without the disk."""
    regions, areas = walking_regions(town, _CELL)
    if not len(regions):
        return empty_mesh()
    polygons = convex_polygons(regions, areas, GRID)
    vertex, corner = _vertices(town, polygons)
    if len(polygons.area) > MOST_POLYGONS or len(vertex) > MOST_VERTICES:
        _log.warning("%s has too much ground for a navigation mesh: %d polygons.", town.name, len(polygons.area))
        return empty_mesh()
    return pack_mesh(vertex, corner, polygons.neighbour, polygons.area)


def _vertices(town: Town, polygons: Polygons) -> tuple[Floats, Ints]:
    """Corners in space (v, 3), twice where pavement meets road, and the polygons' rows (p, 6) of them."""
    raised = (polygons.area == Area.SIDEWALK).astype(np.int64)[:, None]
    wanted = np.where(polygons.corner >= 0, 2 * polygons.corner + raised, -1)
    used, rows = np.unique(wanted[wanted >= 0], return_inverse=True)
    corner = wanted.copy()
    corner[wanted >= 0] = rows
    points = np.column_stack([polygons.place[used // 2] * GRID, np.full(len(used), _BELOW_ALL)])
    points[:, 2] = town.ground.heights(points)[0]
    for pavement in (False, True):
        mine = used % 2 == pavement
        points[mine, 2] = _surface(town, points[mine], pavement)
    return points, corner


def _surface(town: Town, points: Floats, pavement: bool) -> Floats:
    """Height (k,) of the nearest pavement, or of the nearest lane of another kind, by points (k, 3)."""
    lanes = town.lanes
    kinds = [kind for kind in LaneKind if kind and (kind == LaneKind.SIDEWALK) == pavement]
    near = lanes.nearest(points, kinds)
    half = 0.5 * lanes.width[near.sample]
    height = lanes.poses(near.sample, near.fraction)[:, 2] + lanes.rise[near.sample]
    height += np.clip(near.lateral, -half, half) * lanes.bank[near.sample]
    return np.where(near.lane >= 0, height, points[:, 2])
