"""Who sits on a two-wheeler: a figure between its seat, its grips and its pedals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from carlet.models.shapes import Floats, box, loft, sphere, tube, turn
from carlet.models.vehicles.facts import Triple
from carlet.models.vehicles.pieces import Piece, piece

#: The semantic tag of riders.
RIDER_TAG = 13
SIDES = 4
_HEAD = (0.125, 0.105, 0.145)
_SHOULDER = np.array((-0.01, 0.185, -0.06))


@dataclass(frozen=True)
class Pose:
    """Where a rider is (m): `hip` (x, z) in the middle, the right `hand` (x, y, z), the top of the head, how far the
    elbows stick out (y), the length of the back. `helmet`: a full one with a visor.
    """

    hip: tuple[float, float]
    hand: tuple[float, float, float]
    top: float
    elbow: float
    back: float = 0.54
    helmet: bool = True


def neck_of(pose: Pose) -> Floats:
    """Where the back ends (3,): it leans forward as far as its length and the height of the head ask for."""
    z = pose.top - 2.0 * _HEAD[2] + 0.02
    rise = z - pose.hip[1]
    lean = np.sqrt(max(pose.back**2 - rise**2, 0.05**2))
    return np.array((pose.hip[0] + lean, 0.0, z))


def upper_body(pose: Pose) -> list[Piece]:
    """Back, head and the right arm with its mirror image."""
    neck = neck_of(pose)
    hip = np.array((pose.hip[0], 0.0, pose.hip[1]))
    spine = neck - hip
    tilt = np.arctan2(spine[0], spine[2])
    shares, widths, depths = (-0.12, 0.35, 0.82, 1.0), (0.17, 0.145, 0.19, 0.07), (0.11, 0.10, 0.115, 0.06)
    angle = np.arange(6) * (np.pi / 3.0)
    rings = [
        (np.stack([d * np.sin(angle), w * np.cos(angle), 0.0 * angle], axis=1) @ turn(-tilt, 1).T) + hip + share * spine
        for share, w, d in zip(shares, widths, depths, strict=True)
    ]
    arm = _arm(pose, neck)
    return [piece("car_second", loft(np.array(rings))), *_head(pose, neck), *arm, *_mirrored(arm)]


def limb(start: Floats | Triple, end: Floats | Triple, thick: float, thin: float) -> Floats:
    """A part of an arm or leg."""
    return tube(np.array([start, end]), [thick, thin], sides=SIDES)


def shoe(ankle: Floats) -> Floats:
    """A shoe about an ankle (3,)."""
    return box(ankle + (-0.07, -0.045, -0.10), ankle + (0.17, 0.045, -0.01), ("-x", "+x", "-y", "+y", "+z"))


def bent(start: ArrayLike, end: ArrayLike, first: float, second: float, towards: ArrayLike) -> Floats:
    """The joint (3,) of a limb of two lengths from start to end that bends `towards` a direction."""
    start, end = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    reach = np.linalg.norm(end - start)
    axis = (end - start) / reach
    along = np.clip((first**2 - second**2 + reach**2) / (2.0 * reach), -first, first)
    aside = np.asarray(towards, dtype=np.float64) - np.dot(towards, axis) * axis
    return start + axis * along + aside / np.linalg.norm(aside) * np.sqrt(max(first**2 - along**2, 0.0))


def resting_leg(hip: tuple[float, float], foot: tuple[float, float, float]) -> list[Piece]:
    """Both legs of a rider whose feet stand still: `foot` (3,) is the right ankle."""
    start, ankle = np.array((hip[0], 0.09, hip[1])), np.array(foot)
    length = max(0.43, 0.52 * float(np.linalg.norm(ankle - start)))
    knee = bent(start, ankle, length, length, (1.0, 0.25, 0.6))
    leg = [
        piece("rider_trousers", limb(start, knee, 0.085, 0.062), limb(knee, ankle, 0.062, 0.045)),
        piece("rider_shoes", shoe(ankle)),
    ]
    return [*leg, *_mirrored(leg)]


def _arm(pose: Pose, neck: Floats) -> list[Piece]:
    shoulder, hand = neck + _SHOULDER, np.array(pose.hand)
    elbow = (shoulder + hand) / 2.0 + (-0.04, 0.0, -0.05)
    elbow[1] = pose.elbow - 0.045
    fore = "car_second" if pose.helmet else "skin"
    return [piece("car_second", limb(shoulder, elbow, 0.06, 0.047)), piece(fore, limb(elbow, hand, 0.045, 0.035))]


def _head(pose: Pose, neck: Floats) -> list[Piece]:
    ball = sphere(_HEAD, sides=6, rings=5)
    middle = ball.mean(axis=1)
    ball = ball + (neck[0] + 0.04, 0.0, pose.top - _HEAD[2])
    if pose.helmet:
        covered = ~((middle[:, 0] > 0.05) & (np.abs(middle[:, 2]) < 0.08))
        return [piece("rider_helmet", ball[covered]), piece("car_glass", ball[~covered])]
    covered = middle[:, 2] - 0.6 * middle[:, 0] > -0.02
    return [piece("rider_helmet", ball[covered]), piece("skin", ball[~covered])]


def _mirrored(pieces: list[Piece]) -> list[Piece]:
    return [Piece(part.corner[:, ::-1] * (1.0, -1.0, 1.0), part.material) for part in pieces]
