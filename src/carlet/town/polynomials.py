"""Records that hold from their own start until the next of the same owner: the way OpenDRIVE says almost everything."""

from dataclasses import dataclass

import numpy as np

from carlet.town.model import Floats, Ints

#: Metres between owners on the one axis that all records are sorted on; longer than any road.
SPAN = 1e5
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Steps:
    """Rows `values` (n, k), each good from `start` (n,) on along its `owner` (n,); sorted by owner, then start."""

    owner: Ints
    start: Floats
    values: Floats
    owners: int

    @classmethod
    def of(cls, table: Floats, owners: int) -> "Steps":
        """From rows `owner, start, value...` (n, 2 + k) of `owners` owners in all."""
        order = np.lexsort((table[:, 1], table[:, 0]))
        table = table[order]
        return cls(table[:, 0].astype(np.int64), table[:, 1].copy(), table[:, 2:].copy(), owners)

    def rows(self, owner: Ints, s: Floats) -> Ints:
        """Rows that hold at `s` (n,) of `owner` (n,), -1 where none does."""
        if not len(self.start):
            return np.full(len(owner), -1)
        keys = self.owner * SPAN + self.start
        rows = np.searchsorted(keys, owner * SPAN + s + _TOLERANCE, side="right") - 1
        return np.where((rows >= 0) & (self.owner[rows] == owner), rows, -1)

    def at(self, owner: Ints, s: Floats, default: float = 0.0) -> Floats:
        """Values (n, k) at `s` (n,) of `owner` (n,), `default` where nothing is said."""
        rows = self.rows(owner, s)
        if not len(self.start):
            return np.full((len(owner), self.values.shape[1]), default)
        return np.where((rows >= 0)[:, None], self.values[rows], default)


@dataclass(frozen=True)
class Polynomials:
    """Cubic polynomials a + b x + c x^2 + d x^3 of the distance x since each record's start."""

    steps: Steps

    @classmethod
    def of(cls, table: Floats, owners: int) -> "Polynomials":
        """From rows `owner, start, a, b, c, d` (n, 6)."""
        return cls(Steps.of(table, owners))

    def at(self, owner: Ints, s: Floats) -> Floats:
        """Values (n,) at `s` (n,) of `owner` (n,); zero where nothing is said."""
        (a, b, c, d), x = self._coefficients(owner, s)
        return a + x * (b + x * (c + x * d))

    def slope(self, owner: Ints, s: Floats) -> Floats:
        """First derivative (n,)."""
        (_, b, c, d), x = self._coefficients(owner, s)
        return b + x * (2.0 * c + 3.0 * x * d)

    def bend(self, owner: Ints, s: Floats) -> Floats:
        """Second derivative (n,)."""
        (_, _, c, d), x = self._coefficients(owner, s)
        return 2.0 * c + 6.0 * x * d

    def _coefficients(self, owner: Ints, s: Floats) -> tuple[Floats, Floats]:
        rows = self.steps.rows(owner, s)
        if not len(self.steps.start):
            return np.zeros((4, len(owner))), np.zeros(len(owner))
        known = rows >= 0
        values = np.where(known[:, None], self.steps.values[rows], 0.0)
        return values.T, np.where(known, s - self.steps.start[rows], 0.0)
