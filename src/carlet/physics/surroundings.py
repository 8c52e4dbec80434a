"""What stands around the actors: the ground, solid boxes in a grid, the edge of the world."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Heights = Callable[[Floats], tuple[Floats, Floats]]

CELL_M = 8.0
MAX_CELLS = 500_000


@dataclass(frozen=True)
class Obstacles:
    """Upright boxes that never move, listed by the cells of a uniform grid.

    `boxes` (n, 8): x y z, half sizes, cos and sin of the yaw. `grid` (5,): x and y of its corner, size of a cell,
    columns, rows. Cell (i, j) touches the boxes `members[start[j * columns + i]:start[j * columns + i + 1]]`.
    """

    boxes: Floats
    start: NDArray[np.int32]
    members: NDArray[np.int32]
    grid: Floats

    @classmethod
    def build(cls, centre: Floats, extent: Floats, yaw: Floats) -> "Obstacles":
        """Grid over boxes with `centre` (n, 3), half sizes `extent` (n, 3) and `yaw` (n,), metres and radians."""
        centre, extent = np.reshape(centre, (-1, 3)).astype(float), np.reshape(extent, (-1, 3)).astype(float)
        cos, sin = np.cos(np.ravel(yaw)), np.sin(np.ravel(yaw))
        boxes = np.ascontiguousarray(np.column_stack([centre, extent, cos, sin]))
        if not len(boxes):
            return cls(boxes, np.zeros(2, np.int32), np.zeros(0, np.int32), np.array([0.0, 0.0, CELL_M, 1, 1]))
        reach = np.column_stack(
            [
                np.abs(cos) * extent[:, 0] + np.abs(sin) * extent[:, 1],
                np.abs(sin) * extent[:, 0] + np.abs(cos) * extent[:, 1],
            ]
        )
        low, high = centre[:, :2] - reach, centre[:, :2] + reach
        corner = low.min(axis=0)
        size = high.max(axis=0) - corner
        cell = max(CELL_M, float(np.sqrt(size[0] * size[1] / MAX_CELLS)))
        columns, rows = (int(n) for n in size // cell + 1)
        first, last = ((edge - corner) // cell for edge in (low, high))
        cells, members = _memberships(first.astype(int), last.astype(int), columns)
        start = np.searchsorted(cells, np.arange(columns * rows + 1)).astype(np.int32)
        return cls(boxes, start, members.astype(np.int32), np.array([*corner, cell, columns, rows]))


def _memberships(first: NDArray[np.int_], last: NDArray[np.int_], columns: int) -> tuple[NDArray, NDArray]:
    """(cell, box) of every cell that a box touches, sorted by cell, then box."""
    spans = last - first + 1
    counts = spans[:, 0] * spans[:, 1]
    box = np.repeat(np.arange(len(first)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    i = first[box, 0] + within % spans[box, 0]
    j = first[box, 1] + within // spans[box, 0]
    cell = j * columns + i
    order = np.lexsort((box, cell))
    return cell[order], box[order]


@dataclass(frozen=True)
class Surroundings:
    """A town as physics sees it.

    `heights(points (k, 3)) -> (z (k,), normals (k, 3))`: the ground below points, not finite where there is none.
    `extent`: xmin, ymin, xmax, ymax of the world, whose edges are walls.
    """

    heights: Heights
    obstacles: Obstacles
    extent: tuple[float, float, float, float]
