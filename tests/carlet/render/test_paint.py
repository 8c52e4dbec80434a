"""Paint covers what it covers: exact areas, only where it is seen, and without flicker."""

import numpy as np
import pytest
from pictured import clusters, draw, facing, quad, scene, shuffled, view

from carlet.render.raster import rasterise
from carlet.render.scene import NOTHING, Clusters, Triangles, View

GROUND = quad((-300, -300, -2), (300, -300, -2), (300, 300, -2), (-300, 300, -2))
PAINT = -1.99


def marks(*boxes: tuple[float, float, float, float], z: float = PAINT) -> Triangles:
    """Upright rectangles `x0 y0 x1 y1` on the ground."""
    return scene(np.concatenate([quad((a, b, z), (c, b, z), (c, d, z), (a, d, z)) for a, b, c, d in boxes]))


def projected_area(triangles: Triangles, camera: View) -> np.ndarray:
    """Areas (n,) in pixels of triangles that lie wholly before the camera."""
    points = (triangles.corner.reshape(-1, 3, 3).astype(np.float64) - camera.eye) @ camera.turn.astype(np.float64).T
    x, y = (camera.focal * points[..., k] / points[..., 2] for k in (0, 1))
    return 0.5 * np.abs((x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0]))


def dashes(first: float, last: float) -> Triangles:
    return marks(*((x, 1.9, x + 3.0, 2.05) for x in np.arange(first, last, 9.0)))


@pytest.mark.parametrize(
    "paint",
    [
        marks((6, -1, 9, 1)),
        marks((8, -3, 12, -2.6), (20, 1, 23, 1.15)),
        dashes(30, 120),
        marks((60, -20, 60.4, 20)),
        scene(np.random.default_rng(0).uniform((15, -8, PAINT), (50, 8, PAINT + 1e-4), (40, 3, 3))),
    ],
    ids=["square", "lines", "dashes", "across", "soup"],
)
@pytest.mark.parametrize("roll", [0.0, 0.4])
def test_cover_adds_up_to_the_projected_area(paint: Triangles, roll: float) -> None:
    camera = view((0, 0, 0, 0, 0.03, roll), 90.0, 192, 160)
    paint = scene(facing(paint.corner.reshape(-1, 3, 3), np.array([0.0, 0.0, 50.0])))
    areas = projected_area(paint, camera)
    alone = [
        draw(scene(GROUND), [camera], Triangles(*(c[i : i + 1] for c in paint))).cover.sum() for i in range(len(areas))
    ]
    assert np.allclose(alone, areas, rtol=0.03, atol=2e-3)
    assert sum(alone) == pytest.approx(areas.sum(), rel=0.003)


def test_cover_is_a_share() -> None:
    camera = view((0, 0, 0, -0.3, 0, 0), 90.0, 96, 96)
    both = marks((3, -3, 20, 3), (3, -3, 20, 3))
    cover = draw(scene(GROUND), [camera], both).cover
    assert cover.max() == 1.0
    assert cover.min() == 0.0
    single = draw(scene(GROUND), [camera], marks((3, -3, 20, 3))).cover
    inside = (single > 0.99999).mean()
    assert inside > 0.1
    assert ((single > 0) & (single < 0.999)).mean() > 0.005


def test_paint_is_hidden_behind_what_stands_before_it() -> None:
    camera = view((0, 0, 0, -0.1, 0, 0), 90.0, 96, 96)
    wall = facing(quad((5, -9, -2), (5, 9, -2), (5, 9, 9), (5, -9, 9)), np.zeros(3))
    kerb = facing(quad((9.9, -9, -2), (9.9, 9, -2), (9.9, 9, -1.6), (9.9, -9, -1.6)), np.zeros(3))
    paint = marks((10, -3, 10.3, 3), (3, -1, 4, 1))
    assert draw(scene(GROUND), [camera], paint).cover.sum() > 20
    near = draw(scene(GROUND), [camera], marks((3, -1, 4, 1))).cover
    for before in (wall, kerb):
        hidden = draw(scene(np.concatenate([GROUND, before])), [camera], paint).cover
        assert np.array_equal(hidden, near)


def test_paint_does_not_lie_on_movers() -> None:
    camera = view((0, 0, 0, -0.3, 0, 0), 90.0, 96, 96)
    paint = marks((3, -3, 20, 3))
    mat = quad((5, -1, -1.995), (8, -1, -1.995), (8, 1, -1.995), (5, 1, -1.995))
    both = scene(np.concatenate([GROUND, mat]))
    cover = {static: draw(both, [camera], paint, static=static) for static in (2, 4)}
    under = cover[2].seen >= 2
    assert under.sum() > 100
    assert not cover[2].cover[under].any()
    assert (cover[2].marked[under] == NOTHING).all()
    assert np.array_equal(cover[2].cover[~under], cover[4].cover[~under])
    assert (cover[4].cover[under] > 0.99).all()


def test_paint_shows_a_little_under_rough_ground() -> None:
    camera = view((0, 0, 0, -0.3, 0, 0), 90.0, 96, 96)
    flush, sunk, deep = (draw(scene(GROUND), [camera], marks((4, -3, 40, 3), z=z)).cover for z in (-1.99, -2.03, -2.3))
    assert abs(sunk.sum() / flush.sum() - 1.0) < 0.05
    assert deep.sum() == 0


def test_the_larger_mark_names_the_pixel() -> None:
    camera = view((0, 0, 0, -0.3, 0, 0), 90.0, 64, 64)
    buffers = draw(scene(GROUND), [camera], marks((3, -3, 20, 0.1), (3, 0.1, 20, 3)))
    marked = buffers.marked[0]
    assert (marked[buffers.cover[0] > 0] >= 0).all()
    assert (marked[buffers.cover[0] == 0] == NOTHING).all()
    line = marked[50]
    assert set(line[:31]) <= {NOTHING, 0, 1}
    assert set(line[34:]) <= {NOTHING, 2, 3}


def test_distant_dashes_fade_without_flicker() -> None:
    """Over 20 m in steps of 5 cm the cover of a far line follows its projected area."""
    ground, paint = scene(GROUND), dashes(80, 160)
    steps = np.arange(0.0, 20.0, 0.05)
    cameras = [view((x, 0, -0.3, 0.0, 0, 0), 90.0, 384, 384) for x in steps]
    cover = np.concatenate(
        [draw(ground, cameras[k : k + 12], paint).cover.sum(axis=(1, 2)) for k in range(0, len(steps), 12)]
    )
    exact = np.array([projected_area(paint, camera).sum() for camera in cameras])
    assert np.abs(cover / exact - 1.0).max() < 0.02
    assert np.abs(np.diff(cover) / cover[1:]).max() < 0.01


def test_order_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    corner = rng.uniform((4, -8, PAINT), (30, 8, PAINT + 1e-3), (200, 3, 3))
    paint = scene(facing(corner, np.array([0, 0, 50.0])))
    camera = view((0, 0, 0, -0.2, 0, 0), 90.0, 96, 96)
    wanted = draw(scene(GROUND), [camera], paint)
    ground = scene(GROUND)
    for runs in (shuffled(clusters(paint, 1)), clusters(paint, 100)):
        found = rasterise(ground, clusters(ground), paint, runs, [camera])
        assert all(np.array_equal(one, other) for one, other in zip(wanted, found, strict=True))


def test_broken_paint_does_no_harm() -> None:
    good = marks((4, -3, 20, 3))
    corner = np.concatenate([good.corner.reshape(-1, 3, 3), np.full((3, 3, 3), np.nan)])
    corner[3, 1:] = (10.0, 0.0, PAINT)
    corner[4, 0] = np.inf
    bad = scene(corner)
    bad.normal[2:] = (0, 0, 1)
    everywhere = [np.full((1, 3), side, np.float32) for side in (-300, 300)]
    runs = Clusters(np.zeros(1, np.int32), np.array([5], np.int32), *everywhere)
    ground, camera = scene(GROUND), view((0, 0, 0, -0.3, 0, 0), 90.0, 64, 64)
    wanted, found = draw(ground, [camera], good), rasterise(ground, clusters(ground), bad, runs, [camera])
    assert wanted.cover.sum() > 100
    assert all(np.array_equal(one, other) for one, other in zip(wanted, found, strict=True))


def test_paint_through_the_near_plane() -> None:
    camera = view((0, 0, -1.0, -0.4, 0, 0), 100.0, 96, 96)
    cover = draw(scene(GROUND), [camera], marks((-20, -0.5, 40, 0.5))).cover[0]
    assert cover[-1, 48] == 1.0
    assert cover[:, 48].sum() > 40
