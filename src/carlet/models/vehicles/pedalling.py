"""Legs on a crank: where a cyclist's ankles and knees are."""

import numpy as np

from carlet.models.shapes import Floats, turn
from carlet.models.vehicles.rider import bent

CRANK_LENGTH = 0.165
#: From the axle of a pedal to the ankle over it.
ANKLE = np.array((-0.05, 0.0, 0.125))


def ankle_at(crank: Floats, hip: Floats, side: float, pitch: float) -> Floats:
    """The ankle (3,) over a pedal: `side` 1 for the pedal that points forward at rest (the left one), -1 for the other;
    `pitch` of the crank (rad), which falls as one rides forward.
    """
    pedal = crank + turn(pitch, 1) @ (side * CRANK_LENGTH, 0.0, 0.0)
    return np.array((pedal[0], hip[1], pedal[2])) + ANKLE


def knee_at(hip: Floats, ankle: Floats, thigh: float, shin: float) -> Floats:
    """The knee (3,) of a leg of two lengths, which bends forward."""
    return bent(hip, ankle, thigh, shin, (1.0, 0.0, 0.4))
