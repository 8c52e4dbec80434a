import math

import numpy as np
import pytest

from lead.agents import SensorInterface
from lead.simulator import SensorTimeout

RIG = [
    {"type": "sensor.other.gnss", "id": "gps", "x": 0.0, "y": 0.0, "z": 0.0},
    {"type": "sensor.other.imu", "id": "imu", "x": 0.0, "y": 0.0, "z": 0.0, "roll": 0.0, "pitch": 0.0, "yaw": 0.0},
    {"type": "sensor.speedometer", "id": "speed"},
    {"type": "sensor.opendrive_map", "id": "map"},
]


@pytest.fixture
def interface():
    interface = SensorInterface()
    yield interface
    interface.detach()


def test_the_data_of_every_tick_arrives_in_the_official_formats(ego, interface):
    world = ego.get_world()
    interface.attach(world, ego, RIG)
    interface.warm_up(world)
    ego.enable_constant_velocity(type(ego.get_velocity())(5.0, 0.0, 0.0))
    for _ in range(30):
        frame = world.tick()
        interface.advance(frame, world.get_snapshot().timestamp.elapsed_seconds)
        data = interface.get_data()
        assert set(data) == {"gps", "imu", "speed", "map"}
        assert {stamp for stamp, _ in data.values()} == {frame}
    assert data["speed"][1]["speed"] == pytest.approx(5.0, abs=0.2)
    assert data["map"][1]["opendrive"].lstrip().startswith("<?xml")
    latitude, longitude, altitude = data["gps"][1]
    location = ego.get_location()
    assert longitude == pytest.approx(math.degrees(location.x / 6378137.0), abs=1e-4)
    assert abs(altitude - location.z) < 1.0 and np.isfinite(latitude)
    imu = data["imu"][1]
    assert imu.shape == (7,)
    assert imu[2] == pytest.approx(9.81, abs=0.5)
    expected = math.radians(ego.get_transform().rotation.yaw + 90.0) % (2.0 * math.pi)
    assert imu[6] == pytest.approx(expected, abs=0.05)


def test_getting_ready_takes_as_many_ticks_however_soon_sensors_are_heard(ego, interface):
    world = ego.get_world()
    for rig in (RIG[:1], RIG):
        before = world.get_snapshot().frame
        interface.attach(world, ego, rig)
        interface.warm_up(world)
        assert world.get_snapshot().frame == before + 3
        interface.detach()


def test_the_noise_of_the_leaderboard_acts(ego, interface):
    world = ego.get_world()
    interface.attach(world, ego, RIG[:1])
    interface.warm_up(world)
    readings = [interface.get_data(world.tick())["gps"][1] for _ in range(40)]
    spread = np.std(np.array(readings)[10:, :2], axis=0)
    assert (spread > 1e-6).all() and (spread < 2e-5).all()


def test_a_late_sensor_is_named(ego, interface):
    world = ego.get_world()
    interface.attach(world, ego, RIG[:2])
    interface.warm_up(world)
    frame = world.tick()
    interface.get_data(frame)
    with pytest.raises(SensorTimeout, match=rf"no data of frame {frame + 1} within 0\.2 s from: gps, imu"):
        interface.get_data(frame + 1, timeout=0.2)


def test_detached_sensors_are_gone_from_the_world(ego, interface):
    world = ego.get_world()
    interface.attach(world, ego, RIG)
    world.tick()
    assert len(world.get_actors().filter("sensor.*")) == 2
    interface.detach()
    world.tick()
    assert len(world.get_actors().filter("sensor.*")) == 0
