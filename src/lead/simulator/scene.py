"""Everything that moves or stands near the ego, as arrays, read from the world's snapshots."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import NDArray

from lead.geometry import box_arrays
from lead.kinds import Kind

Floats = NDArray[np.float64]

_LOOK_FOR_NEW = 5  # ticks between two looks for new actors and for which of them are near
_NEAR = 120.0


@dataclass(frozen=True)
class Scene:
    """Actors near the ego, the ego left out; n rows.

    `id`, `kind` (n,); `centre` (n, 3) of the boxes in the world (m); `yaw` (n,) rad; `velocity` (n, 2) m/s in the
    world; `yaw_rate` (n,) rad/s; `extent` (n, 2) half length and half width.
    """

    id: NDArray[np.int64]
    kind: NDArray[np.int64]
    centre: Floats
    yaw: Floats
    velocity: Floats
    yaw_rate: Floats
    extent: Floats

    def __len__(self) -> int:
        return len(self.id)

    @property
    def speed(self) -> Floats:
        """Speeds over ground (n,) in m/s."""
        return np.hypot(self.velocity[:, 0], self.velocity[:, 1])

    def pick(self, rows: NDArray) -> "Scene":
        """The scene of some rows (indices or a mask)."""
        return Scene(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Body:
    """What does not change of an actor: its kind, the box's centre in its frame (2,) and its half sizes (2,)."""

    kind: Kind
    offset: tuple[float, float]
    extent: tuple[float, float]


class SceneReader:
    """Reads scenes around one vehicle; remembers what does not change of each actor."""

    def __init__(self, world: carla.World, ego_id: int, on_new: Callable[[Iterable[carla.Actor]], None]):
        """`on_new` is given every actor once, when it is first seen, whatever it is."""
        self._world = world
        self._on_new = on_new
        self._ego_id = ego_id
        self._bodies: dict[int, _Body | None] = {ego_id: None}
        self._told: set[int] = set()
        self._near: list[int] = []
        self._reads = 0

    def read(self, snapshot: carla.WorldSnapshot, position: Floats) -> Scene:
        """The scene around `position` (x, y, ...) at the snapshot."""
        if self._reads % _LOOK_FOR_NEW == 0:
            self._look_around(snapshot, position)
        self._reads += 1
        rows = [(actor, snapshot.find(actor), self._bodies[actor]) for actor in self._near]
        present = [(actor, state, body) for actor, state, body in rows if state is not None and body is not None]
        return _scene(present)

    def _look_around(self, snapshot: carla.WorldSnapshot, position: Floats) -> None:
        states = {state.id: state for state in snapshot}
        new = [actor for actor in states if actor not in self._bodies]
        if new:
            self._bodies |= dict.fromkeys(new)
            actors = list(self._world.get_actors(new))
            self._bodies |= {actor.id: _body(actor) for actor in actors}
            # Large towns drop signs that are far away and bring them back.
            self._on_new([actor for actor in actors if actor.id not in self._told])
            self._told.update(new)
        gone = self._bodies.keys() - states.keys() - {self._ego_id}
        for actor in gone:
            del self._bodies[actor]
        self._near = [
            actor for actor, body in self._bodies.items() if body is not None and _is_near(states[actor], position)
        ]


def _body(actor: carla.Actor) -> _Body | None:
    """The actor's body, or None for what nobody can run into."""
    kind = _kind(actor)
    if kind is None:
        return None
    pose, extent = box_arrays(actor.bounding_box)
    return _Body(kind, (pose[0], pose[1]), (max(extent[0], 0.2), max(extent[1], 0.2)))


def _kind(actor: carla.Actor) -> Kind | None:
    name = actor.type_id
    if name.startswith("vehicle."):
        is_bicycle = actor.attributes.get("base_type") == "bicycle"
        return Kind.BICYCLE if is_bicycle else Kind.VEHICLE
    if name.startswith("walker."):
        return Kind.WALKER
    # Debris lies flat on the road; cars roll over it.
    if name.startswith("static.prop.") and "dirtdebris" not in name:
        return Kind.OBSTACLE
    return None


def _is_near(state: carla.ActorSnapshot, position: Floats) -> bool:
    location = state.get_transform().location
    return abs(location.x - position[0]) < _NEAR and abs(location.y - position[1]) < _NEAR


def _scene(present: list[tuple[int, carla.ActorSnapshot, _Body]]) -> Scene:
    table = np.empty((len(present), 11))
    for row, (actor, state, body) in enumerate(present):
        transform, velocity = state.get_transform(), state.get_velocity()
        location, yaw = transform.location, math.radians(transform.rotation.yaw)
        c, s = math.cos(yaw), math.sin(yaw)
        dx, dy = body.offset
        table[row] = (
            actor,
            body.kind,
            location.x + c * dx - s * dy,
            location.y + s * dx + c * dy,
            location.z,
            yaw,
            velocity.x,
            velocity.y,
            math.radians(state.get_angular_velocity().z),
            *body.extent,
        )
    return Scene(
        id=table[:, 0].astype(np.int64),
        kind=table[:, 1].astype(np.int64),
        centre=table[:, 2:5],
        yaw=table[:, 5],
        velocity=table[:, 6:8],
        yaw_rate=table[:, 8],
        extent=table[:, 9:11],
    )
