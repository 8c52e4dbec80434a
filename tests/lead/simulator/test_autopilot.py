import carla
from own_process import in_a_process_of_its_own

from lead.simulator import connect, lease_ports

STEP_S = 0.05
SECONDS = 25.0


def drive_twice(host: str, port: int) -> list[tuple[int, float]]:
    """(id, metres) of a car of one Traffic Manager in each of two worlds of red lights; the first ignores them."""
    client = connect(host, port, 60.0)
    with lease_ports() as ports:
        manager = client.get_trafficmanager(ports.traffic_manager)
        manager.set_synchronous_mode(True)
        found = [drive(client, manager, ignores) for ignores in (True, False)]
        manager.set_synchronous_mode(False)
        manager.shut_down()
    return found


def drive(client: carla.Client, manager: carla.TrafficManager, ignores_lights: bool) -> tuple[int, float]:
    world = client.load_world("Town01")
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=STEP_S))
    for light in world.get_actors().filter("traffic.traffic_light"):
        light.set_state(carla.TrafficLightState.Red)
        light.freeze(True)
    start = before_a_light(world.get_map())
    car = world.spawn_actor(world.get_blueprint_library().find("vehicle.audi.tt"), start)
    world.tick()
    car.set_autopilot(True, manager.get_port())
    if ignores_lights:
        manager.ignore_lights_percentage(car, 100.0)
    for _ in range(int(SECONDS / STEP_S)):
        world.tick()
    return car.id, car.get_location().distance(start.location)


def before_a_light(town: carla.Map) -> carla.Transform:
    """A spawn point 15 to 30 m before a junction."""
    for point in town.get_spawn_points():
        lane = town.get_waypoint(point.location)
        ahead = lane.next(30.0)
        if not lane.is_junction and ahead and ahead[0].is_junction and not lane.next(15.0)[0].is_junction:
            return point
    raise AssertionError("no spawn point before a junction")


def test_a_car_does_not_inherit_what_one_of_an_earlier_world_was_told(launch):
    """The Traffic Manager remembers by id for as long as it lives, so no id may come twice."""
    drives = in_a_process_of_its_own(drive_twice, lambda: launch("--town", "Town01").address)
    (first, across), (second, stopped) = drives
    assert first != second
    assert across > 40.0
    assert stopped < 35.0
