"""Arrows on the lanes of a wide approach to a junction: where each lane leads."""

import numpy as np

from carlet.geometry import wrap_angle
from carlet.models.materials import code
from carlet.town.model import Floats, Ints, LaneKind, Lanes, Tag, Town
from carlet.town.surfaces.draping import Drape
from carlet.town.surfaces.pieces import Pieces, facing_up, make_pieces
from carlet.town.surfaces.zebra import paint_keys

_AHEAD, _LEFT, _RIGHT = 1, 2, 4
_TURN = np.radians(30.0)
_BEFORE_END = 9.0  # metres from the tip to the lane's end
_SHORTEST = 25.0
_SHAFT, _HEAD = 0.16, 0.55

#: Triangles (t, 3, 2) of the parts of arrows, x ahead and y right, metres, the foot at the origin.
_FOOT = np.array(
    [
        [(0, -_SHAFT / 2), (1.6, -_SHAFT / 2), (1.6, _SHAFT / 2)],
        [(0, -_SHAFT / 2), (1.6, _SHAFT / 2), (0, _SHAFT / 2)],
    ]
)
_STRAIGHT = np.array(
    [
        [(1.6, -_SHAFT / 2), (3.0, -_SHAFT / 2), (3.0, _SHAFT / 2)],
        [(1.6, -_SHAFT / 2), (3.0, _SHAFT / 2), (1.6, _SHAFT / 2)],
        [(3.0, -_HEAD / 2), (4.2, 0.0), (3.0, _HEAD / 2)],
    ]
)
_BENT = np.array(
    [
        [(1.6, -_SHAFT / 2), (2.1, 0.3), (1.6, _SHAFT / 2)],
        [(1.6, -_SHAFT / 2), (2.3, 0.3), (2.1, 0.3)],
        [(2.1, 0.3), (2.3, 0.3), (2.3, 0.7)],
        [(2.1, 0.3), (2.3, 0.7), (2.1, 0.7)],
        [(1.8, 0.7), (2.6, 0.7), (2.2, 1.35)],
    ]
)
_PARTS = ((_AHEAD, _STRAIGHT), (_RIGHT, _BENT), (_LEFT, _BENT * [1.0, -1.0]))


def build_arrows(town: Town, drape: Drape) -> Pieces:
    """An arrow on each lane of approaches with several that lead different ways."""
    lanes = town.lanes
    rows = _approaching(lanes)
    ways = _ways(lanes, rows)
    rows, ways = _differing(lanes, rows, ways)
    pose = _poses(lanes, rows)
    parts = [_placed(_FOOT, pose)]
    parts += [_placed(part, pose[ways & way > 0]) for way, part in _PARTS]
    corner = drape.over(np.concatenate(parts).reshape(-1, 3)).reshape(-1, 3, 3)
    return facing_up(make_pieces(corner, code("paint_white"), Tag.ROAD_LINE, paint_keys(town, corner.mean(axis=1))))


def _approaching(lanes: Lanes) -> Ints:
    """Rows of long lanes that lead into junctions."""
    last = lanes.first + lanes.count - 1
    length = np.abs(lanes.s[last] - lanes.s[lanes.first])
    rows = np.flatnonzero((lanes.kind == LaneKind.DRIVING) & (lanes.junction_id < 0) & (length > _SHORTEST))
    wide = np.minimum.reduceat(lanes.width, lanes.first)[rows] > 2.6
    leads = lanes.next_first[rows + 1] > lanes.next_first[rows]
    rows = rows[wide & leads]
    return rows[lanes.junction_id[lanes.next_lane[lanes.next_first[rows]]] >= 0]


def _ways(lanes: Lanes, rows: Ints) -> Ints:
    """Where each lane leads, as bits."""
    counts = lanes.next_first[rows + 1] - lanes.next_first[rows]
    owner = np.repeat(np.arange(len(rows)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    following = lanes.next_lane[lanes.next_first[rows[owner]] + number]
    first, last = lanes.first[following], lanes.first[following] + lanes.count[following] - 1
    turn = wrap_angle(lanes.heading[last] - lanes.heading[first])
    way = np.where(turn > _TURN, _RIGHT, np.where(turn < -_TURN, _LEFT, _AHEAD))
    ways = np.zeros(len(rows), np.int64)
    np.bitwise_or.at(ways, owner, way)
    return ways


def _differing(lanes: Lanes, rows: Ints, ways: Ints) -> tuple[Ints, Ints]:
    """Those lanes that have another beside them which leads elsewhere."""
    side = np.stack([lanes.road_id[rows], lanes.section[rows], np.sign(lanes.lane_id[rows])], axis=1)
    _, group = np.unique(side, axis=0, return_inverse=True)
    group = group.ravel()
    least, greatest = np.full(len(rows), 8), np.zeros(len(rows), np.int64)
    np.minimum.at(least, group, ways)
    np.maximum.at(greatest, group, ways)
    chosen = least[group] < greatest[group]
    return rows[chosen], ways[chosen]


def _poses(lanes: Lanes, rows: Ints) -> Floats:
    """Where the feet of arrows are: x, y, z and heading (n, 4)."""
    last = lanes.first[rows] + lanes.count[rows] - 1
    back = _BEFORE_END + 4.2
    step = np.append(np.hypot(*np.diff(lanes.point[:, :2], axis=0).T), 0.0)
    travelled = np.append(0.0, np.cumsum(step))[:-1]
    at = travelled[last] - back
    sample = np.searchsorted(travelled, at, side="right") - 1
    share = ((at - travelled[sample]) / np.maximum(step[sample], 1e-6))[:, None]
    point = lanes.point[sample] + share * (lanes.point[sample + 1] - lanes.point[sample])
    return np.column_stack([point, lanes.heading[sample]])


def _placed(part: Floats, pose: Floats) -> Floats:
    """Triangles (n, 3, 3) of `part` at each pose."""
    cos, sin = np.cos(pose[:, 3])[:, None, None], np.sin(pose[:, 3])[:, None, None]
    x, y = part[None, :, :, 0], part[None, :, :, 1]
    z = np.broadcast_to(pose[:, 2, None, None], (len(pose), *part.shape[:2]))
    return np.stack(
        [pose[:, 0, None, None] + x * cos - y * sin, pose[:, 1, None, None] + x * sin + y * cos, z], axis=-1
    ).reshape(-1, 3, 3)
