"""What rays of a stage hit: its tag, its thing, its normal, whether solid or paint."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.render.scene import NOTHING
from carlet.sensors.base import Stage


class Targets(NamedTuple):
    """What k rays hit: semantic `tag` (k,), `thing` (k,) rows of the stage's things, outward unit `normal` (k, 3)."""

    tag: NDArray[np.uint8]
    thing: NDArray[np.int32]
    normal: NDArray[np.float32]


def targets(stage: Stage, row: NDArray[np.int32]) -> Targets:
    """The targets behind `row` (k,), rows that `Stage.cast` gave; none of them is `NOTHING`."""
    found = Targets(stage.triangles.tag[row], stage.triangles.thing[row], stage.triangles.normal[row])
    painted = np.flatnonzero(row < NOTHING)
    if len(painted):
        mark = -2 - row[painted]
        found.tag[painted] = stage.paint.tag[mark]
        found.thing[painted] = stage.paint.thing[mark]
        found.normal[painted] = stage.paint.normal[mark]
    return found
