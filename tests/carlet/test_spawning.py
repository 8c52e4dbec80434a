"""Spawning and destroying, one by one and in batches."""

from collections.abc import Iterator

import carla
import pytest
from scenes import MKZ, blueprint, numbers, run, settings, spawn

OCCUPIED = "Spawn failed because of collision at spawn position"
#: CARLA's own tests leave these out of the old towns: they are longer than the room between two points.
TOO_LONG = {
    "vehicle.mitsubishi.fusorosa",
    "vehicle.carlamotors.european_hgv",
    "vehicle.carlamotors.firetruck",
}
QUICK = [MKZ, "vehicle.ford.ambulance", "vehicle.diamondback.century"]
TOWNS = ["Town02", "Town03", "Town04", "Town05", "Town06", "Town07", "Town10HD"]


def fill(client: carla.Client, world: carla.World, type_id: str, points: list[carla.Transform]) -> None:
    """Put a vehicle on every point, check them after one tick, take them away."""
    commands = [carla.command.SpawnActor(blueprint(world, type_id), point) for point in points]
    results = client.apply_batch_sync(commands, False)
    assert [result.error for result in results if result.error] == []
    frame = world.tick()
    snapshot = world.get_snapshot()
    assert snapshot.frame == frame
    for result, point in zip(results, points, strict=True):
        pose, wanted = numbers(snapshot.find(result.actor_id).get_transform()), numbers(point)
        gap = [a - b for a, b in zip(pose, wanted, strict=True)]
        gap[4] = (gap[4] + 180.0) % 360.0 - 180.0
        assert max(abs(gap[i]) for i in (0, 1, 3, 4, 5)) < 0.005, (type_id, point, pose)
    assert all(snapshot.has_actor(actor.id) for actor in world.get_actors())
    gone = client.apply_batch_sync([carla.command.DestroyActor(r.actor_id) for r in results], True)
    assert [result.error for result in gone if result.error] == []


@pytest.mark.parametrize("type_id", QUICK)
def test_a_vehicle_fits_on_every_spawn_point_and_stays_there(town01: carla.Client, world: carla.World, type_id: str):
    fill(town01, world, type_id, world.get_map().get_spawn_points())


def test_every_vehicle_fits_on_a_spawn_point(town01: carla.Client, world: carla.World):
    points = world.get_map().get_spawn_points()
    for i, found in enumerate(world.get_blueprint_library().filter("vehicle.*")):
        fill(town01, world, found.id, points[i : i + 1])


@pytest.fixture(params=TOWNS)
def other_town(solo: carla.Client, request: pytest.FixtureRequest) -> Iterator[tuple[carla.Client, carla.World]]:
    world = solo.load_world(request.param)
    world.apply_settings(settings())
    world.tick()
    yield solo, world


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_vehicle_fits_on_all_spawn_points_of_all_towns(other_town):
    client, world = other_town
    points = world.get_map().get_spawn_points()
    for found in world.get_blueprint_library().filter("vehicle.*"):
        if found.id not in TOO_LONG:
            fill(client, world, found.id, points)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_vehicle_fits_on_all_spawn_points_of_town01(town01: carla.Client, world: carla.World):
    for found in world.get_blueprint_library().filter("vehicle.*"):
        if found.id not in TOO_LONG:
            fill(town01, world, found.id, world.get_map().get_spawn_points())


def test_spawn_points_lie_in_driving_lanes_apart_from_each_other(world: carla.World):
    town = world.get_map()
    points = town.get_spawn_points()
    assert len(points) > 100
    for point in points:
        waypoint = town.get_waypoint(point.location, project_to_road=False)
        assert waypoint is not None
        assert waypoint.lane_type == carla.LaneType.Driving
        turned = (waypoint.transform.rotation.yaw - point.rotation.yaw + 180.0) % 360.0 - 180.0
        assert abs(turned) < 15.0
        assert 0.2 < point.location.z - waypoint.transform.location.z < 0.7
    gaps = [a.location.distance(b.location) for i, a in enumerate(points) for b in points[:i]]
    assert min(gaps) > 5.0


def test_futures_concern_the_actor_just_spawned(town01: carla.Client, world: carla.World):
    points = world.get_map().get_spawn_points()
    future = carla.command.FutureActor
    lights = carla.VehicleLightState.Fog
    batch = [
        carla.command.SpawnActor(blueprint(world, MKZ), points[i])
        .then(carla.command.SetVehicleLightState(future, lights))
        .then(carla.command.ApplyVehicleControl(future, carla.VehicleControl(throttle=0.25 * (i + 1))))
        for i in range(3)
    ]
    ids = [result.actor_id for result in town01.apply_batch_sync(batch, True)]
    cars = [world.get_actor(actor_id) for actor_id in ids]
    assert len(set(ids)) == 3
    assert [round(car.get_control().throttle, 3) for car in cars] == [0.25, 0.5, 0.75]
    assert all(car.get_light_state() == lights for car in cars)


def test_sensors_and_children_can_be_spawned_in_a_batch(town01: carla.Client, world: carla.World):
    car = spawn(world, MKZ, 0)
    imu = carla.command.SpawnActor(
        blueprint(world, "sensor.other.imu"), carla.Transform(carla.Location(x=1.0, z=2.0)), car
    )
    (result,) = town01.apply_batch_sync([imu], True)
    assert not result.error
    sensor = world.get_actor(result.actor_id)
    assert sensor.parent.id == car.id
    expected = car.get_transform().transform(carla.Location(x=1.0, z=2.0))
    assert sensor.get_location().distance(expected) < 1e-3


def test_errors_of_a_batch_stand_where_the_command_stood(town01: carla.Client, world: carla.World):
    point = world.get_map().get_spawn_points()[0]
    car = blueprint(world, MKZ)
    results = town01.apply_batch_sync(
        [
            carla.command.SpawnActor(car, point),
            carla.command.SpawnActor(car, point),
            carla.command.DestroyActor(4_000_000),
            carla.command.ApplyTransform(4_000_000, point),
        ],
        False,
    )
    assert [result.error for result in results] == [
        "",
        OCCUPIED,
        "unable to destroy actor: not found",
        "Actor could not be found in the registry",
    ]
    assert [bool(result.actor_id) for result in results] == [True, False, False, False]


def test_an_occupied_place_gives_none_or_an_error(world: carla.World):
    point = world.get_map().get_spawn_points()[7]
    spawn(world, MKZ, point)
    assert world.try_spawn_actor(blueprint(world, "vehicle.audi.tt"), point) is None
    walker = blueprint(world, "walker.pedestrian.0001")
    assert world.try_spawn_actor(walker, point) is None
    with pytest.raises(RuntimeError, match=OCCUPIED):
        spawn(world, "vehicle.audi.tt", point)
    beside = carla.Transform(point.location - 3.5 * point.get_right_vector(), point.rotation)
    assert world.try_spawn_actor(blueprint(world, "vehicle.audi.tt"), beside) is not None


def test_a_place_is_free_again_once_its_vehicle_is_gone(world: carla.World):
    point = world.get_map().get_spawn_points()[8]
    for _ in range(3):
        car = spawn(world, MKZ, point)
        world.tick()
        assert car.destroy()


def test_all_props_spawn_high_in_the_air_and_stay_there(town01: carla.Client, world: carla.World):
    point = world.get_map().get_spawn_points()[2]
    props = [b for b in world.get_blueprint_library().filter("static.prop.*") if b.id != "static.prop.mesh"]
    poses = [
        carla.Transform(point.location + carla.Location(z=100.0 * (i + 1)), point.rotation) for i in range(len(props))
    ]
    results = town01.apply_batch_sync(
        [carla.command.SpawnActor(prop, pose) for prop, pose in zip(props, poses, strict=True)], True
    )
    assert [result.error for result in results if result.error] == []
    actors = world.get_actors([result.actor_id for result in results])
    assert len(actors) == len(props) > 90
    run(world, 2)
    heights = {actor.type_id: actor.get_location().z for actor in actors}
    for prop, pose in zip(props, poses, strict=True):
        assert heights[prop.id] == pytest.approx(pose.location.z, abs=1e-2)


def test_a_destroyed_actor_is_gone_for_everybody(town01: carla.Client, world: carla.World):
    car = spawn(world, MKZ, 0)
    world.tick()
    assert world.get_snapshot().has_actor(car.id)
    assert car.destroy()
    assert not car.is_alive
    world.tick()
    assert not world.get_snapshot().has_actor(car.id)
    assert car.id not in {actor.id for actor in world.get_actors()}
    (again,) = town01.apply_batch_sync([carla.command.DestroyActor(car.id)], False)
    assert again.error == "unable to destroy actor: not found"


def test_children_outlive_their_parents(world: carla.World):
    car = spawn(world, MKZ, 0)
    sensor = world.spawn_actor(blueprint(world, "sensor.other.imu"), carla.Transform(), attach_to=car)
    world.tick()
    car.destroy()
    world.tick()
    assert world.get_snapshot().has_actor(sensor.id)
    assert sensor.destroy()


def test_ids_are_never_used_twice(world: carla.World):
    seen = []
    for _ in range(4):
        car = spawn(world, MKZ, 0)
        seen.append(car.id)
        world.tick()
        assert car.destroy()
    assert seen == sorted(set(seen))


def test_a_missing_parent_is_an_error(world: carla.World):
    car = spawn(world, MKZ, 0)
    world.tick()
    assert car.destroy()
    with pytest.raises(RuntimeError, match="parent actor not found"):
        world.spawn_actor(blueprint(world, "sensor.other.imu"), carla.Transform(), attach_to=car)
