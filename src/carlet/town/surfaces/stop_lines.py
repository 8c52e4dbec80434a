"""Lines to stop at, before traffic lights and stop signs, and arrows on the lanes of an approach."""

import numpy as np
import shapely
from scipy.spatial import KDTree
from shapely.geometry import Polygon

from carlet.geometry import to_world
from carlet.models.materials import code
from carlet.town.model import Floats, LaneKind, Tag, Town
from carlet.town.surfaces.draping import Drape
from carlet.town.surfaces.pieces import Pieces, facing_up, quad_pieces
from carlet.town.surfaces.zebra import crosswalk_outlines, paint_keys

_THICK = 0.4
_BEHIND = 0.2  # metres from a line's place to its near edge
_MARGIN = 0.15  # metres free to the lane's borders
_SIGN_BACK = 3.0  # metres from the middle of a stop sign's box to where traffic stops
_STEP, _MOST_STEPS = 0.5, 16
_CLEAR = 0.6  # metres to a pedestrian crossing
_APART = 0.6


def build_stop_lines(town: Town, drape: Drape) -> Pieces:
    """One line a lane, moved back where a pedestrian crossing is in the way."""
    place, heading, half = _places(town)
    ahead = np.stack([np.cos(heading), np.sin(heading), np.zeros_like(heading)], axis=1)
    right = np.stack([-ahead[:, 1], ahead[:, 0], ahead[:, 2]], axis=1)
    side = np.maximum(half - _MARGIN, 0.3)[:, None] * right
    front, back = place - _BEHIND * ahead, place - (_BEHIND + _THICK) * ahead
    quads = np.stack([back - side, front - side, front + side, back + side], axis=1)
    quads -= (_STEP * _steps_back(town, quads, ahead))[:, None, None] * ahead[:, None]
    middle = 0.5 * (quads[:, :2] + quads[:, [3, 2]])
    halves = np.concatenate(
        [np.concatenate([quads[:, :2], middle[:, ::-1]], axis=1), np.concatenate([middle, quads[:, 2:]], axis=1)]
    )
    halves = drape.over(halves.reshape(-1, 3)).reshape(-1, 4, 3)
    return facing_up(quad_pieces(halves, code("paint_white"), Tag.ROAD_LINE, paint_keys(town, halves.mean(axis=1))))


def _places(town: Town) -> tuple[Floats, Floats, Floats]:
    """Places (n, 3) in the middle of lines, the heading (n,) of the traffic and half their lengths (n,)."""
    lights, signs = town.lights, town.signs
    rows = np.flatnonzero([kind == "traffic.stop" for kind in signs.type_id])
    box = to_world(signs.pose[rows], signs.box_centre[rows])
    nearest = town.lanes.nearest(box, (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL))
    heading = town.lanes.heading[np.maximum(nearest.sample, 0)]
    ahead = np.stack([np.cos(heading), np.sin(heading), np.zeros_like(heading)], axis=1)
    box[:, 2] = town.lanes.point[np.maximum(nearest.sample, 0), 2]
    place = np.concatenate([lights.line_pose[:, :3], box + _SIGN_BACK * ahead])
    headings = np.concatenate([lights.line_pose[:, 4], heading])
    halves = np.concatenate([lights.line_half_width, signs.box_extent[rows, 0]])
    kept = np.ones(len(place), np.bool_)
    if len(place):
        pairs = KDTree(place).query_pairs(_APART, output_type="ndarray")
        kept[pairs.max(axis=1)] = False
    return place[kept], headings[kept], halves[kept]


def _steps_back(town: Town, quads: Floats, ahead: Floats) -> Floats:
    """How many steps back (n,) lines go to keep clear of pedestrian crossings."""
    steps = np.zeros(len(quads))
    outlines = crosswalk_outlines(town)
    if not outlines:
        return steps
    tree = shapely.STRtree([Polygon(outline[:, :2]).buffer(_CLEAR) for outline in outlines])
    for _ in range(_MOST_STEPS):
        moved = quads - (_STEP * steps)[:, None, None] * ahead[:, None]
        shapes = shapely.polygons(np.asarray(shapely.linearrings(moved[:, :, :2])))
        blocked = np.unique(tree.query(shapes, predicate="intersects")[0])
        steps[blocked] += 1.0
    return np.where(steps < _MOST_STEPS, steps, 0.0)
