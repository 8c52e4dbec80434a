"""What recordings say of the expert's decisions."""

import math

import pytest
from staging import Kind, LightState, Neighbour, actor, fact, plan_for, road, scene

from lead.agents.expert.labels import labels_of
from lead.expert.scene import Weather


def labels(made, **settings):
    return labels_of(plan_for(made, **settings), None)


def test_a_free_road_has_no_hazards():
    one = labels(scene())
    assert not any(value for value in one.fields().values() if isinstance(value, bool))
    assert one.target_speed == pytest.approx(50.0 / 3.6) == one.target_speed_limit
    assert one.speed_reduced_by_obj_id is None and one.rear_adversarial_id == -1
    assert math.isinf(one.distance_to_intersection_index_ego)


def test_who_makes_the_ego_brake_is_named_and_who_does_not_is_not():
    one = labels(scene(actor(12.0, 0.0), actor(40.0, -3.5, 9.0, id=7)))
    assert (one.vehicle_hazard, one.vehicle_affecting_id) == (True, 100)
    assert one.speed_reduced_by_obj_type == "behind vehicle" and one.speed_reduced_by_obj_distance < 10.0
    assert one.second_highest_speed == 0.0
    assert not labels(scene(actor(60.0, 0.0, 8.0))).vehicle_hazard


def test_lights_and_signs():
    behind = labels(scene(actor(12.0, 0.0), lights=[(9.0, LightState.RED)]))
    assert behind.light_hazard and behind.vehicle_hazard
    assert not labels(scene(lights=[(12.0, LightState.GREEN)])).light_hazard
    assert not labels(scene(lights=[(80.0, LightState.RED)])).light_hazard
    sign = labels(scene(stops=[6.0]))
    assert sign.stop_sign_hazard and sign.stop_sign_close
    assert not labels(scene(stops=[30.0], speed=4.0)).stop_sign_close


def test_walkers():
    one = labels(scene(actor(9.0, 1.0, 1.5, Kind.WALKER, -math.pi / 2.0)))
    assert one.walker_hazard and one.walker_close and one.walker_affecting_id == one.walker_close_id == 100
    assert one.does_emergency_brake_for_pedestrians and not one.vehicle_hazard


def test_why_it_is_slow():
    night = Weather(sun_altitude_deg=-30.0)
    slow = labels(scene(route=road(junction=(10.0, 25.0)), weather=night))
    assert slow.slower_bad_visibility and not slow.slower_clutterness
    assert not labels(scene(weather=night), uncertainty=False).slower_bad_visibility


def test_waiting_before_an_obstacle_and_those_who_cut_in():
    rows = (actor(12.0, 0.5, id=1), actor(40.0, -3.5, 9.0, yaw=math.pi, id=2))
    made = scene(*rows, speed=0.0, route=road(left=Neighbour.ONCOMING), facts=[fact("AccidentTwoWays", 1)])
    one = labels(made)
    assert one.accident_two_ways_stuck and not one.parked_obstacle_two_ways_stuck
    coming = actor(14.0, 2.6, 2.0, yaw=-0.5, id=1)
    assert labels(scene(coming, facts=[fact("ParkingCutIn", 1)])).brake_cutin


def test_adversaries_are_the_scenarios():
    rows = (actor(20.0, -14.0, 6.0, yaw=math.pi / 2.0, id=1), actor(40.0, 30.0, 8.0, yaw=0.0, id=2))
    one = labels(scene(*rows, route=road(junction=(15.0, 30.0)), facts=[fact("OppositeVehicleTakingPriority", 1, 2)]))
    assert (one.num_dangerous_adversarial, one.num_safe_adversarial, one.num_ignored_adversarial) == (1, 1, 0)
    assert 0.0 < one.distance_to_intersection_index_ego < 30.0
    others = labels(scene(*rows, route=road(junction=(15.0, 30.0))))
    assert others.num_dangerous_adversarial == others.num_safe_adversarial == 0
