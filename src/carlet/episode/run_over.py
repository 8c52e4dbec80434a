"""Who dies of a collision."""

from collections.abc import Mapping

import numpy as np

from carlet.actors.registry import ActorInfo
from carlet.actors.table import ActorTable, Kind
from carlet.physics import Contacts

#: A vehicle that changes a walker's speed by this much (m/s) kills it, unless it is invincible.
DEADLY_M_S = 2.0


def run_over(table: ActorTable, contacts: Contacts, actors: Mapping[int, ActorInfo]) -> list[int]:
    """Ids of the walkers that a vehicle has just killed: invincible ones never die."""
    if not len(contacts):
        return []
    shove = np.linalg.norm(contacts.impulse, axis=1)
    killed = []
    for walker, vehicle in ((contacts.row_a, contacts.row_b), (contacts.row_b, contacts.row_a)):
        pair = (walker >= 0) & (vehicle >= 0)
        pair &= (table.kind[walker] == Kind.WALKER) & (table.kind[vehicle] == Kind.VEHICLE)
        hard = pair & (shove > DEADLY_M_S * table.mass[walker])
        killed += [int(table.id[row]) for row in walker[hard]]
    return [i for i in killed if actors[i].value("is_invincible", "true").lower() != "true" and not actors[i].dead]
