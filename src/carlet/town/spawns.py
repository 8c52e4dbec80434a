"""Places where a car can be put: inside driving lanes, clear of junctions, of each other and of dead ends."""

import numpy as np

from carlet.town.model import Floats, Ints, LaneKind, Lanes
from carlet.town.sampling import expand

MOST_POINTS = 2000
LIFT = 0.3
_SPACING = 18.0
_END_MARGIN = 7.0
_DEAD_END_MARGIN = 30.0
_STAGGER = 5.0
_NARROWEST = 2.6
_CLEAR = 5.5  # metres between any two points
_SHUFFLE = 20


def build_spawn_points(lanes: Lanes, lift: float = LIFT) -> Floats:
    """Poses (n, 6) `lift` metres over the road, at most `MOST_POINTS`, always in the same order."""
    along = _along(lanes)
    rows = _usable_lanes(lanes, along)
    poses = _poses_on(lanes, along, rows, lift)
    poses = poses[_apart(poses)]
    order = np.random.default_rng(_SHUFFLE).permutation(len(poses))
    return poses[order][:MOST_POINTS]


def _along(lanes: Lanes) -> Floats:
    """Distance of each sample from its lane's first (m,)."""
    step = np.zeros(len(lanes.lane))
    step[1:] = np.linalg.norm(np.diff(lanes.point, axis=0), axis=1)
    step[lanes.first] = 0.0
    total = np.cumsum(step)
    return total - total[lanes.first][lanes.lane]


def _usable_lanes(lanes: Lanes, along: Floats) -> Ints:
    length = along[lanes.first + lanes.count - 1]
    driving = (lanes.kind == LaneKind.DRIVING) & (lanes.junction_id < 0)
    return np.flatnonzero(driving & (length >= 2.0 * _END_MARGIN))


def _poses_on(lanes: Lanes, along: Floats, rows: Ints, lift: float) -> Floats:
    last = lanes.first[rows] + lanes.count[rows] - 1
    dead = lanes.next_first[rows + 1] == lanes.next_first[rows]
    usable = along[last] - _END_MARGIN - np.where(dead, _DEAD_END_MARGIN, _END_MARGIN)
    shift = np.abs(lanes.lane_id[rows]) % 3 * _STAGGER
    counts = np.where(usable >= 0.0, np.floor(np.maximum(usable - shift, 0.0) / _SPACING) + 1, 0).astype(np.int64)
    owner, number = expand(counts)
    distance = _END_MARGIN + np.minimum(shift[owner], usable[owner]) + number * _SPACING
    begin = np.cumsum(np.append(0.0, along[lanes.first + lanes.count - 1] + 1.0))
    place = np.searchsorted(begin[lanes.lane] + along, begin[rows[owner]] + distance, side="right") - 1
    u = (distance - along[place]) / np.maximum(along[place + 1] - along[place], 1e-6)
    point = lanes.point[place] + u[:, None] * (lanes.point[place + 1] - lanes.point[place])
    turn = (lanes.heading[place + 1] - lanes.heading[place] + np.pi) % (2.0 * np.pi) - np.pi
    wide = np.minimum(lanes.width[place], lanes.width[place + 1]) >= _NARROWEST
    poses = np.zeros((len(point), 6))
    poses[:, :3] = point + [0.0, 0.0, lift]
    poses[:, 4] = lanes.heading[place] + u * turn
    return poses[wide]


def _apart(poses: Floats) -> Ints:
    """Rows that keep clear of all rows kept before them."""
    kept: list[int] = []
    cells: dict[tuple[int, int], list[int]] = {}
    spots = poses[:, :3].tolist()
    for row, (x, y, z) in enumerate(spots):
        i, j = int(x // _CLEAR), int(y // _CLEAR)
        near = (spots[k] for a in (-1, 0, 1) for b in (-1, 0, 1) for k in cells.get((i + a, j + b), ()))
        if all((x - p) ** 2 + (y - q) ** 2 >= _CLEAR**2 or abs(z - r) > 3.0 for p, q, r in near):
            cells.setdefault((i, j), []).append(row)
            kept.append(row)
    return np.array(kept, dtype=np.int64)
