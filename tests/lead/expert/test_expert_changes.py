"""Lane changes of the plan: closed loop on hand-made scenes, the ego on rails along the way that it plans."""

from dataclasses import replace

import numpy as np
import pytest
from staging import AT, Neighbour, actor, plan_for, road, scene

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.path import smooth
from lead.expert.strategies.blockage import lane_is_free
from lead.geometry import footprint, footprints_overlap

DT = 0.05
CHANGE_M, LANE_M = 25.0, 3.5


def to_the_left(places=(CHANGE_M,), back_m=None, ends_m=None):
    """A road whose plan changes one lane to the left at each place, and back to the right at `back_m`; the lanes to the
    right of the plan end at `ends_m`.
    """
    base = road(left=Neighbour.SAME, right=Neighbour.SAME)
    x = base.points[:, 0]
    moves = [(place, -1) for place in places] + ([(back_m, 1)] if back_m is not None else [])
    y = sum(LANE_M * side * smooth((x - place + 12.0) / 24.0) for place, side in moves)
    lane = sum(side * (x >= place).astype(np.int64) for place, side in moves)
    right = np.where(x >= (1000.0 if ends_m is None else ends_m), Neighbour.NONE, Neighbour.SAME)
    points = np.column_stack([x, y, np.zeros(len(x))])
    return replace(base, points=points, yaw=np.arctan2(np.gradient(y), np.gradient(x)), lane=lane, right=right)


def stream(time_s, speed, births, y=-LANE_M):
    """Cars in the lane at the left that brake for nobody; each was born 60 m behind where the ego starts."""
    return [
        actor(speed * (time_s - born) - 60.0, y, speed, id=n + 1)
        for n, born in enumerate(births)
        if -60.0 <= speed * (time_s - born) - 60.0 < 160.0
    ]


def go(route, speed, births, seconds=14.0, start=8.0, tail_m=None):
    """Drive: places (t, 2) of the ego, and whether it touched anybody; one follows it `tail_m` behind."""
    memory, place, v, s, driven = Memory(), np.zeros(2), start, AT, []
    for tick in range(int(seconds / DT)):
        cars = stream(tick * DT, speed, births)
        if tail_m is not None:
            cars.append(actor(place[0] - tail_m, 0.0, v, id=99))
        ahead = np.interp(s + 1.0, route.s, route.points[:, 1]) - np.interp(s, route.s, route.points[:, 1])
        made = scene(*cars, speed=v, route=route, time_s=tick * DT)
        made = replace(made, ego=replace(made.ego, position=np.array([*place, 0.0]), s=s, yaw=float(np.arctan(ahead))))
        plan, memory = drive(made, memory, ExpertConfig())
        v = float(np.clip(plan.decision.speed, max(v - 8.0 * DT, 0.0), v + 4.0 * DT))
        s += v * DT
        place = np.array([s - AT, np.interp(s - AT, plan.path[:, 0], plan.path[:, 1])])
        driven.append(place)
        ego = footprint(tuple(place), 0.0, (2.45, 1.06))
        if any(footprints_overlap(ego, footprint((car["x"], car["y"]), 0.0, (2.3, 1.0))) for car in cars):
            return np.array(driven), True
        if s - AT > 100.0:
            break
    return np.array(driven), False


def side_at(driven, x):
    return float(np.interp(x, driven[:, 0], driven[:, 1]))


def test_into_a_free_lane_it_changes_where_the_plan_does():
    driven, touched = go(to_the_left(), 10.0, ())
    assert not touched
    assert side_at(driven, CHANGE_M) == pytest.approx(-0.5 * LANE_M, abs=0.1)
    assert side_at(driven, CHANGE_M + 12.0) == pytest.approx(-LANE_M, abs=0.1)


def test_it_lets_one_who_comes_fast_from_behind_pass_before_it_changes():
    # The car is beside the ego when the plan crosses over.
    driven, touched = go(to_the_left(), 18.0, (-2.4,))
    assert not touched
    assert side_at(driven, CHANGE_M) == pytest.approx(0.0, abs=0.3)


def test_lanes_that_lead_through_a_junction_are_changed_as_others_are():
    route = to_the_left()
    inside = replace(route, in_junction=(route.points[:, 0] > 15.0) & (route.points[:, 0] < 70.0))
    driven, touched = go(inside, 18.0, (-2.4,))
    assert not touched
    assert side_at(driven, CHANGE_M) == pytest.approx(0.0, abs=0.3)
    assert side_at(driven, driven[-1, 0]) == pytest.approx(-LANE_M, abs=0.1)


@pytest.mark.parametrize("speed", [6.0, 9.0, 12.0, 18.0])
@pytest.mark.parametrize("first", [-4.0, -2.0, -0.5, 1.0])
def test_it_touches_nobody_of_a_row_of_cars_that_do_not_brake(speed, first):
    births = first + np.array([0.0, 1.2, 2.4, 3.6])
    driven, touched = go(to_the_left(ends_m=90.0), speed, births, seconds=25.0)
    assert not touched
    assert side_at(driven, 95.0) == pytest.approx(-LANE_M, abs=0.2)


def test_where_its_lane_ends_it_stops_until_there_is_a_gap():
    driven, touched = go(to_the_left(ends_m=60.0), 12.0, np.arange(-5.0, 8.0, 1.0), seconds=25.0)
    assert not touched
    assert np.abs(driven[driven[:, 0] > 60.0][:, 1] + LANE_M).max() < 0.5
    assert np.diff(driven[:, 0]).min() < 0.01
    assert driven[-1, 0] > 95.0


def test_two_lanes_are_changed_one_after_the_other():
    driven, touched = go(to_the_left((30.0, 50.0)), 16.0, (-1.0, 0.0), seconds=20.0)
    assert not touched
    assert side_at(driven, 98.0) == pytest.approx(-2.0 * LANE_M, abs=0.2)


def test_the_second_change_is_not_driven_while_the_first_one_waits():
    """The lane in between is taken, the one beyond it is free."""
    memory, route = Memory(), to_the_left((20.0, 70.0))
    for x in (5.0, 45.0):
        made = scene(actor(x, -LANE_M, 8.0), route=route, time_s=x / 8.0)
        made = replace(made, ego=replace(made.ego, position=np.array([x, 0.0, 0.0]), s=AT + x))
        _, memory = drive(made, memory, ExpertConfig())
    assert [one.driven for one in memory.changes] == [None, None]


def test_a_change_that_is_late_looks_into_its_own_lane():
    """The plan is two lanes to the left already; the ego waits in its lane for one beside it."""
    memory, route = Memory(), to_the_left((20.0, 45.0))
    for x in (5.0, 65.0):
        made = scene(actor(x, -LANE_M, 8.0), route=route, time_s=x / 8.0)
        made = replace(made, ego=replace(made.ego, position=np.array([x, 0.0, 0.0]), s=AT + x))
        _, memory = drive(made, memory, ExpertConfig())
    assert [one.driven for one in memory.changes] == [None, None]


def test_if_the_plan_comes_back_it_stays_where_the_other_lane_is_taken():
    births = np.arange(-8.0, 10.0, 0.8)
    driven, touched = go(to_the_left(back_m=60.0), 9.0, births, tail_m=6.0)
    assert not touched
    assert np.abs(driven[:, 1]).max() < 0.4
    assert driven[-1, 0] > 80.0


def test_a_change_hardly_begun_is_given_up_for_one_who_comes():
    route = to_the_left()
    _, memory = drive(scene(route=route), Memory(), ExpertConfig())
    made = scene(route=route, time_s=1.0)
    begun = replace(made, ego=replace(made.ego, position=np.array([15.0, -0.1, 0.0]), s=AT + 15.0))
    _, memory = drive(begun, memory, ExpertConfig())
    assert memory.changes[0].driven is not None
    comes = replace(begun, actors=scene(actor(3.0, -LANE_M, 16.0)).actors)
    plan, later = drive(comes, memory, ExpertConfig())
    assert later.changes[0].driven is None
    assert abs(plan.path[-1][1]) < 0.1


def test_on_a_road_without_changes_nothing_is_remembered():
    _, memory = drive(scene(actor(-10.0, -LANE_M, 16.0)), Memory(), ExpertConfig())
    assert memory.changes == ()
    assert plan_for(scene(actor(-10.0, -LANE_M, 16.0))).decision.reason == "free"


def test_after_long_waiting_it_goes_on_going():
    beside = actor(0.0, -LANE_M, 0.0)
    made = scene(beside, speed=0.0, route=to_the_left((10.0,)))
    _, memory = drive(made, Memory(), ExpertConfig())
    assert memory.changes[0].driven is None
    for tick in range(3):
        _, memory = drive(replace(made, time_s=0.05 * tick), replace(memory, slow_s=30.0), ExpertConfig())
        assert memory.changes[0].driven is not None


def test_what_it_began_after_long_waiting_it_does_not_give_up_after_its_first_move():
    beside = actor(0.0, -LANE_M, 0.0)
    made = scene(beside, speed=0.0, route=to_the_left((10.0,)))
    _, memory = drive(made, Memory(), ExpertConfig())
    _, memory = drive(made, replace(memory, slow_s=30.0), ExpertConfig())
    for tick in range(3):
        _, memory = drive(replace(made, time_s=0.05 * tick), replace(memory, slow_s=0.0), ExpertConfig())
        assert memory.changes[0].driven is not None


@pytest.mark.parametrize(
    ("waited_s", "x", "goes"), [(10.0, -14.0, False), (30.0, -14.0, True), (30.0, -2.0, False), (95.0, -2.0, True)]
)
def test_it_presses_into_moving_traffic_where_that_can_stop_and_at_last_anywhere(waited_s, x, goes):
    made = scene(actor(x, -LANE_M, 8.0), speed=0.0, route=to_the_left((10.0,)))
    _, memory = drive(made, Memory(), ExpertConfig())
    _, memory = drive(made, replace(memory, slow_s=waited_s), ExpertConfig())
    assert (memory.changes[0].driven is not None) == goes


def test_it_slows_down_in_time_where_several_changes_have_little_room():
    slowed, touched = go(to_the_left((30.0, 50.0, 70.0), ends_m=80.0), 8.0, (), seconds=6.0, start=15.0)
    freely, _ = go(to_the_left((30.0,), ends_m=80.0), 8.0, (), seconds=6.0, start=15.0)
    assert not touched
    at = 40
    assert slowed[at, 0] - slowed[at - 1, 0] < 0.8 * (freely[at, 0] - freely[at - 1, 0])


@pytest.mark.parametrize(
    ("ahead", "waited_s", "stops"), [(2.2, 0.0, True), (-1.0, 0.0, False), (2.2, 40.0, True), (2.2, 100.0, False)]
)
def test_in_a_queue_it_does_not_turn_into_who_is_beside_its_front(ahead, waited_s, stops):
    route = to_the_left((8.0,))
    y, yaw = (float(np.interp(0.0, route.points[:, 0], column)) for column in (route.points[:, 1], route.yaw))
    made = scene(actor(ahead, y - 2.5, 0.7), speed=1.0, route=route, y=y, yaw=yaw)
    _, memory = drive(made, Memory(), ExpertConfig())
    changes = tuple(replace(one, driven=one.planned, pressed=True) for one in memory.changes)
    plan, _ = drive(made, replace(memory, slow_s=waited_s, changes=changes), ExpertConfig())
    assert any(wish.reason == "beside vehicle" for wish in plan.wishes) == stops


@pytest.mark.parametrize(("ahead", "standing_s", "aside", "waited_s", "lets"), [
    (-1.2, 0.0, 2.45, 0.0, True), (-1.2, 5.0, 2.45, 0.0, False), (-1.2, 0.0, 3.5, 0.0, False),
    (-1.2, 0.0, 2.45, 40.0, True), (-2.6, 0.0, 2.45, 0.0, True), (-2.6, 0.0, 2.45, 40.0, False),
    (-1.2, 0.0, 2.45, 100.0, False),
])  # fmt: skip
def test_in_a_queue_it_does_not_move_over_before_who_is_going_by(ahead, standing_s, aside, waited_s, lets):
    route = to_the_left((8.0,))
    y, yaw = (float(np.interp(0.0, route.points[:, 0], column)) for column in (route.points[:, 1], route.yaw))
    made = scene(actor(ahead, y - aside, 1.5, standing_s=standing_s), speed=0.5, route=route, y=y, yaw=yaw)
    _, memory = drive(made, Memory(), ExpertConfig())
    changes = tuple(replace(one, driven=one.planned, pressed=True) for one in memory.changes)
    plan, _ = drive(made, replace(memory, slow_s=waited_s, changes=changes), ExpertConfig())
    assert any(wish.reason == "letting vehicle by" for wish in plan.wishes) == lets


@pytest.mark.parametrize(("standing_s", "stops"), [(0.0, True), (5.0, False)])
def test_it_waits_for_one_who_pushes_in_so_close_that_he_nearly_touches(standing_s, stops):
    made = scene(actor(0.6, -2.35, 0.2, yaw=0.3, standing_s=standing_s), speed=0.0)
    plan, _ = drive(made, Memory(), ExpertConfig())
    assert any(wish.reason == "beside vehicle" for wish in plan.wishes) == stops


@pytest.mark.parametrize(
    ("x", "speed", "free"),
    [(2.0, 0.0, True), (2.0, 6.0, False), (-20.0, 0.0, False), (-28.0, 0.0, True)],
    ids=["gone at once", "beside for long", "would have to brake hard", "far enough behind"],
)
def test_from_a_long_stand_it_starts_into_a_fast_stream_where_nobody_has_to_brake_hard(x, speed, free):
    made = scene(actor(x, -LANE_M, 14.0), speed=speed)
    situation = plan_for(made, Memory(slow_s=30.0, standing_s=30.0)).situation
    assert lane_is_free(situation, -LANE_M) == free
