from dataclasses import replace

import numpy as np
import pytest
from staging import AT, Kind, LightState, Neighbour, actor, fact, plan_for, road, scene

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.scene import SceneError
from lead.expert.scene_log import load_scenes, save_scenes
from lead.expert.strategies import STRATEGIES
from lead.expert.strategies.overtaking import travel_time

WRECK = actor(25.0, 0.5, id=1)
LANE_M = 3.5


def step(made, memory=None):
    return drive(made, memory or Memory(), ExpertConfig())


@pytest.mark.parametrize("kind", ["Accident", "ParkedObstacle", "ConstructionObstacle"])
def test_an_obstacle_is_passed_over_the_free_lane(kind):
    _, memory = step(scene(WRECK, facts=[fact(kind, 1)]))
    (shift,) = memory.shifts
    assert shift.offset == pytest.approx(-LANE_M, rel=0.1)
    assert shift.start < 100.0 + 25.0 - 2.3 and shift.end > 100.0 + 25.0 + 2.3


def test_a_taken_lane_is_waited_for():
    beside = actor(0.0, -3.5, 8.0, id=2)
    plan, memory = step(scene(replace_x(WRECK, 16.0), beside, facts=[fact("Accident", 1)]))
    assert not memory.shifts
    assert "waiting for a free lane" in [wish.reason for wish in plan.wishes]


def test_who_comes_fast_from_behind_is_let_by():
    fast = actor(-25.0, -3.5, 20.0, id=2)
    assert step(scene(WRECK, fast, facts=[fact("Accident", 1)]))[1].shifts == ()


def replace_x(row, x):
    return {**row, "x": x}


ONE_LANE = road(left=Neighbour.ONCOMING)


def test_overtaking_waits_for_a_gap_and_then_goes():
    oncoming = actor(60.0, -3.5, 10.0, yaw=np.pi, id=2)
    facts = [fact("ParkedObstacleTwoWays", 1)]
    plan, memory = step(scene(WRECK, oncoming, facts=facts, route=ONE_LANE, speed=3.0))
    assert memory.shifts == ()
    assert "waiting for a gap" in [wish.reason for wish in plan.wishes]
    plan, memory = step(scene(WRECK, facts=facts, route=ONE_LANE, speed=3.0))
    assert memory.shifts[0].offset < -1.5
    assert plan.decision.reason == "overtaking"


def test_the_way_leads_back_behind_the_last_obstacle_even_if_it_is_seen_late():
    facts = [fact("Accident", 1, 2)]
    _, memory = step(scene(WRECK, facts=facts))
    second = actor(35.0, 0.5, id=2)
    _, later = step(scene(WRECK, second, facts=facts), memory)
    assert later.shifts[0].end == pytest.approx(memory.shifts[0].end + 10.0)


def test_what_is_hidden_by_the_first_obstacle_when_the_gap_comes_is_kept_clear_of():
    sign, cone = actor(25.0, 0.0, id=1, extent=(1.2, 1.4, 1.0)), actor(30.0, -1.6, kind=Kind.OBSTACLE, id=2)
    comes = actor(50.0, -3.5, 10.0, yaw=np.pi, id=3)
    facts = [fact("ConstructionObstacleTwoWays", 1, 2)]
    _, memory = step(scene(sign, cone, comes, facts=facts, route=ONE_LANE, speed=3.0))
    assert memory.shifts == ()
    _, memory = step(scene(sign, facts=facts, route=ONE_LANE, speed=3.0), memory)
    assert memory.shifts[0].offset < -1.6 - 0.4 - 1.06 - 0.5


def test_the_way_gets_wider_when_more_of_the_obstacle_comes_into_sight():
    sign, cone = actor(25.0, 0.0, id=1, extent=(1.2, 1.4, 1.0)), actor(30.0, -1.6, kind=Kind.OBSTACLE, id=2)
    facts = [fact("ConstructionObstacleTwoWays", 1, 2)]
    _, memory = step(scene(sign, facts=facts, route=ONE_LANE, speed=3.0))
    narrow = memory.shifts[0].offset
    for _ in range(20):
        _, memory = step(scene(sign, cone, facts=facts, route=ONE_LANE, speed=3.0), memory)
    assert memory.shifts[0].offset == pytest.approx(narrow - 0.6, abs=0.05)


def test_beside_the_obstacle_it_makes_room_for_one_who_comes_and_no_more_than_that():
    facts, wreck = [fact("AccidentTwoWays", 1)], actor(25.0, 0.9, id=1)
    _, memory = step(scene(wreck, facts=facts, route=ONE_LANE, speed=3.0))
    wide = memory.shifts[0].offset
    beside = scene(wreck, actor(55.0, -4.1, 8.0, yaw=np.pi, id=2), facts=facts, route=ONE_LANE)
    beside = replace(beside, ego=replace(beside.ego, position=np.array([25.0, wide, 0.0]), s=125.0))
    for _ in range(20):
        _, memory = step(beside, memory)
    their_right = -4.1 + beside.actors.extent[1, 1]
    assert memory.shifts[0].offset - beside.ego.half_width == pytest.approx(their_right + 0.35)
    assert memory.shifts[0].offset > wide + 0.1
    for y, offset in ((-5.5, wide), (-3.4, wide + 0.3)):
        moved = replace(beside.actors, centre=np.array([[25.0, 0.9, 0.0], [55.0, y, 0.0]]))
        for _ in range(20):
            _, memory = step(replace(beside, actors=moved), memory)
        assert memory.shifts[0].offset == pytest.approx(offset)


def test_past_the_obstacle_the_ego_comes_back_at_once_when_somebody_comes():
    facts, memory = [fact("ParkedObstacleTwoWays", 1)], Memory()
    _, memory = step(scene(WRECK, facts=facts, route=ONE_LANE, speed=3.0))
    planned = memory.shifts[0].end
    beside = scene(WRECK, actor(70.0, -3.5, 8.0, yaw=np.pi, id=2), facts=facts, route=ONE_LANE)
    passed = replace(beside, ego=replace(beside.ego, position=np.array([31.5, -2.0, 0.0]), s=131.5))
    _, later = step(passed, memory)
    assert later.shifts[0].end == pytest.approx(min(131.5, planned))
    assert later.shifts[0].ramp_out < memory.shifts[0].ramp_out


def test_nothing_is_overtaken_without_room_to_come_back():
    facts = [fact("ParkedObstacleTwoWays", 1)]
    queue = actor(35.0, 0.0, 0.0, id=2)
    assert step(scene(WRECK, queue, facts=facts, route=ONE_LANE, speed=3.0))[1].shifts == ()
    goes = {**queue, "speed": 9.0}
    assert step(scene(WRECK, goes, facts=facts, route=ONE_LANE, speed=3.0))[1].shifts != ()


def test_who_waits_half_in_the_other_lane_goes_back_into_its_own_as_far_as_there_is_room():
    facts = [fact("ParkedObstacleTwoWays", 1)]
    comes = actor(40.0, -3.5, 8.0, yaw=np.pi, id=2)
    aside = scene(replace_x(WRECK, 14.0), comes, facts=facts, route=ONE_LANE, speed=0.5, y=-0.8)
    plan, memory = step(aside)
    assert memory.shifts == () and 0.5 < plan.decision.speed <= 1.5
    close = scene(replace_x(WRECK, 7.0), comes, facts=facts, route=ONE_LANE, speed=0.5, y=-0.8)
    assert step(close)[0].decision.speed == 0.0


def test_it_starts_while_one_goes_by_only_from_a_stand_in_its_own_lane():
    facts = [fact("ParkedObstacleTwoWays", 1)]
    by = actor(5.0, -3.5, 8.0, yaw=np.pi, id=2)
    assert step(scene(WRECK, by, facts=facts, route=ONE_LANE, speed=0.0))[1].shifts != ()
    assert step(scene(WRECK, by, facts=facts, route=ONE_LANE, speed=0.0, y=-0.8))[1].shifts == ()
    assert step(scene(WRECK, by, facts=facts, route=ONE_LANE, speed=3.0))[1].shifts == ()


def test_who_has_long_waited_comes_back_into_a_short_gap_and_over_a_short_way():
    facts = [fact("ParkedObstacleTwoWays", 1)]
    made = scene(WRECK, actor(42.0, 0.0, 0.0, id=2), facts=facts, route=ONE_LANE, speed=0.0)
    assert step(made)[1].shifts == ()
    (shift,) = step(made, Memory(standing_s=30.0))[1].shifts
    assert shift.finish + 2.45 <= 100.0 + 42.0 - 2.3


def test_an_overtaking_hardly_begun_is_given_up_for_one_who_was_out_of_sight():
    bicycle = actor(25.0, 0.8, 2.0, kind=Kind.BICYCLE, id=1)
    hazard = fact("HazardAtSideLaneTwoWays", 1)
    _, memory = step(scene(bicycle, facts=[hazard], route=ONE_LANE, speed=3.0))
    assert memory.notes[hazard.name].phase == "passing"
    comes = actor(62.0, -3.5, 11.0, yaw=np.pi, id=2)
    before = scene(replace_x(bicycle, 13.0), comes, facts=[hazard], route=ONE_LANE, speed=9.0)
    plan, later = step(before, memory)
    assert later.notes[hazard.name].phase == "approach"
    assert np.abs(plan.path[:, 1]).max() < 0.01
    plan, _ = step(before, later)
    assert (plan.decision.reason, plan.decision.speed) == ("waiting for a gap", 0.0)
    beside = scene(replace_x(bicycle, 2.0), comes, facts=[hazard], route=ONE_LANE, speed=9.0)
    assert step(beside, memory)[1].notes[hazard.name].phase == "passing"


def test_an_emergency_vehicle_from_behind_makes_the_ego_change_lanes():
    police = actor(-60.0, 0.0, 25.0, id=1, is_emergency=True)
    _, memory = step(scene(police, facts=[fact("YieldToEmergencyVehicle", 1)]))
    assert memory.shifts[0].offset == pytest.approx(-LANE_M)
    passed = actor(20.0, 0.0, 25.0, id=1, is_emergency=True)
    _, later = step(scene(passed, facts=[fact("YieldToEmergencyVehicle", 1)]), memory)
    assert later.shifts[0].end == memory.shifts[0].end


def test_a_car_that_pulls_out_is_let_in():
    car = actor(12.0, 2.4, 2.0, yaw=-0.4, id=1)
    decision = step(scene(car, facts=[fact("ParkingCutIn", 1)]))[0].decision
    assert (decision.speed, decision.actor) == (0.0, 1)


def test_cones_in_a_bend_make_the_ego_keep_right():
    cones = [actor(10.0 + 5.0 * n, -1.8, kind=Kind.OBSTACLE, id=n) for n in range(1, 5)]
    made = scene(*cones, facts=[fact("InvadingTurn", 1, 2, 3, 4, offset=0.25)])
    assert step(made)[1].shifts[0].offset > 0.3


def test_who_has_kept_right_in_a_bend_is_back_before_the_next_junction():
    cones = [actor(10.0 + 5.0 * n, -1.8, kind=Kind.OBSTACLE, id=n) for n in range(1, 5)]
    made = scene(*cones, facts=[fact("InvadingTurn", 1, 2, 3, 4)], route=road(junction=(48.0, 60.0)))
    assert step(made)[1].shifts[0].finish <= 100.0 + 48.0


def test_every_strategy_has_nothing_to_say_of_an_empty_road():
    for kind in STRATEGIES:
        plan, memory = step(scene(facts=[fact(kind, 1, 2)]))
        assert memory.shifts == ()
        assert plan.decision.reason == "free"


def to_the_right(route, x):
    """The route, which changes to the lane at its right at x."""
    there = route.points[:, 0] >= x
    return replace(route, points=route.points + there[:, None] * (0.0, 3.5, 0.0), lane=there.astype(np.int64))


def test_an_emergency_vehicle_is_let_pass_on_the_side_where_the_route_goes_on():
    siren = actor(-40.0, 0.0, 15.0, id=1, is_emergency=True)
    made = scene(
        siren, facts=[fact("YieldToEmergencyVehicle", 1)], route=to_the_right(road(right=Neighbour.SAME), 60.0)
    )
    made = replace(made, targets=np.array([(-20.0, 0.0), (40.0, 0.0), (80.0, 3.5)]))
    assert drive(made, Memory(), ExpertConfig())[1].shifts[0].offset > 0.0
    assert drive(made, Memory(), ExpertConfig(intent=False))[1].shifts[0].offset < 0.0


def test_with_two_free_lanes_the_target_points_decide_if_they_are_heeded():
    made = scene(WRECK, facts=[fact("Accident", 1)], route=to_the_right(road(right=Neighbour.SAME), 60.0))
    made = replace(made, targets=np.array([(-20.0, 0.0), (40.0, 0.0), (80.0, 3.5)]))
    assert drive(made, Memory(), ExpertConfig())[1].shifts[0].offset > 0.0
    assert drive(made, Memory(), ExpertConfig(intent=False))[1].shifts[0].offset < 0.0


def test_travel_time_is_that_of_a_constant_acceleration():
    assert travel_time(0.0, 10.0, 2.0, 25.0) == pytest.approx(5.0)
    assert travel_time(0.0, 10.0, 2.0, 45.0) == pytest.approx(7.0)
    assert travel_time(5.0, 10.0, 3.0, 0.0) == 0.0


def test_a_scene_from_a_file_is_planned_alike(tmp_path):
    made = scene(WRECK, facts=[fact("Accident", 1, distance=50.0, direction="right")])
    save_scenes([made], tmp_path / "scene.npz")
    (again,) = load_scenes(tmp_path / "scene.npz")
    assert again.facts == made.facts
    assert step(again)[1].shifts == step(made)[1].shifts
    assert (tmp_path / "scene.npz").stat().st_size < 20_000


def test_a_file_that_is_no_scene_is_refused_by_name(tmp_path):
    file = tmp_path / "other.npz"
    np.savez(file, other=np.zeros(3))
    with pytest.raises(SceneError, match=r"other\.npz is no log of scenes"):
        load_scenes(file)


def test_an_obstacle_between_two_free_lanes_is_passed_on_the_side_that_is_told():
    both = road(right=Neighbour.SAME)
    _, memory = step(scene(WRECK, facts=[fact("Accident", 1, direction="left")], route=both))
    assert memory.shifts[0].offset > 0.0
    assert replace(memory.shifts[0], offset=0.0).at(np.array([130.0])) == pytest.approx([0.0])


def test_it_leaves_a_parking_place_only_when_nobody_comes():
    parked = fact("ParkingExit")
    comes = actor(-7.0, 0.0, 7.5)
    assert plan_for(scene(comes, y=3.2, speed=0.0, facts=[parked])).decision.speed == 0.0
    far = actor(-40.0, 0.0, 7.5)
    assert plan_for(scene(far, y=3.2, speed=0.0, facts=[parked])).decision.speed > 1.0


def test_in_a_stream_it_is_as_fast_as_the_stream():
    flow = actor(-30.0, -3.5, 15.0, id=1)
    entering = fact("EnterActorFlow", 1)
    assert plan_for(scene(flow, speed=8.0, facts=[entering])).decision.speed == pytest.approx(15.0)


def test_it_speeds_up_from_one_who_comes_up_close_behind():
    chaser = actor(-9.0, 0.0, 13.0)
    turning = fact("SignalizedJunctionRightTurn")
    assert plan_for(scene(chaser, speed=9.0, facts=[turning])).decision.speed == pytest.approx(18.0)


def test_halfway_in_the_lane_of_another_it_does_not_stop():
    comes = actor(-8.0, -4.0, 14.0, yaw=0.35)
    assert plan_for(scene(comes, speed=6.0, facts=[fact("EnterActorFlow")])).decision.speed > 6.0
    beside = actor(2.0, -3.5, 9.0, yaw=0.25)
    assert plan_for(scene(beside, speed=6.0, facts=[fact("EnterActorFlow")])).decision.speed < 6.0


def test_traffic_that_comes_is_no_part_of_what_has_to_be_passed():
    comes = actor(60.0, -0.5, 8.0, yaw=np.pi, id=2)
    accident = fact("AccidentTwoWays", 1, 2)
    _, memory = step(scene(WRECK, comes, facts=[accident], route=road(left=Neighbour.ONCOMING)))
    assert memory.notes[accident.name].last == pytest.approx(100.0 + 25.0 + 2.3, abs=0.5)


@pytest.mark.parametrize("kind", ["BadParkingObstacle", "CustomObstacle", "PermutedConstructionObstacle"])
def test_obstacles_that_nobody_trained_on_are_passed_like_others(kind):
    _, memory = step(scene(WRECK, facts=[fact(kind, 1)]))
    assert memory.shifts[0].offset < -3.0


def test_an_obstacle_that_reaches_into_the_next_lane_is_passed_at_its_far_side():
    plank = actor(25.0, -0.4, kind=Kind.OBSTACLE, extent=(0.4, 2.4, 0.5), id=1)
    _, memory = step(scene(plank, facts=[fact("CustomObstacle", 1)]))
    assert memory.shifts[0].offset < -2.8 - 1.06 - 0.35


def test_a_walker_of_a_scenario_is_waited_for_and_not_passed():
    walker = actor(25.0, 0.5, 1.0, kind=Kind.WALKER, yaw=np.pi / 2, id=1)
    _, memory = step(scene(walker, facts=[fact("ConstructionObstaclePedestrian", 1)]))
    assert memory.shifts == ()


@pytest.mark.parametrize(
    ("waited_s", "beside", "light", "passes"),
    [
        (25.0, actor(30.0, 3.5, 10.0), (), True),
        (5.0, actor(30.0, 3.5, 10.0), (), False),
        (25.0, actor(30.0, 3.5, 0.0), (), False),
        (25.0, actor(30.0, 3.5, 10.0), [(40.0, LightState.RED)], False),
    ],
)
def test_a_queue_that_does_not_go_on_is_passed_where_others_go_by(waited_s, beside, light, passes):
    queue = [actor(8.0 + 8.0 * n, 0.0, standing_s=30.0) for n in range(2)]
    made = scene(*queue, beside, speed=0.0, lights=light, route=road(left=Neighbour.NONE, right=Neighbour.SAME))
    plan, memory = drive(made, Memory(slow_s=waited_s, standing_s=waited_s), ExpertConfig())
    assert bool(memory.shifts) == passes
    if passes:
        (shift,) = memory.shifts
        assert shift.offset == pytest.approx(3.5) and shift.end > AT + 16.0
        plan, later = drive(replace(made, time_s=0.05), memory, ExpertConfig())
        assert later.shifts and plan.decision.speed > 0.0
