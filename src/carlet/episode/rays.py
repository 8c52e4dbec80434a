"""Rays through a world: level surfaces and the boxes of actors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.actors.registry import ActorInfo
from carlet.actors.table import ActorTable
from carlet.episode.level import Level
from carlet.geometry import rotation_matrices

Vector = NDArray[np.float64]
PARALLEL = 1e-12


class Hit(NamedTuple):
    """Where a ray meets a surface, (3,), and the semantic tag there."""

    location: Vector
    tag: int


def cast(level: Level, table: ActorTable, actors: dict[int, ActorInfo], start: Vector, end: Vector) -> list[Hit]:
    """All surfaces between two points (3,), the nearest first."""
    hits = [Hit(point, tag) for point, tag in level.cast(start, end)]
    hits += _actor_hits(table, actors, start, end)
    return sorted(hits, key=lambda hit: float(np.linalg.norm(hit.location - start)))


def _actor_hits(table: ActorTable, actors: dict[int, ActorInfo], start: Vector, end: Vector) -> list[Hit]:
    rows = np.flatnonzero(table.collides)
    if not len(rows):
        return []
    turn = rotation_matrices(table.rotation[rows])
    origin = np.einsum("nji,nj->ni", turn, start - table.location[rows]) - table.box_centre[rows]
    ray = np.einsum("nji,j->ni", turn, end - start)
    ray = np.where(np.abs(ray) < PARALLEL, PARALLEL, ray)
    extent = table.box_extent[rows]
    first, second = (-extent - origin) / ray, (extent - origin) / ray
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    met = np.flatnonzero((enter <= leave) & (enter >= 0.0) & (enter <= 1.0))
    tags = [actors[int(table.id[rows[k]])].blueprint.semantic_tag for k in met]
    return [Hit(start + enter[k] * (end - start), tag) for k, tag in zip(met, tags, strict=True)]
