import dataclasses

import numpy as np
import pytest
from drives import EVENTS, bare, drive, event
from hypothesis import given, settings
from hypothesis import strategies as st

from lead.evaluation.comparison import compare, measure, share_of_drives
from lead.evaluation.infractions import Infraction
from lead.evaluation.protocol import ProtocolError, find_protocol
from lead.evaluation.result_files import ResultError, Run

BOARD = find_protocol("leaderboard@2.0")
CAR = event(Infraction.COLLISION_VEHICLE)


def run(name, *records, protocol=BOARD):
    return Run(name, protocol, bare(*records))


def some(count, events=(), first=0):
    return [drive(str(first + number), events=events) for number in range(count)]


def difference(comparison, name="driving_score"):
    return next(line.difference for line in comparison.metrics if line.metric.name == name)


def test_an_interval_holds_the_value_and_narrows_with_routes():
    def width(count):
        routes = bare(*some(count), *some(count, (CAR,), count))
        estimate = measure(BOARD, routes)["driving_score"]
        assert estimate.low < estimate.value < estimate.high
        assert estimate.value == pytest.approx(80.0)
        return estimate.high - estimate.low

    # The mean of n scores of 100 or 60 has a deviation of 20 / sqrt(n), and the interval is about 3.92 of them.
    assert width(50) == pytest.approx(3.92 * 20.0 / np.sqrt(100), rel=0.1)
    assert width(5) > 2.5 * width(50)


def test_intervals_are_the_same_every_time():
    routes = bare(*(drive(str(number), 7.3 * number) for number in range(14)))
    assert measure(BOARD, routes) == measure(BOARD, routes)
    assert measure(BOARD, routes, seed=1) != measure(BOARD, routes)


def test_one_route_has_no_interval_and_none_no_value():
    one = measure(BOARD, bare(drive()))["driving_score"]
    assert one.value == 100.0 and np.isnan(one.low) and np.isnan(one.high)
    assert np.isnan(measure(BOARD, ())["driving_score"].value)


def test_pairs_of_routes_are_drawn_together():
    routes = bare(drive("3"), drive("1003"), drive("1004"), drive("1004", repetition=1))
    assert share_of_drives(BOARD, routes).shape == (3, 4)
    paired = share_of_drives(find_protocol("fail2drive"), routes)
    assert paired.tolist() == [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    assert share_of_drives(find_protocol("town13"), bare(drive("2"), drive("12"), drive("3"))).shape == (2, 3)


def test_the_interval_of_a_difference_knows_of_pairs():
    """Both runs vary a lot from route to route, but the second is worse by the same collision everywhere."""
    lengths = np.linspace(10.0, 100.0, 20)
    first = [drive(str(number), completion) for number, completion in enumerate(lengths)]
    second = [drive(str(number), completion - 5.0) for number, completion in enumerate(lengths)]
    comparison = compare(run("A", *first), run("B", *second))
    change, alone = difference(comparison), comparison.metrics[0].first
    assert (change.value, change.low, change.high) == pytest.approx((-5.0, -5.0, -5.0))
    assert alone.high - alone.low > 15.0


def test_only_common_routes_are_compared():
    comparison = compare(run("A", *some(4)), run("B", *some(3, (CAR,), 2)))
    assert (comparison.common, comparison.only_first, comparison.only_second) == (2, 2, 1)
    assert difference(comparison).value == pytest.approx(-40.0)


def test_the_largest_changes_come_first():
    first = [drive("1"), drive("2"), drive("3", events=(CAR,)), drive("3", repetition=1)]
    second = [drive("1", events=(CAR,)), drive("2"), drive("3")]
    changes = compare(run("A", *first), run("B", *second)).changes
    assert [(line.route_id, line.change) for line in changes] == [("1", -40.0), ("3", 20.0), ("2", 0.0)]
    assert changes[1].first_status == "Completed, Perfect"


def test_runs_of_different_protocols_are_refused_in_one_sentence():
    other = run("B", *some(2), protocol=find_protocol("leaderboard@2.1"))
    sentence = "A was driven under leaderboard@2.0 and B under leaderboard@2.1: results of different protocols cannot"
    with pytest.raises(ProtocolError, match=sentence):
        compare(run("A", *some(2)), other)


def test_runs_without_a_common_route_are_refused():
    with pytest.raises(ResultError, match="A and B have no route in common"):
        compare(run("A", *some(2)), run("B", *some(2, first=9)))


@settings(max_examples=30, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=5))
def test_a_run_differs_from_itself_in_nothing(drives):
    same = run("A", *(drive(str(number), events=events) for number, events in enumerate(drives)))
    comparison = compare(same, same)
    for line in comparison.metrics:
        assert line.difference.value == 0.0
        assert np.isnan(line.difference.low) or line.difference.low == line.difference.high == 0.0


@settings(max_examples=30, deadline=None)
@given(st.lists(EVENTS, min_size=2, max_size=5))
def test_a_difference_is_the_same_the_other_way_round(drives):
    ours = run("A", *(drive(str(number), events=events) for number, events in enumerate(drives)))
    theirs = run("B", *(drive(str(number), events=events) for number, events in enumerate(reversed(drives))))
    there, back = difference(compare(ours, theirs)), difference(compare(theirs, ours))
    negated = dataclasses.astuple(back)
    assert dataclasses.astuple(there) == pytest.approx((-negated[0], -negated[2], -negated[1]))
