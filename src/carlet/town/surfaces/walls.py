"""Retaining walls: where the land beside a road is much lower than its edge."""

import numpy as np

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, Lanes, Tag
from carlet.town.sampling import expand
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.decks import Steps
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.pieces import Part, Pieces, quad_pieces, thing_keys

_STEP = 0.08  # metres between road and land that need a wall
_PIECE = 2.0
_FOOT = 0.4  # metres that walls go on into the ground


def build_walls(borders: Borders, lanes: Lanes, steps: Steps, heights: Heights) -> Pieces:
    """Walls along both sides of roads on the land, and across their ends below bridges; `heights` without bridges."""
    start, end, section = _edges(borders, lanes, steps)
    length = np.linalg.norm(end - start, axis=1)
    owner, number = expand(np.maximum(np.ceil(length / _PIECE), 1).astype(np.int64))
    parts = np.bincount(owner, minlength=len(start))[owner]
    along = end[owner] - start[owner]
    road = [start[owner] + ((number + k) / parts)[:, None] * along for k in (0, 1)]
    land = [np.column_stack([point[:, :2], heights.land(point[:, :2])]) for point in road]
    shown = np.max([road[k][:, 2] - land[k][:, 2] for k in (0, 1)], axis=0) > _STEP
    foot = np.array([0.0, 0.0, _FOOT])
    face = np.stack([road[1], road[0], land[0] - foot, land[1] - foot], axis=1)[shown]
    key = thing_keys(Part.BRIDGE, borders.road_id[section[owner[shown]]])
    return quad_pieces(face, code("concrete"), Tag.WALL, key)


def _edges(borders: Borders, lanes: Lanes, steps: Steps) -> tuple[Floats, Floats, Ints]:
    """Edges of roads that lie on the land, the road to their right: start and end (n, 3), and the section (n,)."""
    outside = lanes.junction_id[borders.lane[borders.lane_first[steps.section]]] < 0
    rows = np.flatnonzero(outside & ~steps.deck)
    section, station = steps.section[rows], steps.station[rows]
    last = borders.lanes[section] - 1
    left = [_outer(borders, section, 0 * last, 0 * last, station + k) for k in (0, 1)]
    right = [_outer(borders, section, last + 1, last, station + k) for k in (1, 0)]
    same = np.append(steps.section[1:] == steps.section[:-1], False)
    before = np.flatnonzero(same & outside & ~steps.deck & np.append(steps.deck[1:], False))
    after = np.flatnonzero(same & outside & steps.deck & np.append(~steps.deck[1:], False))
    ahead, back = steps.section[before], steps.section[after]
    far = [_outer(borders, ahead, j, i, steps.station[before] + 1) for j, i in _ends(borders, ahead)]
    near = [_outer(borders, back, j, i, steps.station[after] + 1) for j, i in _ends(borders, back)[::-1]]
    starts = np.concatenate([left[0], right[0], far[0], near[0]])
    ends = np.concatenate([left[1], right[1], far[1], near[1]])
    return starts, ends, np.concatenate([section, section, ahead, back])


def _ends(borders: Borders, section: Ints) -> list[tuple[Ints, Ints]]:
    """Border and lane numbers at the left and at the right of sections."""
    last = borders.lanes[section] - 1
    return [(0 * last, 0 * last), (last + 1, last)]


def _outer(borders: Borders, section: Ints, border: Ints, lane: Ints, station: Ints) -> Floats:
    """Points (n, 3) of borders, raised as the lane beside them is."""
    stations = borders.stations[section]
    point = borders.point[borders.first[section] + border * stations + station].copy()
    point[:, 2] += borders.rise[borders.rise_first[section] + lane * stations + station]
    return point
