"""Boxes of road users and signals as arrays, by LEAD's rules of what counts and as what."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lead.data.classes import BoxClass, Column
from lead.data.config import RecordConfig
from lead.geometry import wrap_angle
from lead.sensors.perturbation import Perturbation, to_perturbed

Floats = NDArray[np.float64]
Box = Mapping[str, Any]

_HIGHEST_M = 4.0
_STOPPED_MPS = 0.1
_LONGEST_JUMP_M = 10.0
_CONE_EXTENT, _WARNING_EXTENT = (0.1720, 0.1720), (1.1867, 1.4353)
_DOOR_M = 0.6
#: Least LiDAR points and pixels; a box is hidden when it has fewer of both.
_HIDDEN = {"walker": (5, 15), "static": (3, 5), "static_prop_car": (3, 5), "car": (1, 1)}
_EMERGENCY = ("police", "ambulance", "firetruck")
_BICYCLES = ("vehicle.bh.crossbike", "vehicle.diamondback.century", "vehicle.gazelle.omafiets")
_OBSTACLE_SCENARIOS = {"Accident", "AccidentTwoWays", "BlockedIntersection", "ParkedObstacle", "ParkedObstacleTwoWays"}
_DOOR_SCENARIO = "VehicleOpensDoorTwoWays"
_PARKING_SCENARIOS = {
    "ParkingCrossingPedestrian", "ParkingCutIn", "StaticCutIn", "PedestrianCrossing", "ParkingExit",
}  # fmt: skip


class Labelled(NamedTuple):
    """A box that counts: its `label`, centre `x` `y` (m), half sizes (m) and `yaw` (rad) in the view's frame."""

    source: Box
    label: BoxClass
    x: float
    y: float
    half_length: float
    half_width: float
    yaw: float


class BoxArrays(NamedTuple):
    """`boxes` (rows, 9) float32, see `Column`; the rest zero. `futures` (rows, waypoints, 2) float32 m, of which the
    first `known` (rows,) int32 were recorded; `used` rows hold a box."""

    boxes: NDArray[np.float32]
    futures: NDArray[np.float32]
    known: NDArray[np.int32]
    used: int


def labelled_boxes(boxes: Sequence[Box], meta: Box, pose: Perturbation, config: RecordConfig) -> list[Labelled]:
    """The boxes that a model should see, in the frame of the rig at `pose`, in recorded order (nearest first)."""
    area = config.area
    found = [_label(box, meta, pose) for box in boxes if _counts(box)]
    return [
        one
        for one in found
        if area.min_x < one.x < area.max_x
        and area.min_y < one.y < area.max_y
        and abs(float(one.source["position"][2])) < _HIGHEST_M
    ]


def box_arrays(labelled: Sequence[Labelled], pose: Perturbation, config: RecordConfig) -> BoxArrays:
    """The first `most_boxes` boxes as arrays."""
    kept = labelled[: config.most_boxes]
    boxes = np.zeros((config.most_boxes, len(Column)), np.float32)
    futures = np.zeros((config.most_boxes, config.waypoints, 2), np.float32)
    known = np.zeros(config.most_boxes, np.int32)
    scale, area = config.pixels_per_m, config.area
    for row, one in enumerate(kept):
        place = ((one.x - area.min_x) * scale, (one.y - area.min_y) * scale)
        size = (one.half_length * scale, one.half_width * scale)
        brake = float(one.source.get("brake", 0.0))
        speed = float(one.source.get("speed", 0.0))
        boxes[row] = (*place, *size, one.yaw, speed, brake, one.label, one.source.get("num_radar_points", 0))
        futures[row], known[row] = _futures(one, pose, config)
    return BoxArrays(boxes, futures, known, len(kept))


def is_warning(box: Box) -> bool:
    """Whether a box is a warning sign of a construction or accident."""
    return box["class"] == "static" and "warning" in _type(box)


def is_cone(box: Box) -> bool:
    """Whether a box is a cone."""
    return box["class"] == "static" and "cone" in _type(box)


def _type(box: Box) -> str:
    return str(box.get("type_id") or "")


def _is_parked_mesh(box: Box) -> bool:
    return box["class"] == "static_prop_car" or "ParkedVehicles" in str(box.get("mesh_path") or "")


def _counts(box: Box) -> bool:
    kind = box["class"]
    if kind == "traffic_light":
        return bool(box["affects_ego"]) and box["state"] != "Green"
    if kind == "stop_sign":
        return bool(box["affects_ego"])
    if kind == "static" and (is_warning(box) or is_cone(box)):
        return True
    if kind == "static" and not _is_parked_mesh(box):
        return False
    return kind in _HIDDEN and not _is_hidden(box, *_HIDDEN[kind])


def _is_hidden(box: Box, least_points: int, least_pixels: int) -> bool:
    points, pixels = int(box.get("num_points", -1)), int(box.get("visible_pixels", -1))
    return 0 <= points < least_points and 0 <= pixels < least_pixels


def _label(box: Box, meta: Box, pose: Perturbation) -> Labelled:
    label = _class_of(box, meta)
    half_length, half_width = (float(value) for value in box["extent"][:2])
    if is_warning(box):
        half_length, half_width = _WARNING_EXTENT
    elif is_cone(box):
        half_length, half_width = _CONE_EXTENT
    yaw, place = float(box["yaw"]), np.array(box["position"][:2], np.float64)
    if label is BoxClass.OBSTACLE and _has_open_door(box, meta):
        side = -1.0 if str(meta.get("vehicle_door_side")).lower() == "left" else 1.0
        place += side * _DOOR_M * np.array([-np.sin(yaw), np.cos(yaw)])
        half_width += _DOOR_M
    x, y = to_perturbed(place, pose)
    turned = float(wrap_angle(yaw - np.radians(pose.turn_deg)))
    return Labelled(box, label, float(x), float(y), half_length, half_width, turned)


def _class_of(box: Box, meta: Box) -> BoxClass:
    kind = box["class"]
    fixed = {"walker": BoxClass.WALKER, "traffic_light": BoxClass.TRAFFIC_LIGHT, "stop_sign": BoxClass.STOP_SIGN}
    if kind in fixed:
        return fixed[kind]
    if is_warning(box) or is_cone(box):
        return BoxClass.OBSTACLE
    if _is_parked_mesh(box):
        return BoxClass.PARKING
    if any(word in _type(box) for word in _EMERGENCY) and str(box.get("role_name", "")).startswith("scenario"):
        return BoxClass.SPECIAL
    if _type(box) in _BICYCLES:
        return BoxClass.BIKER
    return _class_of_car(box, meta)


def _class_of_car(box: Box, meta: Box) -> BoxClass:
    scenario = meta.get("current_active_scenario_type")
    if float(box.get("speed", 0.0)) >= _STOPPED_MPS:
        return BoxClass.VEHICLE
    if _is_obstacle(box, meta):
        if scenario == _DOOR_SCENARIO:
            return BoxClass.OBSTACLE if meta.get("vehicle_opened_door") else BoxClass.PARKING
        if scenario in _OBSTACLE_SCENARIOS:
            return BoxClass.OBSTACLE
    parked = scenario in _PARKING_SCENARIOS and box.get("lane_type_str") == "Parking"
    return BoxClass.PARKING if parked else BoxClass.VEHICLE


def _is_obstacle(box: Box, meta: Box) -> bool:
    return box["id"] in (meta.get("scenario_obstacles_ids") or ())


def _has_open_door(box: Box, meta: Box) -> bool:
    doors = meta.get("current_active_scenario_type") == _DOOR_SCENARIO and meta.get("vehicle_opened_door")
    return bool(doors) and _is_obstacle(box, meta)


def _futures(one: Labelled, pose: Perturbation, config: RecordConfig) -> tuple[Floats, int]:
    """Positions (waypoints, 2) after each spacing, and how many of them were recorded; the rest go straight on."""
    spacing, wanted = config.ticks_between, config.waypoints
    recorded = np.asarray(one.source.get("future_positions", np.zeros((0, 2))), np.float64)[:, :2]
    path = np.vstack([[one.x, one.y], to_perturbed(recorded[spacing::spacing][:wanted], pose)])
    # Vehicles that scenarios move elsewhere leap.
    leaps = np.flatnonzero(np.hypot(*np.diff(path, axis=0).T) > _LONGEST_JUMP_M)
    path = path[: leaps[0] + 1] if len(leaps) else path
    known = len(path) - 1
    step_s = 1.0 / (spacing - 1) if config.legacy_extrapolation else config.spacing_s
    velocity = float(one.source.get("speed", 0.0)) * np.array([np.cos(one.yaw), np.sin(one.yaw)])
    if known:
        velocity = (path[-1] - path[-2]) / config.spacing_s
    missing = np.arange(1, wanted - known + 1)[:, None]
    return np.vstack([path[1:], path[-1] + missing * step_s * velocity]), known
