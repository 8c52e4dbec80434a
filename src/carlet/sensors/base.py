"""What every sensor sees of a tick, and when it is due."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import ActorTable
from carlet.physics import Contacts, Surroundings
from carlet.wire.records import SensorType

Attributes = Mapping[str, str]
#: An actor as the wire has it.
WireActor = list[Any]


@dataclass(frozen=True)
class Moment:
    """The world just after a tick. Metres, seconds, radians."""

    frame: int
    time: float
    dt: float
    table: ActorTable
    surroundings: Surroundings
    contacts: Contacts
    #: latitude, longitude (degrees) and altitude of a location (3,)
    geolocation: Callable[[NDArray[np.float64]], tuple[float, float, float]]
    imu_gravity: float
    #: the actor of a table row, for event bodies
    actor: Callable[[int], WireActor]
    #: a stand-in for level geometry: by scenery box, or one of physics' negative marks
    level_actor: Callable[[int], WireActor]


class Turn(NamedTuple):
    """When a sensor measures: seconds since it last did, and ticks since it was spawned."""

    since_s: float
    age: int


class Sensor(Protocol):
    """A sensor of one actor."""

    type: SensorType

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[bytes]:
        """Message bodies of this tick: none when nothing happened, several for several events.

        `row` is the sensor's row in `moment.table`.
        """
        ...


class Schedule:
    """Fires in the first tick, then whenever `sensor_tick` seconds have gone by."""

    TOLERANCE_S = 1e-6

    def __init__(self, interval_s: float):
        self._interval = interval_s
        self._last: float | None = None

    def due(self, now: float, dt: float) -> float | None:
        """Seconds since the sensor last fired when it is due now, else None."""
        since = dt if self._last is None else now - self._last
        if self._last is not None and since < self._interval - self.TOLERANCE_S:
            return None
        self._last = now
        return since


class Noise:
    """Normal noise that hangs on the seed and the sensor's age only, whenever somebody began to listen."""

    def __init__(self, attributes: Attributes):
        self._seed = abs(int(number(attributes, "noise_seed")))

    def draw(self, turn: Turn, count: int) -> NDArray[np.float64]:
        """Standard normal numbers (count,) for this turn."""
        return np.random.default_rng((self._seed, turn.age)).normal(0.0, 1.0, count)


def number(attributes: Attributes, name: str) -> float:
    """A numeric attribute; Unreal's trailing `f` is allowed. ValueError names the attribute."""
    text = attributes[name]
    try:
        return float(text.removesuffix("f"))
    except ValueError:
        raise ValueError(f"attribute {name}: {text!r} is not a number") from None


def triple(attributes: Attributes, prefix: str) -> NDArray[np.float64]:
    """Attributes `prefix`_x, _y, _z as an array (3,)."""
    return np.array([number(attributes, f"{prefix}_{axis}") for axis in "xyz"])
