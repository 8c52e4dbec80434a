"""Lanes as samples along their centre lines, close together where the road bends and far apart where it does not."""

from dataclasses import dataclass

import numpy as np

from carlet.town.grid import empty_grid
from carlet.town.links import next_lanes
from carlet.town.model import Floats, Ints, Lanes
from carlet.town.opendrive import Network
from carlet.town.reference import beside, curvatures

LONGEST_STEP = 5.0
CHANGING_STEP = 2.0
_SAGITTA_STEP = 0.4  # step = this / sqrt(curvature) keeps a chord within 2 cm of its arc
_SHORTEST_STEP = 0.8
_BEFORE_END = 1e-4  # a section's last sample must not read the next section's records


@dataclass(frozen=True)
class Stations:
    """Places along sections: `section` (n,) rows and `s` (n,) ascending; `first`, `count` per section."""

    section: Ints
    s: Floats
    first: Ints
    count: Ints


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Owner and running number of each item when owner i has `counts[i]` of them."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def sample_lanes(network: Network, speed_limit_kmh: float) -> Lanes:
    """All lanes of a network but the centre ones; every limit is `speed_limit_kmh` to begin with."""
    stations = _stations(network)
    section = network.lane_section
    count = stations.count[section]
    first = np.cumsum(count) - count
    lane, number = expand(count)
    backward = network.lane_id[lane] > 0
    station = stations.first[section[lane]] + np.where(backward, count[lane] - 1 - number, number)
    s = stations.s[station]
    road = network.section_road[section[lane]]
    width, offset, drift = _lateral(network, first, count, lane, road, s)
    point, heading = beside(network, road, s, offset, np.zeros(len(s)))
    heading = heading - np.arctan(drift) + np.where(backward, np.pi, 0.0)
    tilt = np.tan(network.bank.at(road, s))
    next_first, next_lane = next_lanes(network)
    return Lanes(
        road_id=network.road_id[network.section_road[section]],
        section=network.section_number[section],
        lane_id=network.lane_id,
        kind=network.lane_kind.astype(np.uint8),
        junction_id=network.junction[network.section_road[section]],
        first=first,
        count=count,
        point=point,
        heading=(heading + np.pi) % (2.0 * np.pi) - np.pi,
        width=width,
        s=s,
        speed_limit_kmh=np.full(len(s), speed_limit_kmh),
        lane=lane,
        bank=np.where(backward, tilt, -tilt),
        rise=network.rise.at(lane, s - network.section_start[section[lane]])[:, 0],
        next_first=next_first,
        next_lane=next_lane,
        grid=empty_grid(),
    )


def _stations(network: Network) -> Stations:
    section, start, end = _pieces(network)
    step = _steps(network, section, 0.5 * (start + end))
    owner, number = expand(np.maximum(np.ceil((end - start) / step - 1e-6), 1).astype(np.int64))
    pieces = np.bincount(owner, minlength=len(section))[owner]
    inner = start[owner] + (end - start)[owner] * number / pieces
    closing = np.arange(len(network.section_road))
    all_sections = np.concatenate([section[owner], closing])
    ends = np.maximum(network.section_end - _BEFORE_END, network.section_start)
    all_s = np.concatenate([inner, ends])
    order = np.lexsort((all_s, all_sections))
    count = np.bincount(all_sections, minlength=len(closing))
    return Stations(all_sections[order], all_s[order], np.cumsum(count) - count, count)


def _pieces(network: Network) -> tuple[Ints, Floats, Floats]:
    """Sections cut where the geometry changes and into pieces of the longest step: section, start, end."""
    road, start, end = network.section_road, network.section_start, network.section_end
    keys = road * 1e6 + start
    geometry = network.geometry
    owner = np.searchsorted(keys, geometry.owner * 1e6 + geometry.start, side="right") - 1
    inside = (owner >= 0) & (geometry.start > start[owner] + 0.05) & (geometry.start < end[owner] - 0.05)
    section = np.concatenate([np.arange(len(road)), owner[inside]])
    place = np.concatenate([start, geometry.start[inside]])
    order = np.lexsort((place, section))
    section, place = section[order], place[order]
    last = np.append(section[1:] != section[:-1], True)
    stop = np.where(last, end[section], np.append(place[1:], 0.0))
    cuts = np.maximum(np.ceil((stop - place) / LONGEST_STEP - 1e-6), 1).astype(np.int64)
    cell, number = expand(cuts)
    size = ((stop - place) / cuts)[cell]
    begin = place[cell] + number * size
    return section[cell], begin, begin + size


def _steps(network: Network, section: Ints, middle: Floats) -> Floats:
    """The sampling step (n,) that suits each piece of road."""
    road = network.section_road[section]
    bend = curvatures(network, road, middle)
    step = np.clip(_SAGITTA_STEP / np.sqrt(np.maximum(bend, 1e-6)), _SHORTEST_STEP, LONGEST_STEP)
    hilly = np.abs(network.elevation.bend(road, middle)) > 0.005
    shifting = np.abs(network.offset.slope(road, middle)) > 0.005
    return np.where(hilly | shifting | _widening(network, section, middle), np.minimum(step, CHANGING_STEP), step)


def _widening(network: Network, section: Ints, middle: Floats) -> np.ndarray:
    """Whether any lane's width changes at the middle of each piece."""
    per_section = np.bincount(network.lane_section, minlength=len(network.section_road))
    by_section = np.argsort(network.lane_section, kind="stable")
    first = np.cumsum(per_section) - per_section
    piece, number = expand(per_section[section])
    lane = by_section[first[section[piece]] + number]
    slope = network.width.slope(lane, middle[piece] - network.section_start[section[piece]])
    return np.bincount(piece, weights=np.abs(slope) > 0.005, minlength=len(section)) > 0


def _lateral(
    network: Network, first: Ints, count: Ints, lane: Ints, road: Ints, s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Width, offset of the centre to the left of the reference line, and how that offset changes along it."""
    within = s - network.section_start[network.lane_section[lane]]
    width = np.maximum(network.width.at(lane, within), 0.0)
    widening = network.width.slope(lane, within)
    edge, edge_slope = width.copy(), widening.copy()
    inner = _inner_lanes(network)
    for level in range(2, int(np.abs(network.lane_id).max(initial=1)) + 1):
        rows = np.flatnonzero((np.abs(network.lane_id) == level) & (inner >= 0))
        owner, number = expand(count[rows])
        here = first[rows[owner]] + number
        there = first[inner[rows[owner]]] + number
        edge[here] += edge[there]
        edge_slope[here] += edge_slope[there]
    side = np.sign(network.lane_id[lane])
    offset = network.offset.at(road, s) + side * (edge - 0.5 * width)
    drift = network.offset.slope(road, s) + side * (edge_slope - 0.5 * widening)
    return width, offset, drift


def _inner_lanes(network: Network) -> Ints:
    """For each lane the row of its neighbour towards the centre line, -1 where it has none."""
    keys = network.lane_section * 4096 + network.lane_id
    order = np.argsort(keys, kind="stable")
    wanted = keys - np.sign(network.lane_id)
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][place] == wanted, order[place], -1)
