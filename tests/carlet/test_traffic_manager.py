"""The client's Traffic Manager drives in this server as it should: it obeys lights and hits nobody."""

import subprocess
import sys
from collections.abc import Callable

import carla
import numpy as np
import pytest
from own_process import in_a_process_of_its_own
from scenes import MKZ, blueprint, connected, eventually, run, settings, speed


class StopLines:
    """All stop lines of a town: where, which way, whose light."""

    def __init__(self, world: carla.World):
        lights = [a for a in world.get_actors() if a.type_id == "traffic.traffic_light"]
        found = [(light, waypoint) for light in lights for waypoint in light.get_stop_waypoints()]
        self.lights = [light for light, _ in found]
        places = [waypoint.transform for _, waypoint in found]
        self.place = np.array([[p.location.x, p.location.y, p.location.z] for p in places])
        yaw = np.radians([p.rotation.yaw for p in places])
        self.along = np.column_stack([np.cos(yaw), np.sin(yaw)])
        self.half_width = np.array([waypoint.lane_width / 2 for _, waypoint in found])

    def crossed(self, before: np.ndarray, after: np.ndarray) -> list[carla.TrafficLight]:
        """Lights whose line a front bumper (n, 3) has passed."""
        ahead_before = ((before[:, None, :2] - self.place[:, :2]) * self.along).sum(axis=2)
        gap = after[:, None, :] - self.place
        ahead = (gap[:, :, :2] * self.along).sum(axis=2)
        across = np.abs(gap[:, :, 0] * self.along[:, 1] - gap[:, :, 1] * self.along[:, 0])
        passed = (ahead_before < 0) & (ahead >= 0) & (across < self.half_width) & (np.abs(gap[:, :, 2]) < 3)
        return [self.lights[line] for line in np.nonzero(passed)[1]]


def fronts(cars: list[carla.Vehicle], reach: list[float]) -> np.ndarray:
    poses = [car.get_transform() for car in cars]
    tips = [p.location + ahead * p.get_forward_vector() for p, ahead in zip(poses, reach, strict=True)]
    return np.array([(tip.x, tip.y, tip.z) for tip in tips])


def drive(host: str, port: int, traffic_manager_port: int, count: int, ticks: int) -> tuple[int, int, int, float]:
    """Lines crossed, of them on red, collisions, kilometres."""
    client = connected(host, port)
    world = client.get_world()
    world.apply_settings(settings())
    world.tick()
    manager = client.get_trafficmanager(traffic_manager_port)
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(7)
    library = world.get_blueprint_library()
    cars_only = [b for b in library.filter("vehicle.*") if b.get_attribute("base_type").as_str() == "car"]
    points = world.get_map().get_spawn_points()
    stride = max(1, len(points) // count)
    batch = [
        carla.command.SpawnActor(cars_only[i % len(cars_only)], points[i * stride % len(points)]).then(
            carla.command.SetAutopilot(carla.command.FutureActor, True, traffic_manager_port)
        )
        for i in range(count)
    ]
    results = client.apply_batch_sync(batch, True)
    assert [result.error for result in results if result.error] == []
    cars = [world.get_actor(result.actor_id) for result in results]
    hits: set[tuple[int, int]] = set()
    ears = [world.spawn_actor(library.find("sensor.other.collision"), carla.Transform(), attach_to=c) for c in cars]
    for ear in ears:
        ear.listen(lambda event: hits.add((event.actor.id, event.other_actor.id)))
    world.tick()
    lines = StopLines(world)
    reach = [car.bounding_box.location.x + car.bounding_box.extent.x for car in cars]
    before, crossings, red, metres = fronts(cars, reach), 0, 0, 0.0
    for _ in range(ticks):
        world.tick()
        after = fronts(cars, reach)
        metres += float(np.linalg.norm(after - before, axis=1).sum())
        passed = lines.crossed(before, after)
        crossings += len(passed)
        red += sum(light.state == carla.TrafficLightState.Red for light in passed)
        before = after
    manager.set_synchronous_mode(False)
    manager.shut_down()
    return crossings, red, len(hits), metres / 1000.0


def test_thirty_cars_obey_lights_and_hit_nobody(launch: Callable, free_port: int):
    crossings, red, hits, kilometres = in_a_process_of_its_own(
        drive, lambda: (*launch("--town", "Town01").address, free_port, 30, 300)
    )
    assert (red, hits) == (0, 0)
    assert crossings >= 1
    assert kilometres > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("town", ["Town01", "Town03"])
def test_thirty_cars_drive_for_long(launch: Callable, free_port: int, town: str):
    crossings, red, hits, kilometres = in_a_process_of_its_own(
        drive, lambda: (*launch("--town", town).address, free_port, 30, 2000), limit_s=1200.0
    )
    assert (red, hits) == (0, 0)
    assert crossings > 50
    assert kilometres > 5.0


def wait_at_a_light(host: str, port: int, traffic_manager_port: int) -> tuple[float, float, bool, float]:
    """Metres to the stop line, speed and whether a light is known at red, speed after 4 s of green."""
    client = connected(host, port)
    world = client.get_world()
    world.apply_settings(settings())
    light = next(a for a in world.get_actors() if a.type_id == "traffic.traffic_light")
    stop = light.get_stop_waypoints()[0]
    world.freeze_all_traffic_lights(True)
    light.set_state(carla.TrafficLightState.Red)
    pose = stop.previous(30.0)[0].transform
    pose.location.z += 0.3
    car = world.spawn_actor(blueprint(world, MKZ), pose)
    manager = client.get_trafficmanager(traffic_manager_port)
    manager.set_synchronous_mode(True)
    world.tick()
    car.set_autopilot(True, traffic_manager_port)
    run(world, 200)
    front = car.get_transform().transform(carla.Location(x=car.bounding_box.extent.x))
    gap = (stop.transform.location - front).dot(stop.transform.get_forward_vector())
    stood, knows_light = speed(car), car.is_at_traffic_light()
    light.set_state(carla.TrafficLightState.Green)
    run(world, 80)
    manager.set_synchronous_mode(False)
    manager.shut_down()
    return gap, stood, knows_light, speed(car)


def test_cars_wait_at_a_red_light_and_go_on_at_green(launch: Callable, free_port: int):
    gap, stood, knows_light, went_on = in_a_process_of_its_own(
        wait_at_a_light, lambda: (*launch("--town", "Town01").address, free_port)
    )
    assert 0.0 < gap < 6.0
    assert stood < 0.1
    assert knows_light
    assert went_on > 2.0


#: A process of its own: the wheel's Traffic Manager may take its process down when it ends.
MANAGER = """
import sys, carla
client = carla.Client("127.0.0.1", int(sys.argv[1]))
client.set_timeout(20.0)
client.get_trafficmanager(int(sys.argv[2]))
print("up", flush=True)
sys.stdin.read()
"""


def test_the_server_knows_running_traffic_managers(town01_port: int, raw, free_port: int):
    assert raw.value("is_traffic_manager_running", free_port) is False
    command = [sys.executable, "-c", MANAGER, str(town01_port), str(free_port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        assert raw.value("is_traffic_manager_running", free_port) is True
        assert raw.value("get_traffic_manager_running", free_port)[1] == free_port
        process.kill()
    eventually(lambda: raw.value("is_traffic_manager_running", free_port) is False)
