"""Friction triggers: boxes in which tyres grip otherwise."""

from collections.abc import Iterator, Mapping

import numpy as np

from carlet.actors.registry import ActorInfo
from carlet.actors.table import ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.sensors import number

CENTIMETRE = 0.01


class FrictionTriggers:
    """The `static.trigger.friction` actors of a world."""

    def __init__(self) -> None:
        self._triggers: dict[int, tuple[np.ndarray, float]] = {}
        self._affected = False

    def add(self, info: ActorInfo) -> None:
        """Register a trigger; its extents are half sizes in centimetres."""
        attributes = {name: value for name, (_, value) in info.attributes.items()}
        extent = CENTIMETRE * np.array([number(attributes, f"extent_{axis}") for axis in "xyz"])
        self._triggers[info.id] = extent, number(attributes, "friction")

    def remove(self, actor_id: int) -> None:
        """Forget a trigger; others are ignored."""
        self._triggers.pop(actor_id, None)

    def changed(self, table: ActorTable, actors: Mapping[int, ActorInfo]) -> Iterator[tuple[int, int]]:
        """Set each vehicle's override and yield (id, row) of those whose tyres changed."""
        if not self._triggers and not self._affected:
            return
        for row in table.rows_of(Kind.VEHICLE):
            info = actors[int(table.id[row])]
            friction = self._friction_at(table, int(row))
            if friction != info.tyre_friction_override:
                info.tyre_friction_override = friction
                yield info.id, int(row)
        self._affected = any(info.tyre_friction_override is not None for info in actors.values())

    def _friction_at(self, table: ActorTable, row: int) -> float | None:
        for trigger, (extent, friction) in self._triggers.items():
            pose = table.row(trigger)
            local = (table.location[row] - table.location[pose]) @ rotation_matrices(table.rotation[pose])
            if (np.abs(local) <= extent + table.box_extent[row]).all():
                return friction
        return None
