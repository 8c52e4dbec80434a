import math

import numpy as np
import pytest
from drives import EVENTS, OUTSIDE, SLOW, bare, drive, event
from hypothesis import given, settings
from hypothesis import strategies as st

from lead.evaluation.comparison import measure
from lead.evaluation.infractions import Infraction
from lead.evaluation.metrics.fail2drive import harmonic_mean
from lead.evaluation.protocol import find_protocol

RULES = find_protocol("fail2drive")
CAR = event(Infraction.COLLISION_VEHICLE)


def values(*records):
    return {name: estimate.value for name, estimate in measure(RULES, bare(*records), resamples=1).items()}


@pytest.mark.parametrize(
    ("score", "success", "mean"),
    [  # published rows: in distribution, then generalisation
        (90.2, 93.3, 91.7),
        (79.5, 70.7, 74.8),
        (91.6, 95.0, 93.3),
        (81.9, 75.0, 78.3),
        (24.7, 39.1, 30.3),
        (24.5, 31.4, 27.5),
        (47.5, 36.3, 41.2),
        (44.0, 27.6, 33.9),
        (95.6, 97.0, 96.3),
        (94.0, 95.3, 94.6),
    ],
)
def test_harmonic_means_as_published(score, success, mean):
    assert harmonic_mean(np.float64(score), np.float64(success)) == pytest.approx(mean, abs=0.06)


def test_a_harmonic_mean_of_nothing_is_nothing():
    assert harmonic_mean(np.float64(0.0), np.float64(0.0)) == 0.0


def test_sets_are_told_apart_by_their_ids():
    found = values(drive("75"), drive("76", events=(CAR,)), drive("1075", 50.0), drive("1076", events=(CAR,)))
    assert found["id_driving_score"] == pytest.approx(80.0)
    assert found["gen_driving_score"] == pytest.approx(55.0)
    assert found["driving_score_drop"] == pytest.approx(100.0 * 25.0 / 80.0)
    assert (found["id_success_rate"], found["gen_success_rate"]) == (50.0, 50.0)
    assert found["gen_completed_success_rate"] == 0.0
    assert found["id_harmonic_mean"] == pytest.approx(2 * 80.0 * 50.0 / 130.0)


def test_success_ignores_slowness_and_lanes():
    assert values(drive("1", events=(event(SLOW, 50.0), event(OUTSIDE, 3.0))))["id_success_rate"] == 100.0
    assert values(drive("1", events=(CAR,)))["id_success_rate"] == 0.0


@pytest.mark.parametrize(
    ("first_id", "successes", "unfinished", "official", "corrected"),
    [(0, 227, 24, 75.7, 67.7), (1000, 188, 23, 62.7, 55.0)],
)
def test_the_published_case_of_unfinished_successes(first_id, successes, unfinished, official, corrected):
    """300 drives, of which some count as a success although the route was cut off."""
    drives = [
        drive(
            str(first_id + number % 100),
            34.0 if number < unfinished else 100.0,
            () if number < successes else (CAR,),
            repetition=number // 100,
        )
        for number in range(300)
    ]
    found, key = values(*drives), "gen" if first_id else "id"
    assert found[f"{key}_success_rate"] == pytest.approx(official, abs=0.05)
    assert found[f"{key}_completed_success_rate"] == pytest.approx(corrected, abs=0.05)


def test_one_set_alone_has_no_drop():
    found = values(drive("5"))
    assert math.isnan(found["gen_driving_score"]) and math.isnan(found["driving_score_drop"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 100.0), EVENTS), min_size=1, max_size=5))
def test_completion_never_makes_a_success(drives):
    found = values(*(drive(str(i), share, events) for i, (share, events) in enumerate(drives)))
    assert found["id_completed_success_rate"] <= found["id_success_rate"]
    low, high = sorted((found["id_driving_score"], found["id_success_rate"]))
    assert low - 1e-9 <= found["id_harmonic_mean"] <= high + 1e-9 or found["id_harmonic_mean"] == 0.0
