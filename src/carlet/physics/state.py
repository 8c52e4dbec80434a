"""The rows that physics works on: one matrix, gathered from the actor table and scattered back.

Compiled code takes rows of this matrix, `b`, and reads `b[VX]`; flags are 0.0 or 1.0. A single float matrix
keeps compilation short, which fifty separate arrays do not.
"""

from itertools import accumulate

import numba as nb
import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import Activity, ActorTable, Kind

GRAVITY = 9.81
VEHICLE, WALKER, PROP = int(Kind.VEHICLE), int(Kind.WALKER), int(Kind.PROP)

#: columns of the actor table by name and width: first those that physics changes, then those that it only reads
CHANGED = (
    ("location", 3),
    ("rotation", 3),
    ("velocity", 3),
    ("angular_velocity", 3),
    ("acceleration", 3),
    ("last_velocity", 3),
    ("grounded", 1),
    ("ground_slope", 2),
    ("throttle", 1),
    ("steer", 1),
    ("brake", 1),
    ("hand_brake", 1),
    ("reverse", 1),
    ("manual_gear", 1),
    ("gear", 1),
    ("fresh_control", 1),
    ("ackermann_state", 8),
    ("wheel_steer", 1),
    ("sideslip", 1),
    ("jump", 1),
    ("jumps_left", 1),
)
READ = (
    ("kind", 1),
    ("simulates", 1),
    ("collides", 1),
    ("flat", 1),
    ("box_centre", 3),
    ("box_extent", 3),
    ("mass", 1),
    ("gravity", 1),
    ("impulse", 3),
    ("angular_impulse", 3),
    ("force", 3),
    ("torque", 3),
    ("constant_velocity", 3),
    ("has_constant_velocity", 1),
    ("sticky_control", 1),
    ("ackermann", 1),
    ("ackermann_target", 5),
    ("ackermann_gains", 6),
    ("wheelbase", 1),
    ("max_steer", 1),
    ("drive_gain", 1),
    ("brake_gain", 1),
    ("friction", 1),
    ("drag", 1),
    ("top_speed", 1),
    ("direction", 3),
    ("walk_speed", 1),
)
FIELDS = CHANGED + READ
OFFSETS = tuple(accumulate((width for _, width in FIELDS), initial=0))
(
    LOCATION,
    ROTATION,
    VELOCITY,
    SPIN,
    ACCELERATION,
    LAST_VELOCITY,
    GROUNDED,
    SLOPE,
    THROTTLE,
    STEER,
    BRAKE,
    HAND_BRAKE,
    REVERSE,
    MANUAL_GEAR,
    GEAR,
    FRESH_CONTROL,
    ACKERMANN_STATE,
    WHEEL_STEER,
    SIDESLIP,
    JUMP,
    JUMPS_LEFT,
    KIND,
    SIMULATES,
    COLLIDES,
    FLAT,
    BOX_CENTRE,
    BOX_EXTENT,
    MASS,
    HAS_GRAVITY,
    IMPULSE,
    ANGULAR_IMPULSE,
    FORCE,
    TORQUE,
    CONSTANT_VELOCITY,
    HAS_CONSTANT_VELOCITY,
    STICKY_CONTROL,
    ACKERMANN,
    ACKERMANN_TARGET,
    ACKERMANN_GAINS,
    WHEELBASE,
    MAX_STEER,
    DRIVE_GAIN,
    BRAKE_GAIN,
    FRICTION,
    DRAG,
    TOP_SPEED,
    DIRECTION,
    WALK_SPEED,
    MOVES,
) = OFFSETS
#: where the row stood when the tick began
START_X, START_Y = MOVES + 1, MOVES + 2
X, Y, Z = LOCATION, LOCATION + 1, LOCATION + 2
PITCH, YAW, ROLL = ROTATION, ROTATION + 1, ROTATION + 2
VX, VY, VZ = VELOCITY, VELOCITY + 1, VELOCITY + 2
WX, WY, WZ = SPIN, SPIN + 1, SPIN + 2
EX, EY, EZ = BOX_EXTENT, BOX_EXTENT + 1, BOX_EXTENT + 2
CX, CY, CZ = BOX_CENTRE, BOX_CENTRE + 1, BOX_CENTRE + 2


def gather(table: ActorTable) -> NDArray[np.float64]:
    """A matrix (n, START_Y + 1) of the table's rows. `MOVES`: physics moves this row; `COLLIDES`: it can be hit."""
    kinds = (table.kind == VEHICLE) | (table.kind == WALKER) | (table.kind == PROP)
    present = kinds & (table.activity == Activity.ACTIVE) & (table.parent == 0)
    columns = [getattr(table, name) for name, _ in FIELDS]
    columns += [present & table.simulates, table.location[:, :2]]
    bodies = np.concatenate([c if c.ndim == 2 else c[:, None] for c in columns], axis=1, dtype=np.float64)
    bodies[:, COLLIDES] = present & table.collides & ~table.flat
    return bodies


def box_centres_x(bodies: NDArray[np.float64]) -> NDArray[np.float64]:
    """x (n,) of the middles of the rows' boxes."""
    return bodies[:, X] + np.cos(bodies[:, YAW]) * bodies[:, CX] - np.sin(bodies[:, YAW]) * bodies[:, CY]


def scatter(bodies: NDArray[np.float64], table: ActorTable) -> None:
    """Write the changed columns back; pending impulses and forces are used up."""
    for (name, width), at in zip(CHANGED, OFFSETS, strict=False):
        column = getattr(table, name)
        column[...] = bodies[:, at : at + width].reshape(column.shape)
    for name in ("impulse", "angular_impulse", "force", "torque"):
        getattr(table, name)[...] = 0.0


@nb.njit(cache=True)
def toward(value, target, limit):
    """`value` moved towards `target` by at most `limit`."""
    return value + min(limit, max(-limit, target - value))


@nb.njit(cache=True)
def wrap(angle):
    """An angle (rad) brought into [-pi, pi)."""
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


@nb.njit(cache=True)
def clean(value, low, high, fallback):
    """`value` within [low, high]; `fallback` where it is not a number."""
    if np.isnan(value):
        return fallback
    return min(high, max(low, value))
