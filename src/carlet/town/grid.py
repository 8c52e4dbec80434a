"""A grid of square cells over the ground that lists, cell by cell, the things whose bounding rectangle touches it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Cell (column i, row j) covers `origin + cell * (i, j)` to one cell further; `shape` is (columns, rows).

    The items of cell j * columns + i are `item[first[c]:first[c + 1]]`, ascending.
    """

    origin: Floats
    cell: float
    shape: Ints
    first: NDArray[np.int32]
    item: NDArray[np.int32]

    def __post_init__(self) -> None:
        for array in (self.origin, self.shape, self.first, self.item):
            array.setflags(write=False)

    @property
    def arrays(self) -> tuple[Floats, float, Ints, NDArray[np.int32], NDArray[np.int32]]:
        """The fields in the order in which kernels take them."""
        return self.origin, self.cell, self.shape, self.first, self.item

    def around(self, point: Floats, radius: float) -> Ints:
        """Items (k,), ascending, of all cells that come within `radius` of `point` (2,)."""
        low = np.maximum((point - radius - self.origin) // self.cell, 0).astype(np.int64)
        high = np.minimum((point + radius - self.origin) // self.cell, self.shape - 1).astype(np.int64)
        rows = [self.row(row, int(low[0]), int(high[0])) for row in range(int(low[1]), int(high[1]) + 1)]
        return np.unique(np.concatenate(rows)).astype(np.int64) if rows else np.zeros(0, np.int64)

    def row(self, row: int, low: int, high: int) -> NDArray[np.int32]:
        """Items of cells `low` to `high` of one row."""
        start = row * int(self.shape[0])
        return self.item[self.first[start + low] : self.first[start + high + 1]] if low <= high else self.item[:0]


def empty_grid(cell: float = 1.0) -> Grid:
    """A grid of nothing."""
    return Grid(np.zeros(2), cell, np.ones(2, np.int64), np.zeros(2, np.int32), np.zeros(0, np.int32))


def build_grid(low: Floats, high: Floats, items: Ints, cell: float) -> Grid:
    """Grid of rectangles `low` to `high` (n, 2) that stand for `items` (n,)."""
    if not len(items):
        return empty_grid(cell)
    origin = np.floor(low.min(axis=0) / cell) * cell
    begin = ((low - origin) // cell).astype(np.int64)
    end = ((high - origin) // cell).astype(np.int64)
    shape = end.max(axis=0) + 1
    span = end - begin + 1
    counts = span[:, 0] * span[:, 1]
    owner = np.repeat(np.arange(len(items)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    column = begin[owner, 0] + number % span[owner, 0]
    row = begin[owner, 1] + number // span[owner, 0]
    cells = row * shape[0] + column
    order = np.argsort(cells, kind="stable")
    filled = np.bincount(cells, minlength=int(shape[0] * shape[1]))
    first = np.concatenate([[0], np.cumsum(filled)]).astype(np.int32)
    return Grid(origin, cell, shape, first, items[owner[order]].astype(np.int32))
