import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead.evaluation.infractions import Event, Infraction, Tally, metres_in, percentage_in, tally_events, tally_messages
from lead.evaluation.records import messages_by_kind
from lead.evaluation.scoring import (
    COEFFICIENTS,
    FACTORS,
    Rule,
    Scores,
    deviation,
    driven_km,
    mean,
    normalised_score,
    penalty,
)

RULES = st.sampled_from(Rule)
TALLIES = st.builds(
    Tally,
    counts=st.dictionaries(st.sampled_from(list(Infraction)), st.integers(1, 4)),
    outside_percent=st.floats(0.0, 100.0),
    min_speed_percents=st.lists(st.floats(0.0, 300.0), max_size=5).map(tuple),
)


def one_more(tally: Tally, kind: Infraction) -> Tally:
    counts = {**tally.counts, kind: tally.count(kind) + 1}
    return Tally(counts, tally.outside_percent, tally.min_speed_percents)


def test_a_clean_route_has_no_penalty():
    for rule in Rule:
        assert penalty(Tally(), rule, min_speed_counts=True) == 1.0


def test_worked_example_of_version_2_0():
    tally = Tally(
        {
            Infraction.COLLISION_VEHICLE: 2,
            Infraction.RED_LIGHT: 1,
            Infraction.MIN_SPEED: 1,
            Infraction.OUTSIDE_LANES: 1,
        },
        outside_percent=10.0,
        min_speed_percents=(50.0,),
    )
    # 0.6 * 0.6 * 0.7, then 1 - 0.3 * 0.5, then 1 - 0.1.
    assert penalty(tally, Rule.PRODUCT, min_speed_counts=True) == pytest.approx(0.252 * 0.85 * 0.9)
    assert penalty(tally, Rule.PRODUCT, min_speed_counts=False) == pytest.approx(0.252 * 0.9)


def test_worked_example_of_version_2_1():
    tally = Tally(
        {Infraction.COLLISION_PEDESTRIAN: 1, Infraction.STOP_SIGN: 2, Infraction.MIN_SPEED: 1},
        outside_percent=20.0,
        min_speed_percents=(75.0,),
    )
    # 0.8 / (1 + 1.0 + 2 * 0.25 + 0.4 * 0.25)
    assert penalty(tally, Rule.HARMONIC, min_speed_counts=True) == pytest.approx(0.8 / 2.6)


@pytest.mark.parametrize(
    ("kind", "factor", "coefficient"),
    [
        (Infraction.COLLISION_PEDESTRIAN, 0.5, 1.0),
        (Infraction.COLLISION_VEHICLE, 0.6, 0.7),
        (Infraction.COLLISION_LAYOUT, 0.65, 0.6),
        (Infraction.RED_LIGHT, 0.7, 0.4),
        (Infraction.STOP_SIGN, 0.8, 0.25),
        (Infraction.SCENARIO_TIMEOUT, 0.7, 0.4),
        (Infraction.YIELD_TO_EMERGENCY_VEHICLE, 0.7, 0.4),
    ],
)
def test_what_one_event_costs(kind, factor, coefficient):
    tally = Tally({kind: 1})
    assert penalty(tally, Rule.PRODUCT, True) == pytest.approx(factor)
    assert penalty(tally, Rule.HARMONIC, True) == pytest.approx(1.0 / (1.0 + coefficient))


@pytest.mark.parametrize("kind", [Infraction.ROUTE_DEVIATION, Infraction.BLOCKED, Infraction.ROUTE_TIMEOUT])
def test_what_ends_the_route_costs_completion_only(kind):
    for rule in Rule:
        assert penalty(Tally({kind: 1}), rule, True) == 1.0


@given(TALLIES, RULES, st.booleans())
def test_a_penalty_is_between_nothing_and_all(tally, rule, min_speed_counts):
    assert 0.0 <= penalty(tally, rule, min_speed_counts) <= 1.0


@given(TALLIES, RULES, st.sampled_from(sorted(FACTORS)))
def test_one_more_infraction_never_helps(tally, rule, kind):
    before, after = penalty(tally, rule, True), penalty(one_more(tally, kind), rule, True)
    assert after <= before
    assert after < before or before == 0.0


@given(TALLIES)
def test_version_2_1_is_the_milder_one_for_many_infractions(tally):
    many = Tally({kind: tally.count(kind) + 3 for kind in COEFFICIENTS}, tally.outside_percent)
    assert penalty(many, Rule.HARMONIC, True) >= penalty(many, Rule.PRODUCT, True)


@given(st.floats(0.0, 100.0), TALLIES)
def test_one_kilometre_makes_the_normalised_score_the_plain_one(route, tally):
    plain = Scores(route, penalty(tally, Rule.PRODUCT, True)).composed
    assert normalised_score(route, 1.0, tally) == pytest.approx(plain)


def test_the_normalised_score_forgives_by_distance():
    tally = Tally({Infraction.COLLISION_VEHICLE: 10}, outside_percent=10.0)
    assert normalised_score(100.0, 10.0, tally) == pytest.approx(100.0 * 0.6 * 0.9)


def test_missing_routes_count_nothing():
    assert mean([100.0, 50.0], 4) == 37.5
    assert mean([], 0) == 0.0


def test_deviation_is_that_of_a_sample():
    assert deviation([80.0, 100.0, 90.0], 3) == pytest.approx(10.0)
    assert deviation([80.0], 1) == 0.0


def test_driven_kilometres():
    assert driven_km([1000.0, 2000.0], [100.0, 50.0]) == pytest.approx(2.0)
    assert driven_km([1000.0], [0.0]) == 0.001


def test_messages_tell_as_much_as_events():
    events = [
        Event(Infraction.OUTSIDE_LANES, 0.4, "about 12.5 meters (6.25% of the completed route)", 6.25),
        Event(Infraction.MIN_SPEED, 0.4, "Average speed is 87.12% of the surrounding traffic's one", 87.12),
        Event(Infraction.MIN_SPEED, 0.4, "Average speed is 100.0% of the surrounding traffic's one", 100.0),
        Event(Infraction.RED_LIGHT, 0.4, "Agent ran a red light 3 at (x=1.0, y=2.0, z=3.0)"),
    ]
    assert tally_messages(messages_by_kind(events)) == tally_events(events)
    assert metres_in(events[0].message) == 12.5


def test_messages_without_numbers_are_refused():
    with pytest.raises(ValueError, match="tells no percentage"):
        percentage_in("Average speed is low")
    with pytest.raises(ValueError, match="tells no distance"):
        metres_in("5% of the route")
    with pytest.raises(ValueError, match="nonsense"):
        tally_messages({"nonsense": []})
