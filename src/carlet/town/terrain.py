"""The land between the roads: a height field through the lowest road surfaces, smooth where there are none."""

import numpy as np
from numpy.typing import NDArray

from carlet.town.model import Floats, Lanes

MARGIN = 120.0
_MOST_NODES = 3_000_000
_FINEST = 4.0
_STEEPEST = 0.5  # rise per metre of the banks under a bridge's ends
_LAYER = 2.0


def build_terrain(lanes: Lanes) -> tuple[NDArray[np.float32], Floats, float]:
    """Heights (rows, columns) float32 of nodes, the first node's position (2,) and the spacing of nodes (m)."""
    points = _surface_points(lanes)
    low, high = points[:, :2].min(axis=0) - MARGIN, points[:, :2].max(axis=0) + MARGIN
    area = float(np.prod(high - low))
    spacing = max(_FINEST, float(np.ceil(np.sqrt(area / _MOST_NODES))))
    columns, rows = (np.ceil((high - low) / spacing).astype(int) + 2).tolist()
    near = np.round((points[:, :2] - low) / spacing).astype(np.int64)
    floor = np.full((rows, columns), np.inf)
    np.minimum.at(floor.ravel(), near[:, 1] * columns + near[:, 0], points[:, 2])
    floor = _banked(floor, spacing)
    heights = _filled(*_averages(points, near, floor))
    return np.asarray(heights, dtype=np.float32), low, spacing


def _surface_points(lanes: Lanes) -> Floats:
    """Edges of all lanes at all samples (2 m, 3)."""
    right = np.stack([-np.sin(lanes.heading), np.cos(lanes.heading), lanes.bank], axis=1)
    half = 0.5 * lanes.width[:, None] * right
    return np.concatenate([lanes.point - half, lanes.point + half])


def _banked(floor: Floats, spacing: float) -> Floats:
    """The floor lowered until it nowhere rises faster than the steepest bank from lower known floor nearby."""
    reach = max(int(60.0 / spacing), 1)
    lowered = floor
    for _ in range(reach):
        padded = np.pad(lowered, 1, constant_values=np.inf)
        rows, columns = floor.shape
        around = [padded[1 + j : 1 + j + rows, 1 + i : 1 + i + columns] for j, i in ((0, 1), (0, -1), (1, 0), (-1, 0))]
        lowered = np.minimum(lowered, np.min(around, axis=0) + _STEEPEST * spacing)
    return np.where(np.isfinite(floor), lowered, np.inf)


def _averages(points: Floats, near: np.ndarray, floor: Floats) -> tuple[Floats, Floats]:
    """Per node the mean height of the points of its lowest storey, and how many these are."""
    at = near[:, 1] * floor.shape[1] + near[:, 0]
    low = points[:, 2] <= floor.ravel()[at] + _LAYER
    weight = np.bincount(at[low], minlength=floor.size).astype(np.float64)
    total = np.bincount(at[low], weights=points[low, 2], minlength=floor.size)
    bare = np.isfinite(floor.ravel()) & (weight == 0.0)
    weight[bare], total[bare] = 1.0, floor.ravel()[bare]
    return (total / np.maximum(weight, 1.0)).reshape(floor.shape), weight.reshape(floor.shape)


def _filled(heights: Floats, weight: Floats) -> Floats:
    """Heights where there is weight; elsewhere those of ever coarser averages."""
    if min(heights.shape) <= 2:
        return np.where(weight > 0.0, heights, np.sum(heights * weight) / max(weight.sum(), 1e-12))
    rows, columns = heights.shape
    even = ((0, rows % 2), (0, columns % 2))
    known = np.minimum(np.pad(weight, even), 1.0)
    values = np.pad(heights, even) * known
    blocks = (known.shape[0] // 2, 2, known.shape[1] // 2, 2)
    total = known.reshape(blocks).sum(axis=(1, 3))
    mean = values.reshape(blocks).sum(axis=(1, 3)) / np.maximum(total, 1e-12)
    coarse = _filled(np.where(total > 0.0, mean, 0.0), total)
    return np.where(weight > 0.0, heights, _doubled(coarse)[:rows, :columns])


def _doubled(coarse: Floats) -> Floats:
    """A field of twice as many nodes, bilinear between block centres."""
    for axis in (0, 1):
        before = np.concatenate([coarse.take([0], axis), coarse.take(range(coarse.shape[axis] - 1), axis)], axis)
        after = np.concatenate([coarse.take(range(1, coarse.shape[axis]), axis), coarse.take([-1], axis)], axis)
        pair = np.stack([0.75 * coarse + 0.25 * before, 0.75 * coarse + 0.25 * after], axis + 1)
        shape = list(coarse.shape)
        shape[axis] *= 2
        coarse = pair.reshape(shape)
    return coarse
