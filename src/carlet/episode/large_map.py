"""Large maps: only what is near a hero is there. Tiles stream signs and lights, distance puts vehicles to sleep."""

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import Activity, ActorTable, Kind

TILE_M = 2000.0


def near_tiles(points: NDArray[np.float64], heroes: NDArray[np.float64], distance: float) -> NDArray[np.bool_]:
    """Which points (n, 2+) lie on a tile that comes within `distance` metres of a hero (k, 2+)."""
    corner = np.floor(points[:, :2] / TILE_M) * TILE_M
    near = np.zeros(len(points), dtype=bool)
    for hero in heroes:
        gap = np.maximum(np.maximum(corner - hero[:2], hero[:2] - corner - TILE_M), 0.0)
        near |= np.hypot(gap[:, 0], gap[:, 1]) <= distance
    return near


def put_to_sleep(table: ActorTable, heroes: NDArray[np.float64], hero_ids: list[int], distance: float) -> None:
    """Set `activity`: vehicles and walkers farther than `distance` metres from every hero (k, 3) are dormant."""
    rows = table.rows_of(Kind.VEHICLE, Kind.WALKER)
    if not len(heroes) or not len(rows):
        return
    gaps = np.linalg.norm(table.location[rows, None, :2] - heroes[None, :, :2], axis=2).min(axis=1)
    asleep = (gaps > distance) & ~np.isin(table.id[rows], hero_ids)
    table.activity[rows] = np.where(asleep, Activity.DORMANT, Activity.ACTIVE)
