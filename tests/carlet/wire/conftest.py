import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
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


@pytest.fixture(scope="module")
def scene_ports() -> Iterator[tuple[int, int]]:
    """RPC and stream port of a process that runs `scene_server`."""
    command = [sys.executable, str(Path(__file__).with_name("scene_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rpc_port, stream_port = json.loads(process.stdout.readline())
        yield rpc_port, stream_port
        process.kill()
