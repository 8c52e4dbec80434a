"""Training targets made from what is around: heat maps of boxes, and objects for the radar detector."""

import math

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lead.models.tfv6.boxes import CLASS, VELOCITY, YAW, H, W, X, Y
from lead.models.tfv6.configuration import BevConfig

_MIN_OVERLAP = 0.1
_SMALLEST_RADIUS = 2
#: Classes in the order in which the radar detector prefers them: special, vehicle, walker, obstacle, parking, the rest.
_RADAR_CLASS_ORDER = (4, 0, 1, 5, 6)


def box_targets(
    boxes: Float[ndarray, "boxes 9"], classes: int, bev: BevConfig, yaw_bins: int = 12, legacy_phantom_box: bool = False
) -> dict[str, ndarray]:
    """CenterNet's targets of one sample, by the names of `lead.models.tfv6.labels.BoxTargets`.

    `boxes`: columns as in `lead.models.tfv6.boxes.COLUMNS`, ego frame, real boxes only and all within the range;
    where two share a cell the later one holds. `legacy_phantom_box` adds the vehicle of no size in the first cell
    that LEAD's padding makes.
    """
    if legacy_phantom_box:
        phantom = np.zeros((1, boxes.shape[1]), boxes.dtype)
        phantom[0, [X, Y]] = bev.min_x_m, bev.min_y_m
        boxes = np.concatenate([boxes, phantom])
    places = boxes[:, [X, Y]] - (bev.min_x_m, bev.min_y_m)
    columns, rows = np.floor(places).astype(np.int64).T
    yaw_class, yaw_res = divide_yaw(boxes[:, YAW], yaw_bins)
    size = bev.grid
    targets = {
        "heatmap": np.zeros((classes, *size), np.float32),
        "pixel_weight": np.zeros((2, *size), np.float32),
        "wh": np.zeros((2, *size), np.float32),
        "offset": np.zeros((2, *size), np.float32),
        "yaw_class": np.zeros(size, np.int64),
        "yaw_res": np.zeros((1, *size), np.float32),
        "velocity": np.zeros((1, *size), np.float32),
    }
    for box, row, column in zip(boxes, rows, columns, strict=True):
        _draw_peak(targets["heatmap"][int(box[CLASS])], int(row), int(column), peak_radius(box[H], box[W]))
    targets["pixel_weight"][:, rows, columns] = 1.0
    targets["wh"][:, rows, columns] = boxes[:, [W, H]].T
    targets["offset"][:, rows, columns] = (places % 1.0).T
    targets["yaw_class"][rows, columns] = yaw_class
    targets["yaw_res"][0, rows, columns] = yaw_res
    targets["velocity"][0, rows, columns] = boxes[:, VELOCITY]
    targets["avg_factor"] = np.array(max(1.0, float((targets["heatmap"] == 1.0).sum())), np.float32)
    return targets


def divide_yaw(yaw: Float[ndarray, " boxes"], bins: int) -> tuple[Int[ndarray, " boxes"], Float[ndarray, " boxes"]]:
    """The class of each yaw (rad), whose middle is a multiple of the classes' width, and what is left (rad)."""
    width = 2.0 * math.pi / bins
    shifted = (yaw % (2.0 * math.pi) + width / 2.0) % (2.0 * math.pi)
    yaw_class = np.minimum(np.floor(shifted / width), bins - 1).astype(np.int64)
    return yaw_class, shifted - yaw_class * width - width / 2.0


def peak_radius(height: float, width: float) -> int:
    """CornerNet's radius of a peak (cells) for sides in cells: boxes moved by it still overlap enough; 2 or more."""
    o, sides, area = _MIN_OVERLAP, height + width, height * width
    first = (sides - math.sqrt(sides**2 - 4.0 * area * (1.0 - o) / (1.0 + o))) / 2.0
    second = (2.0 * sides - math.sqrt(4.0 * sides**2 - 16.0 * (1.0 - o) * area)) / 8.0
    third = (-2.0 * o * sides + math.sqrt(4.0 * (o * sides) ** 2 + 16.0 * o * (1.0 - o) * area)) / (8.0 * o)
    return max(_SMALLEST_RADIUS, int(min(first, second, third)))


def radar_targets(
    boxes: Float[ndarray, "boxes 9"], points: Int[ndarray, " boxes"], count: int
) -> Float[ndarray, "count 4"]:
    """x, y (m), speed (m/s) and 1 of the boxes with a radar point, the fastest first, at most `count`; then zeros.

    Of equally fast ones, special vehicles come before vehicles, walkers, obstacles and parked ones, then those with
    more points.
    """
    hit = np.flatnonzero(points > 0)
    order = {number: rank for rank, number in enumerate(_RADAR_CLASS_ORDER)}
    ranks = np.array([order.get(int(number), len(order)) for number in boxes[hit, CLASS]], dtype=np.int64)
    chosen = hit[np.lexsort((-points[hit], ranks, -boxes[hit, VELOCITY]))][:count]
    targets = np.zeros((count, 4), np.float32)
    targets[: len(chosen), :3] = boxes[chosen][:, [X, Y, VELOCITY]]
    targets[: len(chosen), 3] = 1.0
    return targets


def _draw_peak(heatmap: Float[ndarray, "rows columns"], row: int, column: int, radius: int) -> None:
    sigma = (2 * radius + 1) / 6.0
    rows, columns = heatmap.shape
    top, bottom = max(row - radius, 0), min(row + radius + 1, rows)
    left, right = max(column - radius, 0), min(column + radius + 1, columns)
    dy, dx = np.arange(top, bottom)[:, None] - row, np.arange(left, right)[None] - column
    peak = np.exp(-(dx**2 + dy**2) / (2.0 * sigma**2))
    window = heatmap[top:bottom, left:right]
    np.maximum(window, peak, out=window, casting="same_kind")
