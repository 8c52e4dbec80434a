"""The models of actors as rows of shared arrays, added when an actor of a new look is first seen."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.models.actor_model import Model
from carlet.models.mesh import join
from carlet.render.rig import Rig, rig_of


class Costume(NamedTuple):
    """A model in `Templates`: its rig, the rows of its parts, and its own colours (3, 3)."""

    rig: Rig
    parts: NDArray[np.int32]
    tints: NDArray[np.float32]


class TemplateArrays(NamedTuple):
    """Parts of models in their own frames: columns of `Triangles` for all their triangles; part i has the rows
    [start[i], start[i + 1]).
    """

    corner: NDArray[np.float32]
    normal: NDArray[np.float32]
    material: NDArray[np.uint16]
    tag: NDArray[np.uint8]
    start: NDArray[np.int32]


class Templates:
    """Every model seen so far. `arrays` grow; rows once given stay."""

    def __init__(self) -> None:
        self._costumes: dict[Hashable, Costume] = {}
        self.arrays = _no_arrays()

    def costume(self, look: Hashable, build: Callable[[], Model]) -> Costume:
        """The model of a look, built when it is new."""
        found = self._costumes.get(look)
        if found is None:
            found = self._costumes[look] = self._add(build())
        return found

    def _add(self, model: Model) -> Costume:
        meshes = [part.mesh for part in model.parts]
        mesh, old = join(meshes), self.arrays
        sizes = np.cumsum([len(part) for part in meshes])
        first = len(old.start) - 1
        self.arrays = TemplateArrays(
            corner=np.concatenate([old.corner, mesh.corner.reshape(-1, 9)]),
            normal=np.concatenate([old.normal, mesh.normals]),
            material=np.concatenate([old.material, mesh.material]),
            tag=np.concatenate([old.tag, mesh.tag]),
            start=np.concatenate([old.start, old.start[-1] + sizes]).astype(np.int32),
        )
        parts = np.arange(first, first + len(meshes), dtype=np.int32)
        return Costume(rig_of(model), parts, np.asarray(model.tints, np.float32))


def spans(first: NDArray[np.int32], count: NDArray[np.int32]) -> NDArray[np.int64]:
    """The rows [first[i], first[i] + count[i]) of all i, one after the other."""
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - count), count)


def part_rows(costumes: Sequence[Costume]) -> NDArray[np.int32]:
    """Rows of the parts of several costumes, in order."""
    return np.concatenate([costume.parts for costume in costumes]) if costumes else np.zeros(0, np.int32)


def _no_arrays() -> TemplateArrays:
    return TemplateArrays(
        corner=np.zeros((0, 9), np.float32),
        normal=np.zeros((0, 3), np.float32),
        material=np.zeros(0, np.uint16),
        tag=np.zeros(0, np.uint8),
        start=np.zeros(1, np.int32),
    )
