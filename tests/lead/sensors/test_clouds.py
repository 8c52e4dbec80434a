"""Point clouds and rasters."""

import numpy as np
import pytest

from lead.sensors import RIGS
from lead.sensors.bev import rasterise, rasterise_radar
from lead.sensors.clouds import BOX, CROSS, Area, follow_motion, lidar_cloud, off_the_ego, radar_as_lidar, radar_cloud
from lead.sensors.ground import is_ground


def test_the_two_lidars_look_to_both_sides():
    ahead = np.array([[10.0, 0.0, -2.5, 0.9]], np.float32)
    cloud = lidar_cloud(RIGS["lead_3cameras"].lidars, [ahead, ahead])
    assert np.allclose(cloud, [[0.0, -10.0, -1.25], [0.0, 10.0, -1.25]], atol=1e-5)
    true = lidar_cloud(RIGS["lead_3cameras"].lidars, [ahead, ahead], lowering=0.0)
    assert np.allclose(true[:, 2], 0.0)


def test_a_radar_reading_becomes_a_point():
    radar = RIGS["lead_3cameras"].radars[2]
    (point,) = radar_cloud(radar, np.array([[20.0, 0.0, np.radians(45.0), -3.0]]))
    assert np.allclose(point, [-22.6, 0.0, 0.3, -3.0], atol=1e-5)


def test_the_cross_drops_the_corridor_ahead_and_the_box_only_the_car():
    points = np.array([[20.0, 0.5, 0.0], [1.0, 10.0, 0.0], [20.0, 5.0, 0.0], [1.0, 0.5, 0.0]])
    assert off_the_ego(points, CROSS).tolist() == [False, False, True, False]
    assert off_the_ego(points, BOX).tolist() == [True, True, True, False]


def test_near_radar_points_count_six_times():
    clouds = {"radar1": np.array([[10.0, 0.0, 0.3, 1.0], [50.0, 0.0, 0.3, 1.0]], np.float32)}
    points = radar_as_lidar(clouds)
    assert (points[:, 0] == 10.0).sum() == 6 and (points[:, 0] == 50.0).sum() == 1


def test_what_stands_stays_where_it_is_while_the_ego_moves_on():
    # One metre ahead and a quarter turn to the right since then.
    then = follow_motion(np.array([[5.0, 0.0, 0.0]]), np.array([0.0, 1.0, -np.pi / 2.0]))
    assert np.allclose(then, [[0.0, -4.0, 0.0]])


def test_the_raster_is_numpys_histogram():
    rng = np.random.default_rng(0)
    points = rng.uniform([-40.0, -45.0, -5.0], [70.0, 45.0, 11.0], (30_000, 3))
    points[:5] = [[64.0, 40.0, 0.0], [-32.0, -40.0, 0.0], [64.0, 0.0, 10.0], [0.1, 0.1, -4.0], [0.1, 0.1, 0.0]]
    points = np.concatenate([points, np.tile([[10.1, 3.1, 0.0]], (9, 1))]).astype(np.float32)
    area = Area()
    inside = points[area.holds(points)]
    edges = (np.linspace(-40.0, 40.0, 321), np.linspace(-32.0, 64.0, 385))
    expected, *_ = np.histogram2d(inside[:, 1], inside[:, 0], edges)
    raster = rasterise(points)
    assert raster.shape == (320, 384) and raster.dtype == np.float32
    assert np.allclose(raster, np.minimum(expected, 5) / 5)


def test_a_radar_raster_shows_the_fastest():
    points = np.array([[10.0, 2.0, 0.3, -1.0], [10.0, 2.0, 0.3, -7.0], [10.0, 2.0, 0.3, 3.0], [99.0, 0.0, 0.0, 9.0]])
    raster = rasterise_radar(points)
    assert raster[168, 168] == -7.0 and np.count_nonzero(raster) == 1


@pytest.mark.parametrize("slope", [0.0, 0.04])
def test_ground_goes_and_what_stands_on_it_stays(slope):
    rng = np.random.default_rng(3)
    ground = np.zeros((20_000, 3))
    ground[:, :2] = rng.uniform([-32.0, -40.0], [64.0, 40.0], (20_000, 2))
    ground[:, 2] = -1.25 + slope * ground[:, 0] + rng.normal(0.0, 0.02, 20_000)
    car = rng.uniform([10.0, 3.0, 0.5], [14.0, 5.0, 1.5], (300, 3))
    car[:, 2] += slope * car[:, 0] - 1.25
    marked = is_ground(np.concatenate([ground, car]))
    near = (np.abs(ground[:, :2]).sum(1) < 30.0) & (np.abs(ground[:, :2]).sum(1) > 1.0)
    assert marked[:20_000][near].mean() > 0.99
    assert marked[20_000:].mean() < 0.05
    assert not is_ground(np.zeros((0, 3))).any()
