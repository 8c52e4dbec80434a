"""Large maps: only what is near a hero is sent and awake."""

from collections.abc import Callable, Iterator

import carla
import pytest
from plain_clients import PlainClient
from scenes import MKZ, run, settings, spawn

SLEEPING = "Function not availiable when the actor is dormant"


@pytest.fixture(scope="module")
def town12(launch: Callable) -> tuple[carla.Client, int]:
    server = launch("--town", "Town12")
    client = carla.Client(server.host, server.port)
    client.set_timeout(120.0)
    return client, server.port


@pytest.fixture
def large(town12: tuple[carla.Client, int]) -> Iterator[carla.World]:
    world = town12[0].get_world()
    world.apply_settings(settings())
    world.tick()
    yield world
    movable = [a.id for a in world.get_actors() if a.type_id.startswith(("vehicle.", "walker.", "sensor."))]
    town12[0].apply_batch_sync([carla.command.DestroyActor(i) for i in movable], True)


def signs(world: carla.World) -> list[carla.Actor]:
    return [a for a in world.get_actors() if a.type_id.startswith("traffic.")]


def farthest(world: carla.World, place: carla.Location) -> carla.Transform:
    points = world.get_map().get_spawn_points()
    return max(points, key=lambda point: point.location.distance(place))


@pytest.mark.slow
def test_signs_far_from_the_hero_are_not_sent(large: carla.World):
    hero = spawn(large, MKZ, 0, role_name="hero")
    large.apply_settings(settings(tile_stream_distance=500.0))
    run(large, 2)
    near = signs(large)
    assert 0 < len(near) < 2500
    reach = 500.0 + 2000.0 * 2**0.5
    assert all(sign.get_location().distance(hero.get_location()) < reach for sign in near)
    goal = farthest(large, hero.get_location())
    hero.set_transform(goal)
    run(large, 2)
    assert {sign.id for sign in signs(large)} != {sign.id for sign in near}


@pytest.mark.slow
def test_far_vehicles_sleep_until_the_hero_comes(large: carla.World, town12: tuple[carla.Client, int]):
    hero = spawn(large, MKZ, 0, role_name="hero")
    other = spawn(large, MKZ, farthest(large, hero.get_location()))
    run(large, 3)
    assert hero.actor_state == carla.ActorState.Active
    assert other.actor_state == carla.ActorState.Dormant
    height = other.get_location().z
    other.apply_control(carla.VehicleControl(throttle=1.0))
    run(large, 20)
    assert other.get_location().z == height
    assert other.get_velocity().length() == 0.0
    raw = PlainClient(town12[1])
    assert raw.call("add_actor_impulse", other.id, [0.0, 0.0, 1.0])[3] == [[True, [SLEEPING]]]
    raw.close()
    beside = other.get_transform()
    beside.location -= 30.0 * beside.get_forward_vector()
    hero.set_transform(beside)
    run(large, 20)
    assert other.actor_state == carla.ActorState.Active
    assert other.get_velocity().length() > 1.0


@pytest.mark.slow
def test_without_a_hero_the_spectator_keeps_the_world_awake(large: carla.World):
    car = spawn(large, MKZ, 0)
    far = farthest(large, car.get_location())
    large.get_spectator().set_transform(far)
    run(large, 3)
    assert car.actor_state == carla.ActorState.Dormant
    large.get_spectator().set_transform(car.get_transform())
    run(large, 3)
    assert car.actor_state == carla.ActorState.Active
    large.apply_settings(settings(spectator_as_ego=False))
    run(large, 3)
    assert signs(large) == []


@pytest.mark.slow
def test_hills_are_driven_on(large: carla.World):
    points = large.get_map().get_spawn_points()
    heights = [point.location.z for point in points]
    assert max(heights) - min(heights) > 30.0
    car = spawn(large, MKZ, points[heights.index(max(heights))], role_name="hero")
    run(large, 30)
    ground = large.get_map().get_waypoint(car.get_location()).transform.location.z
    assert car.get_location().z == pytest.approx(ground, abs=0.3)
