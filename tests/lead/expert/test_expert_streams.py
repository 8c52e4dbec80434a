"""Closed loop on hand-made scenes: the ego turns across or into streams of cars that yield to nobody."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from staging import AT, Neighbour, actor, fact, plan_for, road, scene

from lead.control import turn_speeds
from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory, Note
from lead.expert.driver import drive
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M
from lead.geometry import footprint, footprints_overlap

DT = 0.05
TURN_M, PAST_M = 30.0, 70.0
HEADING_LAG_M = 1.6  # a car's front points outwards in bends
PULLS = (
    (3.0, 7.0),
    (6.0, 6.4),
    (9.0, 5.6),
    (np.inf, 4.5),
)  # measured: up to a speed (m/s), how hard a car pulls (m/s2)


@dataclass(frozen=True)
class Turn:
    """The ego turns to a `side` on a `radius`; cars come along a line from `x`, `y` with a `yaw`."""

    scenario: str
    side: float
    radius: float
    x: float
    y: float
    yaw: float


RIGHT = Turn("SignalizedJunctionRightTurn", 1.0, 8.0, TURN_M + 8.0, -100.0, np.pi / 2)
ENTER = Turn("NonSignalizedJunctionLeftTurnEnterFlow", -1.0, 12.0, TURN_M + 12.0, 100.0, -np.pi / 2)
CROSS = Turn("SignalizedJunctionLeftTurn", -1.0, 12.0, TURN_M + 106.0, -3.5, np.pi)


def turning(turn):
    """The route of a turn."""
    base = road(left=Neighbour.ONCOMING)
    d = base.points[:, 0]
    angle = np.clip((d - TURN_M) / turn.radius, 0.0, np.pi / 2)
    end = TURN_M + turn.radius * np.pi / 2
    beyond = np.maximum(d - end, 0.0)
    x = np.minimum(d, TURN_M) + turn.radius * np.sin(angle)
    y = turn.side * (turn.radius * (1.0 - np.cos(angle)) + beyond)
    yaw = turn.side * angle
    inside = (d > TURN_M - 2.0) & (d < end + 4.0)
    points = np.column_stack([x, y, np.zeros(len(x))])
    return replace(base, points=points, yaw=yaw, turn_speed=turn_speeds(yaw, 0.5), in_junction=inside)


def stream_at(turn, time_s, speed, births):
    """The cars of the stream within sight: they come 100 m before the junction and vanish 60 m behind it."""
    ahead = np.array([np.cos(turn.yaw), np.sin(turn.yaw)])
    rows = []
    for number, born in enumerate(births):
        gone = speed * (time_s - born)
        if 0.0 <= gone < 160.0:
            place = np.array([turn.x, turn.y]) + gone * ahead
            lane = place + LANE_SPACING_M * np.arange(LANE_POINTS)[:, None] * ahead
            rows.append(actor(place[0], place[1], speed, yaw=turn.yaw, id=number + 1, lane=lane))
    return rows


def drive_turn(turn, speed, gaps, seed=0, limit_s=60.0):
    """Seconds until the ego is past the turn, and whether anybody was touched."""
    births = np.cumsum(np.random.default_rng(seed).uniform(gaps[0], gaps[1], 80)) / speed - 10.0
    route, memory, s, v, yaw = turning(turn), Memory(), AT, 8.0, 0.0
    for tick in range(int(limit_s / DT)):
        rows = stream_at(turn, tick * DT, speed, births)
        place = np.array([np.interp(s, route.s, route.points[:, axis]) for axis in range(3)])
        made = scene(*rows, speed=v, route=route, time_s=tick * DT, facts=[fact(turn.scenario, *range(1, 81))])
        made = replace(made, ego=replace(made.ego, position=place, yaw=yaw, s=s, speed_limit=8.3))
        plan, memory = drive(made, memory, ExpertConfig())
        pull = next(pull for below, pull in PULLS if v < below)
        v = max(min(plan.decision.speed, v + pull * DT), v - 8.0 * DT, 0.0)
        s += v * DT
        yaw += (1.0 - np.exp(-v * DT / HEADING_LAG_M)) * (float(np.interp(s, route.s, route.yaw)) - yaw)
        ego = footprint(tuple(place[:2]), yaw, (2.45, 1.06))
        if any(footprints_overlap(ego, footprint((row["x"], row["y"]), row["yaw"], (2.3, 1.0))) for row in rows):
            return tick * DT, True
        if s - AT > PAST_M:
            return tick * DT, False
    return limit_s, False


@pytest.mark.parametrize(
    ("turn", "speed", "gaps"),
    [
        (RIGHT, 10.0, (20.0, 24.0)),
        (RIGHT, 14.0, (28.0, 29.0)),
        (ENTER, 10.0, (22.0, 23.0)),
        (ENTER, 11.0, (17.0, 25.0)),
    ],
)
def test_it_turns_into_a_stream_with_two_seconds_between_its_cars(turn, speed, gaps):
    seconds, touched = drive_turn(turn, speed, gaps)
    assert not touched
    assert seconds < 25.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("turn", "speed", "gaps"),
    [
        (CROSS, 11.0, (17.0, 25.0)),
        (CROSS, 13.0, (26.0, 31.0)),
        (CROSS, 14.0, (24.0, 26.0)),
        (ENTER, 8.0, (20.0, 26.0)),
        (ENTER, 14.0, (26.0, 31.0)),
        (RIGHT, 8.0, (18.0, 24.0)),
        (RIGHT, 20.0, (40.0, 41.0)),
    ],
)
def test_it_touches_nobody_of_a_dense_stream_and_finds_a_gap_if_there_is_one(turn, speed, gaps, seed):
    seconds, touched = drive_turn(turn, speed, gaps, seed)
    assert not touched
    if gaps[1] / speed > 2.2 and speed < 15.0:
        assert seconds < 60.0


def test_behind_one_who_drives_off_fast_it_starts_at_once():
    passed = actor(2.45 + 2.3 + 1.0, 0.0, 12.0)
    entering = fact("SignalizedJunctionRightTurn")
    assert plan_for(scene(passed, speed=1.0, facts=[entering])).decision.speed > 1.5
    assert plan_for(scene({**passed, "speed": 1.0}, speed=1.0, facts=[entering])).decision.speed < 1.0


@pytest.mark.parametrize(("radius", "left_m", "slows"), [(5.0, 2.5, True), (5.0, 20.0, False), (15.0, 2.5, False)])
def test_before_a_tight_bend_into_a_stream_it_stays_able_to_stop_for_the_next_that_it_cannot_see(radius, left_m, slows):
    turn = replace(RIGHT, radius=radius)
    made = scene(speed=7.0, route=turning(turn), facts=[fact(turn.scenario, 1)], time_s=1.0)
    place = AT + TURN_M - 4.0
    ego = replace(made.ego, s=place, position=np.array([TURN_M - 4.0, 0.0, 0.0]))
    memory = Memory(time_s=0.95, free_speed=8.0, edge=place + left_m, edge_s=0.9)
    plan, _ = drive(replace(made, ego=ego), memory, ExpertConfig())
    assert any(wish.reason == "coming to a stream" and wish.speed < 6.0 for wish in plan.wishes) == slows


@pytest.mark.parametrize(("behind_m", "yields"), [(5.0, True), (22.0, False), (10.0, True), (30.0, False)])
def test_others_go_first_at_the_junction_of_the_scenario_and_not_at_those_after_it(behind_m, yields):
    base = road(junction=(-behind_m - 20.0, -behind_m))
    facts = [fact(RIGHT.scenario, 1)]
    notes = {facts[0].name: Note(first=AT - behind_m - 35.0)}
    _, memory = drive(scene(speed=8.0, route=base, facts=facts), Memory(notes=notes), ExpertConfig())
    assert (memory.notes[facts[0].name].phase != "past") == yields


@pytest.mark.parametrize(("radius", "stops"), [(8.65, True), (9.4, False)])
def test_in_a_tight_bend_its_front_does_not_swing_into_who_stands_outside(radius, stops):
    turn = replace(RIGHT, radius=6.0)
    angle = np.radians(70.0)
    outside = actor(TURN_M + radius * np.sin(angle), 6.0 - radius * np.cos(angle), yaw=angle)
    at, lag = np.radians(25.0), HEADING_LAG_M / 6.0
    made = scene(outside, speed=4.0, route=turning(turn))
    place = np.array([TURN_M + 6.0 * np.sin(at), 6.0 * (1.0 - np.cos(at)), 0.0])
    ego = replace(made.ego, s=AT + TURN_M + 6.0 * at, position=place, yaw=at - lag)
    plan = plan_for(replace(made, ego=ego))
    assert not any(wish.reason == "behind vehicle" for wish in plan.wishes)
    assert (plan.decision.reason == "beside vehicle" and plan.decision.speed < 3.5) == stops
