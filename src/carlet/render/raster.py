"""What each pixel of some views sees: the nearest triangle, and the paint on it.

Every tile of a view is drawn by one thread from beginning to end: clusters near to far, those behind what is drawn
already left out, each triangle projected and filled at once. Neither the number of threads nor the order of clusters
changes a bit of the result.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.render.canvas import canvas_size, hand_over, hides, stretch, surely_hides
from carlet.render.culling import NEAR, SLACK, Pinholes, find_clusters, pinhole, pinholes, room_for
from carlet.render.fill import fill
from carlet.render.paint import coverage_for, paint_reach, paint_tile
from carlet.render.scene import FAR, Clusters, Triangles, View
from carlet.render.setup import (
    BATCH,
    bench_of,
    box_of,
    box_of_polygon,
    clip,
    corners_of,
    faces,
    least_z,
    project,
    sift,
    workbenches,
)
from carlet.render.tasks import next_task

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_STRICT, "forceinline": True}
_PARALLEL: dict[str, Any] = {**_STRICT, "_nrt": True, "parallel": True}
#: Tiles are at most so wide and high, and there are at least so many for each thread.
_WIDEST, _HIGHEST, _TILES_PER_THREAD = 256, 512, 3
_NARROWEST = 32


class Buffers(NamedTuple):
    """What v views of h x w pixels see: `near` (v, h, w) float32, one over the distance along the camera's axis (1/m),
    0 where there is nothing; `seen` (v, h, w) int32 rows of the triangles, or NOTHING; `cover` (v, h, w) float32, the
    share of the pixel under paint; `marked` (v, h, w) int32, the row of the paint triangle that covers most of it, or
    NOTHING.
    """

    near: NDArray[np.float32]
    seen: NDArray[np.int32]
    cover: NDArray[np.float32]
    marked: NDArray[np.int32]


class _Scratch(NamedTuple):
    """Work space of some threads, first axis thread."""

    keys: NDArray[np.int64]
    far: NDArray[np.int64]
    stale: NDArray[np.uint8]


class Rasteriser:
    """Draws views; keeps its work space, and its results until the next call."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._solid = self._paint = room_for(0, 0)
        self._counter = np.zeros(1, np.int64)

    def draw(
        self,
        triangles: Triangles,
        clusters: Clusters,
        paint: Triangles,
        paint_clusters: Clusters,
        views: Sequence[View],
        static: int | None = None,
    ) -> Buffers:
        """What `views`, all of one size, see. Paint lies on the first `static` triangles only, on all unless given.

        The arrays of the result are used again by the next call. ValueError when the sizes of the views differ.
        """
        cameras = pinholes(views)
        self._make_room(cameras, len(clusters.first), len(paint_clusters.first))
        solid, marks = _frozen(clusters), _frozen(paint_clusters)
        far = np.full(len(views), FAR, np.float32)
        reach, wide = paint_reach(cameras.focal), SLACK + np.float32(0.5)
        find_clusters(cameras, solid.low, solid.high, far, SLACK, self._solid[0], self._solid[1])
        find_clusters(cameras, marks.low, marks.high, reach, wide, self._paint[0], self._paint[1])
        self._counter[0] = 0
        _draw_tiles(
            cameras,
            (*_frozen(triangles[:2]), *solid[:2]),
            (*_frozen(paint[:2]), *marks[:2]),
            len(triangles.corner) if static is None else static,
            self._solid[0],
            self._paint[0],
            self._tiles,
            self._counter,
            self._scratch,
            self._bench,
            self._coverage,
            self._buffers,
        )
        return self._buffers

    def _make_room(self, cameras: Pinholes, clusters: int, paint_clusters: int) -> None:
        count, width, height = len(cameras.focal), cameras.width, cameras.height
        if self._solid[0].nearest.shape != (count, clusters):
            self._solid = room_for(count, clusters)
        if self._paint[0].nearest.shape != (count, paint_clusters):
            self._paint = room_for(count, paint_clusters)
        threads = numba.get_num_threads()
        if self._shape == (count, width, height, threads):
            return
        self._shape = (count, width, height, threads)
        self._tiles = _tiles(count, width, height, threads)
        wide, high = (int(np.diff(self._tiles[:, k : k + 2]).max()) for k in (1, 3))
        pixels, cells = canvas_size(wide, high)
        self._scratch = _Scratch(
            keys=np.zeros((threads, pixels), np.int64),
            far=np.zeros((threads, cells), np.int64),
            stale=np.zeros((threads, cells), np.uint8),
        )
        self._bench, self._coverage = workbenches(threads), coverage_for(threads, wide, high)
        shape = (count, height, width)
        self._buffers = Buffers(
            near=np.zeros(shape, np.float32),
            seen=np.zeros(shape, np.int32),
            cover=np.zeros(shape, np.float32),
            marked=np.zeros(shape, np.int32),
        )


def rasterise(
    triangles: Triangles,
    clusters: Clusters,
    paint: Triangles,
    paint_clusters: Clusters,
    views: Sequence[View],
    static: int | None = None,
) -> Buffers:
    """What `views` see, once; see `Rasteriser.draw`."""
    return Rasteriser().draw(triangles, clusters, paint, paint_clusters, views, static)


def _frozen(arrays: Any) -> Any:
    """Views that cannot be written, so that the kernels meet one kind of array only and are compiled once."""
    views = [np.asarray(array).view() for array in arrays]
    for view in views:
        view.flags.writeable = False
    return type(arrays)(*views) if hasattr(arrays, "_fields") else tuple(views)


def _tiles(count: int, width: int, height: int, threads: int) -> NDArray[np.int64]:
    """Tiles (t, 5) `view left right top bottom`."""
    wanted = -(-_TILES_PER_THREAD * threads // count)
    columns = max(-(-width // _WIDEST), min(wanted, width // _NARROWEST), 1)
    rows = -(-height // _HIGHEST)
    across, down = np.arange(columns + 1) * width // columns, np.arange(rows + 1) * height // rows
    return np.array(
        [
            (view, across[i], across[i + 1], down[j], down[j + 1])
            for view in range(count)
            for j in range(rows)
            for i in range(columns)
        ],
        np.int64,
    )


@njit(**_PARALLEL)
def _draw_tiles(cameras, solid, paint, static, seen, marks, tiles, counter, scratch, benches, coverage, buffers):
    """All tiles of all views."""
    for worker in prange(len(scratch.keys)):
        bench = bench_of(benches, worker)
        task = next_task(counter)
        while task < len(tiles):
            view = tiles[task, 0]
            canvas = stretch(
                tiles[task, 1],
                tiles[task, 2],
                tiles[task, 3],
                tiles[task, 4],
                scratch.keys[worker],
                scratch.far[worker],
                scratch.stale[worker],
            )
            camera = pinhole(cameras, view)
            _draw_solid(camera, solid, seen, view, canvas, bench)
            hand_over(canvas, buffers.near[view], buffers.seen[view])
            paint_tile(
                camera,
                paint,
                static,
                marks,
                view,
                canvas,
                bench,
                coverage.area[worker],
                coverage.most[worker],
                coverage.line[worker],
                buffers.cover[view],
                buffers.marked[view],
            )
            task = next_task(counter)


@njit(**_STRICT)
def _draw_solid(camera, solid, found, view, canvas, bench):
    """All triangles of one view in one tile."""
    corner, normal, first, last = solid
    item, nearest = found.item[view], found.nearest[view]
    for k in range(found.number[view]):
        i = item[k, 5]
        left, right = max(np.int64(item[i, 1]), canvas.left), min(np.int64(item[i, 2]), canvas.right)
        top, bottom = max(np.int64(item[i, 3]), canvas.top), min(np.int64(item[i, 4]), canvas.bottom)
        if left >= right or top >= bottom or hides(canvas, left, right, top, bottom, nearest[i]):
            continue
        cluster = item[i, 0]
        for start in range(first[cluster], last[cluster], BATCH):
            end = min(start + BATCH, last[cluster])
            _draw_batch(camera, corner[start:end], normal[start:end], start, canvas, bench)


@njit(**_INLINE)
def _draw_batch(camera, corner, normal, start, canvas, bench):
    """Up to `BATCH` triangles, the first of which is row `start`."""
    project(camera, corner.reshape(-1), bench.points)
    polygon = bench.polygon
    for k in range(sift(camera, bench, len(corner), canvas, np.float32(0.0))):
        i = bench.chosen[k]
        whole = least_z(bench, i) >= NEAR
        left, right, top, bottom = box_of(bench, i)
        if whole and surely_hides(canvas, left, right, top, bottom, np.float32(1.0) / least_z(bench, i)):
            continue
        if not faces(camera, corner[i], normal[i]):
            continue
        corners = corners_of(bench, i) if whole else clip(camera, corner[i], polygon)
        for last in range(5, 3 + corners):
            if not whole:
                left, right, top, bottom = box_of_polygon(polygon, last, canvas, np.float32(0.0))
            fill(canvas, camera, left, right, top, bottom, polygon, last, corner[i], normal[i], start + i)
