"""Target points as LEAD's students get them: the sparse plan, points dropped once the ego has come near."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SEARCH_M = 50.0
_KEPT = 8
POP_M = 7.5
"""Distance at which LEAD's expert itself drops a point."""
DISTANCES_M = tuple(3.0 + 0.25 * step for step in range(29))
"""Distances at which the metas have target points, for students to choose from."""


class TargetPlanner:
    """Walks along a plan's points (n, 3), world, with their commands; drops points nearer than `pop_m`."""

    def __init__(self, points: Floats, commands: list[int], pop_m: float):
        self._points = points
        self._commands = commands
        self._steps = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1).tolist()
        self._pop_m = pop_m
        self._first = 0

    def step(self, x: float, y: float) -> None:
        """Take in the ego's place (m): all points before the farthest near one of the next 50 m are dropped."""
        last = len(self._points) - 2
        if self._first >= last:
            return
        chosen, farthest, walked = self._first, 0.0, 0.0
        for index in range(self._first + 1, len(self._points)):
            if walked > _SEARCH_M:
                break
            walked += self._steps[index - 1]
            distance = float(np.hypot(self._points[index, 0] - x, self._points[index, 1] - y))
            if farthest < distance <= self._pop_m:
                chosen, farthest = index, distance
        self._first = min(chosen, last)

    def fields(self, name: str, suffix: str) -> Iterator[tuple[str, list]]:
        """The meta's fields: points and commands behind and ahead, the nearest few, the next ahead first."""
        behind = slice(max(self._first - _KEPT, 0), self._first)
        ahead = slice(self._first, self._first + _KEPT)
        for when, rows in (("previous", behind), ("next", ahead)):
            yield f"{when}{name}target_points{suffix}", self._points[rows].tolist()
            yield f"{when}{name}commands{suffix}", self._commands[rows]


class TargetPoints:
    """All planners of a drive: at the ego's true place and at the one that it estimates."""

    def __init__(self, points: Floats, commands: list[int]):
        known = [max(command, 1) if command > 0 else 4 for command in commands]
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
