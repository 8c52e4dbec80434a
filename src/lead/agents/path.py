"""The way to drive: a plan of lane points made into a smooth, densely sampled path with a speed for every point."""

from collections.abc import Sequence
from dataclasses import dataclass

import carla
import numpy as np
from numpy.typing import NDArray

from lead.control import DENSE_BEND_ROWS, PATH_SPACING, turn_speeds
from lead.geometry import pose_array, wrap_angle

Floats = NDArray[np.float64]

_JUMP_OFFSET = 1.0  # a lateral step of this size between plan points is a lane change
_RAMP = 12.0  # metres of plan before and after a lane change over which the path moves across
_APART = 20  # rows of plan between two lane changes at least
_OVERRUN = 20.0  # metres of path beyond the plan's end, so that the car drives past it
_SEARCH = 60  # path points (6 m) in which the next nearest point is looked for


@dataclass(frozen=True)
class DrivePath:
    """Points every `PATH_SPACING` metres: `points` (n, 3), `yaw` (n,) rad, `turn_speed` (n,) m/s that bends allow.

    `crossings` (c, 2): from where to where (m along the path) it moves across to another lane. `length`: metres to the
    plan's last point, beyond which the path goes straight on.
    """

    points: Floats
    yaw: Floats
    turn_speed: Floats
    crossings: Floats
    length: float

    def __len__(self) -> int:
        return len(self.points)

    def nearest(self, position: Floats, start: int) -> int:
        """Index of the nearest point to `position` (x, y) around `start`: a car may back off a little."""
        first = max(start - _SEARCH, 0)
        window = self.points[first : start + _SEARCH, :2] - position[:2]
        nearest = first + int(np.argmin(np.einsum("ij,ij->i", window, window)))
        if np.hypot(*(self.points[nearest, :2] - position[:2])) < 4.0:
            return nearest
        # Thrown off the path: look wider ahead.
        wide = self.points[start : start + 8 * _SEARCH, :2] - position[:2]
        return start + int(np.argmin(np.einsum("ij,ij->i", wide, wide)))


def make_path(plan: Sequence[carla.Transform], lateral_limit: float = 3.0, braking: float = 4.0) -> DrivePath:
    """The path of a plan of at least two poses about a metre apart.

    `lateral_limit` (m/s2) bounds the speed in bends, `braking` (m/s2) how the speed falls towards them.
    """
    poses = np.array([pose_array(transform) for transform in plan])
    smooth, rows = _cross_over(poses)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(smooth[:, :2], axis=0).T))])
    points = _resample(smooth, _OVERRUN)
    yaw = _headings(points)
    turn_speed = turn_speeds(yaw, PATH_SPACING, lateral_limit, braking, DENSE_BEND_ROWS)
    length = PATH_SPACING * (len(points) - 1) - _OVERRUN
    return DrivePath(points, yaw, turn_speed, along[rows], length)


def _cross_over(poses: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Points (n, 3) of the plan with the sideways jumps of lane changes stretched into curves, and the first and last
    rows (c, 2) of each.
    """
    poses, jumps = _spread(poses)
    points = poses[:, :3].copy()
    edges = np.concatenate([[-1], jumps, [len(points) - 1]])
    rows = []
    for before, jump, after in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        first = max(jump - int(_RAMP), (before + 1 + jump) // 2 if before >= 0 else 0)
        last = min(jump + 1 + int(_RAMP), (jump + 1 + after) // 2 if after < len(points) - 1 else after)
        points[first : last + 1] = _hermite(points[first], points[last], poses[first, 4], poses[last, 4], last - first)
        rows.append((first, last))
    return points, np.array(rows, dtype=np.int64).reshape(-1, 2)


def lane_jumps(poses: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Rows (j,) of a plan (n, 6) after which it goes on in another lane, and how far (m) to the right that is."""
    steps = np.diff(poses[:, :2], axis=0)
    lateral = -np.sin(poses[:-1, 4]) * steps[:, 0] + np.cos(poses[:-1, 4]) * steps[:, 1]
    bend = np.abs(wrap_angle(np.diff(poses[:, 4])))
    rows = np.flatnonzero((np.abs(lateral) > _JUMP_OFFSET) & (bend < 0.35))
    return rows, lateral[rows]


def _spread(poses: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The plan (n, 6) with lane changes that follow each other at once made one after the other, and the rows before
    each of them.
    """
    poses, jumps = poses.copy(), []
    right = np.stack([-np.sin(poses[:, 4]), np.cos(poses[:, 4])], axis=1)
    for planned, step in zip(*lane_jumps(poses), strict=True):
        jump = max(planned, min(jumps[-1] + _APART, len(poses) - 2)) if jumps else planned
        late = slice(planned + 1, jump + 1)
        poses[late, :2] -= step * right[late]
        jumps.append(jump)
    return poses, np.array(jumps, dtype=np.int64)


def _hermite(start: Floats, end: Floats, yaw_start: float, yaw_end: float, count: int) -> Floats:
    """`count` + 1 points from `start` to `end` (3,) that leave and arrive along the yaws."""
    t = np.linspace(0.0, 1.0, count + 1)[:, None]
    reach = np.hypot(*(end - start)[:2])
    leave = reach * np.array([np.cos(yaw_start), np.sin(yaw_start), 0.0])
    arrive = reach * np.array([np.cos(yaw_end), np.sin(yaw_end), 0.0])
    leave[2] = arrive[2] = end[2] - start[2]
    basis = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2)
    return basis[0] * start + basis[1] * leave + basis[2] * end + basis[3] * arrive


def _resample(points: Floats, overrun: float) -> Floats:
    """Points every PATH_SPACING metres, and straight on for `overrun` metres."""
    steps = np.hypot(*np.diff(points[:, :2], axis=0).T)
    points = points[np.concatenate([[True], steps > 1e-3])]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[:, :2], axis=0).T))])
    s = np.arange(0.0, along[-1] + overrun, PATH_SPACING)
    last = (points[-1] - points[-2]) / (along[-1] - along[-2])
    columns = [np.interp(s, along, points[:, axis]) for axis in range(3)]
    beyond = np.clip(s - along[-1], 0.0, None)
    return np.stack(columns, axis=1) + beyond[:, None] * last


def _headings(points: Floats) -> Floats:
    span = 5  # 0.5 m either side: shorter would show the corners of the metre-spaced plan
    ahead = np.minimum(np.arange(len(points)) + span, len(points) - 1)
    behind = np.maximum(np.arange(len(points)) - span, 0)
    step = points[ahead, :2] - points[behind, :2]
    return np.arctan2(step[:, 1], step[:, 0])
