"""Which clusters a view sees, near ones first: boxes against the view's pyramid, groups of them before single ones."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from carlet.render.scene import View

#: What is nearer (m, along the camera's axis) is not drawn.
NEAR = np.float32(0.1)

_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_PARALLEL: dict[str, Any] = {**_STRICT, "_nrt": True, "parallel": True}
_HALF, _ONE = np.float32(0.5), np.float32(1.0)
#: Neighbouring clusters that are looked at together.
_GROUP = 32
#: Clusters are put into so many bins by their distance, sixteen to an octave from 1/16 m on.
_BINS, _BINS_BITS, _FIRST_BIN = 256, 19, (127 - 4) << 4
#: Rounding may shift what is projected by this share of a pixel, and distances by this share.
SLACK, _CLOSER = np.float32(0.01), np.float32(1.0001)


class Pinholes(NamedTuple):
    """v cameras of one picture size: `eye` (v, 3), `turn` (v, 3, 3) and `focal` (v,) float32, as in `View`."""

    eye: NDArray[np.float32]
    turn: NDArray[np.float32]
    focal: NDArray[np.float32]
    width: int
    height: int


class Pinhole(NamedTuple):
    """One camera as plain numbers, for kernels: eye, rows of the turn, focal length, middle of the picture; `hand`: the
    determinant of the turn, -1 in CARLA's frame.
    """

    ex: Any
    ey: Any
    ez: Any
    r00: Any
    r01: Any
    r02: Any
    r10: Any
    r11: Any
    r12: Any
    r20: Any
    r21: Any
    r22: Any
    focal: Any
    middle_x: Any
    middle_y: Any
    hand: Any


class Found(NamedTuple):
    """What v views see of c clusters. View i sees the first `number[i]` (v,) of `item[i]` (v, c, 6): the cluster, its
    pixels `left right top bottom`, right and bottom excluded, and, in the last column, the items' numbers in order,
    near to far. `nearest[i]` (v, c): one over the items' least distances.
    """

    number: NDArray[np.int64]
    item: NDArray[np.int32]
    nearest: NDArray[np.float32]


class Sorting(NamedTuple):
    """Scratch of the search: boxes of groups of clusters (g, 3) and, for each view, how many items are in each bin."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    starts: NDArray[np.int64]


def pinholes(views: Sequence[View]) -> Pinholes:
    """Views of one size as arrays. ValueError when the sizes differ."""
    if len({(view.width, view.height) for view in views}) != 1:
        raise ValueError("the views of a call must share one size, and there must be some")
    return Pinholes(
        eye=np.stack([view.eye for view in views]).astype(np.float32),
        turn=np.ascontiguousarray(np.stack([view.turn for view in views]), np.float32),
        focal=np.array([view.focal for view in views], np.float32),
        width=views[0].width,
        height=views[0].height,
    )


def room_for(views: int, clusters: int) -> tuple[Found, Sorting]:
    """Space for what so many views may see of so many clusters."""
    groups = -(-clusters // _GROUP)
    found = Found(
        number=np.zeros(views, np.int64),
        item=np.zeros((views, clusters, 6), np.int32),
        nearest=np.zeros((views, clusters), np.float32),
    )
    boxes = np.zeros((2, groups, 3), np.float32)
    return found, Sorting(boxes[0], boxes[1], np.zeros((views, _BINS + 1), np.int64))


@njit(**_STRICT)
def pinhole(cameras: Pinholes, view: int) -> Pinhole:
    """One of several cameras."""
    eye, turn = cameras.eye[view], cameras.turn[view]
    return Pinhole(
        eye[0],
        eye[1],
        eye[2],
        turn[0, 0],
        turn[0, 1],
        turn[0, 2],
        turn[1, 0],
        turn[1, 1],
        turn[1, 2],
        turn[2, 0],
        turn[2, 1],
        turn[2, 2],
        cameras.focal[view],
        np.float32(cameras.width) * _HALF,
        np.float32(cameras.height) * _HALF,
        _ONE if _determinant(turn) > np.float32(0.0) else -_ONE,
    )


@njit(**_STRICT)
def _determinant(m):
    return (
        m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
        + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
    )


@njit(**_PARALLEL)
def find_clusters(cameras, low, high, reach, slack, found, sorting):
    """Fill `found` with what cameras see, up to `reach` (v,) metres, of clusters with boxes `low` and `high` (c, 3).
    A cluster whose pixels' centres are all missed by more than `slack` pixels is not seen.
    """
    for group in prange(len(sorting.low)):
        _enclose(low, high, sorting, group)
    for view in prange(len(cameras.focal)):
        _search(cameras, view, low, high, reach[view], slack, found, sorting)


@njit(**_STRICT)
def _enclose(low, high, sorting, group):
    """The box of a group."""
    for axis in range(3):
        least, most = np.float32(np.inf), np.float32(-np.inf)
        for c in range(group * _GROUP, min((group + 1) * _GROUP, len(low))):
            least, most = min(least, low[c, axis]), max(most, high[c, axis])
        sorting.low[group, axis], sorting.high[group, axis] = least, most


@njit(**_STRICT)
def _search(cameras, view, low, high, reach, slack, found, sorting):
    """All clusters of one view."""
    camera = pinhole(cameras, view)
    item, nearest, starts = found.item[view], found.nearest[view], sorting.starts[view]
    starts[:] = 0
    number = 0
    for group in range(len(sorting.low)):
        if _outside(camera, reach, _middle(camera, sorting.low[group], sorting.high[group])):
            continue
        for c in range(group * _GROUP, min((group + 1) * _GROUP, len(low))):
            middle = _middle(camera, low[c], high[c])
            if _outside(camera, reach, middle):
                continue
            left, right, top, bottom, near = _pixels(camera, cameras.width, cameras.height, middle, slack)
            if left >= right or top >= bottom:
                continue
            item[number, 0], nearest[number] = c, near
            item[number, 1], item[number, 2], item[number, 3], item[number, 4] = left, right, top, bottom
            starts[_bin(near) + 1] += 1
            number += 1
    found.number[view] = number
    _sort(nearest, starts, number, item)


@njit(**_STRICT)
def _sort(nearest, starts, number, item):
    """Near bins first; within one, as they came."""
    for k in range(1, len(starts)):
        starts[k] += starts[k - 1]
    for i in range(number):
        k = _bin(nearest[i])
        item[starts[k], 5] = i
        starts[k] += 1


@njit(**_STRICT)
def _bin(near):
    """The bin of a distance, from one over it."""
    bits = np.int64(np.float32(_ONE / near).view(np.int32)) >> _BINS_BITS
    return min(max(bits - _FIRST_BIN, 0), _BINS - 1)


@njit(**_STRICT)
def _middle(camera, low, high):
    """Middle of a box as seen from the eye, and half its sides."""
    low_x, low_y, low_z = low[0] - camera.ex, low[1] - camera.ey, low[2] - camera.ez
    high_x, high_y, high_z = high[0] - camera.ex, high[1] - camera.ey, high[2] - camera.ez
    return (
        (low_x + high_x) * _HALF,
        (low_y + high_y) * _HALF,
        (low_z + high_z) * _HALF,
        (high_x - low_x) * _HALF,
        (high_y - low_y) * _HALF,
        (high_z - low_z) * _HALF,
    )


@njit(**_STRICT)
def _span(a, b, c, box):
    """Least and greatest of `a x + b y + c z` over a box."""
    middle = a * box[0] + b * box[1] + c * box[2]
    half = abs(a) * box[3] + abs(b) * box[4] + abs(c) * box[5]
    return middle - half, middle + half


@njit(**_STRICT)
def _outside(camera, reach, box):
    """Whether a box lies wholly beyond one side of the pyramid, before the near plane or beyond `reach`; also when it
    is not a number.
    """
    near, far = _span(camera.r20, camera.r21, camera.r22, box)
    if not (far >= NEAR and near <= reach):
        return True
    wide, tall = camera.middle_x / camera.focal, camera.middle_y / camera.focal
    for side in range(4):
        if side < 2:
            a, b, c, slope = camera.r00, camera.r01, camera.r02, wide
        else:
            a, b, c, slope = camera.r10, camera.r11, camera.r12, tall
        sign = _ONE if side & 1 else -_ONE
        _, most = _span(
            slope * camera.r20 + sign * a, slope * camera.r21 + sign * b, slope * camera.r22 + sign * c, box
        )
        if not most >= np.float32(0.0):
            return True
    return False


@njit(**_STRICT)
def _pixels(camera, width, height, box, slack):
    """Pixels whose centres lie in a box, or up to `slack` pixels beside it: left, right, top, bottom; and one over its
    least distance.
    """
    near, _ = _span(camera.r20, camera.r21, camera.r22, box)
    if near < NEAR:
        return 0, width, 0, height, _ONE / NEAR
    low_x, high_x, low_y, high_y = np.float32(np.inf), np.float32(-np.inf), np.float32(np.inf), np.float32(-np.inf)
    for corner in range(8):
        x = box[0] + (box[3] if corner & 1 else -box[3])
        y = box[1] + (box[4] if corner & 2 else -box[4])
        z = box[2] + (box[5] if corner & 4 else -box[5])
        scale = camera.focal / (camera.r20 * x + camera.r21 * y + camera.r22 * z)
        column = (camera.r00 * x + camera.r01 * y + camera.r02 * z) * scale
        row = (camera.r10 * x + camera.r11 * y + camera.r12 * z) * scale
        low_x, high_x = min(low_x, column), max(high_x, column)
        low_y, high_y = min(low_y, row), max(high_y, row)
    left = max(np.int64(np.ceil(camera.middle_x + low_x - _HALF - slack)), 0)
    right = min(np.int64(np.ceil(camera.middle_x + high_x - _HALF + slack)), width)
    top = max(np.int64(np.ceil(camera.middle_y + low_y - _HALF - slack)), 0)
    bottom = min(np.int64(np.ceil(camera.middle_y + high_y - _HALF + slack)), height)
    return left, right, top, bottom, _CLOSER / near
