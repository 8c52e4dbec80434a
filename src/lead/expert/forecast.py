"""Where everybody will be: a kinematic bicycle for vehicles, constant velocity for walkers, and the ego on its way."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.expert.corridor import Corridor
from lead.expert.scene import Actors, Floats
from lead.kinds import Kind

STEP_S = 0.1
"""Between two moments of a forecast."""

_UNBENDING_S = 1.5  # drivers straighten out: the curvature falls by 1/e in this time
_SLOWEST_TURN = 0.5
_LEAVING_SPEED, _LEAVING_SHARE = 0.4, 0.12  # across the lane (m/s), and of the speed
_PUSH_S = 1.0  # nobody is taken to go on speeding up for longer
_HARDEST_BRAKING, _HARDEST_PUSH = -8.0, 3.0
_RATED, _FADING = 10.0, 0.044  # what a car can do falls with its speed (m/s): full throttle gives 7.2 m/s2 from a stand


@dataclass(frozen=True)
class Forecast:
    """Of n actors at t moments, `STEP_S` apart from the first step on: `centre` (n, t, 2), `yaw` (n, t)."""

    centre: Floats
    yaw: Floats


def forecast_actors(actors: Actors, steps: int) -> Forecast:
    """All actors go on as they do now: vehicles keep to their lane or else keep turning for a while; walkers keep their
    velocity.
    """
    times = STEP_S * np.arange(1, steps + 1, dtype=np.float64)
    speed = _speeds(actors, times)
    heading = np.where(actors.speed > _SLOWEST_TURN, np.arctan2(actors.velocity[:, 1], actors.velocity[:, 0]), 0.0)
    course = np.where(actors.speed > _SLOWEST_TURN, heading, actors.yaw)
    turns = (actors.kind != Kind.WALKER) & (actors.speed > _SLOWEST_TURN)
    curvature = np.where(turns, actors.yaw_rate / np.maximum(actors.speed, 1.0), 0.0)
    bend = curvature[:, None] * np.exp(-times / _UNBENDING_S)
    turned = np.cumsum(bend * speed * STEP_S, axis=1)
    course = course[:, None] + turned
    step = np.stack([np.cos(course), np.sin(course)], axis=-1) * speed[..., None] * STEP_S
    centre, yaw = actors.centre[:, None, :2] + np.cumsum(step, axis=1), actors.yaw[:, None] + turned
    rows = np.flatnonzero(_keeps_lane(actors))
    if len(rows):
        _follow_lanes(
            actors.lane[rows], actors.centre[rows], np.cumsum(speed[rows] * STEP_S, axis=1), rows, centre, yaw
        )
    return Forecast(centre, yaw)


def _keeps_lane(actors: Actors) -> NDArray[np.bool_]:
    """Which actors (n,) drive along their lane and do not leave it."""
    along = actors.lane[:, 1] - actors.lane[:, 0]
    heading = np.arctan2(along[:, 1], along[:, 0])
    across = -actors.velocity[:, 0] * np.sin(heading) + actors.velocity[:, 1] * np.cos(heading)
    return actors.on_lane & (np.abs(across) < np.maximum(_LEAVING_SPEED, _LEAVING_SHARE * actors.speed))


@njit(cache=True)
def _follow_lanes(lanes, centres, travelled, rows, out, yaw):
    """Fill in `out` (n, t, 2) and `yaw` (n, t) for some `rows`: along the lane, as far beside its middle as now."""
    for n in range(len(rows)):
        lane = lanes[n]
        dx, dy = lane[1, 0] - lane[0, 0], lane[1, 1] - lane[0, 1]
        length = np.hypot(dx, dy)
        ux, uy = dx / length, dy / length
        ox, oy = centres[n, 0] - lane[0, 0], centres[n, 1] - lane[0, 1]
        along, side = ox * ux + oy * uy, -ox * uy + oy * ux
        k, begin = 0, 0.0
        for t in range(travelled.shape[1]):
            s = along + travelled[n, t]
            while s > begin + length and k < len(lane) - 2:
                begin += length
                k += 1
                dx, dy = lane[k + 1, 0] - lane[k, 0], lane[k + 1, 1] - lane[k, 1]
                length = np.hypot(dx, dy)
                ux, uy = dx / length, dy / length
            row = rows[n]
            out[row, t, 0] = lane[k, 0] + (s - begin) * ux - side * uy
            out[row, t, 1] = lane[k, 1] + (s - begin) * uy + side * ux
            yaw[row, t] = np.arctan2(uy, ux)


def _speeds(actors: Actors, times: Floats) -> Floats:
    """Speeds (n, t)."""
    push = np.clip(actors.acceleration, _HARDEST_BRAKING, _HARDEST_PUSH)
    push = np.where((actors.kind == Kind.WALKER) | (actors.speed < _SLOWEST_TURN), 0.0, push)[:, None]
    change = np.where(push > 0.0, push * np.minimum(times, _PUSH_S), push * times)
    return np.maximum(actors.speed[:, None] + change, 0.0)


def ego_places(corridor: Corridor, s: float, speed: float, limits: Floats, acceleration: float, steps: int) -> Floats:
    """Places (t,) along the corridor of the ego, if it drives on freely within `limits` (m,) m/s.

    `acceleration` (m/s2): at `_RATED` m/s.
    """
    return _drive_on(corridor.s, limits, s, speed, acceleration, steps, STEP_S)


@njit(cache=True)
def _drive_on(places, limits, s, speed, acceleration, steps, dt):
    out = np.empty(steps)
    spacing = places[1] - places[0]
    for i in range(steps):
        row = min(max(int((s - places[0]) / spacing), 0), len(limits) - 1)
        push = acceleration * max(1.0 - _FADING * (speed - _RATED), 0.0)
        speed = min(speed + push * dt, max(limits[row], speed - 4.0 * dt))
        s += speed * dt
        out[i] = s
    return out
