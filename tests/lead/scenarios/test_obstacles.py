"""What stands in the ego's lane is where it belongs, traffic copes with it, and running into it is an infraction."""

import carla
import pytest
from theatre import Show

from lead.evaluation.infractions import Infraction
from lead.scenarios.parameters import Side

BLUE = int(carla.VehicleLightState.Special1)
HAZARD = int(carla.VehicleLightState.LeftBlinker | carla.VehicleLightState.RightBlinker)
FAR_APART = {"from": "250", "to": "250"}
CRUISE, LANE_M = 8.0, 3.5


def distance_of(route) -> float:
    return float(route.scenarios[0].parameters["distance"]["value"])


def side_of(route) -> int:
    return Side(route.scenarios[0].parameters.get("direction", {}).get("value", "right")).sign


def sign_of(play: Show) -> carla.Actor:
    (sign,) = play.actors("static.prop.warning*")
    return sign


def assert_gone(play: Show) -> None:
    play.step()
    assert play.actors("vehicle.*", "static.*", "walker.*", "sensor.*") == []
    assert (play.rules.blocked_off, play.rules.wrong_direction_off) == (0, False)


def pass_beside(play: Show, side: int) -> None:
    """Pass the obstacle in the lane beside."""
    play.shift = -side * LANE_M
    play.until(play.is_over, 40.0)
    assert play.infractions <= {Infraction.MIN_SPEED}


def wait_before(play: Show, obstacle: carla.Actor, metres: float = 18.0) -> None:
    play.until(lambda: play.ahead(obstacle) < metres)
    play.speed = 0.0


def oncoming(play: Show, known: list[carla.Actor]) -> list[carla.Actor]:
    """Cars that came after the first ones."""
    return [car for car in play.vehicles() if car.id not in {one.id for one in known}]


def pass_through_oncoming(play: Show, known: list[carla.Actor]) -> None:
    """Wait for one car to come by, then pass in its lane."""
    play.until(lambda: bool(oncoming(play, known)))
    (first,) = oncoming(play, known)
    play.step()
    ahead, right = play.where(first)
    assert right == pytest.approx(-LANE_M, abs=1.0) and ahead > play.where(known[-1])[0] + 40.0
    assert play.rules.wrong_direction_off
    play.until(lambda: play.ahead(first) < -8.0)
    assert first.get_velocity().length() > 5.0
    play.speed, play.shift = 10.0, -LANE_M
    play.until(lambda: play.ahead(known[-1]) < -12.0)
    play.shift = 0.0
    play.until(play.is_over, 30.0)
    assert play.infractions <= {Infraction.MIN_SPEED}
    assert ("set_opposite", ("active", False)) in play.asked() and play.asked()[-1] == (
        "set_opposite",
        ("active", True),
    )


def test_accident(show, real_route):
    route = real_route("Accident")
    with show(route, CRUISE) as play:
        police, first, second = play.vehicles()
        play.until(play.is_triggered)
        places = [play.where(car) for car in (police, first, second)]
        assert [ahead for ahead, _ in places] == pytest.approx(
            [distance_of(route) + d for d in (0.0, 10.0, 16.0)], abs=1
        )
        assert all(0.5 < side_of(route) * right < 1.6 for _, right in places)
        assert police.type_id == "vehicle.dodge.charger_police_2020" and int(police.get_light_state()) & BLUE
        ahead, right = play.where(sign_of(play))
        assert abs(ahead) < 1.0 and side_of(route) * right > 2.0
        assert play.asked() == [("leave_space", distance_of(route) + 36.0)]
        wait_before(play, police)
        speed = float(route.scenarios[0].parameters["speed"]["value"])
        assert play.until(lambda: ("set_max_speed", speed) in play.asked()) > 2.0
        assert play.rules.blocked_off == 1
        play.speed = CRUISE
        pass_beside(play, side_of(route))
        assert play.asked()[-1] == ("set_max_speed", None)
        assert play.where(play.ego)[0] == pytest.approx(distance_of(route) + 66.0, abs=2.0)
        assert_gone(play)


def test_accident_with_oncoming_traffic(show, real_route):
    route = real_route("AccidentTwoWays", frequency=FAR_APART)
    with show(route, CRUISE) as play:
        cars = play.vehicles()
        play.until(play.is_triggered)
        assert play.asked() == [("leave_space", distance_of(route) + 36.0)]
        wait_before(play, cars[0])
        pass_through_oncoming(play, cars)
        assert_gone(play)


def test_who_does_not_stop_for_an_accident_hits_it(show, real_route):
    with show(real_route("Accident"), 12.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
        assert not play.is_over()


def test_parked_car(show, real_route):
    route = real_route("ParkedObstacle")
    with show(route, CRUISE) as play:
        (car,) = play.vehicles()
        play.until(play.is_triggered)
        ahead, right = play.where(car)
        assert ahead == pytest.approx(distance_of(route), abs=1.0) and 0.7 < side_of(route) * right < 1.6
        assert int(car.get_light_state()) & HAZARD == HAZARD
        assert play.asked() == [("leave_space", distance_of(route) + 20.0)]
        pass_beside(play, side_of(route))
        assert play.where(play.ego)[0] == pytest.approx(distance_of(route) + 50.0, abs=2.0)
        assert_gone(play)


def test_parked_car_with_oncoming_traffic(show, real_route):
    with show(real_route("ParkedObstacleTwoWays", frequency=FAR_APART), CRUISE) as play:
        cars = play.vehicles()
        wait_before(play, cars[0])
        pass_through_oncoming(play, cars)
        assert_gone(play)


def test_who_does_not_stop_for_a_parked_car_hits_it(show, real_route):
    with show(real_route("ParkedObstacleTwoWays"), 12.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


@pytest.mark.slow
def test_scenario_takes_too_long(show, real_route):
    with show(real_route("ParkedObstacle"), CRUISE) as play:
        (car,) = play.vehicles()
        wait_before(play, car)
        assert play.until(play.is_over, 260.0) > 225.0
        assert Infraction.SCENARIO_TIMEOUT in play.infractions and Infraction.BLOCKED not in play.infractions


def test_bicycles(show, real_route):
    route = real_route("HazardAtSideLane", distance={"value": "25"}, bicycle_drive_distance={"value": "12"})
    with show(route, CRUISE) as play:
        first, last = play.vehicles()
        play.until(play.is_triggered)
        distance = distance_of(route)
        assert play.where(first)[0] == pytest.approx(distance, abs=1.0)
        assert play.where(last)[0] == pytest.approx(distance + 9.0, abs=1.0)
        assert play.where(first)[1] > 0.7
        assert play.asked() == [("leave_space", distance + 29.0), ("change_road", ("extra_space", 30.0))]
        speed = float(route.scenarios[0].parameters["bicycle_speed"]["value"]) / 3.6
        play.until(lambda: first.get_velocity().length() > 0.8 * speed)
        assert play.where(first)[1] == pytest.approx(1.0, abs=0.5)
        play.shift = -2.5
        play.until(lambda: play.ahead(last) < -5.0)
        passed = play.where(play.ego)[0]
        play.until(play.is_over)
        assert play.where(play.ego)[0] - passed == pytest.approx(50.0, abs=4.0)
        cap = float(route.scenarios[0].parameters["speed"]["value"])
        released = [("set_max_speed", None), ("change_road", ("extra_space", 0.0))]
        assert play.asked()[2:] == [("set_max_speed", cap), *released]
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_bicycles_stand_at_the_end_of_their_way(show, real_route):
    with show(real_route("HazardAtSideLane", bicycle_drive_distance={"value": "12"}), CRUISE) as play:
        first, _ = play.vehicles()
        play.until(play.is_triggered)
        begin = play.where(first)[0]
        play.speed = 0.0
        play.until(lambda: play.where(first)[0] > begin + 5.0)
        play.until(lambda: first.get_velocity().length() < 0.1)
        assert play.where(first)[0] - begin == pytest.approx(11.0, abs=2.0)


def test_who_does_not_see_bicycles_hits_them(show, real_route):
    with show(real_route("HazardAtSideLane"), 12.0) as play:
        play.shift = 0.5
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_bicycles_on_a_two_way_road_leave_the_wrong_direction_free(show, real_route):
    route = real_route(
        "ParkedObstacleTwoWays",
        played_as="HazardAtSideLaneTwoWays",
        distance={"value": "30"},
        bicycle_drive_distance={"value": "25"},
        frequency={"value": "85"},
    )
    with show(route, CRUISE) as play:
        first, last = play.vehicles()
        play.until(lambda: play.ahead(first) < 25.0)
        play.speed = 3.0
        play.until(lambda: ("set_opposite", ("spawn_distance", 85.0)) in play.asked())
        assert play.rules.wrong_direction_off
        play.speed, play.shift = 10.0, -LANE_M
        play.until(lambda: play.ahead(last) < -6.0)
        play.shift = 0.0
        play.until(play.is_over, 40.0)
        assert ("set_opposite", ("spawn_distance", 40.0)) in play.asked()
        assert play.rules.wrong_direction_off
        assert play.infractions <= {Infraction.MIN_SPEED}


def door_route(real_route):
    """Where cars park in Town12; the routes with doors are in Town13, which takes long to load."""
    parameters = {"distance": {"value": "25"}, "frequency": FAR_APART, "direction": {"value": "right"}}
    return real_route("ParkingCutIn", played_as="VehicleOpensDoorTwoWays", **parameters)


def test_door_opens(show, real_route):
    route = door_route(real_route)
    with show(route, 7.0) as play:
        (car,) = play.vehicles()
        play.until(play.is_triggered)
        ahead, right = play.where(car)
        assert ahead == pytest.approx(distance_of(route), abs=1.0) and side_of(route) * right > 1.5
        assert car.attributes["has_dynamic_doors"] == "true"
        play.until(lambda: ("stop_back", True) in play.asked())
        # Three seconds away at the present speed.
        assert 10.0 < play.ahead(car) < 24.0
        play.speed = 0.0
        play.until(lambda: play.rules.wrong_direction_off)
        assert ("set_opposite", ("active", False)) in play.asked()
        # Cars come from behind, in the ego's own lane.
        play.until(lambda: bool(oncoming(play, [car])))
        (flow,) = oncoming(play, [car])
        play.step()
        assert play.ahead(flow) < -20.0 and abs(play.where(flow)[1]) < 1.0
        play.speed, play.shift = 8.0, -2.0
        play.until(lambda: play.ahead(car) < -6.0)
        play.shift = 0.0
        play.until(play.is_over, 30.0)
        assert play.asked()[-1] == ("stop_back", False)
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_drives_into_an_open_door(show, real_route):
    with show(door_route(real_route), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
