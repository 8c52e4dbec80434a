"""Where everybody will be: a kinematic bicycle for vehicles, constant velocity for walkers, and the ego on its way."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from lead.expert.corridor import Corridor
from lead.expert.scene import Actors, Floats
from lead.kinds import Kind

STEP_S = 0.1
"""Between two moments of a forecast."""

_UNBENDING_S = 1.5  # drivers straighten out: the curvature falls by 1/e in this time
_SLOWEST_TURN = 0.5
_PUSH_S = 1.0  # nobody is taken to go on speeding up for longer
_HARDEST_BRAKING, _HARDEST_PUSH = -8.0, 3.0


@dataclass(frozen=True)
class Forecast:
    """Of n actors at t moments, `STEP_S` apart from the first step on: `centre` (n, t, 2), `yaw` (n, t)."""

    centre: Floats
    yaw: Floats


def forecast_actors(actors: Actors, steps: int) -> Forecast:
    """All actors go on as they do now: vehicles keep turning for a while and braking; walkers keep their velocity."""
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
    return Forecast(actors.centre[:, None, :2] + np.cumsum(step, axis=1), actors.yaw[:, None] + turned)


def _speeds(actors: Actors, times: Floats) -> Floats:
    """Speeds (n, t)."""
    push = np.clip(actors.acceleration, _HARDEST_BRAKING, _HARDEST_PUSH)
    push = np.where((actors.kind == Kind.WALKER) | (actors.speed < _SLOWEST_TURN), 0.0, push)[:, None]
    change = np.where(push > 0.0, push * np.minimum(times, _PUSH_S), push * times)
    return np.maximum(actors.speed[:, None] + change, 0.0)


def ego_places(corridor: Corridor, s: float, speed: float, limits: Floats, acceleration: float, steps: int) -> Floats:
    """Places (t,) along the corridor of the ego, if it drives on freely within `limits` (m,) m/s."""
    return _drive_on(corridor.s, limits, s, speed, acceleration, steps, STEP_S)


@njit(cache=True)
def _drive_on(places, limits, s, speed, acceleration, steps, dt):
    out = np.empty(steps)
    spacing = places[1] - places[0]
    for i in range(steps):
        row = min(max(int((s - places[0]) / spacing), 0), len(limits) - 1)
        # From a standstill the engine needs a moment.
        push = acceleration * min(1.0, 0.5 + 0.5 * speed)
        speed = min(speed + push * dt, max(limits[row], speed - 4.0 * dt))
        s += speed * dt
        out[i] = s
    return out
