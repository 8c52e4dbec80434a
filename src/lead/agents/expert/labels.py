"""What the expert's plan says in the words of LEAD's metas."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lead.agents.labels import DecisionLabels
from lead.expert.decision import Decision
from lead.expert.driver import Plan, leaves_flow
from lead.expert.rules.meeting import YIELDING
from lead.expert.scene import Floats
from lead.expert.situation import Situation
from lead.expert.speed import cautions
from lead.kinds import Kind

_SLOWING = 0.5  # a wish for so much less than the present speed (m/s) asks for the brake
_STOP = 0.1
_SIGN_NEAR_M, _BEHIND_M = 10.0, 30.0
_WALKING, _MOVING = "walker", 0.5
_STUCK = {
    "ConstructionObstacleTwoWays": "construction_obstacle_two_ways_stuck",
    "AccidentTwoWays": "accident_two_ways_stuck",
    "ParkedObstacleTwoWays": "parked_obstacle_two_ways_stuck",
    "VehicleOpensDoorTwoWays": "vehicle_opens_door_two_ways_stuck",
}


def labels_of(plan: Plan, way: Floats | None) -> DecisionLabels:
    """The labels of a tick. Hazards are what asks for the brake, whether or not it is what decided.

    `way` (n, 2): the way in the world from the ego on.
    """
    decision, situation = plan.decision, plan.situation
    brakes = [wish for wish in plan.wishes if _asks_to_brake(wish, situation.scene.ego.speed)]
    vehicle, walker = _slowest(brakes, "vehicle"), _slowest(brakes, _WALKING)
    near_walker = min((wish for wish in plan.wishes if _WALKING in wish.reason), key=_distance, default=None)
    stop = _slowest(plan.wishes, "stop sign")
    reason = decision.reason if decision.actor else None
    return DecisionLabels(
        target_speed=max(decision.speed, 0.0),
        target_speed_limit=situation.free_speed,
        second_highest_speed=_second_speed(situation),
        speed_reduced_by_obj_type=reason,
        speed_reduced_by_obj_id=decision.actor or None,
        speed_reduced_by_obj_distance=decision.distance if decision.actor else None,
        vehicle_hazard=vehicle is not None,
        vehicle_affecting_id=vehicle.actor if vehicle else None,
        light_hazard=_slowest(brakes, "red light", "yellow light") is not None,
        walker_hazard=walker is not None,
        walker_affecting_id=walker.actor if walker else None,
        stop_sign_hazard=_slowest(brakes, "stop sign") is not None,
        stop_sign_close=stop is not None and stop.distance < _SIGN_NEAR_M,
        walker_close=near_walker is not None,
        walker_close_id=near_walker.actor if near_walker else None,
        emergency_brake_for_special_vehicle=_slowest(brakes, "emergency vehicle") is not None,
        does_emergency_brake_for_pedestrians=walker is not None and walker.speed < _STOP,
        brake_cutin=_slowest(brakes, "letting vehicle in") is not None,
        route=way,
        **_slow_downs(situation),
        **_stuck(situation, brakes),
        **_adversaries(situation, plan.wishes),
    )


def _asks_to_brake(wish: Decision, speed: float) -> bool:
    return wish.speed < _STOP or wish.speed < speed - _SLOWING


def _slowest(wishes: Iterable[Decision], *words: str) -> Decision | None:
    """The slowest wish whose reason has one of the words."""
    named = (wish for wish in wishes if any(word in wish.reason for word in words))
    return min(named, key=lambda wish: wish.speed, default=None)


def _distance(wish: Decision) -> float:
    return wish.distance


def _second_speed(situation: Situation) -> float:
    """The second highest speed of the vehicles in sight, or the only one; 0 without any."""
    speeds = np.sort(situation.actors.speed[situation.actors.kind == Kind.VEHICLE])
    return float(speeds[-2:][0]) if len(speeds) else 0.0


def _slow_downs(situation: Situation) -> dict[str, Any]:
    scene = situation.scene
    found = cautions(scene, situation.actors, situation.config, leaves_flow(scene))
    return {
        "slower_bad_visibility": found.darkness > 0.0,
        "slower_clutterness": found.clutter,
        "slower_occluded_junction": found.junction,
    }


def _stuck(situation: Situation, brakes: Sequence[Decision]) -> dict[str, Any]:
    """Whether the ego stands before an obstacle and waits for those who come towards it."""
    waits = situation.scene.ego.speed < _MOVING and _slowest(brakes, "waiting for a gap") is not None
    types = {fact.type for fact in situation.scene.facts}
    return {name: waits and kind in types for kind, name in _STUCK.items()}


def _adversaries(situation: Situation, wishes: Iterable[Decision]) -> dict[str, Any]:
    """The moving vehicles of the scenarios: dangerous are those that the ego gives way to, safe the others in sight,
    ignored those that it is not to heed or cannot see.
    """
    ours = {actor for fact in situation.scene.facts if fact.is_triggered for actor in fact.actors}
    actors = situation.scene.actors
    is_one = np.isin(actors.id, list(ours)) & (actors.kind == Kind.VEHICLE) & (actors.speed > _MOVING)
    there = set(actors.id[is_one].tolist())
    yielded = {wish.actor: wish.distance for wish in wishes if wish.reason.startswith(YIELDING) and wish.actor in there}
    seen = there & set(situation.actors.id.tolist())
    return {
        "num_dangerous_adversarial": len(yielded),
        "num_safe_adversarial": len(seen - yielded.keys()),
        "num_ignored_adversarial": len(there - seen - yielded.keys()),
        "rear_adversarial_id": _behind(situation, seen),
        "distance_to_intersection_index_ego": min(yielded.values(), default=math.inf),
    }


def _behind(situation: Situation, seen: set[int]) -> int:
    """The nearest of them behind the ego on its lane, or -1."""
    spans, ids = situation.spans, situation.actors.id
    gap = situation.rear - spans.last
    rows = np.flatnonzero(np.isin(ids, list(seen)) & spans.near & (gap > 0.0) & (gap < _BEHIND_M))
    return int(ids[rows[np.argmin(gap[rows])]]) if len(rows) else -1
