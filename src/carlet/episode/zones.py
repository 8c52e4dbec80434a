"""Places before lines across lanes, in a hash grid, and who is there."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

HEIGHT_M = 3.0
CELL_M = 16.0


@dataclass(frozen=True)
class Zones:
    """Lines in a hash grid: `line` (k, 6) x y z cos(yaw) sin(yaw) half-width, `owner` (k,) whose it is."""

    line: NDArray[np.float64]
    owner: NDArray[np.int64]
    cell_start: NDArray[np.int64]
    origin: NDArray[np.int64]
    shape: NDArray[np.int64]

    @staticmethod
    def build(line: NDArray[np.float64], owner: NDArray[np.int64]) -> "Zones":
        """Sort lines into cells."""
        cells = np.floor(line[:, :2] / CELL_M).astype(np.int64)
        origin = cells.min(axis=0) - 1 if len(cells) else np.zeros(2, np.int64)
        shape = cells.max(axis=0) - origin + 2 if len(cells) else np.ones(2, np.int64)
        key = (cells[:, 0] - origin[0]) * shape[1] + cells[:, 1] - origin[1]
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(shape[0] * shape[1] + 1))
        return Zones(line[order], owner[order].astype(np.int64), starts, origin, shape)

    def of(
        self, fronts: NDArray[np.float64], yaw: NDArray[np.float64], before_m: float, past_m: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The owner of the line that each front bumper (n, 3) with heading `yaw` (n,) is at, -1 for none.

        At it is who is at most `before_m` before it and `past_m` (n,) past it.
        """
        return _owner_of(fronts, yaw, before_m, past_m, self.line, self.owner, self.cell_start, self.origin, self.shape)


@njit(cache=True)
def _owner_of(fronts, yaw, before_m, past_m, line, owner, cell_start, origin, shape):
    found = np.full(fronts.shape[0], -1, np.int64)
    for i in range(fronts.shape[0]):
        x, y, z = fronts[i]
        column, row = int(np.floor(x / CELL_M)) - origin[0], int(np.floor(y / CELL_M)) - origin[1]
        best = 1e9
        for cx in range(max(column - 1, 0), min(column + 2, shape[0])):
            for cy in range(max(row - 1, 0), min(row + 2, shape[1])):
                cell = cx * shape[1] + cy
                for k in range(cell_start[cell], cell_start[cell + 1]):
                    dx, dy = x - line[k, 0], y - line[k, 1]
                    along = dx * line[k, 3] + dy * line[k, 4]
                    across = abs(dy * line[k, 3] - dx * line[k, 4])
                    facing = np.cos(yaw[i]) * line[k, 3] + np.sin(yaw[i]) * line[k, 4]
                    inside = -before_m <= along <= past_m[i] and across <= line[k, 5]
                    if inside and facing > 0.5 and abs(z - line[k, 2]) < HEIGHT_M and across < best:
                        best = across
                        found[i] = owner[k]
    return found
