"""What is asked of a stage, and what it gives: one pass a pose, whatever pictures are made of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.render.scene import View


class Lens(NamedTuple):
    """How light becomes colour. `effects`: whether the picture is finished (smooth edges, glow, drops on the glass) or
    left raw; `gamma` of the picture, 2.2 being usual; `stops` of exposure more than usual.
    """

    effects: bool = True
    gamma: float = 2.2
    stops: float = 0.0


class Request(NamedTuple):
    """A view to draw, and the lens when colours are wanted."""

    view: View
    rgb: Lens | None = None


class Picture(NamedTuple):
    """What a view sees, h x w pixels: `near` (h, w) float32, one over the distance along the camera's axis (1/m), 0
    where there is nothing; `seen` (h, w) int32 rows of the triangles, or NOTHING; `cover` (h, w) float32, the share of
    the pixel under paint; `marked` (h, w) int32 rows of the paint triangles, or NOTHING; `bgra` (h, w, 4) uint8, when
    colours were wanted.
    """

    near: NDArray[np.float32]
    seen: NDArray[np.int32]
    cover: NDArray[np.float32]
    marked: NDArray[np.int32]
    bgra: NDArray[np.uint8] | None = None
