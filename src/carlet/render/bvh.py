"""Bounding volume hierarchies over triangles: built by the surface area heuristic, in numba.

A tree is built over boxes (n, 6) `low high`. Its nodes stand in pre-order: the left child of node i is i + 1, and all
items under a node are neighbours in `order`. Subtrees grow on all cores; the result is the same on any number of them.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

#: No reassociation: the bins of an item must be the same wherever they are worked out.
_JIT = {"cache": True, "fastmath": {"nnan", "ninf", "nsz"}, "error_model": "numpy", "nogil": True}
_BINS = 16
#: Below this depth ranges are cut in the middle, so that no tree is deeper than this and 31 more.
_DEEP = 60
_STACK = 96
_EMPTY = np.float32(1e30)
_HUGE = np.float32(3e38)
_TINY = np.float32(1e-7)
_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)
#: Ranges that grow on one core, and how many of them to aim for.
_GROVE = 4096
_GROVES = 32


class Tree(NamedTuple):
    """A binary tree of m nodes over n items.

    `box` (m, 6) float32 `low high`; `right` (m,) the right child, 0 at leaves; `first` and `last` (m,): the items of
    node i are `order[first[i]:last[i]]`; `order` (n,) int32.
    """

    box: NDArray[np.float32]
    right: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    order: NDArray[np.int32]


def usable(corner: NDArray[np.float32], normal: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which triangles (n, 9) with normals (n, 3) are finite and not flattened."""
    return np.isfinite(corner).all(axis=1) & (normal != 0.0).any(axis=1)


def triangle_boxes(corner: NDArray[np.float32]) -> NDArray[np.float32]:
    """Boxes (n, 6) of triangles (n, 9)."""
    corner = corner.reshape(-1, 3, 3)
    return np.concatenate([corner.min(axis=1), corner.max(axis=1)], axis=1)


def build_tree(box: NDArray[np.float32], leaf: int = 4) -> Tree:
    """The tree over finite boxes (n, 6), with at most `leaf` items in a leaf. A tree over nothing has no nodes."""
    count = len(box)
    own = np.array(box, dtype=np.float32, order="C")
    order = np.arange(count, dtype=np.int32)
    slots = max(2 * count - 1, 0)
    wide, right = np.zeros((slots, 6), np.float32), np.zeros(slots, np.int32)
    first, last = np.zeros(slots, np.int32), np.zeros(slots, np.int32)
    if count:
        alone = count <= _GROVE
        most = 0 if alone else max(_GROVE, count // _GROVES)
        groves = _grow_trunk(own, order, leaf, most, wide, right, first, last)
        if not alone:
            _grow_groves(groves, own, order, leaf, wide, right, first, last)
    used = last > first
    number = (np.cumsum(used) - 1).astype(np.int32)
    right = np.where(right > 0, number[right], 0).astype(np.int32)
    return Tree(wide[used], right[used], first[used], last[used], order)


@njit(**_JIT)
def runs_below(right, runs, most):
    """Nodes (k,) of the largest subtrees with at most `most` items but not none, in the order of their items.

    `right` (m,): as in `Tree`; `runs` (m, 2): first and last item of each node.
    """
    found = np.empty(len(right), np.int32)
    count, node = 0, 0
    stack = np.empty(_STACK, np.int32)
    depth = 0
    while True:
        if runs[node, 1] - runs[node, 0] <= most or right[node] == 0:
            if runs[node, 1] > runs[node, 0]:
                found[count] = node
                count += 1
            if depth == 0:
                break
            depth -= 1
            node = stack[depth]
        else:
            stack[depth] = right[node]
            depth += 1
            node += 1
    return found[:count].copy()


@njit(**_JIT)
def _grow_trunk(box, order, leaf, most, wide, right, first, last):
    """Grow from the root until ranges have at most `most` items; what is left, (k, 4): node, first, last, depth."""
    groves = np.empty((len(order) // max(leaf, 1) + 2, 4), np.int64)
    count = 0
    stack = np.empty((_STACK, 4), np.int64)
    stack[0] = np.array([0, 0, len(order), 0])
    waiting = 1
    bins = _make_bins()
    while waiting > 0:
        waiting -= 1
        node, a, b, depth = stack[waiting]
        if b - a <= most:
            groves[count] = stack[waiting]
            count += 1
            continue
        middle = _node(node, a, b, depth, box, order, leaf, wide, right, first, last, bins)
        if middle > a:
            waiting = _push(stack, waiting, node, a, middle, b, depth)
    return groves[:count].copy()


@njit(parallel=True, **_JIT)
def _grow_groves(groves, box, order, leaf, wide, right, first, last):
    for grove in prange(len(groves)):
        stack = np.empty((_STACK, 4), np.int64)
        stack[0] = groves[grove]
        waiting = 1
        bins = _make_bins()
        while waiting > 0:
            waiting -= 1
            node, a, b, depth = stack[waiting]
            middle = _node(node, a, b, depth, box, order, leaf, wide, right, first, last, bins)
            if middle > a:
                waiting = _push(stack, waiting, node, a, middle, b, depth)


@njit(**_JIT)
def _push(stack, waiting, node, a, middle, b, depth):
    """Both halves of a range. The left subtree takes at most 2 (middle - a) - 1 slots behind its parent's."""
    right = node + 2 * (middle - a)
    stack[waiting, 0], stack[waiting, 1], stack[waiting, 2], stack[waiting, 3] = right, middle, b, depth + 1
    waiting += 1
    stack[waiting, 0], stack[waiting, 1], stack[waiting, 2], stack[waiting, 3] = node + 1, a, middle, depth + 1
    return waiting + 1


@njit(**_JIT)
def _node(node, a, b, depth, box, order, leaf, wide, right, first, last, bins):
    """Write the node of the items [a, b); where to cut them, or `a` for a leaf."""
    first[node], last[node] = a, b
    spread = bins[4]
    _bounds(box, a, b, wide[node], spread)
    if b - a <= leaf:
        return a
    middle = (a + b) // 2
    if depth < _DEEP:
        axis, cut, low, scale = _best_cut(box, a, b, spread, bins)
        if axis >= 0:
            middle = _partition(box, order, a, b, axis, cut, low, scale)
    right[node] = node + 2 * (middle - a)
    return middle


@njit(**_JIT)
def _bounds(box, a, b, whole, spread):
    """The box of items [a, b) into `whole`, and that of their doubled middles into `spread`."""
    for axis in range(3):
        low, high, inner, outer = _EMPTY, -_EMPTY, _EMPTY, -_EMPTY
        for item in range(a, b):
            begin, end = box[item, axis], box[item, axis + 3]
            low, high = min(low, begin), max(high, end)
            inner, outer = min(inner, begin + end), max(outer, begin + end)
        whole[axis], whole[axis + 3] = low, high
        spread[axis], spread[axis + 3] = inner, outer


@njit(**_JIT)
def _make_bins():
    """Scratch: counts (3, bins) and boxes (3, bins, 6), costs from the right (bins,), two boxes (6,)."""
    return (
        np.empty((3, _BINS), np.int64),
        np.empty((3, _BINS, 6), np.float32),
        np.empty(_BINS, np.float32),
        np.empty(6, np.float32),
        np.empty(6, np.float32),
    )


@njit(**_JIT)
def _best_cut(box, a, b, spread, bins):
    """The cheapest cut: axis (-1 none), last bin on its left, low end and scale of the bins."""
    counts, boxes = bins[0], bins[1]
    counts[:] = 0
    for axis in range(3):
        for slot in range(_BINS):
            for side in range(3):
                boxes[axis, slot, side], boxes[axis, slot, side + 3] = _EMPTY, -_EMPTY
    for axis in range(3):
        low, size = spread[axis], spread[axis + 3] - spread[axis]
        if size <= _TINY * max(abs(low), np.float32(1.0)):
            continue
        scale = np.float32(_BINS) / size
        for item in range(a, b):
            slot = _bin(box, item, axis, low, scale)
            counts[axis, slot] += 1
            for side in range(3):
                boxes[axis, slot, side] = min(boxes[axis, slot, side], box[item, side])
                boxes[axis, slot, side + 3] = max(boxes[axis, slot, side + 3], box[item, side + 3])
    best_axis, best_slot, best = -1, 0, _HUGE
    for axis in range(3):
        slot, cost = _cheapest(counts[axis], boxes[axis], bins[2], bins[3], b - a)
        if slot >= 0 and cost < best:
            best_axis, best_slot, best = axis, slot, cost
    low = spread[best_axis]
    return best_axis, best_slot, low, np.float32(_BINS) / (spread[best_axis + 3] - low)


@njit(**_JIT)
def _bin(box, item, axis, low, scale):
    return min(int((box[item, axis] + box[item, axis + 3] - low) * scale), _BINS - 1)


@njit(**_JIT)
def _cheapest(counts, boxes, costs, whole, total):
    """The bin after which to cut (-1 none) and the sum of areas times counts on both sides."""
    whole[:3], whole[3:] = _EMPTY, -_EMPTY
    count = 0
    for slot in range(_BINS - 1, 0, -1):
        if counts[slot] > 0:
            _widen(whole, boxes[slot])
            count += counts[slot]
        costs[slot] = _area(whole) * np.float32(count) if count > 0 else _ZERO
    whole[:3], whole[3:] = _EMPTY, -_EMPTY
    count, best_slot, best = 0, -1, _HUGE
    for slot in range(_BINS - 1):
        if counts[slot] > 0:
            _widen(whole, boxes[slot])
            count += counts[slot]
        if count == 0 or count == total:
            continue
        cost = _area(whole) * np.float32(count) + costs[slot + 1]
        if cost < best:
            best_slot, best = slot, cost
    return best_slot, best


@njit(**_JIT)
def _widen(whole, box):
    for side in range(3):
        whole[side] = min(whole[side], box[side])
        whole[side + 3] = max(whole[side + 3], box[side + 3])


@njit(**_JIT)
def _area(box):
    x, y, z = box[3] - box[0], box[4] - box[1], box[5] - box[2]
    return x * y + y * z + z * x


@njit(**_JIT)
def _partition(box, order, a, b, axis, cut, low, scale):
    """Bring the items whose bin is at most `cut` to the front; where the others begin."""
    i, j = a, b - 1
    while i <= j:
        if _bin(box, i, axis, low, scale) <= cut:
            i += 1
        else:
            order[i], order[j] = order[j], order[i]
            for side in range(6):
                box[i, side], box[j, side] = box[j, side], box[i, side]
            j -= 1
    return i


def pack_nodes(tree: Tree) -> NDArray[np.float32]:
    """Nodes (k, 16) for the way of a ray, one cache line each: boxes of both children, then, as int32, the links to
    them: a node's row, or ~leaf. Leaves are numbered in the order of their items. The root is row 0, always there
    unless the tree is empty; a tree of one leaf has an empty right child. Boxes are wider by what rounding may cost.
    """
    slack = np.float32(1e-4) + np.abs(tree.box) * np.float32(2.4e-7)
    return _pack_nodes(np.concatenate([tree.box[:, :3] - slack[:, :3], tree.box[:, 3:] + slack[:, 3:]], 1), tree.right)


@njit(**_JIT)
def _pack_nodes(box, right):
    inner = right > 0
    number = np.cumsum(inner).astype(np.int32) - np.int32(1)
    leaf = np.cumsum(~inner).astype(np.int32) - np.int32(1)
    nodes = np.zeros((max(int(inner.sum()), min(len(right), 1)), 16), np.float32)
    links = nodes.view(np.int32)
    if len(right) == 1:
        nodes[0, :6] = box[0]
        nodes[0, 6:9], nodes[0, 9:12] = _EMPTY, -_EMPTY
        links[0, 12], links[0, 13] = -1, -1
        return nodes
    for node in range(len(right)):
        if right[node] == 0:
            continue
        row = number[node]
        for side in range(2):
            child = right[node] if side else node + 1
            nodes[row, 6 * side : 6 * side + 6] = box[child]
            links[row, 12 + side] = number[child] if inner[child] else ~leaf[child]
    return nodes
