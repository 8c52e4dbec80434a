"""Shifts of the way to drive: to the side and back again, smoothly, between two places of the route."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """Move the way by `offset` metres (positive right) from `start` to `end` (m along the route).

    Before `start` lies a ramp of `ramp_in` metres, after `end` one of `ramp_out`. `key` says whose shift it is.
    """

    key: str
    start: float
    end: float
    offset: float
    ramp_in: float = 10.0
    ramp_out: float = 10.0

    @property
    def begin(self) -> float:
        """Where the way leaves the lane."""
        return self.start - self.ramp_in

    @property
    def finish(self) -> float:
        """Where it is back."""
        return self.end + self.ramp_out

    def at(self, s: Floats) -> Floats:
        """Offsets (m,) at places (m,)."""
        rising = np.clip((s - self.begin) / max(self.ramp_in, 0.1), 0.0, 1.0)
        falling = np.clip((self.finish - s) / max(self.ramp_out, 0.1), 0.0, 1.0)
        return self.offset * _smooth(np.minimum(rising, falling))


def total_offset(shifts: Iterable[Shift], s: Floats) -> Floats:
    """Offsets (m,) of all shifts together: where some overlap, the widest counts."""
    total = np.zeros(len(s))
    for shift in shifts:
        offset = shift.at(s)
        total = np.where(np.abs(offset) > np.abs(total), offset, total)
    return total


def _smooth(share: Floats) -> Floats:
    return 0.5 - 0.5 * np.cos(np.pi * share)
