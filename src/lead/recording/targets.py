"""Target points of a drive for its metas: at many distances, for students to choose from."""

import numpy as np
from numpy.typing import NDArray

from lead.navigation.targets import TargetPlanner, known_commands

Floats = NDArray[np.float64]

POP_M = 7.5
"""Distance at which LEAD's expert itself drops a point."""
DISTANCES_M = tuple(3.0 + 0.25 * step for step in range(29))
"""Distances at which the metas have target points, for students to choose from."""


class TargetPoints:
    """All planners of a drive: at the ego's true place and at the one that it estimates."""

    def __init__(self, points: Floats, commands: list[int]):
        known = known_commands(commands)
        self._own = TargetPlanner(points, known, POP_M)
        self._true = {distance: TargetPlanner(points, known, distance) for distance in DISTANCES_M}
        self._estimated = {distance: TargetPlanner(points, known, distance) for distance in DISTANCES_M}

    def step(self, true: Floats, estimated: Floats) -> None:
        """Take in where the ego is and where it believes to be (x, y)."""
        for planner in (self._own, *self._true.values()):
            planner.step(float(true[0]), float(true[1]))
        for planner in self._estimated.values():
            planner.step(float(estimated[0]), float(estimated[1]))

    def fields(self) -> dict[str, list]:
        """The fields of a meta."""
        found = dict(self._own.fields("_", ""))
        for distance, planner in self._estimated.items():
            found |= dict(planner.fields("_gps_", f"_{distance}"))
        for distance, planner in self._true.items():
            found |= dict(planner.fields("_", f"_{distance}"))
        return found
