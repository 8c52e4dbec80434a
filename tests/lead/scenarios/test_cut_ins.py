"""Cars cut in before the ego, from the kerb, from a queue and from a ramp; who does not brake hits them."""

import pytest
from test_obstacles import assert_gone, distance_of, side_of

from lead.evaluation.infractions import Infraction


def test_parked_car_pulls_out(show, real_route):
    route = real_route("ParkingCutIn")
    side = side_of(route)
    with show(route, 8.0) as play:
        blocker, car = play.vehicles()
        play.until(play.is_triggered)
        assert [play.where(one)[0] for one in (blocker, car)] == pytest.approx([28.0, 35.0], abs=1.5)
        assert all(side * play.where(one)[1] > 2.3 for one in (blocker, car))
        assert play.asked() == [("leave_space", 45.0)]
        play.until(lambda: len(play.asked()) > 1)
        assert play.asked()[1:] == [("change_road", ("extra_space", 20.0))]
        assert play.ahead(car) == pytest.approx(2.35 * 8.0, abs=2.0)
        play.speed = 0.0
        play.until(lambda: abs(play.where(car)[1]) < 0.5)
        begin = play.where(car)[0]
        assert begin < 60.0
        play.until(play.is_over)
        assert car.get_velocity().length() == pytest.approx(20.0 / 3.6, abs=1.0)
        assert play.asked()[-1] == ("change_road", ("extra_space", 0.0))
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_does_not_brake_for_a_parked_car_hits_it(show, real_route):
    with show(real_route("ParkingCutIn"), 9.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_car_leaves_the_queue(show, real_route):
    route = real_route("StaticCutIn")
    distance, side = distance_of(route), side_of(route)
    with show(route, 8.0) as play:
        queue = play.vehicles()
        assert all(car.get_location().z < -100.0 for car in queue)
        play.until(play.is_triggered)
        play.wait(0.3)
        assert [play.where(car)[0] for car in queue] == pytest.approx([distance + 11.0 * i for i in range(6)], abs=1.5)
        assert all(side * play.where(car)[1] > 2.3 for car in queue)
        assert play.asked() == [("leave_space", distance + 66.0)]
        car = queue[2]
        play.until(lambda: len(play.asked()) > 2)
        assert play.ahead(car) == pytest.approx(2.7 * 8.0, abs=2.5)
        assert [name for name, *_ in play.asked()[1:]] == ["remove_lane", "change_road"]
        play.speed = 0.0
        play.until(lambda: abs(play.where(car)[1]) < 0.6, 10.0)
        assert [play.where(one)[0] for one in queue if one is not car] == pytest.approx(
            [distance + 11.0 * i for i in (0, 1, 3, 4, 5)], abs=1.5
        )
        play.until(play.is_over, 31.0)
        assert play.asked()[-1] == ("restore_lane", side)
        assert play.infractions <= {Infraction.MIN_SPEED}
        assert_gone(play)


def test_who_does_not_brake_for_the_queue_hits_the_car(show, real_route):
    with show(real_route("StaticCutIn"), 8.0) as play:
        play.until(lambda: len(play.asked()) > 2)
        play.speed = 15.0
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_car_from_the_ramp(show, real_route):
    with show(real_route("HighwayCutIn"), 15.0) as play:
        (car,) = play.vehicles()
        assert car.get_location().z < -100.0
        play.until(play.is_triggered)
        play.step()
        ((name, *arguments),) = play.asked()
        assert name == "handle_junction"
        assert (dict(arguments)["clear"], dict(arguments)["extend_exit"]) == (True, 170.0)
        assert len(dict(arguments)["remove_entries"]) == 1
        assert play.ahead(car) > 0.0 and play.where(car)[1] > 3.0
        # It comes to where the lanes meet when the ego does, and then into the ego's lane right before it.
        play.until(lambda: abs(play.where(car)[1]) < 1.0)
        assert 0.0 < play.ahead(car) < 20.0
        assert car.get_velocity().length() == pytest.approx(12.0, abs=1.5)
        play.speed = 8.0
        play.until(play.is_over)
        assert_gone(play)


def test_a_slower_ego_has_the_car_wait_for_it(show, real_route):
    with show(real_route("HighwayCutIn"), 10.0) as play:
        (car,) = play.vehicles()
        play.until(play.is_triggered)
        play.wait(1.0)
        before = car.get_velocity().length()
        play.speed = 6.0
        play.wait(2.0)
        assert car.get_velocity().length() < 0.8 * before


def test_who_does_not_brake_for_the_ramp_hits_the_car(show, real_route):
    with show(real_route("HighwayCutIn"), 15.0) as play:
        (car,) = play.vehicles()
        play.until(lambda: play.is_triggered() and play.where(car)[1] < 2.5)
        play.speed = 22.0
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)
