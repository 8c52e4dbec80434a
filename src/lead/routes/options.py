"""What a route does, step by step."""

from enum import IntEnum


class RoadOption(IntEnum):
    """What to do next, with the numbers of CARLA's `RoadOption`."""

    VOID = -1
    LEFT = 1
    RIGHT = 2
    STRAIGHT = 3
    LANEFOLLOW = 4
    CHANGELANELEFT = 5
    CHANGELANERIGHT = 6


#: The options that leave a lane sideways.
LANE_CHANGES = (RoadOption.CHANGELANELEFT, RoadOption.CHANGELANERIGHT)
