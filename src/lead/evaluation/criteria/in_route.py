"""Leaving the route."""

import numpy as np

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction, at
from lead.evaluation.observation import Observation, RouteLine

FAR_M = 30.0
ASTRAY_M = 15.0
ASTRAY_SHARE = 0.30
WINDOW = 5


class InRoute(Criterion):
    """Ends the route when the nearest of the current and the next five points is farther than 30 m, or when more than
    30 % of the route was advanced while farther than 15 m away.
    """

    def __init__(self, line: RouteLine) -> None:
        self._line = line
        self._index = 0
        self._astray_m = 0.0

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The deviation, if this tick brought it."""
        window = self._line.points[self._index : self._index + WINDOW + 1]
        distances = np.linalg.norm(window - seen.ego.location, axis=1)
        nearest = int(distances.argmin())
        distance = float(distances[nearest])
        if nearest and distance > ASTRAY_M:
            self._astray_m += float(self._line.metres[self._index + nearest] - self._line.metres[self._index])
        self._index += nearest
        if distance <= FAR_M and self._astray_m <= ASTRAY_SHARE * self._line.length:
            return ()
        text = f"Agent deviated from the route at {at(seen.ego.location)}"
        return (Event(Infraction.ROUTE_DEVIATION, seen.time_s, text),)
