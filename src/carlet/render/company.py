"""The actors that pictures and rays can see: which, in what costume, and where their parts are."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.actors.registry import ActorInfo
from carlet.actors.table import Activity, ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.models.materials import Lamp
from carlet.physics import travelling
from carlet.render.gait import CustomLimbs, limb_angles
from carlet.render.looks import look_of
from carlet.render.rig import Motion, Rig, join_rigs
from carlet.render.scene import Things
from carlet.render.templates import Costume, Templates, part_rows, spans

Floats = NDArray[np.float64]

VISIBLE_KINDS = (Kind.VEHICLE, Kind.WALKER, Kind.PROP)
#: Beyond the first distance (m) from every sensor an actor wears its coarse model, beyond the second it is not drawn.
COARSE_M, UNSEEN_M = 50.0, 400.0
BLINK_S, BEACON_S = 0.8, 0.5
#: CARLA's doors are front left, front right, rear left and rear right, in this order, then bonnet and boot; 6 is all.
DOORS, ALL_DOORS = 4, 6


class Company(NamedTuple):
    """Actors drawn together, a in number: `ids` (a,), `costumes`, their `rig` of p parts, the templates `part` (p,)
    that the parts have, rows of all their triangles in the template arrays `triangle` (t,), the first of each part
    `first` (p + 1,), and the actor `owner` (t,) of each triangle.
    """

    ids: NDArray[np.uint32]
    costumes: tuple[Costume, ...]
    rig: Rig
    part: NDArray[np.int32]
    triangle: NDArray[np.int64]
    first: NDArray[np.int32]
    owner: NDArray[np.int32]


def visible_rows(table: ActorTable) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Rows of the actors near enough to a sensor to be seen (all when there is no sensor), and whether coarsely."""
    rows = table.rows_of(*VISIBLE_KINDS)
    rows = rows[table.activity[rows] == Activity.ACTIVE]
    sensors = table.rows_of(Kind.SENSOR)
    if not len(sensors):
        return rows, np.zeros(len(rows), bool)
    eyes = np.unique(np.round(table.location[sensors]), axis=0)
    apart = np.linalg.norm(table.location[rows][:, None] - eyes[None], axis=2).min(axis=1)
    seen = apart < UNSEEN_M
    return rows[seen], apart[seen] > COARSE_M


def gather(infos: Sequence[ActorInfo], coarse: NDArray[np.bool_], templates: Templates) -> Company:
    """The company of these actors; what has no model is left out by the caller."""
    costumes = [templates.costume(*look_of(info, bool(far))) for info, far in zip(infos, coarse, strict=True)]
    part = part_rows(costumes)
    start = templates.arrays.start
    count = start[part + 1] - start[part]
    rig = join_rigs([costume.rig for costume in costumes])
    return Company(
        ids=np.array([info.id for info in infos], np.uint32),
        costumes=tuple(costumes),
        rig=rig,
        part=part,
        triangle=spans(start[part], count),
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.int32),
        owner=np.repeat(rig.actor, count).astype(np.int32),
    )


def motion_of(company: Company, table: ActorTable, rows: NDArray[np.intp], actors: Mapping[int, ActorInfo]) -> Motion:
    """How the actors of `company`, in `rows` of the table, stand and move."""
    pose = np.concatenate([rotation_matrices(table.rotation[rows]), table.location[rows][:, :, None]], axis=2)
    infos = [actors[actor_id] for actor_id in company.ids.tolist()]
    return Motion(
        pose=pose,
        steer=table.wheel_steer[rows],
        travelled=table.travelled[rows],
        speed=np.hypot(table.velocity[rows, 0], table.velocity[rows, 1]),
        doors=np.array([_door_bits(info.open_doors) for info in infos], np.uint8),
        idle=company.ids.astype(np.float64),
        custom=_custom_limbs(infos),
    )


def motion_before(motion: Motion, table: ActorTable, rows: NDArray[np.intp], dt: float) -> Motion:
    """The same actors `dt` seconds ago, as far as their velocities tell."""
    pose = motion.pose.copy()
    turned, none = table.angular_velocity[rows, 2] * dt, np.zeros(len(rows))
    pose[:, :, :3] = rotation_matrices(np.stack([none, -turned, none], axis=1)) @ pose[:, :, :3]
    pose[:, :, 3] -= table.velocity[rows] * dt
    return motion._replace(pose=pose, travelled=motion.travelled - travelling(table)[rows] * dt)


def carried_back(now: Floats, before: Floats) -> Floats:
    """Matrices (p, 3, 4) that take points where rigid parts are `now` (p, 3, 4) to where they were `before`."""
    turn = before[:, :, :3] @ now[:, :, :3].transpose(0, 2, 1)
    return np.concatenate([turn, before[:, :, 3:] - turn @ now[:, :, 3:]], axis=2)


def fill_things(
    things: Things,
    first: int,
    company: Company,
    table: ActorTable,
    rows: NDArray[np.intp],
    time_s: float,
) -> None:
    """Write the actors of `company` into `things` from row `first` on, but for their colours."""
    here = slice(first, first + len(rows))
    yaw = table.rotation[rows, 1]
    things.origin[here] = table.location[rows]
    things.axis[here] = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    things.number[here] = company.ids
    things.actor[here] = company.ids
    things.lamps[here] = lit_lamps(table.light_bits[rows], time_s)
    things.velocity[here] = table.velocity[rows]


def lit_lamps(bits: NDArray[np.uint32], time_s: float) -> NDArray[np.uint32]:
    """Lamps that shine at this moment: blinkers blink, and beacons flash while `SPECIAL_1` is set."""
    lit = bits.astype(np.uint32)
    if time_s % BLINK_S >= 0.5 * BLINK_S:
        lit = lit & ~np.uint32(Lamp.LEFT_BLINKER | Lamp.RIGHT_BLINKER)
    beacon = Lamp.BEACON_LEFT if time_s % BEACON_S < 0.5 * BEACON_S else Lamp.BEACON_RIGHT
    return np.where(bits & np.uint32(Lamp.SPECIAL_1), lit | np.uint32(beacon), lit).astype(np.uint32)


def _door_bits(doors: set[int]) -> int:
    if ALL_DOORS in doors:
        return (1 << DOORS) - 1
    return sum(1 << door for door in doors if door < DOORS)


def _custom_limbs(infos: Sequence[ActorInfo]) -> CustomLimbs | None:
    posed = [row for row, info in enumerate(infos) if info.custom_pose.share > 0.0 and info.custom_pose.bones]
    if not posed:
        return None
    limbs = [limb_angles(infos[row].custom_pose) for row in posed]
    angles, share = np.array([one[0] for one in limbs]), np.array([one[1] for one in limbs])
    return CustomLimbs(np.array(posed, np.intp), angles, share)
