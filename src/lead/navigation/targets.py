"""Target points as LEAD's students get them: the sparse plan, points dropped once the ego has come near."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COMMANDS = 6
_FOLLOW, _OTHER = 4, 3
_SEARCH_M = 50.0
_KEPT = 8
_SLACK_M = 1.0


class TargetPlanner:
    """Walks along a plan's points (n, 3), world, with their commands; drops points nearer than `pop_m`."""

    def __init__(self, points: Floats, commands: list[int], pop_m: float):
        self._points = points
        self._commands = commands
        self._steps = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1).tolist()
        self._pop_m = pop_m
        self._first = 0

    def step(self, x: float, y: float, pop_m: float | None = None) -> None:
        """Take in the ego's place (m): all points before the farthest near one of the next 50 m are dropped.

        `pop_m`: what counts as near in this step, if not what does always.
        """
        near = self._pop_m if pop_m is None else pop_m
        last = len(self._points) - 2
        if self._first >= last:
            return
        chosen, farthest, walked = self._first, 0.0, 0.0
        for index in range(self._first + 1, len(self._points)):
            if walked > _SEARCH_M:
                break
            walked += self._steps[index - 1]
            distance = float(np.hypot(self._points[index, 0] - x, self._points[index, 1] - y))
            if farthest < distance <= near:
                chosen, farthest = index, distance
        self._first = min(chosen, last)

    def leave_passed(self, x: float, y: float) -> None:
        """Drop points that the ego (m) has left behind without coming near them."""
        self._first += count_passed(self.ahead[0], x, y)

    @property
    def ahead(self) -> tuple[Floats, list[int]]:
        """Points (n, 3) and commands from the last one passed on."""
        rows = slice(self._first, self._first + _KEPT)
        return self._points[rows], self._commands[rows]

    def fields(self, name: str, suffix: str) -> Iterator[tuple[str, list]]:
        """The meta's fields: points and commands behind and ahead, the nearest few, the next ahead first."""
        behind = slice(max(self._first - _KEPT, 0), self._first)
        ahead = slice(self._first, self._first + _KEPT)
        for when, rows in (("previous", behind), ("next", ahead)):
            yield f"{when}{name}target_points{suffix}", self._points[rows].tolist()
            yield f"{when}{name}commands{suffix}", self._commands[rows]


def count_passed(points: Floats, x: float, y: float) -> int:
    """How many of the points (n, 2 or 3), of which the first counts as passed, were passed after it.

    The ego (m) is taken to be on the step from point to point that is nearest, the earlier one where two are about as
    near. Whoever goes round an obstacle passes points too far away for `TargetPlanner.step`, which keeps them for ever.
    """
    if len(points) < 3:
        return 0
    starts, steps = points[:-1, :2], np.diff(points[:, :2], axis=0)
    offsets = np.array([x, y]) - starts
    lengths = np.maximum((steps**2).sum(axis=1), 1e-9)
    shares = np.clip((offsets * steps).sum(axis=1) / lengths, 0.0, 1.0)
    distances = np.linalg.norm(offsets - shares[:, None] * steps, axis=1)
    return int(np.flatnonzero(distances <= distances.min() + _SLACK_M)[0])


def known_commands(commands: Sequence[int]) -> list[int]:
    """Commands by LEAD's numbers, what is none as "follow the lane"."""
    return [command if command > 0 else _FOLLOW for command in commands]


def three_points(ahead: Sequence[Sequence[float]]) -> list[tuple[float, ...]]:
    """Previous, current and next target point, x and y, of the points from the last one passed on; at least one."""
    listed = _without_repeats([tuple(point[:2]) for point in ahead])
    current = listed[min(1, len(listed) - 1)]
    return [listed[0], current, listed[2] if len(listed) > 2 else current]


def _without_repeats(points: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """The points without those that repeat the one before, as long as two remain."""
    kept = list(points)
    index = 1
    while index < len(kept) and len(kept) > 2:
        if kept[index] == kept[index - 1]:
            del kept[index]
        else:
            index += 1
    return kept


def command_place(command: int) -> int:
    """Place in a one-hot command: left, right, straight, follow, change left, change right."""
    place = (_FOLLOW if command < 0 else int(command)) - 1
    return place if 0 <= place < COMMANDS else _OTHER
