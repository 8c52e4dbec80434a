"""What the vehicles of a scenario have in common: those behind go where those before them went."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from lead.agents.expert.lanes import padded
from lead.control import wrap
from lead.expert.facts import ScenarioFact
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M, Floats

_OFF_M, _OFF_YAW = 1.2, math.radians(25.0)
_LEAST = 4  # points that a trail must go on for
_KEPT = 6  # trails a scenario, the longest


@dataclass
class Trails:
    """Remembers the way that each vehicle of a scenario has gone, a point every `LANE_SPACING_M`."""

    _trails: dict[str, dict[int, list[tuple[float, float]]]] = field(default_factory=dict)

    def note(self, facts: Iterable[ScenarioFact], places: dict[int, tuple[float, float]]) -> None:
        """Where vehicles are in this tick."""
        for fact in facts:
            trails = self._trails.setdefault(fact.name, {})
            for actor in fact.actors:
                if actor in places:
                    trail = trails.setdefault(actor, [])
                    if not trail or math.dist(trail[-1], places[actor]) >= LANE_SPACING_M:
                        trail.append(places[actor])
            gone = [actor for actor in trails if actor not in places]
            for actor in sorted(gone, key=lambda one: len(trails[one]))[:-_KEPT]:
                del trails[actor]

    def ahead(self, actor: int, x: float, y: float, yaw: float, guess: Floats | None = None) -> Floats | None:
        """The next points (`LANE_POINTS`, 2) of the trail that most of a vehicle's fellows left; None without one.

        Of the trails that go on farthest; where as many went one way as another, the one that is more like the `guess`.
        """
        for trails in self._trails.values():
            if actor in trails:
                others = sorted((trail for one, trail in trails.items() if one != actor), key=len, reverse=True)
                ways = [points for trail in others if (points := _onwards(trail, x, y, yaw)) is not None]
                if ways:
                    longest = max(map(len, ways))
                    return _most_common([padded(way) for way in ways if len(way) == longest], guess)
        return None


def _most_common(ways: list[Floats], guess: Floats | None) -> Floats:
    """The way that is most like all of them, and the guess."""
    voters = np.stack([*ways, guess] if guess is not None else ways)
    apart = np.linalg.norm(np.stack(ways)[:, None] - voters, axis=-1).mean(axis=-1)
    return ways[int(apart.sum(axis=1).argmin())]


def _onwards(trail: list[tuple[float, float]], x: float, y: float, yaw: float) -> Floats | None:
    if len(trail) < _LEAST:
        return None
    points = np.array(trail)
    away = np.hypot(points[:, 0] - x, points[:, 1] - y)
    row = max(int(np.argmin(away)) - 1, 0)
    if away.min() > LANE_SPACING_M or row + _LEAST > len(points):
        return None
    (ax, ay), (bx, by) = points[row], points[row + 1]
    heading = math.atan2(by - ay, bx - ax)
    across = -(x - ax) * math.sin(heading) + (y - ay) * math.cos(heading)
    if abs(across) > _OFF_M or abs(wrap(heading - yaw)) > _OFF_YAW:
        return None
    return points[row : row + LANE_POINTS]
