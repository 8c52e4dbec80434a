"""Shadows of what stands still, kept while the light stands still, and of what moves, drawn anew for every picture.

Both are maps of heights towards the light, cut in tiles. What a tile holds depends on the town and the direction of the
light alone, never on what was drawn before.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.render.scene import Clusters, Triangles, View
from carlet.render.shadow_kernels import NO_TILE, boxes_across, draw_tiles, seen_tiles

#: Texels a metre, and the power of two of texels a tile: 64 m and 12.8 m.
STILL_SCALE, STILL_BITS = np.float32(4.0), 8
MOVING_SCALE, MOVING_BITS = np.float32(5.0), 6
#: No shadows are drawn farther away (m).
STILL_REACH, MOVING_REACH = 260.0, 90.0
_KEPT, _STEP, _MOST_SEEN = 128, 4, 1 << 12


class Tiles(NamedTuple):
    """`table` (rows, columns) int32: the tile `corner + (column, row)` is in `depth` (slots, n + 1, n + 1) at that
    slot; -1: nothing there.
    """

    table: NDArray[np.int32]
    corner: NDArray[np.int32]
    depth: NDArray[np.float32]


class Shadows(NamedTuple):
    """Maps in the frame `axes` (3, 3): u and v across the light, height towards it."""

    axes: NDArray[np.float32]
    still: Tiles
    moving: Tiles


class ShadowMaps:
    """Makes the shadows for pictures of one town and keeps tiles of what stands still, the latest used ones."""

    def __init__(self, kept: int = _KEPT):
        self._kept = kept
        self._key: tuple[float, ...] = ()
        self._axes = np.eye(3, dtype=np.float32)
        self._boxes = np.zeros((0, 4), np.float32)
        self._slots: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._depth = np.zeros((0, (1 << STILL_BITS) + 1, (1 << STILL_BITS) + 1), np.float32)
        self._moving = np.zeros((0, (1 << MOVING_BITS) + 1, (1 << MOVING_BITS) + 1), np.float32)

    def cast(
        self,
        near: NDArray[np.float32],
        views: Sequence[View],
        triangles: Triangles,
        clusters: Clusters,
        still: int,
        key: NDArray[np.float32],
    ) -> Shadows:
        """Shadows on all that the views see. `near` (v, h, w): see `raster.Buffers`; the first `still` clusters never
        change; `key` (3,): the direction to the light. The tiles stay as they are until the next call.
        """
        if self._key != tuple(key.tolist()) or len(self._boxes) != still:
            self._turn(clusters, still, key)
        wanted = _tiles_in_view(near, views, self._axes)
        self._bake(wanted, triangles, clusters)
        table, corner = _table(wanted, [self._slots[tile] for tile in map(tuple, wanted.tolist())])
        return Shadows(
            self._axes, Tiles(table, corner, self._depth), self._cast_moving(views, triangles, clusters, still)
        )

    def _turn(self, clusters: Clusters, still: int, key: NDArray[np.float32]) -> None:
        self._key = tuple(key.tolist())
        self._axes = light_axes(key)
        self._slots.clear()
        self._boxes = np.empty((still, 4), np.float32)
        boxes_across(clusters.low[:still], clusters.high[:still], self._axes, STILL_SCALE, self._boxes)

    def _bake(self, wanted: NDArray[np.int32], triangles: Triangles, clusters: Clusters) -> None:
        keys = list(map(tuple, wanted.tolist()))
        for tile in keys:
            if tile in self._slots:
                self._slots.move_to_end(tile)
        new = [tile for tile in keys if tile not in self._slots]
        if not new:
            return
        tiles, slots = np.array(new, np.int32), self._free(len(new), len(keys))
        runs = _touching(self._boxes, tiles, 1 << STILL_BITS)
        _draw(triangles, clusters, self._axes, STILL_SCALE, tiles, slots, *runs, False, self._depth)
        self._slots.update(zip(new, slots, strict=True))

    def _free(self, count: int, used: int) -> list[int]:
        """Slots for so many new tiles: unused ones, then those of the tiles that were used longest ago."""
        size = max(self._kept, used)
        if len(self._depth) < size:
            longer = np.zeros((size, *self._depth.shape[1:]), np.float32)
            longer[: len(self._depth)] = self._depth
            self._depth = longer
        taken = set(self._slots.values())
        free = [slot for slot in range(size) if slot not in taken][:count]
        while len(free) < count:
            free.append(self._slots.popitem(last=False)[1])
        return free

    def _cast_moving(self, views: Sequence[View], triangles: Triangles, clusters: Clusters, still: int) -> Tiles:
        movers = _near_movers(views, clusters, still)
        if not len(movers):
            return Tiles(np.full((1, 1), -1, np.int32), np.zeros(2, np.int32), self._moving)
        boxes = np.empty((len(movers), 4), np.float32)
        boxes_across(clusters.low[movers], clusters.high[movers], self._axes, MOVING_SCALE, boxes)
        tiles = _covered(boxes, 1 << MOVING_BITS)
        if len(self._moving) < len(tiles):
            self._moving = np.empty((2 * len(tiles), *self._moving.shape[1:]), np.float32)
        rows, starts = _touching(boxes, tiles, 1 << MOVING_BITS)
        slots = list(range(len(tiles)))
        _draw(triangles, clusters, self._axes, MOVING_SCALE, tiles, slots, movers[rows], starts, True, self._moving)
        return Tiles(*_table(tiles, slots), self._moving)


def light_axes(key: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows u, v and height of the frame whose height goes along `key` (3,); u is level."""
    height = key.astype(np.float64) / np.linalg.norm(key)
    across = np.array([-height[1], height[0], 0.0])
    length = np.linalg.norm(across)
    across = across / length if length > 1e-6 else np.array([0.0, 1.0, 0.0])
    return np.stack([across, np.cross(height, across), height]).astype(np.float32)


def _tiles_in_view(near: NDArray[np.float32], views: Sequence[View], axes: NDArray[np.float32]) -> NDArray[np.int32]:
    per_metre = STILL_SCALE / np.float32(1 << STILL_BITS)
    frame = np.stack([np.concatenate([view.eye[None], view.turn]) for view in views]) @ axes[:2].T * per_metre
    focal = np.array([view.focal for view in views], np.float32)
    found = np.empty(_MOST_SEEN, np.int64)
    seen_tiles(near, focal, frame.astype(np.float32), per_metre, np.float32(STILL_REACH), _STEP, found)
    found = np.sort(found[found != NO_TILE])
    return np.stack([found & 0xFFFFFFFF, found >> 32], axis=1).astype(np.uint32).astype(np.int32)


def _near_movers(views: Sequence[View], clusters: Clusters, still: int) -> NDArray[np.intp]:
    """Rows of the clusters that move and are near any view."""
    middle = 0.5 * (clusters.low[still:] + clusters.high[still:])
    close = np.zeros(len(middle), bool)
    for view in views:
        close |= ((middle - view.eye) ** 2).sum(axis=1) < MOVING_REACH**2
    return still + np.flatnonzero(close)


def _covered(boxes: NDArray[np.float32], side: int) -> NDArray[np.int32]:
    """Tiles (k, 2) that bounds (c, 4) in texels touch."""
    first = np.floor((boxes[:, [0, 2]] - 1.0) / side).astype(np.int32)
    last = np.floor((boxes[:, [1, 3]] + 1.0) / side).astype(np.int32)
    most = (last - first).max(axis=0) + 1
    steps = np.stack(np.meshgrid(np.arange(most[0]), np.arange(most[1])), axis=-1).reshape(-1, 2).astype(np.int32)
    tiles = first[:, None] + steps[None]
    return np.unique(tiles[(tiles <= last[:, None]).all(axis=2)], axis=0)


def _touching(
    boxes: NDArray[np.float32], tiles: NDArray[np.int32], side: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of the bounds (c, 4) in texels that lie on each of k tiles, their extra row and column included: all rows,
    tile by tile, and where each tile's begin (k + 1,).
    """
    low, high = tiles * side - 1, tiles * side + side + 2
    over = (boxes[:, 1] >= low[:, :1]) & (boxes[:, 0] <= high[:, :1])
    over &= (boxes[:, 3] >= low[:, 1:]) & (boxes[:, 2] <= high[:, 1:])
    tile, row = np.nonzero(over)
    return row, np.searchsorted(tile, np.arange(len(tiles) + 1))


def _table(tiles: NDArray[np.int32], slots: list[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A table of slots over the bounds of the tiles (k, 2), and its first tile."""
    if not len(tiles):
        return np.full((1, 1), -1, np.int32), np.zeros(2, np.int32)
    corner = tiles.min(axis=0)
    size = tiles.max(axis=0) - corner + 1
    table = np.full((size[1], size[0]), -1, np.int32)
    table[tiles[:, 1] - corner[1], tiles[:, 0] - corner[0]] = slots
    return table, corner


def _draw(
    triangles: Triangles,
    clusters: Clusters,
    axes: NDArray[np.float32],
    scale: np.float32,
    tiles: NDArray[np.int32],
    slots: list[int],
    rows: NDArray[np.intp],
    starts: NDArray[np.intp],
    facing: bool,
    depth: NDArray[np.float32],
) -> None:
    first, last = clusters.first[rows], clusters.last[rows]
    slot = np.array(slots, np.int32)
    draw_tiles(triangles.corner, triangles.normal, axes, scale, tiles, slot, starts, first, last, facing, depth)
