"""The rig of a recording, read from LEAD's metas or from 123D's cameras."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py123d.datatypes.sensors.base_camera import CameraID
from py123d.datatypes.sensors.pinhole_camera import PinholeCameraMetadata

from lead.frames import carla_camera_from_opencv
from lead.geometry import pose_of_matrix
from lead.recording.layout import LayoutError
from lead.sensors.rig import Camera, Lidar, Radar, Rig

Floats = NDArray[np.float64]
_DIGITS = 4
_LIDAR_M = 2.5
"""How high LEAD's LiDARs stand, by which its clouds are lowered."""


def rig_of_meta(meta: Mapping[str, Any]) -> Rig:
    """The rig that a meta tells of. LayoutError when it tells of none."""
    try:
        told = meta["sensor_information"]
        cameras = tuple(
            Camera(tuple(one["pos"]), tuple(one["rot"]), one["width"], one["height"], one["fov"], one["cropped_height"])
            for _, one in sorted(told["camera_calibration"].items(), key=lambda item: int(item[0]))
        )
        numbers = [number for number in range(1, 10) if f"lidar_pos_{number}" in told]
        lidars = tuple(
            Lidar(tuple(told[f"lidar_pos_{number}"]), tuple(told[f"lidar_rot_{number}"])) for number in numbers
        )
        radars = tuple(
            Radar(tuple(one["pos"]), tuple(one["rot"]), one["horz_fov"], one["vert_fov"])
            for _, one in sorted(told["radar_calibration"].items(), key=lambda item: int(item[0]))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LayoutError(f"its meta does not tell of the sensors ({type(error).__name__}: {error})") from None
    return Rig("recorded", cameras, lidars, radars)


def rig_of_cameras(cameras: Mapping[CameraID, PinholeCameraMetadata], axle: Floats) -> tuple[Rig, list[CameraID]]:
    """The rig of a log's cameras, from left to right, and their ids in that order.

    `axle` (3,): from CARLA's origin of the car to its rear axle, ISO.
    """
    found = {name: _camera(one, axle) for name, one in cameras.items()}
    order = sorted(found, key=lambda name: found[name].rotation_deg[2])
    return Rig("py123d", tuple(found[name] for name in order), (Lidar((0.0, 0.0, _LIDAR_M), (0.0, 0.0, 0.0)),)), order


def _camera(told: PinholeCameraMetadata, axle: Floats) -> Camera:
    matrix = told.camera_to_imu_se3.transformation_matrix.copy()
    matrix[:3, 3] += axle
    place = carla_camera_from_opencv(matrix)
    assert told.intrinsics is not None
    fov = 2.0 * math.degrees(math.atan(told.width / (2.0 * told.intrinsics.fx)))
    x, y, z, pitch, yaw, roll = pose_of_matrix(place).tolist()
    angles = (math.degrees(angle) for angle in (roll, pitch, yaw))
    return Camera(_triple((x, y, z)), _triple(angles), told.width, told.height, round(fov, _DIGITS))


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    first, second, third = (round(value, _DIGITS) + 0.0 for value in values)
    return first, second, third
