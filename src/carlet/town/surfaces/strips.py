"""Roads outside junctions: their bands as quads from station to station, with the faces of raised ones."""

import numpy as np

from carlet.models.materials import code
from carlet.town.model import Floats, Ints
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import SURFACE_TAGS, Bands, Surface
from carlet.town.surfaces.borders import Borders
from carlet.town.surfaces.looks import surface_materials, surface_parts
from carlet.town.surfaces.pieces import Pieces, facing_up, join_pieces, quad_pieces, thing_keys

_KERB = 0.15  # metres; kerbstones along pavements and islands that have no kerb of their own
_NARROWEST = 0.6  # metres; of a band that gets kerbstones
STEP = 0.005  # metres; lower steps are none
_LOW = (Surface.ROADWAY, Surface.SHOULDER)
_HIGH = (Surface.PAVEMENT, Surface.ISLAND)


def build_strips(borders: Borders, bands: Bands) -> tuple[Pieces, Pieces]:
    """All bands outside junctions: their tops, and upright faces."""
    rows = np.flatnonzero(bands.junction < 0)
    band, station = _steps(borders, bands, rows)
    corner = band_quads(borders, bands, band, station)
    tops = _with_kerbstones(borders, bands, band, corner)
    return facing_up(tops), join_pieces([_sides(borders, bands, rows), _ends(borders, bands, rows)])


def _steps(borders: Borders, bands: Bands, rows: Ints) -> tuple[Ints, Ints]:
    """Each step from a station to the next of the bands `rows`: the band and the first station."""
    owner, station = expand(borders.stations[bands.section[rows]] - 1)
    return rows[owner], station


def band_quads(borders: Borders, bands: Bands, band: Ints, station: Ints) -> Floats:
    """Quads (n, 4, 3) of `band` (n,) from `station` (n,) to the next: left, left ahead, right ahead, right."""
    left, right = border_points(borders, bands, band, station)
    left_ahead, right_ahead = border_points(borders, bands, band, station + 1)
    return np.stack([left, left_ahead, right_ahead, right], axis=1)


def border_points(borders: Borders, bands: Bands, band: Ints, station: Ints) -> tuple[Floats, Floats]:
    """Left and right edge (n, 3) of `band` (n,) at `station` (n,), raised as the band is."""
    section = bands.section[band]
    stations = borders.stations[section]
    first = borders.first[section] + station
    rise = borders.rise[borders.rise_first[section] + bands.left[band] * stations + station]
    lift = rise[:, None] * np.array([0.0, 0.0, 1.0])
    left = borders.point[first + bands.left[band] * stations] + lift
    return left, borders.point[first + bands.right[band] * stations] + lift


def _keys(borders: Borders, bands: Bands, band: Ints) -> Ints:
    return thing_keys(surface_parts(bands.surface[band], False), borders.road_id[bands.section[band]])


def _with_kerbstones(borders: Borders, bands: Bands, band: Ints, corner: Floats) -> Pieces:
    """Quads as triangles; kerbstones are cut off where pavements or islands meet the carriageway."""
    width = np.linalg.norm(corner[:, [3, 2]] - corner[:, [0, 1]], axis=2)
    share = (_KERB / np.maximum(width, _NARROWEST))[:, :, None]
    wide = width.min(axis=1) > _NARROWEST
    tag, key = SURFACE_TAGS[bands.surface[band]], _keys(borders, bands, band)
    across = corner[:, [3, 2]] - corner[:, [0, 1]]
    pieces = []
    inner = corner.copy()
    for side, near, sign in ((-1, [0, 1], 1.0), (1, [3, 2], -1.0)):
        rows = wide & _beside_road(bands, side)[band]
        inner[rows[:, None] & np.isin(np.arange(4), near)] += (sign * share * across)[rows].reshape(-1, 3)
        edge = np.concatenate([corner[:, near], inner[:, near[::-1]]], axis=1)[rows]
        pieces.append(quad_pieces(edge, code("kerb"), tag[rows], key[rows]))
    return join_pieces([quad_pieces(inner, surface_materials(False)[bands.surface[band]], tag, key), *pieces])


def _beside_road(bands: Bands, side: int) -> np.ndarray:
    """Which bands (n,) are pavements or islands that have the carriageway on that side (-1 left, 1 right)."""
    other = np.roll(np.arange(len(bands)), -side)
    same = (bands.section == bands.section[other]) & (
        bands.left[other] == bands.right if side > 0 else bands.right[other] == bands.left
    )
    return same & np.isin(bands.surface, _HIGH) & np.isin(bands.surface[other], _LOW)


def _sides(borders: Borders, bands: Bands, rows: Ints) -> Pieces:
    """Upright faces where one band is higher than the next of its section."""
    first = rows[:-1]
    first = first[(bands.section[first] == bands.section[first + 1]) & (bands.right[first] == bands.left[first + 1])]
    band, station = _steps(borders, bands, first)
    left = np.stack([border_points(borders, bands, band, station + k)[1] for k in (0, 1)], axis=1)
    right = np.stack([border_points(borders, bands, band + 1, station + k)[0] for k in (0, 1)], axis=1)
    drop = (left - right)[:, :, 2]
    pieces = []
    for high, low, steps, order in ((left, right, drop, slice(None)), (right, left, -drop, slice(None, None, -1))):
        chosen = steps.max(axis=1) > STEP
        face = np.concatenate([high[:, order], low[:, order][:, ::-1]], axis=1)[chosen]
        owner = (band if high is left else band + 1)[chosen]
        tag, key = SURFACE_TAGS[bands.surface[owner]], _keys(borders, bands, owner)
        pieces.append(quad_pieces(face, code("kerb"), tag, key))
    return join_pieces(pieces)


def _ends(borders: Borders, bands: Bands, rows: Ints) -> Pieces:
    """Upright faces across both ends of raised bands, seen where no other goes on."""
    pieces = []
    for ahead in (False, True):
        station = (borders.stations[bands.section[rows]] - 1) * int(ahead)
        left, right = border_points(borders, bands, rows, station)
        section, stations = bands.section[rows], borders.stations[bands.section[rows]]
        base = borders.point[borders.first[section] + bands.left[rows] * stations + station]
        foot = borders.point[borders.first[section] + bands.right[rows] * stations + station]
        raised = left[:, 2] - base[:, 2] > STEP
        face = np.stack([left, base, foot, right] if ahead else [right, foot, base, left], axis=1)[raised]
        owner = rows[raised]
        tag, key = SURFACE_TAGS[bands.surface[owner]], _keys(borders, bands, owner)
        pieces.append(quad_pieces(face, code("kerb"), tag, key))
    return join_pieces(pieces)
