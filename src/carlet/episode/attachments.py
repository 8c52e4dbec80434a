"""Actors that hang on others: sensors on cars, cars on nothing."""

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import ActorTable
from carlet.geometry import compose

#: A spring arm takes this share of the way to its place a second.
SPRING_RATE = 10.0


def place_attached(table: ActorTable, dt: float) -> None:
    """Move every attached row to where its parent now is, parents before children; `dt` (s) gives the velocities."""
    rows = np.flatnonzero(table.parent)
    if not len(rows):
        return
    parents = np.searchsorted(table.id, table.parent[rows])
    parents = np.minimum(parents, len(table) - 1)
    held = table.id[parents] == table.parent[rows]
    rows, parents = rows[held], parents[held]
    while len(rows):
        ready = ~np.isin(parents, rows)
        _place(table, rows[ready], parents[ready], dt)
        rows, parents = rows[~ready], parents[~ready]


def _place(table: ActorTable, rows: NDArray[np.intp], parents: NDArray[np.intp], dt: float) -> None:
    poses = compose(
        np.hstack([table.location[parents], table.rotation[parents]]),
        np.hstack([table.local_location[rows], table.local_rotation[rows]]),
    )
    if dt > 0.0:
        table.velocity[rows] = table.velocity[parents]
        share = np.where(table.springy[rows], min(1.0, SPRING_RATE * dt), 1.0)[:, None]
        poses[:, :3] = np.where(share < 1.0, table.location[rows] * (1.0 - share) + poses[:, :3] * share, poses[:, :3])
    table.location[rows], table.rotation[rows] = poses[:, :3], poses[:, 3:]
