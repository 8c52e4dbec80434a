"""What every sensor sees of a tick, and when it is due."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.actors.table import ActorTable
from carlet.physics import Contacts, Surroundings
from carlet.render.picture import Picture, Request
from carlet.render.scene import Moved, Things, Triangles
from carlet.wire.hub import Piece
from carlet.wire.records import SensorType

Attributes = Mapping[str, str]
#: An actor as the wire has it.
WireActor = list[Any]
#: What a message says after its header, whole or in pieces. Arrays that are read-only are not copied on their way: see
#: `carlet.wire.pool`.
Body = bytes | Sequence[Piece]


class Stage(Protocol):
    """All that can be seen and ranged, as it is just after the tick."""

    @property
    def triangles(self) -> Triangles:
        """The rows that pictures and rays give."""
        ...

    @property
    def paint(self) -> Triangles:
        """The rows of `Picture.marked`."""
        ...

    @property
    def things(self) -> Things:
        """What the triangles belong to."""
        ...

    @property
    def moved(self) -> Moved:
        """Where what moves was one tick ago."""
        ...

    def draw(self, requests: Sequence[Request]) -> Sequence[Picture]:
        """A picture for every request, good until the next call."""
        ...

    def cast(
        self, origins: ArrayLike, directions: ArrayLike, reach: ArrayLike
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Distances (k,) and rows (k,) of what rays hit; see `carlet.render.rays.cast`."""
        ...


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
    #: brings the stage up to this tick, which costs: see `stage`
    look: Callable[[], Stage]
    #: whether cameras see anything; rays always do
    draws: bool = True
    #: what the cameras that are due see, by table row; complete before any of them measures
    pictures: dict[int, Picture] = field(default_factory=dict)

    @cached_property
    def stage(self) -> Stage:
        """What can be seen and ranged."""
        return self.look()


class Turn(NamedTuple):
    """When a sensor measures: seconds since it last did, and ticks since it was spawned."""

    since_s: float
    age: int


class Sensor(Protocol):
    """A sensor of one actor."""

    type: SensorType

    def measure(self, moment: Moment, row: int, turn: Turn) -> Sequence[Body]:
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
        # Rounded, as what is measured is not to hang on how late it is.
        since = dt if self._last is None else round(now - self._last, 9)
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
        value = float(text.removesuffix("f"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"attribute {name}: {text!r} is not a number")
    return value


def whole(attributes: Attributes, name: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`. ValueError names the attribute."""
    value = number(attributes, name)
    if not (value.is_integer() and low <= value <= high):
        raise ValueError(f"attribute {name}: {attributes[name]} is not a whole number from {low} to {high}")
    return int(value)


def within(attributes: Attributes, name: str, low: float, high: float) -> float:
    """A number from `low` to `high`. ValueError names the attribute."""
    value = number(attributes, name)
    if not low <= value <= high:
        raise ValueError(f"attribute {name}: {attributes[name]} does not lie between {low:g} and {high:g}")
    return value


def flag(attributes: Attributes, name: str) -> bool:
    """Whether an attribute says true."""
    return attributes[name].lower() in ("true", "1")


def triple(attributes: Attributes, prefix: str) -> NDArray[np.float64]:
    """Attributes `prefix`_x, _y, _z as an array (3,)."""
    return np.array([number(attributes, f"{prefix}_{axis}") for axis in "xyz"])
