"""Seams between surfaces: where corners of one lie on an edge of another, that edge gets the same corners."""

import numpy as np
import shapely
from numpy.typing import NDArray

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, Tag
from carlet.town.sampling import expand
from carlet.town.surfaces.borders import RASTER
from carlet.town.surfaces.pieces import Pieces, join_pieces, quad_pieces

_ASIDE = 0.004  # metres
_STEP = 0.06  # metres; corners of roads that are higher or lower are of another surface
_CLIFF = 1.5  # metres; land that is higher or lower than a road's edge is not to be brought to it
_WALL = 0.02  # metres
_WRAP = 2**26
_SIDES = np.array([[0, 1], [1, 2], [2, 0]])


def sewn(roads: Pieces, land: Pieces) -> tuple[Pieces, Pieces]:
    """The same surfaces without open seams: roads with more corners, and walls down to lower land; land raised or
    lowered to the edges of roads.
    """
    land = _settled(roads, _split(land, _corners(roads), _CLIFF))
    roads = _split(roads, np.concatenate([_corners(land), _corners(roads)]), _STEP)
    return join_pieces([roads, _walls(roads, land)]), land


def _corners(pieces: Pieces) -> Floats:
    return np.unique(pieces.corner.reshape(-1, 3), axis=0)


def _open_sides(pieces: Pieces) -> NDArray[np.bool_]:
    """Which sides (n, 3) of triangles are no other triangle's, seen from above."""
    place = np.unique(pieces.corner[:, :, :2].reshape(-1, 2), axis=0, return_inverse=True)[1].reshape(-1, 3)
    ends = np.sort(place[:, _SIDES], axis=2)
    key = ends[:, :, 0].astype(np.int64) * len(pieces) * 3 + ends[:, :, 1]
    _, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    return (count[inverse] == 1).reshape(-1, 3)


def _places(points: Floats) -> Ints:
    """A number (k,) for each place of the raster that `points` (k, 3) are at."""
    steps = np.round(points[:, :2] / RASTER).astype(np.int64)
    return steps[:, 0] * _WRAP + steps[:, 1]


def _on_edges(start: Floats, end: Floats, points: Floats, step: float) -> tuple[Ints, Ints, Floats]:
    """Edges and points, row by row, that lie on each other, at most `step` apart in height; and the share (k,) of the
    way along the edge.
    """
    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)[:, :, :2]))
    point, edge = shapely.STRtree(lines).query(shapely.points(points[:, :2]), predicate="dwithin", distance=_ASIDE)
    way = end[edge] - start[edge]
    away = points[point] - start[edge]
    share = np.sum(way[:, :2] * away[:, :2], axis=1) / np.sum(way[:, :2] ** 2, axis=1)
    level = np.abs(away[:, 2] - share * way[:, 2]) < step
    return edge[level], point[level], share[level]


def _settled(roads: Pieces, land: Pieces) -> Pieces:
    """Land whose corners on the edges of roads are as high as these, unless a wall is between them."""
    triangle, side = np.nonzero(_open_sides(roads))
    start, end = (roads.corner[triangle, _SIDES[side, k]] for k in (0, 1))
    points, row = np.unique(land.corner.reshape(-1, 3), axis=0, return_inverse=True)
    edge, point, share = _on_edges(start, end, points, _CLIFF)
    points[point, 2] = start[edge, 2] + np.clip(share, 0.0, 1.0) * (end[edge, 2] - start[edge, 2])
    return Pieces(points[row].reshape(-1, 3, 3), land.material, land.tag, land.key)


def _split(pieces: Pieces, corners: Floats, step: float) -> Pieces:
    """Triangles fanned out to all `corners` on their open sides that are at most `step` higher or lower."""
    for side in range(3):
        pieces = _fanned(pieces, side, corners, step)
    return pieces


def _fanned(pieces: Pieces, side: int, corners: Floats, step: float) -> Pieces:
    """`_split` of the sides of one number."""
    rows = np.flatnonzero(_open_sides(pieces)[:, side])
    a, b = (pieces.corner[rows, _SIDES[side, k]] for k in (0, 1))
    edge, point, share = _on_edges(a, b, corners, step)
    margin = _ASIDE / np.hypot(*(b - a)[edge, :2].T)
    inner = (share > margin) & (share < 1.0 - margin)
    edge, point, share = edge[inner], point[inner], share[inner]
    order = np.lexsort((share, edge))
    edge, cuts = rows[edge[order]], corners[point[order]]
    counts = np.bincount(edge, minlength=len(pieces))
    owner, number = expand(counts + 1)
    first = np.cumsum(counts) - counts
    corner = pieces.corner[owner].copy()
    low = np.flatnonzero(number > 0)
    corner[low, _SIDES[side, 0]] = cuts[(first[owner] + number - 1)[low]]
    high = np.flatnonzero(number < counts[owner])
    corner[high, _SIDES[side, 1]] = cuts[(first[owner] + number)[high]]
    return Pieces(corner, pieces.material[owner], pieces.tag[owner], pieces.key[owner])


def _walls(roads: Pieces, land: Pieces) -> Pieces:
    """Upright faces from the edges of roads down to land that has the same corners, but lower."""
    triangle, side = np.nonzero(_open_sides(roads))
    a, b = (roads.corner[triangle, _SIDES[side, k]] for k in (0, 1))
    points = land.corner.reshape(-1, 3)
    places, first = np.unique(_places(points), return_index=True)
    lows = []
    for end in (a, b):
        row = np.minimum(np.searchsorted(places, _places(end)), len(places) - 1)
        lows.append(np.where(places[row] == _places(end), points[first[row], 2], np.inf))
    low_a, low_b = lows
    shown = np.isfinite(low_a) & np.isfinite(low_b) & (np.maximum(a[:, 2] - low_a, b[:, 2] - low_b) > _WALL)
    foot = [np.column_stack([end[:, :2], low]) for end, low in ((a, low_a), (b, low_b))]
    face = np.stack([b, a, foot[0], foot[1]], axis=1)[shown]
    return quad_pieces(face, code("concrete"), Tag.WALL, roads.key[triangle[shown]])
