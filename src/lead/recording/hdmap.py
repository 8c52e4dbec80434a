"""The road round the ego as LEAD's students learn it: 256 x 256 pixels, 2 a metre, painted from the town's map."""

import carla
import cv2
import numpy as np
from numpy.typing import NDArray

from lead.routes import LaneGraph
from lead.view.tiles import BROKEN, UNSEEN, Colour, TownLook, TownTiles

NOTHING, ROAD, LINE, BROKEN_LINE = 0, 1, 3, 4
SIZE = 256
PIXELS_PER_M = 2.0
_TILE_SCALE = 4.0


def _line(marking: carla.LaneMarking, s: float) -> Colour | None:
    del s
    if marking.type in UNSEEN:
        return None
    is_broken_white = marking.type in BROKEN and marking.color != carla.LaneMarkingColor.Yellow
    return (BROKEN_LINE, 0, 0) if is_broken_white else (LINE, 0, 0)


_LANES = (carla.LaneType.Driving, carla.LaneType.Bidirectional, carla.LaneType.Parking)
_LOOK = TownLook((NOTHING, 0, 0), dict.fromkeys(_LANES, (ROAD, 0, 0)), _line, line_width=4, smooth=False)


class RoadRaster:
    """Paints one town. It remembers the tiles that it has painted, so keep it as long as the town."""

    def __init__(self, graph: LaneGraph):
        self._tiles = TownTiles(graph, _TILE_SCALE, _LOOK)

    def around(self, x: float, y: float, yaw: float) -> NDArray[np.uint8]:
        """Classes (256, 256): columns from 64 m behind to 64 m ahead, rows from 64 m left to 64 m right of a pose."""
        mosaic, (column, row) = self._tiles.around(x, y)
        half = SIZE / (2.0 * PIXELS_PER_M)
        c, s = _TILE_SCALE * np.cos(yaw) / PIXELS_PER_M, _TILE_SCALE * np.sin(yaw) / PIXELS_PER_M
        # Picture pixel -> mosaic pixel: the middle of each pixel, from the corner.
        turn = np.array([[c, -s], [s, c]])
        corner = np.array([column, row]) + turn @ np.full(2, 0.5 - half * PIXELS_PER_M) - 0.5
        matrix = np.column_stack([turn, corner])
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        return np.ascontiguousarray(cv2.warpAffine(mosaic, matrix, (SIZE, SIZE), flags=flags)[..., 0], np.uint8)
