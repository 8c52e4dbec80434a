"""Seams between surfaces: where corners of one lie on an edge of another, that edge gets the same corners."""

import numpy as np
import shapely
from numpy.typing import NDArray

from carlet.town.model import Floats, Ints
from carlet.town.sampling import expand
from carlet.town.surfaces.pieces import Pieces

_ASIDE = 0.004  # metres
_STEP = 0.06  # metres; corners that are higher or lower are of another surface
_SIDES = np.array([[0, 1], [1, 2], [2, 0]])


def sewn(roads: Pieces, land: Pieces) -> tuple[Pieces, Pieces]:
    """The same surfaces without open seams: roads with more corners, land raised or lowered to their edges."""
    land = _settled(roads, land)
    corners = np.concatenate([_corners(land), _corners(roads)])
    for side in range(3):
        roads = _split(roads, side, corners)
    return roads, land


def _corners(pieces: Pieces) -> Floats:
    return np.unique(pieces.corner.reshape(-1, 3), axis=0)


def _open_sides(pieces: Pieces) -> NDArray[np.bool_]:
    """Which sides (n, 3) of triangles are no other triangle's, seen from above."""
    place = np.unique(pieces.corner[:, :, :2].reshape(-1, 2), axis=0, return_inverse=True)[1].reshape(-1, 3)
    ends = np.sort(place[:, _SIDES], axis=2)
    key = ends[:, :, 0].astype(np.int64) * len(pieces) * 3 + ends[:, :, 1]
    _, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    return (count[inverse] == 1).reshape(-1, 3)


def _on_edges(start: Floats, end: Floats, points: Floats, step: float) -> tuple[Ints, Ints, Floats]:
    """Edges and points, row by row, that lie on each other but not at the edge's ends; and how far along (k,)."""
    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)[:, :, :2]))
    point, edge = shapely.STRtree(lines).query(shapely.points(points[:, :2]), predicate="dwithin", distance=_ASIDE)
    way = end[edge] - start[edge]
    away = points[point] - start[edge]
    share = np.sum(way[:, :2] * away[:, :2], axis=1) / np.sum(way[:, :2] ** 2, axis=1)
    margin = _ASIDE / np.hypot(way[:, 0], way[:, 1])
    level = np.abs(away[:, 2] - share * way[:, 2]) < step
    inside = (share > margin) & (share < 1.0 - margin) & level
    return edge[inside], point[inside], share[inside]


def _settled(roads: Pieces, land: Pieces) -> Pieces:
    """Land whose corners on the edges of roads are as high as these, unless a wall is between them."""
    triangle, side = np.nonzero(_open_sides(roads))
    start, end = (roads.corner[triangle, _SIDES[side, k]] for k in (0, 1))
    points, row = np.unique(land.corner.reshape(-1, 3), axis=0, return_inverse=True)
    edge, point, share = _on_edges(start, end, points, 4.0 * _STEP)
    points[point, 2] = start[edge, 2] + share * (end[edge, 2] - start[edge, 2])
    return Pieces(points[row].reshape(-1, 3, 3), land.material, land.tag, land.key)


def _split(pieces: Pieces, side: int, corners: Floats) -> Pieces:
    """Triangles fanned out to all `corners` on their open sides of this number."""
    rows = np.flatnonzero(_open_sides(pieces)[:, side])
    a, b = (pieces.corner[rows, _SIDES[side, k]] for k in (0, 1))
    edge, point, share = _on_edges(a, b, corners, _STEP)
    order = np.lexsort((share, edge))
    edge, inner = rows[edge[order]], corners[point[order]]
    counts = np.bincount(edge, minlength=len(pieces))
    owner, number = expand(counts + 1)
    first = np.cumsum(counts) - counts
    corner = pieces.corner[owner].copy()
    low = np.flatnonzero(number > 0)
    corner[low, _SIDES[side, 0]] = inner[(first[owner] + number - 1)[low]]
    high = np.flatnonzero(number < counts[owner])
    corner[high, _SIDES[side, 1]] = inner[(first[owner] + number)[high]]
    return Pieces(corner, pieces.material[owner], pieces.tag[owner], pieces.key[owner])
