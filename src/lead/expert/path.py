"""Shifts of the way to drive: to the side and back again, smoothly, between two places of the route."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PASSED_M = 60.0
"""Behind the ego, from which on shifts and lane changes are forgotten."""


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
        return self.offset * smooth(np.minimum(rising, falling))


@dataclass(frozen=True)
class Ramp:
    """A stretch of `length` metres from `begin` (m along the route) on, over which something moves across."""

    begin: float
    length: float

    @property
    def finish(self) -> float:
        """Its other end."""
        return self.begin + self.length

    def share(self, s: Floats) -> Floats:
        """Which share (m,) of the way across is done at places (m,)."""
        return smooth((s - self.begin) / self.length)


@dataclass(frozen=True)
class LaneChange:
    """The plan moves into the lane `width` m to the left (`side` -1) or right (1) over the ramp `planned`.

    The lane that it leaves ends at `room` (m along the route); the plan comes `back` to it, if it does before.
    `driven`: the ramp over which the ego changes; None while it waits for a gap. `pressed`: begun without one, because
    nobody made one for long, and not given up again.
    """

    side: float
    width: float
    planned: Ramp
    room: float
    back: Ramp | None
    driven: Ramp | None
    pressed: bool = False

    @property
    def finish(self) -> float:
        """Where the way and the plan are one again, as far as is known."""
        return max(self.planned.finish, self.driven.finish if self.driven is not None else self.room)

    def offset(self, s: Floats) -> Floats:
        """How far (m,) to the right of the plan the way lies at places (m,)."""
        driven = self.driven.share(s) if self.driven is not None else 0.0
        return self.side * self.width * (driven - self.planned.share(s))


def change_offset(changes: Iterable[LaneChange], s: Floats) -> Floats:
    """Offsets (m,) of lane changes that are driven otherwise than planned."""
    return sum((one.offset(s) for one in changes if one.driven != one.planned), np.zeros(len(s)))


def total_offset(shifts: Iterable[Shift], s: Floats) -> Floats:
    """Offsets (m,) of all shifts together: where some overlap, the widest counts."""
    total = np.zeros(len(s))
    for shift in shifts:
        offset = shift.at(s)
        total = np.where(np.abs(offset) > np.abs(total), offset, total)
    return total


def smooth(share: Floats) -> Floats:
    """From 0 to 1 without a corner while the shares (m,) go from 0 to 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0))
