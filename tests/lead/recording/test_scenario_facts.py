"""Scenarios in metas."""

import math

import carla
import numpy as np

from lead.expert.facts import ScenarioFact
from lead.recording.metas import nearest_preset, weather_fields
from lead.recording.scenario_facts import ScenarioWatch, cutting_in

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


def test_open_doors_and_those_who_cut_in_are_told():
    shut = ScenarioFact("a", "VehicleOpensDoorTwoWays", True, (3,), {"distance": 20.0})
    opened = ScenarioFact("a", "VehicleOpensDoorTwoWays", True, (3,), {"distance": 20.0, "opened_door": "left"})
    fields = [ScenarioWatch().fields([one], PLACES, EGO) for one in (shut, opened)]
    assert [one["vehicle_opened_door"] for one in fields] == [False, True]
    assert [one["vehicle_door_side"] for one in fields] == [None, "left"]
    waiting, coming = ScenarioFact("b", "ParkingCutIn", False, (9,)), ScenarioFact("c", "StaticCutIn", True, (4, 5))
    assert cutting_in([waiting, coming, opened]) == {4, 5}


def test_a_weather_has_the_name_of_the_preset_that_it_is_most_like():
    wet = weather_fields(carla.WeatherParameters.WetNoon)
    assert wet["weather_setting"] == "WetNoon"
    assert nearest_preset({**wet["weather_parameters"], "sun_altitude_angle": 52.0}) == "WetNoon"
    assert nearest_preset({**wet["weather_parameters"], "dust_storm": 50.0, "wind_intensity": 90.0}) == "Custom"
