"""Radar: rays at random in a cone, and how fast what they meet comes nearer. Model: carla 0.9.16's radar."""

import math

import numpy as np
from numpy.typing import NDArray

from carlet.geometry import rotation_matrices
from carlet.render.scene import NOTHING
from carlet.sensors.base import Attributes, Body, Moment, Turn, number, within
from carlet.sensors.ranging import targets
from carlet.wire.records import RADAR_DETECTION, SensorType

#: Rays of one message; whoever asks for more a tick gets so many.
MAX_RAYS = 1 << 20
_ROUNDING = 1e-6


class Radar:
    """One message a tick with what its rays met, in the order in which they were drawn."""

    type = SensorType.RADAR

    def __init__(self, attributes: Attributes):
        fov = [within(attributes, name, 0.0, 179.0) for name in ("horizontal_fov", "vertical_fov")]
        self._reach = within(attributes, "range", 0.0, 1e5)
        self._spread = np.tan(0.5 * np.radians(fov)) * self._reach
        self._rays_per_s = within(attributes, "points_per_second", 0.0, 1e9)
        self._seed = abs(int(number(attributes, "noise_seed")))
        self._before: NDArray[np.float64] | None = None

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One body: velocities along the ray in m/s, less than zero for what closes in, azimuth, altitude, depth."""
        table = moment.table
        location, to_world = table.location[row].copy(), rotation_matrices(table.rotation[row])
        velocity = table.velocity[row] if self._before is None else (location - self._before) / turn.since_s
        self._before = location
        ends = self._ends(turn)
        reach = np.linalg.norm(ends, axis=1)
        local = ends / np.maximum(reach, np.finfo(np.float64).tiny)[:, None]
        world = local @ to_world.T
        depth, met = moment.stage.cast(location, world, reach)
        hit = met != NOTHING
        target = moment.stage.things.velocity[targets(moment.stage, met[hit]).thing]
        detections = np.zeros(len(target), RADAR_DETECTION)
        detections["velocity"] = ((target - velocity) * world[hit]).sum(axis=1)
        detections["azimuth"] = np.arctan2(local[hit, 1], local[hit, 0])
        detections["altitude"] = np.arcsin(np.clip(local[hit, 2], -1.0, 1.0))
        detections["depth"] = depth[hit]
        return [detections.tobytes()]

    def _ends(self, turn: Turn) -> NDArray[np.float64]:
        """Where rays (n, 3) end in the sensor's frame: in an ellipse ahead, denser in its middle."""
        count = min(math.floor(self._rays_per_s * turn.since_s + _ROUNDING), MAX_RAYS)
        radius, angle = np.random.default_rng((self._seed, turn.age)).random((count, 2)).T
        across, up = self._spread[:, None] * radius * np.array([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)])
        return np.stack([np.full(count, self._reach), across, up], axis=1)
