"""The middle part of a tick: bodies move."""

import numba as nb
import numpy as np

from carlet.physics.state import MOVES, VX, VY, WZ, YAW, X, Y


@nb.njit(cache=True)
def move(bodies, boxes, start, members, grid, edges, dt, substeps):
    """Move all rows by their velocities. Returns row_a, row_b, box and impulse of the contacts."""
    for i in range(len(bodies)):
        b = bodies[i]
        if b[MOVES]:
            b[X] += b[VX] * dt
            b[Y] += b[VY] * dt
            b[YAW] += b[WZ] * dt
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3))
