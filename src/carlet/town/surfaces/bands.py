"""Bands: neighbouring lanes of one section that look alike, between two borders."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from carlet.town.model import MARK_TYPES, Floats, Ints, LaneKind, Marks, Tag, Town
from carlet.town.sampling import expand
from carlet.town.surfaces.borders import Borders

WIDEST_KERB = 0.8
_NARROWEST = 0.01
_LEVEL = 1e-3


class Surface(IntEnum):
    """What a band is made of; where bands of different roads overlap, the lower number lies on top."""

    ROADWAY = 0
    SHOULDER = 1
    KERB = 2
    PAVEMENT = 3
    ISLAND = 4
    #: Lanes without a use that kerbs enclose: a street closed to traffic.
    CLOSED = 5
    VERGE = 6


#: The semantic tag of each surface.
SURFACE_TAGS = np.array([Tag.ROAD, Tag.ROAD, Tag.ROAD, Tag.SIDEWALK, Tag.GROUND, Tag.TERRAIN, Tag.TERRAIN], np.uint8)

_OF_KIND = np.array(
    [
        {
            LaneKind.NONE: Surface.VERGE,
            LaneKind.SHOULDER: Surface.SHOULDER,
            LaneKind.BORDER: Surface.SHOULDER,
            LaneKind.SIDEWALK: Surface.PAVEMENT,
            LaneKind.MEDIAN: Surface.ISLAND,
            LaneKind.RESTRICTED: Surface.ISLAND,
            LaneKind.OTHER: Surface.ISLAND,
        }.get(kind, Surface.ROADWAY)
        for kind in LaneKind
    ]
)


#: Between the lanes of a junction these are more of the same asphalt.
_PAVED_IN_JUNCTIONS = (Surface.SHOULDER, Surface.CLOSED, Surface.VERGE)


@dataclass(frozen=True)
class Bands:
    """Bands (n,), section by section from left to right: the `section`, the `left` and `right` border's number there,
    the `surface`, the `junction` (-1 outside), and `lane`, the row of the town's leftmost lane in it.
    """

    section: Ints
    left: Ints
    right: Ints
    surface: Ints
    junction: Ints
    lane: Ints

    def __len__(self) -> int:
        return len(self.section)


def build_bands(town: Town, borders: Borders) -> Bands:
    """The bands of all sections; lanes that have no width anywhere are in none."""
    lanes = town.lanes
    section, slot = expand(borders.lanes)
    lane = borders.lane
    surface = _surfaces(town, borders, section, slot)
    wide = np.maximum.reduceat(lanes.width, lanes.first)[lane] > _NARROWEST
    height = _heights(borders, section, slot)[wide]
    section, slot, lane, surface = section[wide], slot[wide], lane[wide], surface[wide]
    joined = (section[1:] == section[:-1]) & (slot[1:] == slot[:-1] + 1) & (surface[1:] == surface[:-1])
    joined &= (height[1:] == height[:-1]).all(axis=1)
    starts = np.flatnonzero(np.append(True, ~joined))
    ends = np.append(starts[1:], len(section)) - 1
    return Bands(
        section=section[starts],
        left=slot[starts],
        right=slot[ends] + 1,
        surface=surface[starts],
        junction=lanes.junction_id[lane[starts]],
        lane=lane[starts],
    )


def _heights(borders: Borders, section: Ints, slot: Ints) -> Floats:
    """Least and greatest rise (n, 2) of lanes; a lane whose rise changes gets numbers that no other has."""
    starts = borders.rise_first[section] + slot * borders.stations[section]
    height = np.stack([np.minimum.reduceat(borders.rise, starts), np.maximum.reduceat(borders.rise, starts)], axis=1)
    changing = height[:, 1] - height[:, 0] > _LEVEL
    height[changing, 1] = 10.0 + np.flatnonzero(changing)
    return height


def _surfaces(town: Town, borders: Borders, section: Ints, slot: Ints) -> Ints:
    """The surface (n,) of each lane in the order of `borders.lane`."""
    lanes, lane = town.lanes, borders.lane
    surface = _OF_KIND[lanes.kind[lane]]
    curbed = _curbed(borders, town.marks, lanes.lane_id[lane])
    paved = surface == Surface.PAVEMENT
    beside = np.append(paved[1:] & (section[1:] == section[:-1]), False)
    beside |= np.append(False, paved[:-1] & (section[1:] == section[:-1]))
    border = section + np.arange(len(section))
    width = np.maximum.reduceat(lanes.width, lanes.first)[lane]
    kerb = (surface == Surface.SHOULDER) & (width < WIDEST_KERB) & (curbed[border] | curbed[border + 1] | beside)
    surface = np.where(kerb, Surface.KERB, surface)

    def anywhere(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.logical_or.reduceat(found, borders.lane_first[:-1])[section]

    idle, used = surface == Surface.VERGE, anywhere(surface == Surface.ROADWAY)
    surface = np.where(idle & ~used & anywhere(kerb), Surface.CLOSED, surface)
    crossed = lanes.junction_id[lane] >= 0
    surface = np.where(crossed & idle & ~used & anywhere(paved), Surface.PAVEMENT, surface)
    return np.where(crossed & np.isin(surface, _PAVED_IN_JUNCTIONS), Surface.ROADWAY, surface)


def _curbed(borders: Borders, marks: Marks, lane_id: Ints) -> NDArray[np.bool_]:
    """Which borders have a kerb, one row for each border of each section: a section has one more than lanes."""
    number = border_numbers(borders, marks, lane_id)
    section, slot = number
    known = (section >= 0) & (marks.type == MARK_TYPES.index("curb"))
    found = np.zeros(len(borders.lane) + len(borders.lanes), np.bool_)
    found[(borders.lane_first[section] + section + slot)[known]] = True
    return found


def border_numbers(borders: Borders, marks: Marks, lane_id: Ints) -> tuple[Ints, Ints]:
    """The section row (-1 where there is none) and the border's number there of each mark; `lane_id` as `borders.lane`.

    Border 0 is the leftmost: lane ids descend from there, and the border of lane 0 lies right of the positive ones.
    """
    keys = borders.road_id * 4096 + borders.number
    order = np.argsort(keys)
    wanted = marks.road_id * 4096 + marks.section
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    section = np.where(keys[order][place] == wanted, order[place], -1)
    lefts = np.add.reduceat((lane_id > 0).astype(np.int64), borders.lane_first[:-1])[section]
    slot = lefts - marks.lane_id
    inside = (slot >= 0) & (slot <= borders.lanes[section])
    return np.where(inside, section, -1), slot
