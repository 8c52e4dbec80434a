"""Scenarios in metas."""

import math

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.recording.scenario_facts import ScenarioWatch

PLACES = {3: np.array([30.0, 1.0]), 4: np.array([36.0, -1.0]), 5: np.array([33.0, 2.0]), 9: np.array([80.0, 0.0])}
EGO = np.zeros(6)


def test_the_nearest_scenario_is_the_current_one():
    watch = ScenarioWatch()
    facts = [ScenarioFact("b", "ParkingCutIn", actors=(9,)), ScenarioFact("a", "Accident", actors=(3, 4, 5, 77))]
    fields = watch.fields(facts, PLACES, EGO)
    assert fields["current_active_scenario_type"] == "Accident"
    assert fields["previous_active_scenario_type"] is None
    assert fields["scenario_obstacles_ids"] == [3, 4, 5]
    assert sorted(map(tuple, fields["scenario_obstacles_convex_hull"])) == [(30.0, 1.0), (33.0, 2.0), (36.0, -1.0)]
    assert fields["dist_to_accident_site"] == np.hypot(30.0, 1.0)
    assert fields["dist_to_cutin_vehicle"] == 80.0
    assert math.isinf(fields["dist_to_biker"])

    fields = watch.fields(facts[:1], PLACES, EGO)
    assert fields["current_active_scenario_type"] == "ParkingCutIn"
    assert fields["previous_active_scenario_type"] == "Accident"
    assert fields["cut_in_actors_ids"] == [9] and fields["scenario_obstacles_ids"] == []

    fields = watch.fields([], PLACES, EGO)
    assert fields["current_active_scenario_type"] is None and fields["previous_active_scenario_type"] == "ParkingCutIn"


def test_obstacles_in_a_row_have_no_hull():
    facts = [ScenarioFact("a", "ConstructionObstacle", actors=(1, 2, 3))]
    places = {1: np.array([1.0, 0.0]), 2: np.array([2.0, 0.0]), 3: np.array([3.0, 0.0])}
    assert len(ScenarioWatch().fields(facts, places, EGO)["scenario_obstacles_convex_hull"]) == 3
