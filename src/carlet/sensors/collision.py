"""Collision events of the parent."""

import numpy as np

from carlet.sensors.base import Attributes, Moment, Turn
from carlet.wire import messages
from carlet.wire.records import SensorType


class Collision:
    """One event per tick and opponent while the contact lasts; the impulse (N s) pushes the parent away."""

    type = SensorType.COLLISION

    def __init__(self, attributes: Attributes):
        del attributes

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[bytes]:
        """A body for every contact of the parent in this tick."""
        table, contacts = moment.table, moment.contacts
        parent = int(table.parent[row])
        if parent not in table:
            return []
        owner = table.row(parent)
        first = np.flatnonzero(contacts.row_a == owner)
        second = np.flatnonzero(contacts.row_b == owner)
        events = [(moment.actor(owner), self._other(moment, int(k)), contacts.impulse[k]) for k in first]
        events += [(moment.actor(owner), moment.actor(int(contacts.row_a[k])), -contacts.impulse[k]) for k in second]
        return [messages.collision(*event) for event in events]

    @staticmethod
    def _other(moment: Moment, contact: int) -> list:
        row = int(moment.contacts.row_b[contact])
        return moment.actor(row) if row >= 0 else moment.level_actor(int(moment.contacts.box[contact]))
