"""The perturbed twin of a rig: shifted sideways and turned, so that students learn to steer back."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.sensors.rig import Camera, Radar, Rig, Triple

Floats = NDArray[np.float64]

_EGO_HALF_WIDTH_M = 1.0641621351242065
_LEAST_SHIFT_M, _LARGEST_SHIFT_M = 0.1, 1.0
_LEAST_TURN_DEG = 0.5
_TURN_BACK_DEG, _TURN_OUT_DEG = 12.5, 5.0
_NARROWEST_LANE_M = 2.75
_SLOW_MPS = 15.0


@dataclass(frozen=True)
class Perturbation:
    """Where the twin stands: `shift_m` to the right along the ego's y, turned by `turn_deg` clockwise from above."""

    shift_m: float = 0.0
    turn_deg: float = 0.0


def largest_shift(lane_width_m: float, speed_limit_mps: float) -> float:
    """How far (m) the twin may be shifted on a route, given its narrowest lane and its highest speed limit (m/s)."""
    margin = 0.4 if speed_limit_mps < _SLOW_MPS else 0.25
    gap = max(lane_width_m, _NARROWEST_LANE_M) / 2.0 - _EGO_HALF_WIDTH_M / 2.0 - margin
    return min(_LARGEST_SHIFT_M, max(gap, _LEAST_SHIFT_M))


def turn_interval_deg(shift_m: float, largest_shift_m: float) -> tuple[float, float]:
    """Least and largest turn (degrees) at a shift: mostly back towards the lane."""
    share = (shift_m + 1.0) / 2.0
    least = -(_TURN_OUT_DEG * (1.0 - share) + _TURN_BACK_DEG * share)
    largest = _TURN_BACK_DEG * (1.0 - share) + _TURN_OUT_DEG * share
    return least * largest_shift_m, largest * largest_shift_m


def draw_perturbation(rng: np.random.Generator, lane_width_m: float, speed_limit_mps: float) -> Perturbation:
    """A perturbation for a route, given its narrowest lane (m) and its highest speed limit (m/s)."""
    reach = largest_shift(lane_width_m, speed_limit_mps)
    shift = float(rng.choice((-1.0, 1.0)) * rng.uniform(_LEAST_SHIFT_M, reach))
    interval = turn_interval_deg(shift, reach)
    turn = 0.0
    while abs(turn) < _LEAST_TURN_DEG:
        turn = float(rng.uniform(*interval))
    return Perturbation(shift, turn)


def perturb_rig(rig: Rig, perturbation: Perturbation) -> Rig:
    """The rig with its cameras and radars moved; LiDARs stay where they are, as in LEAD's data."""

    def moved(sensor: Camera | Radar) -> Camera | Radar:
        position, rotation = _move(sensor.position, sensor.rotation_deg, perturbation)
        return replace(sensor, position=position, rotation_deg=rotation)

    cameras, radars = map(moved, rig.cameras), map(moved, rig.radars)
    return replace(rig, cameras=tuple(cameras), radars=tuple(radars))


def to_perturbed(points: ArrayLike, perturbation: Perturbation) -> Floats:
    """Points (..., 2 or 3) of the ego's frame in that of the perturbed ego (m)."""
    points = np.array(points, dtype=np.float64)
    turn = math.radians(perturbation.turn_deg)
    c, s = math.cos(turn), math.sin(turn)
    x, y = points[..., 0].copy(), points[..., 1] - perturbation.shift_m
    points[..., 0], points[..., 1] = c * x + s * y, c * y - s * x
    return points


def _move(position: Triple, rotation_deg: Triple, perturbation: Perturbation) -> tuple[Triple, Triple]:
    turn = math.radians(perturbation.turn_deg)
    c, s = math.cos(turn), math.sin(turn)
    x, y, z = position
    roll, pitch, yaw = rotation_deg
    place = (c * x - s * y, s * x + c * y + perturbation.shift_m, z)
    return place, (roll, pitch, yaw + perturbation.turn_deg)
