"""Solid things beside the roads: posts of lights and signs, and procedural buildings. Seeded, so always the same."""

import zlib
from dataclasses import dataclass

import numpy as np

from carlet.town.grid import build_grid
from carlet.town.model import Floats, Ground, LaneKind, Lights, Scenery, Signs, Tag
from carlet.town.opendrive import Network

_CELL = 16.0
_POST_KEPT_OUT = (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL, LaneKind.PARKING, LaneKind.BIKING)


@dataclass(frozen=True)
class Boxes:
    """Boxes before they become scenery: see `Scenery`."""

    centre: Floats
    extent: Floats
    yaw: Floats
    tag: Tag
    names: list[str]


def build_scenery(name: str, network: Network, ground: Ground, lights: Lights, signs: Signs) -> Scenery:
    """All scenery of a town."""
    del network
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    del rng
    return _scenery([*_posts(ground, lights.pose, 6.0, "TrafficLight"), *_posts(ground, signs.pose, 2.6, "Sign")])


def _posts(ground: Ground, poses: Floats, height: float, kind: str) -> list[Boxes]:
    """A post and a head for each pose (n, 6) that is off the lanes vehicles use."""
    _, _, lane = ground.surfaces(poses[:, :3])
    kinds = np.where(lane >= 0, ground.lanes.kind[lane], LaneKind.NONE)
    rows = np.flatnonzero(~np.isin(kinds, _POST_KEPT_OUT))
    base, yaw = poses[rows, :3], poses[rows, 4]
    up = np.array([0.0, 0.0, 1.0])
    is_light = kind == "TrafficLight"
    head = np.array([0.25, 0.2, 0.55]) if is_light else np.array([0.4, 0.04, 0.4])
    post = np.array([0.1, 0.1, 0.5 * height])
    return [
        Boxes(
            base + 0.5 * height * up, np.tile(post, (len(rows), 1)), yaw, Tag.POLE, [f"{kind}_Pole_{i}" for i in rows]
        ),
        Boxes(
            base + (height - head[2]) * up,
            np.tile(head, (len(rows), 1)),
            yaw,
            Tag.TRAFFIC_LIGHT if is_light else Tag.TRAFFIC_SIGN,
            [f"{kind}_Head_{i}" for i in rows],
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
