import carla
import pytest

from lead.simulator import connect, lease_ports

STEP_S = 0.05
SECONDS = 25.0


@pytest.fixture
def red_town(launch):
    """`drive(rule) -> (id, metres)`: how far the Traffic Manager drives a car in a new world whose lights stay red."""
    server = launch("--town", "Town01")
    client = connect(server.host, server.port, 60.0)
    with lease_ports() as ports:
        manager = client.get_trafficmanager(ports.traffic_manager)
        manager.set_synchronous_mode(True)

        def drive(rule):
            world = client.load_world("Town01")
            world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=STEP_S))
            for light in world.get_actors().filter("traffic.traffic_light"):
                light.set_state(carla.TrafficLightState.Red)
                light.freeze(True)
            start = before_a_light(world.get_map())
            car = world.spawn_actor(world.get_blueprint_library().find("vehicle.audi.tt"), start)
            world.tick()
            car.set_autopilot(True, ports.traffic_manager)
            rule(manager, car)
            for _ in range(int(SECONDS / STEP_S)):
                world.tick()
            return car.id, car.get_location().distance(start.location)

        yield drive
        manager.set_synchronous_mode(False)
        manager.shut_down()


def before_a_light(town):
    """A spawn point 15 to 30 m before a junction."""
    for point in town.get_spawn_points():
        lane = town.get_waypoint(point.location)
        ahead = lane.next(30.0)
        if not lane.is_junction and ahead and ahead[0].is_junction and not lane.next(15.0)[0].is_junction:
            return point
    raise AssertionError("no spawn point before a junction")


def test_a_car_does_not_inherit_what_one_of_an_earlier_world_was_told(red_town):
    """The Traffic Manager remembers by id for as long as it lives, so no id may come twice."""
    first, across = red_town(lambda manager, car: manager.ignore_lights_percentage(car, 100.0))
    second, stopped = red_town(lambda manager, car: None)
    assert first != second
    assert across > 40.0
    assert stopped < 35.0
