"""Completion, deviation, blockage and time-out."""

from dataclasses import replace

import numpy as np
import pytest

from lead.evaluation.criteria import ActorBlocked, InRoute, RouteCompletion, RouteTimeout
from lead.evaluation.infractions import Infraction


def test_completion_follows_the_passed_metres(tick):
    completion = RouteCompletion()
    completion.step(tick(metres=50.0))
    assert completion.percentage == 25.0
    assert not completion.arrived


@pytest.mark.parametrize(
    ("metres", "to_end_m", "arrived"), [(198.5, 3.0, True), (197.9, 3.0, False), (199.0, 10.5, False)]
)
def test_arrival_needs_nearly_all_metres_and_a_near_end(tick, metres, to_end_m, arrived):
    completion = RouteCompletion()
    completion.step(tick(metres=metres, to_end_m=to_end_m))
    assert completion.arrived is arrived
    assert (completion.percentage == 100.0) is arrived


def test_arrival_stays(tick):
    completion = RouteCompletion()
    completion.step(tick(metres=199.0, to_end_m=2.0))
    completion.step(tick(metres=199.0, to_end_m=50.0))
    assert completion.arrived


def test_points_are_passed_two_ahead_at_most(line):
    assert line.advance(10, (10.5, 3.0, 0.0)) == 10
    assert line.advance(10, (11.01, 3.0, 0.0)) == 11
    assert line.advance(10, (80.0, 0.0, 0.0)) == 12
    assert line.advance(200, (300.0, 0.0, 0.0)) == 200


def test_a_straight_drive_is_in_route(line, tick, events_of):
    assert events_of(InRoute(line), [tick(0.1 * i, location=(float(i), 5.0, 0.0)) for i in range(200)]) == []


def test_thirty_metres_away_is_a_deviation(line, tick, events_of):
    assert events_of(InRoute(line), [tick(location=(0.0, 29.9, 0.0))]) == []
    (event,) = events_of(InRoute(line), [tick(location=(0.0, 30.1, 0.0))])
    assert event.kind is Infraction.ROUTE_DEVIATION
    assert event.kind.ends_route


def test_thirty_percent_astray_is_a_deviation(line, tick):
    near, astray = InRoute(line), InRoute(line)
    steps = range(1, 70)
    assert not any(near.step(tick(location=(float(i), 14.9, 0.0))) for i in steps)
    ends = [i for i in steps if astray.step(tick(location=(float(i), 15.1, 0.0)))]
    assert ends[0] == 61


def test_blocked_after_the_limit_without_a_break(tick):
    blocked = ActorBlocked(60.0)
    times = np.arange(0.0, 61.0, 0.5)
    events = [event for time_s in times for event in blocked.step(tick(time_s, speed=0.05))]
    assert [event.time_s for event in events] == [60.5, *times[times > 60.5]]
    assert events[0].kind is Infraction.BLOCKED


def test_moving_or_a_scenario_begins_anew(tick):
    blocked = ActorBlocked(60.0)
    for time_s, speed in ((0.0, 0.0), (59.0, 0.2), (118.0, 0.0)):
        assert blocked.step(tick(time_s, speed=speed)) == ()
    assert blocked.step(tick(170.0, speed=0.0, standing_counts=False)) == ()
    assert blocked.step(tick(229.0, speed=0.0)) == ()
    assert blocked.step(tick(231.0, speed=0.0))


def test_the_time_allowed_grows_with_the_way(tick):
    timeout = RouteTimeout()
    assert timeout.step(tick(299.9, advanced_m=0.0)) == ()
    # 10 m at a tenth of 36 km/h are 10 s.
    assert timeout.step(tick(305.0, advanced_m=10.0, speed_limit_kmh=36.0)) == ()
    assert timeout.allowed_s == pytest.approx(310.0)
    (event,) = timeout.step(tick(310.1))
    assert event.kind is Infraction.ROUTE_TIMEOUT


def test_an_unknown_speed_limit_is_taken_as_thirty(tick):
    timeout = RouteTimeout()
    seen = tick(0.0, advanced_m=10.0, speed_limit_kmh=0.0)
    timeout.step(seen)
    known = RouteTimeout()
    known.step(replace(seen, ego=replace(seen.ego, speed_limit_kmh=30.0)))
    assert timeout.allowed_s == known.allowed_s
