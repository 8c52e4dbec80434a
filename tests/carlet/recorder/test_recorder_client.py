"""Recording and replaying through the real client."""

import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import carla
import pytest

from carlet.recorder import file_info

DT = 0.05
MKZ, MINI = "vehicle.lincoln.mkz_2020", "vehicle.mini.cooper_s"


def blueprint(world: carla.World, type_id: str, **attributes: str) -> carla.ActorBlueprint:
    found = world.get_blueprint_library().find(type_id)
    for name, value in attributes.items():
        found.set_attribute(name, value)
    return found


def two_cars(world: carla.World) -> list[carla.Vehicle]:
    """A hero that curves and another that follows at half throttle, on streets of their own."""
    points = world.get_map().get_spawn_points()
    cars = [
        world.spawn_actor(blueprint(world, MKZ, role_name="hero"), points[0]),
        world.spawn_actor(blueprint(world, MINI, role_name="other"), points[40]),
    ]
    for car, steer in zip(cars, (0.05, 0.0), strict=True):
        car.apply_control(carla.VehicleControl(throttle=0.5, steer=steer))
    return cars


def pose(actor: carla.Actor) -> tuple[float, ...]:
    at = actor.get_transform()
    return at.location.x, at.location.y, at.location.z, at.rotation.yaw


def far(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return math.dist(a[:3], b[:3])


def record(client: carla.Client, world: carla.World, path: Path, ticks: int) -> list[dict[str, tuple[float, ...]]]:
    """Record that many ticks; poses of all cars in each, by role."""
    assert client.start_recorder(str(path), True) == str(path)
    seen = []
    for _ in range(ticks):
        world.tick()
        seen.append({car.attributes["role_name"]: pose(car) for car in world.get_actors().filter("vehicle.*")})
    client.stop_recorder()
    return seen


def cars_by_role(world: carla.World) -> dict[str, carla.Vehicle]:
    return {car.attributes["role_name"]: car for car in world.get_actors().filter("vehicle.*")}


def clear(client: carla.Client, world: carla.World) -> None:
    actors = [a.id for a in world.get_actors() if a.type_id.startswith(("vehicle.", "sensor.", "walker."))]
    client.apply_batch_sync([carla.command.DestroyActor(i) for i in actors], True)


@pytest.fixture
def take(town01: carla.Client, world: carla.World, tmp_path: Path):
    """60 recorded ticks of two moving cars that are gone by now: path, poses tick by tick."""
    two_cars(world)
    for _ in range(20):
        world.tick()
    path = tmp_path / "two.log"
    seen = record(town01, world, path, 60)
    clear(town01, world)
    yield path, seen
    town01.stop_replayer(False)
    town01.set_replayer_time_factor(1.0)
    town01.set_replayer_ignore_hero(False)
    town01.set_replayer_ignore_spectator(True)
    world.tick()


def test_replayed_cars_drive_as_recorded(town01: carla.Client, world: carla.World, take):
    path, seen = take
    assert far(seen[0]["hero"], seen[-1]["hero"]) > 5.0
    text = town01.replay_file(str(path), 0.0, 0.0, 0)
    assert text == (
        f"Replaying File: {path}\nTotal time recorded: 2.95\nReplaying from 0 s - 2.95 s (2.95 s) at 1.0x\n"
    )
    for k in range(1, 60):
        world.tick()
        cars = cars_by_role(world)
        for role in ("hero", "other"):
            assert far(pose(cars[role]), seen[k][role]) < 0.01, (k, role)
            assert abs(math.sin(math.radians(pose(cars[role])[3] - seen[k][role][3]))) < 1e-3
    hero = cars_by_role(world)["hero"]
    assert hero.type_id == MKZ
    travelled = far(seen[-1]["hero"], seen[-2]["hero"]) / DT
    speed = hero.get_velocity()
    assert math.hypot(speed.x, speed.y) == pytest.approx(travelled, abs=0.3)
    assert hero.get_control().throttle == pytest.approx(0.5)


def test_poses_between_two_frames_are_interpolated(town01: carla.Client, world: carla.World, take):
    path, seen = take
    town01.set_replayer_time_factor(0.5)
    town01.replay_file(str(path), 2.5, 0.0, 0)
    world.tick()
    between = pose(cars_by_role(world)["hero"])
    middle = tuple((a + b) / 2 for a, b in zip(seen[50]["hero"], seen[51]["hero"], strict=True))
    assert far(seen[50]["hero"], seen[51]["hero"]) > 0.1
    assert far(between, middle) < 0.01


def test_fast_replays_show_recorded_poses_only(town01: carla.Client, world: carla.World, take):
    path, seen = take
    town01.set_replayer_time_factor(2.5)
    town01.replay_file(str(path), 0.0, 0.0, 0)
    world.tick()
    assert far(pose(cars_by_role(world)["hero"]), seen[2]["hero"]) < 0.01


def test_a_replay_may_start_before_the_end_and_be_short(town01: carla.Client, world: carla.World, take):
    path, seen = take
    text = town01.replay_file(str(path), -1.0, 0.5, 0)
    assert "Replaying from 1.95 s - 2.45 s (2.95 s) at 1.0x" in text
    for _ in range(20):
        world.tick()
    assert far(pose(cars_by_role(world)["hero"]), seen[49]["hero"]) < 0.05


def test_cars_stay_after_the_end_and_can_be_driven(town01: carla.Client, world: carla.World, take):
    path, seen = take
    town01.replay_file(str(path), 2.5, 0.0, 0)
    for _ in range(30):
        world.tick()
    hero = cars_by_role(world)["hero"]
    assert far(pose(hero), seen[-1]["hero"]) < 0.1
    assert hero.get_velocity().length() < 0.1
    hero.apply_control(carla.VehicleControl(throttle=1.0))
    for _ in range(20):
        world.tick()
    assert far(pose(hero), seen[-1]["hero"]) > 1.0


@pytest.mark.parametrize("keep", [True, False])
def test_stopping_keeps_the_actors_or_not(town01: carla.Client, world: carla.World, take, keep: bool):
    town01.replay_file(str(take[0]), 0.0, 0.0, 0)
    world.tick()
    assert len(cars_by_role(world)) == 2
    town01.stop_replayer(keep)
    world.tick()
    assert len(cars_by_role(world)) == (2 if keep else 0)


def test_a_second_replay_uses_the_same_cars(town01: carla.Client, world: carla.World, take):
    path, _ = take
    town01.replay_file(str(path), 0.0, 0.5, 0)
    for _ in range(15):
        world.tick()
    first = {car.id for car in cars_by_role(world).values()}
    town01.replay_file(str(path), 0.0, 0.0, 0)
    world.tick()
    assert {car.id for car in cars_by_role(world).values()} == first


def test_the_spectator_follows_a_recorded_actor(town01: carla.Client, world: carla.World, take):
    path, _ = take
    hero = next(
        int(line.split()[1].rstrip(":"))
        for line in town01.show_recorder_file_info(str(path), False).splitlines()
        if MKZ in line
    )
    offset = carla.Transform(carla.Location(x=-10.0, z=5.0), carla.Rotation(pitch=-25.0))
    town01.replay_file(str(path), 0.0, 0.0, hero, False, offset)
    for _ in range(30):
        world.tick()
    spectator, car = world.get_spectator().get_transform(), cars_by_role(world)["hero"].get_transform()
    expected = car.transform(carla.Location(x=-10.0, z=5.0))
    assert spectator.location.distance(expected) < 0.01
    assert spectator.rotation.pitch - car.rotation.pitch == pytest.approx(-25.0, abs=0.5)


def test_the_hero_can_be_left_out(town01: carla.Client, world: carla.World, take):
    town01.set_replayer_ignore_hero(True)
    town01.replay_file(str(take[0]), 0.0, 0.0, 0)
    world.tick()
    assert set(cars_by_role(world)) == {"other"}


def test_the_recorded_spectator_is_shown_on_demand(town01: carla.Client, world: carla.World, take):
    path, _ = take
    spectator = world.get_spectator()
    recorded = pose(spectator)
    elsewhere = carla.Transform(carla.Location(x=1.0, y=2.0, z=300.0))
    for ignore, where in ((True, (1.0, 2.0, 300.0)), (False, recorded)):
        spectator.set_transform(elsewhere)
        town01.set_replayer_ignore_spectator(ignore)
        town01.replay_file(str(path), 0.0, 0.0, 0)
        world.tick()
        assert far(pose(spectator), where) < 0.01


def test_lights_show_what_was_recorded_and_go_on_afterwards(town01: carla.Client, world: carla.World, tmp_path: Path):
    lights = sorted(world.get_actors().filter("traffic.traffic_light"), key=lambda light: light.id)
    world.reset_all_traffic_lights()
    lights[0].set_state(carla.TrafficLightState.Off)
    town01.start_recorder(str(tmp_path / "lights.log"), False)
    recorded = []
    for k in range(30):
        if k == 10:
            lights[0].set_state(carla.TrafficLightState.Yellow)
        world.tick()
        recorded.append([light.state for light in lights])
    town01.stop_recorder()
    lights[0].set_state(carla.TrafficLightState.Red)
    for _ in range(240):
        world.tick()
    assert [light.state for light in lights] != recorded[0]
    town01.replay_file(str(tmp_path / "lights.log"), 0.0, 0.0, 0)
    for k in range(1, 30):
        world.tick()
        assert [light.state for light in lights] == recorded[k]
    for _ in range(200):
        world.tick()
    assert [light.state for light in lights[1:]] != recorded[-1][1:]


def test_file_info_names_what_was_there(town01: carla.Client, world: carla.World, take):
    text = town01.show_recorder_file_info(str(take[0]), True)
    lines = text.splitlines()
    assert lines[:2] == ["Version: 1", "Map: Town01"]
    assert any(line.startswith(" Create 1: spectator (0) at ") for line in lines)
    assert sum("traffic.traffic_light (3)" in line for line in lines) == len(
        world.get_actors().filter("traffic.traffic_light")
    )
    assert any(line.startswith(" Create ") and f"{MKZ} (1)" in line for line in lines)
    assert "  role_name = hero" in lines
    for title in ("Dynamic actors: 2", "Current platform time", "Physics Control events: 2", "Actor bounding boxes: 2"):
        assert any(line.startswith(f" {title}") for line in lines), title
    assert text.endswith("\nFrames: 60\nDuration: 2.95 seconds\n")


def test_a_crash_is_in_the_collision_table(town01: carla.Client, world: carla.World, tmp_path: Path):
    point = world.get_map().get_spawn_points()[0]
    ahead = carla.Transform(point.location + 12.0 * point.get_forward_vector(), point.rotation)
    standing = world.spawn_actor(blueprint(world, MINI), ahead)
    hero = world.spawn_actor(blueprint(world, MKZ, role_name="hero"), point)
    sensor = world.spawn_actor(blueprint(world, "sensor.other.collision"), carla.Transform(), attach_to=hero)
    path = tmp_path / "crash.log"
    town01.start_recorder(str(path), False)
    hero.set_target_velocity(12.0 * point.get_forward_vector())
    for _ in range(60):
        world.tick()
    town01.stop_recorder()
    rows = [line.split() for line in town01.show_recorder_collisions(str(path), "h", "v").splitlines() if "v v" in line]
    assert rows
    assert rows[0][1:] == ["v", "v", str(hero.id), MKZ, str(standing.id), MINI]
    assert "v v" not in town01.show_recorder_collisions(str(path), "w", "a")
    info = town01.show_recorder_file_info(str(path), False)
    assert f" Parenting {sensor.id} with {hero.id} (parent)\n" in info
    assert f"between {hero.id} (hero)  with {standing.id}\n" in info


def test_collisions_need_a_sensor_to_be_recorded(town01: carla.Client, world: carla.World, tmp_path: Path):
    point = world.get_map().get_spawn_points()[0]
    ahead = carla.Transform(point.location + 12.0 * point.get_forward_vector(), point.rotation)
    world.spawn_actor(blueprint(world, MINI), ahead)
    hero = world.spawn_actor(blueprint(world, MKZ, role_name="hero"), point)
    town01.start_recorder(str(tmp_path / "quiet.log"), False)
    hero.set_target_velocity(12.0 * point.get_forward_vector())
    for _ in range(40):
        world.tick()
    town01.stop_recorder()
    assert "Collision" not in town01.show_recorder_file_info(str(tmp_path / "quiet.log"), False)


def test_a_standing_car_is_in_the_blocked_table(town01: carla.Client, world: carla.World, tmp_path: Path):
    points = world.get_map().get_spawn_points()
    standing = world.spawn_actor(blueprint(world, MINI), points[0])
    driving = world.spawn_actor(blueprint(world, MKZ), points[40])
    for _ in range(20):
        world.tick()
    driving.set_target_velocity(3.0 * points[40].get_forward_vector())
    driving.enable_constant_velocity(carla.Vector3D(3.0, 0.0, 0.0))
    record(town01, world, tmp_path / "blocked.log", 50)
    text = town01.show_recorder_actors_blocked(str(tmp_path / "blocked.log"), 2.0, 50.0)
    assert f"       0 {standing.id:6d} {MINI:<35}          2\n" in text
    assert MKZ not in text


def test_actors_that_die_between_ticks_leave_a_sound_recording(
    town01: carla.Client, world: carla.World, tmp_path: Path
):
    path, points = tmp_path / "dying.log", world.get_map().get_spawn_points()
    car = world.spawn_actor(blueprint(world, MINI, role_name="dying"), points[0])
    sensor = world.spawn_actor(blueprint(world, "sensor.other.collision"), carla.Transform(), attach_to=car)
    town01.start_recorder(str(path), True)
    for _ in range(5):
        world.tick()
    brief = world.spawn_actor(blueprint(world, MINI), points[20])
    town01.apply_batch_sync([carla.command.DestroyActor(actor.id) for actor in (brief, sensor, car)], False)
    for _ in range(5):
        world.tick()
    town01.stop_recorder()
    text = town01.show_recorder_file_info(str(path), True)
    assert f" Destroy {car.id}\n" in text
    assert f" Create {brief.id}:" not in text
    town01.replay_file(str(path), 0.0, 0.0, 0)
    world.tick()
    assert set(cars_by_role(world)) == {"dying"}
    for _ in range(5):
        world.tick()
    assert not cars_by_role(world)


def test_recorded_sensors_come_back_on_demand(town01: carla.Client, world: carla.World, tmp_path: Path):
    car = world.spawn_actor(blueprint(world, MKZ), world.get_map().get_spawn_points()[0])
    mount = carla.Transform(carla.Location(x=1.5, z=2.0), carla.Rotation(yaw=30.0))
    world.spawn_actor(blueprint(world, "sensor.other.gnss"), mount, attach_to=car)
    record(town01, world, tmp_path / "sensor.log", 5)
    clear(town01, world)
    for wanted in (0, 1):
        town01.replay_file(str(tmp_path / "sensor.log"), 0.0, 0.0, 0, bool(wanted))
        world.tick()
        sensors = list(world.get_actors().filter("sensor.*"))
        assert len(sensors) == wanted
    (gnss,) = sensors
    assert gnss.parent.type_id == MKZ
    expected = gnss.parent.get_transform().transform(carla.Location(x=1.5, z=2.0))
    assert gnss.get_transform().location.distance(expected) < 0.01
    heard: list[carla.GnssMeasurement] = []
    gnss.listen(heard.append)
    for _ in range(100):  # it takes a while until the server knows that somebody listens
        world.tick()
        if heard:
            break
        time.sleep(0.02)
    gnss.stop()
    assert heard
    town01.stop_replayer(False)
    world.tick()


def test_walkers_walk_again_and_stop_at_the_end(town01: carla.Client, world: carla.World, tmp_path: Path):
    where = world.get_map().get_spawn_points()[0]
    where.location.z += 1.0
    walker = world.spawn_actor(blueprint(world, "walker.pedestrian.0001"), where)
    walker.apply_control(carla.WalkerControl(carla.Vector3D(1.0, 0.0, 0.0), 2.0))
    for _ in range(10):
        world.tick()
    town01.start_recorder(str(tmp_path / "walk.log"), False)
    seen = []
    for _ in range(20):
        world.tick()
        seen.append(pose(walker))
    town01.stop_recorder()
    clear(town01, world)
    assert far(seen[0], seen[-1]) > 1.0
    town01.replay_file(str(tmp_path / "walk.log"), 0.0, 0.0, 0)
    for k in range(1, 20):
        world.tick()
        (walker,) = world.get_actors().filter("walker.*")
        assert far(pose(walker), seen[k]) < 0.01
    assert walker.get_control().speed == pytest.approx(2.0)
    for _ in range(20):
        world.tick()
    assert walker.get_velocity().length() < 0.01
    assert far(pose(walker), seen[-1]) < 0.2


def test_a_server_survives_replays_of_damaged_files(town01: carla.Client, world: carla.World, take, tmp_path: Path):
    content, randomly = take[0].read_bytes(), random.Random(3)
    for k in range(25):
        damaged = bytearray(content)
        for _ in range(20):
            damaged[randomly.randrange(40, len(damaged))] = randomly.randrange(256)
        path = tmp_path / f"damaged-{k}.log"
        path.write_bytes(damaged)
        assert town01.replay_file(str(path), 0.0, 0.0, 0, True)
        for _ in range(8):
            world.tick()
    town01.stop_replayer(False)
    before = world.get_snapshot().frame
    assert world.tick() == before + 1


def test_damaged_and_missing_files_are_told_in_words(town01: carla.Client, world: carla.World, take, tmp_path: Path):
    path, _ = take
    assert town01.replay_file("no-such.log", 0.0, 0.0, 0).endswith("no-such.log not found on server\n")
    path.write_bytes(path.read_bytes()[:20_000])
    text = town01.replay_file(str(path), 0.0, 0.0, 0)
    assert "This is not all: the recording cannot be read after frame" in text
    for _ in range(80):
        world.tick()
    assert len(cars_by_role(world)) == 2
    (tmp_path / "notes.txt").write_text("not to be overwritten")
    assert town01.start_recorder(str(tmp_path / "notes.txt")) == ""
    assert (tmp_path / "notes.txt").read_text() == "not to be overwritten"
    with pytest.raises(RuntimeError, match="no kind of actor"):
        town01.show_recorder_collisions(str(path), "q", "a")


def test_a_replay_loads_the_map_it_was_made_in(launch: Callable, tmp_path: Path):
    server = launch("--town", "Town02", "--fixed-delta", str(DT))
    client = carla.Client(server.host, server.port)
    client.set_timeout(30.0)
    world = client.get_world()
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=DT))
    two_cars(world)
    for _ in range(10):
        world.tick()
    seen = record(client, world, tmp_path / "other.log", 20)
    world = client.load_world("Town01", False)
    text = client.replay_file(str(tmp_path / "other.log"), 0.0, 0.0, 0)
    assert "Loading map Town02...\nReplayer will start after map is loaded...\n" in text
    world.tick()
    world = client.get_world()
    assert world.get_map().name.endswith("Town02")
    for _ in range(5):
        world.tick()
    assert min(far(pose(cars_by_role(world)["hero"]), each["hero"]) for each in seen[4:8]) < 0.02


def test_a_server_that_ends_finishes_its_recording(launch: Callable, tmp_path: Path):
    server = launch("--town", "Town01", "--fixed-delta", str(DT))
    client = carla.Client(server.host, server.port)
    client.set_timeout(30.0)
    world = client.get_world()
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=DT))
    client.start_recorder(str(tmp_path / "last.log"))
    for _ in range(7):
        world.tick()
    assert "Frames: 6\n" in client.show_recorder_file_info(str(tmp_path / "last.log"), False)
    server.process.terminate()
    server.process.wait(timeout=20)
    text = file_info(tmp_path / "last.log", False)
    assert text.endswith("\nFrames: 7\nDuration: 0.3 seconds\n")
