"""Kinds of frames that training for real-world benchmarks wants more or fewer of, as LEAD weighs them.

A frame belongs to the first bucket that holds: first those of scenarios, while something of the scenario is near, then
those of what the road or the ego does.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Meta = Mapping[str, Any]
Condition = Callable[[Meta], bool]

STOPPED_MPS = 0.1


@dataclass(frozen=True)
class Bucket:
    """Frames of one kind: those of which `holds` is true, given the drive's name and the plain values of the meta.

    In an epoch each comes `ratio` times.
    """

    name: str
    ratio: float
    holds: Callable[[str, Meta], bool]


def waits(meta: Meta) -> bool:
    """Whether the ego stands and is to stand. KeyError when the meta does not say."""
    return max(float(meta["speed"]), float(meta["target_speed"])) < STOPPED_MPS


def _number(meta: Meta, name: str, missing: float = math.inf) -> float:
    value = meta.get(name)
    return missing if value is None else float(value)


def _below(name: str, limit: float) -> Condition:
    return lambda meta: _number(meta, name) < limit


def _seen(group: str, ahead_m: float = -math.inf, within_m: float = math.inf, standing: bool = False) -> Condition:
    """Whether one of a group (`obstacles`, `actors`, `cones`) is ahead of a line and near, and stands if asked to."""

    def holds(meta: Meta) -> bool:
        return any(
            x > ahead_m and math.hypot(x, y) < within_m and not (standing and abs(speed) > STOPPED_MPS)
            for _, x, y, speed in meta.get(group) or ()
        )

    return holds


def _first_blocks(meta: Meta) -> bool:
    """Whether the nearest obstacle is a standing car within 15 m."""
    kind, x, y, speed = (meta.get("obstacles") or [("", math.inf, 0.0, 0.0)])[0]
    return kind == "car" and math.hypot(x, y) < 15.0 and abs(speed) < STOPPED_MPS


def _moving_car(meta: Meta) -> bool:
    return any(kind == "car" and speed > STOPPED_MPS for kind, _, _, speed in meta.get("actors") or ())


def _at_junction(meta: Meta) -> bool:
    return bool(meta.get("actors")) and _number(meta, "distance_to_next_junction") < 5.0


def _is_red(meta: Meta) -> bool:
    return meta.get("traffic_light_state") == "Red"


def _stands_at_red(meta: Meta) -> bool:
    return _is_red(meta) and bool(meta.get("light_hazard")) and _number(meta, "speed") < STOPPED_MPS


def _brakes_hard(meta: Meta) -> bool:
    slows = _number(meta, "privileged_acceleration", 0.0) < -3.0 or _number(meta, "speed") < STOPPED_MPS
    return bool(meta.get("brake")) and not meta.get("vehicle_hazard") and slows


def _enters_junction(meta: Meta) -> bool:
    speed, acceleration = _number(meta, "speed"), _number(meta, "privileged_acceleration", 0.0)
    return 0.0 < _number(meta, "distance_to_next_junction") < 3.5 and speed > 2.0 and acceleration > 2.0


def _jolts(limit: float) -> Condition:
    return lambda meta: math.hypot(_number(meta, "accel_x", 0.0), _number(meta, "accel_y", 0.0)) > limit


def _bends(limit: float) -> Condition:
    def holds(meta: Meta) -> bool:
        return abs(_number(meta, "route_curvature_ahead", 0.0)) > limit and _number(meta, "speed") > STOPPED_MPS

    return holds


def _flag(name: str) -> Condition:
    return lambda meta: bool(meta.get(name))


def _far_target(meta: Meta) -> bool:
    x, y = meta["target_point_ego"]
    return math.hypot(x, y) > 175.0 and abs(x) > 10.0


def _all(*conditions: Condition) -> Condition:
    return lambda meta: all(condition(meta) for condition in conditions)


_door = _all(_below("dist_to_vehicle_opens_door", 24.0), _seen("obstacles", ahead_m=-8.0))
_parked = _all(_below("dist_to_parked_obstacle", 35.0), _seen("obstacles", ahead_m=-8.0, standing=True))
_accident = _all(_below("dist_to_accident_site", 42.0), _seen("obstacles", ahead_m=0.0))
_construction = _all(_below("dist_to_construction_site", 42.0), _seen("cones", ahead_m=-10.0))
_cut_in = _below("dist_to_cutin_vehicle", 20.0)


def _near(metres: float) -> Condition:
    return _seen("actors", within_m=metres)


_SCENARIOS: Sequence[tuple[str, float, str, Condition]] = (
    ("accident", 1.0, "Accident", _accident),
    ("accident_two_ways", 0.2, "AccidentTwoWays", _accident),
    ("blocked_intersection", 1.0, "BlockedIntersection", _first_blocks),
    ("construction_obstacle", 1.5, "ConstructionObstacle", _construction),
    ("construction_two_ways", 0.1, "ConstructionObstacleTwoWays", _construction),
    ("crossing_bicycle_flow", 0.0, "CrossingBicycleFlow", _near(10.0)),
    ("cross_junction_defect_light", 3.0, "CrossJunctionDefectTrafficLight", _near(10.0)),
    ("dynamic_object_crossing", 1.0, "DynamicObjectCrossing", _near(20.0)),
    ("hazard_at_side_lane", 0.0, "HazardAtSideLane", _near(20.0)),
    ("hazard_at_side_lane_two_ways", 0.0, "HazardAtSideLaneTwoWays", _near(20.0)),
    ("parking_crossing_pedestrian", 1.0, "ParkingCrossingPedestrian", _near(20.0)),
    ("hard_brake", 1.0, "HardBreakRoute", _brakes_hard),
    ("highway_cut_in", 0.0, "HighwayCutIn", _near(32.0)),
    ("interurban_actor_flow", 0.0, "InterurbanActorFlow", _at_junction),
    ("interurban_advanced", 1.0, "InterurbanAdvancedActorFlow", _at_junction),
    ("nonsignalized_left", 3.0, "NonSignalizedJunctionLeftTurn", _at_junction),
    ("nonsignalized_left_enter_flow", 1.0, "NonSignalizedJunctionLeftTurnEnterFlow", _at_junction),
    ("nonsignalized_right", 3.0, "NonSignalizedJunctionRightTurn", _at_junction),
    ("signalized_left", 3.0, "SignalizedJunctionLeftTurn", _at_junction),
    ("signalized_left_enter_flow", 3.0, "SignalizedJunctionLeftTurnEnterFlow", _at_junction),
    ("signalized_right", 5.0, "SignalizedJunctionRightTurn", _at_junction),
    ("invading_turn", 3.0, "InvadingTurn", _seen("cones", ahead_m=0.0, within_m=16.0)),
    ("opposite_running_red", 5.0, "OppositeVehicleRunningRedLight", _moving_car),
    ("opposite_taking_priority", 5.0, "OppositeVehicleTakingPriority", _moving_car),
    ("parked_obstacle", 3.0, "ParkedObstacle", _parked),
    ("parked_obstacle_two_ways", 1.0, "ParkedObstacleTwoWays", _parked),
    ("parking_cut_in", 5.0, "ParkingCutIn", _cut_in),
    ("static_cut_in", 5.0, "StaticCutIn", _cut_in),
    ("parking_exit", 0.0, "ParkingExit", _all()),
    ("pedestrian_crossing", 5.0, "PedestrianCrossing", _all()),
    ("priority_at_junction", 5.0, "PriorityAtJunction", _all()),
    ("red_light_without_lead", 2.0, "RedLightWithoutLeadVehicle", _stands_at_red),
    ("vehicle_opens_door", 5.0, "VehicleOpensDoorTwoWays", _door),
    ("vehicle_turning_route", 0.0, "VehicleTurningRoute", _near(15.0)),
    ("vehicle_turning_route_pedestrian", 2.5, "VehicleTurningRoutePedestrian", _near(15.0)),
)
"""Name, ratio, type of the scenario in progress, and what else must hold."""

_junction = "distance_to_next_junction"
_GENERAL: Sequence[tuple[str, float, Condition]] = (
    ("red_overhead_light", 0.5, _all(_is_red, _flag("over_head_traffic_light"))),
    ("red_europe_light", 1.0, _all(_is_red, _flag("europe_traffic_light"))),
    ("occluded_junction", 3.0, _all(_flag("slower_occluded_junction"), _below(_junction, 5.0))),
    ("jolt_17", 1.0, _jolts(17.5)),
    ("large_lateral_deviation", 1.0, lambda meta: _number(meta, "route_largest_offset", 0.0) > 6.5),
    ("stop_sign_hazard", 3.0, _all(_flag("stop_sign_hazard"), _below(_junction, 10.0))),
    ("entering_junction", 4.0, _enters_junction),
    ("close_to_junction", 1.0, _all(_below(_junction, 1.0), _below("speed_limit", 50.0 / 3.6))),
    ("target_point_behind", 5.0, lambda meta: meta["target_point_ego"][0] < 0.0),
    ("vehicle_hazard", 0.2, _flag("vehicle_hazard")),
    ("red_light", 1.0, _all(_is_red, _below(_junction, 5.0))),
    ("town15", 0.6, lambda meta: meta.get("town") == "Town15"),
    ("far_target_point", 0.0, _far_target),
    ("jolt_15", 1.0, _jolts(15.0)),
    ("jolt_12", 1.0, _jolts(12.5)),
    ("sharp_bend", 1.0, _bends(0.15)),
    ("bend", 1.0, _bends(0.075)),
    ("others", 0.1, _all()),
)
"""Name, ratio and condition, in the order in which they are asked."""


def _of_scenario(scenario: str, condition: Condition) -> Callable[[str, Meta], bool]:
    return lambda drive, meta: meta.get("current_active_scenario_type") == scenario and condition(meta)


def _of_any(condition: Condition) -> Callable[[str, Meta], bool]:
    return lambda drive, meta: condition(meta)


BAD_WEATHER = Bucket("bad_weather", 0.0, _of_any(lambda meta: _number(meta, "visual_visibility", 0.0) > 0.0))
"""Frames in which the weather takes the sight."""
MINED = (
    *(Bucket(name, ratio, _of_scenario(scenario, holds)) for name, ratio, scenario, holds in _SCENARIOS),
    *(Bucket(name, ratio, _of_any(holds)) for name, ratio, holds in _GENERAL),
)
"""All others; every frame belongs to one of them."""
