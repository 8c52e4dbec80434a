"""The skeleton of walkers: CARLA's bone names in their resting pose."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import ActorTable
from carlet.geometry import compose, wrap_angle

Poses = NDArray[np.float64]

ADULT_HEIGHT_M = 1.86
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Pinky")


class Bone(NamedTuple):
    """A bone, its parent's name, and where it starts relative to the parent, for an adult (m)."""

    name: str
    parent: str
    offset: tuple[float, float, float]


def _limbs(side: str, sign: float) -> Iterator[Bone]:
    yield Bone(f"crl_eye__{side}", "crl_Head__C", (0.08, sign * 0.03, 0.08))
    yield Bone(f"crl_shoulder__{side}", "crl_spine01__C", (0.0, sign * 0.05, 0.22))
    yield Bone(f"crl_arm__{side}", f"crl_shoulder__{side}", (0.0, sign * 0.13, 0.0))
    yield Bone(f"crl_foreArm__{side}", f"crl_arm__{side}", (0.0, sign * 0.04, -0.28))
    yield Bone(f"crl_hand__{side}", f"crl_foreArm__{side}", (0.03, sign * 0.02, -0.26))
    for place, finger in enumerate(FINGERS):
        parent = f"crl_hand__{side}"
        for part in ("01", "02", "End"):
            name = f"crl_hand{finger}{part}__{side}"
            yield Bone(name, parent, (0.01 * (2 - place) if part == "01" else 0.0, 0.0, -0.04))
            parent = name
    yield Bone(f"crl_thigh__{side}", "crl_hips__C", (0.0, sign * 0.09, -0.05))
    yield Bone(f"crl_leg__{side}", f"crl_thigh__{side}", (0.0, 0.0, -0.43))
    yield Bone(f"crl_foot__{side}", f"crl_leg__{side}", (0.0, 0.0, -0.42))
    yield Bone(f"crl_toe__{side}", f"crl_foot__{side}", (0.12, 0.0, -0.06))
    yield Bone(f"crl_toeEnd__{side}", f"crl_toe__{side}", (0.08, 0.0, 0.0))


#: All bones, parents before children.
BONES: tuple[Bone, ...] = (
    Bone("crl_root", "", (0.0, 0.0, -0.93)),
    Bone("crl_hips__C", "crl_root", (0.0, 0.0, 0.97)),
    Bone("crl_spine__C", "crl_hips__C", (0.0, 0.0, 0.1)),
    Bone("crl_spine01__C", "crl_spine__C", (0.0, 0.0, 0.2)),
    Bone("crl_neck__C", "crl_spine01__C", (0.0, 0.0, 0.27)),
    Bone("crl_Head__C", "crl_neck__C", (0.02, 0.0, 0.1)),
    *_limbs("L", -1.0),
    *_limbs("R", 1.0),
)
#: Bone name -> its place in `BONES`.
INDEX = {bone.name: i for i, bone in enumerate(BONES)}


class Skeleton(NamedTuple):
    """Poses (bones, 6) of all bones: in the world, in the walker's frame, and relative to each bone's parent."""

    world: Poses
    component: Poses
    relative: Poses


@dataclass
class CustomPose:
    """What a client makes of a walker: bones (name -> pose (6,) relative to the parent) and their `share`, 0 to 1."""

    bones: dict[str, Poses] = field(default_factory=dict)
    share: float = 0.0


def resting(table: ActorTable, row: int) -> Poses:
    """Resting poses (bones, 6) relative to each bone's parent; the skeleton has the walker's height."""
    scale = 2.0 * table.box_extent[row, 2] / ADULT_HEIGHT_M
    relative = np.zeros((len(BONES), 6))
    relative[:, :3] = scale * np.array([bone.offset for bone in BONES])
    return relative


def skeleton(table: ActorTable, row: int, custom: CustomPose) -> Skeleton:
    """The bones of a walker: at rest, as far as a client has not posed them."""
    relative = resting(table, row)
    for name, pose in custom.bones.items():
        if name in INDEX:
            gap = pose - relative[INDEX[name]]
            gap[3:] = wrap_angle(gap[3:])
            relative[INDEX[name]] += custom.share * gap
    component = np.zeros_like(relative)
    for i, bone in enumerate(BONES):
        component[i] = compose(component[INDEX[bone.parent]], relative[i]) if bone.parent else relative[i]
    body = np.concatenate([table.location[row], table.rotation[row]])
    return Skeleton(compose(np.tile(body, (len(BONES), 1)), component), component, relative)
