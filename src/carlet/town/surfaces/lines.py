"""Lines painted along the borders of lanes, as the town's marks have them."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from carlet.models.materials import code
from carlet.town.model import MARK_COLOURS, MARK_TYPES, Floats, Ints, Marks, Tag, Town
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import Bands, Surface, border_numbers
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.draping import PAINT_LIFT, Drape
from carlet.town.surfaces.outlines import Shapes
from carlet.town.surfaces.pieces import Part, Pieces, facing_up, quad_pieces, thing_keys
from carlet.town.surfaces.strips import STEP

_DASH, _PERIOD = 3.0, 12.0
_DOT, _DOT_PERIOD = 0.12, 1.2
_SHORTEST = 0.1
_DRAPED = 2.0  # metres; pieces of lines in junctions, whose ground is uneven
_CLEAR = 0.3  # metres that a line in a junction may reach into lanes of other roads
_WRAP = 1e6
_NEAR = 1e-6

#: Lines of each type of mark, from left to right: (centre in widths from the border, whether it is dashed).
_LINES = {
    "solid": ((0.0, False),),
    "broken": ((0.0, True),),
    "solid solid": ((-1.0, False), (1.0, False)),
    "solid broken": ((-1.0, False), (1.0, True)),
    "broken solid": ((-1.0, True), (1.0, False)),
    "broken broken": ((-1.0, True), (1.0, True)),
    "botts dots": ((0.0, True),),
}


@dataclass(frozen=True)
class _Strokes:
    """Pieces of lines (n): on `border` of `section`, from `start` to `end` along the road, `offset` metres to the
    right of the border, `width` wide, the row of their `mark`.
    """

    section: Ints
    border: Ints
    start: Floats
    end: Floats
    offset: Floats
    width: Floats
    mark: Ints

    def chosen(self, rows: Ints) -> "_Strokes":
        """The strokes of these rows."""
        return _Strokes(
            self.section[rows],
            self.border[rows],
            self.start[rows],
            self.end[rows],
            self.offset[rows],
            self.width[rows],
            self.mark[rows],
        )


def build_lines(town: Town, borders: Borders, bands: Bands, shapes: Shapes, drape: Drape) -> Pieces:
    """All lines; `shapes` are the outlines of the bands."""
    junction = town.lanes.junction_id[borders.lane[borders.lane_first[:-1]]]
    strokes = _strokes(town.marks, *border_numbers(borders, town.marks, town.lanes.lane_id[borders.lane]))
    strokes = _at_stations(borders, _shortened(strokes, junction[strokes.section] >= 0))
    corner = _corners(borders, strokes)
    inside = junction[strokes.section] >= 0
    kept = ~inside
    kept[inside] = ~_crossing(bands, shapes, strokes.section[inside], corner[inside].mean(axis=1))
    strokes, corner, inside = strokes.chosen(np.flatnonzero(kept)), corner[kept], inside[kept]
    corner[~inside, :, 2] += PAINT_LIFT
    corner[inside] = drape.over(corner[inside].reshape(-1, 3)).reshape(-1, 4, 3)
    yellow = town.marks.colour[strokes.mark] == MARK_COLOURS.index("yellow")
    number = np.where(inside, junction[strokes.section], borders.road_id[strokes.section])
    key = thing_keys(np.where(inside, Part.CROSSING, Part.ROAD), number)
    material = np.where(yellow, code("paint_yellow"), code("paint_white"))
    return facing_up(quad_pieces(corner, material, Tag.ROAD_LINE, key))


def _strokes(marks: Marks, section: Ints, border: Ints) -> _Strokes:
    """What is painted of each mark, on a straight road: lines from start to end, or their dashes."""
    found: list[tuple[Ints, Floats, Floats, Floats]] = []
    for number, name in enumerate(MARK_TYPES):
        rows = np.flatnonzero((marks.type == number) & (section >= 0))
        dash, period = (_DOT, _DOT_PERIOD) if name == "botts dots" else (_DASH, _PERIOD)
        for place, dashed in _LINES.get(name, ()):
            row, start, end = (
                _dashes(marks, rows, dash, period) if dashed else (rows, marks.start[rows], marks.end[rows])
            )
            found.append((row, start, end, place * marks.width[row]))
    row, start, end, offset = (np.concatenate(column) for column in zip(*found, strict=True))
    long = end - start > _SHORTEST
    row, start, end, offset = row[long], start[long], end[long], offset[long]
    return _Strokes(section[row], border[row], start, end, offset, marks.width[row], row)


def _dashes(marks: Marks, rows: Ints, dash: float, period: float) -> tuple[Ints, Floats, Floats]:
    """Dashes of marks: the mark's row, start and end; their beat runs on along the road."""
    first = np.floor(marks.start[rows] / period)
    counts = (np.ceil(marks.end[rows] / period) - first).astype(np.int64)
    owner, number = expand(np.maximum(counts, 0))
    begin = (first[owner] + number) * period
    row = rows[owner]
    return row, np.maximum(begin, marks.start[row]), np.minimum(begin + dash, marks.end[row])


def _shortened(strokes: _Strokes, inside: np.ndarray) -> _Strokes:
    """The same strokes, those `inside` junctions in short pieces."""
    length = strokes.end - strokes.start
    counts = np.where(inside, np.ceil(length / _DRAPED), 1).astype(np.int64)
    owner, number = expand(counts)
    step = length[owner] / counts[owner]
    begin = strokes.start[owner] + number * step
    return replace(strokes.chosen(owner), start=begin, end=begin + step)


def _at_stations(borders: Borders, strokes: _Strokes) -> _Strokes:
    """The same strokes cut at the stations of their sections, so that each is straight."""
    place = _station_places(borders)
    first = np.searchsorted(place, strokes.section * _WRAP + strokes.start + _NEAR)
    last = np.searchsorted(place, strokes.section * _WRAP + strokes.end - _NEAR)
    owner, number = expand(last - first + 1)
    inner = np.minimum(first[owner] + number, len(place) - 1)
    base = strokes.section[owner] * _WRAP
    begin = np.where(number == 0, strokes.start[owner], place[inner - 1] - base)
    end = np.where(number == (last - first)[owner], strokes.end[owner], place[inner] - base)
    return replace(strokes.chosen(owner), start=begin, end=end)


def _station_places(borders: Borders) -> Floats:
    """All stations as one ascending row of numbers: section times `_WRAP`, and `s`."""
    section, station = expand(borders.stations)
    return section * _WRAP + borders.s[borders.first[section] + station]


def _corners(borders: Borders, strokes: _Strokes) -> Floats:
    """Quads (n, 4, 3) of strokes: left, left ahead, right ahead, right; on the lower of the lanes beside them."""
    place = _station_places(borders)
    firsts = np.cumsum(borders.stations) - borders.stations
    middle = strokes.section * _WRAP + 0.5 * (strokes.start + strokes.end)
    low, high = firsts[strokes.section], (firsts + borders.stations)[strokes.section] - 2
    station = np.clip(np.searchsorted(place, middle, side="right") - 1, low, high)
    before, after = (place[station + k] - strokes.section * _WRAP for k in (0, 1))
    side = _lower_side(borders, strokes, station - low)
    corners = []
    for along in (strokes.start, strokes.end):
        share = ((along - before) / np.maximum(after - before, _NEAR))[:, None]
        point, right = _at(borders, strokes, station - low, share)
        centre = strokes.offset + side[0] * (0.5 * strokes.width + np.abs(strokes.offset))
        lift = np.array([0.0, 0.0, 1.0]) * side[1][:, None]
        corners.append([point + (centre + sign * 0.5 * strokes.width)[:, None] * right + lift for sign in (-1.0, 1.0)])
    (left, right), (left_ahead, right_ahead) = corners
    return np.stack([left, left_ahead, right_ahead, right], axis=1)


def _at(borders: Borders, strokes: _Strokes, station: Ints, share: Floats) -> tuple[Floats, Floats]:
    """Points (n, 3) on the borders of strokes, `share` of the way from `station` to the next, and the way right."""
    first, stations = borders.first[strokes.section] + station, borders.stations[strokes.section]

    def between(border: Ints) -> Floats:
        row = first + border * stations
        return borders.point[row] + share * (borders.point[row + 1] - borders.point[row])

    across = between(borders.lanes[strokes.section]) - between(np.zeros_like(station))
    across[:, 2] = 0.0
    return between(strokes.border), across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), _NEAR)


def _lower_side(borders: Borders, strokes: _Strokes, station: Ints) -> tuple[Floats, Floats]:
    """Where strokes lie: -1 left of the border, 1 right of it, 0 on it, when one lane beside it is raised over the
    other; and how high the lower one is.
    """
    lanes, stations = borders.lanes[strokes.section], borders.stations[strokes.section]
    first = borders.rise_first[strokes.section] + station
    left = np.clip(strokes.border - 1, 0, lanes - 1)
    right = np.clip(strokes.border, 0, lanes - 1)
    rise = [borders.rise[first + slot * stations] for slot in (left, right)]
    step = rise[0] - rise[1]
    return np.where(np.abs(step) > STEP, np.sign(step), 0.0), np.minimum(*rise)


def _crossing(bands: Bands, shapes: Shapes, section: Ints, points: Floats) -> np.ndarray:
    """Whether each of `points` (k, 3), painted for `section` (k,), lies well inside a carriageway of another one."""
    rows = np.flatnonzero((bands.junction >= 0) & (bands.surface == Surface.ROADWAY))
    tree = shapely.STRtree(shapely.buffer(shapes[rows], -_CLEAR))
    point, band = tree.query(shapely.points(points[:, :2]), predicate="within")
    found = np.zeros(len(points), np.bool_)
    found[point[bands.section[rows[band]] != section[point]]] = True
    return found
