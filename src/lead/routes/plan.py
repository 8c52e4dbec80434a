"""Routes laid out: the trace at about 1 m, the sparse plan that agents get, and both in GNSS coordinates."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lead.geometry import wrap_angle
from lead.routes.errors import RouteError
from lead.routes.graph import Anchor, LaneGraph, distances
from lead.routes.options import LANE_CHANGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Radius of the earth of the Mercator projection, m.
EARTH_RADIUS_M = 6378137.0

#: Latitude and longitude (deg) of the origin of a map whose OpenDRIVE header gives none; CARLA's default.
DEFAULT_GEO_REFERENCE = (42.0, 2.0)

# CARLA's planner stops a leg this close to its keypoint and lands this many samples ahead in the lane it changes to.
_ARRIVED_M = 2.0
_LANDING_SAMPLES = 5

# Samples of consecutive lanes and legs that are nearer than this are the same place.
_SAME_PLACE_M = 0.25


@dataclass(frozen=True, eq=False)
class Trace:
    """A route as rows about 1 m apart, in the order of travel; a lane change is a longer step.

    `location` (n, 3) m and `yaw` (n,) rad in the world; `option` (n,) of `RoadOption`; `road_id`, `section_id`,
    `lane_id` (n,); `lane_width` (n,) m; `s_m` (n,) distance travelled so far; `junction` (n,) inside a junction.
    """

    location: Floats
    yaw: Floats
    option: NDArray[np.int8]
    road_id: Ints
    section_id: Ints
    lane_id: Ints
    lane_width: Floats
    s_m: Floats
    junction: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.s_m)

    @property
    def length_m(self) -> float:
        """Length of the whole route, m."""
        return float(self.s_m[-1])


@dataclass(frozen=True)
class _Rows:
    """Part of a trace: sample rows of the lane graph, and the option at each."""

    sample: list[int]
    option: list[int]


def trace_route(graph: LaneGraph, keypoints: ArrayLike, route_id: str = "?") -> Trace:
    """Join consecutive keypoints (k, 3) by the shortest way over the lane graph.

    Each leg starts at the lane sample nearest to its first keypoint and stops at the first one within 2 m of its last,
    as CARLA's planner has it. A trace does not run back along a lane: where a keypoint lies behind its predecessor, or
    behind the end of a lane change, the next leg starts where the trace is.
    RouteError, naming the route and the keypoint's index from 0, when a keypoint is off the road or out of reach, and
    when the whole route is a single row.
    """
    places = np.asarray(keypoints, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 3 or len(places) < 2:
        raise RouteError(f"route {route_id}: a trace needs keypoints of shape (2 or more, 3), not {places.shape}")
    anchors = [_anchor(graph, place, index, route_id) for index, place in enumerate(places)]
    rows = _Rows([], [])
    for index, (here, there) in enumerate(pairwise(anchors)):
        if np.array_equal(places[index, :2], places[index + 1, :2]):
            continue
        edges = _way(graph, here, there)
        if edges is None:
            raise RouteError(f"route {route_id}: keypoint {index + 1} cannot be reached from keypoint {index}")
        _add_leg(rows, graph, edges, here, there)
    if len(set(rows.sample)) < 2:
        raise RouteError(f"route {route_id}: leads nowhere, every keypoint is at the first one or behind it")
    return _to_trace(graph, np.array(rows.sample), np.array(rows.option, dtype=np.int8))


def sparse_plan(trace: Trace, spacing_m: float = 200.0) -> Ints:
    """Indices of the trace's rows that an agent's sparse plan keeps; see `sparse_indices`."""
    return sparse_indices(trace.location, trace.option, spacing_m)


def sparse_indices(location: ArrayLike, option: Sequence[int] | NDArray[np.integer], spacing_m: float = 200.0) -> Ints:
    """Indices that the leaderboard keeps of a plan with locations (n, 3) and options (n,).

    Kept are the first and the last point, every point of a lane change, every change of option except right behind a
    lane change, and else the second point after more than `spacing_m` from the last one kept.
    """
    travelled = _travelled(np.asarray(location, dtype=np.float64))
    changes = np.isin(option, LANE_CHANGES)
    kept: list[int] = []
    for index in range(len(travelled)):
        turns = index == 0 or (option[index] != option[index - 1] and not changes[index - 1])
        far = index > 0 and travelled[index - 1] - travelled[kept[-1]] > spacing_m
        if changes[index] or turns or far or index == len(travelled) - 1:
            kept.append(index)
    return np.array(kept, dtype=np.int64)


def geo_reference(opendrive: str) -> tuple[float, float]:
    """Latitude and longitude (deg) of a map's origin, from its OpenDRIVE text; CARLA's default where it names none."""
    header = re.search(r"<geoReference>(.*?)</geoReference>", opendrive, re.DOTALL)
    text = header.group(1) if header else ""
    latitude, longitude = (re.search(rf"\+{name}=([-+.\deE]+)", text) for name in ("lat_0", "lon_0"))
    if latitude is None or longitude is None:
        return DEFAULT_GEO_REFERENCE
    try:
        return float(latitude.group(1)), float(longitude.group(1))
    except ValueError as error:
        raise RouteError(f"the OpenDRIVE header has an unreadable geo reference: {text.strip()}") from error


def gps_from_location(latlon_ref: tuple[float, float], location: ArrayLike) -> Floats:
    """Latitude, longitude (deg) and altitude (m), (..., 3), of world locations (..., 3).

    Mercator projection at the scale of the origin `latlon_ref` (deg); north is -y. This is the leaderboard's formula,
    and that of CARLA's GNSS sensor up to 0.9.15.
    """
    x, y, z = np.moveaxis(np.asarray(location, dtype=np.float64), -1, 0)
    radius = EARTH_RADIUS_M * math.cos(math.radians(latlon_ref[0]))
    longitude = latlon_ref[1] + np.degrees(x / radius)
    latitude = _latitude(_northing(latlon_ref[0]) - y / radius)
    return np.stack([latitude, longitude, z], axis=-1)


def location_from_gps(latlon_ref: tuple[float, float], gps: ArrayLike) -> Floats:
    """Inverse of `gps_from_location`: world locations (..., 3)."""
    latitude, longitude, z = np.moveaxis(np.asarray(gps, dtype=np.float64), -1, 0)
    radius = EARTH_RADIUS_M * math.cos(math.radians(latlon_ref[0]))
    x = radius * np.radians(longitude - latlon_ref[1])
    y = radius * (_northing(latlon_ref[0]) - _northing(latitude))
    return np.stack([x, y, z], axis=-1)


def geo_reference_from_plan(gps: ArrayLike, location: ArrayLike) -> tuple[float, float]:
    """Latitude and longitude (deg) of the origin, from plan points given both as gps (n, 3) and as location (n, 3).

    Solved by Newton's method on the first point. RouteError when the answer leaves any point off by more than 1 m.
    """
    gps, location = np.asarray(gps, dtype=np.float64), np.asarray(location, dtype=np.float64)
    y = location[0, 1]
    latitude = math.radians(gps[0, 0])
    for _ in range(10):
        scale = EARTH_RADIUS_M * math.cos(latitude)
        stretch = float(_northing(math.degrees(latitude)) - _northing(gps[0, 0]))
        latitude -= (scale * stretch - y) / (EARTH_RADIUS_M * (1.0 - math.sin(latitude) * stretch))
    longitude = gps[0, 1] - math.degrees(location[0, 0] / (EARTH_RADIUS_M * math.cos(latitude)))
    reference = (math.degrees(latitude), float(longitude))
    residual = np.abs(location_from_gps(reference, gps) - location)[:, :2].max()
    if not residual <= 1.0:
        raise RouteError(f"no geo reference fits the plan: its best one leaves a point off by {residual:.3g} m")
    return reference


def _anchor(graph: LaneGraph, place: Floats, index: int, route_id: str) -> Anchor:
    anchor = graph.locate(place) if np.isfinite(place).all() else None
    if anchor is None:
        x, y, z = place
        raise RouteError(f"route {route_id}: keypoint {index} at ({x:.1f}, {y:.1f}, {z:.1f}) is off the road")
    return anchor


def _way(graph: LaneGraph, here: Anchor, there: Anchor) -> list[int] | None:
    """Edges from one lane to another, the last one along the lane of arrival."""
    tails = graph.arrays.edge_tail
    edges = graph.roadbook.shortest(int(tails[here.edge]), int(tails[there.edge]))
    return None if edges is None else [*edges, there.edge]


def _add_leg(rows: _Rows, graph: LaneGraph, edges: list[int], here: Anchor, there: Anchor) -> None:
    sample = _departure(rows, graph, here)
    for step, (edge, option) in enumerate(zip(edges, graph.roadbook.options(edges), strict=True)):
        target = int(graph.arrays.edge_target[edge])
        if target >= 0:
            passed = [sample, _landing(graph, target, sample)]
        else:
            start = graph.nearest_sample(edge, _point(graph, sample))
            last = step == len(edges) - 1
            stop = _arrival(graph, edge, start, there) if last else graph.samples(edge).stop - 1
            passed = list(range(start, stop + 1))
        rows.sample.extend(passed)
        rows.option.extend([option] * len(passed))
        sample = passed[-1]


def _departure(rows: _Rows, graph: LaneGraph, here: Anchor) -> int:
    """First row of a leg: at its keypoint, unless the trace already came farther along the same lane."""
    lane = graph.samples(here.edge)
    before = rows.sample[-1] if rows.sample else -1
    return before if here.sample < before < lane.stop else here.sample


def _landing(graph: LaneGraph, target: int, sample: int) -> int:
    """Where a lane change that starts at a sample comes down on the lane of the edge `target`."""
    lane = graph.samples(target)
    inner = slice(lane.start + 1, lane.stop - 1)
    if inner.start >= inner.stop:
        return lane.stop - 1
    beside = inner.start + int(np.argmin(distances(graph.arrays.point[inner], _point(graph, sample))))
    return min(beside + _LANDING_SAMPLES, inner.stop - 1)


def _arrival(graph: LaneGraph, edge: int, start: int, there: Anchor) -> int:
    """Last row of a leg that enters its last lane at the row `start`."""
    rows = slice(start, graph.samples(edge).stop)
    near = np.flatnonzero(distances(graph.arrays.point[rows], there.location) < _ARRIVED_M)
    return start + int(near[0]) if near.size else max(start, there.sample)


def _point(graph: LaneGraph, sample: int) -> Floats:
    return graph.arrays.point[sample].astype(np.float64)


def _to_trace(graph: LaneGraph, samples: NDArray[np.int64], options: NDArray[np.int8]) -> Trace:
    arrays = graph.arrays
    kept = _distinct(arrays.point[samples].astype(np.float64), options)
    samples, options = samples[kept], options[kept]
    location = arrays.point[samples].astype(np.float64)
    follows = np.flatnonzero(arrays.edge_target < 0)
    edge = follows[np.searchsorted(arrays.edge_first[follows], samples, side="right") - 1]
    road_id, section_id, lane_id = arrays.edge_lane[edge].astype(np.int64).T
    return Trace(
        location=location,
        yaw=wrap_angle(arrays.yaw[samples]),
        option=options,
        road_id=road_id,
        section_id=section_id,
        lane_id=lane_id,
        lane_width=arrays.width[samples].astype(np.float64),
        s_m=_travelled(location),
        junction=arrays.edge_junction[edge],
    )


def _distinct(points: Floats, options: NDArray[np.int8]) -> Ints:
    """Rows to keep, one of each run at the same place: its last lane change, or else its last row.

    A lane's end is also its successor's begin, and that is where the successor's option starts.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    starts = np.flatnonzero(np.concatenate([[True], steps >= _SAME_PLACE_M]))
    stops = np.append(starts[1:], len(points))
    changes = np.isin(options, LANE_CHANGES)
    rank = np.where(changes, len(points), 0) + np.arange(len(points))
    best = np.maximum.reduceat(rank, starts)
    return np.where(best >= len(points), best - len(points), stops - 1)


def _travelled(points: Floats) -> Floats:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _northing(latitude: ArrayLike) -> Floats:
    return np.log(np.tan(np.radians(90.0 + np.asarray(latitude, dtype=np.float64)) / 2.0))


def _latitude(northing: ArrayLike) -> Floats:
    return np.degrees(2.0 * np.arctan(np.exp(northing))) - 90.0
