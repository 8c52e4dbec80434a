"""The semantic map from above: the recorded map, and what stands on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.data.boxes import Labelled, is_cone, is_warning
from lead.data.classes import BOX_TO_BEV, MAP_TO_BEV, BevClass, BoxClass
from lead.data.config import RecordConfig
from lead.geometry import footprint
from lead.sensors.perturbation import Perturbation, to_perturbed

Floats = NDArray[np.float64]
Box = Mapping[str, Any]

MAP_PIXELS_PER_M = 2.0
_LEAST_WARNINGS, _LEAST_CONES = 3, 24
_SITE_REACH_M, _ACCIDENT_REACH_M = 24.0, 48.0
_LEAST_HALF_M, _SMALL_FACTOR = 0.4, 2.5
_SMALL = {BoxClass.WALKER, BoxClass.BIKER}


def bev_semantic(
    hdmap: NDArray[np.unsignedinteger],
    labelled: Sequence[Labelled],
    boxes: Sequence[Box],
    meta: Box,
    pose: Perturbation,
    config: RecordConfig,
) -> NDArray[np.uint8]:
    """Classes (rows of y, columns of x), see `BevClass`, of the recorded map with everything painted over it."""
    image = crop_map(hdmap, config)
    for hull in _hulls(boxes, meta, pose):
        _paint(image, hull, BevClass.OBSTACLE, config)
    for label, value in BOX_TO_BEV.items():
        for one in labelled:
            if one.label is label:
                _paint(image, _outline(one), value, config)
    lights = _lights(boxes, pose)
    if lights is not None:
        _paint(image, lights[0], lights[1], config)
    return image


def crop_map(hdmap: NDArray[np.unsignedinteger], config: RecordConfig) -> NDArray[np.uint8]:
    """The part of a recorded map (n, n) that the raster shows, in its classes and resolution (nearest pixels)."""
    rows, columns = config.raster
    middle = np.array(hdmap.shape) / 2.0
    y = config.area.min_y + (np.arange(rows) + 0.5) / config.pixels_per_m
    x = config.area.min_x + (np.arange(columns) + 0.5) / config.pixels_per_m
    row = np.floor(middle[0] + y * MAP_PIXELS_PER_M).astype(np.intp)
    column = np.floor(middle[1] + x * MAP_PIXELS_PER_M).astype(np.intp)
    return MAP_TO_BEV[hdmap[np.ix_(row, column)]]


def _outline(one: Labelled) -> Floats:
    size = np.array([one.half_length, one.half_width])
    if one.label in _SMALL:
        size = np.maximum(size, _LEAST_HALF_M) * _SMALL_FACTOR
    return footprint([one.x, one.y], one.yaw, size)


def _corners(boxes: Sequence[Box], pose: Perturbation) -> Floats:
    """Corners (4 n, 2) of boxes as recorded, in the frame of the rig."""
    if not boxes:
        return np.zeros((0, 2))
    places = [box["position"][:2] for box in boxes]
    corners = footprint(places, [float(box["yaw"]) for box in boxes], [box["extent"][:2] for box in boxes])
    return to_perturbed(corners.reshape(-1, 2), pose)


def _hulls(boxes: Sequence[Box], meta: Box, pose: Perturbation) -> list[Floats]:
    """Outlines (n, 2) of construction and accident sites."""
    found = []
    warnings = _corners([box for box in boxes if is_warning(box)], pose)
    cones = _corners([box for box in boxes if is_cone(box)], pose)
    if len(warnings) >= _LEAST_WARNINGS and len(cones) >= _LEAST_CONES:
        site = np.vstack([warnings, cones])
        if (np.hypot(*(site - site.mean(axis=0)).T) < _SITE_REACH_M).all():
            found.append(site)
    world = np.asarray(meta.get("scenario_obstacles_convex_hull") or np.zeros((0, 2)), np.float64).reshape(-1, 2)
    if len(world) >= 3 and str(meta.get("current_active_scenario_type")).startswith("Accident"):
        hull = to_perturbed(world_to_ego(world, meta["pos_global"], float(meta["privileged_yaw"])), pose)
        if np.hypot(*hull.mean(axis=0)) < _ACCIDENT_REACH_M:
            found.append(hull)
    return found


def _lights(boxes: Sequence[Box], pose: Perturbation) -> tuple[Floats, BevClass] | None:
    """Corners of the lights that matter most, and their class."""
    groups: dict[BevClass, list[Box]] = {
        BevClass.LIGHT_RED_SPECIAL: [],
        BevClass.LIGHT_RED: [],
        BevClass.LIGHT_GREEN: [],
    }
    for box in boxes:
        if box["class"] == "traffic_light" and box["affects_ego"]:
            groups[_light_class(box)].append(box)
    for value, lights in groups.items():
        if lights:
            return _corners(lights, pose), value
    return None


def _light_class(box: Box) -> BevClass:
    if box["state"] == "Green":
        return BevClass.LIGHT_GREEN
    special = box.get("is_over_head_traffic_light") or box.get("is_europe_traffic_light")
    return BevClass.LIGHT_RED_SPECIAL if special else BevClass.LIGHT_RED


def world_to_ego(points: Floats, position: Sequence[float], yaw: float) -> Floats:
    """World points (n, 2) in the frame of an ego at `position` (m) with `yaw` (rad)."""
    c, s = np.cos(yaw), np.sin(yaw)
    return (np.asarray(points, np.float64) - np.asarray(position, np.float64)[:2]) @ np.array([[c, -s], [s, c]])


def _paint(image: NDArray[np.uint8], points: Floats, value: int, config: RecordConfig) -> None:
    pixels = (points - (config.area.min_x, config.area.min_y)) * config.pixels_per_m
    hull = cv2.convexHull(np.floor(pixels).astype(np.int32))
    cv2.fillPoly(image, [hull], int(value))
