"""What road users are to a driver."""

from enum import IntEnum


class Kind(IntEnum):
    """What an actor is to a driver."""

    VEHICLE = 0
    BICYCLE = 1
    WALKER = 2
    OBSTACLE = 3
