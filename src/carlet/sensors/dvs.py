"""An event camera: each pixel tells when its brightness crosses a threshold. Model: carla 0.9.16's."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.sensors.base import Attributes, Body, Moment, Turn, flag, number
from carlet.sensors.camera import Camera, colours, lens_of
from carlet.wire.records import DVS_EVENT, SensorType

#: The model's own least threshold; smaller ones would mean events without end.
LEAST_THRESHOLD = 0.01
#: Changes of brightness that count for none.
TOLERANCE = np.float32(1e-6)
NEVER = np.iinfo(np.int64).min
RED, GREEN, BLUE = np.float32(0.2989), np.float32(0.587), np.float32(0.114)
NS_PER_S = 1e9


class _Memory(NamedTuple):
    """What pixels (h, w) remember: the last brightness, the level of the last crossing, the time of the last event."""

    time_ns: int
    level: NDArray[np.float32]
    crossed: NDArray[np.float32]
    event_ns: NDArray[np.int64]


class Dvs(Camera):
    """Events of a tick, sorted by time; silent when nothing changed, and in its first tick."""

    type = SensorType.DVS

    def __init__(self, attributes: Attributes):
        super().__init__(attributes)
        self.lens = lens_of(attributes)
        self._brighter = _threshold(attributes, "positive_threshold")
        self._darker = _threshold(attributes, "negative_threshold")
        self._sigma_brighter = abs(number(attributes, "sigma_positive_threshold"))
        self._sigma_darker = abs(number(attributes, "sigma_negative_threshold"))
        self._refractory_ns = int(number(attributes, "refractory_period_ns"))
        self._log = flag(attributes, "use_log")
        self._eps = number(attributes, "log_eps")
        if self._log and self._eps <= 0.0:
            raise ValueError(f"attribute log_eps: {attributes['log_eps']} is not above zero")
        self._memory: _Memory | None = None

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One body when there are events."""
        level = brightness(colours(moment.pictures[row]), self._log, np.float32(self._eps))
        time_ns, past = round(moment.time * NS_PER_S), self._memory
        if past is None:
            never = np.full(level.shape, NEVER)
            self._memory = _Memory(time_ns, level, level.copy(), never)
            return []
        seed = int(moment.table.id[row]), turn.age
        steps = self._steps(level.shape, self._brighter, self._sigma_brighter, (*seed, 0))
        falls = self._steps(level.shape, self._darker, self._sigma_darker, (*seed, 1))
        events = _events(past, level, steps, falls, time_ns, self._refractory_ns)
        self._memory = past._replace(time_ns=time_ns, level=level)
        return [(self.frame.header, events)] if len(events) else []

    @staticmethod
    def _steps(shape: tuple[int, ...], mean: float, sigma: float, seed: tuple[int, ...]) -> NDArray[np.float32]:
        """Thresholds of all pixels (h, w), or of each alike (1, 1)."""
        if sigma == 0.0:
            return np.full((1, 1), mean, np.float32)
        drawn = np.random.default_rng(seed).normal(mean, sigma, shape)
        return np.maximum(drawn, LEAST_THRESHOLD).astype(np.float32)


def _threshold(attributes: Attributes, name: str) -> float:
    value = number(attributes, name)
    if value < LEAST_THRESHOLD:
        raise ValueError(f"attribute {name}: {attributes[name]} is less than {LEAST_THRESHOLD}")
    return value


def _events(
    past: _Memory,
    level: NDArray[np.float32],
    rises: NDArray[np.float32],
    falls: NDArray[np.float32],
    time_ns: int,
    refractory_ns: int,
) -> NDArray[np.void]:
    """Events (n,) of `DVS_EVENT` between the memory and now; moves the memory's crossings and event times on."""
    count = _count(past.level, level, past.crossed, rises, falls)
    pixel, when, brighter = np.empty(count, np.int32), np.empty(count, np.int64), np.empty(count, np.uint8)
    kept = _collect(
        past.level,
        level,
        past.crossed,
        past.event_ns,
        rises,
        falls,
        past.time_ns,
        time_ns,
        refractory_ns,
        pixel,
        when,
        brighter,
    )
    order = np.argsort(when[:kept], kind="stable")
    events = np.empty(kept, DVS_EVENT)
    events["y"], events["x"] = np.divmod(pixel[order], level.shape[1])
    events["time_ns"], events["polarity"] = when[order], brighter[order]
    return events


@njit(cache=True, error_model="numpy", nogil=True)
def brightness(bgra, use_log, eps):
    """Grey (h, w) float32 of a colour picture: 0 to 255, or the logarithm of `eps` + grey / 255."""
    height, width = bgra.shape[:2]
    level = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            b, g, r = np.float32(bgra[y, x, 0]), np.float32(bgra[y, x, 1]), np.float32(bgra[y, x, 2])
            grey = RED * r + GREEN * g + BLUE * b
            level[y, x] = np.log(eps + grey / np.float32(255.0)) if use_log else grey
    return level


@njit(cache=True, error_model="numpy", nogil=True)
def _stride(old, new, y, x, rises, falls):
    """The signed step from crossing to crossing of a pixel; 0 when it did not change."""
    change = new[y, x] - old[y, x]
    if abs(change) <= TOLERANCE:
        return np.float32(0.0)
    steps = rises if change > 0.0 else falls
    step = steps[y, x] if steps.shape[0] > 1 or steps.shape[1] > 1 else steps[0, 0]
    return step if change > 0.0 else -step


@njit(cache=True, error_model="numpy", nogil=True)
def _between(level, old, new):
    """Whether a level was crossed on the way from old to new."""
    return old < level <= new or new <= level < old


@njit(cache=True, error_model="numpy", nogil=True)
def _count(old, new, crossed, rises, falls):
    """How many crossings there are."""
    count = 0
    for y in range(old.shape[0]):
        for x in range(old.shape[1]):
            step = _stride(old, new, y, x, rises, falls)
            level = crossed[y, x] + step
            while step != 0.0 and _between(level, old[y, x], new[y, x]):
                count += 1
                level += step
    return count


@njit(cache=True, error_model="numpy", nogil=True)
def _collect(old, new, crossed, event_ns, rises, falls, then, now, refractory, pixel, when, brighter):
    """Write the crossings that count as events; their number."""
    kept = 0
    for y in range(old.shape[0]):
        for x in range(old.shape[1]):
            step = _stride(old, new, y, x, rises, falls)
            level = crossed[y, x] + step
            while step != 0.0 and _between(level, old[y, x], new[y, x]):
                share = np.float64(level - old[y, x]) / np.float64(new[y, x] - old[y, x])
                time = then + np.int64(share * (now - then))
                last = event_ns[y, x]
                if last == NEVER or time - last >= refractory:
                    pixel[kept], when[kept], brighter[kept] = y * old.shape[1] + x, time, step > 0.0
                    event_ns[y, x] = time
                    kept += 1
                crossed[y, x] = level
                level += step
    return kept
