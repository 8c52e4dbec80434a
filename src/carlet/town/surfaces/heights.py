"""Heights of the ground for meshing: without what raised lanes add, and of the land alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carlet.town import kernels
from carlet.town.grid import Grid
from carlet.town.model import Floats, Lanes, Terrain


@dataclass(frozen=True)
class Heights:
    """The ground of a town as `Ground` has it, over chosen strips of its lanes: `grid` lists these. `rise` (m,) per
    sample is what is added to the height of the lanes' centre line.
    """

    lanes: Lanes
    terrain: Terrain
    grid: Grid
    rise: Floats

    def at(self, points: Floats, step: float = 1.0) -> Floats:
        """Heights (k,) under `points` (k, 3), of surfaces that lie at most `step` over the point."""
        return self.with_lanes(points, step)[0]

    def with_lanes(self, points: Floats, step: float = 1.0) -> tuple[Floats, NDArray[np.bool_]]:
        """`at`, and whether each height is a lane's."""
        lanes, terrain = self.lanes, self.terrain
        z, _, strips = kernels.ground_heights(
            np.ascontiguousarray(points, dtype=np.float64),
            step,
            lanes.point,
            lanes.heading,
            lanes.width,
            lanes.bank,
            self.rise,
            *self.grid.arrays,
            terrain.height,
            terrain.origin,
            terrain.spacing,
        )
        return z, strips >= 0

    def land(self, points: Floats) -> Floats:
        """Heights (k,) of the land beside the lanes at `points` (k, 2)."""
        lanes, terrain = self.lanes, self.terrain
        return kernels.land_heights(
            np.ascontiguousarray(points, dtype=np.float64),
            lanes.point,
            lanes.heading,
            lanes.width,
            lanes.bank,
            self.rise,
            *self.grid.arrays,
            terrain.height,
            terrain.origin,
            terrain.spacing,
        )


def level_heights(lanes: Lanes, terrain: Terrain) -> Heights:
    """Heights of all lanes as if none were raised."""
    return Heights(lanes, terrain, lanes.grid, _frozen(np.zeros(len(lanes.lane))))


def terrain_heights(terrain: Terrain, points: Floats) -> Floats:
    """Heights (k,) of the bare land at `points` (k, 2) or (k, 3), its edge carried on outside."""
    rows, columns = terrain.height.shape
    place = np.clip((points[:, :2] - terrain.origin) / terrain.spacing, 0.0, [columns - 1.000001, rows - 1.000001])
    cell = place.astype(np.int64)
    u, v = (place - cell).T
    (i, j), low = cell.T, terrain.height.astype(np.float64).ravel()
    a, b, c, d = (low[(j + y) * columns + i + x] for y in (0, 1) for x in (0, 1))
    return (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v


def _frozen(values: Floats) -> Floats:
    values.setflags(write=False)
    return values
