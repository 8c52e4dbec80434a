"""Rays of LiDAR and radar against a level and the movers in it.

Sixteen neighbouring rays of one origin go through the trees together, a packet: what hangs on the origin alone, such
as the side of a triangle it lies on, is worked out once for all of them. Rays hit the front of triangles only, as
pictures do, and no triangle whose normal is zero.
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit, prange
from numpy.typing import ArrayLike, NDArray

from carlet.models.mesh import make_mesh
from carlet.render.bvh import build_tree, pack_nodes, triangle_boxes, usable
from carlet.render.packets import load_packet, trace_level, trace_placed
from carlet.render.scene import NOTHING, Triangles
from carlet.render.simd import LANES, put, spread, take
from carlet.render.static import StaticScene

_JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True}
#: Packets are dealt out to so many strands, so that all cores are busy to the end; up to `_FEW` stay on one core.
_STRANDS = 64
_FEW = 64
_STACK = 256
_NOWHERE = np.float32(-1.0)
_Arrays = TypeVar("_Arrays", bound=tuple)


class Level(NamedTuple):
    """Tree and triangles of what stands still, as in `StaticScene`; `normal` goes on with the movers' rows."""

    nodes: NDArray[np.float32]
    links: NDArray[np.int32]
    leaves: NDArray[np.int32]
    corner: NDArray[np.float32]
    normal: NDArray[np.float32]
    paint_corner: NDArray[np.float32]
    paint_normal: NDArray[np.float32]


class Forest(NamedTuple):
    """Trees of p rigid parts, each in its own frame, in common arrays: `nodes` and `links` (k, 16); leaf i holds the
    items [leaves[i], leaves[i + 1]); `corner` (n, 9) and `place` (n,), which triangle of its part it is, of the items.
    Part i begins at node `root[i]` (-1: nothing of it can be hit) and lies in `box[i]` (6,).
    """

    nodes: NDArray[np.float32]
    links: NDArray[np.int32]
    leaves: NDArray[np.int32]
    corner: NDArray[np.float32]
    place: NDArray[np.int32]
    root: NDArray[np.int32]
    box: NDArray[np.float32]


class Placed(NamedTuple):
    """Parts where they are, m in number, and a tree over them, whose leaf i is the part `order[i]`. `root` (m,) nodes
    of a forest; `first` (m,) rows of `Triangles`; `inverse` (m, 12): the matrix (3, 3) that turns the world into the
    part's frame, then the part's place in the world.
    """

    nodes: NDArray[np.float32]
    links: NDArray[np.int32]
    order: NDArray[np.int32]
    root: NDArray[np.int32]
    first: NDArray[np.int32]
    inverse: NDArray[np.float32]


class Movers(NamedTuple):
    """What moves: parts of `forest`, `placed`."""

    forest: Forest
    placed: Placed


def level_of(scene: StaticScene, triangles: Triangles | None = None, paint: Triangles | None = None) -> Level:
    """What rays meet of `scene`. `triangles` and `paint`: its own and whatever follows, with the normals as they are
    now: zero for what is hidden and for movers that are not there.
    """
    triangles, paint = triangles or scene.triangles, paint or scene.paint
    return _frozen(
        Level(
            nodes=scene.nodes,
            links=scene.nodes.view(np.int32),
            leaves=scene.leaves,
            corner=triangles.corner,
            normal=triangles.normal,
            paint_corner=paint.corner,
            paint_normal=paint.normal,
        )
    )


def no_forest() -> Forest:
    """A forest of no parts."""
    nodes, rows = np.zeros((0, 16), np.float32), np.zeros(0, np.int32)
    leaves, corner, box = np.zeros(1, np.int32), np.zeros((0, 9), np.float32), np.zeros((0, 6), np.float32)
    return Forest(nodes, nodes.view(np.int32), leaves, corner, rows, rows, box)


def grow_forest(forest: Forest, corner: NDArray[np.float32], start: NDArray[np.int32]) -> Forest:
    """A forest of all parts of `start` (p + 1,): part i has the triangles [start[i], start[i + 1]) of `corner` (n, 9).

    Those that `forest` has already stay as they are.
    """
    known = len(forest.root)
    trees = [_part_tree(corner[begin:end]) for begin, end in zip(start[known:-1], start[known + 1 :], strict=True)]
    if not trees:
        return forest
    node = len(forest.nodes) + np.cumsum([0, *(len(tree.nodes) for tree in trees)])
    leaf = len(forest.leaves) - 1 + np.cumsum([0, *(len(tree.leaves) - 1 for tree in trees)])
    item = len(forest.corner) + np.cumsum([0, *(len(tree.corner) for tree in trees)])
    links = [_shifted_links(tree.links, at, below) for tree, at, below in zip(trees, node, leaf, strict=False)]
    nodes = np.concatenate([forest.nodes, *(tree.nodes for tree in trees)])
    nodes.view(np.int32)[len(forest.nodes) :, 12:14] = np.concatenate(links)
    leaves = [tree.leaves[1:] + at for tree, at in zip(trees, item, strict=False)]
    roots = [at if len(tree.nodes) else NOTHING for tree, at in zip(trees, node, strict=False)]
    return Forest(
        nodes=nodes,
        links=nodes.view(np.int32),
        leaves=np.concatenate([forest.leaves, *leaves]).astype(np.int32),
        corner=np.concatenate([forest.corner, *(tree.corner for tree in trees)]),
        place=np.concatenate([forest.place, *(tree.place for tree in trees)]),
        root=np.concatenate([forest.root, roots]).astype(np.int32),
        box=np.concatenate([forest.box, *(tree.box for tree in trees)]),
    )


def place_movers(forest: Forest, part: NDArray[np.int32], first: ArrayLike, pose: ArrayLike) -> Movers:
    """Parts (m,) of `forest` at `pose` (m, 3, 4), matrices from their frames to the world; the rows of `Triangles` of
    their first triangles are `first` (m,). What is flattened or nowhere cannot be hit.
    """
    part, first = np.asarray(part, np.int32), np.asarray(first, np.int32)
    pose = np.ascontiguousarray(pose, np.float64).reshape(-1, 3, 4)
    keep = np.flatnonzero((forest.root[part] >= 0) & np.isfinite(pose).all(axis=(1, 2)))
    inverse, box = _settle(pose[keep], forest.box[part[keep]])
    solid = np.isfinite(inverse).all(axis=1)
    keep, inverse = keep[solid], inverse[solid]
    tree = build_tree(box[solid], leaf=1)
    nodes = pack_nodes(tree)
    placed = Placed(nodes, nodes.view(np.int32), tree.order, forest.root[part[keep]], first[keep], inverse)
    return Movers(_frozen(forest), _frozen(placed))


def cast(
    level: Level, movers: Movers, origins: ArrayLike, directions: ArrayLike, reach: ArrayLike
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Distances (k,) and rows (k,) of what rays along the unit vectors `directions` (k, 3) hit first.

    `origins` (3,) or (k, 3): rays of one origin should follow each other, and neighbours look nearly the same way.
    `reach` (m): one number or (k,). Rows are those of `Triangles`, -2 - i for row i of the paint; a ray that meets
    nothing has the row `NOTHING` and its reach for a distance.
    """
    directions = np.ascontiguousarray(directions, np.float32).reshape(-1, 3)
    origins = np.ascontiguousarray(origins, np.float32).reshape(-1, 3)
    distance = np.empty(len(directions), np.float32)
    distance[:] = reach
    row = np.full(len(directions), NOTHING, np.int32)
    starts = _packets(origins, len(directions))
    trace = _cast_few if len(starts) <= _FEW else _cast_many
    trace(level, movers.forest, movers.placed, starts, origins, directions, distance, row)
    return distance, row


def _packets(origins: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """First rays of packets (p + 1,), the last one `count`: a new one every `LANES` rays and where origins change."""
    if len(origins) == 1:
        return np.append(np.arange(0, count, LANES), count)
    if len(origins) != count:
        raise ValueError(f"{len(origins)} origins for {count} rays")
    change = np.append(0, 1 + np.flatnonzero((origins[1:] != origins[:-1]).any(axis=1)))
    size = np.diff(np.append(change, count))
    pieces = -(-size // LANES)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return np.append(np.repeat(change, pieces) + LANES * within, count)


def _part_tree(corner: NDArray[np.float32]) -> Forest:
    """A forest of one part."""
    keep = np.flatnonzero(usable(corner, make_mesh(corner, 0, 0).normals))
    box = triangle_boxes(corner[keep])
    tree = build_tree(box)
    nodes = pack_nodes(tree)
    leaf = tree.right == 0
    return Forest(
        nodes=nodes,
        links=nodes.view(np.int32),
        leaves=np.append(tree.first[leaf], len(keep)).astype(np.int32),
        corner=np.ascontiguousarray(corner[keep[tree.order]], np.float32),
        place=keep[tree.order].astype(np.int32),
        root=np.array([0 if len(keep) else NOTHING], np.int32),
        box=tree.box[:1] if len(keep) else np.zeros((1, 6), np.float32),
    )


def _shifted_links(links: NDArray[np.int32], node: int, leaf: int) -> NDArray[np.int32]:
    children = links[:, 12:14]
    return np.where(children >= 0, children + node, children - leaf)


def _frozen(arrays: _Arrays) -> _Arrays:
    """Views that cannot be written, so that kernels are compiled for one kind only."""
    views = [array.view() for array in arrays]
    for view in views:
        view.setflags(write=False)
    return type(arrays)(*views)


@njit(cache=True, error_model="numpy", nogil=True)
def _settle(pose, box):
    """Rows of `Placed.inverse` (m, 12) and boxes in the world (m, 6) of parts at `pose` (m, 3, 4) with `box` (m, 6)."""
    inverse, world = np.empty((len(pose), 12), np.float32), np.empty((len(pose), 6), np.float32)
    for row in range(len(pose)):
        m = pose[row]
        size = m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        size += m[0, 1] * (m[1, 2] * m[2, 0] - m[1, 0] * m[2, 2])
        size += m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            for axis in range(3):
                after, last = (axis + 1) % 3, (axis + 2) % 3
                inverse[row, 3 * axis + i] = (m[j, after] * m[k, last] - m[j, last] * m[k, after]) / size
            inverse[row, 9 + i] = m[i, 3]
            middle, half = m[i, 3], 0.0
            for axis in range(3):
                middle += 0.5 * m[i, axis] * (box[row, axis] + box[row, axis + 3])
                half += 0.5 * abs(m[i, axis]) * (box[row, axis + 3] - box[row, axis])
            world[row, i], world[row, i + 3] = middle - half, middle + half
    return inverse, world


@njit(parallel=True, **_JIT)
def _cast_many(level, forest, placed, starts, origins, directions, distance, row):
    """Fill `row`, and shorten `distance`, which holds how far rays reach."""
    for strand in prange(_STRANDS):
        _cast_strand(level, forest, placed, starts, origins, directions, distance, row, strand, _STRANDS)


@njit(**_JIT)
def _cast_few(level, forest, placed, starts, origins, directions, distance, row):
    """The same on one core: to wake others would take longer."""
    _cast_strand(level, forest, placed, starts, origins, directions, distance, row, 0, 1)


@njit(fastmath=True, error_model="numpy", nogil=True)
def _cast_strand(level, forest, placed, starts, origins, directions, distance, row, strand, strands):
    """Every packet of one strand."""
    lanes, hits, stack = np.empty(4 * LANES, np.float32), np.empty(LANES, np.int32), np.empty(_STACK, np.int32)
    for packet in range(strand, len(starts) - 1, strands):
        begin, end = starts[packet], starts[packet + 1]
        _load(lanes, directions, distance, begin, end)
        _follow(level, forest, placed, origins[begin if len(origins) > 1 else 0], lanes, hits, stack)
        distance[begin:end] = lanes[3 * LANES : 3 * LANES + end - begin]
        row[begin:end] = hits[: end - begin]


@njit(fastmath=True, error_model="numpy", nogil=True)
def _load(lanes, directions, distance, begin, end):
    """Directions and reach of the rays [begin, end), lane after lane; lanes that are left over reach nowhere."""
    for lane in range(LANES):
        ray = min(begin + lane, end - 1)
        for axis in range(3):
            lanes[axis * LANES + lane] = directions[ray, axis]
        lanes[3 * LANES + lane] = distance[ray] if begin + lane < end else _NOWHERE


@njit(fastmath=True, error_model="numpy", nogil=True)
def _follow(level, forest, placed, origin, lanes, hits, stack):
    """Trace one packet: ranges go to where the reach was, rows to `hits`."""
    packet = load_packet(origin[0], origin[1], origin[2], lanes)
    far, hit = take(lanes, 3 * LANES), spread(np.int32(NOTHING))
    if len(level.nodes) > 0:
        far, hit = trace_level(level, packet, far, hit, stack)
    if len(placed.nodes) > 0:
        far, hit = trace_placed(placed, forest, level.normal, packet, far, hit, stack)
    put(lanes, 3 * LANES, far)
    put(hits, 0, hit)
