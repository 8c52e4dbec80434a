"""What stands still in a town, sorted for pictures and rays, built once and kept on disk.

One tree is grown over the solid triangles and the paint together; both are then stored in the order of its leaves, each
in arrays of its own. Leaf i holds the solid rows [leaves[i, 0], leaves[i + 1, 0]) and the paint rows
[leaves[i, 1], leaves[i + 1, 1]). Triangles that are not finite or have no area are left out.
"""

import hashlib
import logging
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import materials_digest
from carlet.models.mesh import Mesh
from carlet.render.bvh import Tree, build_tree, pack_nodes, runs_below, triangle_boxes, usable
from carlet.render.scene import Clusters, Triangles
from carlet.town.level_mesh import LevelMesh, LevelThings
from carlet.town.loading import VERSION as TOWN_VERSION
from carlet.town.loading import base_name, beforehand, cache_directory
from carlet.town.model import Town
from carlet.town.storage import StorageError, load, save

#: Goes up with every change of how levels are made or sorted; old files are then left alone and new ones written.
VERSION = 3
CLUSTER = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StaticScene:
    """The level of a town. Columns are those of `Triangles` and `Clusters`, for what is solid and, prefixed, for the
    paint on it. `nodes` (k, 16) float32: see `bvh.pack_nodes`; `leaves` (l + 1, 2) int32. All arrays are read-only.
    """

    corner: NDArray[np.float32]
    normal: NDArray[np.float32]
    material: NDArray[np.uint16]
    tag: NDArray[np.uint8]
    thing: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    paint_corner: NDArray[np.float32]
    paint_normal: NDArray[np.float32]
    paint_material: NDArray[np.uint16]
    paint_tag: NDArray[np.uint8]
    paint_thing: NDArray[np.int32]
    paint_first: NDArray[np.int32]
    paint_last: NDArray[np.int32]
    paint_low: NDArray[np.float32]
    paint_high: NDArray[np.float32]
    nodes: NDArray[np.float32]
    leaves: NDArray[np.int32]
    things: LevelThings

    def __post_init__(self) -> None:
        for owner in (self, self.things):
            for item in fields(owner):
                value = getattr(owner, item.name)
                if isinstance(value, np.ndarray):
                    value.setflags(write=False)

    @property
    def triangles(self) -> Triangles:
        """What is solid."""
        return Triangles(self.corner, self.normal, self.material, self.tag, self.thing)

    @property
    def clusters(self) -> Clusters:
        """Compact runs of `triangles`."""
        return Clusters(self.first, self.last, self.low, self.high)

    @property
    def paint(self) -> Triangles:
        """What lies flat on the ground."""
        return Triangles(self.paint_corner, self.paint_normal, self.paint_material, self.paint_tag, self.paint_thing)

    @property
    def paint_clusters(self) -> Clusters:
        """Compact runs of `paint`."""
        return Clusters(self.paint_first, self.paint_last, self.paint_low, self.paint_high)


def static_scene(town: Town, cache_dir: Path | None = None) -> StaticScene:
    """The sorted level of `town`, mapped from disk; built first when it is not there or cannot be used."""
    base = base_name(town.name)
    made = f"{base} {TOWN_VERSION} {VERSION} {materials_digest()}"
    digest = hashlib.sha256(town.packed + made.encode()).hexdigest()[:24]
    path = (cache_dir or cache_directory()) / "scenes" / f"{digest}.scene"
    try:
        return load(path, StaticScene, {})
    except FileNotFoundError:
        _log.warning("Building the scene of %s, once%s.", base, beforehand(base))
    except (StorageError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("Building the scene of %s again: %s.", base, error)
    from carlet.town.level import level_mesh

    scene = sort_level(level_mesh(replace(town, name=base)))
    try:
        save(path, scene)
        return load(path, StaticScene, {})
    except (StorageError, OSError) as error:
        _log.warning("The scene of %s cannot be kept: %s.", base, error)
    return scene


def sort_level(mesh: LevelMesh) -> StaticScene:
    """A level in the order of the leaves of its tree."""
    solid, paint = _columns(mesh.solid), _columns(mesh.paint)
    tree = build_tree(triangle_boxes(np.concatenate([solid.corner, paint.corner])))
    is_paint = tree.order >= len(solid.corner)
    before = np.zeros((len(tree.order) + 1, 2), np.int32)
    np.cumsum(np.stack([~is_paint, is_paint], axis=1), axis=0, out=before[1:])
    solid = _taken(solid, tree.order[~is_paint])
    paint = _taken(paint, tree.order[is_paint] - len(solid.corner))
    leaf = tree.right == 0
    first, last, low, high = _clusters(tree, before[:, 0], solid.corner)
    paint_first, paint_last, paint_low, paint_high = _clusters(tree, before[:, 1], paint.corner)
    return StaticScene(
        **solid._asdict(),
        first=first,
        last=last,
        low=low,
        high=high,
        **{f"paint_{name}": column for name, column in paint._asdict().items()},
        paint_first=paint_first,
        paint_last=paint_last,
        paint_low=paint_low,
        paint_high=paint_high,
        nodes=pack_nodes(tree),
        leaves=np.concatenate([before[tree.first[leaf]], before[-1:]]),
        things=mesh.things,
    )


def _columns(mesh: Mesh) -> Triangles:
    """The triangles of a mesh that can be seen."""
    corner, normal = np.ascontiguousarray(mesh.corner.reshape(-1, 9)), mesh.normals
    columns = Triangles(corner, normal, mesh.material, mesh.tag, mesh.thing)
    return _taken(columns, np.flatnonzero(usable(corner, normal)))


def _taken(columns: Triangles, rows: NDArray[np.integer]) -> Triangles:
    return Triangles(
        corner=columns.corner[rows],
        normal=columns.normal[rows],
        material=columns.material[rows],
        tag=columns.tag[rows],
        thing=columns.thing[rows],
    )


def _clusters(tree: Tree, before: NDArray[np.int32], corner: NDArray[np.float32]) -> Clusters:
    """The largest subtrees with at most `CLUSTER` triangles, `before` (n + 1,) of which come before the items."""
    if not len(corner):
        rows, box = np.zeros(0, np.int32), np.zeros((0, 3), np.float32)
        return Clusters(rows, rows, box, box)
    runs = np.stack([before[tree.first], before[tree.last]], axis=1)
    first, last = runs[runs_below(tree.right, runs, CLUSTER)].T.copy()
    box = triangle_boxes(corner)
    return Clusters(
        first=first,
        last=last,
        low=np.minimum.reduceat(box[:, :3], first),
        high=np.maximum.reduceat(box[:, 3:], first),
    )
