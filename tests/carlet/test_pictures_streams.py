"""Images on their way: every frame once, to everybody, whatever others do."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import carla
import psutil
import pytest
from plain_clients import PlainClient, Subscriber
from scenes import DT, Ear, attach, connected, eventually, numbers, run, settings, settled, spawn

from carlet.wire.tokens import stream_of

KINDS = (
    "rgb",
    "depth",
    "semantic_segmentation",
    "instance_segmentation",
    "normals",
    "optical_flow",
    "cosmos_visualization",
)
SMALL = {"image_size_x": "96", "image_size_y": "64"}
YAWS = (-60.0, 0.0, 60.0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_image_a_tick_of_its_frame_and_pose(world: carla.World, kind: str):
    car = settled(world, "vehicle.ford.mustang", 2)
    sensor = attach(world, f"sensor.camera.{kind}", car, **SMALL, fov="70")
    ear = Ear(world, sensor)
    car.apply_control(carla.VehicleControl(throttle=0.75))
    for _ in range(20):
        frame = world.tick()
        image = ear.next()
        assert image.frame == frame
        assert numbers(image.transform) == numbers(sensor.get_transform())
        assert image.timestamp == world.get_snapshot().timestamp.elapsed_seconds
        assert (image.width, image.height, image.fov) == (96, 64, 70.0)
    assert ear.drain() == []


def thirteen(world: carla.World) -> list[carla.Sensor]:
    """Sensors on a car that drives."""
    car = settled(world, "vehicle.ford.mustang", 2)
    car.apply_control(carla.VehicleControl(throttle=0.5, steer=0.1))
    sensors = [attach(world, "sensor.other.imu", car), attach(world, "sensor.other.gnss", car)]
    for yaw in YAWS:
        place = carla.Transform(carla.Location(x=0.5, z=1.7), carla.Rotation(yaw=yaw))
        for kind in ("rgb", "depth", "semantic_segmentation"):
            found = world.get_blueprint_library().find(f"sensor.camera.{kind}")
            for name, value in SMALL.items():
                found.set_attribute(name, value)
            sensors.append(world.spawn_actor(found, place, attach_to=car))
    sensors += [attach(world, f"sensor.camera.{kind}", car, **SMALL) for kind in ("instance_segmentation", "rgb")]
    world.tick()
    assert len(sensors) == 13
    return sensors


@pytest.mark.parametrize("ticks", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_frame_is_lost_or_doubled(world: carla.World, town01_port: int, ticks: int):
    other = carla.Client("127.0.0.1", town01_port)
    other.set_timeout(20.0)
    sensors = thirteen(world)
    ids = [sensor.id for sensor in sensors]
    listening = {
        (number, sensor.id): sensor
        for number, found in enumerate([sensors, [other.get_world().get_actor(i) for i in ids]])
        for sensor in found
    }
    frames: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key, sensor in listening.items():
        sensor.listen(lambda data, key=key: frames[key].append(data.frame))

    def all_heard() -> bool:
        world.tick()
        return len(frames) == len(listening)

    eventually(all_heard, 30.0)
    expected = [world.tick() for _ in range(ticks)]
    eventually(lambda: all(heard[-1] == expected[-1] for heard in frames.values()), 60.0)
    for sensor in listening.values():
        sensor.stop()
    for heard in frames.values():
        assert heard[-ticks:] == expected
        assert all(after - before == 1 for before, after in pairwise(heard))


def test_a_destroyed_camera_falls_silent(world: carla.World, raw: PlainClient):
    camera, other = (spawn(world, f"sensor.camera.{kind}", 0, **SMALL) for kind in ("depth", "rgb"))
    ears = [Ear(world, camera), Ear(world, other)]
    subscriber = Stalled(raw, camera).socket
    world.tick()
    last = world.tick()
    while ears[0].next().frame < last:
        pass
    camera.destroy()
    run(world, 5)
    while ears[1].next().frame < last + 5:
        pass
    assert ears[0].drain() == []
    with pytest.raises(ConnectionResetError):
        while subscriber.receive():
            pass


def test_images_come_as_often_as_sensor_tick_says(world: carla.World):
    ear = Ear(world, spawn(world, "sensor.camera.rgb", 0, **SMALL, sensor_tick="0.2"), warm_up=False)
    run(world, 20)
    stamps = [ear.next().timestamp for _ in range(5)]
    assert ear.drain() == []
    assert [b - a for a, b in pairwise(stamps)] == pytest.approx([0.2] * 4, abs=1e-5)


class Stalled:
    """A subscriber of a sensor that never reads."""

    def __init__(self, raw: PlainClient, sensor: carla.Sensor):
        token = bytes(raw.value("get_actors_by_id", [sensor.id])[0][5])
        self.socket = Subscriber(int.from_bytes(token[4:6], "little"), stream_of(token), 1 << 14)


@pytest.fixture
def own(launch: Callable) -> Iterator[tuple[carla.World, PlainClient, psutil.Process]]:
    """A world of a server of its own, a plain client of it, and its process."""
    server = launch("--town", "Town01")
    client, raw = connected(*server.address), PlainClient(server.port)
    yield client.get_world(), raw, psutil.Process(server.process.pid)
    raw.close()
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0


def test_who_never_reads_hurts_nobody_in_an_asynchronous_world(own: Any):
    world, raw, process = own
    world.apply_settings(carla.WorldSettings(synchronous_mode=False, fixed_delta_seconds=DT))
    camera = spawn(world, "sensor.camera.depth", 0, image_size_x="640", image_size_y="480")
    frames: list[int] = []
    camera.listen(lambda image: frames.append(image.frame))
    eventually(lambda: len(frames) > 5, 60.0)
    stalled = [Stalled(raw, camera) for _ in range(3)]
    eventually(lambda: len(frames) > 10)
    memory, first, begin = process.memory_info().rss, frames[-1], time.monotonic()
    eventually(lambda: len(frames) > 110, 60.0)
    passed, seconds = frames[-1] - first, time.monotonic() - begin
    assert process.memory_info().rss - memory < 24 << 20, "100 images are 120 MB"
    assert passed > 0.5 * seconds / DT, "the world goes on"
    assert len(frames) - 10 > 0.8 * passed, "who reads gets his frames"
    assert len(raw.value("version")) > 0
    for subscriber in stalled:
        subscriber.socket.close()
    camera.stop()


def test_in_a_synchronous_world_nothing_is_dropped_for_who_reads_late(own: Any):
    world, raw, _ = own
    world.apply_settings(settings())
    world.tick()
    camera = spawn(world, "sensor.camera.depth", 0, image_size_x="640", image_size_y="480")
    world.tick()
    late = Stalled(raw, camera).socket
    eventually(lambda: world.tick() and _readable(late))
    expected = [world.tick() for _ in range(40)]
    found: list[int] = []
    while not found or found[-1] < expected[-1]:
        found.append(int.from_bytes(late.receive()[8:16], "little"))
    assert found == list(range(found[0], expected[-1] + 1))
    late.close()


def _readable(subscriber: Subscriber) -> bool:
    subscriber.sock.setblocking(False)
    try:
        return bool(subscriber.sock.recv(1, 2))  # MSG_PEEK
    except BlockingIOError:
        return False
    finally:
        subscriber.sock.settimeout(10.0)
