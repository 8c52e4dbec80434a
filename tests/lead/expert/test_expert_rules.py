from dataclasses import replace

import numpy as np
import pytest
from staging import AT, Kind, LightState, actor, fact, mirrored, plan_for, road, scene

from lead.expert.config import ExpertConfig, ExpertConfigError, parse_config
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.scene import SceneError, Weather


def test_an_empty_road_is_driven_at_its_limit():
    decision = plan_for(scene()).decision
    assert decision.reason == "free"
    assert decision.speed == pytest.approx(50.0 / 3.6)


def test_a_standing_car_ahead_is_braked_for():
    decision = plan_for(scene(actor(12.0, 0.0))).decision
    assert decision.speed < 7.5
    assert (decision.reason, decision.actor) == ("behind vehicle", 100)
    assert decision.distance == pytest.approx(12.0 - 2.3 - 2.45, abs=0.3)


def test_when_a_stream_is_over_the_ego_slows_down_evenly():
    made = scene(speed=18.0, facts=[fact("SignalizedJunctionRightTurn")], route=road(junction=(-40.0, -10.0)))
    _, memory = drive(made, Memory(), ExpertConfig())
    over = replace(made, facts=(), time_s=0.05, ego=replace(made.ego, speed_limit=8.0))
    assert plan_for(over, memory).decision.speed > 10.5


def test_where_one_may_drive_slower_the_ego_slows_down_evenly():
    fast, memory = scene(speed=20.0), Memory()
    fast = replace(fast, ego=replace(fast.ego, speed_limit=20.0))
    plan, memory = drive(fast, memory, ExpertConfig())
    speeds = [plan.decision.speed]
    for tick in range(1, 101):
        slow = replace(fast, time_s=0.05 * tick, ego=replace(fast.ego, speed_limit=8.0, speed=speeds[-1]))
        plan, memory = drive(slow, memory, ExpertConfig())
        speeds.append(plan.decision.speed)
    assert np.diff(speeds) == pytest.approx(np.clip(np.diff(speeds), -2.51 * 0.05, 0.0))
    assert speeds[-1] == pytest.approx(8.0)


@pytest.mark.parametrize("row", [actor(14.0, -3.5), actor(-10.0, 0.0, 8.0), actor(30.0, 3.5, 8.0, yaw=np.pi)])
def test_others_in_their_lanes_are_no_reason_to_brake(row):
    assert plan_for(scene(row)).decision.reason == "free"


def test_one_who_comes_keeps_to_his_side_but_who_stands_there_is_not_passed_fast():
    comes = actor(25.0, -2.25, 8.0, yaw=np.pi)
    assert plan_for(scene(comes)).decision.reason == "free"
    stands = {**comes, "speed": 0.0}
    assert plan_for(scene(stands)).decision.reason == "behind vehicle"
    squeezes = plan_for(scene({**stands, "x": 6.0}, speed=0.0), Memory(slow_s=10.0, standing_s=10.0))
    assert 0.0 < squeezes.decision.speed < 2.0


def test_red_stops_and_green_does_not():
    stop = plan_for(scene(lights=[(11.0, LightState.RED)])).decision
    assert stop.reason == "red light"
    assert stop.speed < 8.0
    assert plan_for(scene(lights=[(14.0, LightState.GREEN)])).decision.reason == "free"


def test_at_the_red_line_the_ego_stands():
    decision = plan_for(scene(lights=[(4.0, LightState.RED)], speed=0.0)).decision
    assert decision.speed == 0.0


@pytest.mark.parametrize(("beyond_m", "speed", "waits"), [(2.2, 0.0, True), (2.2, 4.0, False), (3.2, 0.0, False)])
def test_who_had_to_stop_with_its_front_beyond_the_line_waits_there_at_red(beyond_m, speed, waits):
    made = scene(lights=[(0.0, LightState.RED)], speed=speed)
    front = plan_for(made).situation.front - made.ego.s
    moved = replace(made.signals, light_s=np.array([made.ego.s + front - beyond_m]))
    assert (plan_for(replace(made, signals=moved)).decision.reason == "red light") == waits


def test_who_has_long_been_held_up_squeezes_past_what_stands_close_beside_its_way():
    made = scene(actor(6.0, 1.65, kind=Kind.OBSTACLE), speed=0.0)
    assert plan_for(made).decision.reason == "behind obstacle"
    decision = plan_for(made, Memory(slow_s=9.0)).decision
    assert (decision.reason, decision.speed) == ("squeezing past obstacle", pytest.approx(1.2))
    moving = replace(made, ego=replace(made.ego, speed=1.1))
    assert drive(moving, Memory(slow_s=9.0), ExpertConfig())[1].slow_s >= 9.0


def test_one_ahead_who_brakes_hard_is_braked_for_at_once():
    lead = actor(22.0, 0.0, 6.0)
    steady = plan_for(scene(lead, speed=13.0)).decision.speed
    assert plan_for(scene({**lead, "acceleration": -8.0}, speed=13.0)).decision.speed < steady - 0.3


def test_a_walker_who_stays_beside_the_way_is_passed_slowly():
    stands = actor(8.0, 1.9, kind=Kind.WALKER, standing_s=1.0, has_moved=True)
    assert plan_for(scene(stands, speed=3.0)).decision.reason == "walker crossing"
    decision = plan_for(scene({**stands, "standing_s": 30.0}, speed=3.0)).decision
    assert decision.reason == "walker at the kerb" and 3.0 < decision.speed <= 5.0
    in_the_way = actor(8.0, 1.3, kind=Kind.WALKER, standing_s=30.0, has_moved=True)
    assert plan_for(scene(in_the_way, speed=3.0)).decision.speed < 3.0


def test_yellow_is_for_those_who_can_stop():
    assert plan_for(scene(lights=[(30.0, LightState.YELLOW)])).decision.reason == "yellow light"
    assert plan_for(scene(lights=[(5.0, LightState.YELLOW)])).decision.reason == "free"


def test_a_light_out_of_the_picture_keeps_the_state_that_was_last_seen():
    far = scene(lights=[(10.0, LightState.RED)])
    _, memory = drive(far, Memory(), ExpertConfig())
    above = replace(far.signals, light_position=np.array([[-1.0, 0.0, 6.0]]), light_state=np.array([0]))
    assert drive(replace(far, signals=above), memory, ExpertConfig())[0].decision.reason == "red light"
    assert drive(replace(far, signals=above), Memory(), ExpertConfig())[0].decision.reason == "free"


def with_light_at(x, made):
    return replace(made, signals=replace(made.signals, light_position=np.array([[x, 3.0, 4.0]])))


@pytest.mark.parametrize(("line_m", "reason"), [(55.0, "red light"), (75.0, "free")])
def test_a_light_beyond_a_wide_junction_is_seen_from_where_its_line_is_near(line_m, reason):
    red = scene(lights=[(line_m, LightState.RED)], speed=12.0)
    assert plan_for(with_light_at(line_m + 45.0, red)).decision.reason == reason


def test_the_ego_stops_where_it_still_sees_a_light_that_stands_before_its_line():
    red = scene(lights=[(9.0, LightState.RED)], speed=0.0)
    assert plan_for(red).decision.speed > 0.0
    here = plan_for(with_light_at(0.3, red)).decision
    assert here.reason == "red light" and here.speed == 0.0
    assert plan_for(with_light_at(0.3, red), visibility=False).decision.speed > 0.0


def test_a_red_light_is_not_believed_for_ever_by_who_cannot_see_it():
    red = scene(lights=[(4.0, LightState.RED)], speed=0.0)
    _, memory = drive(red, Memory(), ExpertConfig())
    long = replace(memory, standing_s=60.0)
    assert drive(red, long, ExpertConfig())[0].decision.reason == "red light"
    behind = with_light_at(-1.0, red)
    assert drive(behind, memory, ExpertConfig())[0].decision.reason == "red light"
    assert drive(behind, long, ExpertConfig())[0].decision.reason == "free"


@pytest.mark.parametrize(("distance", "done", "reason"), [(0.5, {50}, "free"), (1.0, set(), "stop sign")])
def test_a_stop_sign_is_done_after_a_while_of_standing_at_it(distance, done, reason):
    made, memory = scene(stops=[distance], speed=0.0), Memory()
    assert plan_for(made).decision.reason == "stop sign"
    for tick in range(40):
        plan, memory = drive(replace(made, time_s=0.05 * tick), memory, ExpertConfig())
    assert plan.decision.reason == reason
    assert memory.stops_done == done


def test_a_walker_about_to_cross_is_waited_for():
    crossing = actor(15.0, 4.0, 1.4, Kind.WALKER, yaw=-np.pi / 2)
    decision = plan_for(scene(crossing)).decision
    assert decision.reason == "walker crossing"
    assert decision.speed < 8.0
    leaving = actor(15.0, 4.0, 1.4, Kind.WALKER, yaw=np.pi / 2)
    assert plan_for(scene(leaving)).decision.reason != "walker crossing"


def test_a_walker_behind_a_van_is_seen_only_without_the_visibility_rule():
    van = actor(8.0, 3.2, kind=Kind.VEHICLE, extent=(3.0, 1.0, 1.5))
    walker = actor(16.0, 4.5, 1.5, Kind.WALKER, yaw=-np.pi / 2)
    assert plan_for(scene(van, walker)).decision.reason != "walker crossing"
    assert plan_for(scene(van, walker), visibility=False).decision.reason == "walker crossing"


def test_what_went_out_of_sight_counts_for_a_moment():
    walker = actor(16.0, 4.5, 1.5, Kind.WALKER, yaw=-np.pi / 2, id=7)
    van = actor(8.0, 3.2, extent=(3.0, 1.0, 1.5), id=8)
    _, memory = drive(scene(walker), Memory(), ExpertConfig())
    soon, later = (scene(van, walker, time_s=time) for time in (0.5, 3.0))
    assert drive(soon, memory, ExpertConfig())[0].decision.reason == "walker crossing"
    assert drive(later, memory, ExpertConfig())[0].decision.reason != "walker crossing"


def test_a_car_from_the_side_is_given_way():
    decision = plan_for(scene(actor(10.0, 12.0, 8.0, yaw=-np.pi / 2), speed=8.0)).decision
    assert decision.reason == "yielding to vehicle"
    assert decision.speed < 8.0


def test_at_green_those_who_can_still_stop_are_trusted_to():
    made = scene(actor(25.0, 24.0, 8.0, yaw=-np.pi / 2), lights=[(14.0, LightState.GREEN)], speed=6.0)
    assert plan_for(made).decision.reason == "free"


def test_night_and_rain_slow_a_careful_driver():
    night = scene(weather=Weather(sun_altitude_deg=-90.0))
    assert plan_for(night).decision.speed < plan_for(scene()).decision.speed
    assert plan_for(night, uncertainty=False).decision.speed == pytest.approx(50.0 / 3.6)


def test_slow_traffic_tells_how_fast_one_drives_here():
    rows = [actor(60.0, -3.5, 10.0), actor(50.0, -3.5, 10.0)]
    assert plan_for(scene(*rows)).decision.speed == pytest.approx(10.0 / 0.9)
    assert plan_for(scene(*rows), visibility=False).decision.speed == pytest.approx(50.0 / 3.6)


@pytest.mark.parametrize(
    "rows",
    [
        [actor(14.0, 0.3)],
        [actor(15.0, 4.0, 1.4, Kind.WALKER, yaw=-np.pi / 2)],
        [actor(20.0, 18.0, 8.0, yaw=-np.pi / 2), actor(30.0, 1.0, 4.0)],
    ],
)
def test_mirrored_scenes_give_mirrored_plans(rows):
    made = scene(*rows, route=road(right=1))
    plan, other = plan_for(made), plan_for(mirrored(made))
    assert other.decision.reason == plan.decision.reason
    assert other.decision.speed == pytest.approx(plan.decision.speed, abs=1e-9)
    assert other.path == pytest.approx(plan.path * (1.0, -1.0))


def test_a_scene_whose_arrays_do_not_fit_is_refused():
    made = scene(actor(10.0, 0.0))
    with pytest.raises(SceneError, match=r"actors\.yaw must have shape \(1,\), not \(2,\)"):
        replace(made, actors=replace(made.actors, yaw=np.zeros(2)))
    with pytest.raises(SceneError, match=r"actors\.centre must be finite"):
        replace(made, actors=replace(made.actors, centre=np.full((1, 3), np.nan)))


def test_settings_come_from_a_line_of_text():
    config = parse_config("visibility=false, max_speed=15")
    assert (config.visibility, config.uncertainty, config.max_speed) == (False, True, 15.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("visibilty=false", "did you mean visibility"),
        ("intent=no", "intent must be true or false"),
        ("max_speed=fast", "max_speed must be a number"),
        ("max_speed=0", "max_speed must be above zero"),
    ],
)
def test_wrong_settings_are_refused(text, message):
    with pytest.raises(ExpertConfigError, match=message):
        parse_config(text)


def test_the_ego_is_where_the_route_says():
    assert plan_for(scene()).path[0] == pytest.approx((0.0, 0.0), abs=1e-6)
    assert scene().ego.s == AT


@pytest.mark.parametrize(
    ("behind", "moves_up"),
    [
        (None, False),
        (actor(-15.0, 0.0, 9.0, acceleration=-3.4), True),
        (actor(-15.0, 0.0, 9.0, acceleration=-5.0), False),
        (actor(-15.0, 3.5, 9.0, acceleration=-3.4), False),
        (actor(-25.0, 0.0, 9.0, acceleration=-3.4), False),
    ],
)
def test_it_moves_up_when_somebody_behind_will_not_stop_in_time(behind, moves_up: bool):
    leader = actor(2.5 + 4.0 + 2.3, 0.0)
    rows = [leader] if behind is None else [leader, behind]
    assert (plan_for(scene(*rows, speed=0.0)).decision.speed > 0.5) == moves_up
    closer = actor(2.5 + 1.4 + 2.3, 0.0)
    assert plan_for(scene(closer, *rows[1:], speed=0.0)).decision.speed == 0.0
