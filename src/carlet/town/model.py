"""What a town is once it is loaded: frozen arrays, in CARLA's frame (y = -OpenDRIVE y), metres and radians.

Headings and poses are those of travel: a lane with a positive OpenDRIVE id runs against its road's direction.
"""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.town import kernels, rays
from carlet.town.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEP_UP = 1.0
_GZIP_MAGIC = b"\x1f\x8b"


class TownError(Exception):
    """A town that cannot be had; the message is one sentence for people."""


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


#: The tag of a lane's surface, by `LaneKind`.
_KIND_TAGS = np.array(
    [
        {
            LaneKind.NONE: Tag.TERRAIN,
            LaneKind.SIDEWALK: Tag.SIDEWALK,
            LaneKind.MEDIAN: Tag.GROUND,
            LaneKind.RESTRICTED: Tag.GROUND,
            LaneKind.OTHER: Tag.GROUND,
        }.get(kind, Tag.ROAD)
        for kind in LaneKind
    ],
    dtype=np.uint8,
)


def _freeze(owner: Any) -> None:
    """Make all arrays of a dataclass contiguous and read-only, so that kernels are compiled for one kind only."""
    for item in fields(owner):
        value = getattr(owner, item.name)
        if isinstance(value, np.ndarray):
            value = np.ascontiguousarray(value)
            value.setflags(write=False)
            object.__setattr__(owner, item.name, value)


class Hits(NamedTuple):
    """Where rays cross level geometry: `ray` (h,) rows, ascending, nearest hits of a ray first, `point` (h, 3),
    `tag` (h,) semantic tags, `box` (h,) the scenery row or -1.
    """

    ray: Ints
    point: Floats
    tag: NDArray[np.uint8]
    box: Ints


class Nearest(NamedTuple):
    """Places on lanes nearest to k points: `lane` (k,) rows (-1 none), `sample` (k,) the sample before, `fraction` (k,)
    of the way to the next one, `lateral` (k,) metres to the right of the centre, `distance` (k,) to it in space.
    """

    lane: Ints
    sample: Ints
    fraction: Floats
    lateral: Floats
    distance: Floats


@dataclass(frozen=True)
class Lanes:
    """Lanes cut into samples along their centre lines.

    Lane columns (n lanes): `road_id`, `section`, `lane_id`, `kind`, `junction_id` (-1 outside), `first` and `count`
    of its samples, which follow in the direction of travel. The lanes that go on from lane i are
    `next_lane[next_first[i]:next_first[i + 1]]`.
    Sample columns (m samples): `point` (m, 3), `heading` (m,), `width` (m,), `s` (m,) along the road,
    `speed_limit_kmh` (m,), `lane` (m,) the lane's row, `bank` (m,) rise per metre to the right of travel,
    `rise` (m,) of the surface over the centre line's height (raised pavements).
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
    bank: Floats
    rise: Floats
    next_first: Ints
    next_lane: Ints
    grid: Grid

    def __post_init__(self) -> None:
        _freeze(self)

    def nearest(self, points: ArrayLike, kinds: Iterable[LaneKind] = (LaneKind.DRIVING,)) -> Nearest:
        """The places on lanes of `kinds` nearest to `points` (k, 3), as CARLA's client finds waypoints."""
        points = np.array(points, dtype=np.float64).reshape(-1, 3)
        mask = sum(1 << int(kind) for kind in set(kinds))
        sample, fraction, lateral, distance = kernels.nearest_strips(
            points, mask, self.kind, self.lane, self.point, self.heading, *self.grid.arrays
        )
        return Nearest(np.where(sample >= 0, self.lane[sample], -1), sample, fraction, lateral, distance)

    def poses(self, sample: Ints, fraction: Floats) -> Floats:
        """Poses (k, 6) on the centre lines, `fraction` of the way from `sample` to the next; level."""
        after = np.minimum(sample + 1, len(self.lane) - 1)
        turn = (self.heading[after] - self.heading[sample] + np.pi) % (2.0 * np.pi) - np.pi
        poses = np.zeros((len(sample), 6))
        poses[:, :3] = self.point[sample] + fraction[:, None] * (self.point[after] - self.point[sample])
        poses[:, 4] = self.heading[sample] + fraction * turn
        return poses


@dataclass(frozen=True)
class Lights:
    """Traffic lights, one row an actor, and the stop lines that they govern.

    `pose` (n, 6): the actor; its x axis lies ACROSS the governed lanes. `box_centre`, `box_extent` (n, 3) and
    `box_yaw` (n,): the trigger volume in the actor's frame, centred on the stop line. `junction_id`: the group.
    `controller` (n,): index of the OpenDRIVE controller within its group, in order of registration.
    A group is a junction's OpenDRIVE id, or below -1 for lights outside junctions.
    Stop lines (k rows): `line_pose` (k, 6) at the lane centre on the line, x along the lane; `line_half_width` (k,);
    `line_light` (k,) the light's row; `line_lane` (k,) the row of the lane that has to stop.
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
    line_lane: Ints

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True)
class Signs:
    """Stop, yield, speed limit and other signs that are actors, one row each; boxes as in `Lights`."""

    sign_id: list[str]
    type_id: list[str]
    pose: Floats
    box_centre: Floats
    box_extent: Floats
    box_yaw: Floats

    def __post_init__(self) -> None:
        _freeze(self)


#: Types and colours of road marks, by code.
MARK_TYPES = (
    "solid",
    "broken",
    "solid solid",
    "solid broken",
    "broken solid",
    "broken broken",
    "botts dots",
    "grass",
    "curb",
    "other",
)
MARK_COLOURS = ("standard", "white", "yellow", "red", "blue", "green", "orange")


@dataclass(frozen=True)
class Marks:
    """Paint and kerbs along lane borders, one row a stretch (n): on the outer border of lane `lane_id` of `section` of
    road `road_id` (lane 0: the centre line), from `start` to `end` metres along the road, `width` wide; `type` and
    `colour` are codes of `MARK_TYPES` and `MARK_COLOURS`.
    """

    road_id: Ints
    section: Ints
    lane_id: Ints
    start: Floats
    end: Floats
    width: Floats
    type: NDArray[np.uint8]
    colour: NDArray[np.uint8]

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True)
class Scenery:
    """Level objects, n rows. Their upright boxes: `centre` (n, 3), `extent` (n, 3) half sizes, `yaw` (n,); `tag` (n,)
    and `name`. What of them is solid, of a tree only its trunk, are upright boxes of the same yaw: `solid_centre` (n,
    3), `solid_extent` (n, 3), zero where nothing is.

    How they are drawn: `kind` (n,) of `carlet.town.objects.ObjectKind`, `model` (n,) among its kind's, `origin` (n, 3)
    of their own frame, `size` (n, 3) as their kind has it, `seed` (n,). `source` (n,): the row of the traffic light,
    the sign or the street lamp that they are, else -1. `lean`: with few triangles. `grid` lists them by the ground
    under their boxes.
    """

    centre: Floats
    extent: Floats
    yaw: Floats
    tag: NDArray[np.uint8]
    name: list[str]
    solid_centre: Floats
    solid_extent: Floats
    kind: NDArray[np.uint8]
    model: NDArray[np.uint8]
    origin: Floats
    size: Floats
    seed: NDArray[np.uint32]
    source: Ints
    lean: bool
    grid: Grid

    def __post_init__(self) -> None:
        _freeze(self)

    def __len__(self) -> int:
        return len(self.yaw)

    def near(self, point: ArrayLike, radius: float) -> Ints:
        """Rows (k,), ascending, of the boxes whose grid cells come within `radius` of `point` (2,) or (3,)."""
        return self.grid.around(np.asarray(point, dtype=np.float64)[:2], radius)


@dataclass(frozen=True)
class Terrain:
    """The land off the roads: `height` (rows, columns) at nodes `origin` + `spacing` * (column, row)."""

    height: NDArray[np.float32]
    origin: Floats
    spacing: float

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True)
class Ground:
    """What wheels and feet stand on, the lanes and else the terrain, and what rays meet: these and the scenery."""

    lanes: Lanes
    terrain: Terrain
    scenery: Scenery

    def heights(self, points: ArrayLike) -> tuple[Floats, Floats]:
        """Heights (k,) and normals (k, 3) of the ground under `points` (k, 3).

        Of several storeys it is the highest that lies at most 1 m over the point.
        """
        z, normals, _ = self.surfaces(points)
        return z, normals

    def surfaces(self, points: ArrayLike, step: float = _STEP_UP) -> tuple[Floats, Floats, Ints]:
        """`heights` with the lane row (k,) of each surface, -1 on terrain; surfaces may lie `step` over the point."""
        points = np.array(points, dtype=np.float64).reshape(-1, 3)
        lanes, terrain = self.lanes, self.terrain
        z, normals, strips = kernels.ground_heights(
            points,
            step,
            lanes.point,
            lanes.heading,
            lanes.width,
            lanes.bank,
            lanes.rise,
            *lanes.grid.arrays,
            terrain.height,
            terrain.origin,
            terrain.spacing,
        )
        return z, normals, np.where(strips >= 0, lanes.lane[strips], -1)

    def covered(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether a lane of any kind, at any height, covers each of `points` (k, 2)."""
        points = np.array(points, dtype=np.float64).reshape(-1, 2)
        lanes = self.lanes
        return kernels.covered(
            points, lanes.point, lanes.heading, lanes.width, lanes.bank, lanes.rise, *lanes.grid.arrays
        )

    def cast(self, origins: ArrayLike, ends: ArrayLike) -> Hits:
        """Crossings of the rays from `origins` (k, 3) to `ends` (k, 3) with ground and scenery, at most 24 a ray."""
        origins = np.array(origins, dtype=np.float64).reshape(-1, 3)
        ends = np.array(ends, dtype=np.float64).reshape(-1, 3)
        lanes, scenery = self.lanes, self.scenery
        counts, fractions, things = rays.cast(
            origins,
            ends,
            (lanes.point, lanes.heading, lanes.width, lanes.bank, lanes.rise),
            lanes.grid.arrays,
            (self.terrain.height, self.terrain.origin, self.terrain.spacing),
            (scenery.solid_centre, scenery.solid_extent, scenery.yaw),
            scenery.grid.arrays,
        )
        valid = np.arange(fractions.shape[1]) < counts[:, None]
        ray, thing = np.nonzero(valid)[0], things[valid]
        point = origins[ray] + fractions[valid][:, None] * (ends - origins)[ray]
        tag = np.full(len(ray), Tag.TERRAIN, np.uint8)
        strip, box = thing >= 0, np.where(thing <= -2, -2 - thing, -1)
        tag[strip] = _KIND_TAGS[lanes.kind[lanes.lane[thing[strip]]]]
        tag[box >= 0] = scenery.tag[box[box >= 0]]
        return Hits(ray, point, tag, box)


@dataclass(frozen=True)
class Town:
    """One loaded town.

    `packed`: its OpenDRIVE text, gzipped or plain. `geo_origin`: latitude and longitude (deg) of x = y = 0.
    `spawn_points` (n, 6) poses. `crosswalks`: closed outlines, points (k, 3) with `crosswalk` (k,) their number.
    `large`: streamed around heroes. `extent`: xmin, ymin, xmax, ymax; beyond it is a wall.
    """

    name: str = field(metadata={"stored": False})
    packed: bytes = field(metadata={"stored": False}, repr=False)
    geo_origin: tuple[float, float]
    lanes: Lanes
    terrain: Terrain
    lights: Lights
    signs: Signs
    spawn_points: Floats
    crosswalks: Floats
    crosswalk: Ints
    marks: Marks
    scenery: Scenery
    large: bool
    extent: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        _freeze(self)

    @cached_property
    def opendrive(self) -> str:
        """The OpenDRIVE text, unpacked when first asked for."""
        packed = gzip.decompress(self.packed) if self.packed.startswith(_GZIP_MAGIC) else self.packed
        return packed.decode("utf-8", errors="replace")

    @cached_property
    def ground(self) -> Ground:
        """The surfaces of this town."""
        return Ground(self.lanes, self.terrain, self.scenery)
