"""A sphere swept ahead of the sensor: what does it touch first?"""

import numpy as np

from carlet.geometry import rotation_matrices
from carlet.physics import sweep_sphere
from carlet.sensors.base import Attributes, Moment, Turn, number
from carlet.wire import messages
from carlet.wire.records import SensorType


class Obstacle:
    """Reports the first thing within `distance` metres ahead and how far the sphere's centre got."""

    type = SensorType.OBSTACLE

    def __init__(self, attributes: Attributes):
        self._distance = number(attributes, "distance")
        self._radius = number(attributes, "hit_radius")
        self._only_dynamic = attributes["only_dynamics"].lower() == "true"

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[bytes]:
        """One body when something is ahead."""
        table = moment.table
        parent = int(table.parent[row])
        ignored = [row, table.row(parent)] if parent in table else [row]
        forward = rotation_matrices(table.rotation[row])[:, 0]
        other, box, distance = sweep_sphere(
            table,
            moment.surroundings,
            table.location[row],
            forward,
            self._distance,
            self._radius,
            np.array(ignored),
            self._only_dynamic,
        )
        if other < 0 and box < 0:
            return []
        hit = moment.actor(other) if other >= 0 else moment.level_actor(box)
        return [messages.obstacle(moment.actor(row), hit, distance)]
