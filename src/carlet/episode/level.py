"""What the town itself answers: level objects, ray casts, speed limits."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.physics import EDGE, GROUND, Obstacles, Surroundings
from carlet.town import Tag, Town
from carlet.town.objects import KIND_LAYER, MapLayer
from carlet.wire.values import (
    encode_actor,
    encode_bounding_box,
    encode_bounding_boxes,
    encode_description,
    encode_environment_object,
)

ANY_TAG = 255
DEFAULT_SPEED_LIMIT_KMH = 30.0
#: How CARLA names level geometry in collision events.
LEVEL_NAMES = {tag: tag.name.replace("_", "").lower() for tag in Tag}
TAG_OF_MARK = {EDGE: Tag.WALL, GROUND: Tag.ROAD}


class Level:
    """The immovable part of a world, and what clients hid of it."""

    def __init__(self, town: Town):
        self._town = town
        self._ids = [_object_id(name) for name in town.scenery.name]
        self._row_of = {object_id: row for row, object_id in enumerate(self._ids)}
        self._present = np.ones(len(self._ids), dtype=bool)
        self._layer = KIND_LAYER[town.scenery.kind]
        self._solid = np.zeros(0, np.intp)
        self.layers = int(MapLayer.ALL)

    def surroundings(self) -> Surroundings:
        """What physics sees of it."""
        town = self._town
        scenery = town.scenery
        rows = self._solid = np.flatnonzero(~self.hidden_rows() & np.all(scenery.solid_extent > 0.0, axis=1))
        solid = Obstacles.build(scenery.solid_centre[rows], scenery.solid_extent[rows], scenery.yaw[rows])
        return Surroundings(town.ground.heights, solid, town.extent)

    def hidden_rows(self) -> NDArray[np.bool_]:
        """Which rows of the town's scenery (n,) are not there: hidden one by one, or with their layer."""
        return ~self._present | ((self._layer != 0) & (self._layer & self.layers == 0))

    def enable(self, object_ids: Iterable[int], enabled: bool) -> None:
        """Show or hide environment objects; unknown ids are ignored."""
        rows = [self._row_of[i] for i in object_ids if i in self._row_of]
        self._present[rows] = enabled

    def show_layers(self, layers: int, shown: bool) -> None:
        """Show or hide layers of the map."""
        self.layers = self.layers | layers if shown else self.layers & ~layers

    def cast(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], int]]:
        """Points (3,) and tags where a segment crosses the level, without what is hidden."""
        hits = self._town.ground.cast(start, end)
        seen = (hits.box < 0) | ~np.append(self.hidden_rows(), True)[hits.box]
        return [(point, int(tag)) for point, tag in zip(hits.point[seen], hits.tag[seen], strict=True)]

    def boxes(self, tag: int) -> list[list[Any]]:
        """World-frame bounding boxes of level objects with a tag (255: all), in a fixed order."""
        scenery, rows = self._town.scenery, self._with_tag(tag)
        return encode_bounding_boxes(scenery.centre[rows], scenery.extent[rows], self._rotations(rows))

    def objects(self, tag: int) -> list[list[Any]]:
        """Environment objects with a tag (255: all)."""
        scenery, rows = self._town.scenery, self._with_tag(tag)
        poses = np.hstack([scenery.centre[rows], self._rotations(rows)])
        return [
            encode_environment_object(pose, box, self._ids[i], scenery.name[i], int(scenery.tag[i]))
            for i, pose, box in zip(rows, poses, self.boxes(tag), strict=True)
        ]

    def names(self) -> list[str]:
        """Names of all level objects."""
        return list(self._town.scenery.name)

    def actor(self, box: int) -> list[Any]:
        """The stand-in actor (id 0) for level geometry in event bodies: an obstacle of the last `surroundings`, or a
        mark of physics.
        """
        if box in TAG_OF_MARK:
            tag, extent = TAG_OF_MARK[box], np.zeros(3)
        else:
            row = self._solid[box]
            tag, extent = Tag(int(self._town.scenery.tag[row])), self._town.scenery.extent[row]
        box_at_origin = encode_bounding_box(np.zeros(3), extent)
        return encode_actor(0, 0, encode_description(0, f"static.{LEVEL_NAMES[tag]}", {}), box_at_origin, [tag])

    def speed_limits(self, location: NDArray[np.float64]) -> NDArray[np.float64]:
        """Limit (km/h) for vehicles at `location` (n, 3): that of their lane."""
        sample = self._town.lanes.nearest(location).sample
        limit = self._town.lanes.speed_limit_kmh[sample]
        return np.where((sample >= 0) & (limit > 0.0), limit, DEFAULT_SPEED_LIMIT_KMH)

    def _with_tag(self, tag: int) -> NDArray[np.intp]:
        tags = self._town.scenery.tag
        return np.arange(len(tags)) if tag == ANY_TAG else np.flatnonzero(tags == tag)

    def _rotations(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        yaw = self._town.scenery.yaw[rows]
        return np.stack([np.zeros_like(yaw), yaw, np.zeros_like(yaw)], axis=1)


def _object_id(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
