"""Abutments: the walls below the ends of bridges."""

import numpy as np

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, Tag
from carlet.town.sampling import expand
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.decks import Steps
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.pieces import Part, Pieces, quad_pieces, thing_keys

_PIECE = 2.0
_FOOT = 2.0  # metres that walls go on into the ground


def build_abutments(borders: Borders, steps: Steps, heights: Heights) -> Pieces:
    """Walls across roads where they leave the land for a bridge; `heights` are those of the land without bridges."""
    start, end, section = _ends(borders, steps)
    length = np.linalg.norm(end - start, axis=1)
    owner, number = expand(np.maximum(np.ceil(length / _PIECE), 1).astype(np.int64))
    parts = np.bincount(owner, minlength=len(start))[owner]
    along = end[owner] - start[owner]
    road = [start[owner] + ((number + k) / parts)[:, None] * along for k in (0, 1)]
    land = [np.column_stack([point[:, :2], heights.land(point[:, :2]) - _FOOT]) for point in road]
    face = np.stack([road[1], road[0], land[0], land[1]], axis=1)
    key = thing_keys(Part.BRIDGE, borders.road_id[section[owner]])
    return quad_pieces(face, code("concrete"), Tag.BRIDGE, key)


def _ends(borders: Borders, steps: Steps) -> tuple[Floats, Floats, Ints]:
    """Ends of roads on the land at bridges, the road to their right: start and end (n, 3), and the section (n,)."""
    same = steps.section[1:] == steps.section[:-1]
    before = np.flatnonzero(same & ~steps.deck[:-1] & steps.deck[1:])
    after = np.flatnonzero(same & steps.deck[:-1] & ~steps.deck[1:])
    rows = np.concatenate([before, after])
    section = steps.section[rows]
    left = borders.first[section] + steps.station[rows] + 1
    right = left + borders.lanes[section] * borders.stations[section]
    first = np.arange(len(rows)) < len(before)
    start, end = np.where(first, left, right), np.where(first, right, left)
    return borders.point[start], borders.point[end], section
