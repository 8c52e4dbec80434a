"""What every recording follows of a drive: where the ego is on its way, its lights and signs, and who is near."""

import carla
import numpy as np
from numpy.typing import NDArray

from lead.agents.path import make_path
from lead.agents.signals import SignalMap
from lead.evaluation.observers import RouteContext
from lead.evaluation.route_drive import world_plan
from lead.geometry import pose_array
from lead.recording.actor_book import ActorBook, Body
from lead.recording.road import Way

Floats = NDArray[np.float64]


class Surroundings:
    """Follows one drive. `pose` (6,) is the ego's in the last tick, `near` who was near it."""

    def __init__(self, context: RouteContext):
        path = make_path([pose for pose, _ in world_plan(context.trace)])
        self.way, self.signals = Way(path), SignalMap(path)
        self.pose: Floats = pose_array(context.ego.get_transform())
        self.near: list[tuple[Body, carla.ActorSnapshot]] = []
        self._world, self._ego = context.world, context.ego
        self._book = ActorBook(context.world, context.ego, self.signals)

    @property
    def s(self) -> float:
        """Where the ego is along its way (m)."""
        return 0.1 * self.way.index

    def step(self) -> None:
        """Take in a tick."""
        self.pose = pose_array(self._ego.get_transform())
        self.near = self._book.near(self._world.get_snapshot(), self.pose)
        self.way.step(self.pose)
