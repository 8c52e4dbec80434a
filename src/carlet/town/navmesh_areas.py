"""Where people may walk and at what price: the ground plan of a town as regions that fit together without gaps."""

from collections.abc import Iterable, Sequence
from enum import IntEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from carlet.town.model import Ints, LaneKind, Town

GRID = 0.01  # metres between possible corners: regions share theirs to the last bit

_WELD = 0.15  # half of the widest gap between two roads that people step over
_BODY = 0.3  # how far people keep from the outer edge
_SMALLEST_HOLE = 30.0  # square metres; smaller gaps between lanes are paved
_SMALLEST_REGION = 0.5  # square metres
_DETAIL = 0.25  # metres of outline that may be straightened
_REACH = 5.0  # metres from a crosswalk's end to the pavement that it is meant for
_STOREY = 2.0  # metres of height from one road to another one above it
_BELOW_ALL = -1e4


class Area(IntEnum):
    """Kinds of ground, by the numbers that CARLA's client prices them with."""

    BLOCK = 0
    SIDEWALK = 1
    CROSSWALK = 2
    ROAD = 3
    GRASS = 4


def walking_regions(town: Town, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Polygons cut along a grid of `cell` metres, corners on `GRID`, and the area of each.

    Regions that touch have all corners of their common border in common. Only the lowest storey is there. Where a town
    has no pavements, people walk on its shoulders.
    """
    outlines, kinds = _lane_outlines(town)
    pavement = LaneKind.SIDEWALK if LaneKind.SIDEWALK in kinds else LaneKind.SHOULDER
    walk = _joined(outlines[kinds == pavement])
    drive = _joined(outlines[(kinds == LaneKind.DRIVING) | (kinds == LaneKind.BIDIRECTIONAL)])
    beside = _joined(outlines[~np.isin(kinds, (pavement, LaneKind.DRIVING, LaneKind.BIDIRECTIONAL))])
    walk = _cut(walk, drive)
    cross = _cut(shapely.union_all(_crosswalks(town, walk), grid_size=GRID), walk)
    every = _without_holes(_welded(shapely.union_all([walk, cross, drive, beside], grid_size=GRID)))
    inside = shapely.buffer(every, -_BODY, join_style="mitre")
    road = _cut(_cut(inside, walk), cross)
    areas = {Area.SIDEWALK: _kept(walk, inside), Area.CROSSWALK: cross, Area.ROAD: road}
    return _fitted(areas, cell)


def _lane_outlines(town: Town) -> tuple[np.ndarray, np.ndarray]:
    """Outlines of the pieces of lanes between two samples, and the kinds of their lanes."""
    lanes = town.lanes
    side = 0.5 * lanes.width[:, None] * np.stack([-np.sin(lanes.heading), np.cos(lanes.heading)], axis=1)
    left, right = lanes.point[:, :2] - side, lanes.point[:, :2] + side
    rows = _rows_on_the_ground(town)
    corners = np.stack([left[rows], left[rows + 1], right[rows + 1], right[rows]], axis=1)
    outlines = np.asarray(shapely.convex_hull(shapely.multipoints(corners)))
    solid = shapely.area(outlines) > GRID
    return outlines[solid], lanes.kind[lanes.lane[rows]][solid]


def _rows_on_the_ground(town: Town) -> Ints:
    """Samples of which the lane goes on to the next sample, with no other lane below."""
    lanes = town.lanes
    rows = np.flatnonzero((lanes.lane[1:] == lanes.lane[:-1]) & (lanes.kind[lanes.lane[:-1]] != LaneKind.NONE))
    points = 0.5 * (lanes.point[rows] + lanes.point[rows + 1])
    low = points.copy()
    low[:, 2] = _BELOW_ALL
    height, _, lane = town.ground.surfaces(low)
    return rows[(lane < 0) | (points[:, 2] - height < _STOREY)]


def _joined(parts: np.ndarray) -> BaseGeometry:
    return _welded(shapely.union_all(parts))


def _welded(shape: BaseGeometry) -> BaseGeometry:
    closed = shape.buffer(_WELD, join_style="mitre").buffer(-_WELD, join_style="mitre")
    return shapely.set_precision(closed, GRID)


def _cut(shape: BaseGeometry, knife: BaseGeometry) -> BaseGeometry:
    return _polygonal(shapely.difference(shape, knife, grid_size=GRID))


def _kept(shape: BaseGeometry, mask: BaseGeometry) -> BaseGeometry:
    return _polygonal(shapely.intersection(shape, mask, grid_size=GRID))


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def _without_holes(shape: BaseGeometry) -> BaseGeometry:
    def filled(polygon: BaseGeometry) -> BaseGeometry:
        rings = shapely.get_rings(polygon)
        holes = [ring for ring in rings[1:] if shapely.area(shapely.polygons(ring)) >= _SMALLEST_HOLE]
        return shapely.Polygon(rings[0], holes)

    return shapely.union_all([filled(part) for part in shapely.get_parts(shape)])


def _crosswalks(town: Town, walk: BaseGeometry) -> list[BaseGeometry]:
    """Crosswalks, lengthened to the pavements at their ends."""
    shapes: list[BaseGeometry] = []
    for number in np.unique(town.crosswalk):
        outline = town.crosswalks[town.crosswalk == number, :2]
        if len(outline) < 3:
            continue
        crosswalk = shapely.MultiPoint(outline).convex_hull
        shapes += [crosswalk, *_landings(crosswalk, walk)]
    return shapes


def _landings(crosswalk: BaseGeometry, walk: BaseGeometry) -> list[BaseGeometry]:
    """What is missing between the ends of a crosswalk and the pavement, where there is one near."""
    box = shapely.get_coordinates(shapely.oriented_envelope(crosswalk))
    if len(box) < 5:
        return []
    if np.hypot(*(box[1] - box[0])) > np.hypot(*(box[2] - box[1])):
        box = np.roll(box[:4], -1, axis=0)
    along = (box[2] - box[1]) / max(float(np.hypot(*(box[2] - box[1]))), 1e-6)
    found = []
    for first, second, ahead in ((box[0], box[1], -along), (box[2], box[3], along)):
        landing = shapely.polygons([first, second, second + _REACH * ahead, first + _REACH * ahead])
        if landing.distance(walk) > 0.0:
            continue
        start = shapely.linestrings([first, second])
        pieces = shapely.get_parts(shapely.difference(landing, walk))
        found.extend(piece.buffer(GRID, join_style="mitre") for piece in pieces if piece.distance(start) < GRID)
    return found


def _fitted(areas: dict[Area, BaseGeometry], cell: float) -> tuple[np.ndarray, np.ndarray]:
    """The regions with shared corners on shared borders, straightened alike on both sides of each."""
    faces = _faces([shapely.boundary(shape) for shape in areas.values()])
    faces, labels = _labelled(faces, areas.values(), np.array(list(areas)))
    plain = shapely.set_precision(shapely.coverage_simplify(faces, _DETAIL), GRID)
    cuts = _grid_lines(shapely.total_bounds(plain), cell)
    return _labelled(_faces([*shapely.boundary(plain), *cuts]), plain, labels)


def _faces(lines: Sequence[BaseGeometry]) -> np.ndarray:
    """The polygons between lines."""
    return shapely.get_parts(shapely.polygonize([shapely.union_all(lines, grid_size=GRID)]))


def _labelled(faces: np.ndarray, shapes: Iterable[BaseGeometry], labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the faces that lie inside of one of `shapes`, each with the label of that shape."""
    points = shapely.point_on_surface(faces)
    tree = shapely.STRtree(points)
    owner = np.full(len(faces), -1, dtype=np.int64)
    for number, shape in enumerate(shapes):
        shapely.prepare(shape)
        near = tree.query(shape)
        owner[near[shapely.contains(shape, points[near])]] = number
    return faces[owner >= 0], labels[owner[owner >= 0]]


def _grid_lines(bounds: np.ndarray, cell: float) -> list[BaseGeometry]:
    low, high = np.floor(bounds[:2] / cell) * cell, bounds[2:]
    lines = [[(x, bounds[1] - 1.0), (x, bounds[3] + 1.0)] for x in np.arange(low[0], high[0] + cell, cell)]
    lines += [[(bounds[0] - 1.0, y), (bounds[2] + 1.0, y)] for y in np.arange(low[1], high[1] + cell, cell)]
    return [shapely.linestrings(line) for line in lines]
