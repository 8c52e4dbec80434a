"""Lamps that light up the night: those of the streets, and of vehicles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.models.materials import Lamp
from carlet.render.company import lit_lamps
from carlet.render.glow import Spots, join_spots, no_spots
from carlet.wire.values import LampRecord

#: Light at one metre (linear), reach (m) and half angle (rad).
LOW_BEAM = ((90.0, 84.0, 70.0), 45.0, 0.42)
HIGH_BEAM = ((220.0, 205.0, 175.0), 90.0, 0.30)
TAIL = ((0.10, 0.008, 0.004), 5.0, np.pi)
BRAKE = ((0.9, 0.06, 0.03), 8.0, np.pi)
BEACON = ((0.6, 1.2, 6.0), 18.0, np.pi)
STREET_LIGHT, STREET_REACH_M, STREET_HEIGHT_M = 75.0, 28.0, 6.5
_LAMP_HEIGHT, _BEACON_HEIGHT = 0.35, 0.85  # share of a vehicle's height


def moving_spots(table: ActorTable, time_s: float) -> Spots:
    """The lit lamps of all vehicles."""
    rows = table.rows_of(Kind.VEHICLE)
    lit = lit_lamps(table.light_bits[rows], time_s)
    shining = lit != 0
    rows, lit = rows[shining], lit[shining]
    if not len(rows):
        return no_spots()
    head, tail = np.uint32(Lamp.LOW_BEAM), np.uint32(Lamp.POSITION | Lamp.LOW_BEAM)
    beacon = np.uint32(Lamp.BEACON_LEFT | Lamp.BEACON_RIGHT)
    return join_spots(
        _on_vehicles(table, rows[(lit & head) > 0], 1.0, _LAMP_HEIGHT, *LOW_BEAM),
        _on_vehicles(table, rows[(lit & np.uint32(Lamp.HIGH_BEAM)) > 0], 1.0, _LAMP_HEIGHT, *HIGH_BEAM),
        _on_vehicles(table, rows[(lit & tail) > 0], -1.0, _LAMP_HEIGHT, *TAIL),
        _on_vehicles(table, rows[(lit & np.uint32(Lamp.BRAKE)) > 0], -1.0, _LAMP_HEIGHT, *BRAKE),
        _on_vehicles(table, rows[(lit & beacon) > 0], 0.0, _BEACON_HEIGHT, *BEACON),
    )


def still_spots(lamps: Sequence[LampRecord]) -> Spots:
    """The lit lamps of the level."""
    lit = [lamp for lamp in lamps if lamp.active]
    if not lit:
        return no_spots()
    colour = np.array([lamp.color for lamp in lit], np.float32) / np.float32(255.0)
    count = len(lit)
    return Spots(
        position=np.array([lamp.location for lamp in lit], np.float32),
        direction=np.tile(np.array([0.0, 0.0, -1.0], np.float32), (count, 1)),
        color=(colour * colour * STREET_LIGHT).astype(np.float32),
        reach=np.full(count, STREET_REACH_M, np.float32),
        half_angle=np.full(count, np.pi, np.float32),
        height=np.full(count, STREET_HEIGHT_M, np.float32),
    )


def _on_vehicles(
    table: ActorTable,
    rows: NDArray[np.intp],
    end: float,
    height_share: float,
    colour: tuple[float, float, float],
    reach: float,
    half_angle: float,
) -> Spots:
    """One lamp a vehicle, at its front (`end` 1), rear (-1) or middle (0)."""
    centre, extent = table.box_centre[rows], table.box_extent[rows]
    height = centre[:, 2] + (2.0 * height_share - 1.0) * extent[:, 2]
    local = np.stack([centre[:, 0] + end * (extent[:, 0] + 0.1), centre[:, 1], height], axis=1)
    turn = rotation_matrices(table.rotation[rows])
    forward = turn[:, :, 0] * (end or 1.0)
    count = len(rows)
    return Spots(
        position=(table.location[rows] + np.einsum("nij,nj->ni", turn, local)).astype(np.float32),
        direction=forward.astype(np.float32),
        color=np.tile(np.array(colour, np.float32), (count, 1)),
        reach=np.full(count, reach, np.float32),
        half_angle=np.full(count, half_angle, np.float32),
        height=height.astype(np.float32),
    )
