"""Point clouds as rasters seen from above, as students want them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.sensors.clouds import STUDENT_AREA, Area

PIXELS_PER_M = 4.0
MOST_POINTS = 5


def rasterise(
    points: NDArray[np.floating], area: Area = STUDENT_AREA, pixels_per_m: float = PIXELS_PER_M
) -> NDArray[np.float32]:
    """How many points fall into each cell, (rows of y, columns of x), clipped at five and divided by that.

    `points` (n, 3 or more) in the lowered ego frame; points outside the area are left out.
    """
    rows = round((area.max_y - area.min_y) * pixels_per_m)
    columns = round((area.max_x - area.min_x) * pixels_per_m)
    points = np.ascontiguousarray(points[:, :3], dtype=np.float32)
    bounds = (area.min_x, area.max_x, area.min_y, area.max_y, area.min_z, area.max_z)
    counts = _count(points, bounds, pixels_per_m, rows, columns)
    return (np.minimum(counts, MOST_POINTS) / MOST_POINTS).astype(np.float32)


def rasterise_radar(
    points: NDArray[np.floating], area: Area = STUDENT_AREA, pixels_per_m: float = PIXELS_PER_M
) -> NDArray[np.float32]:
    """The fastest approach or retreat (m/s, signed) in each cell (rows of y, columns of x), 0 where nothing is.

    `points` (n, 4): x, y, z and radial speed in the ego's frame.
    """
    rows = round((area.max_y - area.min_y) * pixels_per_m)
    columns = round((area.max_x - area.min_x) * pixels_per_m)
    image = np.zeros((rows, columns), np.float32)
    kept = points[area.holds(points)]
    kept = kept[np.argsort(np.abs(kept[:, 3]), kind="stable")]
    row = np.minimum(((kept[:, 1] - area.min_y) * pixels_per_m).astype(np.int64), rows - 1)
    column = np.minimum(((kept[:, 0] - area.min_x) * pixels_per_m).astype(np.int64), columns - 1)
    image[row, column] = kept[:, 3]
    return image


@njit(cache=True, nogil=True)
def _count(points, bounds, scale, rows, columns):
    min_x, max_x, min_y, max_y, min_z, max_z = bounds
    counts = np.zeros((rows, columns), np.int32)
    for i in range(len(points)):
        x, y, z = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        # As numpy's histogram has it, the last cell takes its upper edge.
        if min_x <= x <= max_x and min_y <= y <= max_y and min_z <= z <= max_z:
            column = min(int((x - min_x) * scale), columns - 1)
            row = min(int((y - min_y) * scale), rows - 1)
            counts[row, column] += 1
    return counts
