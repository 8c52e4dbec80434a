"""What tests of lead share: a drive that LEAD itself recorded, a world with a Traffic Manager."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import carla
import pytest

from lead.simulator import connect, lease_ports


@pytest.fixture(scope="session")
def lead_sample() -> Path:
    """A drive that LEAD recorded; tests that need it are skipped where it is absent."""
    default = Path(__file__).resolve().parents[3] / "shared" / "samples"
    folder = Path(os.environ.get("LEAD_SAMPLES", default)) / "lead_layout_Accident"
    if not folder.is_dir():
        pytest.skip("no recorded route: set LEAD_SAMPLES to the folder that has lead_layout_Accident/")
    return folder


@pytest.fixture
def managed_world(launch) -> Callable[[str], AbstractContextManager[tuple[carla.World, carla.TrafficManager, int]]]:
    """A context manager: the world of a town, synchronous, its Traffic Manager, and the port of its server."""

    @contextmanager
    def enter(town: str) -> Iterator[tuple[carla.World, carla.TrafficManager, int]]:
        server = launch("--town", town)
        client = connect(server.host, server.port, 60.0)
        world = client.get_world()
        world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=0.05))
        with lease_ports() as ports:
            manager = client.get_trafficmanager(ports.traffic_manager)
            manager.set_synchronous_mode(True)
            yield world, manager, server.port
            manager.shut_down()

    return enter
