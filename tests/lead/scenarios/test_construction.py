"""Road works and cut bends: what stands where, who comes towards the ego, and what happens to who does not care."""

import pytest
from test_obstacles import CRUISE, FAR_APART, LANE_M, assert_gone, distance_of, oncoming, pass_beside, side_of
from theatre import Show

from lead.evaluation.infractions import Infraction


def assert_road_works(play: Show, distance: float, side: int) -> None:
    (board,) = play.actors("static.prop.trafficwarning")
    (debris,) = play.actors("static.prop.dirtdebris02")
    assert play.where(board)[0] == pytest.approx(distance - 5.0, abs=1.0)
    assert play.where(debris)[0] == pytest.approx(distance + 2.0, abs=1.0)
    cones = [play.where(cone) for cone in play.actors("static.prop.constructioncone")]
    ahead = [distance + d for d in (0.0, 2.0, 4.0, 6.0, 6.0, 6.0, 6.0)]
    assert [one for one, _ in cones] == pytest.approx(ahead, abs=1.0)
    rights = [side * right for _, right in cones]
    assert all(-1.8 < right < -1.2 for right in rights[:4])
    assert [right - rights[3] for right in rights[4:]] == pytest.approx([1.0, 2.0, 3.0], abs=0.3)


def test_road_works(show, real_route):
    route = real_route("ConstructionObstacle")
    distance, side = distance_of(route), side_of(route)
    with show(route, CRUISE) as play:
        (cone, *_) = play.actors("static.prop.constructioncone")
        assert cone.get_location().z < -100.0
        play.until(play.is_triggered)
        play.step()
        assert_road_works(play, distance, side)
        assert play.asked()[0][0] == "remove_lane"
        play.until(lambda: play.where(play.ego)[0] > distance - 29.0)
        play.speed = 0.0
        play.until(lambda: ("set_max_speed", 60.0) in play.asked() or len(play.asked()) > 1)
        play.speed = CRUISE
        pass_beside(play, side)
        assert play.where(play.ego)[0] == pytest.approx(distance + 50.0, abs=2.0)
        assert play.asked()[-2:] == [("set_max_speed", None), ("restore_lane", 0)]
        assert_gone(play)


def test_road_works_with_oncoming_traffic(show, real_route):
    route = real_route("ConstructionObstacleTwoWays", frequency=FAR_APART)
    distance = distance_of(route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        assert_road_works(play, distance, side_of(route))
        play.until(lambda: play.where(play.ego)[0] > distance - 29.0)
        play.speed = 0.0
        play.until(lambda: bool(oncoming(play, [])))
        assert play.rules.wrong_direction_off and ("set_opposite", ("active", False)) in play.asked()
        (first,) = play.vehicles()
        play.step()
        assert play.where(first)[1] == pytest.approx(-LANE_M, abs=1.0)
        play.until(lambda: play.ahead(first) < -8.0)
        play.speed, play.shift = 10.0, -LANE_M
        play.until(lambda: play.where(play.ego)[0] > distance + 12.0)
        play.shift = 0.0
        play.until(play.is_over, 30.0)
        assert play.asked()[-2:] == [("set_opposite", ("active", True)), ("restore_lane", 0)]
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_drives_into_road_works_hits_them(show, real_route):
    with show(real_route("ConstructionObstacle"), 12.0) as play:
        play.until(lambda: Infraction.COLLISION_LAYOUT in play.infractions)


def test_oncoming_cars_come_into_the_lane(show, real_route):
    route = real_route("InvadingTurn", offset={"value": "0.4"})
    distance = distance_of(route)
    with show(route, 6.0) as play:
        play.until(play.is_triggered)
        play.shift = 1.0
        play.step()
        cones = [play.where(cone) for cone in play.actors("static.prop.constructioncone")]
        assert len(cones) == distance // 10
        assert cones[0][0] == pytest.approx(distance + 20.0, abs=6.0)
        assert all(right < -4.0 for _, right in cones)
        assert [name for name, *_ in play.asked()] == ["remove_lane", "set_opposite"]
        play.until(lambda: any(abs(play.ahead(car)) < 2.0 for car in play.vehicles()))
        (meeting,) = [car for car in play.vehicles() if abs(play.ahead(car)) < 2.0]
        own, other = play.map.get_waypoint(play.ego.get_location()), play.where(meeting)[1]
        # Its side is inside the ego's lane.
        assert other + 0.7 == pytest.approx(0.4 - 0.5 * own.lane_width, abs=0.3)
        play.until(play.is_over, 40.0)
        assert play.where(play.ego)[0] == pytest.approx(distance + 30.0, abs=2.0)
        assert play.asked()[-2:] == [("set_opposite", ("active", True)), ("restore_lane", 0)]
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_keeps_to_the_middle_of_the_road_is_hit(show, real_route):
    with show(real_route("InvadingTurn", offset={"value": "0.5"}), 8.0) as play:
        play.shift = -1.0
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions or play.seen.time_s > 15.0)
        assert Infraction.COLLISION_VEHICLE in play.infractions
