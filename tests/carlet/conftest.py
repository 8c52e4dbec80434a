"""A server in Town01 that many tests share, and worlds in it that each test gets fresh."""

from collections.abc import Callable, Iterator

import carla
import pytest
from plain_clients import PlainClient
from scenes import connected, settings


@pytest.fixture(scope="session")
def town01_port(launch: Callable) -> int:
    """RPC port of a server that all quick tests share."""
    return launch("--town", "Town01").port


@pytest.fixture(scope="session")
def town01(town01_port: int) -> carla.Client:
    """Client of a server that all quick tests share."""
    client = carla.Client("127.0.0.1", town01_port)
    client.set_timeout(20.0)
    return client


@pytest.fixture
def raw(town01_port: int) -> Iterator[PlainClient]:
    """Calls to the shared server that the official client would not make."""
    client = PlainClient(town01_port)
    yield client
    client.close()


@pytest.fixture
def solo(launch: Callable) -> Iterator[carla.Client]:
    """Client of a server of its own, whose end is a clean one, for tests that change worlds."""
    server = launch("--town", "Town01")
    yield connected(*server.address)
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0


@pytest.fixture
def world(town01: carla.Client) -> Iterator[carla.World]:
    """A synchronous world at 20 Hz without the actors of the test before."""
    world = town01.get_world()
    world.apply_settings(settings())
    world.tick()
    yield world
    present = world.get_actors()
    dynamic = [
        a.id for a in present if a.type_id.startswith(("vehicle.", "walker.", "sensor.", "controller.", "static."))
    ]
    town01.apply_batch_sync([carla.command.DestroyActor(actor_id) for actor_id in dynamic], False)
    world.reset_all_traffic_lights()
    world.set_weather(carla.WeatherParameters())
    world.tick()
    world.apply_settings(carla.WorldSettings(synchronous_mode=False))
