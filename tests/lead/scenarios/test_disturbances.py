"""Emergency vehicles, blocked exits, debris and hard braking: what the ego meets, and what is held against it."""

import carla
import numpy as np
import pytest
from test_obstacles import assert_gone

from lead.evaluation.infractions import Infraction

LANE_M = 3.5


@pytest.fixture
def emergency(real_route):
    """On a road with several lanes."""
    return real_route("ParkedObstacle", played_as="YieldToEmergencyVehicle", distance={"value": "60"})


def test_emergency_vehicle_overtakes(show, emergency):
    with show(emergency, 8.0) as play:
        (vehicle,) = play.vehicles()
        assert vehicle.attributes["special_type"] == "emergency" and vehicle.get_location().z < -100.0
        play.until(play.is_triggered)
        play.step()
        ahead, right = play.where(vehicle)
        assert ahead == pytest.approx(-60.0, abs=3.0) and abs(right) < 0.5
        assert int(vehicle.get_light_state()) & int(carla.VehicleLightState.Special1)
        assert [name for name, *_ in play.asked()] == ["remove_lane"]
        play.wait(0.5)
        assert vehicle.get_velocity().length() == pytest.approx(play.seen.ego.speed + 25.0, abs=1.0)
        play.shift = -LANE_M
        play.until(lambda: play.ahead(vehicle) > 5.0)
        play.speed = 12.0
        play.until(play.is_over)
        assert play.asked()[-1] == ("restore_lane", 0)
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_does_not_give_way_has_it_close_behind(show, emergency):
    with show(emergency, 5.0) as play:
        (vehicle,) = play.vehicles()
        play.until(lambda: play.is_triggered() and play.ahead(vehicle) > -30.0)
        near = play.seen.time_s
        play.wait(4.0)
        behind = -play.ahead(vehicle) - vehicle.bounding_box.extent.x - play.ego.bounding_box.extent.x
        assert 0.5 < behind < 4.0
        assert vehicle.get_velocity().length() == pytest.approx(play.seen.ego.speed, abs=1.0)
        assert Infraction.YIELD_TO_EMERGENCY_VEHICLE not in play.infractions
        play.until(play.is_over)
        assert play.seen.time_s - near == pytest.approx(9.5, abs=1.0)
        assert Infraction.YIELD_TO_EMERGENCY_VEHICLE in play.infractions


def test_not_giving_way_counts_when_the_route_ends_before(show, emergency):
    with show(emergency, 8.0) as play:
        play.until(play.is_triggered)
        play.wait(1.0)
        assert play.director.last_faults == []
    (fault,) = play.director.last_faults
    assert fault.infraction == Infraction.YIELD_TO_EMERGENCY_VEHICLE


def test_blocked_intersection(show, real_route):
    route = real_route("BlockedIntersection")
    with show(route, 8.0) as play:
        (car,) = play.vehicles()
        assert car.get_location().z < -100.0
        play.until(play.is_triggered)
        play.wait(0.2)
        ahead, right = play.where(car)
        after = play.map.get_waypoint(car.get_location())
        assert ahead > 5.0 and abs(right) < 0.5 and not after.is_junction
        assert after.previous(8.0)[0].is_junction
        assert int(car.get_light_state()) & int(carla.VehicleLightState.Brake)
        ((name, *arguments),) = play.asked()
        assert name == "handle_junction"
        assert dict(arguments) == {"clear": True, "clear_ego_entry": True, "stop_entries": True}
        play.until(lambda: play.ahead(car) < 16.0, 60.0)
        play.speed = 0.0
        play.until(lambda: play.seen.ego.speed < 0.1)
        play.speed = 2.0
        play.until(lambda: play.ego.get_location().distance(car.get_location()) < 13.0)
        play.speed = 0.0
        assert play.until(play.is_over) == pytest.approx(10.0, abs=0.3)
        assert Infraction.COLLISION_VEHICLE not in play.infractions
        assert_gone(play)


def test_who_leaves_the_junction_blindly_hits_the_car(show, real_route):
    with show(real_route("BlockedIntersection"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_control_is_lost_on_debris(show, real_route):
    with show(real_route("ParkedObstacle", played_as="ControlLoss"), 8.0) as play:
        debris = play.actors("static.prop.dirtdebris01")
        play.until(play.is_triggered)
        assert [play.where(one)[0] for one in debris] == pytest.approx([14.0, 48.0, 74.0], abs=1.0)
        told, given, on = [], [], []

        def watch() -> bool:
            place = play.ego.get_location()
            on.append(min(place.distance(one.get_location()) for one in debris) < 2.0)
            told.append((play.control.throttle, play.control.steer))
            play.step()
            now = play.ego.get_control()
            given.append((now.throttle, now.steer))
            return play.is_over()

        play.until(watch, 30.0)
        on, noise = np.array(on), np.array(given) - np.array(told)
        assert np.count_nonzero(on) >= 12
        assert np.abs(noise[~on]).max() < 1e-5
        assert np.abs(noise[on][:, 1]).mean() == pytest.approx(0.055, abs=0.02)
        assert play.where(play.ego)[0] == pytest.approx(110.0, abs=3.0)
        assert_gone(play)


def test_cars_ahead_brake_hard(show, real_route):
    route = real_route("ParkedObstacle", played_as="HardBreakRoute")
    with show(route, 8.0, traffic=True, lead_in_m=16.0) as play:
        play.until(play.is_triggered)
        assert play.asked() == [("stop_front", True)]
        ahead = [car for car in play.world.get_actors(play.activity.ids) if 0.0 < play.ahead(car) < 60.0]
        lights = [int(car.get_light_state()) & int(carla.VehicleLightState.Brake) for car in ahead]
        assert ahead and all(lights)
        play.speed = 0.0
        play.wait(4.0)
        assert all(car.get_velocity().length() < 0.2 for car in ahead)
        assert play.until(lambda: ("stop_front", False) in play.asked()) == pytest.approx(6.0, abs=0.2)
        play.speed = 4.0
        place = play.where(play.ego)[0]
        play.until(play.is_over)
        assert play.where(play.ego)[0] - place == pytest.approx(15.0, abs=1.0)
        assert Infraction.COLLISION_VEHICLE not in play.infractions


def test_who_does_not_brake_hits_the_car_ahead(show, real_route):
    route = real_route("ParkedObstacle", played_as="HardBreakRoute")
    with show(route, 9.0, traffic=True, lead_in_m=16.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
