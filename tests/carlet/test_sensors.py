"""Sensors that need no picture: what they say, and when."""

import math
import time
from itertools import pairwise
from typing import Any

import carla
import pytest
from scenes import (
    DT,
    LIDAR,
    MKZ,
    RADAR,
    SEMANTIC,
    Ear,
    attach,
    blueprint,
    eventually,
    numbers,
    open_space,
    run,
    settings,
    settled,
    spawn,
)

EVERY_TICK = ["sensor.other.imu", "sensor.other.gnss", LIDAR, SEMANTIC, RADAR]
NOT_THERE = ["sensor.other.rss", "sensor.other.v2x", "sensor.other.v2x_custom"]


@pytest.mark.parametrize("type_id", EVERY_TICK)
def test_one_message_a_tick_of_its_frame_and_pose(world: carla.World, type_id: str):
    car = settled(world, "vehicle.ford.mustang", 2)
    sensor = attach(world, type_id, car)
    ear = Ear(world, sensor)
    car.apply_control(carla.VehicleControl(throttle=0.75))
    for _ in range(60):
        frame = world.tick()
        data = ear.next()
        assert data.frame == frame
        assert numbers(data.transform) == numbers(sensor.get_transform())
        assert data.timestamp == world.get_snapshot().timestamp.elapsed_seconds
    assert ear.drain() == []
    assert car.get_velocity().length() > 5.0


def test_the_pose_of_a_sensor_is_fixed_to_its_car(world: carla.World):
    car = settled(world, MKZ, 2)
    sensor = attach(world, "sensor.other.imu", car)
    car.apply_control(carla.VehicleControl(throttle=0.5, steer=0.3))
    for _ in range(20):
        world.tick()
        mount = car.get_transform().transform(carla.Location(x=0.5, z=1.7))
        assert sensor.get_location().distance(mount) < 1e-3


@pytest.mark.parametrize("type_id", EVERY_TICK)
def test_sensor_ticks_are_counted_from_the_first(world: carla.World, type_id: str):
    car = settled(world, MKZ, 1)
    ear = Ear(world, attach(world, type_id, car, sensor_tick="1.0"), warm_up=False)
    run(world, 50)
    got = [ear.next() for _ in range(3)]
    assert ear.drain() == []
    steps = [b.timestamp - a.timestamp for a, b in pairwise(got)]
    assert steps == pytest.approx([1.0, 1.0], abs=1e-5)


def find(world: carla.World, actor_id: int) -> Any:
    """An actor; a new client knows nobody until its first snapshot has come."""
    return eventually(lambda: world.get_actors().find(actor_id))


def test_several_clients_hear_one_sensor(world: carla.World, town01_port: int):
    sensor = attach(world, "sensor.other.gnss", None, noise_lat_stddev="0.001", noise_seed="5")
    world.tick()
    ears = [Ear(world, sensor, warm_up=False)]
    clients = []
    for _ in range(5):
        client = carla.Client("127.0.0.1", town01_port)
        client.set_timeout(10.0)
        clients.append(client)
        ears.append(Ear(world, find(client.get_world(), sensor.id), warm_up=False))

    def all_hear() -> bool:
        world.tick()
        return all(not ear.messages.empty() for ear in ears)

    eventually(all_hear)
    run(world, 3)
    frame = world.tick()
    latitudes = set()
    for ear in ears:
        message = ear.next()
        while message.frame < frame:
            message = ear.next()
        latitudes.add(message.latitude)
    assert len(latitudes) == 1
    for ear in ears[1:]:
        ear.sensor.stop()
    assert all(not ear.sensor.is_listening() for ear in ears[1:])
    ears[0].drain()
    frame = world.tick()
    assert ears[0].next().frame == frame


def test_a_stopped_sensor_may_listen_again(world: carla.World):
    sensor = attach(world, "sensor.other.gnss", None)
    world.tick()
    ear = Ear(world, sensor)
    sensor.stop()
    assert not sensor.is_listening()
    again = Ear(world, sensor)
    frame = world.tick()
    assert again.next().frame == frame
    assert ear.drain() == []


# -- gnss


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (120.0, 200.0, 5.0), (-80.0, 30.0, 1.0)])
def test_gnss_can_be_inverted_like_the_leaderboard_does(world: carla.World, place: tuple[float, float, float]):
    ear = Ear(world, spawn(world, "sensor.other.gnss", carla.Transform(carla.Location(*place))))
    world.tick()
    data, radius = ear.next(), 6378137.0
    x = math.radians(data.longitude) * radius
    y = -radius * math.log(math.tan(math.radians(90.0 + data.latitude) / 2.0))
    assert (x, y, data.altitude) == pytest.approx(place, abs=1e-3)


def readings(world: carla.World, type_id: str, seed: str, **noise: str) -> list[tuple[float, ...]]:
    """What a resting sensor says in its ticks 11 to 20 after it was spawned."""
    sensor = spawn(world, type_id, carla.Transform(carla.Location(x=20.0, z=3.0)), noise_seed=seed, **noise)
    messages: dict[int, Any] = {}
    sensor.listen(lambda data: messages.__setitem__(data.frame, data))
    first = world.tick()
    for _ in range(9):
        time.sleep(0.02)  # it takes a while until the server knows that somebody listens
        world.tick()
    run(world, 10)
    eventually(lambda: first + 19 in messages)
    found = [messages[first + k] for k in range(10, 20)]
    sensor.destroy()
    world.tick()
    if type_id == "sensor.other.gnss":
        return [(data.latitude, data.longitude, data.altitude) for data in found]
    return [(data.accelerometer.x, data.gyroscope.y, data.accelerometer.z) for data in found]


@pytest.mark.parametrize(
    ("type_id", "noise"),
    [
        ("sensor.other.gnss", {"noise_lat_stddev": "0.001", "noise_alt_bias": "2.0", "noise_alt_stddev": "0.5"}),
        ("sensor.other.imu", {"noise_accel_stddev_x": "0.1", "noise_gyro_stddev_y": "0.05"}),
    ],
)
def test_a_seed_makes_noise_repeatable(world: carla.World, type_id: str, noise: dict[str, str]):
    first = readings(world, type_id, "11", **noise)
    assert readings(world, type_id, "11", **noise) == first
    assert readings(world, type_id, "12", **noise) != first
    assert len(set(first)) == len(first)
    if type_id == "sensor.other.gnss":
        assert abs(sum(reading[2] for reading in first) / 10 - 5.0) < 1.0


# -- imu


def test_an_imu_at_rest_feels_gravity_only(world: carla.World):
    car = settled(world, MKZ, 0)
    ear = Ear(world, attach(world, "sensor.other.imu", car))
    run(world, 5)
    data = [ear.next() for _ in range(5)][-1]
    felt = data.accelerometer
    assert (felt.x, felt.y, felt.z) == pytest.approx((0.0, 0.0, 9.81), abs=0.05)
    assert data.gyroscope.length() < 1e-3


def test_an_imu_feels_acceleration_and_turning(world: carla.World):
    car = settled(world, MKZ, open_space(world))
    ear = Ear(world, attach(world, "sensor.other.imu", car))
    car.apply_control(carla.VehicleControl(throttle=1.0))
    run(world, 30)
    ear.drain()
    run(world, 2)
    forward = [ear.next().accelerometer.x for _ in range(2)][-1]
    assert forward > 1.0
    car.apply_control(carla.VehicleControl(throttle=0.3, steer=0.3))
    frame = run(world, 5)
    while (data := ear.next()).frame < frame:
        pass
    rate = data.gyroscope.z
    assert rate == pytest.approx(math.radians(car.get_angular_velocity().z), rel=0.05)
    assert rate > 0.05


@pytest.mark.parametrize(("yaw", "heading"), [(-90.0, 0.0), (0.0, 90.0), (90.0, 180.0), (180.0, 270.0)])
def test_the_compass_counts_clockwise_from_north(world: carla.World, yaw: float, heading: float):
    sensor = spawn(world, "sensor.other.imu", carla.Transform(carla.Location(z=3.0), carla.Rotation(yaw=yaw)))
    ear = Ear(world, sensor)
    world.tick()
    turned = math.degrees(ear.next().compass) - heading
    assert (turned + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-3)


# -- collision


def rear_end(world: carla.World, other_type: str, speed: float = 10.0) -> tuple[Any, Any, list[Any]]:
    """A car driven into something that stands before it."""
    point = open_space(world)
    car = settled(world, MKZ, point)
    ahead = carla.Transform(car.get_location() + 12.0 * point.get_forward_vector(), point.rotation)
    ahead.location.z += 1.0
    other = spawn(world, other_type, ahead)
    run(world, 20)
    ear = Ear(world, attach(world, "sensor.other.collision", car), warm_up=False)
    eventually(ear.sensor.is_listening)
    run(world, 5)
    car.set_target_velocity(speed * point.get_forward_vector())
    run(world, 40)
    return car, other, [ear.next(), *ear.drain()]


@pytest.mark.parametrize(
    "other_type", ["vehicle.audi.tt", "walker.pedestrian.0001", "static.prop.streetbarrier", "vehicle.bh.crossbike"]
)
def test_a_collision_names_both_and_pushes_back(world: carla.World, other_type: str):
    car, other, events = rear_end(world, other_type)
    first = events[0]
    assert first.actor.id == car.id
    assert first.other_actor.id == other.id
    assert first.other_actor.type_id == other_type
    back = first.normal_impulse.dot(car.get_transform().get_forward_vector())
    assert back < -10.0
    assert abs(back) > 0.7 * first.normal_impulse.length()


def test_both_sides_hear_of_a_collision_with_opposite_impulses(world: carla.World):
    point = open_space(world)
    car = settled(world, MKZ, point)
    ahead = carla.Transform(car.get_location() + 12.0 * point.get_forward_vector(), point.rotation)
    ahead.location.z += 0.5
    other = settled(world, "vehicle.audi.tt", ahead)
    ears = [Ear(world, attach(world, "sensor.other.collision", actor), warm_up=False) for actor in (car, other)]
    run(world, 10)
    car.set_target_velocity(12.0 * point.get_forward_vector())
    run(world, 30)
    mine, theirs = (ear.next() for ear in ears)
    assert mine.frame == theirs.frame
    assert (mine.actor.id, mine.other_actor.id) == (theirs.other_actor.id, theirs.actor.id) == (car.id, other.id)
    total = mine.normal_impulse + theirs.normal_impulse
    assert total.length() < 1e-3 * mine.normal_impulse.length()
    assert (
        other.get_velocity().dot(point.get_forward_vector()) > 0.0
        or other.get_location().distance(ahead.location) > 0.5
    )


def test_the_edge_of_the_world_is_a_static_collision(world: carla.World):
    car = settled(world, MKZ, 0)
    ear = Ear(world, attach(world, "sensor.other.collision", car), warm_up=False)
    car.set_transform(carla.Transform(carla.Location(x=-600.0, y=0.0, z=2.0), carla.Rotation(yaw=180.0)))
    run(world, 10)
    car.enable_constant_velocity(carla.Vector3D(x=30.0))
    run(world, 100)
    event = ear.next()
    assert event.other_actor.id == 0
    assert event.other_actor.type_id.startswith("static.")


@pytest.mark.slow
def test_every_vehicle_rolls_into_something_in_town03(solo: carla.Client):
    solo.load_world("Town03")
    world = solo.get_world()
    world.apply_settings(settings())
    start = carla.Transform(carla.Location(30.0, -6.0, 1.0), carla.Rotation(yaw=-90.0))
    silent = []
    for found in world.get_blueprint_library().filter("vehicle.*"):
        vehicle = world.spawn_actor(found, start)
        sensor = world.spawn_actor(blueprint(world, "sensor.other.collision"), carla.Transform(), attach_to=vehicle)
        ear = Ear(world, sensor, warm_up=False)
        run(world, 100)
        vehicle.set_target_velocity(carla.Vector3D(y=-10.0))
        run(world, 100)
        if not ear.drain():
            silent.append((found.id, numbers(vehicle.get_transform())[:2]))
        sensor.destroy()
        vehicle.destroy()
        world.tick()
    assert silent == []


def test_a_car_that_drives_undisturbed_hears_nothing(world: carla.World):
    car = settled(world, MKZ, 0)
    ear = Ear(world, attach(world, "sensor.other.collision", car), warm_up=False)
    run(world, 5)
    car.apply_control(carla.VehicleControl(throttle=0.4))
    run(world, 40)
    assert ear.drain() == []


# -- obstacle, lane invasion


def test_an_obstacle_ahead_is_seen_at_its_distance(world: carla.World):
    point = open_space(world)
    car = settled(world, MKZ, point)
    ear = Ear(
        world,
        world.spawn_actor(
            blueprint(world, "sensor.other.obstacle", distance="20", hit_radius="0.5", only_dynamics="true"),
            carla.Transform(carla.Location(z=1.0)),
            attach_to=car,
        ),
        warm_up=False,
    )
    run(world, 5)
    assert ear.drain() == []
    ahead = carla.Transform(car.get_location() + 14.0 * point.get_forward_vector(), point.rotation)
    ahead.location.z += 0.3
    other = spawn(world, "vehicle.audi.tt", ahead)
    run(world, 20)
    event = ear.drain()[-1]
    assert event.other_actor.id == other.id
    assert event.distance == pytest.approx(14.0 - other.bounding_box.extent.x - 0.5, abs=0.4)


def test_lane_invasions_are_told_by_the_client(world: carla.World):
    car = settled(world, MKZ, 40)
    sensor = attach(world, "sensor.other.lane_invasion", car)
    ear = Ear(world, sensor, warm_up=False)
    run(world, 3)
    assert ear.drain() == []
    right = car.get_transform().get_right_vector()
    car.set_transform(carla.Transform(car.get_location() - 3.0 * right, car.get_transform().rotation))
    frame = world.tick()
    run(world, 2)
    event = eventually(lambda: ear.drain())[0]
    assert event.frame >= frame
    assert event.crossed_lane_markings


# -- the rest


@pytest.mark.parametrize("type_id", NOT_THERE)
def test_a_sensor_that_is_not_there_says_so(world: carla.World, type_id: str):
    with pytest.raises(RuntimeError, match=f"carlet has no {type_id} in this version"):
        spawn(world, type_id, carla.Transform())
    world.tick()


def test_attributes_that_are_no_numbers_are_refused(raw, world: carla.World):
    description = [0, "sensor.other.gnss", [["noise_lat_stddev", 3, "much"]]]
    answer = raw.call("spawn_actor", description, [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert answer[3] == [[0, ["attribute noise_lat_stddev: 'much' is not a number"]]]
    world.tick()


def test_a_spring_arm_trails_its_car_and_a_rigid_mount_does_not(world: carla.World):
    car = settled(world, MKZ, 0)
    pose = carla.Transform(carla.Location(x=-6.0, z=3.0))
    kinds = (carla.AttachmentType.Rigid, carla.AttachmentType.SpringArm, carla.AttachmentType.SpringArmGhost)
    found = blueprint(world, "sensor.other.imu")
    sensors = [world.spawn_actor(found, pose, attach_to=car, attachment_type=kind) for kind in kinds]
    run(world, 2)
    mount = car.get_transform().transform(carla.Location(x=-6.0, z=3.0))
    assert all(sensor.get_location().distance(mount) < 1e-2 for sensor in sensors)
    car.enable_constant_velocity(carla.Vector3D(x=10.0))
    run(world, 60)
    mount = car.get_transform().transform(carla.Location(x=-6.0, z=3.0))
    rigid, arm, ghost = (sensor.get_location().distance(mount) for sensor in sensors)
    assert rigid < 1e-3
    assert arm == ghost == pytest.approx(10.0 * (1.0 / 10.0 - DT), abs=0.15)
    car.disable_constant_velocity()
    car.apply_control(carla.VehicleControl(brake=1.0))
    run(world, 80)
    mount = car.get_transform().transform(carla.Location(x=-6.0, z=3.0))
    assert sensors[1].get_location().distance(mount) < 1e-2
