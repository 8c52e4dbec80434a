"""The layouts byte for byte: every offset is written out here a second time, by hand."""

import struct

import numpy as np
import pytest

from carlet.wire import records
from carlet.wire.records import SensorType

COMMON = "<IB3f3f3f3f3f"
ACTORS = records.actor_records(
    ids=[7, 9],
    activity=[1, 2],
    location=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
    rotation=np.radians([[10.0, 20.0, 30.0], [0.0, -90.0, 180.0]]),
    velocity=[[0.5, 1.5, 2.5], [0.0, 0.0, 0.0]],
    angular_velocity=np.radians([[45.0, -45.0, 90.0], [0.0, 0.0, 0.0]]),
    acceleration=[[7.0, 8.0, 9.0], [0.0, 0.0, 0.0]],
)
FIRST = struct.pack(COMMON, 7, 1, 1, 2, 3, 10, 20, 30, 0.5, 1.5, 2.5, 45, -45, 90, 7, 8, 9)


def floats(data, offset, count):
    return struct.unpack_from(f"<{count}f", data, offset)


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        (records.SENSOR_HEADER, 48),
        (records.EPISODE_HEADER, 36),
        (records.ACTOR_RECORD, 119),
        (records.VEHICLE_STATE, 30),
        (records.WALKER_STATE, 17),
        (records.LIGHT_STATE, 54),
        (records.SIGN_STATE, 32),
        (records.IMAGE_HEADER, 12),
        (records.LIDAR_POINT, 16),
        (records.SEMANTIC_LIDAR_POINT, 24),
        (records.RADAR_DETECTION, 16),
        (records.DVS_EVENT, 13),
    ],
)
def test_sizes(dtype, size):
    assert dtype.itemsize == size


def test_the_common_part():
    data = ACTORS.tobytes()
    assert len(data) == 2 * 119
    assert struct.unpack_from("<IB", data) == (7, 1)
    assert data[:5] == FIRST[:5]
    assert floats(data, 5, 15) == pytest.approx(struct.unpack_from("<15f", FIRST, 5))
    assert data[65:119] == bytes(54)
    assert struct.unpack_from("<IB", data, 119) == (9, 2)
    assert floats(data, 119 + 17, 3) == pytest.approx((0, -90, 180))


def test_the_vehicle_part():
    actors = ACTORS.copy()
    records.fill_vehicles(
        actors,
        [1],
        throttle=[0.5],
        steer=-0.25,
        brake=0.125,
        hand_brake=[True],
        reverse=False,
        manual_gear=True,
        gear=[-1],
        speed_limit_kmh=90.0,
        light_state=[1],
        at_light=[True],
        light_id=[0x01020304],
        failure=3,
    )
    expected = struct.pack("<fffBBBifBBIB", 0.5, -0.25, 0.125, 1, 0, 1, -1, 90.0, 1, 1, 0x01020304, 3)
    assert actors[1].tobytes()[65:] == expected + bytes(24)
    assert actors[0].tobytes() == ACTORS[0].tobytes()


def test_the_walker_part():
    actors = ACTORS.copy()
    records.fill_walkers(actors, slice(0, 1), direction=[[1.0, 2.0, 3.0]], speed=[1.5], jump=[True])
    assert actors[0].tobytes()[65:] == struct.pack("<ffffB", 1, 2, 3, 1.5, 1) + bytes(37)


def test_the_light_and_sign_parts():
    actors = ACTORS.copy()
    records.fill_lights(
        actors,
        np.array([True, False]),
        sign_id=np.array([b"947"]),
        green_time=10.0,
        yellow_time=3.0,
        red_time=2.0,
        elapsed=1.25,
        pole=4,
        frozen=True,
        state=2,
    )
    records.fill_signs(actors, [1], sign_id=[b"x" * 40])
    assert actors[0].tobytes()[65:] == b"947" + bytes(29) + struct.pack("<4fIBB", 10, 3, 2, 1.25, 4, 1, 2)
    assert actors[1].tobytes()[65:] == b"x" * 32 + bytes(22)


def test_a_snapshot_is_header_episode_and_records():
    data = records.snapshot(
        frame=0x0102030405060708,
        time=12.5,
        episode_id=99,
        platform_time=3.25,
        delta=0.05,
        records=ACTORS,
        flags=records.SnapshotFlags.MAP_CHANGED,
        map_origin=(1, -2, 3),
    )
    assert data[:48] == struct.pack("<QQd6f", 17, 0x0102030405060708, 12.5, *[0.0] * 6)
    assert data[48:84] == struct.pack("<Qdf3iI", 99, 3.25, 0.05, 1, -2, 3, 1)
    assert data[84:] == ACTORS.tobytes()


def test_a_sensor_header_is_in_degrees():
    data = records.sensor_header(SensorType.RADAR, 5, 0.25, np.float32([1, 2, 3, 10, 20, 30]))
    assert data == struct.pack("<QQd6f", 9, 5, 0.25, 1, 2, 3, 10, 20, 30)
    parsed = np.frombuffer(data, records.SENSOR_HEADER)[0]
    assert (parsed["type"], parsed["frame"], parsed["time"], list(parsed["pose"])) == (
        9,
        5,
        0.25,
        [1, 2, 3, 10, 20, 30],
    )


def test_body_headers():
    assert records.image_header(800, 600, 90.0) == struct.pack("<IIf", 800, 600, 90.0)
    assert records.lidar_header(1.5, np.array([3, 0, 2])) == struct.pack("<fI3I", 1.5, 3, 3, 0, 2)


def test_sensor_types_count_in_the_order_of_the_protocol():
    assert [SensorType.COLLISION, SensorType.IMU, SensorType.LIDAR, SensorType.RGB] == [0, 5, 11, 13]
    assert [SensorType.INSTANCE_SEGMENTATION, SensorType.WORLD_SNAPSHOT, SensorType.V2X_CUSTOM] == [15, 17, 21]
