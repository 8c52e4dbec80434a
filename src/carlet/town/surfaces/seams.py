"""Seams between surfaces: where corners of one lie on an edge of another, that edge gets the same corners."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, Tag
from carlet.town.sampling import expand
from carlet.town.surfaces.pieces import Pieces, join_pieces, quad_pieces

_ASIDE = 0.004  # metres
_STEP = 0.06  # metres; corners of roads that are higher or lower are of another surface
_CLIFF = 1.5  # metres; land that is higher or lower than a road's edge is not to be brought to it
_WALL = 0.02  # metres
_PLACES = 65536.0  # places in a metre
_MIXER = 1_000_003  # an odd number, so that different pairs of places have different keys
_SIDES = np.array([[0, 1], [1, 2], [2, 0]])


@dataclass(frozen=True)
class _Sheet:
    """Triangles (n) seen from above, and which sides (n, 3) of them are `open`: no other triangle's."""

    pieces: Pieces
    open: NDArray[np.bool_]

    @property
    def edges(self) -> tuple[Floats, Floats, Ints]:
        """Starts and ends (k, 3) of the open sides, and the triangle (k,) of each."""
        triangle, side = np.nonzero(self.open)
        start, end = (self.pieces.corner[triangle, _SIDES[side, k]] for k in (0, 1))
        return start, end, triangle

    @property
    def rim(self) -> Floats:
        """Corners (k, 3) along the open sides, each once for each height."""
        start, end, _ = self.edges
        points = np.concatenate([start, end])
        order = np.lexsort((points[:, 2], _places(points)))
        points = points[order]
        return points[np.append(True, (points[1:] != points[:-1]).any(axis=1))]


def sewn(roads: Pieces, land: Pieces) -> tuple[Pieces, Pieces]:
    """The same surfaces without open seams: both with more corners, the land raised or lowered to the edges of roads,
    and walls where it is much lower.
    """
    road_sheet, land_sheet = _sheet(roads), _sheet(land)
    land_sheet = _settled(road_sheet, _split(land_sheet, road_sheet.rim, _CLIFF))
    road_sheet = _split(road_sheet, np.concatenate([land_sheet.rim, road_sheet.rim]), _STEP)
    return join_pieces([road_sheet.pieces, _walls(road_sheet, land_sheet.pieces)]), land_sheet.pieces


def _sheet(pieces: Pieces) -> _Sheet:
    place = _places(pieces.corner.reshape(-1, 3)).reshape(-1, 3)
    start, end = place[:, _SIDES[:, 0]].ravel(), place[:, _SIDES[:, 1]].ravel()
    key = np.minimum(start, end) * _MIXER + np.maximum(start, end)
    order = np.argsort(key)
    same = key[order][1:] == key[order][:-1]
    alone = np.ones(len(key), np.bool_)
    alone[order] = ~(np.append(False, same) | np.append(same, False))
    return _Sheet(pieces, alone.reshape(-1, 3))


def _places(points: Floats) -> Ints:
    """A number (k,) for each place that `points` (k, 3) are at, whatever their heights."""
    steps = np.round(points[:, :2] * _PLACES).astype(np.int64)
    return (steps[:, 0] << 32) + steps[:, 1]


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


def _settled(roads: _Sheet, land: _Sheet) -> _Sheet:
    """Land whose corners on the edges of roads are as high as these, unless a wall is between them."""
    start, end, _ = roads.edges
    rim = land.rim
    edge, point, share = _on_edges(start, end, rim, _CLIFF)
    height = start[edge, 2] + np.clip(share, 0.0, 1.0) * (end[edge, 2] - start[edge, 2])
    known, row = np.unique(_places(rim[point]), return_index=True)
    corner = land.pieces.corner.reshape(-1, 3).copy()
    place = _places(corner)
    found = np.minimum(np.searchsorted(known, place), len(known) - 1)
    corner[:, 2] = np.where(known[found] == place, height[row[found]], corner[:, 2])
    pieces = Pieces(corner.reshape(-1, 3, 3), land.pieces.material, land.pieces.tag, land.pieces.key)
    return _Sheet(pieces, land.open)


def _split(sheet: _Sheet, corners: Floats, step: float) -> _Sheet:
    """Triangles fanned out to all `corners` on their open sides that are at most `step` higher or lower."""
    for side in range(3):
        sheet = _fanned(sheet, side, corners, step)
    return sheet


def _fanned(sheet: _Sheet, side: int, corners: Floats, step: float) -> _Sheet:
    """`_split` of the sides of one number."""
    pieces = sheet.pieces
    rows = np.flatnonzero(sheet.open[:, side])
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
    corner, still = pieces.corner[owner], sheet.open[owner]
    begun, ended = number > 0, number < counts[owner]
    corner[begun, _SIDES[side, 0]] = cuts[(first[owner] + number - 1)[begun]]
    corner[ended, _SIDES[side, 1]] = cuts[(first[owner] + number)[ended]]
    still[ended, (side + 1) % 3] = False
    still[begun, (side + 2) % 3] = False
    return _Sheet(Pieces(corner, pieces.material[owner], pieces.tag[owner], pieces.key[owner]), still)


def _walls(roads: _Sheet, land: Pieces) -> Pieces:
    """Upright faces between the edges of roads and land that has the same corners, but lower or higher."""
    a, b, triangle = roads.edges
    points = land.corner.reshape(-1, 3)
    places, first = np.unique(_places(points), return_index=True)
    feet = []
    for end in (a, b):
        row = np.minimum(np.searchsorted(places, _places(end)), len(places) - 1)
        low = np.where(places[row] == _places(end), points[first[row], 2], np.nan)
        feet.append(np.column_stack([end[:, :2], low]))
    foot_a, foot_b = feet
    drop = np.stack([a[:, 2] - foot_a[:, 2], b[:, 2] - foot_b[:, 2]], axis=1)
    known = np.isfinite(drop).all(axis=1)
    lower, higher = known & (drop.max(axis=1) > _WALL), known & (drop.min(axis=1) < -_WALL)
    down, up = np.stack([b, a, foot_a, foot_b], axis=1), np.stack([foot_a, foot_b, b, a], axis=1)
    key = roads.pieces.key[np.concatenate([triangle[lower], triangle[higher]])]
    return quad_pieces(np.concatenate([down[lower], up[higher]]), code("concrete"), Tag.WALL, key)
