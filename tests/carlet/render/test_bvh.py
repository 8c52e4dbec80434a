"""Trees: all items are in them once, boxes enclose what is below, nothing odd breaks them."""

import numpy as np
import pytest

from carlet.models.mesh import make_mesh
from carlet.render.bvh import Tree, build_tree, pack_nodes, runs_below, triangle_boxes, usable

DEEPEST = 95


def random_boxes(count: int, seed: int = 0, at: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    middle = rng.uniform(0, 100, (count, 3)) * (1, 1, 0.1) + at
    half = rng.exponential(0.5, (count, 3)) * (rng.uniform(size=(count, 3)) > 0.1)
    return np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)


def check(tree: Tree, box: np.ndarray, leaf: int) -> None:
    """Walk the whole tree."""
    assert sorted(tree.order) == list(range(len(box)))
    depths, leaves = [(0, 1)], []
    while depths:
        node, depth = depths.pop()
        assert depth <= DEEPEST
        items = box[tree.order[tree.first[node] : tree.last[node]]]
        np.testing.assert_array_equal(tree.box[node, :3], items[:, :3].min(axis=0))
        np.testing.assert_array_equal(tree.box[node, 3:], items[:, 3:].max(axis=0))
        right = tree.right[node]
        if not right:
            leaves.append(node)
            assert 0 < len(items) <= leaf
            continue
        left = node + 1
        assert (tree.first[left], tree.last[right]) == (tree.first[node], tree.last[node])
        assert tree.first[left] < tree.last[left] == tree.first[right] < tree.last[right]
        depths += [(left, depth + 1), (int(right), depth + 1)]
    assert len(leaves) == (tree.right == 0).sum()


@pytest.mark.parametrize("leaf", [1, 2, 4])
@pytest.mark.parametrize("count", [1, 2, 5, 700, 6000])
def test_trees_hold_everything_once(count: int, leaf: int) -> None:
    box = random_boxes(count)
    check(build_tree(box, leaf), box, leaf)


def test_far_from_the_origin() -> None:
    box = random_boxes(3000, at=7000.0)
    check(build_tree(box, 1), box, 1)


def test_a_tree_over_nothing() -> None:
    tree = build_tree(np.zeros((0, 6), np.float32))
    assert len(tree.box) == len(tree.order) == len(pack_nodes(tree)) == 0


@pytest.mark.parametrize("kind", ["same", "line", "geometric", "flat"])
def test_odd_heaps(kind: str) -> None:
    box = np.zeros((2000, 6), np.float32)
    if kind == "line":
        box[:, 0] = box[:, 3] = np.arange(2000) // 3
    if kind == "geometric":
        box[:, 0] = box[:, 3] = 2.0 ** (-np.arange(2000) / 16)
    if kind == "flat":
        box[:, [0, 1]] = random_boxes(2000)[:, [0, 1]]
        box[:, [3, 4]] = box[:, [0, 1]] + 1.0
    check(build_tree(box, 1), box, 1)


def test_cuts_are_good() -> None:
    """Two heaps apart from each other are told apart at once, and leaves are small against the whole."""
    box = np.concatenate([random_boxes(500), random_boxes(900, 1, at=300.0)])
    tree = build_tree(box)
    assert tree.last[1] == 500
    side = tree.box[:, 3:] - tree.box[:, :3]
    area = side[:, 0] * side[:, 1] + side[:, 1] * side[:, 2] + side[:, 2] * side[:, 0]
    assert area.sum() / area[0] < 10.0


def test_same_tree_every_time() -> None:
    box = random_boxes(30_000)
    for one, other in zip(build_tree(box), build_tree(box), strict=True):
        np.testing.assert_array_equal(one, other)


def test_packed_nodes_hold_the_boxes_of_children() -> None:
    box = random_boxes(300)
    tree = build_tree(box)
    nodes = pack_nodes(tree)
    links = nodes.view(np.int32)[:, 12:14]
    found, stack = [], [(0, 0)]
    while stack:
        node, row = stack.pop()
        for side, child in enumerate((node + 1, int(tree.right[node]))):
            low, high = nodes[row, 6 * side : 6 * side + 3], nodes[row, 6 * side + 3 : 6 * side + 6]
            assert (low < tree.box[child, :3]).all()
            assert (high > tree.box[child, 3:]).all()
            np.testing.assert_allclose(np.concatenate([low, high]), tree.box[child], atol=1e-3)
            link = links[row, side]
            assert (link < 0) == (tree.right[child] == 0)
            if link < 0:
                found.append((int(tree.first[child]), ~link))
            else:
                stack.append((child, link))
    assert [leaf for _, leaf in sorted(found)] == list(range((tree.right == 0).sum()))


def test_runs_are_the_largest_that_fit() -> None:
    tree = build_tree(random_boxes(3000))
    runs = np.stack([tree.first, tree.last], axis=1)
    nodes = runs_below(tree.right, runs, 64)
    size = tree.last[nodes] - tree.first[nodes]
    assert size.sum() == 3000
    assert size.max() <= 64
    parents = np.zeros(len(tree.right), np.int64)
    inner = np.flatnonzero(tree.right)
    parents[inner + 1], parents[tree.right[inner]] = inner, inner
    assert ((tree.last - tree.first)[parents[nodes]] > 64).all()


def test_usable_triangles() -> None:
    corner = np.tile(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32), (4, 1, 1))
    corner[1, 2] = corner[1, 0]
    corner[2, 0, 1] = np.nan
    corner[3, 0, 1] = np.inf
    with np.errstate(invalid="ignore"):
        assert usable(corner.reshape(4, 9), make_mesh(corner, 0, 0).normals).tolist() == [True, False, False, False]
    np.testing.assert_array_equal(triangle_boxes(corner[:1].reshape(1, 9)), [[0, 0, 0, 1, 1, 0]])
