"""Every type of scenario has its tests: one with an ego that behaves, and one with an ego that takes no notice."""

import ast
from pathlib import Path

import pytest
from test_ignored import BY_TOWN

from lead.scenarios.registry import scenario_types

BOOKED = {one[0] for one in BY_TOWN}
#: Why there is nothing to hold against an ego that takes no notice of these.
HARMLESS = {
    "BackgroundActivityParametrizer": "it only changes the background",
    "ConstructionObstacleOppositeLane": "the ego's lane is free",
    "ConstructionObstacleRightLane": "the ego's lane is free",
    "ControlLoss": "who keeps steering stays on the road",
    "ImageOnObject": "it stands beside the road",
    "PedestrianCrowd": "it stands on the pavement",
    "PriorityAtJunction": "the ego has green",
    "Scenario1": "who keeps steering stays on the road",
    "Scenario10": "nobody is at the junction",
    "Scenario4": "the bicycle is across before an ego within the speed limit is there",
    "SequentialLaneChange": "nobody is there",
    "T_Junction": "nobody is there",
    "VanillaNonSignalizedTurn": "nobody is there",
    "VanillaNonSignalizedTurnLong": "nobody is there",
}
#: Tests of the other types, by file, in which the ego takes no notice.
ELSEWHERE = {
    "test_bench2drive": {
        "VanillaSignalizedTurnEncounterRedLight": "test_who_does_not_wait_for_green",
        "VanillaNonSignalizedTurnEncounterStopsign": "test_stop_sign",
        "RedLightWithoutLeadVehicle": "test_who_passes_red_without_a_leader",
    },
    "test_construction": {
        "ConstructionObstacle": "test_who_drives_into_road_works_hits_them",
        "InvadingTurn": "test_who_keeps_to_the_middle_of_the_road_is_hit",
    },
    "test_cut_ins": {
        "ParkingCutIn": "test_who_does_not_brake_for_a_parked_car_hits_it",
        "StaticCutIn": "test_who_does_not_brake_for_the_queue_hits_the_car",
        "HighwayCutIn": "test_who_does_not_brake_for_the_ramp_hits_the_car",
    },
    "test_disturbances": {
        "YieldToEmergencyVehicle": "test_who_does_not_give_way_has_it_close_behind",
        "BlockedIntersection": "test_who_leaves_the_junction_blindly_hits_the_car",
        "HardBreakRoute": "test_who_does_not_brake_hits_the_car_ahead",
    },
    "test_fail2drive": {
        "BadParkingObstacle": "test_who_does_not_see_the_badly_parked_car_hits_it",
        "CustomObstacle": "test_who_drives_into_things_on_the_road",
        "RoadBlocked": "test_who_drives_into_the_wall",
        "ConstructionObstaclePedestrian": "test_who_does_not_stop_hits_the_worker",
        "PedestriansOnRoad": "test_who_does_not_slow_down_for_people_on_the_road",
        "HardBrakeNoLights": "test_who_does_not_see_that_they_brake_hits_the_car_ahead",
        "ObscuredStopSign": "test_stop_sign_that_cannot_be_read",
    },
    "test_junctions": {
        "NonSignalizedJunctionLeftTurn": "test_who_turns_left_without_looking_hits_somebody",
        "SignalizedJunctionRightTurn": "test_who_turns_right_at_red_is_booked",
    },
    "test_leaderboard1": {
        "Scenario2": "test_who_does_not_brake_hits_the_leader",
        "Scenario6": "test_who_drives_into_the_barriers",
    },
    "test_merging": {
        "EnterActorFlow": "test_who_enters_a_flow_blindly_is_hit",
        "HighwayExit": "test_who_crosses_to_the_exit_blindly_is_hit",
        "InterurbanAdvancedActorFlow": "test_who_turns_across_two_flows_blindly_is_hit",
        "ParkingExit": "test_who_pulls_out_blindly_is_hit",
    },
    "test_obstacles": {
        "Accident": "test_who_does_not_stop_for_an_accident_hits_it",
        "ParkedObstacleTwoWays": "test_who_does_not_stop_for_a_parked_car_hits_it",
        "HazardAtSideLane": "test_who_does_not_see_bicycles_hits_them",
        "VehicleOpensDoorTwoWays": "test_who_drives_into_an_open_door",
    },
    "test_pedestrians": {
        "DynamicObjectCrossing": "test_who_does_not_stop_hits_the_walker",
        "PedestrianCrossing": "test_who_drives_on_hits_walkers_at_a_junction",
        "VehicleTurningRoute": "test_who_turns_without_looking_hits_the_bicycle",
    },
}


def sources_of(file: str) -> dict[str, str]:
    """Names and sources of a file's tests."""
    text = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(text, node) or "" for node in found}


def test_every_type_can_be_taken_no_notice_of():
    elsewhere = [kind for tests in ELSEWHERE.values() for kind in tests]
    assert sorted([*BOOKED, *HARMLESS, *elsewhere]) == sorted(scenario_types())


@pytest.mark.parametrize("file", list(ELSEWHERE))
def test_what_is_said_to_be_tested_elsewhere_is(file: str):
    tests = sources_of(file)
    for name in ELSEWHERE[file].values():
        assert "play.infractions" in tests[name]


def test_every_type_is_played_with_an_ego_that_behaves():
    mine = (Path(__file__).stem, "test_ignored")
    texts = [
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py") if path.stem not in mine
    ]
    constants = {node.value for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    assert set(scenario_types()) - constants == set()
