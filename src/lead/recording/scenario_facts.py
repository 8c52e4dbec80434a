"""What metas say of the scenarios: which goes on, who belongs to it, and how far away that is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from lead.expert.facts import ScenarioFact

Floats = NDArray[np.float64]

_DISTANCES: Mapping[str, tuple[str, ...]] = {
    "dist_to_construction_site": ("Construction",),
    "dist_to_accident_site": ("Accident",),
    "dist_to_parked_obstacle": ("ParkedObstacle",),
    "dist_to_vehicle_opens_door": ("VehicleOpensDoor",),
    "dist_to_cutin_vehicle": ("ParkingCutIn", "StaticCutIn", "HighwayCutIn"),
    "dist_to_pedestrian": ("Pedestrian", "DynamicObjectCrossing"),
    "dist_to_biker": ("Bicycle", "HazardAtSideLane"),
}
_OBSTACLES = ("Construction", "Accident", "ParkedObstacle", "VehicleOpensDoor", "BlockedIntersection", "InvadingTurn")


class ScenarioWatch:
    """Watches the scenarios of a drive. The current one is that with the nearest actor."""

    def __init__(self) -> None:
        self._current: str | None = None
        self._previous: str | None = None

    def fields(self, facts: Sequence[ScenarioFact], places: Mapping[int, Floats], ego: Floats) -> dict[str, Any]:
        """The fields of a meta; `places`: x, y (m) of the actors that are there, `ego`: x, y, ..."""
        ranked = sorted(facts, key=lambda fact: _distance(fact, places, ego))
        current = ranked[0] if ranked else None
        kind = current.type if current else None
        if kind != self._current:
            self._previous, self._current = self._current, kind
        actors = [actor for actor in (current.actors if current else ()) if actor in places]
        obstacles = actors if kind is not None and kind.startswith(_OBSTACLES) else []
        doors = [fact.word("opened_door", "") for fact in facts if "opened_door" in fact.values]
        return {
            "current_active_scenario_type": kind,
            "previous_active_scenario_type": self._previous,
            "scenario_actors_ids": list(actors),
            "scenario_obstacles_ids": list(obstacles),
            "cut_in_actors_ids": list(actors) if kind is not None and "CutIn" in kind else [],
            "vehicle_opened_door": bool(doors),
            "vehicle_door_side": doors[0] if doors else None,
            "scenario_obstacles_convex_hull": _hull([places[actor] for actor in obstacles]),
            **{name: _nearest(facts, words, places, ego) for name, words in _DISTANCES.items()},
        }


def cutting_in(facts: Sequence[ScenarioFact]) -> frozenset[int]:
    """Actors of the scenarios under way in which somebody cuts in."""
    return frozenset(actor for fact in facts if fact.is_triggered and "CutIn" in fact.type for actor in fact.actors)


def _distance(fact: ScenarioFact, places: Mapping[int, Floats], ego: Floats) -> float:
    there = [places[actor] for actor in fact.actors if actor in places]
    return min((float(np.hypot(*(place - ego[:2]))) for place in there), default=math.inf)


def _nearest(facts: Sequence[ScenarioFact], words: tuple[str, ...], places: Mapping[int, Floats], ego: Floats) -> float:
    matching = [fact for fact in facts if any(word in fact.type for word in words)]
    return min((_distance(fact, places, ego) for fact in matching), default=math.inf)


def _hull(points: Sequence[Floats]) -> list[list[float]]:
    """Corners (x, y) of the hull; the points themselves when they span no area."""
    if len(points) < 3:
        return [point.tolist() for point in points]
    stacked = np.array(points)
    try:
        return stacked[ConvexHull(stacked).vertices].tolist()
    except QhullError:
        return stacked.tolist()
