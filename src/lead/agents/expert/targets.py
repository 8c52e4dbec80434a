"""The target points that a student gets: of a sparse plan the last one passed, the current and the next."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_REACH_M = 50.0


class TargetPoints:
    """Walks along sparse points (k, 2) as the ego comes within `pop_m` of them."""

    def __init__(self, points: Floats, pop_m: float = 3.25):
        self._points = points
        self._pop_m = pop_m

    def step(self, position: Floats) -> Floats:
        """The last, the current and the next point (3, 2) for a position (2,)."""
        if len(self._points) > 2:
            self._points = self._points[self._passed(position) :]
        rows = np.minimum(np.arange(3), len(self._points) - 1)
        return self._points[rows]

    def _passed(self, position: Floats) -> int:
        """How many points are done with; two are always kept."""
        lengths = np.cumsum(np.hypot(*np.diff(self._points, axis=0).T))
        reachable = np.flatnonzero(np.concatenate([[0.0], lengths[:-1]]) <= _REACH_M) + 1
        reachable = reachable[reachable < len(self._points)]
        distance = np.hypot(*(self._points[reachable] - position).T)
        near = distance <= self._pop_m
        if not near.any():
            return 0
        farthest = int(reachable[np.argmax(np.where(near, distance, -1.0))])
        return min(farthest, len(self._points) - 2)
