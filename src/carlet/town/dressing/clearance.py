"""Which rectangles on the ground keep clear of lanes, and of each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from carlet.town.model import Floats, LaneKind, Lanes

_CELL = 16.0
_STOREY = 3.5
Flags = NDArray[np.bool_]

#: The lanes that something with wheels may use.
WHEELED = (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL, LaneKind.PARKING, LaneKind.BIKING)


def gaps(default: float, others: Mapping[LaneKind, float]) -> Floats:
    """Metres to keep to lanes, by `LaneKind`: `default`, but for `others`; lanes with a negative one do not matter."""
    return np.array([others.get(kind, default) for kind in LaneKind])


def gaps_to(kinds: tuple[LaneKind, ...], gap: float) -> Floats:
    """Metres to keep to lanes of `kinds`; no others matter."""
    return np.array([gap if kind in kinds else -1.0 for kind in LaneKind])


@dataclass(frozen=True)
class LaneQuads:
    """The ground that lanes cover: ends `left` and `right` (m, 2) of their samples, and the height `level` (m,)."""

    lanes: Lanes
    left: Floats
    right: Floats
    level: Floats


def lane_quads(lanes: Lanes) -> LaneQuads:
    """The ground under all lanes."""
    side = np.stack([-np.sin(lanes.heading), np.cos(lanes.heading)], axis=1) * 0.5 * lanes.width[:, None]
    flat = lanes.point[:, :2]
    return LaneQuads(lanes, flat - side, flat + side, lanes.point[:, 2].copy())


def clear_of_lanes(
    quads: LaneQuads, centre: Floats, half: ArrayLike, yaw: Floats, gap: Floats, height: Floats | None = None
) -> Flags:
    """Whether each rectangle, `centre` (n, 2 or 3), `half` sizes (n, 2) and `yaw` (n,), keeps `gap` (of `gaps`) to
    every lane: at any height, or at about `height` (n,) only.
    """
    return _clear_of_lanes(
        np.ascontiguousarray(centre[:, :2]),
        np.broadcast_to(np.asarray(half, np.float64), (len(yaw), 2)).copy(),
        np.ascontiguousarray(yaw),
        np.asarray(gap),
        np.full(len(yaw), np.nan) if height is None else np.ascontiguousarray(height),
        quads.level,
        quads.left,
        quads.right,
        quads.lanes.lane,
        quads.lanes.kind,
        *quads.lanes.grid.arrays,
    )


def keep_apart(centre: Floats, half: Floats, yaw: Floats, fixed: int = 0) -> Flags:
    """Which rectangles stay when each gives way to all before it that stay; the first `fixed` always stay."""
    count = len(yaw)
    if not count:
        return np.zeros(0, bool)
    flat = np.ascontiguousarray(centre[:, :2])
    reach = np.hypot(half[:, 0], half[:, 1])[:, None]
    low = (flat - reach).min(axis=0)
    shape = (((flat + reach).max(axis=0) - low) // _CELL + 1).astype(np.int64)
    return _keep_apart(flat, np.ascontiguousarray(half), np.ascontiguousarray(yaw), fixed, low, shape)


@njit(cache=True)
def _corners(x, y, hx, hy, yaw):
    cos, sin = np.cos(yaw), np.sin(yaw)
    corner = np.empty((4, 2))
    for k in range(4):
        a = hx if k == 1 or k == 2 else -hx
        b = hy if k >= 2 else -hy
        corner[k, 0], corner[k, 1] = x + a * cos - b * sin, y + a * sin + b * cos
    return corner


@njit(cache=True)
def _split(a, b, gap):
    """Whether an edge of the quadrilateral `a` (4, 2) has all of `b` beyond it by more than `gap`."""
    middle_x, middle_y = a[:, 0].mean(), a[:, 1].mean()
    for k in range(4):
        m = (k + 1) % 4
        nx, ny = a[m, 1] - a[k, 1], a[k, 0] - a[m, 0]
        size = np.hypot(nx, ny)
        if size < 1e-9:
            continue
        nx, ny = nx / size, ny / size
        if nx * (middle_x - a[k, 0]) + ny * (middle_y - a[k, 1]) > 0.0:
            nx, ny = -nx, -ny
        least = np.inf
        for q in range(4):
            least = min(least, nx * (b[q, 0] - a[k, 0]) + ny * (b[q, 1] - a[k, 1]))
        if least > gap:
            return True
    return False


@njit(cache=True)
def _clear_of_lanes(centre, half, yaw, gap, height, level, left, right, lane, kind, origin, cell, shape, first, item):
    count = len(yaw)
    clear = np.ones(count, np.bool_)
    quad = np.empty((4, 2))
    most = gap.max()
    for k in range(count):
        reach = np.hypot(half[k, 0], half[k, 1]) + most
        i0 = max(int((centre[k, 0] - reach - origin[0]) // cell), 0)
        j0 = max(int((centre[k, 1] - reach - origin[1]) // cell), 0)
        i1 = min(int((centre[k, 0] + reach - origin[0]) // cell), shape[0] - 1)
        j1 = min(int((centre[k, 1] + reach - origin[1]) // cell), shape[1] - 1)
        own = _corners(centre[k, 0], centre[k, 1], half[k, 0], half[k, 1], yaw[k])
        for j in range(j0, j1 + 1):
            for n in range(first[j * shape[0] + i0], first[j * shape[0] + i1 + 1]) if i1 >= i0 else range(0):
                s = item[n]
                keep = gap[kind[lane[s]]]
                if keep < 0.0 or abs(level[s] - height[k]) > _STOREY:
                    continue
                quad[0], quad[1], quad[2], quad[3] = left[s], right[s], right[s + 1], left[s + 1]
                if not (_split(own, quad, keep) or _split(quad, own, keep)):
                    clear[k] = False
                    break
            if not clear[k]:
                break
    return clear


@njit(cache=True)
def _keep_apart(centre, half, yaw, fixed, low, shape):
    count = len(yaw)
    kept = np.zeros(count, np.bool_)
    head = np.full(shape[0] * shape[1], -1, np.int64)
    after = np.empty(4 * count + 16, np.int64)
    member = np.empty(4 * count + 16, np.int64)
    used = 0
    corners = np.empty((count, 4, 2))
    for k in range(count):
        corners[k] = _corners(centre[k, 0], centre[k, 1], half[k, 0], half[k, 1], yaw[k])
        i0, j0 = int((corners[k, :, 0].min() - low[0]) // _CELL), int((corners[k, :, 1].min() - low[1]) // _CELL)
        i1, j1 = int((corners[k, :, 0].max() - low[0]) // _CELL), int((corners[k, :, 1].max() - low[1]) // _CELL)
        free = True
        if k >= fixed:
            for j in range(j0, j1 + 1):
                for i in range(i0, i1 + 1):
                    n = head[j * shape[0] + i]
                    while n >= 0 and free:
                        other = corners[member[n]]
                        free = _split(corners[k], other, 0.0) or _split(other, corners[k], 0.0)
                        n = after[n]
        if not free:
            continue
        kept[k] = True
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                if used == len(member):
                    member = np.concatenate((member, np.empty_like(member)))
                    after = np.concatenate((after, np.empty_like(after)))
                at = j * shape[0] + i
                member[used], after[used] = k, head[at]
                head[at] = used
                used += 1
    return kept
