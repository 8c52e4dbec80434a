"""Traffic lights and signs as actors: their records, and which light a vehicle stands before."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.actors.lights import LightCycle
from carlet.models.street.signals import LAMP_RADIUS, LAMP_STEP
from carlet.town import Lights, Signs, Tag, Town
from carlet.town.objects import ObjectKind
from carlet.wire.records import actor_records, fill_lights, fill_signs

#: A vehicle is "at" a light while its front bumper is this far before and past the stop line (m).
ZONE_BEFORE_M, ZONE_PAST_M = 3.5, 0.8
ZONE_HEIGHT_M = 3.0
CELL_M = 16.0
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
        self.zones = StopZones.build(lights)
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


@dataclass(frozen=True)
class StopZones:
    """Stop lines in a hash grid: `line` (k, 6) x y z cos(yaw) sin(yaw) half-width, `light` (k,) its light's row."""

    line: NDArray[np.float64]
    light: NDArray[np.int64]
    cell_start: NDArray[np.int64]
    origin: NDArray[np.int64]
    shape: NDArray[np.int64]

    @staticmethod
    def build(lights: Lights) -> "StopZones":
        """Sort the stop lines of a town into cells."""
        pose = lights.line_pose
        line = np.column_stack([pose[:, :3], np.cos(pose[:, 4]), np.sin(pose[:, 4]), lights.line_half_width])
        cells = np.floor(pose[:, :2] / CELL_M).astype(np.int64)
        origin = cells.min(axis=0) - 1 if len(cells) else np.zeros(2, np.int64)
        shape = cells.max(axis=0) - origin + 2 if len(cells) else np.ones(2, np.int64)
        key = (cells[:, 0] - origin[0]) * shape[1] + cells[:, 1] - origin[1]
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(shape[0] * shape[1] + 1))
        return StopZones(line[order], lights.line_light[order].astype(np.int64), starts, origin, shape)

    def light_of(self, fronts: NDArray[np.float64], yaw: NDArray[np.float64]) -> NDArray[np.int64]:
        """Row of the light that each front bumper (n, 3) with heading `yaw` (n,) stands before, -1 for none."""
        return _light_of(fronts, yaw, self.line, self.light, self.cell_start, self.origin, self.shape)


@njit(cache=True)
def _light_of(fronts, yaw, line, light, cell_start, origin, shape):
    found = np.full(fronts.shape[0], -1, np.int64)
    for i in range(fronts.shape[0]):
        x, y, z = fronts[i]
        column, row = int(np.floor(x / CELL_M)) - origin[0], int(np.floor(y / CELL_M)) - origin[1]
        best = 1e9
        for cx in range(max(column - 1, 0), min(column + 2, shape[0])):
            for cy in range(max(row - 1, 0), min(row + 2, shape[1])):
                cell = cx * shape[1] + cy
                for k in range(cell_start[cell], cell_start[cell + 1]):
                    dx, dy = x - line[k, 0], y - line[k, 1]
                    along = dx * line[k, 3] + dy * line[k, 4]
                    across = abs(dy * line[k, 3] - dx * line[k, 4])
                    facing = np.cos(yaw[i]) * line[k, 3] + np.sin(yaw[i]) * line[k, 4]
                    inside = -ZONE_BEFORE_M <= along <= ZONE_PAST_M and across <= line[k, 5]
                    if inside and facing > 0.5 and abs(z - line[k, 2]) < ZONE_HEIGHT_M and across < best:
                        best = across
                        found[i] = light[k]
    return found


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
