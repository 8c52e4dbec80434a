"""Contacts of a tick: who touched whom, and the impulse of the first touch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: values of `Contacts.box` that are no scenery box
EDGE, GROUND, NO_BOX = -1, -2, -3


@dataclass(frozen=True)
class Contacts:
    """Contacts of one tick, one row a pair.

    `row_a` (k,): a row of the actor table. `row_b` (k,): the other row, -1 for the level. `box` (k,): where `row_b` is
    -1 the index of the scenery box, `EDGE` for the edge of the world, `GROUND` for a hard landing; else `NO_BOX`.
    `impulse` (k, 3): of the first touch, on a, N s.
    """

    row_a: NDArray[np.int64]
    row_b: NDArray[np.int64]
    box: NDArray[np.int64]
    impulse: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row_a)

    @classmethod
    def none(cls) -> "Contacts":
        """No contacts at all."""
        nobody = np.zeros(0, np.int64)
        return cls(nobody, nobody, nobody, np.zeros((0, 3)))
