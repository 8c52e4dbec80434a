"""Edges become as smooth as if every pixel had been drawn many times over; all else stays as it is."""

import numba
import numpy as np
import pytest
from pictured import draw, facing, quad, scene, view

from carlet.render.raster import Buffers
from carlet.render.scene import Triangles, View
from carlet.render.smooth import smooth_edges

FINE = 8
COLOURS = np.array([[230, 60, 40], [30, 200, 60], [40, 60, 240], [220, 220, 30]], np.uint8)
SKY = np.array([250, 230, 200], np.uint8)


def coloured(triangles: Triangles, cameras: list[View]) -> tuple[np.ndarray, Buffers]:
    """Pictures with one colour a thing, and what they were made of."""
    buffers = draw(triangles, cameras)
    bgra = np.full((*buffers.seen.shape, 4), 255, np.uint8)
    bgra[..., :3] = np.where((buffers.seen >= 0)[..., None], COLOURS[triangles.thing[buffers.seen] % 4], SKY)
    return bgra, buffers


def averaged(triangles: Triangles, camera: View) -> np.ndarray:
    """The picture (h, w, 3) of many samples a pixel."""
    fine = View(camera.eye, camera.turn, camera.focal * FINE, camera.width * FINE, camera.height * FINE)
    picture = coloured(triangles, [fine])[0][0, ..., :3].astype(np.float64)
    return picture.reshape(camera.height, FINE, camera.width, FINE, 3).mean(axis=(1, 3))


def board(angle: float, x: float = 5.0) -> np.ndarray:
    """A large quad across the view, its upper edge through the middle at an angle."""
    along, down = np.array([0, np.cos(angle), np.sin(angle)]), np.array([0, np.sin(angle), -np.cos(angle)])
    middle = np.array([x, 0.0, 0.13])
    corners = [
        middle - 50 * along,
        middle + 50 * along,
        middle + 50 * along + 50 * down,
        middle - 50 * along + 50 * down,
    ]
    return facing(quad(*corners), np.zeros(3))


@pytest.mark.parametrize("angle", np.radians([1.0, 8.0, 20.0, 45.0, 70.0, 88.0, 130.0, 200.0]))
def test_straight_edges_lose_their_steps(angle: float) -> None:
    triangles, camera = scene(board(angle)), view((0, 0, 0, 0, 0, 0), 70.0, 64, 64)
    bgra, buffers = coloured(triangles, [camera])
    exact = averaged(triangles, camera)
    before = np.abs(bgra[0, ..., :3] - exact).sum()
    smooth_edges(bgra, buffers, triangles, [camera])
    after = np.abs(bgra[0, ..., :3] - exact).sum()
    assert after < 0.3 * before


def test_where_surfaces_cut_each_other_is_an_edge() -> None:
    ground = quad((-5, -50, -1.03), (60, -50, -1.03), (60, 50, -1.03), (-5, 50, -1.03))
    wall = facing(quad((6, -9, -9), (9, 9, -9), (9, 9, 0), (6, -9, 0)), np.zeros(3))
    triangles, camera = scene(np.concatenate([ground, wall]), [0, 0, 1, 1]), view((0, 0, 0, 0, 0, 0), 70.0, 64, 64)
    bgra, buffers = coloured(triangles, [camera])
    exact = averaged(triangles, camera)
    before = np.abs(bgra[0, ..., :3] - exact).sum()
    smooth_edges(bgra, buffers, triangles, [camera])
    assert np.abs(bgra[0, ..., :3] - exact).sum() < 0.35 * before


def test_a_pole_keeps_its_share_of_the_picture() -> None:
    pole = facing(quad((10, 0.03, -20), (10, 0.38, -20), (10, 0.38, 20), (10, 0.03, 20)), np.zeros(3))
    triangles, camera = scene(pole), view((0, 0, 0, 0, 0, 0.02), 90.0, 64, 64)
    bgra, buffers = coloured(triangles, [camera])
    exact = averaged(triangles, camera)
    before = np.abs(bgra[0, ..., :3] - exact).sum()
    smooth_edges(bgra, buffers, triangles, [camera])
    assert np.abs(bgra[0, ..., :3] - exact).sum() < 0.5 * before
    assert bgra[0, ..., :3].mean() == pytest.approx(exact.mean(), rel=0.005)


def test_all_else_stays_as_it_is() -> None:
    triangles, camera = scene(np.concatenate([board(0.3), board(1.1, 4.0)]), [0, 0, 1, 1]), view(width=64)
    bgra, buffers = coloured(triangles, [camera])
    before = bgra.copy()
    smooth_edges(bgra, buffers, triangles, [camera])
    thing = np.where(buffers.seen[0] >= 0, triangles.thing[buffers.seen[0]], -1)
    padded = np.pad(thing, 1, mode="edge")
    calm = np.all(
        [padded[1 + y : 49 + y, 1 + x : 65 + x] == thing for y, x in ((0, 1), (1, 0), (0, -1), (-1, 0))], axis=0
    )
    changed = (bgra != before).any(axis=-1)[0]
    assert changed.any()
    assert not changed[calm].any()
    assert (bgra[..., 3] == 255).all()


def test_one_flat_surface_has_no_edges_inside() -> None:
    """Seams between triangles of one plane, thing and material are not mixed, whatever the colours."""
    side = np.arange(-5, 5, 0.25)
    grid = [
        quad((x, y, -1), (x + 0.25, y, -1), (x + 0.25, y + 0.25, -1), (x, y + 0.25, -1)) for x in side for y in side
    ]
    triangles, camera = scene(np.concatenate(grid)), view((0, 0, 0, -0.9, 0, 0), 60.0)
    buffers = draw(triangles, [camera])
    bgra = np.random.default_rng(0).integers(0, 256, (1, 48, 64, 4), np.uint8)
    before = bgra.copy()
    assert len(np.unique(buffers.seen)) > 20
    smooth_edges(bgra, buffers, triangles, [camera])
    assert np.array_equal(bgra, before)


def test_threads_never_see_each_others_work() -> None:
    rng = np.random.default_rng(4)
    corner = facing(rng.uniform(-8, 8, (400, 1, 3)) + rng.normal(0, 1.0, (400, 3, 3)), np.zeros(3))
    triangles = scene(corner, np.arange(400))
    cameras = [view((0, 0, 0, 0, yaw, 0), 90.0, 96, 150) for yaw in (0.0, 1.0, 2.0)]
    bgra, buffers = coloured(triangles, cameras)
    results, threads = [], numba.get_num_threads()
    for count in (1, threads, threads, threads):
        numba.set_num_threads(count)
        picture = bgra.copy()
        smooth_edges(picture, buffers, triangles, cameras)
        results.append(picture.tobytes())
    assert len(set(results)) == 1
    assert results[0] != bgra.tobytes()


def test_fewer_pictures_than_views_and_none() -> None:
    triangles = scene(board(0.4))
    cameras = [view(), view((0, 0, 0, 0, 0.1, 0)), view((0, 0, 0, 0, 0.2, 0))]
    bgra, buffers = coloured(triangles, cameras)
    whole, part = bgra.copy(), bgra[:2].copy()
    smooth_edges(whole, buffers, triangles, cameras)
    smooth_edges(part, buffers, triangles, cameras)
    smooth_edges(bgra[:0], buffers, triangles, cameras)
    assert np.array_equal(part, whole[:2])
