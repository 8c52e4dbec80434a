"""CenterNet's targets: boxes as points of a heat map, one cell a metre."""

import numpy as np
from numpy.typing import NDArray

from lead.data.classes import BOX_CLASSES, Column
from lead.data.config import RecordConfig

YAW_BINS = 12
_RADIUS = 2
"""Cells. What CornerNet's rule gives for half sizes stays below this for everything on a road."""
_SIGMA = (2 * _RADIUS + 1) / 6.0
_STEPS = np.arange(-_RADIUS, _RADIUS + 1)
_BUMP = np.exp(-(_STEPS[:, None] ** 2 + _STEPS[None, :] ** 2) / (2.0 * _SIGMA**2)).astype(np.float32)
_CHANNELS = ("wh", "wh", "offset", "offset", "yaw_res", "velocity")


def targets(
    boxes: NDArray[np.float32], count: int, config: RecordConfig, phantom: bool = False
) -> dict[str, NDArray[np.generic]]:
    """Targets of the first `count` boxes (rows, 9), see `Column`, by LEAD's names without `center_net_`.

    heatmap (classes, rows, columns); pixel_weight, wh (m), offset (cells) (2, rows, columns); yaw_res (rad), velocity
    (m/s) (1, rows, columns); yaw_class, brake (rows, columns); avg_factor. `phantom`: an empty row is a box as well.
    """
    rows, columns = config.grid
    kept = boxes[: count + 1 if phantom and count < len(boxes) else count]
    place = kept[:, [Column.X, Column.Y]] / config.pixels_per_m
    column, row = np.minimum(place.astype(np.intp), (columns - 1, rows - 1)).T
    heatmap = _heatmap(row, column, kept[:, Column.CLASS].astype(np.intp), (rows, columns))
    yaw_class, yaw_residual = encode_yaw(kept[:, Column.YAW])
    values = np.zeros((len(_CHANNELS), rows, columns), np.float32)
    values[0:2, row, column] = kept[:, [Column.W, Column.H]].T / config.pixels_per_m
    values[2, row, column], values[3, row, column] = place[:, 0] - column, place[:, 1] - row
    values[4, row, column], values[5, row, column] = yaw_residual, kept[:, Column.SPEED]
    weight, classes, brake = (np.zeros(shape, kind) for shape, kind in (
        ((2, rows, columns), np.float32), ((rows, columns), np.int32), ((rows, columns), np.int32)))  # fmt: skip
    weight[:, row, column] = 1.0
    classes[row, column], brake[row, column] = yaw_class, np.rint(kept[:, Column.BRAKE])
    return {
        "heatmap": heatmap,
        "pixel_weight": weight,
        "wh": values[0:2],
        "offset": values[2:4],
        "yaw_class": classes,
        "yaw_res": values[4:5],
        "velocity": values[5:6],
        "brake": brake,
        "avg_factor": np.array(max(1, np.count_nonzero(heatmap == 1.0))),
    }


def bump() -> NDArray[np.float32]:
    """What is painted round the centre of a box, (2 r + 1, 2 r + 1), with 1 in the middle."""
    return _BUMP.copy()


def encode_yaw(yaw: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Class and residual (rad) of yaws (rad): the nearest of twelve directions, and what is left."""
    step = 2.0 * np.pi / YAW_BINS
    turned = np.mod(np.asarray(yaw, np.float64), 2.0 * np.pi) + step / 2.0
    turned = np.mod(turned, 2.0 * np.pi)
    place = np.minimum((turned / step).astype(np.intp), YAW_BINS - 1)
    return place, turned - place * step - step / 2.0


def _heatmap(
    row: NDArray[np.intp], column: NDArray[np.intp], label: NDArray[np.intp], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Bumps (classes, rows, columns) round the cells; where they overlap the higher one counts."""
    edge = _RADIUS
    padded = np.zeros((BOX_CLASSES, size[0] + 2 * edge, size[1] + 2 * edge), np.float32)
    rows = (row + edge)[:, None, None] + _STEPS[:, None]
    columns = (column + edge)[:, None, None] + _STEPS[None, :]
    np.maximum.at(padded, (label[:, None, None], rows, columns), _BUMP)
    return np.ascontiguousarray(padded[:, edge:-edge, edge:-edge])
