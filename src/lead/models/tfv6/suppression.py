"""Boxes of several models become one set: greedy suppression by rotated overlap."""

import numpy as np
import shapely
from jaxtyping import Bool, Float
from numpy import ndarray

from lead.models.tfv6.boxes import SCORE, YAW, H, W, X, Y

_SIGNS = np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])


def suppress(boxes: Float[ndarray, "boxes 9"], iou_threshold: float) -> Float[ndarray, "kept 9"]:
    """Boxes by falling score, of any class, without those that overlap a better one by more than the threshold."""
    ordered = boxes[np.argsort(-boxes[:, SCORE], kind="stable")]
    overlapping = _overlaps(ordered, iou_threshold)
    kept = np.ones(len(ordered), dtype=bool)
    for index in range(len(ordered)):
        if kept[index]:
            kept[index + 1 :] &= ~overlapping[index, index + 1 :]
    return ordered[kept]


def _overlaps(boxes: Float[ndarray, "boxes 9"], iou_threshold: float) -> Bool[ndarray, "boxes boxes"]:
    polygons = np.asarray(shapely.polygons(_corners(boxes)))
    result = np.zeros((len(boxes), len(boxes)), dtype=bool)
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared = np.asarray(shapely.area(shapely.intersection(polygons[one], polygons[other])))
    areas = np.asarray(shapely.area(polygons))
    union = areas[one] + areas[other] - shared
    result[one, other] = shared > iou_threshold * union
    return result


def _corners(boxes: Float[ndarray, "boxes 9"]) -> Float[ndarray, "boxes 4 2"]:
    local = _SIGNS * np.abs(boxes[:, None, [W, H]])
    cosine, sine = np.cos(boxes[:, YAW, None]), np.sin(boxes[:, YAW, None])
    x = boxes[:, X, None] + local[..., 0] * cosine - local[..., 1] * sine
    y = boxes[:, Y, None] + local[..., 0] * sine + local[..., 1] * cosine
    return np.stack([x, y], axis=-1)
