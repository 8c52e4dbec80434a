"""Solid things beside the roads: posts of lights and signs, and procedural buildings. Seeded, so always the same."""

import zlib
from dataclasses import dataclass

import numpy as np

from carlet.town.buildings import Boxes, build_buildings
from carlet.town.grid import build_grid, empty_grid
from carlet.town.model import Floats, Ground, LaneKind, Lights, Scenery, Signs, Tag

_CELL = 16.0
_POST_KEPT_OUT = (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL, LaneKind.PARKING, LaneKind.BIKING)


@dataclass(frozen=True)
class _Furniture:
    """Shape of a post with a head on it: heights (m), half sizes of the head, and its tag."""

    name: str
    height: float
    head: tuple[float, float, float]
    tag: Tag


_LIGHT = _Furniture("TrafficLight", 6.0, (0.25, 0.2, 0.55), Tag.TRAFFIC_LIGHT)
_SIGN = _Furniture("TrafficSign", 2.6, (0.4, 0.04, 0.4), Tag.TRAFFIC_SIGN)
_POST_RADIUS = 0.08


def empty_scenery() -> Scenery:
    """Nothing at all."""
    none = np.zeros(0)
    return Scenery(np.zeros((0, 3)), np.zeros((0, 3)), none, none.astype(np.uint8), [], empty_grid(_CELL))


def build_scenery(name: str, ground: Ground, lights: Lights, signs: Signs) -> Scenery:
    """All scenery of the town `name`."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    buildings = build_buildings(name, ground, rng)
    return _scenery([*_posts(ground, lights.pose, _LIGHT), *_posts(ground, signs.pose, _SIGN), buildings])


def _posts(ground: Ground, poses: Floats, shape: _Furniture) -> list[Boxes]:
    """A post and a head for each pose (n, 6) that is off the lanes vehicles use."""
    _, _, lane = ground.surfaces(poses[:, :3])
    kinds = np.where(lane >= 0, ground.lanes.kind[lane], LaneKind.NONE)
    rows = np.flatnonzero(~np.isin(kinds, _POST_KEPT_OUT))
    base, yaw = poses[rows, :3], poses[rows, 4]
    up = np.array([0.0, 0.0, 1.0])
    post = np.array([_POST_RADIUS, _POST_RADIUS, 0.5 * shape.height])
    head = np.array(shape.head)
    return [
        Boxes(
            base + post[2] * up,
            np.tile(post, (len(rows), 1)),
            yaw,
            Tag.POLE,
            [f"{shape.name}_Pole_{row}" for row in rows],
        ),
        Boxes(
            base + (shape.height - head[2]) * up,
            np.tile(head, (len(rows), 1)),
            yaw,
            shape.tag,
            [f"{shape.name}_{row}" for row in rows],
        ),
    ]


def _scenery(parts: list[Boxes]) -> Scenery:
    centre = np.concatenate([part.centre for part in parts])
    extent = np.concatenate([part.extent for part in parts])
    yaw = np.concatenate([part.yaw for part in parts])
    cos, sin = np.abs(np.cos(yaw)), np.abs(np.sin(yaw))
    reach = np.stack([extent[:, 0] * cos + extent[:, 1] * sin, extent[:, 0] * sin + extent[:, 1] * cos], axis=1)
    return Scenery(
        centre=centre,
        extent=extent,
        yaw=yaw,
        tag=np.concatenate([np.full(len(part.yaw), part.tag, np.uint8) for part in parts]),
        name=[name for part in parts for name in part.names],
        grid=build_grid(centre[:, :2] - reach, centre[:, :2] + reach, np.arange(len(yaw)), _CELL),
    )
