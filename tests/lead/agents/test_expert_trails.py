"""Vehicles of a stream are expected where those before them went."""

import numpy as np
import pytest

from lead.agents.expert.trails import Trails
from lead.expert.facts import ScenarioFact
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M

STREAM = ScenarioFact("Flow_1", "SignalizedJunctionLeftTurn", True, (1, 2))


def place_at(gone):
    """Along x to 30 m, then along y: a bend that no lane goes on straight."""
    return (min(gone, 30.0), max(gone - 30.0, 0.0))


@pytest.fixture
def trails():
    """The first car has gone 80 m, the second follows 24 m behind it."""
    made = Trails()
    for gone in np.arange(0.0, 80.0, 0.5):
        places = {1: place_at(gone)}
        if gone >= 24.0:
            places[2] = place_at(gone - 24.0)
        made.note([STREAM], places)
    return made


def test_one_who_follows_is_expected_to_turn_where_the_one_before_it_did(trails):
    lane = trails.ahead(2, 20.0, 0.3, 0.0)
    assert lane.shape == (LANE_POINTS, 2)
    assert lane[0, 0] <= 20.0 < lane[2, 0]
    assert np.hypot(*np.diff(lane, axis=0).T) == pytest.approx(LANE_SPACING_M, abs=1.0)
    assert lane[-1, 0] == pytest.approx(30.0, abs=1.5)
    assert lane[-1, 1] > 30.0


@pytest.mark.parametrize(("x", "y", "yaw"), [(20.0, 3.5, 0.0), (20.0, 0.0, 1.0), (200.0, 0.0, 0.0)])
def test_one_who_is_not_on_the_trail_is_not(trails, x, y, yaw):
    assert trails.ahead(2, x, y, yaw) is None


def test_the_first_of_a_stream_and_strangers_have_nobody_to_follow(trails):
    assert trails.ahead(1, *place_at(79.5), np.pi / 2) is None
    assert trails.ahead(3, 20.0, 0.0, 0.0) is None


def test_the_trail_of_one_who_is_gone_is_kept(trails):
    for gone in np.arange(56.0, 60.0, 0.5):
        trails.note([STREAM], {2: place_at(gone)})
    assert trails.ahead(2, 20.0, 0.0, 0.0) is not None


def straight_on(gone):
    return (gone, 0.0)


GUESS = np.stack([12.0 + LANE_SPACING_M * np.arange(LANE_POINTS), np.zeros(LANE_POINTS)], axis=1)


@pytest.mark.parametrize(
    ("ways", "guess", "turns"),
    [
        ((place_at, straight_on, straight_on), None, False),
        ((place_at, place_at, straight_on), None, True),
        ((place_at, place_at, straight_on), GUESS, True),
        ((place_at, straight_on), GUESS, False),
        ((place_at,), GUESS, True),
    ],
)
def test_one_is_expected_where_most_went(ways, guess, turns: bool):
    made, stream = Trails(), ScenarioFact("Flow_1", "SignalizedJunctionLeftTurn", True, (1, 2, 3, 9))
    for gone in np.arange(0.0, 80.0, 0.5):
        made.note([stream], {actor: way(gone) for actor, way in enumerate(ways, start=1)} | {9: (0.0, 0.0)})
    assert (made.ahead(9, 15.0, 0.0, 0.0, guess)[-1, 1] > 5.0) == turns
