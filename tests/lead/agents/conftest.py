"""A synchronous Town01 for agents, with a car in it."""

import gzip
from collections.abc import Callable, Iterator
from importlib import resources

import carla
import pytest

from lead.simulator import connect


@pytest.fixture(scope="session")
def town04() -> carla.Map:
    """A map with roads of many lanes."""
    data = resources.files("py123d.parser.opendrive.carla_maps").joinpath("Town04.xodr.gz").read_bytes()
    return carla.Map("Town04", gzip.decompress(data).decode())


@pytest.fixture(scope="session")
def agents_server(launch: Callable):
    """A server in Town01 for the tests of agents alone."""
    return launch("--town", "Town01")


@pytest.fixture(scope="session")
def agents_client(agents_server) -> carla.Client:
    """Its client, at 20 Hz in step."""
    client = connect(agents_server.host, agents_server.port, 60.0)
    world = client.get_world()
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=0.05))
    world.tick()
    return client


@pytest.fixture
def ego(agents_client: carla.Client) -> Iterator[carla.Vehicle]:
    """The hero, standing on the road; everything else that moves is gone afterwards."""
    world = agents_client.get_world()
    blueprint = world.get_blueprint_library().find("vehicle.lincoln.mkz_2020")
    blueprint.set_attribute("role_name", "hero")
    vehicle = world.spawn_actor(blueprint, world.get_map().get_spawn_points()[0])
    for _ in range(10):
        world.tick()
    yield vehicle
    movable = ("vehicle.", "walker.", "sensor.", "static.")
    left = [actor.id for actor in world.get_actors() if actor.type_id.startswith(movable)]
    agents_client.apply_batch_sync([carla.command.DestroyActor(actor) for actor in left], False)
    world.tick()
