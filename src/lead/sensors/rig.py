"""Which sensors a car has and where: checked, frozen, in the ego's frame (x forward, y right, z up; metres).

Rotations are `roll pitch yaw` in degrees, as LEAD's files and rig files have them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.geometry import rotation_matrices

Floats = NDArray[np.float64]
Triple = tuple[float, float, float]

PERTURBED = "_perturbated"
"""What LEAD puts behind the names of everything that belongs to the perturbed twin of a rig."""
LABELS = ("semantics", "depth", "instance")
_CAMERA_TYPES = {
    "rgb": "sensor.camera.rgb",
    "semantics": "sensor.camera.semantic_segmentation",
    "depth": "sensor.camera.depth",
    "instance": "sensor.camera.instance_segmentation",
}
_FARTHEST_M = 50.0


class RigError(ValueError):
    """A rig that cannot be; the message names the rig or file, the sensor and what is wrong with it."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion, its principal point in the middle.

    `cropped_height`: how many rows from the top are used, the full `height` by default.
    """

    position: Triple
    rotation_deg: Triple
    width: int
    height: int
    fov_deg: float
    cropped_height: int = 0

    def __post_init__(self):
        if self.cropped_height == 0:
            object.__setattr__(self, "cropped_height", self.height)
        _check_mount(self.position, self.rotation_deg)
        if self.width < 1 or self.height < 1 or not 1 <= self.cropped_height <= self.height:
            raise RigError("a camera needs a width and a height of a pixel or more, cropped to at most its height")
        if not 1.0 <= self.fov_deg < 180.0:
            raise RigError(f"a camera's fov_deg must be between 1 and 180, not {self.fov_deg:g}")

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.width / (2.0 * math.tan(math.radians(self.fov_deg) / 2.0))

    @property
    def intrinsics(self) -> Floats:
        """Matrix (3, 3) that takes points right, down, forward of the camera to homogeneous pixels."""
        focal = self.focal_px
        return np.array([[focal, 0.0, self.width / 2.0], [0.0, focal, self.height / 2.0], [0.0, 0.0, 1.0]])

    @property
    def extrinsics(self) -> Floats:
        """Matrix (4, 4) from the camera's frame (x forward, y right, z up) to the ego's."""
        return pose_matrix(self.position, self.rotation_deg)


@dataclass(frozen=True)
class Lidar:
    """A rotating LiDAR; its rays are the leaderboard's."""

    position: Triple
    rotation_deg: Triple

    def __post_init__(self):
        _check_mount(self.position, self.rotation_deg)

    @property
    def extrinsics(self) -> Floats:
        """Matrix (4, 4) from the sensor's frame to the ego's."""
        return pose_matrix(self.position, self.rotation_deg)


@dataclass(frozen=True)
class Radar:
    """A radar; range and number of rays are the leaderboard's."""

    position: Triple
    rotation_deg: Triple
    horizontal_fov_deg: float = 90.0
    vertical_fov_deg: float = 0.1

    def __post_init__(self):
        _check_mount(self.position, self.rotation_deg)
        if not 0.0 < self.horizontal_fov_deg < 180.0 or not 0.0 < self.vertical_fov_deg < 180.0:
            raise RigError("a radar's fields of view must be above 0 and below 180 degrees")

    @property
    def extrinsics(self) -> Floats:
        """Matrix (4, 4) from the sensor's frame to the ego's."""
        return pose_matrix(self.position, self.rotation_deg)


@dataclass(frozen=True)
class Rig:
    """The sensors of a car. Cameras are in the order of LEAD's stitched pictures; `target_dataset` is LEAD's number.

    All cameras have one height, so that their pictures can stand side by side.
    """

    name: str
    cameras: tuple[Camera, ...]
    lidars: tuple[Lidar, ...] = ()
    radars: tuple[Radar, ...] = ()
    target_dataset: int = 0

    def __post_init__(self):
        if not self.name:
            raise RigError("a rig needs a name")
        if len({(camera.height, camera.cropped_height) for camera in self.cameras}) > 1:
            raise RigError(f"rig {self.name}: all cameras must have the same height")

    @property
    def strip_shape(self) -> tuple[int, int]:
        """Height and width in pixels of the pictures of all cameras side by side."""
        return self.cameras[0].height if self.cameras else 0, sum(camera.width for camera in self.cameras)

    def with_cameras(self, name: str, kept: Sequence[int], target_dataset: int) -> "Rig":
        """The rig under another name with some of its cameras, by index."""
        cameras = tuple(self.cameras[index] for index in kept)
        return replace(self, name=name, cameras=cameras, target_dataset=target_dataset)

    def agent_sensors(self) -> list[dict[str, Any]]:
        """The sensors of a driving agent: `rgb_1` ..., `lidar1` ..., `radar1` ..., `imu`, `gps`, `speed`."""
        speed = [{"type": "sensor.speedometer", "id": "speed"}]
        return self.camera_sensors(("rgb",)) + self.lidar_sensors() + self.radar_sensors() + self.own_sensors() + speed

    def own_sensors(self) -> list[dict[str, Any]]:
        """What tells the car of itself: `imu` and `gps`, at its origin."""
        origin = _mount((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        return [{"type": "sensor.other.imu", "id": "imu"} | origin, {"type": "sensor.other.gnss", "id": "gps"} | origin]

    def camera_sensors(self, pictures: Iterable[str] = ("rgb", *LABELS), suffix: str = "") -> list[dict[str, Any]]:
        """Cameras of each kind of picture at each place: `rgb_1`, `semantics_1`, ..., with `suffix` behind."""
        return [
            {"type": _CAMERA_TYPES[picture], "id": f"{picture}_{number}{suffix}"}
            | _mount(camera.position, camera.rotation_deg)
            | {"width": camera.width, "height": camera.height, "fov": camera.fov_deg}
            for number, camera in enumerate(self.cameras, 1)
            for picture in pictures
        ]

    def lidar_sensors(self) -> list[dict[str, Any]]:
        """`lidar1`, `lidar2`, ..."""
        return [
            {"type": "sensor.lidar.ray_cast", "id": f"lidar{number}"} | _mount(lidar.position, lidar.rotation_deg)
            for number, lidar in enumerate(self.lidars, 1)
        ]

    def radar_sensors(self, suffix: str = "") -> list[dict[str, Any]]:
        """`radar1`, `radar2`, ..., with `suffix` behind."""
        return [
            {"type": "sensor.other.radar", "id": f"radar{number}{suffix}"}
            | _mount(radar.position, radar.rotation_deg)
            | {"horizontal_fov": radar.horizontal_fov_deg, "vertical_fov": radar.vertical_fov_deg}
            for number, radar in enumerate(self.radars, 1)
        ]


def pose_matrix(position: Triple, rotation_deg: Triple) -> Floats:
    """Matrix (4, 4) from the frame of a sensor to the ego's."""
    roll, pitch, yaw = np.radians(rotation_deg)
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_matrices([pitch, yaw, roll])
    matrix[:3, 3] = position
    return matrix


def _mount(position: Triple, rotation_deg: Triple) -> dict[str, float]:
    return dict(zip(("x", "y", "z", "roll", "pitch", "yaw"), (*position, *rotation_deg), strict=True))


def _check_mount(position: Triple, rotation_deg: Triple) -> None:
    if len(position) != 3 or len(rotation_deg) != 3:
        raise RigError("a sensor needs position = [x, y, z] and rotation_deg = [roll, pitch, yaw]")
    if not all(math.isfinite(value) for value in (*position, *rotation_deg)):
        raise RigError("a sensor's position and rotation_deg must be finite numbers")
    if max(abs(value) for value in position) > _FARTHEST_M:
        raise RigError(f"a sensor at {tuple(position)} is more than {_FARTHEST_M:g} m from the car")
