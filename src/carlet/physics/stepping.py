"""One tick of physics for all rows of the actor table."""

import numpy as np

from carlet.actors.table import Activity, ActorTable, Kind
from carlet.physics.contacts import GROUND, Contacts
from carlet.physics.forces import apply_forces
from carlet.physics.ground import probe_points, settle
from carlet.physics.motion import move
from carlet.physics.state import MASS, box_centres_x, gather, scatter
from carlet.physics.surroundings import Floats, Surroundings

SUBSTEP_S = 0.01
MAX_SUBSTEPS = 64


def step(table: ActorTable, surroundings: Surroundings, dt: float, substep: float = SUBSTEP_S) -> Contacts:
    """Advance every simulated vehicle, walker and prop by `dt` seconds, in place; returns the contacts.

    Pedals and steering act once a tick (in pieces of at most 0.05 s); bodies move and collide in sub-steps of at most
    `substep` seconds. Rows are worked in their order, so equal tables give equal results bit by bit.
    """
    bodies = gather(table)
    apply_forces(bodies, dt)
    substeps = min(MAX_SUBSTEPS, max(1, int(np.ceil(dt / substep - 1e-9))))
    solid = surroundings.obstacles
    edges = np.array(surroundings.extent)
    order = np.argsort(box_centres_x(bodies), kind="stable")
    contacts = Contacts(*move(bodies, order, solid.boxes, solid.start, solid.members, solid.grid, edges, dt, substeps))
    points = probe_points(bodies)
    heights, normals = surroundings.heights(points) if len(points) else (np.empty(0), np.empty((0, 3)))
    landed = settle(bodies, heights, normals, dt)
    scatter(bodies, table)
    add_travelled(table, dt)
    return _with_landings(contacts, bodies[:, MASS], landed) if landed.any() else contacts


def add_travelled(table: ActorTable, dt: float) -> None:
    """Add the way of the last `dt` seconds to `travelled`, in place; jumps from place to place are no way."""
    table.travelled[:] += travelling(table) * dt


def travelling(table: ActorTable) -> Floats:
    """How fast (n,) `travelled` grows (m/s): vehicles roll, backwards too; others walk the way they go."""
    vx, vy, yaw = table.velocity[:, 0], table.velocity[:, 1], table.rotation[:, 1]
    rolled = vx * np.cos(yaw) + vy * np.sin(yaw)
    moves = (table.activity == Activity.ACTIVE) & (table.parent == 0)
    return np.where(table.kind == Kind.VEHICLE, rolled, np.hypot(vx, vy)) * moves


def _with_landings(contacts: Contacts, mass: Floats, landed: Floats) -> Contacts:
    rows = np.flatnonzero(landed)
    impulse = np.zeros((len(rows), 3))
    impulse[:, 2] = landed[rows] * mass[rows]
    return Contacts(
        np.concatenate([contacts.row_a, rows]),
        np.concatenate([contacts.row_b, np.full(len(rows), -1)]),
        np.concatenate([contacts.box, np.full(len(rows), GROUND)]),
        np.concatenate([contacts.impulse, impulse]),
    )
