"""Light of lamps at night: maps of what falls on every place, seen from above, with where it comes from.

Maps are cut in tiles round the viewers. What street lamps give is kept from tick to tick; what moving lamps give is
added to copies of those tiles.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.render.scene import View

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_JIT, "_nrt": True}
#: Cells a metre, and the power of two of cells a tile: 16 m.
CELLS, BITS = np.float32(1.0), 4
_SIDE = 1 << BITS
#: Lamps light what is so near to a viewer (m).
REACH = 150.0
_KEPT = 700
#: Slope under which beams of vehicles weaken towards the ground before them, and how much steeper than they are they
#: seem to fall on it: eyes and cameras get used to the dark, this light does not know how.
_CUT_OFF, _BEAM_RISE = np.float32(0.10), np.float32(2.5)
_TINY = np.float32(0.01)
#: r, g, b of the light that falls square on, then, weighted with its brightness: direction to the lamp (3), height of
#: the lamp, and the weight itself.
_CHANNELS = 8
_ROW = (_SIDE + 1) * _CHANNELS
_RED, _GREEN, _BLUE = np.float32(0.30), np.float32(0.59), np.float32(0.11)
_NONE, _ONE, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


class Spots(NamedTuple):
    """l lamps. `position` (l, 3); `direction` (l, 3) of the beam, a unit vector; `color` (l, 3): light at one metre;
    `reach` (l,) m; `half_angle` (l,) rad of the beam, pi or more to all sides; `height` (l,) m over the ground.
    """

    position: NDArray[np.float32]
    direction: NDArray[np.float32]
    color: NDArray[np.float32]
    reach: NDArray[np.float32]
    half_angle: NDArray[np.float32]
    height: NDArray[np.float32]


class Glow(NamedTuple):
    """`table` (rows, columns) int32: the tile `corner + (column, row)` is in `cells` (slots, n + 1, n + 1, 8) at that
    slot; -1: dark.
    """

    table: NDArray[np.int32]
    corner: NDArray[np.int32]
    cells: NDArray[np.float32]


def no_spots() -> Spots:
    """No lamps."""
    return Spots(*(np.zeros((0, 3), np.float32),) * 3, *(np.zeros(0, np.float32),) * 3)


def join_spots(*parts: Spots) -> Spots:
    """The lamps of several lists, in order."""
    return Spots(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def no_glow() -> Glow:
    """Darkness; also what daylight leaves of lamps."""
    return Glow(np.full((1, 1), -1, np.int32), np.zeros(2, np.int32), np.zeros((1, 2, 2, _CHANNELS), np.float32))


class _Reached(NamedTuple):
    """k tiles (k, 2), column and row, and the lamps that reach them: tile i by `spots` [starts[i], starts[i + 1])."""

    tiles: NDArray[np.int64]
    starts: NDArray[np.int64]
    spots: NDArray[np.int64]

    def of(self, rows: list[int]) -> "_Reached":
        """Some of the tiles."""
        parts = [self.spots[self.starts[row] : self.starts[row + 1]] for row in rows]
        starts = np.cumsum([0, *(len(part) for part in parts)])
        spots = np.concatenate(parts) if parts else self.spots[:0]
        return _Reached(self.tiles[rows].reshape(-1, 2), starts, spots)


class GlowMaps:
    """Makes the maps of lamps' light and keeps what lamps that stand still give."""

    def __init__(self, kept: int = _KEPT):
        self._kept = kept
        self._still = no_spots()
        self._lit: OrderedDict[tuple[int, ...], NDArray[np.float32]] = OrderedDict()
        self._around: NDArray[np.int64] | None = None
        self._lasting = _reached(self._still, np.zeros((1, 2), np.int64))

    def cast(self, views: Sequence[View], still: Spots, moving: Spots, night: float) -> Glow:
        """The light of lamps round the views; `night`: see `Light`, by day lamps give none that is seen."""
        if night <= 0.0 or not len(still.reach) + len(moving.reach):
            return no_glow()
        around = _around(views)
        if not _same(still, self._still):
            self._still = Spots(*(column.copy() for column in still))
            self._lit.clear()
            self._around = None
        if self._around is None or not np.array_equal(around, self._around):
            self._around, self._lasting = around, _reached(still, around)
        lasting, passing = self._lasting, _reached(moving, around)
        self._light_up(lasting)
        tiles = np.unique(np.concatenate([lasting.tiles, passing.tiles]), axis=0)
        if not len(tiles):
            return no_glow()
        dark = np.zeros((_SIDE + 1, _SIDE + 1, _CHANNELS), np.float32)
        cells = np.stack([self._lit.get(tile, dark) for tile in map(tuple, tiles.tolist())])
        table, corner = _table(tiles)
        slots = table[passing.tiles[:, 1] - corner[1], passing.tiles[:, 0] - corner[0]]
        _shine_tiles(cells, passing.tiles, slots, passing.starts, passing.spots, moving)
        return Glow(table, corner, cells)

    def _light_up(self, wanted: _Reached) -> None:
        keys = list(map(tuple, wanted.tiles.tolist()))
        for tile in keys:
            if tile in self._lit:
                self._lit.move_to_end(tile)
        new = [row for row, tile in enumerate(keys) if tile not in self._lit]
        cells = np.zeros((len(new), _SIDE + 1, _SIDE + 1, _CHANNELS), np.float32)
        part = wanted.of(new)
        _shine_tiles(cells, part.tiles, np.arange(len(new)), part.starts, part.spots, self._still)
        self._lit.update(zip([keys[row] for row in new], cells, strict=True))
        while len(self._lit) > max(self._kept, len(keys)):
            self._lit.popitem(last=False)


def _same(one: Spots, other: Spots) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _around(views: Sequence[View]) -> NDArray[np.int64]:
    """The tiles (v, 2) that the views are in, each once."""
    eyes = np.array([view.eye[:2] for view in views], np.float64)
    return np.unique(np.floor(eyes * float(CELLS) / _SIDE).astype(np.int64), axis=0)


def _reached(spots: Spots, around: NDArray[np.int64]) -> _Reached:
    """The tiles near those of `around` that lamps reach."""
    if not len(spots.reach):
        return _Reached(np.zeros((0, 2), np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64))
    side = _SIDE / float(CELLS)
    middle, extent = _bounds(spots)
    first = np.floor((middle - extent) / side).astype(np.int64)
    last = np.floor((middle + extent) / side).astype(np.int64)
    most = (last - first).max(axis=0) + 1
    steps = np.stack(np.meshgrid(np.arange(most[0]), np.arange(most[1])), axis=-1).reshape(-1, 2)
    tiles = first[:, None] + steps[None]
    apart = ((tiles[:, :, None] - around[None, None]) ** 2).sum(axis=3).min(axis=2)
    spot, step = np.nonzero((tiles <= last[:, None]).all(axis=2) & (apart <= (REACH / side) ** 2))
    order = np.lexsort((spot, tiles[spot, step, 1], tiles[spot, step, 0]))
    sorted_tiles = tiles[spot[order], step[order]]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (sorted_tiles[1:] != sorted_tiles[:-1]).any(axis=1)
    starts = np.append(np.flatnonzero(fresh), len(order))
    return _Reached(sorted_tiles[fresh], starts, spot[order])


def _bounds(spots: Spots) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middles and half sizes (l, 2) of what lamps reach: narrow beams light only what is ahead."""
    place, beam = spots.position[:, :2].astype(np.float64), spots.direction[:, :2].astype(np.float64)
    reach = spots.reach[:, None].astype(np.float64)
    narrow = (spots.half_angle < 0.5 * np.pi)[:, None]
    aside = reach * np.sin(np.minimum(spots.half_angle, 0.5 * np.pi))[:, None]
    middle = np.where(narrow, place + 0.5 * reach * beam, place)
    return middle, np.where(narrow, 0.5 * reach * np.abs(beam) + aside * np.abs(beam[:, ::-1]) + 0.5, reach)


def _table(tiles: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    corner = tiles.min(axis=0)
    size = tiles.max(axis=0) - corner + 1
    table = np.full((size[1], size[0]), -1, np.int32)
    table[tiles[:, 1] - corner[1], tiles[:, 0] - corner[0]] = np.arange(len(tiles))
    return table, corner.astype(np.int32)


@njit(parallel=True, **_PARALLEL)
def _shine_tiles(cells, tiles, slots, runs, rows, spots):
    """Add the light of the lamps `rows` [runs[i], runs[i + 1]) to the cells of tile i."""
    for i in prange(len(slots)):
        for k in range(runs[i], runs[i + 1]):
            _shine_one(cells[slots[i]], tiles[i, 0] * _SIDE, tiles[i, 1] * _SIDE, rows[k], spots)


@njit(**_JIT)
def _span(place, reach, first, count):
    """Cells of a tile's row or column, `count` from `first` on, within reach of a place (m)."""
    low, high = int(np.floor((place - reach) * CELLS)) - first, int(np.ceil((place + reach) * CELLS)) - first + 1
    return max(low, 0), min(high, count)


@njit(**_JIT)
def _shine_one(cells, left, top, spot, spots):
    place_x, place_y, height = spots.position[spot, 0], spots.position[spot, 1], spots.height[spot]
    beam_x, beam_y = spots.direction[spot, 0], spots.direction[spot, 1]
    red, green, blue = spots.color[spot, 0], spots.color[spot, 1], spots.color[spot, 2]
    bright = _RED * red + _GREEN * green + _BLUE * blue
    lamp_z, reach, angle = spots.position[spot, 2], spots.reach[spot], spots.half_angle[spot]
    edge = np.cos(min(angle, np.float32(3.2)))
    flat = np.sqrt(beam_x * beam_x + beam_y * beam_y)
    everywhere = angle >= np.float32(3.1) or flat < np.float32(0.3)
    first_row, last_row = _span(place_y, reach, top, cells.shape[0])
    first_column, last_column = _span(place_x, reach, left, cells.shape[1])
    for row in range(first_row, last_row):
        y = np.float32(top + row) / CELLS - place_y
        for column in range(first_column, last_column):
            x = np.float32(left + column) / CELLS - place_x
            level = x * x + y * y
            if level >= reach * reach:
                continue
            fade = _ONE - level / (reach * reach)
            power = fade * fade / (level + height * height + np.float32(0.3))
            if not everywhere:
                along = (x * beam_x + y * beam_y) / (flat * np.sqrt(level + _TINY))
                if along <= edge:
                    continue
                inside = (along - edge) / (_ONE - edge)
                below = height * height / (level + _TINY) / (_CUT_OFF * _CUT_OFF)
                power *= inside * (np.float32(2.0) - inside) / (_ONE + below)
            rise = height if everywhere else _BEAM_RISE * height
            away = power * bright / np.sqrt(level + rise * rise + _TINY)
            cells[row, column, 0] += power * red
            cells[row, column, 1] += power * green
            cells[row, column, 2] += power * blue
            cells[row, column, 3] -= away * x
            cells[row, column, 4] -= away * y
            cells[row, column, 5] += away * rise
            cells[row, column, 6] += power * bright * lamp_z
            cells[row, column, 7] += power * bright


@njit(forceinline=True, **_JIT)
def glow_on(table, corner, cells, x, y, z, nx, ny, nz):
    """Light (r, g, b) of lamps on a surface at (x, y, z) with the unit normal (nx, ny, nz); `cells` are flat."""
    u, v = x * CELLS, y * CELLS
    left, top = np.floor(u), np.floor(v)
    column, row = np.int32(left), np.int32(top)
    tile_u, tile_v = (column >> BITS) - corner[0], (row >> BITS) - corner[1]
    if tile_u < 0 or tile_v < 0 or tile_u >= table.shape[1] or tile_v >= table.shape[0]:
        return _NONE, _NONE, _NONE
    slot = table[tile_v, tile_u]
    if slot < 0:
        return _NONE, _NONE, _NONE
    a, b = u - left, v - top
    at = ((slot * (_SIDE + 1) + (row & (_SIDE - 1))) * (_SIDE + 1) + (column & (_SIDE - 1))) * _CHANNELS
    near, aside, below, across = at, at + _CHANNELS, at + _ROW, at + _ROW + _CHANNELS
    p, q, r, s = (_ONE - a) * (_ONE - b), a * (_ONE - b), (_ONE - a) * b, a * b
    weight = p * cells[near + 7] + q * cells[aside + 7] + r * cells[below + 7] + s * cells[across + 7]
    if weight < np.float32(1e-4):
        return _NONE, _NONE, _NONE
    facing = nx * (p * cells[near + 3] + q * cells[aside + 3] + r * cells[below + 3] + s * cells[across + 3])
    facing += ny * (p * cells[near + 4] + q * cells[aside + 4] + r * cells[below + 4] + s * cells[across + 4])
    facing += nz * (p * cells[near + 5] + q * cells[aside + 5] + r * cells[below + 5] + s * cells[across + 5])
    lamp = p * cells[near + 6] + q * cells[aside + 6] + r * cells[below + 6] + s * cells[across + 6]
    over = max(z - lamp / weight, _NONE) * np.float32(0.4)
    strength = max(facing / weight, np.float32(0.05)) / (_ONE + over * over)
    return (
        strength * (p * cells[near] + q * cells[aside] + r * cells[below] + s * cells[across]),
        strength * (p * cells[near + 1] + q * cells[aside + 1] + r * cells[below + 1] + s * cells[across + 1]),
        strength * (p * cells[near + 2] + q * cells[aside + 2] + r * cells[below + 2] + s * cells[across + 2]),
    )
