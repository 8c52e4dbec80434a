"""Walkers whom a client's crowd steers by telling where their feet are, tick after tick.

The client switches such a walker's physics off, so nothing else moves it.
"""

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import ActorTable
from carlet.town import Ground

#: How far (m) the client's mesh may be off the ground that a walker is put on.
SNAP_M = 1.0


class Crowd:
    """Poses for the next tick, by actor id."""

    def __init__(self, ground: Ground):
        self._ground = ground
        self._feet: dict[int, NDArray[np.float64]] = {}
        self._walking: list[int] = []

    def send(self, actor_id: int, feet: NDArray[np.float64]) -> None:
        """A walker's feet are at a pose (6,) in the next tick."""
        self._feet[actor_id] = feet

    def move(self, table: ActorTable, dt: float) -> None:
        """Put walkers where they were sent, with the velocity that this takes; those not sent again stop."""
        walked = set(self._walking)
        table.velocity[[table.row(actor_id) for actor_id in self._walking if actor_id in table]] = 0.0
        self._walking = [actor_id for actor_id in self._feet if actor_id in table]
        feet = np.array([self._feet[actor_id] for actor_id in self._walking]).reshape(-1, 6)
        self._feet.clear()
        if not len(feet):
            return
        rows = [table.row(actor_id) for actor_id in self._walking]
        height = self._ground.heights(feet[:, :3])[0]
        feet[:, 2] = np.where(np.abs(height - feet[:, 2]) < SNAP_M, height, feet[:, 2])
        feet[:, 2] += table.box_extent[rows, 2] - table.box_centre[rows, 2]
        walks = ~table.simulates[rows] & [actor_id in walked for actor_id in self._walking]
        table.velocity[rows] = np.where(walks[:, None], (feet[:, :3] - table.location[rows]) / dt, 0.0)
        table.location[rows], table.rotation[rows] = feet[:, :3], feet[:, 3:]
