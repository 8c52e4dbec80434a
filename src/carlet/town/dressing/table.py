"""The things of a town while they are being placed."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.town.model import Floats, Ints, Scenery
from carlet.town.objects import ObjectKind


@dataclass(frozen=True)
class Objects:
    """n things. `kind`, `model`: what they are. `origin` (n, 3), `yaw` (n,): the frame that they are drawn in. `size`
    (n, 3): as their kind has it. `seed` (n,): what makes them differ from their like. `source` (n,): the row of the
    light, sign or lamp that they stand for, else -1. `spot` (n, 2), `half` (n, 2): middle and half sizes of the ground
    that they take up, in their own yaw.
    """

    kind: NDArray[np.uint8]
    model: NDArray[np.uint8]
    origin: Floats
    yaw: Floats
    size: Floats
    seed: NDArray[np.uint32]
    source: Ints
    spot: Floats
    half: Floats

    def __len__(self) -> int:
        return len(self.yaw)

    def chosen(self, rows: NDArray[np.bool_] | Ints) -> "Objects":
        """Some of the things."""
        return Objects(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def make_objects(
    kind: ObjectKind,
    origin: Floats,
    yaw: Floats,
    *,
    half: ArrayLike,
    random: np.random.Generator,
    model: ArrayLike = 0,
    size: ArrayLike = 1.0,
    source: ArrayLike = -1,
    spot: Floats | None = None,
) -> Objects:
    """Things of one kind; `model`, `size`, `half` and `source` are one value, or one a thing."""
    origin = np.asarray(origin, dtype=np.float64).reshape(-1, 3)
    count = len(origin)
    return Objects(
        kind=np.full(count, kind, np.uint8),
        model=np.broadcast_to(np.asarray(model, np.uint8), count).copy(),
        origin=origin,
        yaw=np.broadcast_to(np.asarray(yaw, np.float64), count).copy(),
        size=np.broadcast_to(np.asarray(size, np.float64), (count, 3)).copy(),
        seed=random.integers(0, 1 << 32, count, dtype=np.uint32),
        source=np.broadcast_to(np.asarray(source, np.int64), count).copy(),
        spot=(origin[:, :2] if spot is None else np.asarray(spot, np.float64)[:, :2]).copy(),
        half=np.broadcast_to(np.asarray(half, np.float64), (count, 2)).copy(),
    )


def join_objects(parts: Iterable[Objects]) -> Objects:
    """All things of several tables, in order."""
    parts = list(parts)
    return Objects(
        **{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Objects)}
    )


#: Both have the columns `kind`, `model`, `origin`, `yaw`, `size` and `seed`, which things are drawn from.
Things = Objects | Scenery
#: Rows of things.
Rows = NDArray[np.int64]
