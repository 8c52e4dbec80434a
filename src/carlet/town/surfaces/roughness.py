"""Where the ground of a junction bends so much that its triangles have to be small."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString

from carlet.town.model import Floats, Ints
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.outlines import Shape

_CELL = 4.0
_PROBE = 2.0
#: Change of slope within a cell from which on it is cut in two and in four.
_BENDS = (0.015, 0.04)


def cutting_lines(outline: Shape, height: tuple[float, float], heights: Heights) -> Shape:
    """Lines that cut what is within `outline`, whose ground lies between `height`, into cells that are nearly flat."""
    bounds = shapely.bounds(outline)
    low, high = np.floor(bounds[:2] / _CELL).astype(int), np.ceil(bounds[2:] / _CELL).astype(int)
    parts = _parts(low, high, height, heights)
    lines = [_lines(low * _CELL, high * _CELL, parts, axis) for axis in (0, 1)]
    return MultiLineString([*lines[0], *lines[1]])


def _parts(low: Ints, high: Ints, height: tuple[float, float], heights: Heights) -> Ints:
    """In how many parts (rows, columns) to cut the sides of the cells between `low` and `high`."""
    per = int(_CELL / _PROBE)
    columns, rows = ((high - low) * per + 1).tolist()
    x, y = np.meshgrid(low[0] * _CELL + _PROBE * np.arange(columns), low[1] * _CELL + _PROBE * np.arange(rows))
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, height[0])])
    z, on_lane = heights.with_lanes(points, height[1] - height[0] + 0.5)
    z = np.where(on_lane, z, np.nan).reshape(rows, columns)
    bend = np.maximum(_bends(z), _bends(z.T).T)
    blocks = np.stack(
        [bend[j : j + rows - 1 : per, i : i + columns - 1 : per] for j in range(per + 1) for i in range(per + 1)]
    )
    worst = blocks.max(axis=0)
    return np.where(worst > _BENDS[1], 4, np.where(worst > _BENDS[0], 2, 1))


def _bends(z: Floats) -> Floats:
    """Change of slope along the second axis at each node, zero where a neighbour is not known."""
    bend = np.zeros_like(z)
    bend[:, 1:-1] = np.abs(np.diff(z, n=2, axis=1)) / _PROBE
    return np.nan_to_num(bend)


def _lines(low: Floats, high: Floats, parts: Ints, axis: int) -> NDArray[np.object_]:
    """Lines along one axis: along all cells' sides, and inside the cells that are cut."""
    across = np.arange(low[1 - axis], high[1 - axis] + 0.5 * _CELL, _CELL)
    ends = np.zeros((len(across), 2, 2))
    ends[:, 0, axis], ends[:, 1, axis], ends[:, :, 1 - axis] = low[axis], high[axis], across[:, None]
    pieces = [ends]
    for cuts in (2, 4):
        row, column = np.nonzero(parts == cuts)
        corner = low + _CELL * np.stack([column, row], axis=1)
        for number in range(1, cuts):
            inner = np.repeat(corner[:, None], 2, axis=1)
            inner[:, 1, axis] += _CELL
            inner[:, :, 1 - axis] += _CELL * number / cuts
            pieces.append(inner)
    return np.asarray(shapely.linestrings(np.concatenate(pieces)))
