"""The background activity keeps the ego company and crosses its junctions."""

import pytest
from background import (
    TO_JUNCTION_M,
    WAITING_M,
    ahead_in,
    behind_in,
    cars,
    follow,
    in_lane,
    is_inside,
    oncoming,
    speed_of,
    turn_of,
)

from lead.scenarios.lanes import Turn


def test_cars_ahead_and_behind_in_every_lane(drive):
    with drive(0.0) as play:
        play.step()
        for lane in (-1, 0, 1):
            assert [play.ahead(car) for car in in_lane(play, lane)] == pytest.approx([30, 15, -15, -30], abs=2.5)
        assert {car.attributes["role_name"] for car in cars(play)} == {"background"}
        play.wait(10.0)
        # In the ego's own lane nobody can get past it; beside it cars go on coming and going.
        waiting = ahead_in(play, 0)
        assert len(waiting) == 2 and all(speed_of(car) < 1.0 for car in waiting)
        assert 30.0 < play.ahead(waiting[0]) < WAITING_M + 4.0
        assert -15.0 < max(play.ahead(car) for car in behind_in(play, 0)) < -4.0
        assert all(len(ahead_in(play, lane)) <= 2 for lane in (-1, 1))


def test_cars_ahead_wait_no_longer_for_an_ego_that_is_held_up(drive):
    with drive(0.0) as play:
        play.wait(15.0)
        assert play.ahead(ahead_in(play, 0)[0]) < WAITING_M + 4.0
        play.wait(12.0)
        assert all(play.ahead(car) > WAITING_M + 10.0 for car in ahead_in(play, 0))


def test_cars_behind_catch_up_and_others_come(drive):
    with drive(14.0) as play:
        play.activity.change_road(front_vehicles=0)
        play.step()
        first = {car.id for car in behind_in(play, 0)}
        assert ahead_in(play, 0) == [] and len(first) == 2
        speeds = []
        for _ in range(5):
            play.wait(2.0)
            speeds += [speed_of(car) for car in behind_in(play, 0)]
        assert max(speeds) > 15.0
        assert -45.0 < max(play.ahead(car) for car in behind_in(play, 0)) < -8.0
        assert len(behind_in(play, 0)) >= 2


def test_oncoming_cars_appear_ahead_and_vanish_behind(drive):
    with drive(10.0) as play:
        seen: dict[int, float] = {}
        while play.seen.time_s < 9.0:
            play.step()
            for car in oncoming(play):
                if car.id not in seen:
                    others = [other.get_location().distance(car.get_location()) for other in oncoming(play)]
                    assert not seen or (60.0 < play.ahead(car) < 82.0 and min(d for d in others if d > 0.1) > 35.0)
                seen[car.id] = play.ahead(car)
        left = {i: ahead for i, ahead in seen.items() if i not in play.activity.ids}
        assert len(seen) > 4 and left
        assert all(-84.0 < ahead < -75.0 for ahead in left.values())


def test_cars_enter_junctions_from_other_roads(drive):
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0) as play:
        play.wait(5.0)
        # Cars wait for the ego behind the junction already.
        assert any(45.0 < play.ahead(car) < 90.0 for car in ahead_in(play, 0))
        play.until(lambda: any(turn_of(play, car) > 40.0 and is_inside(play, car) for car in cars(play)), 40.0)
        play.wait(6.0)
        assert len([car for car in cars(play) if turn_of(play, car) > 40.0]) > 4
        follow(play, 8.0, lambda: play.where(play.ego)[0] > 75.0, 60.0)
        play.step()
        # There only those are left who go the ego's way or come towards it.
        assert all(turn_of(play, car) < 40.0 or turn_of(play, car) > 140.0 for car in cars(play))
        assert 0 < len(ahead_in(play, 0)) <= 2


@pytest.mark.slow
def test_who_leaves_the_route_does_not_wait_right_behind_the_junction(drive):
    """Else nobody gets into the junction, and the ego waits for ever."""
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0, turn=Turn.RIGHT) as play:
        leader = min((car for car in cars(play) if play.ahead(car) > 0.0), key=play.ahead)
        play.until(lambda: is_inside(play, leader), 70.0)
        play.until(lambda: not is_inside(play, leader), 20.0)
        begin = leader.get_location()
        play.until(lambda: speed_of(leader) < 0.1 or begin.distance(leader.get_location()) > 15.0, 20.0)
        assert begin.distance(leader.get_location()) > 13.0


@pytest.mark.slow
def test_who_waits_for_the_ego_behind_a_junction_lets_others_out_of_it(drive):
    """Else they queue up into the junction before the ego, which then never comes near those who wait for it."""
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0) as play:
        stood: dict[int, int] = {}
        for _ in range(1800):
            play.step()
            inside = [car for car in cars(play) if is_inside(play, car) and turn_of(play, car) < 15.0]
            stuck = [car for car in inside if speed_of(car) < 0.1]
            stood = {car.id: stood.get(car.id, 0) + 1 for car in stuck}
            assert max(stood.values(), default=0) < 400


def test_everybody_is_gone_in_the_end(drive):
    with drive(6.0) as play:
        play.wait(1.0)
        assert len(cars(play)) > 10
    play.stage.tick(play.world)
    left = [car.attributes["role_name"] for car in play.world.get_actors().filter("vehicle.*")]
    assert "background" not in left


def test_same_seed_same_traffic(drive):
    def story(seed: int) -> list[tuple[str, float, float]]:
        with drive(8.0, lead_m=240.0, seed=seed) as play:
            play.wait(5.0)
            return [(car.type_id, round(car.get_location().x, 3), round(car.get_location().y, 3)) for car in cars(play)]

    first = story(3)
    assert len(first) > 12
    assert story(3) == first and story(4) != first
