"""What the benchmarks share: a carlet process and Traffic Manager cars in it."""

import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import carla

DT = 0.05
CLIENT_THREADS = 4


def machine() -> str:
    """Name of the processor that the figures belong to."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0] if models else platform.machine()}, Python {platform.python_version()}"


@contextmanager
def carlet(*arguments: str) -> Iterator[tuple[carla.Client, int, float]]:
    """A server on free ports: client, process id, seconds from start to ready."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [sys.executable, "-m", "carlet", "--port", "0", "--stream-port", "0", "--ready-file", str(ready)]
        begin = time.perf_counter()
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit(f"carlet ended with code {process.returncode}")
                time.sleep(0.01)
            started = time.perf_counter() - begin
            port = int(ready.read_text().split()[0])
            client = carla.Client("127.0.0.1", port, CLIENT_THREADS)
            client.set_timeout(120.0)
            yield client, process.pid, started
        finally:
            process.terminate()
            process.wait(timeout=20)


def synchronise(world: carla.World) -> None:
    """20 Hz, tick by tick."""
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=DT))
    world.tick()


def traffic(client: carla.Client, world: carla.World, count: int, port: int, seed: int = 7) -> list[carla.Actor]:
    """Cars on the first spawn points of a seeded order, driven by a synchronous Traffic Manager."""
    manager = client.get_trafficmanager(port)
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(seed)
    blueprints = [b for b in world.get_blueprint_library().filter("vehicle.*") if _is_car(b)]
    points = world.get_map().get_spawn_points()
    stride = max(1, len(points) // count)
    chosen = [points[(i * stride) % len(points)] for i in range(count)]
    batch = [
        carla.command.SpawnActor(blueprints[i % len(blueprints)], point).then(
            carla.command.SetAutopilot(carla.command.FutureActor, True, port)
        )
        for i, point in enumerate(chosen)
    ]
    ids = [result.actor_id for result in client.apply_batch_sync(batch, True) if not result.error]
    return [world.get_actor(actor_id) for actor_id in ids]


def _is_car(blueprint: carla.ActorBlueprint) -> bool:
    return blueprint.has_attribute("base_type") and blueprint.get_attribute("base_type").as_str() == "car"
