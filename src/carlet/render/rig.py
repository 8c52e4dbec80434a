"""Where the parts of actors are: wheels that roll and steer, doors, people's limbs, riders' legs on pedals.

All parts of all drawn actors are worked at once; matrices are (3, 4), a rotation and an offset.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.geometry import rotation_matrices
from carlet.models.actor_model import Joint, Model
from carlet.models.vehicles.pedalling import ANKLE, CRANK_LENGTH, ankle_at
from carlet.render.gait import LIMBS, CustomLimbs, Legs, gait, mixed

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

DOOR_SWING = np.radians(70.0)
#: Way (m) of a bicycle in one turn of its crank.
CRANK_TURN_M = 2.5
#: Riders' thighs and shins, and whether their pedal points forward (1) or back at rest.
PEDALLING = (
    (Joint.PEDAL_THIGH_LEFT, Joint.PEDAL_SHIN_LEFT, 1.0),
    (Joint.PEDAL_THIGH_RIGHT, Joint.PEDAL_SHIN_RIGHT, -1.0),
)
#: Open doors, as bits of `Motion.doors`.
FRONT_LEFT, FRONT_RIGHT, REAR_LEFT, REAR_RIGHT = 1, 2, 4, 8


class Pedals(NamedTuple):
    """Measures of k riders (k,), m, in the plane y = 0 of the actor: hip, lengths of thigh and shin (down to the
    ankle), axle of the crank. A thigh of zero: does not pedal.
    """

    hip_x: Floats
    hip_z: Floats
    thigh: Floats
    shin: Floats
    axle_x: Floats
    axle_z: Floats


class Rig(NamedTuple):
    """p parts of a actors. `joint` (p,) codes of `Joint`; `parent` (p,) row of the part each hangs on, -1 for none,
    always a former row; `actor` (p,) rows; `pivot` (p, 3) in the frame of the parent; `radius` (p,) of wheels, m;
    measures of the actors' limbs (a, 5) as in `Legs` and (a, 6) as in `Pedals`.
    """

    joint: NDArray[np.int8]
    parent: Rows
    actor: Rows
    pivot: Floats
    radius: Floats
    legs: Floats
    pedals: Floats


_NO_RIG = Rig(
    joint=np.zeros(0, np.int8),
    parent=np.zeros(0, np.intp),
    actor=np.zeros(0, np.intp),
    pivot=np.zeros((0, 3)),
    radius=np.zeros(0),
    legs=np.zeros((0, len(Legs._fields))),
    pedals=np.zeros((0, len(Pedals._fields))),
)


class Motion(NamedTuple):
    """How a actors stand and move. `pose` (a, 3, 4) in the world; `steer` (a,) angle of the front wheels, rad, positive
    to the right; `travelled` (a,) metres rolled or walked; `speed` (a,) m/s over ground; `doors` (a,) open ones, bits;
    `idle` (a,) rad, any number that tells standing people apart; `custom` poses of limbs, where clients gave some.
    """

    pose: Floats
    steer: Floats
    travelled: Floats
    speed: Floats
    doors: NDArray[np.uint8]
    idle: Floats
    custom: CustomLimbs | None = None


def rig_of(model: Model) -> Rig:
    """The rig of one actor, measured on its model."""
    parts = model.parts
    low = np.array([part.mesh.bounds[0] for part in parts]).reshape(-1, 3)
    joint = np.array([part.joint for part in parts], np.int8)
    return Rig(
        joint=joint,
        parent=np.array([part.parent for part in parts], np.intp),
        actor=np.zeros(len(parts), np.intp),
        pivot=np.array([part.pivot for part in parts], np.float64).reshape(-1, 3),
        radius=np.where(_is_wheel(joint), np.maximum(-low[:, 2], 1e-2), 1.0),
        legs=np.array([_legs_of(model)]),
        pedals=np.array([_pedals_of(model)]),
    )


def join_rigs(rigs: Sequence[Rig]) -> Rig:
    """The rigs of many actors, in order."""
    rigs = [_NO_RIG, *rigs]
    parts = np.cumsum([0] + [len(rig.joint) for rig in rigs])
    actors = np.cumsum([0] + [len(rig.legs) for rig in rigs])
    parent = [np.where(rig.parent < 0, -1, rig.parent + at) for rig, at in zip(rigs, parts, strict=False)]
    actor = [rig.actor + at for rig, at in zip(rigs, actors, strict=False)]
    columns = {name: np.concatenate([getattr(rig, name) for rig in rigs]) for name in Rig._fields}
    return Rig(**{**columns, "parent": np.concatenate(parent), "actor": np.concatenate(actor)})


def part_matrices(rig: Rig, motion: Motion, time_s: float) -> Floats:
    """Matrices (p, 3, 4) that take points of the parts' own frames to the world."""
    angles = np.zeros((len(rig.joint), 3))
    body = motion.pose
    _turn_wheels(rig, motion, angles)
    _open_doors(rig, motion, angles)
    people = np.flatnonzero(rig.legs[:, 0] > 0.0)
    if len(people):
        body = _walk(rig, motion, time_s, people, angles)
    riders = np.flatnonzero(rig.pedals[:, 2] > 0.0)
    if len(riders):
        _pedal(rig, motion, riders, angles)
    local = np.concatenate([rotation_matrices(angles), rig.pivot[:, :, None]], axis=2)
    return _chained(rig, body, local)


def _turn_wheels(rig: Rig, motion: Motion, angles: Floats) -> None:
    wheels = np.flatnonzero(_is_wheel(rig.joint))
    angles[wheels, 0] = -np.remainder(motion.travelled[rig.actor[wheels]] / rig.radius[wheels], 2.0 * np.pi)
    steered = np.flatnonzero((rig.joint == Joint.FORK) | _is_front(rig.joint) & _turns_itself(rig))
    angles[steered, 1] = motion.steer[rig.actor[steered]]
    cranks = np.flatnonzero(rig.joint == Joint.CRANK)
    angles[cranks, 0] = _crank_angle(motion.travelled[rig.actor[cranks]])


def _open_doors(rig: Rig, motion: Motion, angles: Floats) -> None:
    doors = np.flatnonzero((rig.joint >= Joint.DOOR_FRONT_LEFT) & (rig.joint <= Joint.DOOR_REAR_RIGHT))
    place = rig.joint[doors].astype(np.intp) - Joint.DOOR_FRONT_LEFT
    is_open = motion.doors[rig.actor[doors]] >> place & 1
    angles[doors, 1] = np.where(place % 2 == 0, DOOR_SWING, -DOOR_SWING) * is_open


def _walk(rig: Rig, motion: Motion, time_s: float, people: Rows, angles: Floats) -> Floats:
    """Set the angles of people's limbs; returns the poses of all bodies, leaning and rising with the steps."""
    legs = Legs(*rig.legs[people].T)
    moves = gait(legs, motion.travelled[people], motion.speed[people], motion.idle[people], time_s)
    place = np.full(len(rig.legs), -1)
    place[people] = np.arange(len(people))
    if motion.custom is not None:
        walks = place[motion.custom.actor] >= 0
        rows = place[motion.custom.actor[walks]]
        moves = mixed(moves, CustomLimbs(rows, motion.custom.angles[walks], motion.custom.share[walks]))
    limbs = np.flatnonzero((rig.joint >= LIMBS[0]) & (rig.joint <= LIMBS[-1]) & (place[rig.actor] >= 0))
    angles[limbs] = moves.limbs[place[rig.actor[limbs]], rig.joint[limbs] - LIMBS[0]]
    body = motion.pose.copy()
    body[people] = _compose(body[people], _leaning(moves.lean, moves.rise, legs.hip))
    return body


def _leaning(lean: Floats, rise: Floats, hip: Floats) -> Floats:
    """Matrices (k, 3, 4) that turn bodies forward about the hip and lift them."""
    cos, sin, none = np.cos(lean), np.sin(lean), np.zeros_like(lean)
    rows = [[cos, none, sin, -sin * hip], [none, none + 1.0, none, none], [-sin, none, cos, hip * (1.0 - cos) + rise]]
    return np.moveaxis(np.array(rows), -1, 0)


def _pedal(rig: Rig, motion: Motion, riders: Rows, angles: Floats) -> None:
    """Set the angles of riders' legs, which are zero while the left pedal points forward, so that their feet stay on
    the pedals.
    """
    measures = Pedals(*rig.pedals[riders].T)
    turn = _crank_angle(motion.travelled[riders])
    place = np.zeros(len(rig.legs), np.intp)
    place[riders] = np.arange(len(riders))
    for thigh, shin, side in PEDALLING:
        now, rest = _reaching(measures, side, turn), _reaching(measures, side, np.zeros_like(turn))
        for joint, angle, start in zip((thigh, shin), now, rest, strict=True):
            rows = np.flatnonzero(rig.joint == joint)
            angles[rows, 0] = (angle - start)[place[rig.actor[rows]]]


def _reaching(measures: Pedals, side: float, turn: Floats) -> tuple[Floats, Floats]:
    """Pitches (k,) of thighs from straight down, and of shins against them, that bring the ankles over the pedals on
    one side of cranks turned by `turn` (k,); knees are in front.
    """
    thigh, shin = measures.thigh, measures.shin
    x = measures.axle_x + side * CRANK_LENGTH * np.cos(turn) + ANKLE[0] - measures.hip_x
    z = measures.axle_z + side * CRANK_LENGTH * np.sin(turn) + ANKLE[2] - measures.hip_z
    way = np.clip(np.hypot(x, z), np.abs(thigh - shin) + 1e-6, thigh + shin - 1e-6)
    at_hip = np.arccos(np.clip((thigh**2 + way**2 - shin**2) / (2.0 * thigh * way), -1.0, 1.0))
    at_knee = np.arccos(np.clip((thigh**2 + shin**2 - way**2) / (2.0 * thigh * shin), -1.0, 1.0))
    return np.arctan2(x, -z) + at_hip, at_knee - np.pi


def _chained(rig: Rig, body: Floats, local: Floats) -> Floats:
    world = np.empty_like(local)
    done = rig.parent < 0
    world[done] = _compose(body[rig.actor[done]], local[done])
    waiting = np.flatnonzero(~done)
    while len(waiting):
        ready = done[rig.parent[waiting]]
        rows = waiting[ready]
        world[rows] = _compose(world[rig.parent[rows]], local[rows])
        done[rows] = True
        waiting = waiting[~ready]
    return world


def _compose(outer: Floats, inner: Floats) -> Floats:
    both = outer[:, :, :3] @ inner
    both[:, :, 3] += outer[:, :, 3]
    return both


def _crank_angle(travelled: Floats) -> Floats:
    return -np.remainder(travelled * (2.0 * np.pi / CRANK_TURN_M), 2.0 * np.pi)


def _is_wheel(joint: NDArray[np.int8]) -> NDArray[np.bool_]:
    return (joint >= Joint.WHEEL_FRONT_LEFT) & (joint <= Joint.WHEEL_REAR_RIGHT)


def _is_front(joint: NDArray[np.int8]) -> NDArray[np.bool_]:
    return (joint == Joint.WHEEL_FRONT_LEFT) | (joint == Joint.WHEEL_FRONT_RIGHT)


def _turns_itself(rig: Rig) -> NDArray[np.bool_]:
    """Parts (p,) that no fork turns already."""
    return (rig.parent < 0) | (rig.joint[rig.parent] != Joint.FORK)


def _legs_of(model: Model) -> tuple[float, ...]:
    rows = {part.joint: row for row, part in enumerate(model.parts)}
    if Joint.THIGH_LEFT not in rows or Joint.SHIN_LEFT not in rows:
        return (0.0,) * len(Legs._fields)
    hip, shin = _rest_pivots(model)[rows[Joint.THIGH_LEFT]], model.parts[rows[Joint.SHIN_LEFT]]
    low, high = shin.mesh.bounds
    return -shin.pivot[2], -float(low[2]), float(low[0]), float(high[0]), float(hip[2])


def _pedals_of(model: Model) -> tuple[float, ...]:
    rows = {part.joint: row for row, part in enumerate(model.parts)}
    if not {Joint.PEDAL_THIGH_LEFT, Joint.PEDAL_SHIN_LEFT, Joint.CRANK} <= rows.keys():
        return (0.0,) * len(Pedals._fields)
    pivots = _rest_pivots(model)
    hip, knee, axle = (pivots[rows[joint]] for joint in (Joint.PEDAL_THIGH_LEFT, Joint.PEDAL_SHIN_LEFT, Joint.CRANK))
    ankle = ankle_at(axle, hip, 1.0, 0.0)
    thigh, shin = np.linalg.norm(knee - hip), np.linalg.norm(ankle - knee)
    return tuple(map(float, (hip[0], hip[2], thigh, shin, axle[0], axle[2])))


def _rest_pivots(model: Model) -> Floats:
    """Where the parts' origins (p, 3) are in the actor's frame while all angles are zero."""
    places = np.zeros((len(model.parts), 3))
    for row, part in enumerate(model.parts):
        places[row] = np.add(part.pivot, places[part.parent] if part.parent >= 0 else 0.0)
    return places
