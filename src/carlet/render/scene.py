"""What is drawn and ranged: flat arrays that rasteriser, rays and shading share.

Triangles [0, static) are the level's, in the order of the leaves of their bounding volume hierarchy, so that any run of
neighbours is compact; the movers' follow, one run a part of an actor, made anew every tick. A triangle's row is the one
thing that is rastered and ranged; all else is looked up.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: The row of "nothing was hit".
NOTHING = -1
#: Far plane of pictures and the depth of the sky (m).
FAR = 1000.0


class Triangles(NamedTuple):
    """n triangles: `corner` (n, 9) `ax ay az bx by bz cx cy cz`, unit outward `normal` (n, 3), `material` (n,) codes,
    `tag` (n,) semantic tags, `thing` (n,) rows of `Things`. A triangle whose normal is zero is not there.
    """

    corner: NDArray[np.float32]
    normal: NDArray[np.float32]
    material: NDArray[np.uint16]
    tag: NDArray[np.uint8]
    thing: NDArray[np.int32]


class Things(NamedTuple):
    """m things that triangles belong to. `origin` (m, 3) and `axis` (m, 2) (cos and sin of the yaw): the frame of their
    patterns. `number` (m,): the id in instance pictures. `actor` (m,): CARLA's actor id, 0 for unregistered scenery.
    `tint` (m, 3, 3): linear colours of the three slots. `lamps` (m,): which lamps are lit, bits of `Lamp`.
    `velocity` (m, 3) m/s.
    """

    origin: NDArray[np.float32]
    axis: NDArray[np.float32]
    number: NDArray[np.uint32]
    actor: NDArray[np.uint32]
    tint: NDArray[np.float32]
    lamps: NDArray[np.uint32]
    velocity: NDArray[np.float32]


class Moved(NamedTuple):
    """Where p parts that move were one tick ago. Part i has the rows from `first[i]` to the next part's, `first` (p,)
    rising. `before` (p, 12): rows of the (3, 4) matrix that takes its points, as they are now in the world, to where
    they were then.
    """

    first: NDArray[np.int32]
    before: NDArray[np.float32]


class Clusters(NamedTuple):
    """Runs of at most about 64 triangles with their boxes: cluster i has the rows [first[i], last[i]) and lies within
    `low` (c, 3) and `high` (c, 3).
    """

    first: NDArray[np.int32]
    last: NDArray[np.int32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


class View(NamedTuple):
    """A pinhole camera: `eye` (3,) float32, `turn` (3, 3) float32 with rows right, down and forward in the world,
    `focal` in pixels, the principal point in the middle of `width` x `height` pixels.
    """

    eye: NDArray[np.float32]
    turn: NDArray[np.float32]
    focal: float
    width: int
    height: int
