import os
import subprocess
import sys
import time

import pytest

from lead.simulator import TrafficWatch, lease_ports

# A client without a Traffic Manager makes the world step without waking anybody's.
STEPPER = """
import sys
from lead.simulator import connect
world = connect("127.0.0.1", int(sys.argv[1]), 30.0).get_world()
for _ in sys.stdin:
    print(world.tick(), flush=True)
"""


# The Traffic Manager misses places a metre apart, turns off to come by them, and plans round a block for ever.
LOST = """
import logging, sys
import carla
from lead.simulator import TrafficWatch, connect
logging.basicConfig()
client = connect("127.0.0.1", int(sys.argv[1]), 30.0)
world = client.get_world()
world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=0.05))
manager = client.get_trafficmanager(int(sys.argv[2]))
manager.set_synchronous_mode(True)
blueprint = world.get_blueprint_library().find("vehicle.audi.tt")
car = world.spawn_actor(blueprint, carla.Transform(carla.Location(31.58, 75.22, 0.3), carla.Rotation(yaw=-90.0)))
world.tick()
car.set_autopilot(True, int(sys.argv[2]))
manager.set_path(car, [carla.Location(31.6, 75.0 - y, 0.0) for y in range(136)])
car.enable_constant_velocity(carla.Vector3D(20.0, 0.0, 0.0))
with TrafficWatch(manager, 0.5, limit=3.0) as watch:
    for _ in range(400):
        watch.tick(world, 60.0)
"""


class SleptThrough:
    """A world whose tick has been made by the server, and now waits for a Traffic Manager that missed its wake-up."""

    def __init__(self, world, car, port):
        self._world, self._car = world, car
        command = [sys.executable, "-c", STEPPER, str(port)]
        self._stepper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def get_snapshot(self):
        return self._world.get_snapshot()

    def tick(self, timeout):
        deadline = time.monotonic() + timeout
        while self._car.get_control().throttle == 0.0:
            if time.monotonic() > deadline:
                raise RuntimeError("the Traffic Manager never woke")
            self.step()
            time.sleep(0.1)

    def apply_settings(self, settings):
        assert settings.synchronous_mode
        self.tick(20.0)

    def step(self):
        self._stepper.stdin.write("\n")
        self._stepper.stdin.flush()
        self._stepper.stdout.readline()

    def close(self):
        self._stepper.communicate()


@pytest.fixture
def traffic(managed_world):
    """A synchronous world, its Traffic Manager, a car of it, and the world as one that it sleeps in."""
    with managed_world("Town01") as (world, manager, port):
        blueprint = world.get_blueprint_library().find("vehicle.audi.tt")
        car = world.spawn_actor(blueprint, world.get_map().get_spawn_points()[0])
        world.tick()
        car.set_autopilot(True, manager.get_port())
        sleeping = SleptThrough(world, car, port)
        yield world, manager, sleeping
        sleeping.close()


def test_a_traffic_manager_that_slept_through_a_tick_is_woken(traffic):
    world, manager, sleeping = traffic
    with TrafficWatch(manager, 60.0) as watch, pytest.raises(RuntimeError, match="never woke"):
        watch.tick(sleeping, 2.0)
    with TrafficWatch(manager, 0.4) as watch:
        watch.tick(sleeping, 20.0)
        assert watch.wakes >= 1
    with TrafficWatch(manager, 60.0) as watch:
        frames = [watch.tick(world, 10.0).frame for _ in range(30)]
        assert watch.wakes == 0
    assert frames == list(range(frames[0], frames[0] + 30))


def test_it_is_woken_too_where_settings_make_the_world_step(traffic):
    world, manager, sleeping = traffic
    with TrafficWatch(manager, 0.4) as watch:
        watch.apply_settings(sleeping, world.get_settings())
        assert watch.wakes >= 1


def test_a_traffic_manager_that_never_comes_back_ends_its_process(launch):
    server = launch("--town", "Town05")
    with lease_ports() as ports:
        command = [sys.executable, "-c", LOST, str(server.port), str(ports.traffic_manager)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == os.EX_SOFTWARE, run.stderr
    assert "has not come back from a step for 3 s; ending this process" in run.stderr
