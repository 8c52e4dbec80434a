"""Poses, points and boxes as arrays in CARLA's frame: x forward, y right, z up, left-handed.

A pose is six numbers `x y z pitch yaw roll` (metres, radians); a rotation is `pitch yaw roll` (radians). Yaw runs
clockwise seen from above, positive pitch lifts the nose, positive roll lowers the right side. A box is a pose at its
centre and an extent of three half sizes (length, width, height; metres). Every function broadcasts over leading
dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:  # Training reads records on machines that have no client.
    import carla

Floats = NDArray[np.float64]

# Signs of x and y at the corners of a box, clockwise seen from above from the front left.
_CORNER_SIGNS = np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])


def wrap_angle(angle: ArrayLike) -> Floats:
    """Angles (rad) brought into [-pi, pi)."""
    return (np.asarray(angle, dtype=np.float64) + np.pi) % (2.0 * np.pi) - np.pi


def rotation_matrices(rotations: ArrayLike) -> Floats:
    """Matrices (..., 3, 3) that turn local vectors into the outer frame, from rotations (..., 3)."""
    rotations = np.asarray(rotations, dtype=np.float64)
    cp, cy, cr = np.moveaxis(np.cos(rotations), -1, 0)
    sp, sy, sr = np.moveaxis(np.sin(rotations), -1, 0)
    forward = np.stack([cp * cy, cp * sy, sp], axis=-1)
    right = np.stack([cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, -cp * sr], axis=-1)
    up = np.stack([-cy * sp * cr - sy * sr, -sy * sp * cr + cy * sr, cp * cr], axis=-1)
    return np.stack([forward, right, up], axis=-1)


def pose_of_matrix(matrix: ArrayLike) -> Floats:
    """The pose (6,) of a matrix (4, 4) from a frame to the outer one; pitch within a quarter turn up or down."""
    matrix = np.asarray(matrix, dtype=np.float64)
    pitch = np.arcsin(np.clip(matrix[2, 0], -1.0, 1.0))
    yaw, roll = np.arctan2(matrix[1, 0], matrix[0, 0]), np.arctan2(-matrix[2, 1], matrix[2, 2])
    return np.array([*matrix[:3, 3], pitch, yaw, roll])


def to_world(poses: ArrayLike, points_ego: ArrayLike) -> Floats:
    """Points (..., 3) of the frames of `poses` (..., 6), in the world."""
    poses, points = np.asarray(poses, dtype=np.float64), np.asarray(points_ego, dtype=np.float64)
    return poses[..., :3] + np.einsum("...ij,...j->...i", rotation_matrices(poses[..., 3:]), points)


def to_ego(poses: ArrayLike, points_world: ArrayLike) -> Floats:
    """World points (..., 3) in the frames of `poses` (..., 6)."""
    poses = np.asarray(poses, dtype=np.float64)
    offsets = np.asarray(points_world, dtype=np.float64) - poses[..., :3]
    return np.einsum("...ji,...j->...i", rotation_matrices(poses[..., 3:]), offsets)


def box_corners(poses: ArrayLike, extents: ArrayLike) -> Floats:
    """Corners (..., 8, 3) of boxes in the world, from poses (..., 6) and extents (..., 3).

    The first four are the bottom, front left first and clockwise seen from above; the last four lie above them.
    """
    poses, extents = np.asarray(poses, dtype=np.float64), np.asarray(extents, dtype=np.float64)
    bottom = np.concatenate([_CORNER_SIGNS, np.full((4, 1), -1.0)], axis=1)
    signs = np.concatenate([bottom, bottom * (1.0, 1.0, -1.0)])
    return to_world(poses[..., None, :], signs * extents[..., None, :])


def footprint(centres: ArrayLike, yaws: ArrayLike, extents: ArrayLike) -> Floats:
    """Corners (..., 4, 2) of upright boxes seen from above, front left first and clockwise.

    centres (..., 2) in m, yaws (...) in rad, extents (..., 2) half length and half width in m.
    """
    yaws = np.asarray(yaws, dtype=np.float64)
    forward = np.stack([np.cos(yaws), np.sin(yaws)], axis=-1)[..., None, :]
    right = np.stack([-np.sin(yaws), np.cos(yaws)], axis=-1)[..., None, :]
    offsets = _CORNER_SIGNS * np.asarray(extents, dtype=np.float64)[..., None, :]
    middle = np.asarray(centres, dtype=np.float64)[..., None, :]
    return middle + offsets[..., :1] * forward + offsets[..., 1:] * right


def footprints_overlap(first: ArrayLike, second: ArrayLike) -> NDArray[np.bool_]:
    """Whether rectangles (..., 4, 2) and (..., 4, 2), such as `footprint` gives, share any point; shape (...).

    Touching counts. Two rectangles are apart exactly if a side's direction of one of them separates them.
    """
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    apart = np.zeros(np.broadcast_shapes(first.shape, second.shape)[:-2], dtype=bool)
    for rectangle in (first, second):
        for side in (1, 3):
            axis = rectangle[..., side, :] - rectangle[..., 0, :]
            a = np.einsum("...ij,...j->...i", first, axis)
            b = np.einsum("...ij,...j->...i", second, axis)
            apart |= (a.max(-1) < b.min(-1)) | (b.max(-1) < a.min(-1))
    return ~apart


def location_array(location: carla.Location | carla.Vector3D) -> Floats:
    """x, y, z (3,) of a CARLA location or vector, in its unit."""
    return np.array([location.x, location.y, location.z])


def pose_array(transform: carla.Transform) -> Floats:
    """Pose (6,) of a CARLA transform, whose angles are in degrees."""
    location, rotation = transform.location, transform.rotation
    angles = np.radians([rotation.pitch, rotation.yaw, rotation.roll])
    return np.concatenate([location_array(location), angles])


def pose_to_carla(pose: ArrayLike) -> carla.Transform:
    """CARLA transform of a pose (6,)."""
    import carla

    x, y, z, pitch, yaw, roll = np.asarray(pose, dtype=np.float64).tolist()
    pitch, yaw, roll = np.degrees([pitch, yaw, roll]).tolist()
    return carla.Transform(carla.Location(x, y, z), carla.Rotation(pitch, yaw, roll))


def box_arrays(box: carla.BoundingBox) -> tuple[Floats, Floats]:
    """Pose (6,) and extent (3,) of a CARLA bounding box, in the frame that the box is given in."""
    import carla

    pose = pose_array(carla.Transform(box.location, box.rotation))
    return pose, location_array(box.extent)
