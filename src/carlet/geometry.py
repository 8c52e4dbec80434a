"""Rotations and poses in CARLA's frame: x forward, y right, z up, left-handed; yaw clockwise seen from above.

A pose is six numbers `x y z pitch yaw roll` (metres, radians); a rotation is `pitch yaw roll` (radians).
Positive pitch lifts the nose, positive yaw turns right, positive roll lowers the right side, as CARLA has it.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rotation_matrices(rotations: Array) -> Array:
    """Matrices (..., 3, 3) that take local vectors to the outer frame, from (..., 3) `pitch yaw roll` (rad)."""
    rotations = np.asarray(rotations, dtype=np.float64)
    cp, cy, cr = np.moveaxis(np.cos(rotations), -1, 0)
    sp, sy, sr = np.moveaxis(np.sin(rotations), -1, 0)
    rows = [
        [cp * cy, cy * sp * sr - sy * cr, -cy * sp * cr - sy * sr],
        [cp * sy, sy * sp * sr + cy * cr, -sy * sp * cr + cy * sr],
        [sp, -cp * sr, cp * cr],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def rotation_angles(matrices: Array) -> Array:
    """Inverse of `rotation_matrices`: (..., 3) `pitch yaw roll` (rad), pitch in [-pi/2, pi/2]."""
    matrices = np.asarray(matrices, dtype=np.float64)
    pitch = np.arcsin(np.clip(matrices[..., 2, 0], -1.0, 1.0))
    yaw = np.arctan2(matrices[..., 1, 0], matrices[..., 0, 0])
    roll = np.arctan2(-matrices[..., 2, 1], matrices[..., 2, 2])
    return np.stack([pitch, yaw, roll], axis=-1)


def to_world(poses: Array, local_points: Array) -> Array:
    """Points (..., 3) given in the frames of `poses` (..., 6), in the world."""
    poses = np.asarray(poses, dtype=np.float64)
    turned = np.einsum("...ij,...j->...i", rotation_matrices(poses[..., 3:]), local_points)
    return poses[..., :3] + turned


def compose(parents: Array, children: Array) -> Array:
    """World poses (..., 6) of `children` poses (..., 6) that are relative to `parents` (..., 6)."""
    matrices = rotation_matrices(parents[..., 3:]) @ rotation_matrices(children[..., 3:])
    return np.concatenate([to_world(parents, children[..., :3]), rotation_angles(matrices)], axis=-1)


def wrap_angle(angle: Array) -> Array:
    """Angles (rad) brought into [-pi, pi)."""
    return (np.asarray(angle) + np.pi) % (2.0 * np.pi) - np.pi
