"""Bridges: which stretches of road are high over the land, and the slabs that carry them."""

import numpy as np

from carlet.models.materials import code
from carlet.town.grid import Grid
from carlet.town.model import Ints, Lanes, Tag, Terrain
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import Bands
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.heights import Heights, terrain_heights
from carlet.town.surfaces.pieces import Part, Pieces, join_pieces, quad_pieces, thing_keys
from carlet.town.surfaces.strips import border_points

_HIGH = 4.0  # metres over the land from which on a road is a bridge
_THICK = 0.8


def deck_steps(borders: Borders, lanes: Lanes, terrain: Terrain) -> tuple[Ints, Ints, np.ndarray]:
    """Every step from a station of a section to the next: section (n,), station (n,), and whether it is a bridge."""
    section, station = expand(borders.stations - 1)
    stations = borders.stations[section]
    left = borders.first[section] + station
    corners = np.stack([left, left + 1, left + borders.lanes[section] * stations], axis=1)
    corners = np.column_stack([corners, corners[:, 2] + 1])
    points = borders.point[corners.ravel()]
    gap = (points[:, 2] - terrain_heights(terrain, points)).reshape(-1, 4).mean(axis=1)
    outside = lanes.junction_id[borders.lane[borders.lane_first[section]]] < 0
    return section, station, outside & (gap > _HIGH)


def grounded(borders: Borders, lanes: Lanes, terrain: Terrain, steps: tuple[Ints, Ints, np.ndarray]) -> Heights:
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


def build_decks(borders: Borders, bands: Bands, steps: tuple[Ints, Ints, np.ndarray]) -> Pieces:
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
