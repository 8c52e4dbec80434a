"""The edges of roads, as lines along which things stand."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from carlet.town.model import Floats, Ints, LaneKind, Lanes
from carlet.town.sampling import expand

_DRIVEN = (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL)
_NARROWEST_PARKING = 1.9
_SAME_PLACE = 0.6
_FAR = 1e3


@dataclass(frozen=True)
class Edges:
    """Places on road edges, n samples in the order of travel along ever more edges.

    `point` (n, 3); `out` (n, 2) unit vectors away from the road; `along` (n,) metres from the very first sample,
    counted through all edges; `chain` (n,) the number of the unbroken line it lies on; `pave` (n,) width of the
    pavement inside the edge; `drive` (n,) metres inwards to the nearest lane that is driven on, 1000 without one;
    `park` (n,) metres inwards to the middle of a parking lane, -1 without one; `speed_kmh` (n,); `driven` (n,) number
    of driving lanes on this side.
    """

    point: Floats
    out: Floats
    along: Floats
    chain: Ints
    pave: Floats
    drive: Floats
    park: Floats
    speed_kmh: Floats
    driven: Floats

    def __len__(self) -> int:
        return len(self.along)

    @property
    def length(self) -> float:
        """Metres of all edges, gaps between chains not counted."""
        return float(self.along[-1]) if len(self) else 0.0

    def chosen(self, rows: NDArray[np.bool_] | Ints) -> "Edges":
        """Some of the places."""
        return Edges(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})

    def at(self, along: Floats) -> "Edges":
        """Places (k,) `along` the edges, in between the samples."""
        along = np.asarray(along, dtype=np.float64)
        if len(self) < 2:
            return self.chosen(np.zeros(0, np.int64))
        row = np.clip(np.searchsorted(self.along, along, side="right") - 1, 0, len(self) - 2)
        whole = self.along[row + 1] - self.along[row]
        u = np.clip((along - self.along[row]) / np.maximum(whole, 1e-9), 0.0, 1.0)
        u = np.where(self.chain[row + 1] == self.chain[row], u, 0.0)
        near = self.chosen(np.where(u > 0.5, row + 1, row))
        point = self.point[row] + u[:, None] * (self.point[row + 1] - self.point[row])
        out = self.out[row] + u[:, None] * (self.out[row + 1] - self.out[row])
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        return replace(near, point=point, out=out, along=along, chain=self.chain[row])

    def beside(self, offset: Floats | float) -> Floats:
        """Points (n, 3) `offset` metres outside the edge, at the edge's height."""
        return self.point + np.asarray(offset)[..., None] * np.column_stack([self.out, np.zeros(len(self))])

    @property
    def yaw(self) -> Floats:
        """Yaw (n,) of a frame whose y axis leads away from the road."""
        return np.arctan2(-self.out[:, 0], self.out[:, 1])

    @property
    def facing(self) -> Floats:
        """Yaw (n,) of what looks at the road."""
        return np.arctan2(-self.out[:, 1], -self.out[:, 0])


def build_edges(lanes: Lanes) -> Edges:
    """Right edges of all sides of roads outside junctions, and left edges of those that have lanes on one side only."""
    stacks, alone = _stacks(lanes, lanes.junction_id < 0)
    right = _edges(lanes, stacks, 1.0)
    left = _edges(lanes, _reversed(stacks[alone]), -1.0)
    return _chained([right, left])


def build_medians(lanes: Lanes) -> Edges:
    """Centre lines of roads with lanes on both sides, once for each side as its inner edge; `drive` is then how wide
    its half of the median is.
    """
    stacks, alone = _stacks(lanes, lanes.junction_id < 0)
    return _chained([_edges(lanes, _reversed(stacks[~alone]), -1.0)])


def build_corners(lanes: Lanes) -> Edges:
    """Outer edges of the pavements within junctions."""
    stacks, _ = _stacks(lanes, lanes.junction_id >= 0)
    paved = lanes.kind[stacks[:, 0]] == LaneKind.SIDEWALK if len(stacks) else np.zeros(0, bool)
    return _chained([_edges(lanes, stacks[paved], 1.0)])


def _stacks(lanes: Lanes, used: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Of the lanes that are `used` the rows on each side of a section, from the outermost inwards (k, most), -1 where
    there are no more; and whether the section has lanes on no other side.
    """
    rows = np.flatnonzero(used)
    side = np.sign(lanes.lane_id[rows])
    number = np.abs(lanes.lane_id[rows])
    order = np.lexsort((-number, -side * lanes.section[rows], side, lanes.road_id[rows]))
    rows, side = rows[order], side[order]
    keys = np.stack([lanes.road_id[rows], lanes.section[rows], side], axis=1)
    fresh = np.append(True, np.any(keys[1:] != keys[:-1], axis=1))[: len(rows)]
    stack = np.cumsum(fresh) - 1
    starts = np.flatnonzero(fresh)
    counts = np.diff(np.append(starts, len(rows)))
    stacks = np.full((len(starts), int(counts.max(initial=1))), -1, np.int64)
    stacks[stack, np.arange(len(rows)) - starts[stack]] = rows
    _, place, sides = np.unique(keys[starts, :2], axis=0, return_inverse=True, return_counts=True)
    return stacks, sides[place.reshape(-1)] == 1


def _reversed(stacks: Ints) -> Ints:
    """The same lanes from the innermost outwards."""
    count = (stacks >= 0).sum(axis=1)
    place = count[:, None] - 1 - np.arange(stacks.shape[1])
    return np.where(place >= 0, np.take_along_axis(stacks, np.maximum(place, 0), axis=1), -1)


def _edges(lanes: Lanes, stacks: Ints, side: float) -> Edges:
    """Samples of the edges of stacks (k, most) whose first lane lies at the edge, on its right (1) or left (-1)."""
    first = stacks[:, 0] if len(stacks) else np.zeros(0, np.int64)
    owner, number = expand(lanes.count[first])
    sample = lanes.first[first[owner]] + number
    right = np.stack([-np.sin(lanes.heading), np.cos(lanes.heading), lanes.bank], axis=1)[sample]
    point = lanes.point[sample] + side * 0.5 * lanes.width[sample, None] * right
    count = len(sample)
    inwards, pave, drive, park = np.zeros(count), np.zeros(count), np.full(count, _FAR), np.full(count, -1.0)
    speed, driven, paved = np.zeros(count), np.zeros(count), np.ones(count, bool)
    for level in range(stacks.shape[1]):
        row = stacks[owner, level]
        there = row >= 0
        sample = lanes.first[np.maximum(row, 0)] + np.minimum(number, lanes.count[np.maximum(row, 0)] - 1)
        width = np.where(there, lanes.width[sample], 0.0)
        kind = lanes.kind[np.maximum(row, 0)]
        paved &= there & (kind == LaneKind.SIDEWALK)
        pave += np.where(paved, width, 0.0)
        parking = there & (kind == LaneKind.PARKING) & (width > _NARROWEST_PARKING) & (driven == 0)
        park = np.where(parking, inwards + 0.5 * width, park)
        used = there & np.isin(kind, _DRIVEN)
        reached = used & (drive == _FAR)
        drive = np.where(reached, inwards, drive)
        speed = np.where(reached, lanes.speed_limit_kmh[sample], speed)
        driven = driven + used
        inwards = inwards + width
    zero = np.zeros(count)
    return Edges(point, side * right[:, :2], zero, owner, pave, drive, park, speed, driven)


def _chained(parts: list[Edges]) -> Edges:
    """Edges joined, with `along` and `chain` filled in: a chain goes on where the next edge starts at its end."""
    columns = {item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Edges)}
    edges = Edges(**columns)
    if not len(edges):
        return edges
    step = np.linalg.norm(np.diff(edges.point[:, :2], axis=0), axis=1)
    turn = np.sum(edges.out[1:] * edges.out[:-1], axis=1)
    own = edges.chain[1:] == edges.chain[:-1]
    joined = own | ((step < _SAME_PLACE) & (turn > 0.9))
    along = np.append(0.0, np.cumsum(np.where(joined, step, 0.0) + np.where(joined, 0.0, 1e-3)))
    return replace(edges, along=along, chain=np.append(0, np.cumsum(~joined)))
