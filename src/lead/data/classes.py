"""Numbers of the classes in LEAD's labels, and how recorded ones become those that models learn."""

from enum import IntEnum

import numpy as np


class BoxClass(IntEnum):
    """Classes of boxes."""

    VEHICLE = 0
    WALKER = 1
    TRAFFIC_LIGHT = 2
    STOP_SIGN = 3
    SPECIAL = 4
    OBSTACLE = 5
    PARKING = 6
    BIKER = 7


class Column(IntEnum):
    """Columns of box arrays: centre and half sizes in pixels of the raster, yaw (rad), speed (m/s), brake, class, and
    how many radar points hit it."""

    X = 0
    Y = 1
    W = 2
    H = 3
    YAW = 4
    SPEED = 5
    BRAKE = 6
    CLASS = 7
    RADAR_POINTS = 8


class BevClass(IntEnum):
    """Classes of the semantic map from above."""

    UNLABELED = 0
    ROAD = 1
    LANE_MARKER = 2
    STOP_SIGN_AREA = 3
    VEHICLE = 4
    WALKER = 5
    OBSTACLE = 6
    PARKING = 7
    SPECIAL = 8
    BIKER = 9
    LIGHT_GREEN = 10
    LIGHT_RED = 11
    LIGHT_RED_SPECIAL = 12


BOX_CLASSES = len(BoxClass)

MAP_TO_BEV = np.zeros(256, np.uint8)
"""Recorded map classes to `BevClass`."""
MAP_TO_BEV[[1, 3, 4, 5]] = (BevClass.ROAD, BevClass.LANE_MARKER, BevClass.LANE_MARKER, BevClass.STOP_SIGN_AREA)

BOX_TO_BEV = {
    BoxClass.PARKING: BevClass.PARKING,
    BoxClass.OBSTACLE: BevClass.OBSTACLE,
    BoxClass.VEHICLE: BevClass.VEHICLE,
    BoxClass.SPECIAL: BevClass.SPECIAL,
    BoxClass.BIKER: BevClass.BIKER,
    BoxClass.WALKER: BevClass.WALKER,
}
"""What is painted for boxes, later ones over earlier ones."""

SEMANTIC_OF_CARLA = np.zeros(256, np.uint8)
"""CARLA's classes (with 29 cone, 30 special vehicle, 31 stop sign) to LEAD's ten grouped ones."""
for _grouped, _known in {1: (14, 15, 16, 18), 2: (1,), 3: (7,), 4: (12,), 5: (24,), 6: (29,), 7: (30,), 8: (31,),
                         9: (13, 19)}.items():  # fmt: skip
    SEMANTIC_OF_CARLA[list(_known)] = _grouped
