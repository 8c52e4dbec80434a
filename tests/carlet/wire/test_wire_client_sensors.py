"""Sensor messages of every kind, as the official client hands them to a callback."""

import queue
import time

import numpy as np
import pytest
import scene_server as server

from carlet.wire import messages, records, values
from carlet.wire.records import SensorType

IDS = {type_id: actor for actor, type_id in server.TYPES.items()}
POSE_DEG = (1.0, 2.0, 3.0, 10.0, 20.0, 30.0)


@pytest.fixture
def measured(scene, actors):
    """`measured(sensor type id, message kind, body)`: what a callback gets for it."""
    listening = []

    def send(type_id, kind, body):
        sensor, received = actors[IDS[type_id]], queue.SimpleQueue()
        sensor.listen(received.put)
        listening.append(sensor)
        message = records.sensor_header(kind, 77, 12.5, POSE_DEG) + body
        end = time.monotonic() + 5.0
        while scene.value("emit", sensor.id, message) == 0:
            assert time.monotonic() < end, "nobody subscribed"
        data = received.get(timeout=5.0)
        assert (data.frame, data.timestamp) == (77, 12.5)
        rotation = data.transform.rotation
        pose = (*xyz(data.transform.location), rotation.pitch, rotation.yaw, rotation.roll)
        assert pose == pytest.approx(POSE_DEG)
        return data

    yield send
    for sensor in listening:
        sensor.stop()


def xyz(vector):
    return vector.x, vector.y, vector.z


@pytest.mark.parametrize(("width", "height"), [(32, 24), (1920, 1080)])
def test_images(measured, width, height):
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255  # the client sets it so
    header = records.image_header(width, height, 90.0)
    image = measured("sensor.camera.rgb", SensorType.RGB, header + pixels.tobytes())
    assert (image.width, image.height, image.fov) == (width, height, 90)
    assert bytes(image.raw_data) == pixels.tobytes()
    pixel = image[width + 1]
    assert (pixel.b, pixel.g, pixel.r, pixel.a) == tuple(pixels[1, 1])


def test_optical_flow(measured):
    flow = np.arange(12, dtype="<f4").reshape(2, 3, 2)
    image = measured(
        "sensor.camera.optical_flow", SensorType.OPTICAL_FLOW, records.image_header(3, 2, 90.0) + flow.tobytes()
    )
    assert [(pixel.x, pixel.y) for pixel in image] == [(2 * i, 2 * i + 1) for i in range(6)]


def test_events_of_brightness(measured):
    events = np.array([(1, 2, 10**12, 1), (3, 4, -5, 0)], records.DVS_EVENT)
    array = measured("sensor.camera.dvs", SensorType.DVS, records.image_header(32, 24, 90.0) + events.tobytes())
    assert [(event.x, event.y, event.t, event.pol) for event in array] == [(1, 2, 10**12, True), (3, 4, -5, False)]


def test_lidar(measured):
    points = np.array([(1, 2, 3, 0.5), (4, 5, 6, 0.25), (7, 8, 9, 1)], records.LIDAR_POINT)
    scan = measured("sensor.lidar.ray_cast", SensorType.LIDAR, records.lidar_header(1.5, [1, 2]) + points.tobytes())
    assert (scan.horizontal_angle, scan.channels, len(scan)) == (1.5, 2, 3)
    assert [scan.get_point_count(channel) for channel in range(2)] == [1, 2]
    assert bytes(scan.raw_data) == points.tobytes()
    assert (xyz(scan[1].point), scan[1].intensity) == ((4, 5, 6), 0.25)


def test_a_lidar_that_sees_nothing(measured):
    scan = measured("sensor.lidar.ray_cast", SensorType.LIDAR, records.lidar_header(0.0, np.zeros(64)))
    assert (scan.channels, len(scan)) == (64, 0)


def test_semantic_lidar(measured):
    points = np.array([(1, 2, 3, 0.5, 7, 14), (4, 5, 6, -0.5, 2**32 - 1, 1)], records.SEMANTIC_LIDAR_POINT)
    scan = measured(
        "sensor.lidar.ray_cast_semantic",
        SensorType.SEMANTIC_LIDAR,
        records.lidar_header(1.5, [2]) + points.tobytes(),
    )
    assert [(xyz(hit.point), hit.cos_inc_angle, hit.object_idx, hit.object_tag) for hit in scan] == [
        ((1, 2, 3), 0.5, 7, 14),
        ((4, 5, 6), -0.5, 2**32 - 1, 1),
    ]


def test_radar(measured):
    detections = np.array([(1, 2, 3, 4), (-5, 6, 7, 8)], records.RADAR_DETECTION)
    scan = measured("sensor.other.radar", SensorType.RADAR, detections.tobytes())
    assert [(hit.velocity, hit.azimuth, hit.altitude, hit.depth) for hit in scan] == [(1, 2, 3, 4), (-5, 6, 7, 8)]


def test_imu(measured):
    data = measured("sensor.other.imu", SensorType.IMU, messages.imu([1, 2, 9.75], [0.5, 0, -0.5], 1.5))
    assert (xyz(data.accelerometer), xyz(data.gyroscope), data.compass) == ((1, 2, 9.75), (0.5, 0, -0.5), 1.5)


def test_gnss(measured):
    data = measured("sensor.other.gnss", SensorType.GNSS, messages.gnss(49.123456789, -8.5, 100.25))
    assert (data.latitude, data.longitude, data.altitude) == (49.123456789, -8.5, 100.25)


def actor(number, type_id):
    description = values.encode_description(1, type_id, {"role_name": (4, "hero")})
    return values.encode_actor(number, 0, description, values.encode_bounding_box([0, 0, 0], [1, 1, 1]))


def test_collision(measured):
    body = messages.collision(actor(2, "vehicle.a.b"), actor(900, "static.pole"), [1.0, 2.0, 3.0])
    event = measured("sensor.other.collision", SensorType.COLLISION, body)
    assert (event.actor.id, event.other_actor.id, event.other_actor.type_id) == (2, 900, "static.pole")
    assert xyz(event.normal_impulse) == (1, 2, 3)


def test_obstacle(measured):
    body = messages.obstacle(actor(2, "vehicle.a.b"), actor(3, "walker.pedestrian.0001"), 4.5)
    event = measured("sensor.other.obstacle", SensorType.OBSTACLE, body)
    assert (event.actor.id, event.other_actor.type_id, event.distance) == (2, "walker.pedestrian.0001", 4.5)
