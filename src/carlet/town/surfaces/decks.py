"""Bridges: which stretches of road are high over the land, and the slabs that carry them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import code
from carlet.town.grid import Grid
from carlet.town.model import Floats, Ints, Lanes, Tag, Terrain
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import Bands
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.heights import Heights, terrain_heights
from carlet.town.surfaces.pieces import Part, Pieces, join_pieces, quad_pieces, thing_keys
from carlet.town.surfaces.strips import border_points

_HIGH = 4.0  # metres of a bridge over the road below it
_CLEAR = 3.0  # metres over the land at the ends of a bridge
_THICK = 0.8
_PROBES = 4


class Steps(NamedTuple):
    """Every step of roads from a station of a section to the next: `section` (n,), first `station` (n,), and whether it
    is a `deck`, part of a bridge.
    """

    section: Ints
    station: Ints
    deck: NDArray[np.bool_]


def road_steps(borders: Borders, lanes: Lanes, terrain: Terrain, heights: Heights) -> Steps:
    """Bridges are high over the land, and other roads run below them; `heights` are those of all lanes."""
    section, station = expand(borders.stations - 1)
    stations = borders.stations[section]
    left = borders.first[section] + station
    right = left + borders.lanes[section] * stations
    points = borders.point[np.stack([left, left + 1, right + 1, right], axis=1)]
    gap = points[:, :, 2] - terrain_heights(terrain, points.reshape(-1, 3)).reshape(-1, 4)
    outside = lanes.junction_id[borders.lane[borders.lane_first[section]]] < 0
    high = outside & (gap.max(axis=1) > _HIGH)
    over = np.zeros(len(section), np.bool_)
    over[high] = _over_roads(points[high], heights)
    high &= over | (gap.min(axis=1) > _CLEAR)
    run = np.cumsum(np.append(True, (section[1:] != section[:-1]) | (high[1:] != high[:-1]))) - 1
    carried = np.bincount(run, weights=over, minlength=1) > 0
    return Steps(section, station, high & carried[run])


def _over_roads(quads: Floats, heights: Heights) -> NDArray[np.bool_]:
    """Whether lanes run below each of `quads` (n, 4, 3)."""
    share = np.linspace(0.0, 1.0, _PROBES)
    along, across = (grid.ravel()[None, :, None] for grid in np.meshgrid(share, share))
    a, b, c, d = (quads[:, k, None] for k in range(4))
    points = (1.0 - across) * (a + along * (b - a)) + across * (d + along * (c - d))
    below, found = heights.with_lanes(points.reshape(-1, 3) - [0.0, 0.0, _HIGH], 0.0)
    lower = found & (below < points.reshape(-1, 3)[:, 2] - _HIGH)
    return np.asarray(lower.reshape(len(quads), points.shape[1]).any(axis=1))


def grounded(borders: Borders, lanes: Lanes, terrain: Terrain, steps: Steps) -> Heights:
    """Heights of the land and of those lanes that lie on it, without the bridges."""
    section, station, deck = steps
    place = section * 1e6 + borders.s[borders.first[section] + station]
    home = np.zeros(len(lanes.lane_id), np.int64)
    home[borders.lane] = np.repeat(np.arange(len(borders.lanes)), borders.lanes)
    strips = np.unique(lanes.grid.item).astype(np.int64)
    middle = 0.5 * (lanes.s[strips] + lanes.s[strips + 1])
    step = np.searchsorted(place, home[lanes.lane[strips]] * 1e6 + middle, side="right") - 1
    return Heights(lanes, terrain, _without(lanes.grid, strips[deck[step]]), lanes.rise)


def _without(grid: Grid, items: Ints) -> Grid:
    """The same grid without `items`."""
    if not len(items):
        return grid
    kept = ~np.isin(grid.item, items)
    cells = np.repeat(np.arange(len(grid.first) - 1), np.diff(grid.first))[kept]
    filled = np.bincount(cells, minlength=len(grid.first) - 1)
    first = np.concatenate([[0], np.cumsum(filled)]).astype(np.int32)
    return Grid(grid.origin, grid.cell, grid.shape, first, grid.item[kept])


def build_decks(borders: Borders, bands: Bands, steps: Steps) -> Pieces:
    """Undersides, sides and ends of all bridges."""
    section, station, deck = steps
    edge = np.flatnonzero(np.append(True, bands.section[1:] != bands.section[:-1]))
    leftmost, rightmost = np.full((2, len(borders.stations)), -1)
    leftmost[bands.section[edge]] = edge
    rightmost[bands.section[edge]] = np.append(edge[1:], len(bands)) - 1
    deck = deck & (leftmost[section] >= 0)
    before = np.append(False, deck[:-1] & (section[1:] == section[:-1]))[deck]
    after = np.append(deck[1:] & (section[1:] == section[:-1]), False)[deck]
    section, station = section[deck], station[deck]
    points = [border_points(borders, bands, leftmost[section], station + k)[0] for k in (0, 1)]
    points += [border_points(borders, bands, rightmost[section], station + k)[1] for k in (1, 0)]
    top = np.stack(points, axis=1)
    low = top - [0.0, 0.0, _THICK]
    faces = [low[:, ::-1]]
    for a, b, shown in ((0, 1, slice(None)), (2, 3, slice(None)), (3, 0, ~before), (1, 2, ~after)):
        faces.append(np.stack([top[:, b], top[:, a], low[:, a], low[:, b]], axis=1)[shown])
    key = thing_keys(Part.BRIDGE, borders.road_id[section])
    keys = [key, key, key, key[~before], key[~after]]
    return join_pieces(
        quad_pieces(face, code("concrete"), Tag.BRIDGE, own) for face, own in zip(faces, keys, strict=True)
    )
