"""The point clouds of the last ticks in one: what recordings keep of a frame, and what driving students see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lead.sensors.clouds import (
    BOX,
    CROSS,
    LOWERING,
    STUDENT_AREA,
    Area,
    follow_motion,
    lidar_cloud,
    off_the_ego,
    radar_as_lidar,
    radar_cloud,
)
from lead.sensors.ground import is_ground
from lead.sensors.rig import Rig

Floats = NDArray[np.floating]

SWEEPS, RADAR_SWEEPS = 5, 10
"""Of how many ticks LiDAR and radar points are kept."""
SCALE_M = 0.1
"""Points are kept in units of this."""


class Sweep(NamedTuple):
    """`points` (n, 3) m in the ego's frame; `age` (n,) uint8 in ticks, 0 the newest."""

    points: NDArray[np.float64]
    age: NDArray[np.uint8]


@dataclass(frozen=True)
class Clouds:
    """The clouds of a tick: `lidar` (n, 3) as LEAD keeps it; `true` (m, 3), the whole one at its true height; `radar`
    (k, 4) by radar, lowered.
    """

    lidar: Floats
    true: Floats
    radar: Mapping[str, Floats]


def make_clouds(rig: Rig, readings: Mapping[str, Any], ego_filter: str = CROSS, ground_removed: bool = True) -> Clouds:
    """The clouds of a tick's LiDARs and radars, by `lidar1` ... and `radar1` ...; see `off_the_ego` for the filter."""
    raw = lidar_cloud(rig.lidars, [readings[f"lidar{number}"] for number in range(1, len(rig.lidars) + 1)], 0.0)
    radars = {
        f"radar{number}": radar_cloud(one, readings[f"radar{number}"]) for number, one in enumerate(rig.radars, 1)
    }
    lowering = LOWERING * rig.lidars[0].position[2] if rig.lidars else 0.0
    lowered = raw[off_the_ego(raw, ego_filter)] - np.array([0.0, 0.0, lowering], np.float32)
    points = np.concatenate([lowered, radar_as_lidar(radars)])
    if ground_removed:
        points = points[~is_ground(points)]
    return Clouds(points[STUDENT_AREA.holds(points)], raw[off_the_ego(raw, BOX)], radars)


def stack_clouds(past: Sequence[tuple[Clouds, NDArray[np.float64]]]) -> Sweep:
    """The LiDAR points of the last five ticks and the radar points of the last ten, in the present ego frame.

    `past`: the newest first, each with the place x, y (m) and yaw (rad) of its ego in the present frame.
    """
    points, ages = [], []
    for age, (clouds, motion) in enumerate(past[:RADAR_SWEEPS]):
        parts = [clouds.lidar] if age < SWEEPS else []
        for part in (*parts, radar_as_lidar(clouds.radar)):
            points.append(follow_motion(part.astype(np.float64), motion))
            ages.append(np.full(len(part), age, np.uint8))
    return Sweep(np.concatenate(points), np.concatenate(ages))


def quantise(sweep: Sweep) -> Sweep:
    """The sweep as it comes back from a file, where points are in tenths of a metre from the smallest ones."""
    if not len(sweep.points):
        return sweep
    offset = sweep.points.min(axis=0)
    return Sweep(np.rint((sweep.points - offset) / SCALE_M) * SCALE_M + offset, sweep.age)


def radar_rows(
    radars: Sequence[Floats], places: int = 75, nearest: bool = True, area: Area = STUDENT_AREA
) -> NDArray[np.float32]:
    """Points (radars x places, 5) inside the area seen from above: x, y, z (m), radial speed (m/s), number of the radar
    from 0.

    Empty places have zeros in the first four. Of too many points the `nearest` stay, or else the first.
    """
    rows = np.zeros((len(radars), places, 5), np.float32)
    for number, radar in enumerate(radars):
        rows[number, :, 4] = number
        cloud = np.asarray(radar, np.float32)
        x, y = cloud[:, 0], cloud[:, 1]
        inside = cloud[(x >= area.min_x) & (x <= area.max_x) & (y >= area.min_y) & (y <= area.max_y)]
        if len(inside) > places and nearest:
            inside = inside[np.sort(np.argsort(np.hypot(inside[:, 0], inside[:, 1]), kind="stable")[:places])]
        inside = inside[:places]
        rows[number, : len(inside), :4] = inside
    return rows.reshape(-1, 5)
