import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import carla
import pytest
from plain_clients import PlainClient
from wire_clients import echo, serving

from carlet.wire.hub import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub that echoes calls and knows every stream; nobody serves it yet."""
    hub = Hub("localhost", 0, 0, echo, lambda stream_id: None)
    yield hub
    hub.close()


@pytest.fixture
def server() -> Iterator[Hub]:
    """A served hub that echoes calls and knows every stream."""
    with serving(Hub("localhost", 0, 0, echo, lambda stream_id: None)) as hub:
        yield hub


@pytest.fixture(scope="session")
def scene_port() -> Iterator[int]:
    """RPC port of a process that runs `scene_server`; the official client needs its server in another process."""
    command = [sys.executable, str(Path(__file__).with_name("scene_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield port
        process.kill()


@pytest.fixture(scope="session")
def scene(scene_port) -> Iterator[PlainClient]:
    """A second client, for what the official one cannot ask."""
    client = PlainClient(scene_port)
    yield client
    client.close()


@pytest.fixture(scope="session")
def client(scene_port) -> carla.Client:
    client = carla.Client("localhost", scene_port)
    client.set_timeout(10.0)
    return client


@pytest.fixture(scope="session")
def world(client) -> carla.World:
    world = client.get_world()
    world.tick()
    return world


@pytest.fixture(scope="session")
def actors(world) -> dict[int, carla.Actor]:
    return {actor.id: actor for actor in world.get_actors()}
