"""A tick as py123d's modalities: ISO 8855, the car's rear axle as origin, OpenCV cameras."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py123d.datatypes import Timestamp
from py123d.datatypes.detections.box_detection_label import DefaultBoxDetectionLabel as Label
from py123d.datatypes.detections.box_detections import BoxDetectionAttributes, BoxDetectionSE3, BoxDetectionsSE3
from py123d.datatypes.detections.box_detections_metadata import BoxDetectionsSE3Metadata
from py123d.datatypes.sensors.base_camera import CameraID
from py123d.datatypes.sensors.lidar import Lidar, LidarFeature, LidarID, LidarMetadata
from py123d.datatypes.sensors.pinhole_camera import PinholeCameraMetadata, PinholeIntrinsics
from py123d.datatypes.vehicle_state.dynamic_state import DynamicStateSE3
from py123d.datatypes.vehicle_state.ego_state import EgoStateSE3
from py123d.datatypes.vehicle_state.ego_state_metadata import get_carla_lincoln_mkz_2020_metadata
from py123d.geometry import BoundingBoxSE3, PoseSE3, Vector3D
from py123d.parser.base_dataset_parser import ParsedCamera

from lead.frames import (
    iso_matrix_from_carla_pose,
    iso_points_from_carla,
    iso_turn_rates_from_carla,
    opencv_camera_from_carla,
)
from lead.geometry import to_ego
from lead.recording.actor_book import Neighbour
from lead.recording.layout import rgb
from lead.sensors.clouds import BOX, lidar_cloud, off_the_ego
from lead.sensors.rig import Rig

Floats = NDArray[np.float64]

EGO = get_carla_lincoln_mkz_2020_metadata()
QUALITY = 90
_BOXES = BoxDetectionsSE3Metadata(Label)
_LIDAR = LidarMetadata("lidar_top", LidarID.LIDAR_TOP)


class ArrowFrames:
    """Makes modalities of one drive. `centre`: the middle of the ego's box in its CARLA frame (3,)."""

    def __init__(self, rig: Rig, centre: Floats):
        self._rig = rig
        self._axle = axle_of(centre)
        self._cameras = [self._camera(number) for number in range(1, len(rig.cameras) + 1)]

    def ego(self, stamp: Timestamp, pose: Floats, velocity: Floats, force: Floats, turn: Floats) -> EgoStateSE3:
        """The ego's state: `pose` (6,) and `velocity` (3,) m/s in the world, `force` (3,) m/s2 and `turn` (3,)
        rad/s in its own frame, all CARLA's.
        """
        axle = iso_matrix_from_carla_pose(pose) @ _shift(self._axle)
        local = to_ego([0.0, 0.0, 0.0, *pose[3:]], velocity)
        # An accelerometer at rest measures gravity.
        gravity = to_ego([0.0, 0.0, 0.0, *pose[3:]], [0.0, 0.0, 9.81])
        dynamic = DynamicStateSE3(
            velocity=_vector(iso_points_from_carla(local)),
            acceleration=_vector(iso_points_from_carla(force - gravity)),
            angular_velocity=_vector(iso_turn_rates_from_carla(turn)),
        )
        return EgoStateSE3.from_imu(PoseSE3.from_transformation_matrix(axle), EGO, stamp, dynamic)

    def boxes(self, stamp: Timestamp, near: Iterable[Neighbour]) -> BoxDetectionsSE3:
        """Everybody near, seen or not: true centres, velocities in the world."""
        found = [_box(one) for one in near]
        return BoxDetectionsSE3([one for one in found if one is not None], stamp, _BOXES)

    def lidar(self, stamp: Timestamp, readings: Mapping[str, Any]) -> Lidar:
        """All LiDARs' points of the tick at their true height, from the rear axle."""
        numbers = range(1, len(self._rig.lidars) + 1)
        points = lidar_cloud(self._rig.lidars, [readings[f"lidar{number}"] for number in numbers], lowering=0.0)
        kept = off_the_ego(points, BOX)
        intensity = np.concatenate([readings[f"lidar{number}"][:, 3] for number in numbers])[kept]
        return self.cloud(stamp, points[kept], intensity)

    def cloud(
        self, stamp: Timestamp, points: NDArray[np.floating], intensity: NDArray[np.floating] | None = None
    ) -> Lidar:
        """Points (n, 3) of CARLA's ego frame at their true height, with intensities (n,) 0 to 1, all 1 by default."""
        shares = np.ones(len(points)) if intensity is None else intensity
        cloud = (iso_points_from_carla(points) - self._axle).astype(np.float32)
        features = {LidarFeature.INTENSITY.serialize(): (255.0 * shares).astype(np.uint8)}
        return Lidar(stamp, stamp, _LIDAR, cloud, features)

    def cameras(self, stamp: Timestamp, ego: EgoStateSE3, readings: Mapping[str, Any]) -> list[ParsedCamera]:
        """The colour pictures as JPEG."""
        axle = ego.imu_se3.transformation_matrix
        parsed = []
        for number, metadata in enumerate(self._cameras, 1):
            place = PoseSE3.from_transformation_matrix(axle @ metadata.camera_to_imu_se3.transformation_matrix)
            data = rgb.encode(np.ascontiguousarray(readings[f"rgb_{number}"][..., :3]), QUALITY)
            parsed.append(ParsedCamera(metadata, stamp, place, byte_string=data))
        return parsed

    def _camera(self, number: int) -> PinholeCameraMetadata:
        camera = self._rig.cameras[number - 1]
        focal, name = camera.focal_px, camera_id(camera.rotation_deg[2])
        place = _shift(-self._axle) @ opencv_camera_from_carla(camera.extrinsics)
        return PinholeCameraMetadata(
            camera_name=f"rgb_{number}",
            camera_id=name,
            intrinsics=PinholeIntrinsics(focal, focal, camera.width / 2.0, camera.height / 2.0),
            distortion=None,
            width=camera.width,
            height=camera.height,
            camera_to_imu_se3=PoseSE3.from_transformation_matrix(place),
            is_undistorted=True,
        )


def axle_of(centre: Floats) -> Floats:
    """From CARLA's origin of the car to its rear axle (3,), ISO; `centre`: the middle of its box in its CARLA frame."""
    middle = np.array([EGO.center_to_imu_se3.x, EGO.center_to_imu_se3.y, EGO.center_to_imu_se3.z])
    return iso_points_from_carla(centre) - middle


def camera_id(yaw_deg: float) -> CameraID:
    """py123d's name of a camera that looks to `yaw_deg`, clockwise from ahead; the side ones from front to back."""
    yaw = (yaw_deg + 180.0) % 360.0 - 180.0
    if abs(yaw) < 20.0:
        return CameraID.PCAM_F0
    if abs(yaw) > 160.0:
        return CameraID.PCAM_B0
    row = 0 if abs(yaw) < 90.0 else 1
    left, right = (CameraID.PCAM_L0, CameraID.PCAM_L1), (CameraID.PCAM_R0, CameraID.PCAM_R1)
    return right[row] if yaw > 0.0 else left[row]


def label_of(type_id: str, base_type: str) -> Label:
    """py123d's label of an actor."""
    if type_id.startswith("walker."):
        return Label.PERSON
    if type_id.startswith("vehicle."):
        return Label.TWO_WHEELER if base_type in ("bicycle", "motorcycle") else Label.VEHICLE
    if "cone" in type_id:
        return Label.TRAFFIC_CONE
    if "warning" in type_id:
        return Label.TRAFFIC_SIGN
    return Label.BARRIER if "barrier" in type_id else Label.GENERIC_OBJECT


def _box(one: Neighbour) -> BoxDetectionSE3 | None:
    length, width, height = (2.0 * one.extent).tolist()
    if min(length, width, height) <= 0.0:
        return None
    matrix = iso_matrix_from_carla_pose(one.pose) @ _shift(iso_points_from_carla(one.centre))
    attributes = BoxDetectionAttributes(label_of(one.type_id, one.base_type), str(one.id))
    box = BoundingBoxSE3(PoseSE3.from_transformation_matrix(matrix), length, width, height)
    return BoxDetectionSE3(attributes, box, _vector(iso_points_from_carla(one.velocity)))


def _shift(offset: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _vector(values: Sequence[float] | Floats) -> Vector3D:
    x, y, z = np.asarray(values, np.float64).tolist()
    return Vector3D(x, y, z)
