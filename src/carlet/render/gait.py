"""How people's limbs swing as they stand, walk and run, and as clients pose them.

Limbs hang down -z from their joints; a positive pitch swings them forward. Angles are `pitch yaw roll` (rad).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.actors.bones import CustomPose
from carlet.geometry import rotation_angles, rotation_matrices
from carlet.models.actor_model import Joint

Floats = NDArray[np.float64]

#: Joints in the order of the columns of limb angles; limb = joint - `LIMBS[0]`.
LIMBS = (
    Joint.HEAD,
    Joint.UPPER_ARM_LEFT,
    Joint.UPPER_ARM_RIGHT,
    Joint.FOREARM_LEFT,
    Joint.FOREARM_RIGHT,
    Joint.THIGH_LEFT,
    Joint.THIGH_RIGHT,
    Joint.SHIN_LEFT,
    Joint.SHIN_RIGHT,
)
HEAD, ARM_LEFT, ARM_RIGHT, FOREARM_LEFT, FOREARM_RIGHT, THIGH_LEFT, THIGH_RIGHT, SHIN_LEFT, SHIN_RIGHT = range(9)
#: The bones between the trunk, or the limb above, and the end of each limb.
BONES_OF_LIMBS = (
    ("crl_neck__C", "crl_Head__C"),
    ("crl_shoulder__L", "crl_arm__L"),
    ("crl_shoulder__R", "crl_arm__R"),
    ("crl_foreArm__L",),
    ("crl_foreArm__R",),
    ("crl_thigh__L",),
    ("crl_thigh__R",),
    ("crl_leg__L",),
    ("crl_leg__R",),
)

#: An adult's leg, the length to which steps are scaled (m), and the steps at a walk and at a run (m).
LEG_M, WALK_STEP_M, RUN_STEP_M = 0.9, 0.75, 1.3
STANDS_BELOW_MPS, STRIDES_ABOVE_MPS = 0.1, 0.7
#: An adult changes from walking to running between these speeds (m/s).
RUN_MPS = (2.2, 2.8)
#: Half swing of the thighs, their extra lift as they come forward, bend of the knee in the air and on the ground,
#: half swing of the arms, bend of the elbow, lean of the trunk (rad): at a walk, at a run.
WALK = (0.42, 0.20, 0.88, 0.10, 0.38, 0.30, 0.02)
RUN = (0.60, 0.40, 1.55, 0.25, 0.75, 1.45, 0.14)
REST_ELBOW, ARM_SPREAD, IDLE_HEAD = 0.12, 0.05, 0.25
BOUNCE_M = 0.04
#: From a sine (0) to a zigzag (1), in which feet on the ground do not slip: how evenly thighs swing.
EVEN = 0.95


class Legs(NamedTuple):
    """Measures of k people (k,), m: lengths of thigh and shin (down to the sole), how far heel and toe reach along x,
    height of the hip over the actor's origin. A thigh of zero: does not walk.
    """

    thigh: Floats
    shin: Floats
    heel: Floats
    toe: Floats
    hip: Floats


class Gait(NamedTuple):
    """Poses of k people: `limbs` (k, 9, 3) angles; `rise` (k,) of the trunk, m; `lean` (k,) forward, rad."""

    limbs: Floats
    rise: Floats
    lean: Floats


class CustomLimbs(NamedTuple):
    """What clients make of j actors: their rows (j,), angles of all limbs (j, 9, 3) and shares (j, 9), 0 to 1."""

    actor: NDArray[np.intp]
    angles: Floats
    share: Floats


def limb_angles(custom: CustomPose) -> tuple[Floats, Floats]:
    """Angles (9, 3) of the limbs in a client's pose, and to what share (9,) they replace the walker's own."""
    angles, share = np.zeros((len(LIMBS), 3)), np.zeros(len(LIMBS))
    for limb, bones in enumerate(BONES_OF_LIMBS):
        posed = [rotation_matrices(custom.bones[bone][3:]) for bone in bones if bone in custom.bones]
        if posed:
            angles[limb] = rotation_angles(np.linalg.multi_dot(posed) if len(posed) > 1 else posed[0])
            share[limb] = custom.share
    return angles, share


def gait(legs: Legs, travelled: Floats, speed: Floats, idle: Floats, time_s: float) -> Gait:
    """Poses of people who have walked `travelled` (k,) metres and go at `speed` (k,) m/s. The lower foot touches the
    ground. `idle` (k,) rad sets apart how they look around while they stand.
    """
    size = np.maximum(legs.thigh + legs.shin, 1e-3) / LEG_M
    pace = np.abs(speed) / np.sqrt(size)
    run = np.clip((pace - RUN_MPS[0]) / (RUN_MPS[1] - RUN_MPS[0]), 0.0, 1.0)
    vigour = np.clip((pace - STANDS_BELOW_MPS) / (STRIDES_ABOVE_MPS - STANDS_BELOW_MPS), 0.0, 1.0)
    swing, lift, bend, give, arms, elbow, lean = vigour * (np.outer(WALK, 1.0 - run) + np.outer(RUN, run))
    phase = np.pi * travelled / (size * np.where(run > 0.5, RUN_STEP_M, WALK_STEP_M))
    forth, limbs = np.cos(phase), np.zeros((len(phase), len(LIMBS), 3))
    even = np.arcsin(EVEN * forth) / np.arcsin(EVEN)
    for side, sign in enumerate((1.0, -1.0)):
        carried = np.maximum(0.0, -sign * np.sin(phase + 0.45)) ** 2
        limbs[:, THIGH_LEFT + side, 0] = sign * even * swing + lift * carried
        limbs[:, SHIN_LEFT + side, 0] = -give - bend * carried
        limbs[:, ARM_LEFT + side, 0] = -sign * forth * arms - 0.1 * elbow
        limbs[:, ARM_LEFT + side, 2] = sign * ARM_SPREAD
        limbs[:, FOREARM_LEFT + side, 0] = REST_ELBOW + elbow * (1.0 - 0.25 * sign * forth)
    calm = 1.0 - vigour
    limbs[:, HEAD, 0] = lean
    limbs[:, HEAD, 1] = calm * IDLE_HEAD * np.sin(0.5 * time_s + idle)
    limbs[:, ARM_LEFT : ARM_RIGHT + 1, 0] += (calm * 0.03 * np.sin(0.9 * time_s + 2.0 * idle))[:, None]
    rise = _reach(legs, limbs) - (legs.thigh + legs.shin) + BOUNCE_M * size * run * forth**2
    limbs[:, THIGH_LEFT : THIGH_RIGHT + 1, 0] += lean[:, None]
    return Gait(limbs, rise, lean)


def mixed(gait: Gait, custom: CustomLimbs) -> Gait:
    """The gait where clients do not pose the limbs, their poses where they do; posed legs do not lift the trunk."""
    limbs, rise, lean = gait.limbs.copy(), gait.rise.copy(), gait.lean.copy()
    limbs[custom.actor] += custom.share[:, :, None] * (custom.angles - limbs[custom.actor])
    free = 1.0 - custom.share.max(axis=1)
    rise[custom.actor] *= free
    lean[custom.actor] *= free
    return Gait(limbs, rise, lean)


def _reach(legs: Legs, limbs: Floats) -> Floats:
    """How far (k,) below the hip the lowest of heels and toes is."""
    thigh = limbs[:, THIGH_LEFT : THIGH_RIGHT + 1, 0]
    shin = thigh + limbs[:, SHIN_LEFT : SHIN_RIGHT + 1, 0]
    ankle = legs.thigh[:, None] * np.cos(thigh) + legs.shin[:, None] * np.cos(shin)
    slant = np.sin(shin)
    foot = np.maximum(-slant * legs.heel[:, None], -slant * legs.toe[:, None])
    return (ankle + foot).max(axis=1)
