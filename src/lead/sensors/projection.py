"""Points to pixels and back, for the pinhole cameras of a rig. CARLA's frame, metres."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.sensors.rig import Camera

Floats = NDArray[np.float64]


class Projected(NamedTuple):
    """Points in a picture: `pixel` (n, 2) column and row, `depth` (n,) m along the view, `visible` (n,) inside it."""

    pixel: Floats
    depth: Floats
    visible: NDArray[np.bool_]


def project(camera: Camera, points_ego: ArrayLike) -> Projected:
    """Where points (n, 3) of the ego's frame are in the camera's picture; pixels of points behind it mean nothing."""
    matrix = camera.extrinsics
    local = (np.asarray(points_ego, dtype=np.float64) - matrix[:3, 3]) @ matrix[:3, :3]
    depth = local[:, 0]
    # Right, down over forward.
    ratio = local[:, 1:] / np.where(depth > 1e-6, depth, 1e-6)[:, None]
    pixel = np.array([camera.width / 2.0, camera.height / 2.0]) + camera.focal_px * ratio * (1.0, -1.0)
    inside = (pixel >= 0.0).all(1) & (pixel < (camera.width, camera.height)).all(1)
    return Projected(pixel, depth, inside & (depth > 1e-6))


def unproject(camera: Camera, pixels: ArrayLike, depth: ArrayLike) -> Floats:
    """Points (n, 3) in the ego's frame of the middles of pixels (n, 2), at `depth` (n,) m along the view."""
    pixels, depth = np.asarray(pixels, dtype=np.float64), np.asarray(depth, dtype=np.float64)
    offset = (pixels + 0.5 - (camera.width / 2.0, camera.height / 2.0)) / camera.focal_px
    local = np.stack([depth, offset[:, 0] * depth, -offset[:, 1] * depth], axis=1)
    matrix = camera.extrinsics
    return local @ matrix[:3, :3].T + matrix[:3, 3]
