"""Streams keep their speed and their gaps; the ego merges, crosses, or is hit."""

import itertools

import numpy as np
import pytest
from test_obstacles import assert_gone
from theatre import Show, synthetic

from lead.evaluation.infractions import Infraction

RARE = {"from": "150", "to": "150"}
KINDS = ("EnterActorFlow", "EnterActorFlowV2", "MergerIntoSlowTraffic", "MergerIntoSlowTrafficV2")


def number(route, name: str) -> float:
    return float(route.scenarios[0].parameters[name]["value"])


def gap_of(route) -> tuple[float, float]:
    bounds = route.scenarios[0].parameters["source_dist_interval"]
    return float(bounds["from"]), float(bounds["to"])


def place_of(route, name: str) -> np.ndarray:
    return np.array([float(route.scenarios[0].parameters[name][axis]) for axis in "xyz"])


def location_of(actor) -> np.ndarray:
    place = actor.get_location()
    return np.array([place.x, place.y, place.z])


def names_of(play: Show) -> list[str]:
    return [name for name, *_ in play.asked()]


def assert_clean(play: Show) -> None:
    """Nothing but slowness and the lights and signs, which this ego does not see."""
    assert play.infractions <= {Infraction.MIN_SPEED, Infraction.RED_LIGHT, Infraction.STOP_SIGN}


def go_when_free(play: Show, hold_m: float, speed: float, clear_m: float = 30.0) -> None:
    """Wait at a place until cars have come by and are so far away again, then go."""

    def nearest() -> float:
        here = location_of(play.ego)
        return min((np.hypot(*(location_of(car) - here)[:2]) for car in play.vehicles()), default=1e3)

    play.until(lambda: play.where(play.ego)[0] > hold_m)
    play.speed = 0.0
    play.until(lambda: nearest() < clear_m)
    play.until(lambda: nearest() > clear_m)
    play.speed = speed


def test_flow_keeps_speed_and_gaps(show, real_route):
    route = real_route("MergerIntoSlowTrafficV2")
    speed, (least, most) = number(route, "flow_speed"), gap_of(route)
    with show(route, 4.0) as play:
        play.until(play.is_triggered)
        play.speed = 0.0
        play.step()
        # The whole way is full from the beginning.
        assert len(play.vehicles()) >= 4
        sink, seen = place_of(route, "end_actor_flow"), set()
        for _ in range(100):
            play.step()
            seen |= {car.id for car in play.vehicles()}
        cars = sorted(play.vehicles(), key=lambda car: play.where(car)[0])
        assert all(car.get_velocity().length() == pytest.approx(speed, abs=0.1) for car in cars)
        places = [location_of(car) for car in cars]
        gaps = [np.linalg.norm(one - other) for one, other in itertools.pairwise(places)]
        assert least - 3.0 < min(gaps) and max(gaps) < most + 2.0
        assert min(np.linalg.norm(place - sink) for place in places) > 1.0
        # Some are gone at the sink, others have come.
        assert seen - {car.id for car in cars} and len(seen) > len(cars)


def test_flow_gives_up_its_speed_after_a_collision(show, real_route):
    with show(real_route("MergerIntoSlowTrafficV2"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
        play.speed = 0.0
        play.wait(5.0)
        behind = [car for car in play.vehicles() if -12.0 < play.ahead(car) < -2.0]
        assert behind and all(car.get_velocity().length() < 4.0 for car in behind)


@pytest.mark.slow
def test_flow_goes_on_without_cars_that_were_taken_away(show, real_route):
    """The Traffic Manager does that with cars that have stood for long."""
    with show(real_route("MergerIntoSlowTrafficV2"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
        play.speed = 0.0
        play.wait(4.0)
        standing = {car.id for car in play.vehicles()}
        play.until(lambda: bool(standing - {car.id for car in play.vehicles()}), 150.0)
        play.wait(5.0)
        assert not play.is_over() and play.director.bill.dropped == {}


@pytest.mark.parametrize("kind", KINDS)
def test_ego_merges_between_rare_cars(show, real_route, kind):
    like = "EnterActorFlow" if kind == "EnterActorFlowV2" else kind
    route = real_route(like, played_as=kind, source_dist_interval=RARE, flow_speed={"value": "9"})
    with show(route, 8.0) as play:
        play.until(play.is_triggered)
        assert names_of(play) == ["set_route_sources", "handle_junction"]
        asked = dict(play.asked()[1][1:])
        assert asked["clear"] and asked["clear_ego_entry"] and asked["remove_entries"]
        assert ("remove_exits" in asked) == kind.endswith("V2")
        assert asked.get("extend_exit", 21.0) > 20.0
        if kind == "MergerIntoSlowTraffic":
            # Here the cars come along the ego's own lane.
            play.speed = 10.0
        else:
            go_when_free(play, play.where(play.ego)[0] + 10.0, 10.0)
        play.until(play.is_over, 40.0)
        assert np.hypot(*(location_of(play.ego) - place_of(route, "end_actor_flow"))[:2]) < 12.0
        assert play.asked()[-1] == ("set_route_sources", True)
        assert ("leave_space" in names_of(play)) == kind.endswith("V2")
        assert_clean(play)
        assert_gone(play)


def test_who_enters_a_flow_blindly_is_hit(show, real_route):
    with show(real_route("EnterActorFlow"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_flow_on_every_lane(show, real_route):
    with show(real_route("EnterActorFlow"), 3.0) as play:
        play.until(play.is_triggered)
        play.wait(1.5)
        lanes = {
            (lane.road_id, lane.lane_id)
            for car in play.vehicles()
            if (lane := play.map.get_waypoint(car.get_location()))
        }
        assert len({lane_id for _, lane_id in lanes}) > 1


def test_highway_exit(show, real_route):
    route = real_route("HighwayExit")
    with show(route, 15.0) as play:
        play.until(play.is_triggered)
        play.step()
        assert names_of(play) == ["remove_lane"]
        assert len(play.vehicles()) >= 2 and play.rules.blocked_off == 1
        play.until(play.is_over, 30.0)
        here = play.map.get_waypoint(play.ego.get_location())
        assert not here.is_junction and here.previous(3.0)[0].is_junction
        assert_gone(play)


def test_who_crosses_to_the_exit_blindly_is_hit(show, real_route):
    """At the speed of the flow, beside one of its cars until the lanes cross."""
    route = real_route("HighwayExit", flow_speed={"value": "14"}, source_dist_interval={"from": "9", "to": "10"})
    with show(route, 9.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_leaving_the_interurban_road(show, real_route):
    route = real_route("InterurbanActorFlow", source_dist_interval=RARE)
    with show(route, 8.0) as play:
        play.until(play.is_triggered)
        assert play.vehicles() == []
        assert names_of(play) == ["handle_junction", "set_opposite"]
        asked = dict(play.asked()[0][1:])
        assert asked["clear_ego_entry"] and "clear" not in asked and len(asked["remove_entries"]) in (2, 3)
        go_when_free(play, 5.0, 8.0)
        play.until(play.is_over, 30.0)
        here = play.map.get_waypoint(play.ego.get_location())
        assert not here.is_junction and here.previous(3.0)[0].is_junction
        assert play.asked()[-1] == ("set_opposite", ("active", True))
        assert_clean(play)
        assert_gone(play)


def entering(**gaps: str):
    """From the stem of a T-junction to the left, through the cars from the left and before those from the right."""
    return synthetic(
        "Town12",
        "InterurbanAdvancedActorFlow",
        [(-70.2, 3545.0, 364.2), (-70.3, 3525.0, 364.2), (-114.0, 3489.5, 365.8)],
        (-70.3, 3529.6, 364.2, -90.1),
        start_actor_flow={"x": "-105.3", "y": "3492.2", "z": "365.5"},
        end_actor_flow={"x": "-38.3", "y": "3492.1", "z": "363.7"},
        flow_speed={"value": "7"},
        source_dist_interval=gaps,
    )


def test_a_stream_slows_down_where_it_turns(show):
    """Right at a junction of Town05, from lanes of the ego's own road."""
    route = synthetic(
        "Town05",
        "MergerIntoSlowTraffic",
        [(31.6, 75.2, 0.0), (32.6, -61.1, 0.0)],
        (31.6, 70.0, 0.0, -90.0),
        start_actor_flow={"x": "31.6", "y": "50.0", "z": "0.0"},
        end_actor_flow={"x": "110.0", "y": "1.0", "z": "0.0"},
        flow_speed={"value": "20"},
        source_dist_interval={"from": "25", "to": "30"},
    )
    with show(route, 4.0) as play:
        play.until(play.is_triggered)
        play.speed, speeds, away = 0.0, [], []
        for _ in range(200):
            play.step()
            for car in play.vehicles():
                place = car.get_location()
                away.append(play.map.get_waypoint(place).transform.location.distance_2d(place))
                speeds.append(car.get_velocity().length())
        assert max(away) < 2.0 and max(speeds) == pytest.approx(20.0, abs=0.5) and min(speeds) < 12.0


def test_entering_the_interurban_road(show):
    with show(entering(**RARE), 8.0) as play:
        play.until(play.is_triggered)
        assert names_of(play) == ["set_route_sources", "set_opposite", "handle_junction"]
        asked = dict(play.asked()[2][1:])
        assert asked["clear"] and asked["clear_ego_entry"]
        assert (len(asked["remove_entries"]), len(asked["remove_exits"])) == (2, 2)
        assert 40.0 < asked["extend_exit"] < 60.0
        play.wait(0.2)
        yaws = {round(car.get_transform().rotation.yaw / 90.0) % 4 for car in play.vehicles()}
        assert yaws == {0, 2}
        go_when_free(play, 15.0, 8.0, clear_m=25.0)
        play.until(play.is_over, 30.0)
        assert play.ego.get_location().x == pytest.approx(-105.3, abs=2.0)
        assert play.asked()[-2:] == [("set_opposite", ("active", True)), ("set_route_sources", True)]
        assert_clean(play)
        assert_gone(play)


def test_who_turns_across_two_flows_blindly_is_hit(show):
    with show(entering(**{"from": "14", "to": "15"}), 7.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_parking_exit(show, real_route):
    route = real_route("ParkingExit", front_vehicle_distance={"value": "11"})
    with show(route, 0.0) as play:
        front, behind, beside = play.vehicles()
        ahead, right = play.where(play.ego)
        assert abs(ahead) < 1.0 and right > 2.3
        assert play.where(front)[0] == pytest.approx(11.0, abs=1.5)
        assert play.where(behind)[0] == pytest.approx(-9.0, abs=1.5)
        assert play.where(beside)[1] == pytest.approx(0.0, abs=0.5)
        play.until(play.is_triggered)
        assert play.asked() == [("change_road", ("gap", 25.0))] and play.rules.blocked_off == 1
        play.until(lambda: play.ahead(beside) > 12.0)
        play.speed = 5.0
        play.until(play.is_over, 30.0)
        assert play.where(play.ego)[0] == pytest.approx(26.0, abs=2.0)
        assert play.asked()[-1] == ("change_road", ("gap", 15.0))
        assert_clean(play)
        assert_gone(play)


def test_the_car_beside_the_parking_place_drives_away(show, real_route):
    with show(real_route("ParkingExit"), 0.0) as play:
        *_, beside = play.vehicles()
        ways = []
        play.until(lambda: ways.append(play.where(beside)[0]) or len(play.vehicles()) == 2, 20.0)
        assert ways[-3] == pytest.approx(50.0, abs=2.0)


def test_who_pulls_out_blindly_is_hit(show, real_route):
    with show(real_route("ParkingExit"), 0.0) as play:
        play.until(play.is_triggered)
        play.speed = 10.0
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
