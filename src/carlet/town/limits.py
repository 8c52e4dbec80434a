"""The speed limit of every lane sample: the last sign passed on the shortest way there, else what the road says."""

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from carlet.town.model import Floats, Lanes
from carlet.town.opendrive import Network
from carlet.town.signals import SpeedSign

DEFAULT_KMH = 30.0


def with_speed_limits(network: Network, lanes: Lanes, signs: Iterable[SpeedSign]) -> Lanes:
    """The lanes with `speed_limit_kmh` filled in, km/h, never 0."""
    posts = _posts(lanes, signs)
    arriving = _arriving(lanes, posts)
    limits = _recorded(network, lanes)
    for row, limit in arriving.items():
        limits[lanes.first[row] : lanes.first[row] + lanes.count[row]] = limit
    for row, own in posts.items():
        for sample, limit in own:
            limits[sample : lanes.first[row] + lanes.count[row]] = limit
    _inherit(lanes, limits)
    return replace(lanes, speed_limit_kmh=np.where(limits > 0.0, limits, DEFAULT_KMH))


def _recorded(network: Network, lanes: Lanes) -> Floats:
    """Limits from the records of lanes and roads, 0 where they say nothing."""
    section = network.lane_section[lanes.lane]
    road = network.section_road[section]
    of_lane = network.lane_limit.at(lanes.lane, lanes.s - network.section_start[section])[:, 0]
    of_road = network.road_limit.at(road, lanes.s)[:, 0]
    return np.where(of_lane > 0.0, of_lane, of_road)


def _inherit(lanes: Lanes, limits: Floats) -> None:
    """Give lanes without a limit that of the lane before; connecting roads often say nothing themselves."""
    known = deque(np.flatnonzero(limits[lanes.first] > 0.0).tolist())
    while known:
        row = known.popleft()
        limit = limits[lanes.first[row] + lanes.count[row] - 1]
        for following in _following(lanes, row):
            own = slice(int(lanes.first[following]), int(lanes.first[following] + lanes.count[following]))
            if limits[own.start] == 0.0:
                limits[own] = np.where(limits[own] > 0.0, limits[own], limit)
                known.append(following)


def _posts(lanes: Lanes, signs: Iterable[SpeedSign]) -> dict[int, list[tuple[int, float]]]:
    """By lane row, (sample from which a sign holds, limit), in the direction of travel."""
    posts: dict[int, list[tuple[int, float]]] = {}
    for sign in signs:
        for row in sign.lanes:
            own = slice(int(lanes.first[row]), int(lanes.first[row] + lanes.count[row]))
            sample = own.start + int(np.argmin(np.abs(lanes.s[own] - sign.source.s)))
            posts.setdefault(row, []).append((sample, sign.limit_kmh))
    return {row: sorted(own) for row, own in posts.items()}


def _arriving(lanes: Lanes, posts: dict[int, list[tuple[int, float]]]) -> dict[int, float]:
    """By lane row, the limit with which traffic enters it: that of the sign the fewest metres back."""
    length = _lengths(lanes)
    last = lanes.first + lanes.count - 1
    queue: list[tuple[float, int, float]] = []
    for row, own in posts.items():
        sample, limit = own[-1]
        rest = float(np.linalg.norm(lanes.point[last[row]] - lanes.point[sample]))
        queue.extend((rest, following, limit) for following in _following(lanes, row))
    heapq.heapify(queue)
    arriving: dict[int, float] = {}
    while queue:
        distance, row, limit = heapq.heappop(queue)
        if row in arriving:
            continue
        arriving[row] = limit
        if row not in posts:
            for following in _following(lanes, row):
                if following not in arriving:
                    heapq.heappush(queue, (distance + length[row], following, limit))
    return arriving


def _following(lanes: Lanes, row: int) -> list[int]:
    return lanes.next_lane[lanes.next_first[row] : lanes.next_first[row + 1]].tolist()


def _lengths(lanes: Lanes) -> list[float]:
    step = np.zeros(len(lanes.lane))
    step[1:] = np.linalg.norm(np.diff(lanes.point, axis=0), axis=1)
    step[lanes.first] = 0.0
    return np.bincount(lanes.lane, weights=step, minlength=len(lanes.first)).tolist()
