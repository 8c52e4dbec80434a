"""What LiDAR points on the planned way ask for: passing a little aside of them, or the emergency brake."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.agents.plan_following import Action
from lead.navigation.odometry import TICK_S
from lead.sensors.clouds import EGO_EXTENT

Floats = NDArray[np.floating]

_BUMPER_M = EGO_EXTENT[0]
_REACH_M = 25.0
# Half the width of the way: what is free where the car passes aside, if it can be; what it brakes for. So much less
# where the plan has ended and its last direction is drawn on.
WIDE_M, NARROW_M, _LESS_BEYOND_M = 1.3, 1.1, 0.3
# How far the way may be moved aside (m, positive to the right), how fast (m a metre), and how much room that takes.
_SHIFTS_M, _SHIFT_SLOPE, _ROOM_M = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75), 0.3, 2.0
# Who goes slower than this share of the car's speed, or as good as stands (m/s), may be passed; not where somebody is
# so near ahead, behind (m) and aside of the moved car.
_SLOW, _STANDING, _BESIDE_M = 0.5, 0.5, (5.0, 0.3)
# Above the lowest point of the same metre of the way; and how steep a road may be.
_KNEE_M, _ROOF_M, _SLOPE = 0.35, 2.0, 0.12
_FEWEST_POINTS = 3
_TICKS = 6
"""Over so many ticks a gap's change is measured."""
_JUMP_M = 2.0
"""A gap that changes by more from one tick to the next is somebody else's."""
_MARGIN_M, _REACTION_S, _DECELERATION = 1.5, 0.25, 6.0


@dataclass(frozen=True)
class Obstacles:
    """Points that stand up from the ground near the way: metres `along` it and to its right (n,); `planned_m` of it are
    planned.
    """

    along: Floats
    right: Floats
    planned_m: float

    def gap(self, half_width: float, shift: float = 0.0, slope: float = _SHIFT_SLOPE) -> float:
        """Metres from the bumper to the nearest thing on the way, or infinity; the way is moved to the right by `shift`
        m, `slope` a metre.
        """
        ramp = np.clip((self.along - _BUMPER_M) * slope, 0.0, abs(shift))
        aside = np.abs(self.right - np.sign(shift) * ramp)
        found = np.sort(self.along[aside < half_width - _LESS_BEYOND_M * (self.along > self.planned_m)])
        return float(found[_FEWEST_POINTS - 1]) - _BUMPER_M if len(found) >= _FEWEST_POINTS else np.inf


@dataclass(frozen=True)
class Gaps:
    """Metres from the bumper to what is on the way, of the last ticks, the oldest first; infinite where nothing is."""

    past: tuple[float, ...] = ()

    def then(self, gap: float) -> "Gaps":
        """With the next tick's."""
        return Gaps((*self.past, gap)[-_TICKS - 1 :])

    def speed_of_it(self, speed: float) -> float | None:
        """How fast what is on the way goes along it (m/s, 0 at least); None as long as that is not known."""
        gaps = np.array(self.past)
        if len(gaps) <= _TICKS or not np.isfinite(gaps).all() or np.abs(np.diff(gaps)).max() > _JUMP_M:
            return None
        return max(speed + float(gaps[-1] - gaps[0]) / (_TICKS * TICK_S), 0.0)


def pass_aside(state: Gaps, route: Floats, obstacles: Obstacles, speed: float, cloud: Floats) -> tuple[Floats, Gaps]:
    """The route (n, 2), or that as far to its left or right as somebody slow beside it is in the way, 0.75 m at most.

    `state`: of the unchanged route, and as wide as is liked; `obstacles`: near it; `cloud` (n, 3): LiDAR points at
    their true height (m). The same route where nothing is in the way, where that does not help, and where somebody is
    beside the car.
    """
    room = stopping_distance(speed, 0.0) + _ROOM_M
    gap = obstacles.gap(WIDE_M)
    state = state.then(gap)
    its_speed = state.speed_of_it(speed)
    if gap >= room or its_speed is None or its_speed > max(_SLOW * speed, _STANDING):
        return route, state
    for half_width in (WIDE_M, NARROW_M):
        for shift in _SHIFTS_M:
            if obstacles.gap(half_width, shift) >= room and _is_free_beside(cloud, shift):
                return (moved_aside(route, shift) if shift else route), state
    return route, state


def _is_free_beside(cloud: Floats, shift: float) -> bool:
    if shift == 0.0:
        return True
    x, y = cloud[:, 0], np.sign(shift) * cloud[:, 1]
    beside = (np.abs(x) < _BESIDE_M[0]) & (y > EGO_EXTENT[1]) & (y < EGO_EXTENT[1] + abs(shift) + _BESIDE_M[1])
    return not (beside & is_upright(cloud)).any()


def is_upright(cloud: Floats) -> NDArray[np.bool_]:
    """Which points (n, 3) right beside the car are no ground."""
    return (cloud[:, 2] > _KNEE_M) & (cloud[:, 2] < _ROOF_M)


def moved_aside(route: Floats, shift: float, slope: float = _SHIFT_SLOPE, since: float = _BUMPER_M) -> Floats:
    """A route further right (left, if negative) by `shift` m, `slope` a metre, `since` so many metres ahead."""
    steps = np.diff(np.concatenate([np.zeros((1, 2)), route]), axis=0)
    lengths = np.maximum(np.linalg.norm(steps, axis=1), 1e-3)
    shifts = np.sign(shift) * np.clip((lengths.cumsum() - since) * slope, 0.0, abs(shift))
    to_the_right = np.column_stack([-steps[:, 1], steps[:, 0]]) / lengths[:, None]
    return (route + shifts[:, None] * to_the_right).astype(route.dtype)


def stopping_distance(speed: float, other: float) -> float:
    """Metres to somebody ahead at which the car must brake to stop behind him, if he brakes as well."""
    return _MARGIN_M + _REACTION_S * speed + (speed**2 - min(other, speed) ** 2) / (2.0 * _DECELERATION)


def brake_in_emergency(state: Gaps, action: Action, speed: float, obstacles: Obstacles) -> tuple[Action, Gaps]:
    """The action, or the full brake where it could else no longer stop behind what is on the way that is followed."""
    gap = obstacles.gap(NARROW_M)
    state = state.then(gap)
    is_late = gap < stopping_distance(speed, state.speed_of_it(speed) or 0.0)
    return (replace(action, throttle=0.0, brake=1.0) if is_late else action), state


def find_obstacles(
    route: Floats, cloud: Floats, reach_m: float = _REACH_M, aside_m: float = max(_SHIFTS_M)
) -> Obstacles:
    """What stands up from the ground near a route (n, 2) moved aside by up to `aside_m`, `reach_m` ahead of the bumper;
    `cloud` (n, 3) at its true height (m).
    """
    end, beside = _BUMPER_M + reach_m, WIDE_M + aside_m
    way, planned_m = _drawn_on(route, end)
    low, high = way.min(axis=0) - beside, way.max(axis=0) + beside
    x, y = cloud[:, 0], cloud[:, 1]
    points = cloud[(x > max(low[0], 0.0)) & (x < min(high[0], end)) & (y > low[1]) & (y < high[1])].astype(np.float64)
    along, right = _on_way(way, points)
    near = (np.abs(right) < beside) & (along > _BUMPER_M) & (along < end)
    along, right, height = along[near], right[near], points[near, 2]
    standing = _stands_up(along, height)
    return Obstacles(along[standing], right[standing], planned_m)


def _stands_up(along: Floats, height: Floats) -> NDArray[np.bool_]:
    """Which points are no ground: well above the lowest of their metre, and not too low or high for a slope."""
    metre = along.astype(np.int64)
    lowest = np.full(int(along.max(initial=0.0)) + 1, np.inf)
    np.minimum.at(lowest, metre, height)
    in_reach = (height > _KNEE_M - _SLOPE * along) & (height < _ROOF_M + _SLOPE * along)
    return in_reach & (height > lowest[metre] + _KNEE_M)


def _drawn_on(route: Floats, end: float) -> tuple[Floats, float]:
    """The way from the ego on (m, 2), drawn on for `end` m, and how many metres of it are planned."""
    way = np.concatenate([np.zeros((1, 2)), np.asarray(route, np.float64)])
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    way = way[np.concatenate([[True], steps > 1e-3])]
    ahead = way[-1] - way[-min(len(way), 4)]
    length = float(np.linalg.norm(ahead))
    direction = ahead / length if length > 0.0 else np.array([1.0, 0.0])
    return np.concatenate([way, (way[-1] + end * direction)[None]]), float(steps.sum())


@njit(cache=True, nogil=True)
def _on_way(way, points):
    """Metres along a way (m, 2) and to the right of it of points (n, 3)."""
    along, right = np.zeros(len(points)), np.full(len(points), np.inf)
    for i in range(len(points)):
        passed = 0.0
        for k in range(len(way) - 1):
            step_x, step_y = way[k + 1, 0] - way[k, 0], way[k + 1, 1] - way[k, 1]
            length = math.hypot(step_x, step_y)
            x, y = points[i, 0] - way[k, 0], points[i, 1] - way[k, 1]
            share = min(max((x * step_x + y * step_y) / length**2, 0.0), 1.0)
            distance = math.hypot(x - share * step_x, y - share * step_y)
            if distance < abs(right[i]):
                along[i], right[i] = passed + share * length, math.copysign(distance, step_x * y - step_y * x)
            passed += length
    return along, right
