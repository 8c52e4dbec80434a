"""From OpenDRIVE text to a town: the steps in order."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from carlet.town.crosswalks import build_crosswalks
from carlet.town.grid import Grid, build_grid
from carlet.town.limits import DEFAULT_KMH, with_speed_limits
from carlet.town.links import LaneTable
from carlet.town.marks import build_marks
from carlet.town.model import Floats, Ground, Lanes, Terrain, Town
from carlet.town.opendrive import parse_opendrive
from carlet.town.sampling import sample_lanes
from carlet.town.scenery import build_scenery, empty_scenery
from carlet.town.signals import build_lights, build_signs, speed_signs
from carlet.town.spawns import LIFT, build_spawn_points
from carlet.town.terrain import MARGIN, build_terrain

LARGE_TOWNS = frozenset({"Town11", "Town12", "Town13"})
_SPAWN_LIFT = {"Town10HD": 0.6}
_CELL = 5.0


def build_town(base: str, name: str, packed: bytes, text: bytes) -> Town:
    """The town `name`, a variant of `base`, of an OpenDRIVE `text` kept as `packed`; TownError when unreadable."""
    network = parse_opendrive(base, text)
    table = LaneTable(network)
    speeds = speed_signs(network, table)
    lanes = with_speed_limits(network, _indexed(sample_lanes(network, DEFAULT_KMH)), speeds)
    terrain = Terrain(*build_terrain(lanes))
    ground = Ground(lanes, terrain, empty_scenery())
    heights = _heights(ground)
    lights = build_lights(network, table, lanes, heights)
    signs = build_signs(network, table, lanes, speeds, heights)
    crosswalks, crosswalk = build_crosswalks(network)
    spawn_points = build_spawn_points(lanes, _SPAWN_LIFT.get(base, LIFT))
    low, high = lanes.point[:, :2].min(axis=0) - MARGIN, lanes.point[:, :2].max(axis=0) + MARGIN
    return Town(
        name=name,
        packed=packed,
        geo_origin=(network.latitude, network.longitude),
        lanes=lanes,
        terrain=terrain,
        lights=lights,
        signs=signs,
        spawn_points=spawn_points,
        crosswalks=crosswalks,
        crosswalk=crosswalk,
        marks=build_marks(network),
        scenery=build_scenery(base, ground, lights, signs, spawn_points),
        large=base in LARGE_TOWNS,
        extent=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
    )


def _heights(ground: Ground) -> Callable[[Floats], Floats]:
    return lambda points: ground.heights(points)[0]


def _indexed(lanes: Lanes) -> Lanes:
    """The lanes with the grid of their strips, one between each two neighbouring samples."""
    strips = np.flatnonzero(lanes.lane[1:] == lanes.lane[:-1])
    side = np.stack([-np.sin(lanes.heading), np.cos(lanes.heading)], axis=1) * 0.5 * lanes.width[:, None]
    middle = lanes.point[:, :2]
    corners = np.stack([middle - side, middle + side])
    corners = np.concatenate([corners[:, strips], corners[:, strips + 1]])
    grid: Grid = build_grid(corners.min(axis=0) - 0.01, corners.max(axis=0) + 0.01, strips, _CELL)
    return replace(lanes, grid=grid)
