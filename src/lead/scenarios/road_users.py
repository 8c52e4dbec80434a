"""Everybody on the road in one tick, as arrays; looked up once a tick for all who ask."""

from typing import NamedTuple

import carla
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class RoadUsers(NamedTuple):
    """n vehicles and walkers: `id` (n,), `location` (n, 3), `yaw` (n,), `velocity` (n, 3) m/s, `extent` (n, 3) half
    sizes.
    """

    id: NDArray[np.int64]
    location: Floats
    yaw: Floats
    velocity: Floats
    extent: Floats


class Lookout:
    """Reads the road users of a world, at most once a tick."""

    def __init__(self, world: carla.World):
        self._world = world
        self._extents: dict[int, tuple[float, float, float]] = {}
        self._known: set[int] = set()
        self._frame = -1
        self._users = _arrays([], [])

    def users(self) -> RoadUsers:
        """Who is on the road now."""
        self._look()
        return self._users

    def present(self) -> set[int]:
        """Ids of all actors that are there now, whatever they are."""
        self._look()
        return self._known

    def _look(self) -> None:
        snapshot = self._world.get_snapshot()
        if snapshot.frame == self._frame:
            return
        self._frame = snapshot.frame
        now = {actor.id for actor in snapshot}
        self._meet(now - self._known)
        for gone in self._known - now:
            self._extents.pop(gone, None)
        self._known = now
        seen = [actor for actor_id in sorted(self._extents) if (actor := snapshot.find(actor_id)) is not None]
        self._users = _arrays(seen, [self._extents[actor.id] for actor in seen])

    def _meet(self, actor_ids: set[int]) -> None:
        """Find out who of new actors is a road user, and how large."""
        if not actor_ids:
            return
        for actor in self._world.get_actors(sorted(actor_ids)):
            if actor.type_id.startswith(("vehicle.", "walker.")):
                box = actor.bounding_box.extent
                self._extents[actor.id] = (box.x, box.y, box.z)


def _arrays(seen: list[carla.ActorSnapshot], extents: list[tuple[float, float, float]]) -> RoadUsers:
    poses = [actor.get_transform() for actor in seen]
    speeds = [actor.get_velocity() for actor in seen]
    return RoadUsers(
        id=np.array([actor.id for actor in seen], np.int64),
        location=np.array([(p.location.x, p.location.y, p.location.z) for p in poses]).reshape(-1, 3),
        yaw=np.radians([p.rotation.yaw for p in poses]),
        velocity=np.array([(v.x, v.y, v.z) for v in speeds]).reshape(-1, 3),
        extent=np.array(extents).reshape(-1, 3),
    )
