"""Packed little-endian records of the streams: sensor headers, world snapshots, sensor elements.

Angles are radians in the arguments unless a name ends in `_deg`, and degrees on the wire.
"""

import struct
from enum import IntEnum, IntFlag
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Records = NDArray[np.void]


class SensorType(IntEnum):
    """What a stream message is, as its header says."""

    COLLISION = 0
    DEPTH = 1
    NORMALS = 2
    DVS = 3
    GNSS = 4
    IMU = 5
    LANE_INVASION = 6
    OBSTACLE = 7
    OPTICAL_FLOW = 8
    RADAR = 9
    SEMANTIC_LIDAR = 10
    LIDAR = 11
    RSS = 12
    RGB = 13
    SEMANTIC_SEGMENTATION = 14
    INSTANCE_SEGMENTATION = 15
    COSMOS_VISUALIZATION = 16
    WORLD_SNAPSHOT = 17
    GBUFFER_UINT8 = 18
    GBUFFER_FLOAT = 19
    V2X_CAM = 20
    V2X_CUSTOM = 21


class SnapshotFlags(IntFlag):
    """What else a client must fetch again after a snapshot."""

    NOTHING = 0
    MAP_CHANGED = 1
    LIGHTS_CHANGED = 2


def packed(*fields: tuple[Any, ...]) -> np.dtype[np.void]:
    """A structured dtype without padding."""
    return np.dtype(list(fields), align=False)


SENSOR_HEADER = packed(("type", "<u8"), ("frame", "<u8"), ("time", "<f8"), ("pose", "<f4", 6))
EPISODE_HEADER = packed(
    ("episode_id", "<u8"), ("platform_time", "<f8"), ("delta", "<f4"), ("map_origin", "<i4", 3), ("flags", "<u4")
)

VEHICLE_STATE = packed(
    ("throttle", "<f4"),
    ("steer", "<f4"),
    ("brake", "<f4"),
    ("hand_brake", "u1"),
    ("reverse", "u1"),
    ("manual_gear", "u1"),
    ("gear", "<i4"),
    ("speed_limit_kmh", "<f4"),
    ("light_state", "u1"),
    ("at_light", "u1"),
    ("light_id", "<u4"),
    ("failure", "u1"),
)
WALKER_STATE = packed(("direction", "<f4", 3), ("speed", "<f4"), ("jump", "u1"))
LIGHT_STATE = packed(
    ("sign_id", "S32"),
    ("green_time", "<f4"),
    ("yellow_time", "<f4"),
    ("red_time", "<f4"),
    ("elapsed", "<f4"),
    ("pole", "<u4"),
    ("frozen", "u1"),
    ("state", "u1"),
)
SIGN_STATE = packed(("sign_id", "S32"))

_COMMON: dict[str, Any] = {
    "id": "<u4",
    "activity": "u1",
    "location": ("<f4", 3),
    "rotation_deg": ("<f4", 3),
    "velocity": ("<f4", 3),
    "angular_velocity_deg": ("<f4", 3),
    "acceleration": ("<f4", 3),
}
_UNION: dict[str, Any] = {"vehicle": VEHICLE_STATE, "walker": WALKER_STATE, "light": LIGHT_STATE, "sign": SIGN_STATE}


def _actor_record() -> np.dtype[np.void]:
    fields = [np.dtype(field) for field in (*_COMMON.values(), *_UNION.values())]
    starts = np.cumsum([0, *(field.itemsize for field in fields[: len(_COMMON)])]).tolist()
    union = starts[-1]
    layout: dict[str, Any] = {
        "names": [*_COMMON, *_UNION],
        "formats": fields,
        "offsets": [*starts[:-1], *[union] * len(_UNION)],
        "itemsize": union + LIGHT_STATE.itemsize,
    }
    return np.dtype(layout)  # type: ignore[call-overload]


#: One actor in a snapshot; `vehicle`, `walker`, `light` and `sign` overlap, as in a union.
ACTOR_RECORD = _actor_record()

IMAGE_HEADER = packed(("width", "<u4"), ("height", "<u4"), ("fov_deg", "<f4"))
LIDAR_POINT = packed(("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4"))
SEMANTIC_LIDAR_POINT = packed(
    ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("cos_angle", "<f4"), ("object_id", "<u4"), ("tag", "<u4")
)
RADAR_DETECTION = packed(("velocity", "<f4"), ("azimuth", "<f4"), ("altitude", "<f4"), ("depth", "<f4"))
DVS_EVENT = packed(("x", "<u2"), ("y", "<u2"), ("time_ns", "<i8"), ("polarity", "u1"))

_SENSOR_HEADER = struct.Struct("<QQd6f")
_EPISODE_HEADER = struct.Struct("<Qdf3iI")
_IMAGE_HEADER = struct.Struct("<IIf")


def sensor_header(kind: SensorType, frame: int, time: float, pose_deg: ArrayLike = (0.0,) * 6) -> bytes:
    """Header (48 bytes) of every stream message; `pose_deg` (6,) is the sensor's world pose, angles in DEGREES."""
    return _SENSOR_HEADER.pack(kind, frame, time, *np.asarray(pose_deg, dtype=np.float64).tolist())


def image_header(width: int, height: int, fov_deg: float) -> bytes:
    """Header (12 bytes) of camera bodies; the pixels follow in rows."""
    return _IMAGE_HEADER.pack(width, height, fov_deg)


def lidar_header(horizontal_angle: float, points_per_channel: ArrayLike) -> bytes:
    """Header of LiDAR bodies; the points follow, sorted by channel. `points_per_channel` (channels,)."""
    counts = np.asarray(points_per_channel, dtype="<u4")
    return struct.pack("<fI", horizontal_angle, counts.size) + counts.tobytes()


def actor_records(
    ids: ArrayLike,
    activity: ArrayLike,
    location: ArrayLike,
    rotation: ArrayLike,
    velocity: ArrayLike,
    angular_velocity: ArrayLike,
    acceleration: ArrayLike,
) -> Records:
    """Records (n,) with their common part filled and the union zero.

    `ids` (n,); `activity` (n,) or scalar; `location` (n, 3) m; `rotation` (n, 3) pitch yaw roll in rad; `velocity`
    (n, 3) m/s; `angular_velocity` (n, 3) rad/s; `acceleration` (n, 3) m/s2.
    """
    ids = np.asarray(ids)
    records = np.zeros(ids.shape[0], ACTOR_RECORD)
    records["id"] = ids
    records["activity"] = activity
    records["location"] = location
    records["rotation_deg"] = np.degrees(rotation)
    records["velocity"] = velocity
    records["angular_velocity_deg"] = np.degrees(angular_velocity)
    records["acceleration"] = acceleration
    return records


def fill_vehicles(
    records: Records,
    rows: Any,
    *,
    throttle: ArrayLike,
    steer: ArrayLike,
    brake: ArrayLike,
    hand_brake: ArrayLike,
    reverse: ArrayLike,
    manual_gear: ArrayLike,
    gear: ArrayLike,
    speed_limit_kmh: ArrayLike,
    light_state: ArrayLike,
    at_light: ArrayLike,
    light_id: ArrayLike,
    failure: ArrayLike,
) -> None:
    """Write the vehicle part of `records[rows]`; each column is (rows,) or a scalar."""
    columns = locals()
    union = records["vehicle"]
    for name in VEHICLE_STATE.fields or ():
        union[name][rows] = columns[name]


def fill_walkers(records: Records, rows: Any, *, direction: ArrayLike, speed: ArrayLike, jump: ArrayLike) -> None:
    """Write the walker part of `records[rows]`: `direction` (rows, 3), `speed` (rows,) m/s, `jump` (rows,)."""
    union = records["walker"]
    union["direction"][rows] = direction
    union["speed"][rows] = speed
    union["jump"][rows] = jump


def fill_lights(
    records: Records,
    rows: Any,
    *,
    sign_id: ArrayLike,
    green_time: ArrayLike,
    yellow_time: ArrayLike,
    red_time: ArrayLike,
    elapsed: ArrayLike,
    pole: ArrayLike,
    frozen: ArrayLike,
    state: ArrayLike,
) -> None:
    """Write the traffic light part of `records[rows]`; `sign_id` (rows,) OpenDRIVE signal ids (bytes), times in s."""
    columns = locals()
    union = records["light"]
    for name in LIGHT_STATE.fields or ():
        union[name][rows] = columns[name]


def fill_signs(records: Records, rows: Any, *, sign_id: ArrayLike) -> None:
    """Write the traffic sign part of `records[rows]`; `sign_id` (rows,) OpenDRIVE signal ids (bytes)."""
    records["sign"]["sign_id"][rows] = sign_id


def snapshot(
    *,
    frame: int,
    time: float,
    episode_id: int,
    platform_time: float,
    delta: float,
    records: Records,
    flags: SnapshotFlags = SnapshotFlags.NOTHING,
    map_origin: tuple[int, int, int] = (0, 0, 0),
) -> bytes:
    """A whole world snapshot message: times in s, `delta` the last step in s, `records` (n,) of `ACTOR_RECORD`."""
    episode = _EPISODE_HEADER.pack(episode_id, platform_time, delta, *map_origin, flags)
    return b"".join((sensor_header(SensorType.WORLD_SNAPSHOT, frame, time), episode, records.tobytes()))
