"""Whose forecast meets the ego's: where its way is touched, and when."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.expert.corridor import Corridor
from lead.expert.forecast import STEP_S, Forecast
from lead.expert.scene import Actors, Bools, Ego, Floats
from lead.geometry import wrap_angle

_DISCS = np.linspace(-1.0, 1.0, 5)
_BEYOND_M = 40.0
_BEHIND_S, _BEHIND_SHARE = 0.2, 0.4


@dataclass(frozen=True)
class Meetings:
    """Of n actors: `seconds` (n,) until the ego's forecast meets theirs, infinite where they do not.

    `their_seconds` (n,) until they are there; `entry`, `exit` (n,) the first and last place of the ego's way that they
    come near; `turn` (n,) their heading there relative to the way's; `at_front` (n,) whether they meet the ego's front
    part.
    """

    seconds: Floats
    their_seconds: Floats
    entry: Floats
    exit: Floats
    turn: Floats
    at_front: Bools


def find_meetings(
    corridor: Corridor,
    ego: Ego,
    places: Floats,
    actors: Actors,
    forecast: Forecast,
    wanted: NDArray[np.bool_],
    slack_s: float,
    margin: float,
    behind_s: float = 0.0,
) -> Meetings:
    """Meetings of the ego at `places` (t,) of its way with the `wanted` (n,) actors.

    Two meet when they are in one place, `margin` (m) apart, at moments that are less than `slack_s` apart; a shorter
    time is enough behind one who was there before, but no less than `behind_s`.
    """
    inner = np.array([ego.half_width - ego.rear, 0.0, ego.front - ego.half_width])
    heading = corridor.headings(places, ego.s, ego.yaw)
    forward = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    discs = corridor.at(places)[:, None] + inner[:, None] * forward[:, None]
    rows = np.flatnonzero(wanted)
    yaw = forecast.yaw[rows]
    others, radii = _other_discs(actors.extent[rows], forecast.centre[rows], yaw)
    reach = radii + ego.half_width + margin
    behind_s = max(min(slack_s, max(_BEHIND_SHARE * slack_s, _BEHIND_S)), behind_s)
    first = _first_meeting(discs, others, reach, round(behind_s / STEP_S), round(slack_s / STEP_S))
    met = first[:, 0] >= 0
    window = (places[0] - ego.rear, places[-1] + ego.front)
    entry, exit_ = _touched(corridor.points, corridor.s, others, yaw[:, -1], reach, met, *window)
    way_yaw = corridor.yaw_at(places[np.where(met, first[:, 0], 0)])
    their_yaw = yaw[np.arange(len(rows)), np.where(met, first[:, 1], 0)]
    count = len(actors)
    return Meetings(
        seconds=_spread(rows, count, np.where(met, (first[:, 0] + 1) * STEP_S, np.inf), np.inf),
        their_seconds=_spread(rows, count, np.where(met, (first[:, 1] + 1) * STEP_S, np.inf), np.inf),
        entry=_spread(rows, count, entry, np.inf),
        exit=_spread(rows, count, exit_, -np.inf),
        turn=_spread(rows, count, wrap_angle(their_yaw - way_yaw), 0.0),
        at_front=_spread(rows, count, first[:, 2], -1.0) > 0.0,
    )


def _spread(rows: NDArray[np.intp], count: int, values: NDArray, missing: float) -> Floats:
    """Values of some rows among `count`."""
    out = np.full(count, missing)
    out[rows] = values
    return out


def _other_discs(extent: Floats, centre: Floats, yaw: Floats) -> tuple[Floats, Floats]:
    """Centres (n, t, 5, 2) of discs over actors of half sizes (n, 3) at (n, t, 2) and (n, t), and radii (n,)."""
    length, width = extent[:, 0], extent[:, 1]
    radii = np.minimum(length, width) + 0.1
    reach = np.maximum(length - width, 0.0)
    forward = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)
    offsets = (reach[:, None] * _DISCS)[:, None, :, None] * forward[:, :, None, :]
    return centre[:, :, None, :] + offsets, radii


@njit(cache=True)
def _first_meeting(ego, others, reach, behind, before):
    """For each actor the ego's step, its own step and the ego's disc of the first meeting; -1 without one."""
    count, steps = others.shape[0], len(ego)
    first = np.full((count, 3), -1)
    for n in range(count):
        square = reach[n] ** 2
        for i in range(steps):
            for j in range(max(i - behind, 0), min(i + before + 1, steps)):
                for a in range(ego.shape[1] - 1, -1, -1):
                    for b in range(others.shape[2]):
                        dx, dy = others[n, j, b, 0] - ego[i, a, 0], others[n, j, b, 1] - ego[i, a, 1]
                        if dx * dx + dy * dy < square:
                            first[n] = i, j, a
                            break
                    if first[n, 0] >= 0:
                        break
                if first[n, 0] >= 0:
                    break
            if first[n, 0] >= 0:
                break
    return first


@njit(cache=True)
def _is_ahead(point, centre, yaw, reach):
    dx, dy = point[0] - centre[0], point[1] - centre[1]
    c, s = np.cos(yaw), np.sin(yaw)
    along, across = dx * c + dy * s, -dx * s + dy * c
    return 0.0 < along < _BEYOND_M and abs(across) < reach


@njit(cache=True)
def _touched(points, s, others, last_yaw, reach, met, begin, end):
    """First and last place of the way within `begin` and `end` that each actor's discs come near.

    Beyond its forecast it goes straight on, so that the places do not depend on how far away it is.
    """
    entry, exit_ = np.full(len(met), np.inf), np.full(len(met), -np.inf)
    for n in range(len(met)):
        if not met[n]:
            continue
        square = reach[n] ** 2
        for row in range(len(s)):
            if s[row] < begin or s[row] > end:
                continue
            touched = False
            for j in range(others.shape[1]):
                for b in range(others.shape[2]):
                    dx, dy = others[n, j, b, 0] - points[row, 0], others[n, j, b, 1] - points[row, 1]
                    if dx * dx + dy * dy < square:
                        touched = True
                        break
                if touched:
                    break
            if touched or _is_ahead(points[row], others[n, -1, 2], last_yaw[n], reach[n]):
                entry[n], exit_[n] = min(entry[n], s[row]), max(exit_[n], s[row])
    return entry, exit_
