import numpy as np
import pytest
from drives import EVENTS, OUTSIDE, SLOW, bare, drive, event
from hypothesis import given, settings
from hypothesis import strategies as st

from lead.evaluation.checkpoint import global_record
from lead.evaluation.comparison import measure
from lead.evaluation.infractions import Infraction
from lead.evaluation.metrics import METRICS, plain_id
from lead.evaluation.protocol import PROTOCOLS, find_protocol

BOARD, TOWN13 = find_protocol("leaderboard@2.0"), find_protocol("town13")
RED, CAR, PERSON = map(event, (Infraction.RED_LIGHT, Infraction.COLLISION_VEHICLE, Infraction.COLLISION_PEDESTRIAN))


def values(protocol, *records):
    return {name: estimate.value for name, estimate in measure(protocol, bare(*records), resamples=1).items()}


def test_the_leaderboards_means_and_rates():
    # 1 km with a red light and a car, 2 km of which half was driven.
    found = values(BOARD, drive("1", events=(RED, CAR)), drive("2", 50.0, (RED,), length=2000.0))
    assert found["driving_score"] == pytest.approx((100.0 * 0.42 + 50.0 * 0.7) / 2)
    assert found["route_completion"] == pytest.approx(75.0)
    assert found["infraction_penalty"] == pytest.approx((0.42 + 0.7) / 2)
    assert found["red_light_per_km"] == pytest.approx(2 / 2.0)
    assert found["collisions_vehicle_per_km"] == pytest.approx(1 / 2.0)
    assert found["collisions_pedestrian_per_km"] == 0.0


def test_the_share_outside_the_lanes():
    # The message tells 25 m, and 500 m were driven.
    assert values(BOARD, drive("1", 50.0, (event(OUTSIDE, 25.0),)))["outside_lanes_share"] == pytest.approx(5.0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(1.0, 100.0), EVENTS, st.floats(500.0, 5000.0)), min_size=1, max_size=6))
def test_scores_and_rates_are_those_of_the_official_summary(drives):
    records = [drive(str(i), share, events, length=length) for i, (share, events, length) in enumerate(drives)]
    found, official = values(BOARD, *records), global_record(records)
    for metric, key in (("driving_score", "score_composed"), ("route_completion", "score_route")):
        assert found[metric] == pytest.approx(official["scores_mean"][key], abs=1e-5)
    for kind in (Infraction.RED_LIGHT, Infraction.COLLISION_LAYOUT, Infraction.BLOCKED):
        assert found[f"{kind.value}_per_km"] == pytest.approx(official["infractions"][kind.value], abs=1e-3, rel=1e-6)


def test_the_normalised_score_counts_infractions_per_kilometre():
    # Ten cars hit on ten kilometres are one a kilometre; slowness is not normalised.
    record = drive("1", events=(CAR,) * 10 + (event(SLOW, 50.0),), length=10_000.0)
    assert values(TOWN13, record)["normalised_driving_score"] == pytest.approx(100.0 * 0.6 * 0.85)


def test_the_normalised_score_of_a_route_that_was_driven_in_part():
    # Two pedestrians on four of eight kilometres: half of one a kilometre.
    record = drive("1", 50.0, (PERSON, PERSON), length=8000.0)
    assert values(TOWN13, record)["normalised_driving_score"] == pytest.approx(50.0 * 0.5**0.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 100.0), EVENTS)
def test_no_metric_leaves_its_bounds(completion, events):
    for protocol in PROTOCOLS.values():
        record = drive("1", completion, events, scenario="Accident", protocol=protocol.name)
        for name, value in values(protocol, record).items():
            top = 1e9 if name.endswith("_per_km") or name == "efficiency" else 100.0
            assert np.isnan(value) or 0.0 <= value <= top or name.endswith("_drop")


@settings(max_examples=30, deadline=None)
@given(EVENTS, EVENTS)
def test_repetitions_of_a_route_count_as_one(first, second):
    twice = values(BOARD, drive("1", events=first), drive("1", events=second, repetition=1), drive("2"))
    mean = (values(BOARD, drive("1", events=first)), values(BOARD, drive("1", events=second)))
    expected = ((mean[0]["driving_score"] + mean[1]["driving_score"]) / 2 + 100.0) / 2
    assert twice["driving_score"] == pytest.approx(expected)


def test_every_protocols_metrics_are_known_and_named_once():
    for protocol in PROTOCOLS.values():
        assert set(protocol.metrics) <= set(METRICS)
        assert len(set(protocol.metrics)) == len(protocol.metrics)
    assert set(METRICS) == {name for protocol in PROTOCOLS.values() for name in protocol.metrics}


@pytest.mark.parametrize(
    ("route_id", "plain"), [("RouteScenario_17_rep0", "17"), ("RouteScenario_3", "3"), ("a_b_rep12", "a_b_rep12")]
)
def test_plain_ids(route_id, plain):
    assert plain_id(route_id) == plain
