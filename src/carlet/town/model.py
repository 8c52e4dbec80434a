"""What a town is once it is loaded: frozen arrays, in CARLA's frame (y = -OpenDRIVE y), metres and radians.

Headings and poses are those of travel: a lane with a positive OpenDRIVE id runs against its road's direction.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class LaneKind(IntEnum):
    """Lane types of OpenDRIVE that towns use."""

    NONE = 0
    DRIVING = 1
    SHOULDER = 2
    SIDEWALK = 3
    PARKING = 4
    BIKING = 5
    BIDIRECTIONAL = 6
    MEDIAN = 7
    BORDER = 8
    RESTRICTED = 9
    OTHER = 10


class Tag(IntEnum):
    """Semantic tags of CARLA 0.9.16 that level geometry carries."""

    NONE = 0
    ROAD = 1
    SIDEWALK = 2
    BUILDING = 3
    WALL = 4
    FENCE = 5
    POLE = 6
    TRAFFIC_LIGHT = 7
    TRAFFIC_SIGN = 8
    VEGETATION = 9
    TERRAIN = 10
    SKY = 11
    PEDESTRIAN = 12
    RIDER = 13
    CAR = 14
    TRUCK = 15
    BUS = 16
    TRAIN = 17
    MOTORCYCLE = 18
    BICYCLE = 19
    STATIC = 20
    DYNAMIC = 21
    OTHER = 22
    WATER = 23
    ROAD_LINE = 24
    GROUND = 25
    BRIDGE = 26
    RAIL_TRACK = 27
    GUARD_RAIL = 28


@dataclass(frozen=True)
class Lanes:
    """Lanes cut into samples along their centre lines.

    Lane columns (n lanes): `road_id`, `section`, `lane_id`, `kind`, `junction_id` (-1 outside), `first` and `count`
    of its samples, which follow in the direction of travel.
    Sample columns (m samples): `point` (m, 3), `heading` (m,), `width` (m,), `s` (m,) along the road,
    `speed_limit_kmh` (m,), `lane` (m,) the lane's row.
    """

    road_id: Ints
    section: Ints
    lane_id: Ints
    kind: NDArray[np.uint8]
    junction_id: Ints
    first: Ints
    count: Ints
    point: Floats
    heading: Floats
    width: Floats
    s: Floats
    speed_limit_kmh: Floats
    lane: Ints


@dataclass(frozen=True)
class Lights:
    """Traffic lights, one row an actor, and the stop lines that they govern.

    `pose` (n, 6): the actor; its x axis lies ACROSS the governed lanes. `box_centre`, `box_extent` (n, 3) and
    `box_yaw` (n,): the trigger volume in the actor's frame, centred on the stop line. `junction_id`: the group.
    `controller` (n,): index of the OpenDRIVE controller within its group, in order of registration.
    Stop lines (k rows): `line_pose` (k, 6) at the lane centre on the line, x along the lane; `line_half_width` (k,);
    `line_light` (k,) the light's row.
    """

    sign_id: list[str]
    pose: Floats
    box_centre: Floats
    box_extent: Floats
    box_yaw: Floats
    junction_id: Ints
    controller: Ints
    line_pose: Floats
    line_half_width: Floats
    line_light: Ints


@dataclass(frozen=True)
class Signs:
    """Stop, yield, speed limit and other signs that are actors, one row each; boxes as in `Lights`."""

    sign_id: list[str]
    type_id: list[str]
    pose: Floats
    box_centre: Floats
    box_extent: Floats
    box_yaw: Floats


@dataclass(frozen=True)
class Scenery:
    """Solid level objects as upright boxes: `centre` (n, 3), `extent` (n, 3) half sizes, `yaw` (n,), `tag` (n,)."""

    centre: Floats
    extent: Floats
    yaw: Floats
    tag: NDArray[np.uint8]
    name: list[str]
