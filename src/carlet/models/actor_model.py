"""Models of things that move: rigid parts on joints."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from carlet.models.mesh import Mesh

Floats = NDArray[np.float64]


class Joint(IntEnum):
    """How a part moves against its parent. Angles are CARLA's pitch, yaw and roll about the part's own origin."""

    #: Does not move.
    FIXED = 0
    #: Wheels spin about their y axis; those in front steer about z.
    WHEEL_FRONT_LEFT = 1
    WHEEL_FRONT_RIGHT = 2
    WHEEL_REAR_LEFT = 3
    WHEEL_REAR_RIGHT = 4
    #: Doors swing about their z axis, the hinge.
    DOOR_FRONT_LEFT = 5
    DOOR_FRONT_RIGHT = 6
    DOOR_REAR_LEFT = 7
    DOOR_REAR_RIGHT = 8
    #: Steers about z with the front wheel: fork and handlebar of a two-wheeler.
    FORK = 9
    #: Spins about y as the rider pedals.
    CRANK = 10
    #: Limbs swing about their y axis, hanging down along -z from their origin.
    HEAD = 11
    UPPER_ARM_LEFT = 12
    UPPER_ARM_RIGHT = 13
    FOREARM_LEFT = 14
    FOREARM_RIGHT = 15
    THIGH_LEFT = 16
    THIGH_RIGHT = 17
    SHIN_LEFT = 18
    SHIN_RIGHT = 19
    #: Rider's legs that follow the crank.
    PEDAL_THIGH_LEFT = 20
    PEDAL_THIGH_RIGHT = 21
    PEDAL_SHIN_LEFT = 22
    PEDAL_SHIN_RIGHT = 23


@dataclass(frozen=True)
class Part:
    """Triangles in a frame of their own, whose origin lies at `pivot` (3,) of the part `parent` (-1: of the actor)."""

    mesh: Mesh
    joint: Joint = Joint.FIXED
    pivot: tuple[float, float, float] = (0.0, 0.0, 0.0)
    parent: int = -1


@dataclass(frozen=True)
class Model:
    """Parts, parents before children; the first is the body. At rest, all angles zero, it fills its bounding box.

    `tints` (3, 3): linear colours for the tint slots of its materials, as far as an actor has none of its own.
    """

    parts: tuple[Part, ...]
    tints: Floats
