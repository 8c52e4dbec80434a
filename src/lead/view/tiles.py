"""A town's roads as a picture from above, painted tile by tile where it is looked at."""

import math
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import carla
import cv2
import numpy as np
from numpy.typing import NDArray

from lead.routes import LaneGraph

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

TILE_M = 160.0
_REACH = 12.0  # metres beyond a tile in which lanes may still touch it
_STEP = 2  # every so many samples (a metre apart) one piece of lane is painted

BROKEN = (carla.LaneMarkingType.Broken, carla.LaneMarkingType.BrokenBroken)
UNSEEN = (carla.LaneMarkingType.NONE, carla.LaneMarkingType.Curb, carla.LaneMarkingType.Grass)

# Blue, green, red.
BACKGROUND: Colour = (42, 40, 38)
_WHITE: Colour = (205, 205, 205)
_YELLOW: Colour = (70, 185, 225)


def _line_colour(marking: carla.LaneMarking, s: float) -> Colour | None:
    gap = marking.type in BROKEN and s % 8.0 > 4.0
    if gap or marking.type in UNSEEN:
        return None
    return _YELLOW if marking.color == carla.LaneMarkingColor.Yellow else _WHITE


@dataclass(frozen=True)
class TownLook:
    """How a town is painted. `lines` says the colour of a lane marking at `s` metres along its road, None for none."""

    background: Colour
    surfaces: Mapping[carla.LaneType, Colour]
    lines: Callable[[carla.LaneMarking, float], Colour | None]
    line_width: int = 1
    smooth: bool = True


FOR_PEOPLE = TownLook(
    background=BACKGROUND,
    surfaces=MappingProxyType(
        {
            carla.LaneType.Driving: (80, 78, 76),
            carla.LaneType.Bidirectional: (80, 78, 76),
            carla.LaneType.Shoulder: (68, 66, 64),
            carla.LaneType.Parking: (88, 82, 76),
            carla.LaneType.Biking: (76, 88, 72),
            carla.LaneType.Sidewalk: (108, 108, 110),
        }
    ),
    lines=_line_colour,
)


class TownTiles:
    """Pictures of one town, `scale` pixels a metre, x to the right and y down (north up)."""

    def __init__(self, graph: LaneGraph, scale: float, look: TownLook = FOR_PEOPLE):
        self._map = graph.carla_map
        self._points = np.asarray(graph.arrays.point, dtype=np.float64)[::_STEP]
        self._scale = scale
        self._look = look
        self._line_type = cv2.LINE_AA if look.smooth else cv2.LINE_8
        self._size = round(TILE_M * scale)
        self._tiles: dict[tuple[int, int], Image] = {}
        self._mosaic: Image = np.empty((0, 0, 3), np.uint8)
        self._middle: tuple[int, int] | None = None

    def around(self, x: float, y: float) -> tuple[Image, tuple[float, float]]:
        """The nine tiles round a place as one picture (h, w, 4), and the place's pixel (column, row) in it.

        The fourth channel is only there because OpenCV turns such pictures faster. The picture reaches at least
        `TILE_M` metres in every direction; it is reused, so do not paint on it.
        """
        middle = (math.floor(x / TILE_M), math.floor(y / TILE_M))
        if middle != self._middle:
            rows = [[self._tile(middle[0] + i, middle[1] + j) for i in (-1, 0, 1)] for j in (-1, 0, 1)]
            mosaic = np.concatenate([np.concatenate(row, axis=1) for row in rows])
            self._mosaic = np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BGR2BGRA), np.uint8)
            self._middle = middle
        column = (x - (middle[0] - 1) * TILE_M) * self._scale
        row = (y - (middle[1] - 1) * TILE_M) * self._scale
        return self._mosaic, (column, row)

    def _tile(self, i: int, j: int) -> Image:
        if (i, j) not in self._tiles:
            self._tiles[i, j] = self._paint(i * TILE_M, j * TILE_M)
        return self._tiles[i, j]

    def _paint(self, left: float, top: float) -> Image:
        image = np.full((self._size, self._size, 3), self._look.background, np.uint8)
        origin = np.array([left, top])
        inside = ((self._points[:, :2] > origin - _REACH) & (self._points[:, :2] < origin + TILE_M + _REACH)).all(1)
        places = [carla.Location(*point) for point in self._points[inside].tolist()]
        lanes = [waypoint for place in places if (waypoint := self._map.get_waypoint(place)) is not None]
        beside = [neighbour for lane in lanes for neighbour in _roadside(lane, self._look.surfaces)]
        for waypoint in beside + lanes:
            self._paint_surface(image, waypoint, origin)
        for waypoint in lanes:
            self._paint_markings(image, waypoint, origin)
        return image

    def _paint_surface(self, image: Image, waypoint: carla.Waypoint, origin: NDArray[np.float64]) -> None:
        half_width = waypoint.lane_width / 2.0
        # Pavements lie on the outside of bends, where pieces of the lane's length would leave gaps.
        half_length = _STEP / 2.0 + (0.4 if waypoint.lane_type == carla.LaneType.Driving else 1.2)
        corners = [(half_length, -half_width), (half_length, half_width)]
        corners += [(-x, -y) for x, y in corners]
        pixels = self._pixels(waypoint, corners, origin)
        cv2.fillConvexPoly(image, pixels, self._look.surfaces[waypoint.lane_type], self._line_type, 4)

    def _paint_markings(self, image: Image, waypoint: carla.Waypoint, origin: NDArray[np.float64]) -> None:
        half = waypoint.lane_width / 2.0
        for marking, side in ((waypoint.left_lane_marking, -half), (waypoint.right_lane_marking, half)):
            colour = self._look.lines(marking, waypoint.s)
            if colour is None:
                continue
            ends = self._pixels(waypoint, [(-_STEP / 2.0, side), (_STEP / 2.0, side)], origin)
            cv2.line(image, ends[0].tolist(), ends[1].tolist(), colour, self._look.line_width, self._line_type, 4)

    def _pixels(
        self, waypoint: carla.Waypoint, local: list[tuple[float, float]], origin: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Pixels (n, 2), in sixteenths, of points in a waypoint's frame."""
        place, yaw = waypoint.transform.location, math.radians(waypoint.transform.rotation.yaw)
        c, s = math.cos(yaw), math.sin(yaw)
        world = [(place.x + c * x - s * y, place.y + s * x + c * y) for x, y in local]
        return np.rint((np.array(world) - origin) * (16.0 * self._scale)).astype(np.int32)


def _roadside(lane: carla.Waypoint, painted: Container[carla.LaneType]) -> Iterator[carla.Waypoint]:
    """Lanes right of a driving lane up to the next one: shoulder, parking, pavement; those that are `painted`."""
    beside = lane.get_right_lane()
    while beside is not None and beside.lane_type != carla.LaneType.Driving:
        if beside.lane_type in painted:
            yield beside
        beside = beside.get_right_lane()
