"""Round what stands in the whole lane, after a long wait: back for room, then aside as far as it takes."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lead.agents.plan_following import Action
from lead.agents.sensor.collision_avoidance import (
    NARROW_M,
    WIDE_M,
    Obstacles,
    find_obstacles,
    is_upright,
    moved_aside,
    stopping_distance,
)
from lead.navigation.odometry import TICK_S
from lead.sensors.clouds import EGO_EXTENT

Floats = NDArray[np.floating]

BACK, WAIT, ROUND = "backs off", "waits to go round", "goes round"
BACKING = Action(0.0, 0.4, 0.0, reverse=True)
SPEED = 3.0
"""How fast it goes round (m/s)."""
# Positive to the right, where the road ends sooner: as gladly half as far as to the left.
_SHIFTS_M = tuple(side * 0.25 * quarters for quarters in range(17) for side in (-1.0, 0.5))
# What stands nearer is in the way; and what room it takes to turn out behind it.
_BLOCKED_M, _ROOM_TO_TURN_M = 12.0, 7.0
# How far it must be free ahead, behind in the lane that it changes into, and behind to back off (m).
_AHEAD_M, _BEHIND_M, _ROOM_BEHIND_M = 45.0, 15.0, 3.0
# What stands far ahead may be beside a road that bends: so much less is asked for a second (m), down to so much.
_PATIENCE, _LEAST_AHEAD_M = 1.0, 15.0
# For how long it may go round, and how far it goes on slowly once its own way is free (m).
_LONGEST_M, _PASSED_M = 45.0, 8.0
# How steep (m a metre) it steers aside from the car's middle on; how steep it surely gets aside from the bumper on.
_STEERED_SLOPE, _SURE_SLOPE = 1.0, 0.7
_BESIDE_M = 0.5
"""Towards what stands as near as that beside the car it does not turn."""


@dataclass(frozen=True)
class Detour:
    """`move`: BACK, WAIT, ROUND, or empty while it drives as planned; `left_m`: how far it may still go round;
    `ticks`: for how long it has waited for the way to be free.
    """

    move: str = ""
    left_m: float = 0.0
    ticks: int = 0


def go_round(state: Detour, waited: bool, route: Floats, speed: float, cloud: Floats) -> tuple[Floats, Detour]:
    """The route (n, 2), moved aside of what stands on it, 4 m to the left or 2 to the right at most, once the car has
    just `waited` long behind it; and whether to back off or to wait for that.

    It sets off where 45 m ahead (a metre less for each second it waits for that, down to 15) and 15 m behind are free
    of LiDAR points there (`cloud`: (n, 3), at their true height, m). The same route where there is nothing to go round.
    """
    left_m = state.left_m - abs(speed) * TICK_S
    if not waited and (state.move == "" or (state.move == ROUND and left_m <= 0.0)):
        return route, Detour()
    obstacles = find_obstacles(route, cloud, _AHEAD_M, -min(_SHIFTS_M))
    if state.move == ROUND and not waited:
        shift = _least_shift(obstacles, _BLOCKED_M, stopping_distance(speed, 0.0)) or 0.0
        return _steered(route, shift, cloud), Detour(ROUND, left_m if shift else min(left_m, _PASSED_M))
    gap = obstacles.gap(NARROW_M)
    if gap > _BLOCKED_M:
        return route, Detour()
    backs = waited or state.move == BACK
    if backs and gap < _ROOM_TO_TURN_M and _is_free(cloud, -_ROOM_BEHIND_M - EGO_EXTENT[0], 0.0):
        return route, Detour(BACK)
    shift = _least_shift(obstacles, max(_AHEAD_M - state.ticks * TICK_S * _PATIENCE, _LEAST_AHEAD_M))
    if shift is None or not _is_free(cloud, -_BEHIND_M, shift):
        return route, Detour(WAIT, ticks=state.ticks + 1)
    return _steered(route, shift, cloud), Detour(ROUND, _LONGEST_M)


def _least_shift(obstacles: Obstacles, *free_m: float) -> float | None:
    """The smallest shift that leaves the way free for the first of some distances, else for the next of them."""
    ways = itertools.product(free_m, (WIDE_M, NARROW_M), _SHIFTS_M)
    return next((shift for free, width, shift in ways if obstacles.gap(width, shift, _SURE_SLOPE) >= free), None)


def _is_free(cloud: Floats, back_to: float, shift: float) -> bool:
    """Whether nothing is around the car, moved aside by `shift` m and as far back as x = `back_to`."""
    x, y = cloud[:, 0], cloud[:, 1]
    there = (x > back_to) & (x < EGO_EXTENT[0]) & (np.abs(y - shift) < NARROW_M)
    is_ego = (np.abs(x) < EGO_EXTENT[0]) & (np.abs(y) < EGO_EXTENT[1])
    return not (there & ~is_ego & is_upright(cloud)).any()


def _steered(route: Floats, shift: float, cloud: Floats) -> Floats:
    """The route moved aside at once, and without turning towards who is right beside the car."""
    way = moved_aside(route, shift, _STEERED_SLOPE, 0.0) if shift else route.copy()
    x, y = cloud[:, 0], cloud[:, 1]
    beside = (np.abs(x) < EGO_EXTENT[0] + 1.0) & is_upright(cloud)
    for side in (-1.0, 1.0):
        aside = side * y - EGO_EXTENT[1]
        if (beside & (aside > 0.0) & (aside < _BESIDE_M)).any():
            way[:, 1] = side * np.minimum(side * way[:, 1], 0.0)
    return way
