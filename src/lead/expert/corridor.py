"""The way ahead as a strip, and where actors lie on it: metres along and beside."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.expert.scene import Actors, Route
from lead.geometry import wrap_angle

Floats = NDArray[np.float64]

_OUTLINE = np.array([(along, side) for along in np.linspace(-1.0, 1.0, 7) for side in (-1.0, 1.0)])
_BEND_M = 3.0
_HALVES = np.stack([np.linspace(-1.0, 0.0, 31), np.linspace(0.0, 1.0, 31)])
_HEADING_LAG_M = 1.6  # measured; to the rear axle it is 1.43
_STOREY = 3.0  # metres of height that part two roads which cross
_BESIDE = 0.7  # an outline point belongs to the strip's nearest point when it lies this close to its cross-line


@dataclass(frozen=True)
class Corridor:
    """m rows: `points` (m, 2), `height` (m,), `yaw` (m,), `s` (m,) metres along the route, evenly spaced."""

    points: Floats
    height: Floats
    yaw: Floats
    s: Floats

    @classmethod
    def along(cls, route: Route, offset: Floats | None = None) -> "Corridor":
        """The route's lane, or a line beside it, `offset` (m,) metres to the right."""
        lane = cls(route.points[:, :2], route.points[:, 2], route.yaw, route.s)
        return lane if offset is None or not offset.any() else lane.moved(offset)

    def moved(self, offset: Floats) -> "Corridor":
        """This strip moved to the right by `offset` (m,) metres."""
        normal = np.stack([-np.sin(self.yaw), np.cos(self.yaw)], axis=1)
        points = self.points + offset[:, None] * normal
        step = np.gradient(points, axis=0)
        return Corridor(points, self.height, np.arctan2(step[:, 1], step[:, 0]), self.s)

    def side_of(self, position: Floats, s: float) -> float:
        """How far (m, positive right) a point (x, y, ...) lies beside the place `s`."""
        row = self.row(s)
        dx, dy = position[:2] - self.points[row]
        return float(-dx * np.sin(self.yaw[row]) + dy * np.cos(self.yaw[row]))

    def row(self, s: float) -> int:
        """The row at or just beyond a place."""
        return int(np.searchsorted(self.s, s).clip(0, len(self.s) - 1))

    def at(self, s: Floats) -> Floats:
        """Points (k, 2) at places (k,)."""
        return np.stack([np.interp(s, self.s, self.points[:, axis]) for axis in range(2)], axis=-1)

    def yaw_at(self, s: Floats) -> Floats:
        """Headings (k,) at places (k,)."""
        return np.interp(s, self.s, self._course)

    @cached_property
    def _course(self) -> Floats:
        return np.unwrap(self.yaw)

    def headings(self, places: Floats, s: float, yaw: float) -> Floats:
        """Headings (k,) of a car whose middle follows the strip over `places` (k,) in order, from `s` and `yaw` on.

        Its rear axle follows the middle: in bends the front points outwards.
        """
        return _followed(self.yaw_at(np.append(s, places)), places, s, yaw)

    def bend_at(self, s: float) -> float:
        """Curvature (1/m, positive right) about a place: between the mean headings of the metres before and after."""
        before, after = self.yaw_at(s + _BEND_M * _HALVES).mean(axis=1)
        return float(after - before) / _BEND_M


@njit(cache=True)
def _followed(course, places, s, yaw):
    """Headings at `places` (k,) that lag behind the `course` (1 + k,) at `s` and there, which turns evenly between."""
    out = np.empty(len(places))
    for i in range(len(places)):
        step = max(places[i] - s, 0.0)
        turn = course[i + 1] - course[i]
        behind = turn * _HEADING_LAG_M / step if step > 0.0 else 0.0
        lag = (yaw - course[i] + behind + np.pi) % (2.0 * np.pi) - np.pi
        yaw = course[i + 1] - behind + lag * np.exp(-step / _HEADING_LAG_M)
        s = max(places[i], s)
        out[i] = yaw
    return out


@dataclass(frozen=True)
class Spans:
    """Where n actors lie on a corridor.

    `near` (n,): on this storey and within reach; the rest is meaningless where not. `first`, `last` (n,): the places of
    their outline along it; `left`, `right` (n,): its reach to the side, positive to the right; `s`, `side` (n,) of the
    centre; `turn` (n,) the heading relative to the corridor's; `along`, `across` (n,) speeds, positive ahead and right.
    """

    near: NDArray[np.bool_]
    first: Floats
    last: Floats
    left: Floats
    right: Floats
    s: Floats
    side: Floats
    turn: Floats
    along: Floats
    across: Floats

    def within(self, half_width: float) -> NDArray[np.bool_]:
        """Which actors (n,) reach into a strip of this half width."""
        return self.near & (self.left < half_width) & (self.right > -half_width)


def outlines(actors: Actors) -> Floats:
    """Points (n, 14, 2) around the boxes, seen from above."""
    c, s = np.cos(actors.yaw)[:, None], np.sin(actors.yaw)[:, None]
    local = _OUTLINE[None] * actors.extent[:, None, :2]
    x = actors.centre[:, None, 0] + c * local[..., 0] - s * local[..., 1]
    y = actors.centre[:, None, 1] + s * local[..., 0] + c * local[..., 1]
    return np.stack([x, y], axis=-1)


def spans_on(corridor: Corridor, actors: Actors, reach: float = 12.0) -> Spans:
    """Where actors lie on a corridor; those farther than `reach` (m) beside it are not near."""
    table = np.empty((len(actors), 7))
    _project(
        corridor.points,
        corridor.height,
        corridor.yaw,
        corridor.s,
        outlines(actors),
        actors.centre,
        reach,
        table,
    )
    yaw = table[:, 6]
    c, s = np.cos(yaw), np.sin(yaw)
    vx, vy = actors.velocity.T
    return Spans(
        near=np.isfinite(table[:, 0]),
        first=table[:, 0],
        last=table[:, 1],
        left=table[:, 2],
        right=table[:, 3],
        s=table[:, 4],
        side=table[:, 5],
        turn=wrap_angle(actors.yaw - yaw),
        along=vx * c + vy * s,
        across=-vx * s + vy * c,
    )


@njit(cache=True)
def _nearest(points, x, y):
    best, row = np.inf, 0
    for i in range(len(points)):
        d = (points[i, 0] - x) ** 2 + (points[i, 1] - y) ** 2
        if d < best:
            best, row = d, i
    return row, best


@njit(cache=True)
def _project(points, height, yaw, s, outlines, centres, reach, table):
    for n in range(len(centres)):
        row, square = _nearest(points, centres[n, 0], centres[n, 1])
        table[n, :] = np.inf
        table[n, 6] = yaw[row]
        if square > (reach + 6.0) ** 2 or abs(centres[n, 2] - height[row]) > _STOREY:
            continue
        first, last, left, right = np.inf, -np.inf, np.inf, -np.inf
        for k in range(outlines.shape[1]):
            at, _ = _nearest(points, outlines[n, k, 0], outlines[n, k, 1])
            dx, dy = outlines[n, k, 0] - points[at, 0], outlines[n, k, 1] - points[at, 1]
            c, sn = np.cos(yaw[at]), np.sin(yaw[at])
            along, side = dx * c + dy * sn, -dx * sn + dy * c
            # Beyond the ends of the strip there is no beside.
            if abs(along) > _BESIDE + 0.3 * abs(side):
                continue
            first, last = min(first, s[at] + along), max(last, s[at] + along)
            left, right = min(left, side), max(right, side)
        if first > last or left > reach or right < -reach:
            continue
        dx, dy = centres[n, 0] - points[row, 0], centres[n, 1] - points[row, 1]
        c, sn = np.cos(yaw[row]), np.sin(yaw[row])
        table[n, 0], table[n, 1], table[n, 2], table[n, 3] = first, last, left, right
        table[n, 4], table[n, 5] = s[row] + dx * c + dy * sn, -dx * sn + dy * c
