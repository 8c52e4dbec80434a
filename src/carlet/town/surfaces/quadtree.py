"""A quadtree over the land: small squares where it is needed, larger ones elsewhere; neighbours differ by one level."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carlet.town.model import Floats, Ints

_WRAP = 2**31
_AROUND = [(i, j) for j in (-1, 0, 1) for i in (-1, 0, 1)]

#: Which of the squares with lower corners (n, 2) and a side to split.
Criterion = Callable[[Floats, float], NDArray[np.bool_]]


@dataclass(frozen=True)
class Squares:
    """Leaves (n): lower corner `low` (n, 2), `side` (n,), and which of the sides `left`, `right`, `lower`, `upper`
    (n, 4) have two smaller squares beyond them.
    """

    low: Floats
    side: Floats
    halved: NDArray[np.bool_]


def build_squares(origin: Floats, finest: float, levels: int, split: Criterion) -> Squares:
    """Leaves of the square at `origin` with a side of `finest * 2**levels`, split wherever `split` says so."""
    divided = _balanced(_divided(origin, finest, levels, split), levels)
    cells, sizes, halves = [], [], []
    for level in range(levels + 1):
        inner = divided[level]
        own = _children(divided[level - 1]) if level else np.zeros((1, 2), np.int64)
        own = own[~np.isin(_key(own), _key(inner))]
        beyond = [own + step for step in ([-1, 0], [1, 0], [0, -1], [0, 1])]
        side = finest * 2.0 ** (levels - level)
        cells.append(origin + own * side)
        sizes.append(np.full(len(own), side))
        halves.append(np.stack([np.isin(_key(near), _key(inner)) for near in beyond], axis=1))
    return Squares(np.concatenate(cells), np.concatenate(sizes), np.concatenate(halves))


def _divided(origin: Floats, finest: float, levels: int, split: Criterion) -> list[Ints]:
    """Cells (n, 2) of each level that `split` divides; none at the finest."""
    cells = np.zeros((1, 2), np.int64)
    found = []
    for level in range(levels):
        side = finest * 2.0 ** (levels - level)
        cells = cells[split(origin + cells * side, side)]
        found.append(cells)
        cells = _children(cells)
    return [*found, np.zeros((0, 2), np.int64)]


def _balanced(divided: list[Ints], levels: int) -> list[Ints]:
    """The same with all that must be divided too, so that no square meets one of less than half its size."""
    for level in range(levels - 1, 0, -1):
        around = np.concatenate([divided[level] + step for step in _AROUND])
        inside = ((around >= 0) & (around < 2**level)).all(axis=1)
        divided[level - 1] = _unique(np.concatenate([divided[level - 1], around[inside] // 2]))
    return divided


def _children(cells: Ints) -> Ints:
    return (2 * cells[:, None] + [[0, 0], [1, 0], [0, 1], [1, 1]]).reshape(-1, 2)


def _key(cells: Ints) -> Ints:
    return cells[:, 0] * _WRAP + cells[:, 1]


def _unique(cells: Ints) -> Ints:
    return cells[np.unique(_key(cells), return_index=True)[1]]
