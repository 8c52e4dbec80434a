"""The same seed and the same calls give the same bits."""

import time
from collections.abc import Callable

import carla
import numpy as np
import pytest
from own_process import in_a_process_of_its_own
from plain_clients import PlainClient, Subscriber
from scenes import MKZ, Ear, attach, blueprint, connected, eventually, run, settings, settled

from carlet.wire.records import ACTOR_RECORD

#: Bytes of a snapshot in which the frame's and the episode's number stand, and where the actors begin.
FRAME, EPISODE, ACTORS = slice(8, 16), slice(48, 56), 84


def recorded(port: int, ticks: int) -> list[bytes]:
    """The raw snapshots of a crowd that drives, walks and crashes, from its first tick on."""
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(30.0)
    world = client.get_world()
    world.apply_settings(settings())
    world = client.reload_world(False)
    world.tick()
    raw = PlainClient(port)
    episode, token = raw.value("get_episode_info")
    number, stream_port = int.from_bytes(token[0][:4], "little"), int.from_bytes(token[0][4:6], "little")
    assert episode == world.id
    subscriber = Subscriber(stream_port, number)
    subscriber.receive()
    points = world.get_map().get_spawn_points()
    vehicles = list(world.get_blueprint_library().filter("vehicle.*"))[::2]
    cars = [world.spawn_actor(found, point) for found, point in zip(vehicles, points, strict=False)]
    for i, car in enumerate(cars):
        car.apply_control(carla.VehicleControl(throttle=0.4 + 0.02 * i, steer=0.3 * (-1) ** i))
    pose = points[30]
    pose.location.z += 1.0
    walker = world.spawn_actor(blueprint(world, "walker.pedestrian.0007"), pose)
    walker.apply_control(carla.WalkerControl(carla.Vector3D(x=1.0), 2.0, False))
    snapshots = []
    for tick in range(ticks):
        if tick == ticks // 2:
            cars[3].set_target_velocity(carla.Vector3D(x=30.0, y=5.0))
            cars[5].add_impulse(carla.Vector3D(y=20_000.0))
        world.tick()
        snapshots.append(subscriber.receive())
    subscriber.close()
    raw.close()
    return snapshots


def relative(message: bytes) -> bytes:
    """A snapshot with the actors' order for their ids, and without the frame's and the episode's number."""
    actors = np.frombuffer(message[ACTORS:], ACTOR_RECORD).copy()
    actors["id"] = np.argsort(np.argsort(actors["id"]))
    return (
        message[: FRAME.start] + message[FRAME.stop : EPISODE.start] + message[EPISODE.stop : ACTORS] + actors.tobytes()
    )


def test_two_servers_send_the_same_bits(launch: Callable):
    first, second = (recorded(launch("--town", "Town01", "--seed", "3").port, 120) for _ in range(2))
    assert [len(message) for message in first] == [len(message) for message in second]
    # How far a server runs freely before the client stops it is up to the machine.
    assert [relative(message) for message in first] == [relative(message) for message in second]
    assert len(set(first)) == len(first)


def test_a_reloaded_world_starts_over_to_the_bit(launch: Callable):
    port = launch("--town", "Town01").port
    first, second = (recorded(port, 60) for _ in range(2))
    assert first != second
    assert [relative(message) for message in first] == [relative(message) for message in second]


Path = list[list[tuple[float, float, float]]]


def crowd(client: carla.Client, manager: carla.TrafficManager, cars: int, ticks: int) -> Path:
    """Where the cars of a seeded Traffic Manager in hybrid mode are, tick by tick."""
    world = client.get_world()
    world.apply_settings(settings())
    manager.set_random_device_seed(1)
    manager.set_synchronous_mode(True)
    manager.set_hybrid_physics_mode(True)
    port, points = manager.get_port(), world.get_map().get_spawn_points()
    batch = [
        carla.command.SpawnActor(blueprint(world, MKZ, role_name="hero" if i == 0 else "autopilot"), points[i]).then(
            carla.command.SetAutopilot(carla.command.FutureActor, True, port)
        )
        for i in range(cars)
    ]
    ids = [result.actor_id for result in client.apply_batch_sync(batch, True)]
    path = []
    for _ in range(ticks):
        world.tick()
        found = [world.get_snapshot().find(i).get_transform().location for i in ids]
        path.append([(at.x, at.y, at.z) for at in found])
    return path


def drive_with_two_managers(host: str, port: int, traffic_manager_port: int, cars: int, ticks: int) -> list[Path]:
    """The ways of a crowd in two fresh worlds, each with a fresh Traffic Manager."""
    client = connected(host, port)
    client.get_world().apply_settings(settings())
    run(client.get_world(), 1)
    return [driven(client, traffic_manager_port, cars, ticks) for _ in range(2)]


def driven(client: carla.Client, port: int, cars: int, ticks: int) -> Path:
    client.reload_world(False)
    manager = client.get_trafficmanager(port)
    path = crowd(client, manager, cars, ticks)
    manager.set_synchronous_mode(False)
    manager.shut_down()
    return path


@pytest.mark.parametrize(
    ("town", "cars", "ticks"),
    [("Town01", 10, 100), pytest.param("Town03", 100, 1000, marks=pytest.mark.slow)],
)
def test_seeded_traffic_repeats_itself_exactly(launch: Callable, free_port: int, town: str, cars: int, ticks: int):
    first, second = in_a_process_of_its_own(
        drive_with_two_managers, lambda: (*launch("--town", town).address, free_port, cars, ticks)
    )
    moved = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in zip(first[0], first[-1], strict=True)]
    assert max(moved) > 5.0
    assert first == second


def drive_with_one_manager(host: str, port: int, traffic_manager_port: int) -> list[Path]:
    """The ways of a crowd in two fresh worlds that share a Traffic Manager."""
    client = connected(host, port)
    client.get_world().apply_settings(settings())
    manager = client.get_trafficmanager(traffic_manager_port)
    manager.set_synchronous_mode(True)
    run(client.get_world(), 1)
    paths = []
    for _ in range(2):
        client.reload_world(False)
        paths.append(crowd(client, manager, 30, 100))
    manager.set_synchronous_mode(False)
    manager.shut_down()
    return paths


def test_a_traffic_manager_does_not_take_cars_for_those_of_an_earlier_world(launch: Callable, free_port: int):
    """It remembers for ever which ids have physics."""
    first, second = in_a_process_of_its_own(
        drive_with_one_manager, lambda: (*launch("--town", "Town02").address, free_port)
    )
    assert first == second


CRASHES = {
    "head on": [((0.0, 50.0), MKZ), ((60.0, -50.0), MKZ)],
    "bicycle": [((0.0, 30.0), MKZ), ((15.0, -12.0), "vehicle.diamondback.century")],
    "walker": [((0.0, 15.0), MKZ), ((20.0, 0.0), "walker.pedestrian.0007")],
}


@pytest.mark.parametrize("case", CRASHES)
def test_crashes_repeat_themselves(solo: carla.Client, case: str):
    solo.get_world().apply_settings(settings(max_substep_delta_time=0.01, max_substeps=16))
    runs = []
    for _ in range(2):
        world = solo.reload_world(False)
        world.tick()
        start = world.get_map().get_spawn_points()[40]
        ahead, actors = start.get_forward_vector(), []
        for (metres, speed), type_id in CRASHES[case]:
            pose = carla.Transform(start.location + metres * ahead, start.rotation)
            pose.location.z += 0.7
            pose.rotation.yaw += 180.0 if speed < 0.0 else 0.0
            actors.append((world.spawn_actor(blueprint(world, type_id), pose), speed))
        run(world, 20)
        for actor, speed in actors:
            actor.set_target_velocity(speed * ahead)
        path = []
        for _ in range(60):
            world.tick()
            path += [(a.get_location().x, a.get_location().y, a.get_velocity().length()) for a, _ in actors]
        runs.append(path)
    assert runs[0] == runs[1]
    assert all(abs(value) < 1e4 for point in runs[0] for value in point)


def seen(world: carla.World, ticks: int) -> list[dict[int, bytes]]:
    """What a camera and a LiDAR on a blinking car in the rain show, by ticks since they came; each starts to be heard
    when the server notices it.
    """
    car = settled(world)
    car.set_light_state(carla.VehicleLightState(carla.VehicleLightState.LeftBlinker))
    sensors = [
        attach(world, "sensor.camera.rgb", car, image_size_x="160", image_size_y="120"),
        attach(world, "sensor.lidar.ray_cast", car, rotation_frequency="20"),
    ]
    ears = [Ear(world, sensor, warm_up=False) for sensor in sensors]
    start = world.get_snapshot().frame
    for _ in range(ticks):
        world.tick()
        time.sleep(0.05)
    eventually(lambda: all(not ear.messages.empty() for ear in ears))
    found = [{data.frame - start: bytes(data.raw_data) for data in ear.drain()} for ear in ears]
    for actor in (*sensors, car):
        actor.destroy()
    return found


def test_what_sensors_see_does_not_hang_on_how_old_the_world_is(world: carla.World):
    before = world.get_weather()
    world.set_weather(carla.WeatherParameters(precipitation=80.0, precipitation_deposits=50.0, cloudiness=80.0))
    first = seen(world, 12)
    run(world, 7)
    second = seen(world, 12)
    world.set_weather(before)
    for one, other in zip(first, second, strict=True):
        both = one.keys() & other.keys()
        assert len(both) > 3 and all(one[tick] == other[tick] for tick in both)
