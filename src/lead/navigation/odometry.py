"""Where the ego is and how far it has come, from GNSS, compass and speedometer."""

import math

import numpy as np
from numpy.typing import NDArray

from lead.geometry import wrap_angle

Floats = NDArray[np.float64]

TICK_S = 0.05
_GNSS_VARIANCE, _STEP_VARIANCE = 0.5, 1e-4


class Localiser:
    """Where the ego believes to be: GNSS and dead reckoning by speed and compass, in a Kalman filter of two states."""

    def __init__(self) -> None:
        self._estimate: Floats | None = None
        self._variance = _GNSS_VARIANCE

    def step(self, fix: Floats, compass: float, speed: float) -> Floats:
        """The estimate (2,) m after a position (2 or more,), a compass (rad) and a speed (m/s)."""
        if self._estimate is None:
            self._estimate = np.array(fix[:2])
            return self._estimate
        moved = self._estimate + speed * TICK_S * np.array([math.cos(compass), math.sin(compass)])
        variance = self._variance + _STEP_VARIANCE
        gain = variance / (variance + _GNSS_VARIANCE)
        self._variance = (1.0 - gain) * variance
        self._estimate = moved + gain * (fix[:2] - moved)
        return self._estimate


class Compass:
    """CARLA's compass as a yaw (rad) without jumps."""

    def __init__(self) -> None:
        self._last: float | None = None

    def step(self, reading: float) -> float:
        """The yaw of a reading; north is 0 for the compass, east for CARLA."""
        yaw = float(wrap_angle((0.0 if math.isnan(reading) else reading) - math.pi / 2.0))
        if self._last is not None:
            yaw = self._last + float(wrap_angle(yaw - self._last))
        self._last = yaw
        return yaw


class DeadReckoning:
    """The way that the ego has come since the first tick, by speed and compass; good for the few ticks of a sweep."""

    def __init__(self) -> None:
        self._pose: Floats | None = None

    def step(self, yaw: float, speed: float) -> Floats:
        """Pose (3,) x, y (m), yaw (rad) after a tick at `speed` (m/s); the first is the origin."""
        if self._pose is None:
            self._pose = np.array([0.0, 0.0, yaw])
            return self._pose
        x, y, before = self._pose
        middle = 0.5 * (before + yaw)
        self._pose = np.array([x + speed * TICK_S * math.cos(middle), y + speed * TICK_S * math.sin(middle), yaw])
        return self._pose


def seen_from(now: Floats, then: Floats) -> Floats:
    """Place x, y (m) and yaw (rad) of an earlier pose (3,) in the frame of the present one."""
    c, s = math.cos(now[2]), math.sin(now[2])
    dx, dy = then[:2] - now[:2]
    return np.array([c * dx + s * dy, c * dy - s * dx, float(wrap_angle(then[2] - now[2]))])
