"""Bench2Drive's five abilities: the success rate of the scenario types that each is about.

A type may count for several abilities. For traffic signs it matters besides whether the first junction was passed
without running a light or a stop sign: version 0.0.3 counts that as a second entry of each route, version 0.0.4 lets
either do.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from lead.evaluation.infractions import Infraction
from lead.evaluation.metrics.base import DrivenRoute, Floats, Metric, divide
from lead.evaluation.metrics.bench2drive import succeeded

_EMERGENCY_AND_SIGNS = frozenset(
    {
        "BlockedIntersection",
        "OppositeVehicleTakingPriority",
        "OppositeVehicleRunningRedLight",
        "PedestrianCrossing",
        "VehicleTurningRoute",
        "VehicleTurningRoutePedestrian",
    }
)
_MERGING_AND_SIGNS = frozenset(
    {
        "EnterActorFlow",
        "CrossingBicycleFlow",
        "NonSignalizedJunctionLeftTurn",
        "NonSignalizedJunctionRightTurn",
        "NonSignalizedJunctionLeftTurnEnterFlow",
        "SignalizedJunctionLeftTurn",
        "SignalizedJunctionRightTurn",
        "SignalizedJunctionLeftTurnEnterFlow",
    }
)

OVERTAKING, MERGING, EMERGENCY_BRAKE = "overtaking", "merging", "emergency_brake"
GIVE_WAY, TRAFFIC_SIGNS = "give_way", "traffic_signs"

#: The scenario types of each ability.
TYPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        OVERTAKING: frozenset(
            {
                "Accident",
                "AccidentTwoWays",
                "ConstructionObstacle",
                "ConstructionObstacleTwoWays",
                "HazardAtSideLane",
                "HazardAtSideLaneTwoWays",
                "ParkedObstacle",
                "ParkedObstacleTwoWays",
                "VehicleOpensDoorTwoWays",
            }
        ),
        MERGING: _MERGING_AND_SIGNS
        | {
            "HighwayCutIn",
            "HighwayExit",
            "InterurbanActorFlow",
            "InterurbanAdvancedActorFlow",
            "MergerIntoSlowTraffic",
            "MergerIntoSlowTrafficV2",
            "ParkingExit",
            "SequentialLaneChange",
        },
        EMERGENCY_BRAKE: _EMERGENCY_AND_SIGNS
        | {
            "ControlLoss",
            "DynamicObjectCrossing",
            "HardBreakRoute",
            "ParkingCrossingPedestrian",
            "ParkingCutIn",
            "StaticCutIn",
        },
        GIVE_WAY: frozenset({"InvadingTurn", "YieldToEmergencyVehicle"}),
        TRAFFIC_SIGNS: _EMERGENCY_AND_SIGNS
        | _MERGING_AND_SIGNS
        | {
            "T_Junction",
            "VanillaNonSignalizedTurn",
            "VanillaNonSignalizedTurnEncounterStopsign",
            "VanillaSignalizedTurnEncounterGreenLight",
            "VanillaSignalizedTurnEncounterRedLight",
        },
    }
)

Parts = Callable[[DrivenRoute], Sequence[float]]


def obeyed_signs(route: DrivenRoute) -> float:
    """1 when the first junction was passed without running a light or a stop sign, else 0; nan where unknown."""
    if route.junction_share is None:
        return math.nan
    passed = route.record.score_route / 100.0 > route.junction_share
    return float(passed and route.count(Infraction.STOP_SIGN, Infraction.RED_LIGHT) == 0)


def _ability(name: str) -> Parts:
    return lambda route: (100.0 * succeeded(route), 1.0) if route.scenario_type in TYPES[name] else (0.0, 0.0)


def _signs_twice(route: DrivenRoute) -> Sequence[float]:
    """Success and obedience as two entries (version 0.0.3)."""
    if route.scenario_type not in TYPES[TRAFFIC_SIGNS]:
        return 0.0, 0.0
    return 100.0 * (succeeded(route) + obeyed_signs(route)), 2.0


def _signs_either(route: DrivenRoute) -> Sequence[float]:
    """Success or obedience (version 0.0.4)."""
    if route.scenario_type not in TYPES[TRAFFIC_SIGNS]:
        return 0.0, 0.0
    return 100.0 if succeeded(route) else 100.0 * obeyed_signs(route), 1.0


def _mean_ability(signs: Parts) -> Parts:
    """Parts of all five, in pairs."""
    each = [*map(_ability, (OVERTAKING, MERGING, EMERGENCY_BRAKE, GIVE_WAY)), signs]
    return lambda route: [part for parts in each for part in parts(route)]


def _mean_of_ratios(sums: Floats) -> Floats:
    return np.mean(divide(sums[..., 0::2], sums[..., 1::2]), axis=-1)


_PARTS: Mapping[str, tuple[str, Parts]] = {
    OVERTAKING: ("overtaking", _ability(OVERTAKING)),
    MERGING: ("merging", _ability(MERGING)),
    EMERGENCY_BRAKE: ("emergency brake", _ability(EMERGENCY_BRAKE)),
    GIVE_WAY: ("give way", _ability(GIVE_WAY)),
    TRAFFIC_SIGNS: ("traffic signs", _signs_twice),
    "traffic_signs_either": ("traffic signs", _signs_either),
}
_UNKNOWN = "a scenario type that no route has, or first junctions that are not known"

ABILITIES = (
    *(
        Metric(name, f"ability: {label}", "%", parts, needs="no route with its scenario types")
        for name, (label, parts) in _PARTS.items()
    ),
    Metric("mean_ability", "mean ability", "%", _mean_ability(_signs_twice), _mean_of_ratios, needs=_UNKNOWN),
    Metric("mean_ability_either", "mean ability", "%", _mean_ability(_signs_either), _mean_of_ratios, needs=_UNKNOWN),
)
