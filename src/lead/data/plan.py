"""Labels and inputs of the planner: waypoints, the smoothed route, target points and commands."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lead.data.config import RecordConfig
from lead.data.errors import DataError
from lead.data.occupancy import world_to_ego
from lead.geometry import wrap_angle
from lead.navigation.targets import command_place, count_passed, three_points
from lead.sensors.perturbation import Perturbation, to_perturbed

Floats = NDArray[np.float64]

FIRST_M, STEP_M = 2.5, 1.0
_FOLLOW = 4
_STOOD_MPS = 0.3


class Waypoints(NamedTuple):
    """`positions` (n, 2) m and `yaws` (n,) rad; NaN where the recording ended before, after `known` of them."""

    positions: Floats
    yaws: Floats
    known: int


def waypoints(meta: Mapping[str, Any], pose: Perturbation, config: RecordConfig) -> Waypoints:
    """Where the expert went, at every `ticks_between` ticks from now on, in the frame of the rig."""
    wanted = slice(config.ticks_between, config.ticks_between * config.waypoints + 1, config.ticks_between)
    recorded = np.asarray(meta["future_positions"], np.float64).reshape(-1, 3)[wanted, :2]
    turns = np.asarray(meta["future_yaws"], np.float64).reshape(-1)[wanted]
    known = min(len(recorded), len(turns))
    positions, yaws = np.full((config.waypoints, 2), np.nan), np.full(config.waypoints, np.nan)
    positions[:known] = to_perturbed(recorded[:known], pose)
    yaws[:known] = wrap_angle(turns[:known] - math.radians(pose.turn_deg))
    return Waypoints(positions, yaws, known)


def speed_labels(
    meta: Mapping[str, Any], positions: NDArray[np.floating[Any]], spacing_s: float, ahead_s: float | None
) -> dict[str, Any]:
    """`target_speed` (m/s, float32) and `brake`: those that the expert had in mind for its next tick, or, `ahead_s`
    from now, how fast it drove by its waypoints `positions` (n, 2) and whether it stood.

    The first hardly differ from the present speed, which a student can read off: one that stands learns to stand.
    DataError when there are no waypoints then.
    """
    if ahead_s is None:
        return {"target_speed": np.float32(meta["target_speed"]), "brake": bool(meta["brake"])}
    last = round(ahead_s / spacing_s) - 1
    if not 1 <= last < len(positions):
        least, most = 2.0 * spacing_s, len(positions) * spacing_s
        raise DataError(f"speed_ahead_s must lie between {least:g} and {most:g}, where waypoints are, not {ahead_s:g}")
    driven = float(np.linalg.norm(positions[last] - positions[last - 1])) / spacing_s
    return {"target_speed": np.float32(driven), "brake": driven < _STOOD_MPS}


def route_ahead(meta: Mapping[str, Any], pose: Perturbation, config: RecordConfig) -> Floats:
    """The smoothed route (route_points, 2) m in the frame of the rig. DataError when none was recorded."""
    route = np.asarray(meta["route"], np.float64).reshape(-1, 2)[: config.route_points]
    if len(route) == 0:
        raise DataError("its meta has an empty route")
    return smooth(to_perturbed(route, pose), config.route_points)


def smooth(route: Floats, count: int) -> Floats:
    """Points (count, 2) of steady distance along a route (n, 2) m: 2.5 m from the origin, then 1 m apart.

    Each step heads for the next point of the route; past its end the last step goes on.
    """
    changed = np.any(np.diff(route, axis=0) != 0.0, axis=1)
    points = [(0.0, 0.0), *map(tuple, route[np.concatenate([[True], changed])].tolist())]
    at, step, out = (0.0, 0.0), (1.0, 0.0), []
    for index in range(1, count + 1):
        if index < len(points):
            step = _direction(at, points[index], points[index - 1], step)
        length = FIRST_M if index == 1 else STEP_M
        at = (at[0] + length * step[0], at[1] + length * step[1])
        out.append(at)
    return np.array(out)


def _direction(
    at: tuple[float, ...], goal: tuple[float, ...], before: tuple[float, ...], last: tuple[float, float]
) -> tuple[float, float]:
    """Unit vector along the line to `goal`, towards where the route runs from `before` to `goal`."""
    dx, dy = goal[0] - at[0], goal[1] - at[1]
    length = math.hypot(dx, dy)
    if length < 1e-9:
        return last
    ahead = dx * (goal[0] - before[0]) + dy * (goal[1] - before[1]) >= 0.0
    sign = 1.0 / length if ahead else -1.0 / length
    return sign * dx, sign * dy


def curvature(route: Floats) -> float:
    """Sum of the sines of a route's (n, 2) changes of direction."""
    steps = np.diff(route, axis=0)
    steps /= np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-9)[:, None]
    return float((steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]).sum())


def target_points(meta: Mapping[str, Any], pose: Perturbation, config: RecordConfig) -> Floats:
    """Target points (3, 2) m in the frame of the rig: previous, current, next. DataError when none was recorded."""
    key = f"next_target_points_{config.pop_distance_m:g}"
    if key not in meta:
        raise DataError(f"its meta has no {key!r}")
    if not meta[key]:
        raise DataError(f"its meta has no point in {key!r}")
    listed = meta[key][_passed(meta, config) :]
    ego = world_to_ego(np.array(three_points(listed)), meta["pos_global"], float(meta["theta"]))
    return to_perturbed(ego, pose)


def _passed(meta: Mapping[str, Any], config: RecordConfig) -> int:
    """How many of the listed points ahead the ego has left behind."""
    listed = meta.get(f"next_target_points_{config.pop_distance_m:g}")
    if config.legacy_passed_points or not listed:
        return 0
    x, y = (float(value) for value in meta["pos_global"][:2])
    return count_passed(np.asarray(listed, np.float64), x, y)


def commands(meta: Mapping[str, Any], config: RecordConfig) -> NDArray[np.int32]:
    """Places of previous, current and next command: left, right, straight, follow, change left, change right."""
    distance = f"{config.pop_distance_m:g}"
    past = list(meta.get(f"previous_commands_{distance}") or [_FOLLOW])
    ahead = list(meta.get(f"next_commands_{distance}") or [_FOLLOW])
    passed = _passed(meta, config)
    past, ahead = [*past, *ahead[:passed]], ahead[passed:] or ahead[-1:]
    return np.array(
        [command_place(past[-1]), command_place(ahead[0]), command_place(ahead[min(1, len(ahead) - 1)])], np.int32
    )
