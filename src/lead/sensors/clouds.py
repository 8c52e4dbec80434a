"""LiDAR and radar readings as point clouds in the ego's frame, as LEAD stores them and its students read them.

LEAD's clouds are lowered by half the sensor's height (`LOWERING`): the ground lies at z = -1.25 m in LiDAR clouds and
at -0.3 m in radar clouds. Whatever is to be mixed with LEAD's data or driven by its checkpoints must do the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from lead.sensors.rig import Lidar, Radar

Floats = NDArray[np.floating]

LOWERING = 0.5
EGO_EXTENT = (2.4508416652679443, 1.0641621351242065, 0.7553732395172119)
"""Half sizes (m) of the Lincoln MKZ 2020."""
CROSS: Final = "cross"
BOX: Final = "box"
EgoFilter = Literal["cross", "box"]


@dataclass(frozen=True)
class Area:
    """The box of the ego's frame that matters (m); z in the lowered frame."""

    min_x: float = -32.0
    max_x: float = 64.0
    min_y: float = -40.0
    max_y: float = 40.0
    min_z: float = -4.0
    max_z: float = 10.0

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Which of the points (n, 3 or more) are inside."""
        x, y, z = points[:, 0], points[:, 1], points[:, 2]
        inside = (x >= self.min_x) & (x <= self.max_x) & (y >= self.min_y) & (y <= self.max_y)
        return inside & (z >= self.min_z) & (z <= self.max_z)


STUDENT_AREA = Area()
"""What LEAD's students see."""


def lidar_cloud(lidars: Sequence[Lidar], readings: Sequence[Floats], lowering: float = LOWERING) -> Floats:
    """Points (n, 3) in the ego's frame of the readings (k, 3 or more) of all LiDARs, lowered by a share of height."""
    clouds = []
    for lidar, reading in zip(lidars, readings, strict=True):
        matrix = lidar.extrinsics.astype(np.float32)
        points = reading[:, :3] @ matrix[:3, :3].T + matrix[:3, 3]
        points[:, 2] -= lowering * lidar.position[2]
        clouds.append(points)
    return np.concatenate(clouds) if clouds else np.zeros((0, 3), np.float32)


def radar_cloud(radar: Radar, reading: Floats, lowering: float = LOWERING) -> Floats:
    """Points (n, 4) x, y, z in the ego's frame and radial speed (m/s, negative: coming closer) of a radar's reading.

    `reading` (n, 4): depth, altitude, azimuth (rad), velocity, as the leaderboard gives it.
    """
    depth, altitude, azimuth, velocity = reading.T
    flat = depth * np.cos(altitude)
    local = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), depth * np.sin(altitude)], axis=1)
    matrix = radar.extrinsics
    points = local @ matrix[:3, :3].T + matrix[:3, 3]
    points[:, 2] -= lowering * radar.position[2]
    return np.column_stack([points, velocity]).astype(np.float32)


def off_the_ego(points: Floats, shape: str = CROSS) -> NDArray[np.bool_]:
    """Which points (n, 3 or more) do not hit the ego itself.

    `box` drops what is inside the car. `cross` is LEAD's rule: it drops the whole corridor ahead and behind, as wide
    as the car, and the whole band beside it; published data and checkpoints have been made with that.
    """
    beyond_x, beyond_y = np.abs(points[:, 0]) > EGO_EXTENT[0], np.abs(points[:, 1]) > EGO_EXTENT[1]
    return beyond_x & beyond_y if shape == CROSS else beyond_x | beyond_y


def radar_as_lidar(radars: Mapping[str, Floats], near_m: float = 32.0, extra: int = 5) -> Floats:
    """Points (n, 3) of all radars' clouds, those within `near_m` (seen from above) repeated `extra` times more."""
    points = np.concatenate([cloud[:, :3] for cloud in radars.values()]) if radars else np.zeros((0, 3), np.float32)
    near = points[np.hypot(points[:, 0], points[:, 1]) < near_m]
    return np.concatenate([points, *[near] * extra])


def follow_motion(points: Floats, then_to_now: NDArray[np.float64]) -> Floats:
    """Points (n, 3) of an earlier ego frame in the present one; `then_to_now` x, y (m) of the earlier origin, and yaw
    (rad), all in the present frame.
    """
    x, y, yaw = then_to_now
    c, s = np.cos(yaw), np.sin(yaw)
    moved = points.copy()
    moved[:, 0] = c * points[:, 0] - s * points[:, 1] + x
    moved[:, 1] = s * points[:, 0] + c * points[:, 1] + y
    return moved
