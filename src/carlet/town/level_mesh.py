"""The triangles of a town and the things they belong to, before they are sorted for pictures and rays."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from carlet.models.mesh import Mesh, join
from carlet.town.model import Floats, Ints


@dataclass(frozen=True)
class LevelThings:
    """m things of a level, in the sense of `carlet.render.scene.Things`: `origin` (m, 3), `yaw` (m,), linear `tint`
    (m, 3, 3), and the rows they stand for, -1 where they do not: `scenery` (m,) of the town's scenery, `light` (m,) of
    its traffic lights, `sign` (m,) of its signs, `lamp` (m,) of its street lamps.
    """

    origin: Floats
    yaw: Floats
    tint: NDArray[np.float32]
    scenery: Ints
    light: Ints
    sign: Ints
    lamp: Ints

    def __len__(self) -> int:
        return len(self.yaw)


@dataclass(frozen=True)
class LevelMesh:
    """What is solid, and the paint that lies flat on it, lifted by a centimetre; `Mesh.thing` are rows of `things`."""

    solid: Mesh
    paint: Mesh
    things: LevelThings


def make_things(
    origin: Floats, yaw: Floats | None = None, tint: NDArray[np.float32] | None = None, **rows: Ints
) -> LevelThings:
    """Things at `origin` (m, 3); what is not given is zero, white or -1."""
    origin = np.asarray(origin, dtype=np.float64).reshape(-1, 3)
    count = len(origin)
    none = np.full(count, -1, np.int64)
    return LevelThings(
        origin=origin,
        yaw=np.zeros(count) if yaw is None else np.asarray(yaw, dtype=np.float64),
        tint=np.ones((count, 3, 3), np.float32) if tint is None else np.asarray(tint, np.float32),
        **{name: np.asarray(rows.get(name, none), np.int64) for name in ("scenery", "light", "sign", "lamp")},
    )


def join_levels(parts: Iterable[LevelMesh]) -> LevelMesh:
    """Several parts as one level, things renumbered."""
    parts = list(parts)
    starts = np.cumsum([0, *(len(part.things) for part in parts)])[:-1].tolist()
    columns = {
        item.name: np.concatenate([getattr(part.things, item.name) for part in parts]) for item in fields(LevelThings)
    }
    return LevelMesh(
        solid=join(_shifted(part.solid, start) for part, start in zip(parts, starts, strict=True)),
        paint=join(_shifted(part.paint, start) for part, start in zip(parts, starts, strict=True)),
        things=LevelThings(**columns),
    )


def _shifted(mesh: Mesh, start: int) -> Mesh:
    return replace(mesh, thing=mesh.thing + np.int32(start))
