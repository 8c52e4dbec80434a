"""Boxes of a 123D log as LEAD's dictionaries."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py123d.datatypes.detections.box_detection_label import DefaultBoxDetectionLabel as Label
from py123d.datatypes.detections.box_detections import BoxDetectionSE3

from lead.frames import carla_points_from_iso
from lead.geometry import to_ego, wrap_angle
from lead.recording.box_fields import BIKER, OBSTACLE, VEHICLE, WALKER, common_fields, matrix_of
from lead.recording.conversion.log_frames import LogFrame, id_of, pose_of
from lead.recording.pictures import Boxes, count_points
from lead.sensors.clouds import EGO_EXTENT

Floats = NDArray[np.float64]

EGO_ID = 0
_KINDS = {Label.PERSON: ("walker", WALKER), Label.TWO_WHEELER: ("car", BIKER), Label.VEHICLE: ("car", VEHICLE)}
_TYPES = {
    Label.TRAFFIC_CONE: "static.prop.constructioncone",
    Label.TRAFFIC_SIGN: "static.prop.trafficwarning",
    Label.BARRIER: "static.prop.streetbarrier",
}


def boxes_of(frame: LogFrame, points: Floats | None) -> list[dict[str, Any]]:
    """The boxes of a frame, nearest first, with the ego's, and how many of the points (n, 3) of the ego's frame each
    has. Where there are none, and for pixels, -1: not known.
    """
    found = [_box(frame, box) for box in frame.boxes]
    if points is not None and found:
        counts = count_points(points.astype(np.float32), _shapes(found))
        found = [{**box, "num_points": count} for box, count in zip(found, counts.tolist(), strict=True)]
    extent = np.array(EGO_EXTENT)
    own = common_fields("ego_car", 0, np.zeros(3), 0.0, extent, EGO_ID, matrix_of(frame.pose))
    own |= {"speed": frame.speed, "brake": 0.0, "num_points": -1, "visible_pixels": -1}
    return sorted([*found, own], key=lambda box: box["distance"])


def _box(frame: LogFrame, box: BoxDetectionSE3) -> dict[str, Any]:
    kind, group = _KINDS.get(box.attributes.default_label, ("static", OBSTACLE))
    shape = box.bounding_box_se3
    extent = 0.5 * np.array([shape.length, shape.width, shape.height])
    pose = pose_of(box)
    # LEAD's boxes stand at their actors' origins: of cars and things that is on the ground, of walkers the middle.
    pose[2] -= extent[2] if kind != "walker" else 0.0
    position, yaw = to_ego(frame.pose, pose[:3]), float(wrap_angle(pose[4] - frame.pose[4]))
    velocity = np.zeros(3) if box.velocity_3d is None else carla_points_from_iso(box.velocity_3d.array)
    along = to_ego([0.0, 0.0, 0.0, 0.0, frame.pose[4], 0.0], velocity)[:2].tolist()
    ahead = float(to_ego([0.0, 0.0, 0.0, *pose[3:]], velocity)[0])
    details: dict[str, Any] = {"speed": ahead, "num_points": -1, "visible_pixels": -1}
    if kind == "static":
        details |= {"type_id": _TYPES.get(box.attributes.default_label, "static.prop"), "mesh_path": None}
    else:
        details |= {"ego_velocity": along, "num_radar_points": -1, "role_name": ""}
    if kind == "car":
        base = "bicycle" if group == BIKER else "car"
        details |= {"base_type": base, "type_id": "vehicle", "vehicle_cuts_in": False, "next_action": "Void"}
    return {**common_fields(kind, group, position, yaw, extent, id_of(box), matrix_of(pose)), **details}


def _shapes(boxes: Sequence[dict[str, Any]]) -> Boxes:
    above = [box["extent"][2] if box["class"] != "walker" else 0.0 for box in boxes]
    centres = np.array([box["position"] for box in boxes])
    centres[:, 2] += above
    count = len(boxes)
    yaws, extents = np.array([box["yaw"] for box in boxes]), np.array([box["extent"] for box in boxes])
    return Boxes(centres, yaws, extents, np.zeros(count, np.uint64), np.zeros(count, np.uint8))
