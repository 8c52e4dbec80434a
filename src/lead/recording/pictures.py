"""What the cameras of a rig saw in a tick, made into LEAD's pictures: strips of colours, classes and depth.

Depth of car windows is that of the car; traffic cones, special vehicles and stop signs get classes of their own, by
the boxes that their pixels lie in; classes are grouped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.sensors.rig import Rig

Floats = NDArray[np.float64]

OBSTACLE, SPECIAL, STOP_SIGN = 29, 30, 31
"""Our own classes, beyond the simulator's."""
_CAR, _TRUCK, _BUS, _MOTORCYCLE, _BICYCLE = 14, 15, 16, 18, 19
_PEDESTRIAN, _RIDER = 12, 13
_SIGN, _STATIC, _DYNAMIC, _OTHER = 8, 20, 21, 22
VEHICLES = (_CAR, _TRUCK, _BUS, _MOTORCYCLE, _BICYCLE, _RIDER)
WALKERS = (_PEDESTRIAN,)
THINGS = (_STATIC, _DYNAMIC, _OTHER, _SIGN)
SIGNS = (_SIGN,)
_GROUPS = {
    1: (_CAR, _TRUCK, _BUS, _MOTORCYCLE),
    2: (1,),
    3: (7,),
    4: (_PEDESTRIAN,),
    5: (24,),
    6: (OBSTACLE,),
    7: (SPECIAL,),
    8: (STOP_SIGN,),
    9: (_RIDER, _BICYCLE),
}
_GROUPED = np.zeros(256, np.uint8)
for _group, _tags in _GROUPS.items():
    _GROUPED[list(_tags)] = _group
_DEPTH_M = 1000.0 / (2**24 - 1)
_PADDING_M = 0.1


@dataclass(frozen=True)
class Boxes:
    """k boxes in the ego's frame whose pixels and points are counted.

    `centre` (k, 3), `yaw` (k,), `extent` (k, 3) half sizes; `tags` (k,) a bit for every class whose pixels can be
    the box's; `becomes` (k,) the class that such pixels get, 0 for the one they have.
    """

    centre: Floats
    yaw: Floats
    extent: Floats
    tags: NDArray[np.uint64]
    becomes: NDArray[np.uint8]


@dataclass(frozen=True)
class Pictures:
    """Strips (h, w): `rgb` (h, w, 3) blue green red, `semantics` grouped, `depth` m, `instance` (h, w, 3) as drawn.

    `pixels` (k,): how many pixels each box has.
    """

    rgb: NDArray[np.uint8]
    semantics: NDArray[np.uint8]
    depth: NDArray[np.float32]
    instance: NDArray[np.uint8]
    pixels: NDArray[np.int64]


def tag_bits(tags: tuple[int, ...]) -> np.uint64:
    """Classes as bits."""
    return np.uint64(sum(1 << tag for tag in tags))


def make_pictures(rig: Rig, readings: Mapping[str, Any], boxes: Boxes, suffix: str = "") -> Pictures:
    """LEAD's pictures of the cameras' readings (h, w, 4) blue green red alpha, by `rgb_1`, `depth_1` ... and suffix."""
    numbers = range(1, len(rig.cameras) + 1)
    strips = {
        picture: np.concatenate([readings[f"{picture}_{number}{suffix}"][..., :3] for number in numbers], axis=1)
        for picture in ("rgb", "instance")
    }
    pixels = np.zeros(len(boxes.yaw), np.int64)
    tags, depths = [], []
    for number, camera in zip(numbers, rig.cameras, strict=True):
        instance = readings[f"instance_{number}{suffix}"]
        depth = _decode_depth(readings[f"depth_{number}{suffix}"])
        _close_windows(depth, instance, readings[f"semantics_{number}{suffix}"])
        tag = instance[..., 2].copy()
        box = (boxes.centre, np.cos(boxes.yaw), np.sin(boxes.yaw), boxes.extent + _PADDING_M, boxes.tags, boxes.becomes)
        _attribute(tag, depth, camera.extrinsics, camera.focal_px, *box, pixels)
        tags.append(_GROUPED[tag])
        depths.append(depth)
    return Pictures(strips["rgb"], np.concatenate(tags, 1), np.concatenate(depths, 1), strips["instance"], pixels)


def camera_points(rig: Rig, readings: Mapping[str, Any], lowering: float = 0.5) -> NDArray[np.float32]:
    """All pixels as points (n, 5): x, y, z in the lowered ego frame, class, and number of the instance."""
    clouds = []
    for number, camera in enumerate(rig.cameras, 1):
        instance = readings[f"instance_{number}"].reshape(-1, 4)
        depth = _decode_depth(readings[f"depth_{number}"]).ravel()
        row, column = np.divmod(np.arange(len(depth)), camera.width)
        side = (column + 0.5 - camera.width / 2.0) / camera.focal_px * depth
        up = (camera.height / 2.0 - row - 0.5) / camera.focal_px * depth
        points = np.stack([depth, side, up], 1) @ camera.extrinsics[:3, :3].T + camera.extrinsics[:3, 3]
        points[:, 2] -= lowering * camera.position[2]
        which = instance[:, 1] + 256.0 * instance[:, 0]
        clouds.append(np.column_stack([points, instance[:, 2], which]).astype(np.float32))
    return np.concatenate(clouds)


def count_points(points: NDArray[np.floating], boxes: Boxes) -> NDArray[np.int64]:
    """How many points (n, 3 or more) of the ego's frame each box has (k,)."""
    cosines, sines = np.cos(boxes.yaw), np.sin(boxes.yaw)
    points = np.ascontiguousarray(points[:, :3], np.float32)
    return _count(points, boxes.centre, cosines, sines, boxes.extent + _PADDING_M)


_kernel = njit(cache=True, nogil=True)


@_kernel
def _decode_depth(image):
    height, width = image.shape[:2]
    depth = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            code = np.float64(image[y, x, 2]) + 256.0 * image[y, x, 1] + 65536.0 * image[y, x, 0]
            depth[y, x] = code * _DEPTH_M
    return depth


@_kernel
def _close_windows(depth, instance, semantics):
    nearest = np.full(65536, np.float32(np.inf))
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            if instance[y, x, 2] == _CAR:
                number = np.int64(instance[y, x, 1]) + 256 * np.int64(instance[y, x, 0])
                nearest[number] = min(nearest[number], depth[y, x])
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            if instance[y, x, 2] == _CAR and semantics[y, x, 2] != _CAR:
                depth[y, x] = nearest[np.int64(instance[y, x, 1]) + 256 * np.int64(instance[y, x, 0])]


@_kernel
def _inside(px, py, pz, centre, c, s, extent):
    dx, dy = px - centre[0], py - centre[1]
    if abs(pz - centre[2]) > extent[2]:
        return False
    return abs(c * dx + s * dy) <= extent[0] and abs(c * dy - s * dx) <= extent[1]


@_kernel
def _attribute(tag, depth, pose, focal, centres, cosines, sines, extents, masks, becomes, pixels):
    wanted = np.uint64(0)
    for k in range(len(masks)):
        wanted |= masks[k]
    height, width = tag.shape
    for y in range(height):
        up = (height / 2.0 - y - 0.5) / focal
        for x in range(width):
            bit = np.uint64(1) << np.uint64(tag[y, x])
            if not wanted & bit:
                continue
            ahead = np.float64(depth[y, x])
            right = (x + 0.5 - width / 2.0) / focal
            px = pose[0, 3] + ahead * (pose[0, 0] + right * pose[0, 1] + up * pose[0, 2])
            py = pose[1, 3] + ahead * (pose[1, 0] + right * pose[1, 1] + up * pose[1, 2])
            pz = pose[2, 3] + ahead * (pose[2, 0] + right * pose[2, 1] + up * pose[2, 2])
            for k in range(len(masks)):
                if masks[k] & bit and _inside(px, py, pz, centres[k], cosines[k], sines[k], extents[k]):
                    pixels[k] += 1
                    if becomes[k]:
                        tag[y, x] = becomes[k]
                    break


@_kernel
def _count(points, centres, cosines, sines, extents):
    counts = np.zeros(len(cosines), np.int64)
    for i in range(len(points)):
        px, py, pz = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        for k in range(len(cosines)):
            if _inside(px, py, pz, centres[k], cosines[k], sines[k], extents[k]):
                counts[k] += 1
    return counts
