"""Conversions between CARLA's frame and ISO 8855."""

import numpy as np

from lead.frames import (
    carla_matrix_from_iso,
    carla_points_from_iso,
    iso_matrix_from_carla,
    iso_matrix_from_carla_pose,
    iso_points_from_carla,
    iso_turn_rates_from_carla,
    opencv_camera_from_carla,
)
from lead.geometry import to_world
from lead.sensors import RIGS
from lead.sensors.projection import project


def test_points_go_through_poses_the_same_in_both_frames():
    rng = np.random.default_rng(0)
    for pose in rng.uniform(-2.0, 2.0, (50, 6)):
        points = rng.uniform(-9.0, 9.0, (7, 3))
        matrix = iso_matrix_from_carla_pose(pose)
        turned = iso_points_from_carla(points) @ matrix[:3, :3].T + matrix[:3, 3]
        assert np.allclose(carla_points_from_iso(turned), to_world(pose, points))
        assert np.isclose(np.linalg.det(matrix[:3, :3]), 1.0)
        assert np.allclose(iso_matrix_from_carla(carla_matrix_from_iso(matrix)), matrix)


def test_a_turn_to_the_right_is_negative_about_z():
    assert iso_turn_rates_from_carla([0.0, 0.0, 0.5]).tolist() == [0.0, 0.0, -0.5]
    before, after = (iso_matrix_from_carla_pose([0, 0, 0, 0, yaw, 0]) for yaw in (0.0, 0.1))
    assert (before.T @ after)[1, 0] < 0.0


def test_an_opencv_camera_sees_points_in_the_same_pixels():
    points = np.random.default_rng(1).uniform([4.0, -8.0, 0.0], [40.0, 8.0, 3.0], (40, 3))
    for camera in RIGS["navsim"].cameras:
        place = opencv_camera_from_carla(camera.extrinsics)
        local = (iso_points_from_carla(points) - place[:3, 3]) @ place[:3, :3]
        pixels = local @ camera.intrinsics.T
        seen = project(camera, points)
        ahead = seen.depth > 0.5
        assert np.allclose(pixels[ahead, :2] / pixels[ahead, 2:], seen.pixel[ahead])
