"""The arrays of a scene: what stands still, copied once, and behind it room for what moves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.render.scene import Clusters, Things, Triangles
from carlet.render.static import StaticScene

_ROOM = {"triangles": 1 << 16, "parts": 1 << 10, "actors": 1 << 8}
#: Unregistered things get numbers from here on in instance pictures, where 16 bits are seen; actors come before.
_FIRST_NUMBER, _NUMBERS = 0x8000, 0x7FFF


class Arena:
    """Triangles, clusters and things of a level, followed by those of movers.

    `static`, `clusters_static` and `things_static` count the rows of the level. `triangles`, `clusters` and `things`
    are views of the present length; `fit` changes it and keeps the level's rows.
    """

    def __init__(self, scene: StaticScene):
        self.static, self.clusters_static, self.things_static = len(scene.corner), len(scene.first), len(scene.things)
        self._triangles = scene.triangles
        self._clusters = scene.clusters
        self._things = _level_things(scene)
        self.fit(0, 0, 0)

    def fit(self, triangles: int, parts: int, actors: int) -> None:
        """Make room for so many triangles, parts and actors behind the level."""
        self._triangles = _with_room(self._triangles, self.static, triangles, _ROOM["triangles"])
        self._clusters = _with_room(self._clusters, self.clusters_static, parts, _ROOM["parts"])
        self._things = _with_room(self._things, self.things_static, actors, _ROOM["actors"])
        self.triangles = Triangles(*(column[: self.static + triangles] for column in self._triangles))
        self.clusters = Clusters(*(column[: self.clusters_static + parts] for column in self._clusters))
        self.things = Things(*(column[: self.things_static + actors] for column in self._things))


def _with_room(columns: Any, kept: int, wanted: int, least: int) -> Any:
    """The columns themselves when they can be written and are long enough, else longer copies of the first `kept`."""
    first = columns[0]
    if first.flags.writeable and len(first) >= kept + wanted:
        return columns
    size = kept + max(least, 2 * wanted)
    return type(columns)(*(_longer(column, kept, size) for column in columns))


def _longer(column: NDArray[Any], kept: int, size: int) -> NDArray[Any]:
    longer = np.zeros((size, *column.shape[1:]), column.dtype)
    longer[:kept] = column[:kept]
    return longer


def _level_things(scene: StaticScene) -> Things:
    level = scene.things
    count = len(level)
    return Things(
        origin=level.origin.astype(np.float32),
        axis=np.stack([np.cos(level.yaw), np.sin(level.yaw)], axis=1).astype(np.float32),
        number=(_FIRST_NUMBER + np.arange(count) % _NUMBERS).astype(np.uint32),
        actor=np.zeros(count, np.uint32),
        tint=level.tint.astype(np.float32),
        lamps=np.zeros(count, np.uint32),
        velocity=np.zeros((count, 3), np.float32),
    )
