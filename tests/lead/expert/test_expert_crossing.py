"""Closed loop on hand-made scenes: the ego crosses a flow of cars that yield to nobody."""

from dataclasses import replace

import numpy as np
import pytest
from staging import AT, actor, fact, road, scene

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M
from lead.geometry import footprint, footprints_overlap

DT = 0.05
CROSSING_M = 30.0  # where the flow crosses, ahead of where the ego starts
START_M, LAST_M = -70.0, 40.0  # of a car's way, relative to the ego's lane


def flow_at(time_s, speed, births):
    """Cars that come from the left; each was born at `START_M` at its time."""
    rows = []
    for number, born in enumerate(births):
        y = START_M + speed * (time_s - born)
        if START_M <= y < LAST_M:
            lane = np.stack([np.full(LANE_POINTS, CROSSING_M), y + LANE_SPACING_M * np.arange(LANE_POINTS)], axis=1)
            rows.append((number, y, lane))
    return rows


def cross(speed, gaps, seed, limit_s=60.0):
    """Drive until 20 m past the flow: seconds needed, and whether anybody was touched."""
    rng = np.random.default_rng(seed)
    births = np.cumsum(rng.uniform(gaps[0], gaps[1], 80)) / speed - 8.0
    memory, x, v = Memory(), 0.0, 8.0
    base = road(junction=(CROSSING_M - 8.0, CROSSING_M + 8.0))
    for tick in range(int(limit_s / DT)):
        time_s = tick * DT
        cars = flow_at(time_s, speed, births)
        rows = [actor(CROSSING_M, y, speed, yaw=np.pi / 2, id=number + 1, lane=lane) for number, y, lane in cars]
        made = scene(*rows, speed=v, route=base, time_s=time_s, facts=[fact("NonSignalizedJunctionLeftTurn")])
        made = replace(made, ego=replace(made.ego, position=np.array([x, 0.0, 0.0]), s=AT + x))
        plan, memory = drive(made, memory, ExpertConfig())
        wanted = plan.decision.speed
        v = max(min(wanted, v + 5.0 * DT * (1.3 if v < 2.0 else 1.0)), v - 8.0 * DT, 0.0)
        x += v * DT
        if touches(x, rows):
            return time_s, True
        if x > CROSSING_M + 20.0:
            return time_s, False
    return limit_s, False


def touches(x, rows):
    ego = footprint((x, 0.0), 0.0, (2.45, 1.06))
    return any(footprints_overlap(ego, footprint((row["x"], row["y"]), row["yaw"], (2.3, 1.0))) for row in rows)


@pytest.mark.parametrize(("speed", "gaps"), [(8.0, (21.0, 26.0)), (10.0, (30.0, 60.0)), (13.0, (24.0, 26.0))])
def test_it_finds_a_gap_in_a_flow_and_touches_nobody(speed, gaps):
    seconds, touched = cross(speed, gaps, seed=0)
    assert not touched
    assert seconds < 30.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("speed", "gaps"), [(10.0, (15.0, 26.0)), (9.0, (15.0, 25.0)), (12.0, (25.0, 40.0))])
def test_it_finds_a_gap_in_a_dense_flow(speed, gaps, seed):
    seconds, touched = cross(speed, gaps, seed)
    assert not touched
    assert seconds < 60.0


def crosser(speed, x=12.0, y=-20.0):
    lane = np.stack([np.full(LANE_POINTS, x), y + LANE_SPACING_M * np.arange(LANE_POINTS)], axis=1)
    return actor(x, y, speed, yaw=np.pi / 2, lane=lane)


def test_it_waits_for_fast_traffic_where_there_is_room_to_gain_speed():
    made = scene(crosser(13.0), speed=0.0, route=road(junction=(4.0, 20.0)), facts=[fact("SignalizedJunctionLeftTurn")])
    decision = drive(made, Memory(), ExpertConfig())[0].decision
    assert (decision.reason, decision.speed) == ("yielding to vehicle", 0.0)
    assert 4.0 < decision.distance < 9.0


def test_it_comes_slowly_to_a_stream_even_when_it_fits_between():
    made = scene(crosser(13.0, 30.0, -15.0), route=road(junction=(20.0, 40.0)), facts=[fact("InterurbanActorFlow")])
    decision = drive(made, Memory(), ExpertConfig())[0].decision
    assert decision.reason == "coming to a stream"
    assert 4.0 <= decision.speed < 11.0


@pytest.mark.parametrize(
    ("theirs", "waited_s", "begins", "starts"),
    [
        (3.0, 2.0, 5.0, False),
        (8.0, 2.0, 5.0, True),
        (3.0, 12.0, 5.0, False),
        (3.0, 27.0, 5.0, True),
        (3.0, 2.0, 19.0, False),
    ],
)
def test_who_stands_at_a_junction_does_not_start_while_somebody_sets_off_across_it(theirs, waited_s, begins, starts):
    made = scene(crosser(theirs, 18.0, -3.0 * theirs), speed=0.0, stops=[-1.0], route=road(junction=(begins, 40.0)))
    memory = Memory(stops_done=frozenset({50}), yields=True, yielding_s=waited_s)
    decision = drive(made, memory, ExpertConfig())[0].decision
    assert decision.reason == "yielding to vehicle"
    assert (decision.speed > 0.0) == starts


def test_who_has_found_its_gap_does_not_come_slowly_to_it():
    facts = [fact("InterurbanActorFlow")]
    made = scene(crosser(13.0, 30.0, -20.0), speed=7.0, route=road(junction=(20.0, 40.0)), facts=facts)
    coming = drive(made, Memory(), ExpertConfig())[0].decision
    assert coming.reason == "coming to a stream"
    committed = drive(made, Memory(yielding_s=5.0), ExpertConfig())[0].decision
    assert committed.speed > coming.speed + 1.0


def test_who_stands_lets_one_go_by_before_it_starts():
    made = scene(crosser(7.0, 4.5, 2.2), speed=0.0, stops=[-1.0], route=road(junction=(0.0, 20.0)))
    decision = drive(made, Memory(stops_done=frozenset({50})), ExpertConfig())[0].decision
    assert (decision.reason, decision.speed) == ("yielding to vehicle", 0.0)
    waited = Memory(stops_done=frozenset({50}), yields=True, yielding_s=40.0)
    assert drive(made, waited, ExpertConfig())[0].decision.speed > 0.5


def test_it_waits_before_the_first_of_two_lanes_while_only_the_second_is_taken():
    route, facts = road(junction=(4.0, 30.0)), [fact("SignalizedJunctionLeftTurn")]
    both = scene(crosser(13.0, 12.0), crosser(13.0, 19.0, -24.0), speed=0.0, route=route, facts=facts)
    _, memory = drive(both, Memory(), ExpertConfig())
    assert memory.edge < AT + 10.0
    second = scene(crosser(13.0, 19.0, -24.0), speed=0.0, route=route, facts=facts, time_s=1.0)
    assert drive(second, memory, ExpertConfig())[0].decision.speed == 0.0
    assert drive(second, Memory(), ExpertConfig())[0].decision.speed > 0.0


def test_on_its_way_into_a_gap_it_does_not_stop_in_the_mouth_for_one_who_comes_after_it():
    route, facts = road(junction=(4.0, 30.0)), [fact("SignalizedJunctionLeftTurn")]
    comes = scene(crosser(13.0, 6.0, -13.0), speed=7.0, route=route, facts=facts)
    assert drive(comes, Memory(yielding_s=5.0), ExpertConfig())[0].decision.speed > 7.0
    before = scene(crosser(13.0, 9.0, -21.0), speed=3.0, route=route, facts=facts)
    assert drive(before, Memory(yielding_s=5.0), ExpertConfig())[0].decision.speed < 3.0


def test_who_nobody_lets_in_starts_right_behind_one_who_drives_off():
    """A stream of other traffic turns into the ego's lane, 24 m apart; the next is still 20 m away."""
    off = actor(7.2, 0.0, 8.0, lane=np.stack([7.2 + LANE_SPACING_M * np.arange(LANE_POINTS), np.zeros(LANE_POINTS)], 1))
    made = scene(off, speed=0.0, stops=[-1.0], route=road(junction=(0.0, 20.0)))
    before = Memory(stops_done=frozenset({50}))
    assert drive(made, before, ExpertConfig())[0].decision.speed < 0.5
    waited = replace(before, yielding_s=40.0)
    assert drive(made, waited, ExpertConfig())[0].decision.speed > 0.9


@pytest.mark.parametrize(("left_m", "speed"), [(0.0, 0.3), (0.4, 0.3), (0.4, 0.0)])
def test_who_hardly_moves_yet_lets_one_go_by_after_all(left_m, speed):
    comes = crosser(7.0, 2.45 + 1.0 + left_m, -4.5)
    facts = [fact("SignalizedJunctionLeftTurn")]
    made = scene(comes, speed=speed, route=road(junction=(0.0, 20.0)), facts=facts)
    decision = drive(made, Memory(yielding_s=14.0), ExpertConfig())[0].decision
    assert (decision.reason, decision.speed) == ("yielding to vehicle", 0.0)
