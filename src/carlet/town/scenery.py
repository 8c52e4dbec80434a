"""What stands in a town, as solid boxes with names, and as things to be drawn. Seeded, so always the same."""

import numpy as np
from scipy.spatial import KDTree

from carlet.town.dressing.table import Objects
from carlet.town.grid import build_grid, empty_grid
from carlet.town.model import Floats, Ground, Lights, Scenery, Signs
from carlet.town.objects import KIND_TAG, OBJECTS, ObjectKind

_CELL = 16.0
#: Half length and half width (m) about a spawn point that vehicle.mitsubishi.fusorosa needs.
_BUS_HALF = (5.7, 2.2)
_FIXED_KINDS = (ObjectKind.LIGHT_HEAD, ObjectKind.LIGHT_POLE, ObjectKind.SIGN, ObjectKind.SIGN_POST)


def empty_scenery() -> Scenery:
    """Nothing at all."""
    none, points = np.zeros(0), np.zeros((0, 3))
    codes = none.astype(np.uint8)
    return Scenery(
        centre=points,
        extent=points,
        yaw=none,
        tag=codes,
        name=[],
        solid_centre=points,
        solid_extent=points,
        kind=codes,
        model=codes,
        origin=points,
        size=points,
        seed=none.astype(np.uint32),
        source=none.astype(np.int64),
        lean=False,
        grid=empty_grid(_CELL),
    )


def build_scenery(name: str, ground: Ground, lights: Lights, signs: Signs, spawn_points: Floats) -> Scenery:
    """All scenery of the town `name`; its boxes fit what is drawn. `spawn_points` (n, 6) keep room for a bus."""
    from carlet.town.dressing.boxes import boxes_of, solids_of
    from carlet.town.dressing.placing import place_objects
    from carlet.town.dressing.style import build_site

    site = build_site(name, ground, lights, signs)
    objects = place_objects(site)
    objects = objects.chosen(~_on_spawn_points(objects, spawn_points))
    centre, extent = boxes_of(objects, site.style.lean)
    solid_centre, solid_extent = solids_of(objects, centre, extent)
    cos, sin = np.abs(np.cos(objects.yaw)), np.abs(np.sin(objects.yaw))
    reach = np.stack([extent[:, 0] * cos + extent[:, 1] * sin, extent[:, 0] * sin + extent[:, 1] * cos], axis=1)
    return Scenery(
        centre=centre,
        extent=extent,
        yaw=objects.yaw,
        tag=KIND_TAG[objects.kind],
        name=_names(objects.kind),
        solid_centre=solid_centre,
        solid_extent=solid_extent,
        kind=objects.kind,
        model=objects.model,
        origin=objects.origin,
        size=objects.size,
        seed=objects.seed,
        source=_sources(objects.kind, objects.source),
        lean=site.style.lean,
        grid=build_grid(centre[:, :2] - reach, centre[:, :2] + reach, np.arange(len(centre)), _CELL),
    )


def _on_spawn_points(objects: Objects, spawn_points: Floats) -> np.ndarray:
    """Which things (n,) stand where the widest vehicle would, were it spawned; lights and signs stay where they are."""
    blocked = np.zeros(len(objects), bool)
    if not len(spawn_points) or not len(objects):
        return blocked
    movable = np.flatnonzero(~np.isin(objects.kind, _FIXED_KINDS))
    reach = np.hypot(*_BUS_HALF) + np.hypot(objects.half[movable, 0], objects.half[movable, 1])
    near = KDTree(spawn_points[:, :2]).query_ball_point(objects.spot[movable], reach)
    for row, points in zip(movable.tolist(), near, strict=True):
        poses = spawn_points[points]
        blocked[row] = bool(_overlaps(objects.spot[row], objects.half[row], float(objects.yaw[row]), poses).any())
    return blocked


def _overlaps(spot: Floats, half: Floats, yaw: float, poses: Floats) -> np.ndarray:
    """Which buses at `poses` (k, 6) would stand on a rectangle on the ground."""
    way, turn = poses[:, :2] - spot, poses[:, 4] - yaw
    cos, sin = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    bus = np.array(_BUS_HALF)
    apart = np.zeros(len(poses), bool)
    for angle, own, other in ((np.full(len(poses), yaw), half, bus), (poses[:, 4], bus, half)):
        along = np.abs(way[:, 0] * np.cos(angle) + way[:, 1] * np.sin(angle))
        across = np.abs(way[:, 1] * np.cos(angle) - way[:, 0] * np.sin(angle))
        apart |= along > own[0] + other[0] * cos + other[1] * sin
        apart |= across > own[1] + other[0] * sin + other[1] * cos
    return ~apart


def _names(kinds: np.ndarray) -> list[str]:
    """Names by kind and running number; things of one kind follow each other."""
    names: list[str] = []
    for kind in ObjectKind:
        count = int(np.count_nonzero(kinds == kind))
        names += [OBJECTS[kind].name.format(number) for number in range(count)]
    return names


def _sources(kinds: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The sources, street lamps numbered as they follow each other."""
    lamps = kinds == ObjectKind.STREET_LAMP
    numbered = source.copy()
    numbered[lamps] = np.arange(np.count_nonzero(lamps))
    return numbered
