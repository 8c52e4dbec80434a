"""What the server says of slow work that `carlet warmup` could have done."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import carla
import numba
import pytest
from numba.core import event
from scenes import MKZ, Ear, attach, run, settings, spawn

from carlet.notices import CompilingNotice
from carlet.sensors import SENSORS

SEEING = [name for name in SENSORS if name.startswith(("sensor.camera", "sensor.lidar", "sensor.other.radar"))]
SCENE = "Building the scene of Town02, once; `carlet warmup --town Town02` does it beforehand."
PICTURES, PHYSICS = "Compiling the kernels of pictures and rays", "Compiling the kernels of physics"


@contextmanager
def server(folder: Path, environment: dict[str, str]) -> Iterator[carla.Client]:
    """A server in Town02 that writes to `folder`/log."""
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "carlet", "--port", "0", "--stream-port", "0", "--town", "Town02"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, "--ready-file", str(ready)], stderr=log, env=os.environ | environment)
    try:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.05)
        client = carla.Client("127.0.0.1", int(ready.read_text().split()[0]))
        client.set_timeout(600.0)
        yield client
    finally:
        process.terminate()
        process.wait(timeout=20)


def see_everything(client: carla.Client) -> None:
    """Listen to every sensor that sees, by day, at night and in rain, with things drawn and things hidden."""
    world = client.get_world()
    world.apply_settings(settings())
    car = spawn(world, MKZ, 0)
    spawn(world, "vehicle.bh.crossbike", 1)
    spawn(world, "walker.pedestrian.0001", 2)
    world.tick()
    heard: set[int] = set()
    sensors = [attach(world, name, car) for name in SEEING]
    plain = {"image_size_x": "200", "image_size_y": "120", "enable_postprocess_effects": "False"}
    sensors.append(attach(world, "sensor.camera.rgb", None, **plain))
    for sensor in sensors:
        sensor.listen(lambda data, number=sensor.id: heard.add(number))
    for preset in ("ClearNoon", "HardRainSunset", "WetCloudyNight", "DustStorm"):
        world.set_weather(getattr(carla.WeatherParameters, preset))
        world.debug.draw_line(car.get_location(), carla.Location(z=3.0), life_time=1.0)
        world.debug.draw_string(car.get_location(), "here", life_time=1.0)
        run(world, 3)
    world.unload_map_layer(carla.MapLayer.Buildings)
    car.set_light_state(carla.VehicleLightState.All)
    run(world, 3)
    end = time.monotonic() + 20.0
    while len(heard) < len(sensors) and time.monotonic() < end:
        world.tick()
        time.sleep(0.05)
    quiet = [sensor.type_id for sensor in sensors if sensor.id not in heard]
    assert set(quiet) <= {"sensor.camera.dvs"}  # which says nothing where nothing changes
    for sensor in sensors:
        sensor.stop()


def test_compiling_is_said_once(caplog: pytest.LogCaptureFixture):
    kernels = [numba.njit(lambda x, k=k: x + k) for k in range(2)]
    with event.install_listener("numba:compile", CompilingNotice()):
        for kernel in kernels:
            kernel(1)
    (said,) = caplog.messages
    assert said.startswith(PHYSICS)
    assert said.endswith("`carlet warmup` does it beforehand.")


def test_a_server_says_that_it_builds_a_town_and_its_scene(tmp_path: Path):
    with server(tmp_path, {"CARLET_CACHE_DIR": str(tmp_path / "cache")}) as client:
        log = (tmp_path / "log").read_text()
        assert log.count("Building Town02, once; `carlet warmup --town Town02` does it beforehand.") == 1
        assert "scene" not in log
        world = client.get_world()
        for _ in range(2):
            attach(world, "sensor.camera.depth", None)
    assert (tmp_path / "log").read_text().count(SCENE) == 1


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_after_warmup_nothing_is_left_to_compile_or_build(tmp_path: Path):
    fresh = {"CARLET_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    command = [sys.executable, "-m", "carlet", "warmup", "--town", "Town02"]
    subprocess.run(command, env=os.environ | fresh, check=True, timeout=2400)
    with server(tmp_path, fresh) as client:
        see_everything(client)
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_cold_server_says_once_what_it_compiles(tmp_path: Path):
    with server(tmp_path, {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}) as client:
        assert (tmp_path / "log").read_text().count(PHYSICS) == 1
        world = client.get_world()
        world.apply_settings(settings())
        for _ in range(2):
            Ear(world, attach(world, "sensor.other.radar", None))
    said = re.findall("Compiling the kernels of [^,]*", (tmp_path / "log").read_text())
    assert said == [PHYSICS, PICTURES]
