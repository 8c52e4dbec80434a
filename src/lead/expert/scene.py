"""All that the driver knows of one tick: frozen, checked arrays in CARLA's frame; metres, seconds, m/s, radians."""

from dataclasses import dataclass, field, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lead.expert.facts import ScenarioFact

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


LANE_POINTS, LANE_SPACING_M = 22, 3.0
"""How far ahead the lanes of actors are known: so many points, so far apart."""


class SceneError(ValueError):
    """A scene whose arrays do not fit together; the message names the array."""


class LightState(IntEnum):
    """What a traffic light shows."""

    GREEN = 0
    YELLOW = 1
    RED = 2
    DARK = 3


class Neighbour(IntEnum):
    """The lane beside a lane: none, a driving lane of the same or of the opposite direction, or a verge."""

    NONE = 0
    SAME = 1
    ONCOMING = 2
    VERGE = 3


@dataclass(frozen=True)
class Ego:
    """The ego: `position` x, y, z of its origin, its reach from there, its place `s` on the route, the speed limit."""

    position: Floats
    yaw: float
    speed: float
    s: float
    front: float = 2.45
    rear: float = 2.45
    half_width: float = 1.06
    speed_limit: float = 50.0 / 3.6

    @property
    def length(self) -> float:
        """From bumper to bumper (m)."""
        return self.front + self.rear


@dataclass(frozen=True)
class Actors:
    """Road users and things in the way, the ego left out; n rows.

    `id`, `kind` (n,) of `lead.kinds.Kind`; `centre` (n, 3) of the boxes, `extent` (n, 3) their half length, width and
    height; `yaw`, `yaw_rate` (n,); `velocity` (n, 2); `acceleration` (n,) along the heading (m/s2); `standing_s` (n,)
    seconds without moving, `has_moved` (n,) whether it was ever seen moving; `is_emergency` (n,);
    `on_lane` (n,): whether it drives along a lane, whose points ahead of it are `lane` (n, `LANE_POINTS`, 2), zeros
    where not.
    """

    id: Ints
    kind: Ints
    centre: Floats
    extent: Floats
    yaw: Floats
    velocity: Floats
    yaw_rate: Floats
    acceleration: Floats
    standing_s: Floats
    has_moved: Bools
    is_emergency: Bools
    on_lane: Bools
    lane: Floats

    def __len__(self) -> int:
        return len(self.id)

    @property
    def speed(self) -> Floats:
        """Speeds over ground (n,)."""
        return np.hypot(self.velocity[:, 0], self.velocity[:, 1])

    def pick(self, rows: NDArray) -> "Actors":
        """The actors of some rows (indices or a mask)."""
        return Actors(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True)
class Route:
    """The lane to follow, from behind the ego to far ahead; m rows, evenly spaced.

    `s` (m,) metres along the whole route, which is `length` long; `points` (m, 3) of the lane's centre; `yaw` (m,);
    `turn_speed` (m,) m/s that bends allow; `width` (m,); `in_junction` (m,); `left`, `right` (m,) of `Neighbour`, with
    the distance to their centres `left_offset`, `right_offset` (m,); `lane` (m,) how many lanes to the right of its
    first lane the route has changed.
    """

    s: Floats
    points: Floats
    yaw: Floats
    turn_speed: Floats
    width: Floats
    in_junction: Bools
    left: Ints
    right: Ints
    left_offset: Floats
    right_offset: Floats
    lane: Ints
    length: float


@dataclass(frozen=True)
class Signals:
    """Lights and stop signs of the route ahead, in the order of their places.

    `light_s` (k,) of the stop lines, `light_position` (k, 3) of the lights, `light_state` (k,) of `LightState`;
    `stop_s` (j,) where the ego's origin should stand at a stop sign.
    """

    light_id: Ints
    light_s: Floats
    light_position: Floats
    light_state: Ints
    stop_id: Ints
    stop_s: Floats


@dataclass(frozen=True)
class Weather:
    """The sun's altitude in degrees; the others in percent, as in CARLA."""

    sun_altitude_deg: float = 45.0
    precipitation: float = 0.0
    fog_density: float = 0.0
    wetness: float = 0.0


@dataclass(frozen=True)
class Scene:
    """One tick. `targets` (3, 2): the last, the current and the next target point of a student, in the world.

    `parked` (p, 2): cars that belong to the town. `walls` (w, 7): what hides others and stays, such as buildings: x,
    y, yaw, half length and half width of upright boxes, and the heights of bottom and top. `approaches`
    (a, 4): places from which traffic may come into the junctions ahead, as the place along the route where the
    junction begins, and x, y, z. `crossings` (c, 2): from where to where along the route (m) it moves across to another
    lane. `facts`: scenarios near the ego.
    """

    time_s: float
    ego: Ego
    actors: Actors
    route: Route
    signals: Signals
    targets: Floats
    weather: Weather = Weather()
    parked: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    walls: Floats = field(default_factory=lambda: np.zeros((0, 7)))
    approaches: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    crossings: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    facts: tuple[ScenarioFact, ...] = ()

    def __post_init__(self) -> None:
        wide = {"centre": (3,), "extent": (3,), "velocity": (2,), "lane": (LANE_POINTS, 2)}
        _check(self.actors, "actors", len(self.actors.id), wide)
        _check(self.route, "route", len(self.route.s), {"points": (3,)})
        lights = ("light_id", "light_s", "light_position", "light_state")
        _check(self.signals, "signals", len(self.signals.light_id), {"light_position": (3,)}, lights)
        _check(self.signals, "signals", len(self.signals.stop_id), {}, ("stop_id", "stop_s"))
        if len(self.route.s) < 2 or (np.diff(self.route.s) <= 0.0).any():
            raise SceneError("route.s must be two or more ascending places")
        for name, columns in (("parked", 2), ("walls", 7), ("approaches", 4), ("crossings", 2)):
            shape = getattr(self, name).shape
            if len(shape) != 2 or shape[1] != columns:
                raise SceneError(f"{name} must have shape (n, {columns}), not {shape}")
        if self.targets.shape != (3, 2):
            raise SceneError(f"targets must have shape (3, 2), not {self.targets.shape}")


def _check(part: object, name: str, rows: int, columns: dict[str, tuple[int, ...]], only: tuple[str, ...] = ()) -> None:
    for key, value in vars(part).items():
        if not isinstance(value, np.ndarray) or (only and key not in only):
            continue
        shape = (rows, *columns.get(key, ()))
        if value.shape != shape:
            raise SceneError(f"{name}.{key} must have shape {shape}, not {value.shape}")
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise SceneError(f"{name}.{key} must be finite")
