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
        self._frame = -1
        self._users = _arrays([], [])

    def users(self) -> RoadUsers:
        """Who is on the road now."""
        snapshot = self._world.get_snapshot()
        if snapshot.frame != self._frame:
            self._frame = snapshot.frame
            self._users = self._read(snapshot)
        return self._users

    def _read(self, snapshot: carla.WorldSnapshot) -> RoadUsers:
        actors = self._world.get_actors()
        for actor in [*actors.filter("vehicle.*"), *actors.filter("walker.*")]:
            if actor.id not in self._extents:
                box = actor.bounding_box.extent
                self._extents[actor.id] = (box.x, box.y, box.z)
        seen = [actor for actor in snapshot if actor.id in self._extents]
        return _arrays(seen, [self._extents[actor.id] for actor in seen])


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
