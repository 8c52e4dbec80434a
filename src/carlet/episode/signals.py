"""Traffic lights and signs as actors: their records, and which light a vehicle stands before."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.actors.lights import LightCycle
from carlet.episode.zones import Zones
from carlet.models.street.signals import LAMP_RADIUS, LAMP_STEP
from carlet.town import Lights, Signs, Tag, Town
from carlet.town.objects import ObjectKind
from carlet.wire.records import actor_records, fill_lights, fill_signs

#: A vehicle is "at" a light while its front bumper is this far before and past the stop line (m).
ZONE_BEFORE_M, ZONE_PAST_M = 3.5, 0.8
SIGN_TYPE_CODE = 4
#: Places of the red, the yellow and the green lamp over the middle of their housing.
LAMP_HEIGHTS_M = (LAMP_STEP, 0.0, -LAMP_STEP)
LAMP_EXTENT = (LAMP_RADIUS + 0.01, LAMP_RADIUS + 0.01, LAMP_RADIUS + 0.01)


class Signals:
    """All light and sign actors of a town. Signs come first, then lights; ids follow each other from `first_id`."""

    def __init__(self, town: Town, first_id: int):
        signs, lights = town.signs, town.lights
        self.cycle = LightCycle(lights.junction_id, lights.controller)
        self.sign_count, self.light_count = len(signs.sign_id), len(lights.sign_id)
        self.first_id = first_id
        self.first_light_id = first_id + self.sign_count
        self.location = np.concatenate([signs.pose[:, :3], lights.pose[:, :3]])
        self._types = [*signs.type_id, *["traffic.traffic_light"] * self.light_count]
        self._boxes = [*_boxes(signs), *_boxes(lights)]
        self.records = _records(signs, lights, np.arange(first_id, self.next_id))
        self._stops = _stop_lines(lights)
        scenery = town.scenery
        heads = np.flatnonzero(scenery.kind == ObjectKind.LIGHT_HEAD)
        self._head_light = scenery.source[heads]
        self._heads = np.column_stack([scenery.origin[heads], np.degrees(scenery.yaw[heads])])

    @property
    def next_id(self) -> int:
        """The first id that is free for other actors."""
        return self.first_id + self.sign_count + self.light_count

    def __contains__(self, actor_id: int) -> bool:
        return self.first_id <= actor_id < self.next_id

    def light(self, actor_id: int) -> int:
        """Row of a light by its actor id. ValueError for what is no traffic light."""
        if not self.first_light_id <= actor_id < self.next_id:
            raise ValueError("Actor is not a traffic light")
        return actor_id - self.first_light_id

    def light_at(self, fronts: NDArray[np.float64], yaw: NDArray[np.float64]) -> NDArray[np.int64]:
        """Row of the light that each front bumper (n, 3) with heading `yaw` (n,) stands before, -1 for none."""
        return self._stops.of(fronts, yaw, ZONE_BEFORE_M, np.full(len(yaw), ZONE_PAST_M))

    def box(self, actor_id: int) -> list[Any]:
        """The trigger volume as the wire has it."""
        return self._boxes[actor_id - self.first_id]

    def wire(self, actor_id: int) -> list[Any]:
        """The actor as the client reads it."""
        index = actor_id - self.first_id
        tag = Tag.TRAFFIC_SIGN if index < self.sign_count else Tag.TRAFFIC_LIGHT
        attributes = [["role_name", SIGN_TYPE_CODE, ""]]
        return [actor_id, 0, [0, self._types[index], attributes], self._boxes[index], bytes([tag]), b""]

    def housings(self, actor_id: int) -> list[list[Any]]:
        """World-frame boxes of a light's lamps, head by head, each from the top: red, yellow, green."""
        heads = np.flatnonzero(self._head_light == self.light(actor_id))
        return [
            [[x, y, z + height], list(LAMP_EXTENT), [0.0, yaw_deg, 0.0]]
            for (x, y, z), yaw_deg in zip(self._heads[heads, :3].tolist(), self._heads[heads, 3].tolist(), strict=True)
            for height in LAMP_HEIGHTS_M
        ]

    def update_records(self) -> None:
        """Bring what the lights show into `records`."""
        cycle, union = self.cycle, self.records["light"][self.sign_count :]
        times = cycle.times[cycle.controller]
        union["green_time"], union["yellow_time"], union["red_time"] = times.T
        union["elapsed"] = cycle.elapsed
        union["frozen"] = cycle.frozen[cycle.group]
        union["state"] = cycle.state


def _stop_lines(lights: Lights) -> Zones:
    pose = lights.line_pose
    line = np.column_stack([pose[:, :3], np.cos(pose[:, 4]), np.sin(pose[:, 4]), lights.line_half_width])
    return Zones.build(line, lights.line_light)


def _boxes(signals: Signs | Lights) -> list[list[Any]]:
    yaw_deg = np.degrees(signals.box_yaw).tolist()
    centres, extents = signals.box_centre.tolist(), signals.box_extent.tolist()
    return [[c, e, [0.0, yaw, 0.0]] for c, e, yaw in zip(centres, extents, yaw_deg, strict=True)]


def _records(signs: Signs, lights: Lights, ids: NDArray[np.int64]) -> NDArray[np.void]:
    pose = np.concatenate([signs.pose, lights.pose])
    still = np.zeros((len(ids), 3))
    records = actor_records(ids, 1, pose[:, :3], pose[:, 3:], still, still, still)
    names = np.array([name.encode() for name in [*signs.sign_id, *lights.sign_id]], dtype="S32")
    count = len(signs.sign_id)
    fill_signs(records, slice(0, count), sign_id=names[:count])
    fill_lights(
        records,
        slice(count, None),
        sign_id=names[count:],
        green_time=0.0,
        yellow_time=0.0,
        red_time=0.0,
        elapsed=0.0,
        pole=np.arange(len(lights.sign_id)),
        frozen=0,
        state=0,
    )
    return records
