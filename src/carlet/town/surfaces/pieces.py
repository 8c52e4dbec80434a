"""Triangles of the ground while they are being made, in double precision and with the thing they will belong to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.models.mesh import Mesh, make_mesh
from carlet.town.level_mesh import LevelThings, make_things
from carlet.town.model import Floats, Ints

_SLIVER = 1e-6  # square metres


class Part(IntEnum):
    """What a thing of the ground is, before its number in a town's files."""

    LAND = 0
    ROAD = 1
    WALK = 2
    CROSSING = 3
    CROSSING_WALK = 4
    BRIDGE = 5


@dataclass(frozen=True)
class Pieces:
    """Triangles (n): `corner` (n, 3, 3), `material` codes, `tag`, and `key`, which is the same for all of a thing."""

    corner: Floats
    material: NDArray[np.uint16]
    tag: NDArray[np.uint8]
    key: Ints

    def __len__(self) -> int:
        return len(self.corner)


def thing_keys(part: Part | Ints, number: ArrayLike) -> Ints:
    """Keys of things: a part of the road, junction or land of that number."""
    return np.asarray(number, np.int64) * len(Part) + np.asarray(part, np.int64)


def make_pieces(corner: Floats, material: ArrayLike, tag: ArrayLike, key: ArrayLike) -> Pieces:
    """Triangles of corners (n, 3, 3), those without area left out; the rest is (n,) or one for all."""
    corner = np.asarray(corner, dtype=np.float64).reshape(-1, 3, 3)
    count = len(corner)
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    solid = np.linalg.norm(cross, axis=1) > _SLIVER
    return Pieces(
        corner=corner[solid],
        material=np.broadcast_to(np.asarray(material, np.uint16), count)[solid],
        tag=np.broadcast_to(np.asarray(tag, np.uint8), count)[solid],
        key=np.broadcast_to(np.asarray(key, np.int64), count)[solid],
    )


def quad_pieces(corner: Floats, material: ArrayLike, tag: ArrayLike, key: ArrayLike) -> Pieces:
    """Triangles of quads (n, 4, 3), whose corners go round as those of triangles do."""
    corner = np.asarray(corner, dtype=np.float64).reshape(-1, 4, 3)
    count = len(corner)
    columns = [np.repeat(np.broadcast_to(np.asarray(value), count), 2) for value in (material, tag, key)]
    return make_pieces(corner[:, [0, 1, 2, 0, 2, 3]], *columns)


def join_pieces(parts: Iterable[Pieces]) -> Pieces:
    """All triangles in order."""
    parts = list(parts)
    return Pieces(
        corner=np.concatenate([np.zeros((0, 3, 3)), *(part.corner for part in parts)]),
        material=np.concatenate([np.zeros(0, np.uint16), *(part.material for part in parts)]),
        tag=np.concatenate([np.zeros(0, np.uint8), *(part.tag for part in parts)]),
        key=np.concatenate([np.zeros(0, np.int64), *(part.key for part in parts)]),
    )


def facing_up(pieces: Pieces) -> Pieces:
    """Those triangles that are not upright, turned so that they are seen from above."""
    a, b, c = pieces.corner[:, 0, :2], pieces.corner[:, 1, :2], pieces.corner[:, 2, :2]
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    corner = np.where((area < 0.0)[:, None, None], pieces.corner[:, [0, 2, 1]], pieces.corner)
    flat = np.abs(area) > _SLIVER
    return Pieces(corner[flat], pieces.material[flat], pieces.tag[flat], pieces.key[flat])


def to_meshes(parts: Iterable[Pieces]) -> tuple[list[Mesh], LevelThings]:
    """A mesh for each of `parts`, whose things stand, in the order of their keys, in the middle of their triangles."""
    parts = list(parts)
    whole = join_pieces(parts)
    keys, row = np.unique(whole.key, return_inverse=True)
    centre = whole.corner.mean(axis=1)
    size = np.bincount(row, minlength=len(keys))
    origin = np.stack([np.bincount(row, centre[:, axis], len(keys)) for axis in range(3)], axis=1) / size[:, None]
    rows = np.split(row, np.cumsum([len(part) for part in parts])[:-1])
    meshes = [make_mesh(part.corner, part.material, part.tag, own) for part, own in zip(parts, rows, strict=True)]
    return meshes, make_things(origin)
