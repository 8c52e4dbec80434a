"""The navigation mesh on which CARLA's client lets people walk."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carlet.town.loading import cache_directory
from carlet.town.model import Town
from carlet.town.navmesh_detour import empty_mesh
from carlet.town.storage import StorageError, load, save

#: Goes up with every change of what is derived from a town.
VERSION = 2

#: Samples of lanes in the largest town that gets a mesh; beyond, building one takes minutes.
MOST_SAMPLES = 80_000

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
    # Imported here: servers find the mesh on disk, and are ready sooner without shapely.
    from carlet.town.navmesh_build import build_navigation_mesh

    mesh = build_navigation_mesh(town)
    try:
        save(path, _Stored(np.frombuffer(mesh, np.uint8)))
    except OSError as error:
        _log.warning("The navigation mesh of %s cannot be kept: %s.", town.name, error)
    return mesh


def _small(town: Town) -> bool:
    return len(town.lanes.lane) <= MOST_SAMPLES


def _key(town: Town) -> str:
    return hashlib.sha256(town.packed + f"navigation {VERSION}".encode()).hexdigest()[:16]
