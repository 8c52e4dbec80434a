import carla
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import Polygon

from lead.geometry import (
    box_arrays,
    box_corners,
    footprint,
    footprints_overlap,
    pose_array,
    pose_to_carla,
    rotation_matrices,
    to_ego,
    to_world,
    wrap_angle,
)

UNHURRIED = settings(deadline=None, max_examples=60)

metres = st.floats(-100.0, 100.0)
degrees = st.floats(-180.0, 180.0)
halves = st.floats(0.1, 10.0)
transforms = st.builds(
    carla.Transform,
    st.builds(carla.Location, metres, metres, metres),
    st.builds(carla.Rotation, st.floats(-89.0, 89.0), degrees, degrees),
)


@UNHURRIED
@given(transforms, arrays(np.float64, 3, elements=metres))
def test_points_move_as_in_carla(transform: carla.Transform, point: np.ndarray):
    moved = transform.transform(carla.Location(*point.tolist()))
    assert to_world(pose_array(transform), point) == pytest.approx([moved.x, moved.y, moved.z], abs=1e-3)


@UNHURRIED
@given(transforms)
def test_rotation_matrix_is_carlas(transform: carla.Transform):
    expected = np.array(transform.get_matrix())[:3, :3]
    assert rotation_matrices(pose_array(transform)[3:]) == pytest.approx(expected, abs=1e-5)


@UNHURRIED
@given(arrays(np.float64, (4, 6), elements=st.floats(-3.0, 3.0)), arrays(np.float64, (4, 3), elements=metres))
def test_to_ego_undoes_to_world(poses: np.ndarray, points: np.ndarray):
    assert to_ego(poses, to_world(poses, points)) == pytest.approx(points, abs=1e-9)


def test_yaw_turns_right_and_pitch_lifts():
    ahead = np.array([1.0, 0.0, 0.0])
    assert to_world([0, 0, 0, 0, np.pi / 2, 0], ahead) == pytest.approx([0, 1, 0])
    assert to_world([0, 0, 0, np.pi / 2, 0, 0], ahead) == pytest.approx([0, 0, 1])
    assert to_world([5, 6, 7, 0, 0, np.pi / 2], [0, 1, 0]) == pytest.approx([5, 6, 6])


@UNHURRIED
@given(transforms)
def test_transforms_survive_the_way_to_arrays_and_back(transform: carla.Transform):
    pose = pose_array(transform)
    assert pose_array(pose_to_carla(pose)) == pytest.approx(pose, abs=1e-5)


@UNHURRIED
@given(st.floats(-1e3, 1e3))
def test_wrapped_angles_lie_in_one_turn_and_point_the_same_way(angle: float):
    wrapped = float(wrap_angle(angle))
    assert -np.pi <= wrapped < np.pi
    assert [np.cos(wrapped), np.sin(wrapped)] == pytest.approx([np.cos(angle), np.sin(angle)], abs=1e-9)


@UNHURRIED
@given(transforms, st.builds(carla.Vector3D, halves, halves, halves))
def test_box_corners_are_carlas(transform: carla.Transform, extent: carla.Vector3D):
    box = carla.BoundingBox(transform.location, extent)
    box.rotation = transform.rotation
    pose, half_sizes = box_arrays(box)
    expected = np.array([[v.x, v.y, v.z] for v in box.get_world_vertices(carla.Transform())])
    gaps = np.linalg.norm(box_corners(pose, half_sizes)[:, None] - expected[None], axis=-1)
    assert gaps.min(axis=1).max() < 1e-2
    assert gaps.min(axis=0).max() < 1e-2


def test_box_corners_run_clockwise_from_the_bottoms_front_left():
    corners = box_corners([10, 20, 1, 0, 0, 0], [2, 1, 0.5])
    bottom = [[12, 19, 0.5], [12, 21, 0.5], [8, 21, 0.5], [8, 19, 0.5]]
    assert corners[:4] == pytest.approx(np.array(bottom))
    assert corners[4:] == pytest.approx(np.array(bottom) + [0, 0, 1])


def test_footprint_is_the_bottom_of_the_upright_box():
    poses = np.array([[1.0, 2.0, 0.0, 0.0, 0.7, 0.0], [-3.0, 4.0, 0.0, 0.0, -2.0, 0.0]])
    extents = np.array([[2.0, 1.0, 0.8], [4.0, 1.5, 1.0]])
    corners = footprint(poses[:, :2], poses[:, 4], extents[:, :2])
    assert corners == pytest.approx(box_corners(poses, extents)[:, :4, :2])


boxes = st.tuples(st.tuples(metres, metres), st.floats(-4.0, 4.0), st.tuples(halves, halves))


@UNHURRIED
@given(boxes, boxes)
def test_overlap_agrees_with_shapely(first: tuple, second: tuple):
    near = (np.array(second[0]) / 10.0, *second[1:])
    a, b = footprint(np.array(first[0]) / 10.0, *first[1:]), footprint(*near)
    gap = Polygon(a).distance(Polygon(b))
    depth = Polygon(a).intersection(Polygon(b)).area
    if gap > 1e-6 or depth > 1e-6:
        assert bool(footprints_overlap(a, b)) == (gap == 0.0)


def test_overlap_broadcasts_and_counts_touching():
    one = footprint([0.0, 0.0], 0.0, [2.0, 1.0])
    others = footprint(np.array([[4.0, 0.0], [4.1, 0.0], [0.0, 0.5]]), np.zeros(3), np.array([[2.0, 1.0]] * 3))
    assert footprints_overlap(one, others).tolist() == [True, False, True]
