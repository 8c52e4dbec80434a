"""Parts of models are placed where their matrices say."""

import numpy as np
import pytest
from pictured import scene

from carlet.geometry import rotation_matrices
from carlet.render.movers import place
from carlet.render.scene import Clusters, Triangles
from carlet.render.templates import TemplateArrays

STATIC, SIZES = 7, (5, 1, 130)
PARTS = np.array([2, 0, 1, 0, 2], np.int32)


def templates() -> TemplateArrays:
    corner = np.random.default_rng(0).normal(0, 1, (sum(SIZES), 3, 3))
    made = scene(corner)
    return TemplateArrays(made.corner, made.normal, made.material, made.tag, np.cumsum([0, *SIZES]).astype(np.int32))


def arena() -> tuple[Triangles, Clusters]:
    counts = np.array(SIZES)[PARTS]
    triangles = scene(np.full((STATIC + counts.sum(), 3, 3), 5.0))
    ends = STATIC + np.cumsum(counts)
    first = np.concatenate([[0, 3], ends - counts]).astype(np.int32)
    last = np.concatenate([[3, STATIC], ends]).astype(np.int32)
    return triangles, Clusters(first, last, *np.full((2, len(first), 3), 7.0, np.float32))


@pytest.fixture
def matrices() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.concatenate([rotation_matrices(rng.uniform(-3, 3, (5, 3))), rng.uniform(-900, 900, (5, 3, 1))], axis=2)


def test_parts_and_their_boxes_stand_where_they_should(matrices: np.ndarray) -> None:
    (triangles, clusters), made = arena(), templates()
    place(triangles, clusters, 2, made, PARTS, matrices)
    for k, part in enumerate(PARTS):
        source = slice(made.start[part], made.start[part + 1])
        rows = slice(clusters.first[2 + k], clusters.last[2 + k])
        points = made.corner[source].reshape(-1, 3).astype(np.float64) @ matrices[k, :, :3].T + matrices[k, :, 3]
        found = triangles.corner[rows].reshape(-1, 3)
        assert np.abs(found - points).max() < 2e-4
        assert np.allclose(triangles.normal[rows], made.normal[source] @ matrices[k, :, :3].T, atol=1e-5)
        assert np.array_equal(clusters.low[2 + k], found.min(axis=0))
        assert np.array_equal(clusters.high[2 + k], found.max(axis=0))


def test_the_level_stays_as_it_is(matrices: np.ndarray) -> None:
    (triangles, clusters), (before, runs) = arena(), arena()
    place(triangles, clusters, 2, templates(), PARTS, matrices)
    assert np.array_equal(triangles.corner[:STATIC], before.corner[:STATIC])
    assert np.array_equal(clusters.low[:2], runs.low[:2])
    assert np.array_equal(clusters.first, runs.first)


def test_no_movers_at_all() -> None:
    triangles, clusters = arena()
    place(triangles, clusters, 2, templates(), PARTS[:0], np.zeros((0, 3, 4)))
    assert (triangles.corner == 5.0).all()
