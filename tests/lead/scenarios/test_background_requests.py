"""The background activity does what scenarios ask of it."""

import carla
import pytest
from background import (
    LANE_M,
    TO_JUNCTION_M,
    ahead_in,
    at_junction,
    behind_in,
    cars,
    entries_of,
    in_lane,
    is_inside,
    is_inside_deep,
    oncoming,
    speed_of,
    turn_between,
    turn_of,
)

from lead.scenarios.lanes import Turn, before_junction, forward, through_junction


def test_leave_space(drive):
    with drive(0.0) as play:
        play.step()
        before = [play.ahead(car) for car in ahead_in(play, 0)]
        play.activity.leave_space(60.0)
        play.step()
        assert [play.ahead(car) for car in ahead_in(play, 0)] == pytest.approx([75.0, 60.0], abs=3.0)
        assert before == pytest.approx([30.0, 15.0], abs=3.0)
        assert [play.ahead(car) for car in ahead_in(play, 1)] == pytest.approx([30.0, 15.0], abs=3.0)


def test_who_would_come_into_a_junction_makes_space_by_going_away(drive):
    with drive(0.0, lead_m=TO_JUNCTION_M - 60.0) as play:
        play.step()
        play.activity.leave_space(70.0)
        play.step()
        assert ahead_in(play, 0) == []


def test_lanes_are_taken_out_and_given_back(drive):
    with drive(4.0) as play:
        play.step()
        right = play.map.get_waypoint(play.ego.get_location()).get_right_lane()
        play.activity.remove_lane(right)
        play.wait(4.0)
        assert in_lane(play, 1) == [] and in_lane(play, 0) and in_lane(play, -1)
        play.activity.restore_lane(1)
        play.step()
        # Farther apart than usual, as the ego drives.
        apart = 15.0 + 2.0 * play.seen.ego.speed
        assert [play.ahead(car) for car in in_lane(play, 1)] == pytest.approx(
            [2 * apart, apart, -apart, -2 * apart], abs=4.0
        )


def test_a_lane_that_the_ego_has_left_is_given_back(drive):
    with drive(6.0) as play:
        play.step()
        play.activity.remove_lane(play.map.get_waypoint(play.ego.get_location()))
        play.activity.remove_lane(play.map.get_waypoint(play.ego.get_location()).get_left_lane())
        play.shift = -LANE_M
        play.until(lambda: play.where(play.ego)[1] < -3.0)
        play.wait(1.0)
        assert in_lane(play, 0) == [] and in_lane(play, -1) == []
        play.activity.restore_lane(0)
        play.step()
        assert len(in_lane(play, 0)) == 4 and in_lane(play, -1) == []


def test_oncoming_cars_are_stopped_and_thinned_out(drive):
    with drive(6.0) as play:
        play.wait(3.0)
        assert oncoming(play)
        play.activity.set_opposite(active=False)
        play.step()
        assert oncoming(play) == []
        play.wait(2.0)
        assert oncoming(play) == []
        play.activity.set_opposite(active=True, spawn_distance=50.0)
        play.wait(0.2)
        assert max(play.ahead(car) for car in oncoming(play)) == pytest.approx(100.0, abs=8.0)
        play.activity.set_opposite(source_distance=60.0)
        known = {car.id for car in oncoming(play)}
        play.until(lambda: any(car.id not in known for car in oncoming(play)))
        (new,) = [car for car in oncoming(play) if car.id not in known]
        assert play.ahead(new) == pytest.approx(60.0, abs=8.0)


def test_speed_cap(drive):
    with drive(6.0) as play:
        play.wait(4.0)
        assert max(speed_of(car) for car in cars(play)) > 10.0
        play.activity.set_max_speed(20.0)
        play.wait(7.0)
        assert max(speed_of(car) for car in cars(play)) < 7.0
        play.activity.set_max_speed(None)
        play.wait(4.0)
        assert max(speed_of(car) for car in cars(play)) > 10.0


def test_front_and_back_are_stopped(drive):
    brake = int(carla.VehicleLightState.Brake)
    with drive(8.0) as play:
        play.activity.leave_space(40.0)
        play.wait(3.0)
        play.activity.stop_front(True)
        play.speed = 0.0
        play.wait(5.0)
        assert ahead_in(play, 0) and all(speed_of(car) < 0.3 for car in ahead_in(play, 0))
        assert all(int(car.get_light_state()) & brake for car in ahead_in(play, 0))
        play.activity.stop_front(False)
        play.activity.stop_back(True)
        play.speed = 8.0
        play.wait(5.0)
        assert max(speed_of(car) for car in ahead_in(play, 0)) > 3.0
        assert all(speed_of(car) < 0.3 for car in behind_in(play, 0) + behind_in(play, 1))
        play.activity.stop_back(False)
        play.wait(3.0)
        assert max(speed_of(car) for car in behind_in(play, 0)) > 3.0


def test_sources_and_numbers(drive):
    with drive(10.0) as play:
        play.activity.leave_space(60.0)
        play.activity.set_route_sources(False)
        play.activity.set_opposite(active=False)
        play.step()
        first = set(play.activity.ids)
        play.activity.change_road(front_vehicles=1, extra_space=30.0)
        play.wait(4.0)
        assert set(play.activity.ids) < first and len(ahead_in(play, 0)) == 1
        play.activity.set_route_sources(True)
        play.activity.change_road(back_vehicles=3, gap=12.0)
        play.until(lambda: len(in_lane(play, 0)) == 4)
        play.activity.pause_spawning(True)
        play.activity.set_opposite(active=True)
        known = set(play.activity.ids)
        play.wait(3.0)
        assert set(play.activity.ids) <= known
        play.activity.pause_spawning(False)
        play.wait(0.5)
        assert oncoming(play)


def test_oncoming_cars_make_room_for_who_crosses(drive):
    with drive(2.0) as play:
        play.until(lambda: any(play.ahead(car) < 30.0 for car in oncoming(play)))
        place = forward(play.map.get_waypoint(play.ego.get_location()), play.ahead(oncoming(play)[0]))
        beside = place
        while beside.lane_id * place.lane_id > 0:
            beside = beside.get_left_lane()
        beside = forward(beside, 0.0)

        def apart(car: carla.Vehicle) -> float:
            return car.get_location().distance(place.get_left_lane().transform.location)

        near = {car.id for car in oncoming(play) if apart(car) < 20.0}
        play.activity.clear_crossing(place)
        play.step()
        assert near and not near & set(play.activity.ids)
        assert all(speed_of(car) < 6.0 for car in oncoming(play) if apart(car) < 29.0)


def test_the_entry_of_the_ego_is_cleared(drive):
    with drive(5.0, lead_m=TO_JUNCTION_M - 60.0) as play:
        play.step()
        play.activity.handle_junction(clear_ego_entry=True)
        play.step()

        def before_junction() -> list[carla.Vehicle]:
            left = 60.0 - play.where(play.ego)[0]
            return [car for lane in (-1, 0, 1) for car in ahead_in(play, lane) if play.ahead(car) < left]

        assert before_junction() == []
        play.wait(6.0)
        assert before_junction() == []
        # Who was behind follows at the ego's speed and does not overtake.
        behind = [behind_in(play, lane) for lane in (-1, 0, 1)]
        assert all(len(lane) == 2 for lane in behind)
        assert all(play.ahead(car) < -5.0 and speed_of(car) < 8.0 for lane in behind for car in lane)


def test_the_junction_stays_clear(drive):
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0) as play:
        play.step()
        play.activity.handle_junction(clear=True, clear_ego_entry=True)
        waiting: set[int] = set()
        while play.seen.time_s < 22.0:
            play.step()
            inside = [car for car in cars(play) if is_inside(play, car) and turn_of(play, car) > 40.0]
            waiting |= {car.id for car in at_junction(play, 180.0) + at_junction(play, -90.0)}
            # Who comes in is gone in the same tick, so nobody is ever far inside.
            assert all(not is_inside_deep(play, car) for car in inside)
        assert len(waiting) > 4


def test_entries_and_exits_are_taken_out(drive):
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0) as play:
        play.activity.change_junctions(share=1.0)
        entry = before_junction(play.map.get_waypoint(play.ego.get_location()))
        opposite = [lane for lane in entries_of(entry) if turn_between(lane, entry) > 135.0]
        side = [lane for lane in entries_of(entry) if 45.0 < turn_between(lane, entry) < 135.0]
        play.wait(3.0)
        assert opposite and side
        own = through_junction(entry, Turn.STRAIGHT)
        play.activity.handle_junction(remove_entries=opposite, remove_exits=[own])
        play.step()
        own_cars = [car for car in ahead_in(play, 0) if play.ahead(car) > 40.0]
        assert own_cars == [] and [car for car in ahead_in(play, 1) if play.ahead(car) > 40.0]
        play.wait(2.0)
        known = {car.id for car in at_junction(play, 180.0) if play.ahead(car) > 50.0}
        assert not known


def test_entries_are_stopped_and_the_exit_is_extended(drive):
    with drive(0.0, lead_m=TO_JUNCTION_M - 22.0) as play:
        play.wait(4.0)
        exit_cars = [play.ahead(car) for car in ahead_in(play, 0) if play.ahead(car) > 60.0]
        play.activity.handle_junction(stop_entries=True, extend_exit=20.0)
        play.wait(2.0)
        moved = [play.ahead(car) for car in ahead_in(play, 0) if play.ahead(car) > 60.0]
        # Others have come meanwhile, and those who were too many are gone.
        assert min(abs(one - before - 20.0) for one in moved for before in exit_cars) < 4.0
        standing = {car.id: play.ahead(car) for car in at_junction(play, 180.0) if play.ahead(car) > 45.0}
        known = set(play.activity.ids)
        play.wait(4.0)
        assert standing
        after = {car.id: play.ahead(car) for car in at_junction(play, 180.0) if car.id in standing}
        assert after == pytest.approx(standing, abs=0.5)
        assert not {car.id for car in at_junction(play, 180.0) if play.ahead(car) > 45.0} - known


def test_quiet_junctions(drive):
    with drive(6.0, lead_m=TO_JUNCTION_M - 50.0) as play:
        own = set(play.activity.ids)
        play.activity.change_junctions(share=0.0)
        play.activity.set_opposite(active=False)
        play.until(lambda: play.where(play.ego)[0] > 25.0)
        play.speed = 0.0
        play.wait(4.0)
        assert all(turn_of(play, car) < 60.0 or car.id in own for car in cars(play) if play.ahead(car) > 30.0)
