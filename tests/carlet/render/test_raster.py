"""The rasteriser against exact rays, and what must never change its result."""

from itertools import pairwise

import numba
import numpy as np
import pytest
from pictured import CLUSTER, clusters, draw, facing, quad, rays, scene, shuffled, trace, view

from carlet.render.raster import Rasteriser
from carlet.render.scene import FAR, NOTHING, Clusters, Triangles, View


def soup(count: int, seed: int, size: float = 3.0, spread: float = 12.0) -> np.ndarray:
    """Triangles all around, some of them through and behind the eye."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-spread, spread, (count, 1, 3)) + rng.normal(0, size, (count, 3, 3))


def town(seed: int = 0, houses: int = 250) -> np.ndarray:
    """Boxes on a plane of many quads."""
    rng = np.random.default_rng(seed)
    parts = []
    for x in range(-20, 20):
        for y in range(-20, 20):
            x0, y0 = 10.0 * x, 10.0 * y
            parts.append(quad((x0, y0, -2), (x0 + 10, y0, -2), (x0 + 10, y0 + 10, -2), (x0, y0 + 10, -2)))
    for _ in range(houses):
        (x, y), w, d, h = rng.uniform(-200, 200, 2), *rng.uniform(3, 15, 3)
        if np.hypot(x, y) < 25:
            continue
        a, b, c, e = (x, y), (x + w, y), (x + w, y + d), (x, y + d)
        for p, q in ((a, b), (b, c), (c, e), (e, a)):
            parts.append(quad((*p, -2), (*q, -2), (*q, h), (*p, h)))
        parts.append(quad((*a, h), (*b, h), (*c, h), (*e, h)))
    return np.concatenate(parts)


def agreement(triangles: Triangles, camera: View) -> tuple[float, np.ndarray]:
    """Share of pixels without doubt that see the right triangle, and errors of their depths (m)."""
    depth, row, doubt = trace(triangles, camera)
    buffers = draw(triangles, [camera])
    sure = doubt > 1e-4
    assert sure.mean() > 0.6
    same = buffers.seen[0][sure] == row[sure]
    hit = sure & (row >= 0) & (buffers.seen[0] == row)
    return float(same.mean()), np.abs(1.0 / buffers.near[0][hit] - depth[hit])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("fov", [40.0, 90.0, 125.0])
def test_pixels_see_what_exact_rays_hit(seed: int, fov: float) -> None:
    rng = np.random.default_rng(seed)
    camera = view((*rng.uniform(-1, 1, 3), *rng.uniform(-0.6, 0.6, 3)), fov)
    same, error = agreement(scene(soup(120, seed)), camera)
    assert same == 1.0
    assert np.median(error) < 1e-5


def test_depth_is_right_to_a_millimetre_within_a_hundred_metres() -> None:
    camera = view((3000.25, -2000.5, 1.7, 0.0, 0.3, 0.0), 90.0, 96, 96)
    triangles = scene(town(houses=60) + (3000.25, -2000.5, 2.0))
    depth, row, _ = trace(triangles, camera)
    buffers = draw(triangles, [camera])
    use = (row >= 0) & (buffers.seen[0] == row) & (depth < 100.0)
    error = np.abs(1.0 / buffers.near[0][use] - depth[use])
    assert use.sum() > 4_000
    assert np.median(error) < 2e-4
    assert error.max() < 5e-3


@pytest.mark.parametrize("turned", [(0.0, 0.0, 0.0), (0.3, 0.8, 0.2), (-0.5, -2.0, 1.0)])
def test_neighbours_leave_no_holes_and_share_no_pixels(turned: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(1)
    camera = view((0, 0, 0, *turned), 90.0, 96, 96)
    side = np.linspace(-2.5, 2.5, 12)
    knots = np.stack(np.meshgrid(side, side, indexing="ij"), -1) + rng.uniform(-0.15, 0.15, (12, 12, 2))
    points = np.concatenate([np.ones((12, 12, 1)) * rng.uniform(0.8, 1.2, (12, 12, 1)), knots], axis=-1)
    points = (points[..., [1, 2, 0]] * 3.0) @ camera.turn.astype(np.float64)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    corner = np.concatenate([np.stack(t, -2).reshape(-1, 3, 3) for t in ((a, b, c), (a, c, d))])
    triangles = scene(facing(corner, np.zeros(3)))
    assert (draw(triangles, [camera]).seen >= 0).all()
    alone = sum(
        (draw(Triangles(*(x[i : i + 1] for x in triangles)), [camera]).seen[0] >= 0) for i in range(len(corner))
    )
    assert (alone == 1).all()


def test_edges_through_pixel_centres_belong_to_one_side() -> None:
    camera = view((0, 0, 0, 0, 0, 0), 90.0, 32, 32)
    at = (np.arange(-16, 17, 4) + 0.5) / 16.0
    corner = np.concatenate([quad((1, p, -2), (1, p, 2), (1, q, 2), (1, q, -2)) for p, q in pairwise(at)])
    seen = draw(scene(facing(corner, np.zeros(3))), [camera]).seen[0]
    counts = np.bincount(seen[seen >= 0] // 2)
    assert (counts[:-1] == 4 * 32).all()


def test_ground_through_the_near_plane_has_no_seams() -> None:
    triangles = scene(town(houses=0))
    camera = view((0.3, 0.2, -1.7, -0.5, 0.7, 0.1), 120.0, 64, 64)
    _, row, _ = trace(triangles, camera)
    seen = draw(triangles, [camera]).seen[0]
    assert ((seen >= 0) == (row >= 0)).mean() > 0.999
    below = rays(camera)[..., 2] < -0.05
    assert (seen[below] >= 0).all()


def test_neither_order_nor_threads_nor_tiles_change_a_bit() -> None:
    triangles, paint = scene(town()), scene(quad((5, -3, -1.99), (60, -3, -1.99), (60, 3, -1.99), (5, 3, -1.99)))
    cameras = [view((0, 0, 0, 0, yaw, 0), 90.0, 160, 120) for yaw in (0.0, 2.0, 4.0)]
    wanted = [column.tobytes() for column in draw(triangles, cameras, paint)]
    for runs in (shuffled(clusters(triangles), 1), clusters(triangles, 64), shuffled(clusters(triangles, 1), 2)):
        assert [column.tobytes() for column in draw(triangles, cameras, paint, runs=runs)] == wanted
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        assert [column.tobytes() for column in draw(triangles, cameras, paint)] == wanted
    finally:
        numba.set_num_threads(threads)
    single = [draw(triangles, [camera], paint) for camera in cameras]
    assert [b"".join(part.tobytes() for part in parts) for parts in zip(*single, strict=True)] == wanted


def test_leaving_out_what_is_hidden_changes_nothing() -> None:
    triangles = scene(town(houses=400))
    everything = Clusters(
        np.zeros(1, np.int32), np.array([len(triangles.corner)], np.int32), *np.float32([[[-1e3] * 3], [[1e3] * 3]])
    )
    cameras = [view((0, 0, 0, 0.0, yaw, 0), 90.0, 200, 150) for yaw in np.arange(0, 6, 0.7)]
    one, other = draw(triangles, cameras), draw(triangles, cameras, runs=everything)
    assert one.seen.tobytes() == other.seen.tobytes()
    assert one.near.tobytes() == other.near.tobytes()


@pytest.mark.parametrize("flip", [False, True])
def test_of_equal_triangles_the_smaller_row_is_seen(flip: bool) -> None:
    wall = facing(quad((5, -9, -9), (5, 9, -9), (5, 9, 9), (5, -9, 9)), np.zeros(3))
    triangles = scene(np.concatenate([wall] * 3))
    runs = clusters(triangles, 1)
    runs = Clusters(*(column[::-1].copy() for column in runs)) if flip else runs
    assert set(np.unique(draw(triangles, [view()], runs=runs).seen)) == {0, 1}


def test_nearer_triangles_win_where_they_overlap() -> None:
    far = facing(quad((9, -20, -20), (9, 20, -20), (9, 20, 20), (9, -20, 20)), np.zeros(3))
    near = facing(quad((4, -1, -1), (4, 1, -1), (4, 1, 1), (4, -1, 1)), np.zeros(3))
    for corner, front in ((np.concatenate([far, near]), (2, 3)), (np.concatenate([near, far]), (0, 1))):
        seen = draw(scene(corner), [view((0, 0, 0, 0, 0, 0), 90.0, 64, 64)]).seen[0]
        assert set(np.unique(seen[24:40, 24:40])) == set(front)
        assert not np.isin(seen[:23], front).any()


@pytest.mark.parametrize(("width", "height"), [(32, 32), (33, 97), (640, 48), (48, 700), (1920, 1080)])
def test_pictures_of_all_sizes(width: int, height: int) -> None:
    triangles = scene(town(houses=60))
    camera = view((0, 0, 0, 0, 0.4, 0), 100.0, width, height)
    buffers = draw(triangles, [camera])
    assert all(column.shape == (1, height, width) for column in buffers)
    assert (buffers.seen[0, -1] >= 0).all()
    down, along = height - 1 - height // 7, slice(0, width, max(width // 64, 1))
    depth = -2.0 / rays(camera)[down, along, 2]
    row = buffers.seen[0, down, along]
    on_ground = triangles.normal[row, 2] > 0.9
    assert on_ground.any()
    assert np.allclose(1.0 / buffers.near[0, down, along][on_ground], depth[on_ground], rtol=1e-5)


def test_twelve_views_see_what_each_sees_alone() -> None:
    triangles = scene(town(houses=100))
    cameras = [view((0, 0, 0, 0, yaw, 0), 110.0, 64, 64) for yaw in np.arange(12) * 0.5]
    together = draw(triangles, cameras)
    for k, camera in enumerate(cameras):
        alone = draw(triangles, [camera])
        assert all(np.array_equal(one[k], other[0]) for one, other in zip(together, alone, strict=True))


def test_nothing_is_seen_behind_beyond_or_from_inside() -> None:
    wall = quad((5, -9, -9), (5, 9, -9), (5, 9, 9), (5, -9, 9))
    towards, away = facing(wall, np.zeros(3)), facing(wall, np.array([10.0, 0, 0]))
    empty = np.full((1, 48, 64), NOTHING)
    for corner in (
        towards * (-1, 1, 1),
        away,
        facing(wall * (0.01, 1, 1), np.zeros(3)),
        towards * (FAR / 4.9, 300, 300),
    ):
        buffers = draw(scene(corner), [view()])
        assert np.array_equal(buffers.seen, empty)
        assert not buffers.near.any()
    assert (draw(scene(towards), [view()]).seen >= 0).all()


def test_absent_and_broken_triangles_do_no_harm() -> None:
    good = scene(town(houses=80))
    bad = soup(64, 3, 8.0)
    bad[::4, 1, 0] = np.nan
    bad[1::4, 0] = np.inf
    bad[2::4, 2] = bad[2::4, 1]
    bad[3::8, 1] = 3e38
    bad = scene(bad)
    bad.normal[:] = np.where(np.isfinite(bad.normal), bad.normal, np.nan)
    bad.normal[3::4] = 0.0
    both = Triangles(*(np.concatenate(pair) for pair in zip(good, bad, strict=True)))
    runs = clusters(good)
    wide = Clusters(
        np.array([len(good.corner)], np.int32),
        np.array([len(both.corner)], np.int32),
        *np.float32([[[-9e2] * 3], [[9e2] * 3]]),
    )
    nowhere = Clusters(wide.first, wide.last, *np.full((2, 1, 3), np.nan, np.float32))
    runs = Clusters(*(np.concatenate(parts) for parts in zip(runs, wide, nowhere, strict=True)))
    cameras = [view((0, 0, 0, 0, yaw, 0)) for yaw in (0.0, 1.5, 3.0)]
    wanted, found = draw(good, cameras), draw(both, cameras, runs=runs)
    assert all(np.array_equal(one, other) for one, other in zip(wanted, found, strict=True))


def test_buffers_are_used_again_and_views_must_be_alike() -> None:
    triangles, none = scene(town(houses=5)), scene(np.zeros((0, 3, 3)))
    rasteriser, runs, no_runs = Rasteriser(), clusters(triangles), clusters(none)
    first = rasteriser.draw(triangles, runs, none, no_runs, [view()])
    copy = first.seen.copy()
    second = rasteriser.draw(triangles, runs, none, no_runs, [view((0, 0, 0, 0, 1, 0))])
    assert first.seen is second.seen
    assert not np.array_equal(copy, second.seen)
    assert np.array_equal(copy, rasteriser.draw(triangles, runs, none, no_runs, [view()]).seen)
    with pytest.raises(ValueError, match="one size"):
        rasteriser.draw(triangles, runs, none, no_runs, [view(), view(width=32)])


def test_small_clusters_far_away_leave_no_holes() -> None:
    """A wall at 800 m of quads of half a pixel, each cluster of which is smaller than a pixel."""
    side = np.arange(-60, 60) * 3.0
    corner = np.concatenate(
        [quad((800, y, z), (800, y + 3, z), (800, y + 3, z + 3), (800, y, z + 3)) for y in side for z in side]
    )
    triangles = scene(facing(corner, np.zeros(3)))
    seen = draw(triangles, [view((0, 0, 0, 0, 0, 0), 90.0, 256, 256)], runs=clusters(triangles, 2)).seen[0]
    assert (seen[101:155, 101:155] >= 0).all()


def test_clusters_of_any_size_are_drawn_whole() -> None:
    triangles = scene(town(houses=50))
    camera = [view((0, 0, 0, 0, 0.9, 0))]
    wanted = draw(triangles, camera).seen
    for size in (1, CLUSTER, 63, 64, 65, 1000):
        assert np.array_equal(wanted, draw(triangles, camera, runs=clusters(triangles, size)).seen)
