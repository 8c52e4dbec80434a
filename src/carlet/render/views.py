"""Cameras as `View`s."""

import numpy as np
from numpy.typing import ArrayLike

from carlet.geometry import rotation_matrices
from carlet.render.scene import View

#: Rows right, down and forward of a camera that looks along x.
_CAMERA_AXES = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])


def look_along(pose: ArrayLike, fov_deg: float, width: int, height: int) -> View:
    """A camera at a world pose (6,), radians, that sees `fov_deg` from left to right."""
    pose = np.asarray(pose, dtype=np.float64)
    turn = _CAMERA_AXES @ rotation_matrices(pose[3:]).T
    focal = 0.5 * width / np.tan(0.5 * np.radians(fov_deg))
    return View(pose[:3].astype(np.float32), np.ascontiguousarray(turn, np.float32), float(focal), width, height)
