"""Stop and yield signs: what vehicles before them are told, and that the Traffic Manager's cars obey."""

from collections.abc import Callable, Iterator

import carla
import numpy as np
import pytest
from own_process import in_a_process_of_its_own
from scenes import DT, MKZ, connected, run, settings, spawn, speed

RED, GREEN = carla.TrafficLightState.Red, carla.TrafficLightState.Green


@pytest.fixture(scope="module")
def town07(launch: Callable) -> tuple[str, int]:
    """Host and port of a server in a town with stop and yield signs."""
    return launch("--town", "Town07").address


@pytest.fixture
def world(town07: tuple[str, int]) -> Iterator[carla.World]:
    world = connected(*town07).get_world()
    world.apply_settings(settings())
    world.tick()
    yield world
    for vehicle in world.get_actors().filter("vehicle.*"):
        vehicle.destroy()
    world.tick()


def approach(world: carla.World, kind: str) -> tuple[carla.Waypoint, carla.Waypoint]:
    """A lane in the box of a sign, and one that crosses its junction."""
    for sign in world.get_actors().filter(kind):
        assert isinstance(sign, carla.TrafficSign)
        middle = sign.get_transform().transform(sign.trigger_volume.location)
        lane = world.get_map().get_waypoint(carla.Location(middle.x, middle.y, middle.z))
        assert lane is not None
        way = lane.next(12.0)[0]
        pairs = way.get_junction().get_waypoints(carla.LaneType.Driving) if way.is_junction else []
        for first, _ in pairs:
            middle, before = first.next(4.0)[0], first.previous(2.0)
            crosses = abs((middle.transform.rotation.yaw - lane.transform.rotation.yaw + 180.0) % 360.0 - 180.0)
            if before and before[0].road_id != lane.road_id and 60.0 < crosses < 120.0:
                return lane, middle
    raise AssertionError(f"the town has no {kind} with a road across")


def put(world: carla.World, lane: carla.Waypoint) -> carla.Vehicle:
    pose = lane.transform
    pose.location.z += 0.3
    return spawn(world, MKZ, pose)


def states(world: carla.World, vehicle: carla.Vehicle, seconds: float) -> list[carla.TrafficLightState]:
    seen = []
    for _ in range(round(seconds / DT)):
        run(world, 1)
        seen.append(vehicle.get_traffic_light_state())
    return seen


def test_a_stop_sign_is_red_for_two_seconds_and_then_green(world: carla.World):
    lane, _ = approach(world, "traffic.stop")
    car = put(world, lane.previous(6.0)[0])
    assert set(states(world, car, 0.5)) == {GREEN}
    car.set_transform(lane.transform)
    seen = states(world, car, 4.0)
    assert seen.count(RED) * DT == pytest.approx(2.0, abs=0.15)
    assert seen[0] == RED and seen[-1] == GREEN
    assert not car.is_at_traffic_light()


def test_a_stop_sign_is_red_while_somebody_is_on_the_road_across(world: carla.World):
    lane, across = approach(world, "traffic.stop")
    other, car = put(world, across), put(world, lane)
    assert set(states(world, car, 4.0)) == {RED}
    other.destroy()
    assert states(world, car, 1.0)[-1] == GREEN


def test_a_yield_sign_is_red_only_while_somebody_is_on_the_road_across(world: carla.World):
    lane, across = approach(world, "traffic.yield")
    car = put(world, lane)
    assert set(states(world, car, 1.0)) == {GREEN}
    other = put(world, across)
    assert states(world, car, 0.5)[-1] == RED
    other.destroy()
    assert states(world, car, 1.0)[-1] == GREEN


def drive_past_a_stop_sign(host: str, port: int, traffic_manager_port: int) -> list[tuple[float, float]]:
    """(speed m/s, metres from the sign) of a car of the Traffic Manager, tick by tick."""
    client = connected(host, port)
    world = client.get_world()
    world.apply_settings(settings())
    lane, _ = approach(world, "traffic.stop")
    car = put(world, lane.previous(25.0)[0])
    # A Traffic Manager lets go of cars that are in no snapshot yet.
    world.tick()
    manager = client.get_trafficmanager(traffic_manager_port)
    manager.set_synchronous_mode(True)
    car.set_autopilot(True, traffic_manager_port)
    seen = []
    for _ in range(round(15.0 / DT)):
        world.tick()
        seen.append((speed(car), car.get_location().distance(lane.transform.location)))
    manager.shut_down()
    return seen


def test_cars_of_the_traffic_manager_stop_at_stop_signs(launch: Callable, free_port: int):
    drive = in_a_process_of_its_own(drive_past_a_stop_sign, lambda: (*launch("--town", "Town07").address, free_port))
    speeds, places = np.array(drive).T
    stood = np.flatnonzero(speeds[60:] < 0.05) + 60
    assert len(stood) * DT > 1.5
    assert places[stood].min() < 6.0
    assert speeds[-1] > 1.0 or places[-1] > 15.0
