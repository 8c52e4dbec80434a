"""Who is near the ego: all actors of a world, asked for once each, and those of a tick as plain numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import NDArray

from lead.agents.signals import SignalMap
from lead.geometry import box_arrays, location_array, pose_array

Floats = NDArray[np.float64]

REACH_M = 96.0


@dataclass(frozen=True)
class Body:
    """What does not change of an actor: `centre` and `turn` of its box in its frame, `extent` half sizes."""

    actor: carla.Actor
    centre: Floats
    extent: Floats

    @property
    def kind(self) -> str:
        """`vehicle`, `walker` or `static`."""
        return self.actor.type_id.split(".")[0]


class ActorBook:
    """All actors of a world, asked for once each."""

    def __init__(self, world: carla.World, ego: carla.Vehicle, signals: SignalMap):
        self._world = world
        self._ego = ego
        self._signals = signals
        self._bodies: dict[int, Body | None] = {}
        self._told: set[int] = set()

    def near(self, snapshot: carla.WorldSnapshot, position: Floats) -> list[tuple[Body, carla.ActorSnapshot]]:
        """Vehicles, walkers and props within reach of a position (x, y, ...), the ego left out."""
        states = {state.id: state for state in snapshot}
        self._meet(states.keys() - self._bodies.keys())
        for gone in self._bodies.keys() - states.keys():
            del self._bodies[gone]
        found = []
        for actor_id, body in self._bodies.items():
            if body is None or actor_id == self._ego.id:
                continue
            place = states[actor_id].get_transform().location
            if math.hypot(place.x - position[0], place.y - position[1]) < REACH_M:
                found.append((body, states[actor_id]))
        return found

    def _meet(self, new: Iterable[int]) -> None:
        new = list(new)
        if not new:
            return
        self._bodies |= dict.fromkeys(new)
        actors = list(self._world.get_actors(new))
        for actor in actors:
            if actor.type_id.startswith(("vehicle.", "walker.", "static.prop.")):
                pose, extent = box_arrays(actor.bounding_box)
                self._bodies[actor.id] = Body(actor, pose[:3], extent)
        self._signals.add([actor for actor in actors if actor.id not in self._told])
        self._told.update(new)


def movers(near: Iterable[tuple[Body, carla.ActorSnapshot]]) -> tuple[NDArray[np.int64], Floats]:
    """Ids (n,) and x, y, yaw (n, 3) of the vehicles and walkers."""
    rows = [(body.actor.id, state.get_transform()) for body, state in near if body.kind != "static"]
    places = [(pose.location.x, pose.location.y, math.radians(pose.rotation.yaw)) for _, pose in rows]
    return np.array([actor_id for actor_id, _ in rows], np.int64), np.array(places).reshape(-1, 3)


@dataclass(frozen=True)
class Neighbour:
    """Somebody near: `pose` (6,) in the world, `centre` (3,) of its box in its own frame, `extent` (3,) half sizes,
    `velocity` (3,) m/s in the world.
    """

    id: int
    type_id: str
    base_type: str
    pose: Floats
    centre: Floats
    extent: Floats
    velocity: Floats


def neighbours(near: Iterable[tuple[Body, carla.ActorSnapshot]]) -> list[Neighbour]:
    """Those near, as plain numbers."""
    return [
        Neighbour(
            id=body.actor.id,
            type_id=body.actor.type_id,
            base_type=body.actor.attributes.get("base_type", ""),
            pose=pose_array(state.get_transform()),
            centre=body.centre,
            extent=body.extent,
            velocity=location_array(state.get_velocity()),
        )
        for body, state in near
    ]
