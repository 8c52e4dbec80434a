"""Triangles as flat arrays, the one form in which towns and actors are drawn and ranged.

Frame: CARLA's (x forward, y right, z up), metres. The outside of a triangle `a b c` is where `cross(b - a, c - a)`
points; triangles are seen from outside only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_SLIVER = 1e-10


@dataclass(frozen=True)
class Mesh:
    """n triangles: `corner` (n, 3, 3) float32, `material` (n,) codes of `carlet.models.materials`, `tag` (n,) semantic
    tags, `thing` (n,) the row of the thing they belong to (0 in models of one thing).
    """

    corner: NDArray[np.float32]
    material: NDArray[np.uint16]
    tag: NDArray[np.uint8]
    thing: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.corner)

    @property
    def normals(self) -> NDArray[np.float32]:
        """Unit normals (n, 3) that point outwards; zero for slivers."""
        corner = self.corner.astype(np.float64)
        cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        length = np.linalg.norm(cross, axis=1, keepdims=True)
        return np.where(length > _SLIVER, cross / np.maximum(length, _SLIVER), 0.0).astype(np.float32)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest coordinates (3,), (3,); zero when there is nothing."""
        if not len(self):
            return np.zeros(3), np.zeros(3)
        return self.corner.min(axis=(0, 1)).astype(np.float64), self.corner.max(axis=(0, 1)).astype(np.float64)

    def moved(self, offset: ArrayLike = (0.0, 0.0, 0.0), turn: ArrayLike | None = None) -> "Mesh":
        """Turned by the rotation matrix `turn` (3, 3), then shifted by `offset` (3,)."""
        corner = self.corner.astype(np.float64)
        if turn is not None:
            corner = corner @ np.asarray(turn, dtype=np.float64).T
        return replace(self, corner=(corner + np.asarray(offset, dtype=np.float64)).astype(np.float32))

    def of_thing(self, thing: int) -> "Mesh":
        """The same triangles as part of another thing."""
        return replace(self, thing=np.full(len(self), thing, np.int32))


def make_mesh(corner: ArrayLike, material: ArrayLike, tag: ArrayLike, thing: ArrayLike = 0) -> Mesh:
    """A mesh of corners (n, 3, 3); the other columns are (n,) or one value for all."""
    corners = np.ascontiguousarray(corner, dtype=np.float32).reshape(-1, 3, 3)
    count = len(corners)
    return Mesh(
        corner=corners,
        material=np.broadcast_to(np.asarray(material, np.uint16), count).copy(),
        tag=np.broadcast_to(np.asarray(tag, np.uint8), count).copy(),
        thing=np.broadcast_to(np.asarray(thing, np.int32), count).copy(),
    )


def join(meshes: Iterable[Mesh]) -> Mesh:
    """All triangles of several meshes, in order."""
    parts = [mesh for mesh in meshes if len(mesh)]
    if not parts:
        return make_mesh(np.zeros((0, 3, 3)), 0, 0)
    return Mesh(
        corner=np.concatenate([part.corner for part in parts]),
        material=np.concatenate([part.material for part in parts]),
        tag=np.concatenate([part.tag for part in parts]),
        thing=np.concatenate([part.thing for part in parts]),
    )


def instanced(mesh: Mesh, poses: Floats, thing: ArrayLike, scale: ArrayLike = 1.0) -> Mesh:
    """Copies of `mesh` at k upright poses (k, 4) `x y z yaw`, each the thing `thing` (k,), scaled by `scale`: one
    number, (k,) or (k, 3) along the mesh's own axes.
    """
    poses = np.asarray(poses, dtype=np.float64).reshape(-1, 4)
    count = len(poses)
    size = np.asarray(scale, dtype=np.float64)
    size = np.broadcast_to(size[:, None] if size.ndim == 1 else size, (count, 3))
    cos, sin = np.cos(poses[:, 3])[:, None, None], np.sin(poses[:, 3])[:, None, None]
    local = mesh.corner[None].astype(np.float64) * size[:, None, None, :]
    x, y, z = local[..., 0], local[..., 1], local[..., 2]
    corner = np.stack([x * cos - y * sin, x * sin + y * cos, z], axis=-1) + poses[:, None, None, :3]
    return Mesh(
        corner=corner.reshape(-1, 3, 3).astype(np.float32),
        material=np.tile(mesh.material, count),
        tag=np.tile(mesh.tag, count),
        thing=np.repeat(np.broadcast_to(np.asarray(thing, np.int32), count), len(mesh)),
    )
