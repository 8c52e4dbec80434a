"""Bench2Drive's comfort: the share of a drive's segments whose accelerations, jerks and yaw rate stay within limits.

The formulas are those of Bench2Drive's own tool, with its oddities, since published numbers are made with it: entries
count as 0.1 s apart, whatever their distance in time; yaw rates stay in the degrees per second that CARLA gives but are
held against limits in radians per second; what is called yaw acceleration is the yaw rate once more, no derivative.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEGMENT = 20
STEP_S = 0.1
WINDOW, ORDER = 7, 2

FORWARD_ACCELERATION = (-4.05, 2.40)
SIDEWAYS_ACCELERATION = 4.89
JERK = 8.37
FORWARD_JERK = 4.13
#: The tighter of the limits for yaw rate (0.95) and yaw acceleration (1.93), both of which the same numbers must keep.
TURNING = 0.95


@dataclass(frozen=True)
class Motion:
    """A drive's motion, one row an entry: `acceleration` (n, 3), `forward` (n, 3) and `right` (n, 3) in the world,
    m/s² and unit vectors; `turning` (n,), the yaw rate as CARLA gives it, deg/s.
    """

    acceleration: Floats
    forward: Floats
    right: Floats
    turning: Floats

    def __len__(self) -> int:
        return len(self.turning)

    def __getitem__(self, rows: slice) -> "Motion":
        return Motion(self.acceleration[rows], self.forward[rows], self.right[rows], self.turning[rows])


def comfortable_share(motion: Motion) -> float | None:
    """Share of comfortable segments, 0 to 1; None for a drive too short to be smoothed.

    A drive of up to 20 entries is one segment; of longer ones, what is left after the last whole segment is dropped.
    """
    if len(motion) <= ORDER:
        return None
    if len(motion) <= SEGMENT:
        return float(is_comfortable(motion))
    starts = range(0, len(motion) - SEGMENT + 1, SEGMENT)
    return float(np.mean([is_comfortable(motion[start : start + SEGMENT]) for start in starts]))


def is_comfortable(motion: Motion) -> bool:
    """Whether a segment of at least three entries keeps all limits."""
    flat = motion.acceleration[:, :2]
    ahead = _smooth(np.sum(flat * motion.forward[:, :2], axis=1))
    aside = _smooth(np.sum(flat * motion.right[:, :2], axis=1))
    whole = _smooth(np.hypot(flat[:, 0], flat[:, 1]))
    turning = _smooth(np.unwrap(motion.turning))
    slowest, fastest = FORWARD_ACCELERATION
    return bool(
        np.all((ahead > slowest) & (ahead < fastest))
        and np.all(np.abs(aside) < SIDEWAYS_ACCELERATION)
        and np.all(np.abs(_smooth(whole, 1)) < JERK)
        and np.all(np.abs(_smooth(ahead, 1)) < FORWARD_JERK)
        and np.all(np.abs(turning) < TURNING)
    )


def _smooth(values: Floats, derivative: int = 0) -> Floats:
    # It takes longer to import than all the rest of an evaluation, and most protocols have no comfort.
    from scipy.signal import savgol_filter

    window = min(WINDOW, len(values))
    return np.asarray(savgol_filter(values, window, ORDER, deriv=derivative, delta=STEP_S))
