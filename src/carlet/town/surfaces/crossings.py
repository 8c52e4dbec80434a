"""Triangles of junctions: their pieces, at the height of the ground, and the faces of raised ones."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from carlet.models.materials import code
from carlet.town.model import Floats, Ints
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import SURFACE_TAGS, Bands, Surface
from carlet.town.surfaces.borders import RASTER, Borders
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.junctions import Patches
from carlet.town.surfaces.looks import surface_materials, surface_parts
from carlet.town.surfaces.outlines import triangulated
from carlet.town.surfaces.pieces import Pieces, facing_up, make_pieces, quad_pieces, thing_keys
from carlet.town.surfaces.strips import STEP, border_points

_APART = 1e5  # metres between junctions in a tree that keeps them apart
_RAISED = (Surface.KERB, Surface.PAVEMENT, Surface.ISLAND)
_WRAP = 2**26


@dataclass(frozen=True)
class _Mesh:
    """Triangles (t): `node` (t, 3) rows of `point` (m, 3), `lift` (t, 3) over these, `surface` and `junction`."""

    point: Floats
    node: Ints
    lift: Floats
    surface: Ints
    junction: Ints


def build_crossings(borders: Borders, bands: Bands, patches: Patches, heights: Heights) -> tuple[Pieces, Pieces]:
    """All junctions: their tops, and upright faces; `heights` are those of the lanes as if none were raised."""
    mesh = _mesh(borders, bands, patches, heights)
    corner = mesh.point[mesh.node] + mesh.lift[:, :, None] * np.array([0.0, 0.0, 1.0])
    key = thing_keys(surface_parts(mesh.surface, True), mesh.junction)
    tops = make_pieces(corner, surface_materials(True)[mesh.surface], SURFACE_TAGS[mesh.surface], key)
    return facing_up(tops), _faces(mesh, key)


def _mesh(borders: Borders, bands: Bands, patches: Patches, heights: Heights) -> _Mesh:
    corner, patch = triangulated(patches.shape)
    steps = np.round(corner / RASTER).astype(np.int64)
    _, first, node = np.unique(steps[:, 0] * _WRAP + steps[:, 1], return_index=True, return_inverse=True)
    junction = patches.junction[patch]
    point = _on_ground(borders, bands, corner[first], np.repeat(junction, 3)[first], heights)
    surface = patches.surface[patch]
    lift = _lifts(borders, bands, point[node], np.repeat(junction, 3)).reshape(-1, 3)
    lift *= np.isin(surface, _RAISED)[:, None]
    return _Mesh(point, node.reshape(-1, 3), lift, surface, junction)


def _on_ground(borders: Borders, bands: Bands, place: Floats, junction: Ints, heights: Heights) -> Floats:
    """Points (m, 3) on the ground at `place` (m, 2), on the storey of the junction of each."""
    known, owner, _ = _edge_points(borders, bands, np.flatnonzero(bands.junction >= 0))
    near = _nearest(known, owner, place, junction)[1]
    return np.column_stack([place, heights.at(np.column_stack([place, known[near, 2]]))])


def _lifts(borders: Borders, bands: Bands, point: Floats, junction: Ints) -> Floats:
    """How high (k,) the raised bands nearest to `point` (k, 3) in the junction of each are."""
    rows = np.flatnonzero((bands.junction >= 0) & np.isin(bands.surface, _RAISED))
    known, owner, rise = _edge_points(borders, bands, rows)
    if not rise.any():
        return np.zeros(len(point))
    distance, near = _nearest(known, owner, point[:, :2], junction)
    return np.where(distance < 0.5 * _APART, rise[near], 0.0)


def _edge_points(borders: Borders, bands: Bands, rows: Ints) -> tuple[Floats, Ints, Floats]:
    """Points (k, 3) along both edges of the bands `rows`, the junction (k,) of each and how far (k,) it is raised."""
    owner, station = expand(borders.stations[bands.section[rows]])
    edges = border_points(borders, bands, rows[owner], station)
    section = bands.section[rows[owner]]
    stations = borders.stations[section]
    rise = borders.rise[borders.rise_first[section] + bands.left[rows[owner]] * stations + station]
    return np.concatenate(edges), np.tile(bands.junction[rows[owner]], 2), np.tile(rise, 2)


def _nearest(known: Floats, owner: Ints, place: Floats, junction: Ints) -> tuple[Floats, Ints]:
    """Distance (k,) and row (k,) of the nearest of `known` to each `place` (k, 2) of the same junction."""
    numbers = np.unique(np.concatenate([owner, junction]))
    tree = KDTree(np.column_stack([known[:, :2], np.searchsorted(numbers, owner) * _APART]))
    distance, row = tree.query(np.column_stack([place, np.searchsorted(numbers, junction) * _APART]))
    return np.asarray(distance), np.asarray(row)


def _faces(mesh: _Mesh, key: Ints) -> Pieces:
    """Upright faces below the edges of raised triangles that lie higher than the triangle beyond."""
    start, end = mesh.node.ravel(), np.roll(mesh.node, -1, axis=1).ravel()
    high = np.stack([mesh.lift.ravel(), np.roll(mesh.lift, -1, axis=1).ravel()], axis=1)
    raised = np.flatnonzero(high.max(axis=1) > STEP)
    count = len(mesh.point)
    there, wanted = end * count + start, (start * count + end)[raised]
    order = np.argsort(there)
    place = np.minimum(np.searchsorted(there[order], wanted), len(there) - 1)
    beyond = np.where(there[order][place] == wanted, order[place], -1)
    low = np.where(beyond[:, None] >= 0, high[beyond][:, ::-1], 0.0)
    shown = (high[raised] - low).max(axis=1) > STEP
    row, low = raised[shown], low[shown]
    a, b = mesh.point[start[row]], mesh.point[end[row]]
    up = np.array([0.0, 0.0, 1.0])
    face = np.stack([b + high[row, 1:] * up, a + high[row, :1] * up, a + low[:, :1] * up, b + low[:, 1:] * up], axis=1)
    return quad_pieces(face, code("kerb"), SURFACE_TAGS[mesh.surface[row // 3]], key[row // 3])
