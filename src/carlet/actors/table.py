"""The state of every moving actor: one row an actor, one numpy array a column, rows in the order of ids.

Rows are dense: `table.x[i]` belongs to the actor `table.id[i]`, and ids grow with rows, so walking the rows walks the
actors in the order of their creation. `add` and `remove` move rows; a row number is therefore good only until then.
Traffic lights and signs do not move and live in `carlet.town`, not here.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a row is."""

    OTHER = 0
    VEHICLE = 1
    WALKER = 2
    PROP = 3
    SENSOR = 4
    CONTROLLER = 5
    SPECTATOR = 6
    TRIGGER = 7


class Activity(IntEnum):
    """An actor's state as CARLA's snapshot has it."""

    INVALID = 0
    ACTIVE = 1
    DORMANT = 2
    PENDING_KILL = 3


#: name -> (dtype, columns, default). Metres, seconds, radians, kilograms; CARLA's frame. Vectors are in the world
#: frame unless the name says otherwise.
COLUMNS: Mapping[str, tuple[Any, int, Any]] = MappingProxyType(
    {
        "id": (np.uint32, 1, 0),
        "kind": (np.uint8, 1, Kind.OTHER),
        "activity": (np.uint8, 1, Activity.ACTIVE),
        "blueprint": (np.int32, 1, -1),
        # pose and motion
        "location": (np.float64, 3, 0.0),
        "rotation": (np.float64, 3, 0.0),  # pitch yaw roll
        "velocity": (np.float64, 3, 0.0),
        "angular_velocity": (np.float64, 3, 0.0),  # about x y z
        "acceleration": (np.float64, 3, 0.0),
        "last_velocity": (np.float64, 3, 0.0),  # at the end of the former tick
        "travelled": (np.float64, 1, 0.0),  # vehicles: rolled along their heading, signed; others: walked or slid
        # attachment
        "parent": (np.uint32, 1, 0),
        "local_location": (np.float64, 3, 0.0),
        "local_rotation": (np.float64, 3, 0.0),
        "springy": (np.bool_, 1, False),  # follows its place at the parent on a spring arm
        # body
        "box_centre": (np.float64, 3, 0.0),  # in the actor's frame
        "box_extent": (np.float64, 3, 0.0),  # half sizes
        "mass": (np.float64, 1, 1.0),
        "simulates": (np.bool_, 1, False),  # simulate_physics
        "collides": (np.bool_, 1, False),
        "flat": (np.bool_, 1, False),  # debris that wheels roll over
        "gravity": (np.bool_, 1, True),
        "grounded": (np.bool_, 1, False),
        "ground_slope": (np.float64, 2, 0.0),  # dz/dx, dz/dy of the ground stood on
        "impulse": (np.float64, 3, 0.0),  # pending, N s; used up by the next step
        "angular_impulse": (np.float64, 3, 0.0),  # pending, N m s
        "force": (np.float64, 3, 0.0),  # pending, N, for the next tick
        "torque": (np.float64, 3, 0.0),  # pending, N m, for the next tick
        "constant_velocity": (np.float64, 3, 0.0),  # in the actor's frame
        "has_constant_velocity": (np.bool_, 1, False),
        # vehicle control as last given
        "throttle": (np.float64, 1, 0.0),
        "steer": (np.float64, 1, 0.0),
        "brake": (np.float64, 1, 0.0),
        "hand_brake": (np.bool_, 1, False),
        "reverse": (np.bool_, 1, False),
        "manual_gear": (np.bool_, 1, False),
        "gear": (np.int32, 1, 0),
        "sticky_control": (np.bool_, 1, True),
        "fresh_control": (np.bool_, 1, False),  # given since the last tick
        # Ackermann control: target (steer rad, steer speed, speed, acceleration, jerk), gains, controller state
        "ackermann": (np.bool_, 1, False),
        "ackermann_target": (np.float64, 5, 0.0),
        "ackermann_gains": (np.float64, 6, (0.15, 0.0, 0.25, 0.01, 0.0, 0.01)),
        "ackermann_state": (np.float64, 8, 0.0),
        # vehicle parameters, derived from the physics control
        "wheelbase": (np.float64, 1, 2.86),
        "wheel_radius": (np.float64, 1, 0.35),
        "max_steer": (np.float64, 1, 1.2217304763960306),
        "drive_gain": (np.float64, 1, 1.0),  # acceleration under throttle, relative to vehicle.lincoln.mkz_2020
        "brake_gain": (np.float64, 1, 1.0),  # deceleration under brake, relative to vehicle.lincoln.mkz_2020
        "friction": (np.float64, 1, 3.5),  # mean tyre friction
        "drag": (np.float64, 1, 0.3),
        "top_speed": (np.float64, 1, 70.0),
        # vehicle surroundings and lamps
        "speed_limit_kmh": (np.float64, 1, 30.0),
        "light_bits": (np.uint32, 1, 0),
        "at_light": (np.bool_, 1, False),
        "light_state": (np.uint8, 1, 2),
        "light_id": (np.uint32, 1, 0),
        "way_sign": (np.int32, 1, -1),  # stop or yield sign in whose box it is
        "way_sign_s": (np.float64, 1, 0.0),  # for how long
        "way_clear_s": (np.float64, 1, 0.0),  # for how long nobody has had to be let past
        "failure": (np.uint8, 1, 0),
        "wheel_steer": (np.float64, 1, 0.0),  # angle of the front wheels now
        "sideslip": (np.float64, 1, 0.0),  # from the heading to the velocity that the tyres ask for
        # walkers
        "direction": (np.float64, 3, 0.0),
        "walk_speed": (np.float64, 1, 0.0),
        "jump": (np.bool_, 1, False),
        "jumps_left": (np.int32, 1, 2),
    }
)


class ActorTable:
    """Columns of `COLUMNS` as attributes, each an array (n,) or (n, k) of the present rows."""

    # Declared for readers and type checkers; the arrays themselves are views that `_publish` sets.
    id: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    location: NDArray[np.float64]

    def __init__(self, capacity: int = 64):
        self._store = {
            name: np.zeros((capacity, width) if width > 1 else capacity, dtype)
            for name, (dtype, width, _) in COLUMNS.items()
        }
        self._count = 0
        self._rows: dict[int, int] = {}
        self._publish()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, actor_id: int) -> bool:
        return actor_id in self._rows

    def __getattr__(self, name: str) -> NDArray[Any]:
        raise AttributeError(f"the actor table has no column {name!r}")

    def row(self, actor_id: int) -> int:
        """Row of an actor; KeyError when there is none."""
        return self._rows[actor_id]

    def add(self, actor_id: int, **values: Any) -> int:
        """Append an actor; columns not named get their default. `actor_id` must exceed every id so far."""
        if self._count and actor_id <= int(self.id[-1]):
            raise ValueError(f"actor id {actor_id} is not greater than {int(self.id[-1])}")
        row = self._count
        if row == len(self._store["id"]):
            self._grow()
        self._count += 1
        self._publish()
        for name, (_, _, default) in COLUMNS.items():
            self._store[name][row] = default
        self._store["id"][row] = actor_id
        for name, value in values.items():
            self._store[name][row] = value
        self._rows[actor_id] = row
        return row

    def remove(self, actor_ids: Iterable[int]) -> None:
        """Drop actors and close the gaps; ids that are not there are ignored."""
        gone = [self._rows[i] for i in actor_ids if i in self._rows]
        if not gone:
            return
        keep = np.ones(self._count, dtype=bool)
        keep[gone] = False
        kept = int(keep.sum())
        for column in self._store.values():
            column[:kept] = column[: self._count][keep]
        self._count = kept
        self._publish()
        self._rows = {int(actor): row for row, actor in enumerate(self.id)}

    def rows_of(self, *kinds: Kind) -> NDArray[np.intp]:
        """Rows of the given kinds, ascending."""
        return np.flatnonzero(np.logical_or.reduce([self.kind == kind for kind in kinds]))

    def _grow(self) -> None:
        for name, column in self._store.items():
            self._store[name] = np.concatenate([column, np.zeros_like(column)])

    def _publish(self) -> None:
        for name, column in self._store.items():
            self.__dict__[name] = column[: self._count]
