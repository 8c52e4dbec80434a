"""The navigation mesh on which CARLA's client lets people walk."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carlet.town.loading import cache_directory
from carlet.town.model import Floats, Ints, LaneKind, Town
from carlet.town.navmesh_areas import GRID, Area, walking_regions
from carlet.town.navmesh_detour import MOST_POLYGONS, MOST_VERTICES, empty_mesh, pack_mesh
from carlet.town.navmesh_polygons import Polygons, convex_polygons
from carlet.town.storage import StorageError, load, save

#: Goes up with every change of what is derived from a town.
VERSION = 2

#: Samples of lanes in the largest town that gets a mesh; beyond, building one takes minutes.
MOST_SAMPLES = 80_000

_CELL = 32.0
_BELOW_ALL = -1e4
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Stored:
    mesh: NDArray[np.uint8]


def navigation_file(town: Town) -> str | None:
    """Path under which clients ask for the mesh; None for towns too large to have one.

    Clients keep what they fetched under this path for good, so it changes with the town's content.
    """
    return f"Carla/Maps/Nav/{town.name}-{_key(town)}.bin" if _small(town) else None


def navigation_mesh(town: Town, cache_dir: Path | None = None) -> bytes:
    """The navigation mesh of a town as Detour's file, built once and then kept on disk.

    Towns too large to have one get one without ground.
    """
    if not _small(town):
        return empty_mesh()
    path = (cache_dir or cache_directory()) / "navigation" / f"{_key(town)}.mesh"
    try:
        return load(path, _Stored, {}).mesh.tobytes()
    except FileNotFoundError:
        _log.info("Building the navigation mesh of %s; it will be kept in %s.", town.name, path)
    except (StorageError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("Building the navigation mesh of %s again: %s.", town.name, error)
    mesh = build_navigation_mesh(town)
    try:
        save(path, _Stored(np.frombuffer(mesh, np.uint8)))
    except OSError as error:
        _log.warning("The navigation mesh of %s cannot be kept: %s.", town.name, error)
    return mesh


def build_navigation_mesh(town: Town) -> bytes:
    """`navigation_mesh` of any town, without the disk."""
    regions, areas = walking_regions(town, _CELL)
    if not len(regions):
        return empty_mesh()
    polygons = convex_polygons(regions, areas, GRID)
    vertex, corner = _vertices(town, polygons)
    if len(polygons.area) > MOST_POLYGONS or len(vertex) > MOST_VERTICES:
        _log.warning("%s has too much ground for a navigation mesh: %d polygons.", town.name, len(polygons.area))
        return empty_mesh()
    return pack_mesh(vertex, corner, polygons.neighbour, polygons.area)


def _small(town: Town) -> bool:
    return len(town.lanes.lane) <= MOST_SAMPLES


def _key(town: Town) -> str:
    return hashlib.sha256(town.packed + f"navigation {VERSION}".encode()).hexdigest()[:16]


def _vertices(town: Town, polygons: Polygons) -> tuple[Floats, Ints]:
    """Corners in space (v, 3), twice where pavement meets road, and the polygons' rows (p, 6) of them."""
    raised = (polygons.area == Area.SIDEWALK).astype(np.int64)[:, None]
    wanted = np.where(polygons.corner >= 0, 2 * polygons.corner + raised, -1)
    used, rows = np.unique(wanted[wanted >= 0], return_inverse=True)
    corner = wanted.copy()
    corner[wanted >= 0] = rows
    points = np.column_stack([polygons.place[used // 2] * GRID, np.full(len(used), _BELOW_ALL)])
    points[:, 2] = town.ground.heights(points)[0]
    for pavement in (False, True):
        mine = used % 2 == pavement
        points[mine, 2] = _surface(town, points[mine], pavement)
    return points, corner


def _surface(town: Town, points: Floats, pavement: bool) -> Floats:
    """Height (k,) of the nearest pavement, or of the nearest lane of another kind, by points (k, 3)."""
    lanes = town.lanes
    kinds = [kind for kind in LaneKind if kind and (kind == LaneKind.SIDEWALK) == pavement]
    near = lanes.nearest(points, kinds)
    half = 0.5 * lanes.width[near.sample]
    height = lanes.poses(near.sample, near.fraction)[:, 2] + lanes.rise[near.sample]
    height += np.clip(near.lateral, -half, half) * lanes.bank[near.sample]
    return np.where(near.lane >= 0, height, points[:, 2])
