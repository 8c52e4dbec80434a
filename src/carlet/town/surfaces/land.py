"""The land between the roads and out to the horizon: squares, those along roads cut at their edges."""

import numpy as np
import shapely
from numpy.typing import NDArray

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, Lanes, Tag, Terrain
from carlet.town.surfaces.borders import RASTER, Borders
from carlet.town.surfaces.decks import Steps
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.outlines import Shapes, each_without, strip_shapes, triangulated
from carlet.town.surfaces.pieces import Part, Pieces, facing_up, make_pieces, thing_keys
from carlet.town.surfaces.quadtree import Squares, build_squares

HORIZON = 8000.0  # metres of land beyond the town's own
_FINEST = 8.0
_ALONG_ROADS = 32.0
_CHUNK = 8  # steps of road in one outline
_SMALLEST, _THINNEST = 0.002, 0.003  # square metres, metres; crumbs between outlines that are left out
_WRAP = 2**26
_PATTERN = np.linspace(0.0, 1.0, 5)


def road_outlines(borders: Borders, lanes: Lanes, steps: Steps) -> Shapes:
    """Where the roads outside junctions lie on the land, in short pieces."""
    outside = lanes.junction_id[borders.lane[borders.lane_first[steps.section]]] < 0
    section, station, deck = steps.section[outside], steps.station[outside], steps.deck[outside]
    begin = np.append(True, (section[1:] != section[:-1]) | (deck[1:] != deck[:-1]))
    run = np.cumsum(begin) - 1
    place = np.arange(len(section)) - np.flatnonzero(begin)[run]
    first = np.flatnonzero(place % _CHUNK == 0)
    last = np.append(first[1:], len(section)) - 1
    first, last = first[~deck[first]], last[~deck[first]]
    rows = section[first]
    along = station[first], station[last] + 1
    return strip_shapes(borders, rows, (np.zeros_like(rows), borders.lanes[rows]), along)


def build_land(terrain: Terrain, outlines: Shapes, heights: Heights) -> Pieces:
    """All land that no outline covers."""
    tree = shapely.STRtree(outlines)
    squares = _squares(terrain, tree, heights)
    boxes = shapely.box(*squares.low.T, *(squares.low + squares.side[:, None]).T)
    leaf, outline = tree.query(boxes, predicate="intersects")
    cut = np.zeros(len(boxes), np.bool_)
    cut[leaf] = True
    corner = np.concatenate([_fans(squares, np.flatnonzero(~cut)), _remains(squares, outlines, leaf, outline)])
    corner = np.round(corner.reshape(-1, 2) / RASTER) * RASTER
    steps = np.round(corner / RASTER).astype(np.int64)
    _, first, node = np.unique(steps[:, 0] * _WRAP + steps[:, 1], return_index=True, return_inverse=True)
    z = heights.land(corner[first])[node]
    points = np.column_stack([corner, z]).reshape(-1, 3, 3)
    return facing_up(make_pieces(points, code("grass"), Tag.TERRAIN, thing_keys(Part.LAND, 0)))


def _squares(terrain: Terrain, tree: shapely.STRtree, heights: Heights) -> Squares:
    """Squares over the town and around it: small along roads and where the land bends."""
    rows, columns = terrain.height.shape
    size = terrain.spacing * np.array([columns - 1, rows - 1])
    levels = int(np.ceil(np.log2((size.max() + 2.0 * HORIZON) / _FINEST)))
    centre = np.round((terrain.origin + 0.5 * size) / _FINEST) * _FINEST
    origin = centre - 0.5 * _FINEST * 2.0**levels

    def split(low: Floats, side: float) -> NDArray[np.bool_]:
        boxes = shapely.box(*low.T, *(low + side).T)
        along = np.zeros(len(low), np.bool_)
        along[tree.query(boxes, predicate="intersects")[0]] = side > _ALONG_ROADS
        return along | (_bend(heights, low, side) > np.where(along, 0.4, 0.04 + 0.005 * side))

    return build_squares(origin, _FINEST, levels, split)


def _bend(heights: Heights, low: Floats, side: float) -> Floats:
    """How far (n,) the land in squares leaves the surface through their corners."""
    v, u = np.meshgrid(_PATTERN, _PATTERN, indexing="ij")
    points = low[:, None] + side * np.stack([u.ravel(), v.ravel()], axis=1)
    z = heights.land(points.reshape(-1, 2)).reshape(len(low), len(_PATTERN), len(_PATTERN))
    lower = z[:, :1, :1] + (z[:, :1, -1:] - z[:, :1, :1]) * u
    upper = z[:, -1:, :1] + (z[:, -1:, -1:] - z[:, -1:, :1]) * u
    return np.abs(z - lower - (upper - lower) * v).max(axis=(1, 2))


def _rim(squares: Squares, rows: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """Corners and middles of sides (k, 8, 2) round the squares `rows`, and which of them are needed (k, 8)."""
    shift = np.array([(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)])
    points = squares.low[rows, None] + squares.side[rows, None, None] * shift
    needed = np.ones((len(rows), 8), np.bool_)
    needed[:, [7, 3, 1, 5]] = squares.halved[rows]
    return points, needed


def _fans(squares: Squares, rows: Ints) -> Floats:
    """Corners (t, 3, 2) of the triangles of whole squares: two, or a fan where smaller ones are beyond a side."""
    points, needed = _rim(squares, rows)
    plain = ~squares.halved[rows].any(axis=1)
    pairs = points[plain][:, [0, 2, 4, 0, 4, 6]].reshape(-1, 3, 2)
    points, needed = points[~plain], needed[~plain]
    centre = 0.5 * (points[:, 0] + points[:, 4])
    following = np.where(np.roll(needed, -1, axis=1), 1, 2)
    ahead = (np.arange(8) + following) % 8
    after = np.take_along_axis(points, ahead[:, :, None], axis=1)
    fans = np.stack([np.repeat(centre[:, None], 8, axis=1), points, after], axis=2)
    return np.concatenate([pairs, fans[needed]])


def _remains(squares: Squares, outlines: Shapes, leaf: Ints, outline: Ints) -> Floats:
    """Corners (t, 3, 2) of the triangles of what outlines leave of the squares they touch, pair by pair."""
    rows, place = np.unique(leaf, return_inverse=True)
    points, needed = _rim(squares, rows)
    ring = np.repeat(np.arange(len(rows)), needed.sum(axis=1))
    shapes = np.asarray(shapely.polygons(np.asarray(shapely.linearrings(points[needed], indices=ring))))
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(rows)))
    turn = np.arange(len(order)) - first[place[order]]
    for number in range(int(turn.max(initial=-1)) + 1):
        pair = order[turn == number]
        own = place[pair]
        shapes[own] = each_without(shapes[own], outlines[outline[pair]])
    parts = shapely.get_parts(shapely.get_parts(shapes))
    area = shapely.area(parts)
    parts = parts[(area > _SMALLEST) & (2.0 * area > _THINNEST * shapely.length(parts))]
    return triangulated(parts)[0].reshape(-1, 3, 2)
