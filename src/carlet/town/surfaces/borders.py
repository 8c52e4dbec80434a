"""The borders of lanes, cut at as few places as hold the road's shape; neighbouring lanes share them.

Everything here runs in the direction of the road, left to right: lane ids descend across a section.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from carlet.town.model import Floats, Ints, Lanes
from carlet.town.sampling import expand

#: Steps of the plane in which all outlines have their corners (m): exact in float32 up to 32 km from the origin.
RASTER = 1.0 / 512.0

_ASIDE = 0.01  # metres by which a border may pass aside of the samples that it leaves out
_ABOVE = 0.004  # and above or below them
_LONGEST = 24.0
_WELD = 0.03
_THINNEST = 0.02


@dataclass(frozen=True)
class Borders:
    """Sections of roads (n) with `stations` (n,) places along them, `lanes` (n,) lanes, and so `lanes + 1` borders.

    `road_id`, `number` (n,): the road, and which of its sections. Lanes across a section are
    `lane[lane_first[i] : lane_first[i + 1]]`, rows of the town's lanes. Point columns (m): border `j` of section `i` at
    station `k` is row `first[i] + j * stations[i] + k` of `point` (m, 3), `s` (m,) along the road. `rise` (r,) of lane
    `j` over these points: row `rise_first[i] + j * stations[i] + k`.
    """

    road_id: Ints
    number: Ints
    stations: Ints
    lanes: Ints
    lane_first: Ints
    lane: Ints
    first: Ints
    point: Floats
    s: Floats
    rise_first: Ints
    rise: Floats


def build_borders(lanes: Lanes) -> Borders:
    """The borders of all lanes of a town."""
    full = _all_stations(lanes)
    kept = _kept(full)
    return _welded(_thinned(full, kept))


def _all_stations(lanes: Lanes) -> Borders:
    """Borders at every sample: where two lanes meet, the middle of what both say."""
    order = np.lexsort((-lanes.lane_id, lanes.section, lanes.road_id))
    road, section = lanes.road_id[order], lanes.section[order]
    starts = np.flatnonzero(np.append(True, (road[1:] != road[:-1]) | (section[1:] != section[:-1])))
    across = np.diff(np.append(starts, len(order)))
    stations = lanes.count[order][starts]
    first, rise_first = _firsts((across + 1) * stations), _firsts(across * stations)
    owner, place = expand(across * stations)
    slot, station = place // stations[owner], place % stations[owner]
    lane = order[starts[owner] + slot]
    backward = lanes.lane_id[lane] > 0
    sample = lanes.first[lane] + np.where(backward, stations[owner] - 1 - station, station)
    angle = lanes.heading[sample] + np.where(backward, np.pi, 0.0)
    right = np.stack([-np.sin(angle), np.cos(angle), np.where(backward, -1.0, 1.0) * lanes.bank[sample]], axis=1)
    half = 0.5 * lanes.width[sample, None] * right
    left = first[owner] + slot * stations[owner] + station
    rows = np.concatenate([left, left + stations[owner]])
    values = np.concatenate([lanes.point[sample] - half, lanes.point[sample] + half])
    size = int(((across + 1) * stations).sum())
    weight = np.bincount(rows, minlength=size)
    point = np.stack([np.bincount(rows, values[:, axis], size) for axis in range(3)], axis=1) / weight[:, None]
    s = np.bincount(rows, np.tile(lanes.s[sample], 2), size) / weight
    _close_thin_lanes(point, left, stations[owner], slot)
    return Borders(
        road_id=road[starts],
        number=section[starts],
        stations=stations,
        lanes=across,
        lane_first=np.append(starts, len(order)),
        lane=order,
        first=first,
        point=point,
        s=s,
        rise_first=rise_first,
        rise=lanes.rise[sample],
    )


def _close_thin_lanes(point: Floats, left: Ints, stations: Ints, slot: Ints) -> None:
    """Let the right border of lanes without width be their left border, from left to right."""
    right = left + stations
    thin = np.linalg.norm(point[right] - point[left], axis=1) < _THINNEST
    for number in range(int(slot.max(initial=-1)) + 1):
        rows = thin & (slot == number)
        point[right[rows]] = point[left[rows]]


def _firsts(counts: Ints) -> Ints:
    return (np.cumsum(counts) - counts).astype(np.int64)


def _kept(full: Borders) -> NDArray[np.bool_]:
    """Which stations (t,) to keep, section after section."""
    station_first = _firsts(full.stations)
    kept = np.zeros(int(full.stations.sum()), np.bool_)
    _thin(full.stations, full.lanes, full.first, full.rise_first, full.point, full.rise, station_first, kept)
    return kept


@njit(cache=True, nogil=True)
def _thin(stations, lanes, first, rise_first, point, rise, station_first, kept):
    """Mark, greedily, the stations between which all borders are straight."""
    for i in range(len(stations)):
        count, at = stations[i], 0
        kept[station_first[i]] = True
        while at < count - 1:
            after = at + 1
            while after + 1 < count and _straight(at, after + 1, count, lanes[i], first[i], rise_first[i], point, rise):
                after += 1
            kept[station_first[i] + after] = True
            at = after


@njit(cache=True, nogil=True)
def _straight(a, b, count, lanes, first, rise_first, point, rise):
    """Whether all borders of a section keep to their chords between stations a and b."""
    for j in range(lanes + 1):
        p, q = first + j * count + a, first + j * count + b
        dx, dy, dz = point[q, 0] - point[p, 0], point[q, 1] - point[p, 1], point[q, 2] - point[p, 2]
        long = dx * dx + dy * dy + dz * dz
        if long > _LONGEST * _LONGEST:
            return False
        for k in range(a + 1, b):
            r = first + j * count + k
            ex, ey, ez = point[r, 0] - point[p, 0], point[r, 1] - point[p, 1], point[r, 2] - point[p, 2]
            u = (ex * dx + ey * dy + ez * dz) / max(long, 1e-12)
            fx, fy, fz = ex - u * dx, ey - u * dy, ez - u * dz
            if u < 0.0 or u > 1.0 or fx * fx + fy * fy > _ASIDE * _ASIDE or abs(fz) > _ABOVE:
                return False
            if j < lanes:
                row = rise_first + j * count
                expected = rise[row + a] + u * (rise[row + b] - rise[row + a])
                if abs(rise[row + k] - expected) > _ABOVE:
                    return False
    return True


def _thinned(full: Borders, kept: NDArray[np.bool_]) -> Borders:
    """The same borders at the kept stations alone."""
    station_first = _firsts(full.stations)
    owner = np.repeat(np.arange(len(full.stations)), full.stations)
    stations = np.bincount(owner[kept], minlength=len(full.stations)).astype(np.int64)

    def keep(rows_across: Ints) -> NDArray[np.bool_]:
        section, place = expand(rows_across * full.stations)
        return kept[station_first[section] + place % full.stations[section]]

    points = keep(full.lanes + 1)
    return Borders(
        road_id=full.road_id,
        number=full.number,
        stations=stations,
        lanes=full.lanes,
        lane_first=full.lane_first,
        lane=full.lane,
        first=_firsts((full.lanes + 1) * stations),
        point=full.point[points],
        s=full.s[points],
        rise_first=_firsts(full.lanes * stations),
        rise=full.rise[keep(full.lanes)],
    )


def _welded(borders: Borders) -> Borders:
    """Border points at the ends of sections that lie within the welding distance become one point, their middle;
    all lie on the raster.
    """
    section, place = expand((borders.lanes + 1) * borders.stations)
    station = place % borders.stations[section]
    ends = np.flatnonzero((station == 0) | (station == borders.stations[section] - 1))
    pairs = KDTree(borders.point[ends]).query_pairs(_WELD, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    count, group = connected_components(graph, directed=False)
    size = np.bincount(group, minlength=count)
    for axis in range(3):
        mean = np.bincount(group, borders.point[ends, axis], count) / size
        borders.point[ends, axis] = mean[group]
    borders.point[:, :2] = np.round(borders.point[:, :2] / RASTER) * RASTER
    return borders
