"""The frames of a 123D log in CARLA's frames, and the motion between them at 20 Hz."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from py123d.api import SceneAPI
from py123d.datatypes.detections.box_detection_label import DefaultBoxDetectionLabel as Label
from py123d.datatypes.detections.box_detections import BoxDetectionSE3

from lead.frames import carla_matrix_from_iso, carla_points_from_iso, carla_turn_rates_from_iso
from lead.geometry import pose_of_matrix, to_ego, wrap_angle
from lead.recording.motion import TICK_S, Moment
from lead.recording.writer import RecordingError

Floats = NDArray[np.float64]

MOVERS = (Label.PERSON, Label.TWO_WHEELER, Label.VEHICLE)
_GRAVITY = 9.81
_SAME_TIME_S = 1e-6


@dataclass(frozen=True)
class LogFrame:
    """One frame: `pose` (6,) of the ego's origin in the world, `speed` (m/s) forward, `force` (3,) m/s2 and `turn` (3,)
    rad/s as an IMU has them; the boxes as the log has them, `others` the poses (6,) of those that move, by id.
    """

    time_s: float
    pose: Floats
    speed: float
    force: Floats
    turn: Floats
    boxes: Sequence[BoxDetectionSE3]
    others: dict[int, Floats]


def read_frame(scene: SceneAPI, index: int, axle: Floats) -> LogFrame:
    """A frame of a log; `axle` (3,): from CARLA's origin of the car to its rear axle, ISO. RecordingError without an
    ego that moves.
    """
    state = scene.get_ego_state_se3_at_iteration(index)
    if state is None or state.dynamic_state_se3 is None:
        raise RecordingError(f"log {scene.log_name} does not say how the ego moves")
    dynamic, origin = state.dynamic_state_se3, state.imu_se3.transformation_matrix.copy()
    origin[:3, 3] -= origin[:3, :3] @ axle
    pose = pose_of_matrix(carla_matrix_from_iso(origin))
    # An accelerometer at rest measures gravity.
    gravity = to_ego([0.0, 0.0, 0.0, *pose[3:]], [0.0, 0.0, _GRAVITY])
    found = scene.get_box_detections_se3_at_iteration(index)
    boxes = list(found.box_detections) if found is not None else []
    return LogFrame(
        time_s=scene.get_timestamp_at_iteration(index).time_s,
        pose=pose,
        speed=float(dynamic.velocity_3d.array[0]),
        force=carla_points_from_iso(dynamic.acceleration_3d.array) + gravity,
        turn=carla_turn_rates_from_iso(dynamic.angular_velocity.array),
        boxes=boxes,
        others={id_of(box): pose_of(box) for box in boxes if box.attributes.default_label in MOVERS},
    )


def id_of(box: BoxDetectionSE3) -> int:
    """The number of a box's track; words are told apart by what they hash to."""
    token = str(box.attributes.track_token)
    return int(token) if token.isdecimal() else zlib.crc32(token.encode())


def pose_of(box: BoxDetectionSE3) -> Floats:
    """Pose (6,) of a box's centre in CARLA's world."""
    return pose_of_matrix(carla_matrix_from_iso(box.bounding_box_se3.center_se3.transformation_matrix))


def moments(frames: Sequence[LogFrame]) -> list[Moment]:
    """The ego and the others at 20 Hz: between frames they move straight on."""
    times = np.array([frame.time_s for frame in frames])
    grid = np.arange(times[0], times[-1] + 0.5 * TICK_S, TICK_S)
    poses = np.array([frame.pose for frame in frames])
    poses[:, 3:] = np.unwrap(poses[:, 3:], axis=0)
    columns = [poses, [[frame.speed] for frame in frames], [frame.force for frame in frames]]
    table = np.column_stack([*columns, [frame.turn for frame in frames]])
    rows = np.column_stack([np.interp(grid, times, column) for column in table.T])
    return [
        Moment(number, row[:6], row[4], row[:3], row[:2], row[6], row[7:10], row[10:13], _others(frames, times, time))
        for number, (time, row) in enumerate(zip(grid, rows, strict=True))
    ]


def _others(frames: Sequence[LogFrame], times: Floats, time: float) -> tuple[NDArray[np.int64], Floats]:
    after = int(np.searchsorted(times, time - _SAME_TIME_S).clip(0, len(times) - 1))
    before = after if abs(times[after] - time) < _SAME_TIME_S else max(after - 1, 0)
    span = times[after] - times[before]
    share = (time - times[before]) / span if span > 0.0 else 0.0
    first, second = frames[before].others, frames[after].others
    ids = sorted(first.keys() & second.keys())
    rows = [first[one] + share * _step(first[one], second[one]) for one in ids]
    return np.array(ids, np.int64), np.array([(row[0], row[1], row[4]) for row in rows]).reshape(-1, 3)


def _step(first: Floats, second: Floats) -> Floats:
    return np.concatenate([second[:3] - first[:3], wrap_angle(second[3:] - first[3:])])
