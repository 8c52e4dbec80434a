"""Legs that follow a crank: where a cyclist's joints are, and how they turn with it."""

from collections.abc import Mapping

import numpy as np

from carlet.models.actor_model import Joint, Model
from carlet.models.shapes import Floats, turn
from carlet.models.vehicles.rider import bent

CRANK_LENGTH = 0.165
#: From the axle of a pedal to the ankle over it.
ANKLE = np.array((-0.05, 0.0, 0.125))
_LEGS = (
    (Joint.PEDAL_THIGH_LEFT, Joint.PEDAL_SHIN_LEFT, 1.0),
    (Joint.PEDAL_THIGH_RIGHT, Joint.PEDAL_SHIN_RIGHT, -1.0),
)


def ankle_at(crank: Floats, hip: Floats, side: float, pitch: float) -> Floats:
    """The ankle (3,) over a pedal: `side` 1 for the pedal that points forward at rest (the left one), -1 for the other;
    `pitch` of the crank (rad), which falls as one rides forward.
    """
    pedal = crank + turn(pitch, 1) @ (side * CRANK_LENGTH, 0.0, 0.0)
    return np.array((pedal[0], hip[1], pedal[2])) + ANKLE


def knee_at(hip: Floats, ankle: Floats, thigh: float, shin: float) -> Floats:
    """The knee (3,) of a leg of two lengths, which bends forward."""
    return bent(hip, ankle, thigh, shin, (1.0, 0.0, 0.4))


def pedal_angles(model: Model, pitch: float) -> Mapping[Joint, float]:
    """Pitch (rad) of each part of a cyclist's legs about its own origin, for the crank's pitch; nothing for models
    without a crank. All are zero for a crank at rest.
    """
    pivots = {part.joint: np.array(part.pivot) for part in model.parts}
    if Joint.CRANK not in pivots:
        return {}
    angles: dict[Joint, float] = {}
    for thigh, shin, side in _LEGS:
        hip = pivots[thigh]
        rest, now = (_leg(pivots[Joint.CRANK], hip, pivots[shin], side, crank) for crank in (0.0, pitch))
        angles[thigh] = now[0] - rest[0]
        angles[shin] = now[1] - rest[1] - angles[thigh]
    return angles


def _leg(crank: Floats, hip: Floats, to_knee: Floats, side: float, pitch: float) -> tuple[float, float]:
    """Directions of thigh and shin in the x-z plane (rad)."""
    rest = ankle_at(crank, hip, side, 0.0)
    ankle = ankle_at(crank, hip, side, pitch)
    thigh = float(np.linalg.norm(to_knee))
    knee = knee_at(hip, ankle, thigh, float(np.linalg.norm(rest - hip - to_knee)))
    return _direction(knee - hip), _direction(ankle - knee)


def _direction(line: Floats) -> float:
    return float(np.arctan2(line[2], line[0]))
