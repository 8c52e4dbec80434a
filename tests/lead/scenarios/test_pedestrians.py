"""Who crosses the road does so in front of the ego, from where it was hidden, and who is not watched for is hit."""

import math

import carla
import pytest
from theatre import Show

from lead.evaluation.infractions import Infraction
from lead.evaluation.play import plan
from lead.routes import RouteError

#: The ego keeps no lights.
FINE = {Infraction.MIN_SPEED, Infraction.RED_LIGHT}


def number(route, name: str, default: float = 0.0) -> float:
    return float(route.scenarios[0].parameters.get(name, {}).get("value", default))


def walkers(play: Show) -> list[carla.Actor]:
    return play.actors("walker.*")


def is_hidden(play: Show, actor: carla.Actor) -> bool:
    return actor.get_location().z < play.ego.get_location().z - 100.0


def assert_gone(play: Show) -> None:
    play.step()
    assert play.actors("vehicle.*", "static.*", "walker.*", "sensor.*") == []
    assert (play.rules.blocked_off, play.rules.wrong_direction_off) == (0, False)


def pace(actor: carla.Actor) -> float:
    velocity = actor.get_velocity()
    return math.hypot(velocity.x, velocity.y)


def watch_crossing(play: Show, actor: carla.Actor, speed: float) -> None:
    """Stop when somebody steps out, and look until it has crossed the ego's lane and is gone."""
    side = 1.0 if play.where(actor)[1] > 0.0 else -1.0
    play.until(lambda: pace(actor) > 0.5)
    play.speed = 0.0
    play.until(lambda: abs(play.where(actor)[1]) < 0.5)
    assert 2.0 < play.ahead(actor) < 25.0 and pace(actor) == pytest.approx(speed, abs=0.2)
    play.until(lambda: side * play.where(actor)[1] < -1.0)
    play.until(lambda: not play.actors("walker.*", "vehicle.*"))


def drive_on(play: Show, speed: float = 8.0, metres: float = 40.0) -> None:
    """Drive on to the end of the scenario."""
    begin = play.where(play.ego)[0]
    play.speed = speed
    play.until(play.is_over)
    assert play.where(play.ego)[0] - begin == pytest.approx(metres, abs=4.0)
    assert play.infractions <= FINE
    assert_gone(play)


def test_walker_behind_a_prop(show, real_route):
    route = real_route("DynamicObjectCrossing", town="Town03", distance={"value": "25"}, crossing_angle={"value": "10"})
    with show(route, 6.0) as play:
        (walker,), (blocker,) = walkers(play), play.actors("static.*")
        assert blocker.type_id == "static.prop.vendingmachine" and is_hidden(play, walker)
        play.until(play.is_triggered)
        play.step()
        along, right = play.where(blocker)
        assert along == pytest.approx(25.0, abs=1.5) and right > 2.0
        further, outside = play.where(walker)
        assert 0.5 < further - along < 3.0 and outside > 2.0
        assert play.asked() == [("leave_space", 35.0)]
        play.until(lambda: pace(walker) > 0.5)
        # Two tenths of a second earlier than without the angle, and towards the ego.
        assert play.asked()[1][0] == "clear_crossing"
        assert 25.0 - play.where(play.ego)[0] == pytest.approx(2.3 * 6.0, abs=1.5)
        watch_crossing(play, walker, 2.0)
        assert play.actors("static.*") == [] and not play.is_over()
        drive_on(play)


def test_walker_from_the_left(show, real_route):
    route = real_route("DynamicObjectCrossing", town="Town03", direction={"value": "left"}, distance={"value": "25"})
    with show(route, 6.0) as play:
        play.until(play.is_triggered)
        play.step()
        (walker,), (blocker,) = walkers(play), play.actors("static.*")
        assert play.where(blocker)[1] < -2.0 and play.where(walker)[1] < -2.0
        assert play.where(walker)[0] > play.where(blocker)[0]
        begin = play.where(walker)[1]
        play.until(lambda: play.where(walker)[1] > begin + 2.0)


def test_who_does_not_stop_hits_the_walker(show, real_route):
    route = real_route("DynamicObjectCrossing", town="Town03", distance={"value": "20"})
    with show(route, 5.0) as play:
        play.until(lambda: Infraction.COLLISION_PEDESTRIAN in play.infractions)


def test_blocker_can_be_a_vehicle_and_high_above_the_ground(show, real_route):
    route = real_route("DynamicObjectCrossing", town="Town03", blocker_model={"value": "vehicle.tesla.model3"})
    with show(route, 4.0) as play:
        (car,) = play.actors("vehicle.*")
        play.step()
        assert car.type_id == "vehicle.tesla.model3"
    route = real_route("DynamicObjectCrossing", town="Town03", blocker_z={"value": "0.5"})
    with show(route, 4.0) as play:
        (high,) = play.actors("static.*")
        ground = play.map.get_waypoint(high.get_location(), lane_type=carla.LaneType.Any).transform.location.z
        assert high.get_location().z == pytest.approx(ground + 0.5, abs=0.1)


def test_walker_behind_a_parked_car(show, real_route):
    route = real_route("ParkingCrossingPedestrian", town="Town03")
    distance = number(route, "distance")
    with show(route, 8.0) as play:
        (walker,), (car,) = walkers(play), play.actors("vehicle.*")
        play.until(play.is_triggered)
        play.step()
        along, right = play.where(car)
        assert along == pytest.approx(distance, abs=3.0) and right == pytest.approx(3.5, abs=0.5)
        further, outside = play.where(walker)
        assert 1.5 < further - along < 5.0 and outside == pytest.approx(3.5, abs=0.5)
        assert play.asked() == [("leave_space", distance + 15.0)]
        watch_crossing(play, walker, 2.0)
        drive_on(play)


def test_walker_beside_a_parked_car_with_an_offset(show, real_route):
    def gap(**parameters) -> float:
        with show(real_route("ParkingCrossingPedestrian", town="Town03", **parameters), 8.0) as play:
            (walker,), (car,) = walkers(play), play.actors("vehicle.*")
            play.until(play.is_triggered)
            play.step()
            return play.where(walker)[0] - play.where(car)[0] - car.bounding_box.extent.x

    usual = gap()
    assert gap(offset_x={"value": "2"}) - usual == pytest.approx(2.0, abs=0.3)
    # Where the car is in the walker's way too.
    assert gap(offset_x={"value": "-1"}) - usual == pytest.approx(-1.0, abs=0.3)


def test_three_walkers_at_a_junction(show, real_route):
    with show(real_route("PedestrianCrossing", town="Town04"), 6.0) as play:
        group = walkers(play)
        assert len(group) == 3
        play.until(play.is_triggered)
        play.step()
        assert play.asked() == [("handle_junction", ("clear_ego_entry", True))]
        assert all(play.where(one)[1] > 3.0 for one in group)
        play.until(lambda: any(pace(one) > 0.5 for one in group))
        play.speed = 0.0
        paces: dict[int, float] = {}
        sides: dict[int, float] = {}

        def all_gone() -> bool:
            for one in walkers(play):
                paces[one.id] = max(paces.get(one.id, 0.0), pace(one))
                sides[one.id] = play.where(one)[1]
            return not walkers(play)

        play.until(all_gone)
        assert len(paces) == 3 and all(1.2 < one < 2.1 for one in paces.values())
        # They are gone on the other side of the ego's lane.
        assert all(one < -2.0 for one in sides.values())
        begin = play.where(play.ego)[0]
        play.speed = 8.0
        play.until(play.is_over)
        assert play.where(play.ego)[0] - begin == pytest.approx(40.0, abs=6.0)
        assert Infraction.COLLISION_PEDESTRIAN not in play.infractions
        assert_gone(play)


def test_who_drives_on_hits_walkers_at_a_junction(show, real_route):
    with show(real_route("PedestrianCrossing", town="Town04"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_PEDESTRIAN in play.infractions)


def test_bicycle_after_a_turn(show, real_route):
    with show(real_route("VehicleTurningRoute", town="Town03"), 7.0) as play:
        (bicycle,) = play.actors("vehicle.*")
        assert bicycle.type_id == "vehicle.diamondback.century" and is_hidden(play, bicycle)
        play.until(play.is_triggered)
        play.wait(0.3)
        assert 3.0 < play.where(bicycle)[1] < 10.0
        play.until(lambda: pace(bicycle) > 0.5)
        assert play.ahead(bicycle) == pytest.approx(1.8 * 7.0, abs=2.0)
        watch_crossing(play, bicycle, 1.8)
        begin = play.where(play.ego)[0]
        play.speed = 8.0
        play.until(play.is_over)
        assert play.where(play.ego)[0] - begin == pytest.approx(40.0, abs=4.0)
        assert_gone(play)


@pytest.mark.parametrize(
    ("kind", "like", "town", "side"),
    [
        ("VehicleTurningLeft", "SignalizedJunctionLeftTurnEnterFlow", "Town04", -1),
        ("VehicleTurningRight", "SignalizedJunctionRightTurn", "Town05", 1),
    ],
)
def test_bicycle_to_a_side(show, real_route, kind, like, town, side):
    with show(real_route(like, town=town, played_as=kind), 4.0) as play:
        (bicycle,) = play.actors("vehicle.*")
        play.until(play.is_triggered)
        play.wait(0.3)
        pose = play.trace.yaw[0]
        offset = bicycle.get_location() - play.ego.get_location()
        right = offset.y * math.cos(pose) - offset.x * math.sin(pose)
        assert side * right > 6.0


def test_who_turns_without_looking_hits_the_bicycle(show, real_route):
    with show(real_route("VehicleTurningRoute", town="Town03"), 3.5) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions, 30.0)


@pytest.mark.parametrize(
    ("like", "town"),
    [
        ("SignalizedJunctionRightTurn", "Town05"),
        ("SignalizedJunctionLeftTurnEnterFlow", "Town04"),
        pytest.param("VehicleTurningRoutePedestrian", "Town12", marks=pytest.mark.slow),
    ],
)
def test_walker_after_a_turn(show, real_route, like, town):
    kind, walker = "VehicleTurningRoutePedestrian", {"value": "walker.pedestrian.0030"}
    with show(real_route(like, town, played_as=kind, walker=walker), 5.0) as play:
        (walker,) = walkers(play)
        assert walker.type_id == "walker.pedestrian.0030"
        play.until(play.is_triggered)
        play.wait(0.3)
        # The side that the ego sees last: the right one when it turns left.
        bend = play.trace.yaw[-1] - play.trace.yaw[0]
        side = 1.0 if math.sin(bend) < 0.0 else -1.0
        assert side * play.where(walker)[1] > 2.0
        begin = walker.get_location()
        play.until(lambda: pace(walker) > 0.5)
        play.speed = 0.0
        ends = [begin]
        play.until(lambda: ends.append(walker.get_location()) or not walkers(play), 30.0)
        # From border to border.
        assert begin.distance(ends[-2]) > 8.0
        play.speed = 8.0
        play.until(play.is_over)
        assert Infraction.COLLISION_PEDESTRIAN not in play.infractions
        assert_gone(play)


def test_bicycles_on_their_own_lane(show, real_route):
    route = real_route("CrossingBicycleFlow")
    with show(route, 6.0) as play:
        play.until(play.is_triggered)
        play.step()
        assert play.asked() == [("handle_junction", ("clear", True), ("clear_ego_entry", True), ("stop_entries", True))]
        assert len(play.vehicles()) >= 2
        assert {car.attributes["base_type"] for car in play.vehicles()} == {"bicycle"}
        play.speed = 0.0
        known = {car.id for car in play.vehicles()}
        play.until(lambda: bool({car.id for car in play.vehicles()} - known))
        speeds = [pace(car) for car in play.vehicles()]
        assert max(speeds) == pytest.approx(number(route, "flow_speed"), abs=1.0)
        crossing = play.vehicles()[0]
        play.until(lambda: all(car.id != crossing.id for car in play.vehicles()), 40.0)
        assert play.rules.blocked_off == 1
        play.speed = 12.0
        play.until(play.is_over, 30.0)
        assert_gone(play)


def test_crossing_angles_that_lead_nowhere(real_route):
    route = real_route("DynamicObjectCrossing", town="Town03", crossing_angle={"value": "91"})
    with pytest.raises(RouteError, match=r"DynamicObjectCrossing_1, crossing_angle: 91 is not between"):
        plan(route)
