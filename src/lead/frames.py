"""CARLA's frame (x forward, y right, z up) to ISO 8855 (x forward, y left, z up) and OpenCV's cameras, and back.

The change between CARLA and ISO is its own inverse: y turns its sign, and with it rotations about x and z.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.geometry import rotation_matrices

Floats = NDArray[np.float64]

_FLIP = np.diag([1.0, -1.0, 1.0, 1.0])
#: Columns: right, down and forward of an OpenCV camera in an ISO frame that looks the same way.
_OPENCV_IN_ISO = np.array([[0.0, 0.0, 1.0, 0.0], [-1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def iso_points_from_carla(points: ArrayLike) -> Floats:
    """Points or vectors (..., 3) of a CARLA frame in the ISO frame at the same place."""
    return np.asarray(points, dtype=np.float64) * (1.0, -1.0, 1.0)


def carla_points_from_iso(points: ArrayLike) -> Floats:
    """Points or vectors (..., 3) of an ISO frame in the CARLA frame at the same place."""
    return iso_points_from_carla(points)


def iso_turn_rates_from_carla(rates: ArrayLike) -> Floats:
    """Angular velocities (..., 3) about x, y, z, right-handed, of left-handed ones; the unit stays."""
    return np.asarray(rates, dtype=np.float64) * (-1.0, 1.0, -1.0)


def carla_turn_rates_from_iso(rates: ArrayLike) -> Floats:
    """Angular velocities (..., 3) about x, y, z, left-handed, of right-handed ones; the unit stays."""
    return iso_turn_rates_from_carla(rates)


def iso_matrix_from_carla(matrix: ArrayLike) -> Floats:
    """Pose matrices (..., 4, 4) between CARLA frames as such between ISO frames."""
    return _FLIP @ np.asarray(matrix, dtype=np.float64) @ _FLIP


def carla_matrix_from_iso(matrix: ArrayLike) -> Floats:
    """Pose matrices (..., 4, 4) between ISO frames as such between CARLA frames."""
    return iso_matrix_from_carla(matrix)


def iso_matrix_from_carla_pose(pose: ArrayLike) -> Floats:
    """ISO pose matrix (4, 4) of a CARLA pose (6,) x y z pitch yaw roll (m, rad)."""
    pose = np.asarray(pose, dtype=np.float64)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation_matrices(pose[3:]), pose[:3]
    return iso_matrix_from_carla(matrix)


def opencv_camera_from_carla(matrix: ArrayLike) -> Floats:
    """Pose matrix (4, 4), in an ISO frame, of an OpenCV camera (right, down, forward), from that of a CARLA camera."""
    return iso_matrix_from_carla(matrix) @ _OPENCV_IN_ISO


def carla_camera_from_opencv(matrix: ArrayLike) -> Floats:
    """Pose matrix (4, 4) of a CARLA camera from that, in an ISO frame, of an OpenCV camera."""
    return carla_matrix_from_iso(np.asarray(matrix, dtype=np.float64) @ _OPENCV_IN_ISO.T)
