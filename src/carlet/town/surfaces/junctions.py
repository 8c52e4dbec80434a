"""The surfaces of junctions: bands of many connecting roads, cut so that none overlap, and what is between them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from carlet.town.model import Floats, Ints
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import Bands, Surface
from carlet.town.surfaces.borders import RASTER, Borders
from carlet.town.surfaces.gaps import Gaps, Regions
from carlet.town.surfaces.heights import Heights
from carlet.town.surfaces.outlines import Shape, Shapes, joined, without
from carlet.town.surfaces.roughness import cutting_lines

_FLAT = 0.004


@dataclass(frozen=True)
class Patches:
    """Pieces of junctions (n) that share all their corners: `shape`, its `surface` and its `junction`; and the whole
    `outline` of each junction `number`, ascending.
    """

    shape: Shapes
    surface: Ints
    junction: Ints
    number: Ints
    outline: Shapes


def junction_patches(borders: Borders, bands: Bands, shapes: Shapes, heights: Heights) -> Patches:
    """Pieces of all junctions, whose bands have the outlines `shapes` (n,), small where their ground is not flat."""
    gaps = Gaps(bands, shapes)
    numbers = np.unique(bands.junction[bands.junction >= 0])
    pieces, surfaces, outlines = [np.zeros(0, object)], [np.zeros(0, np.int64)], []
    for number in numbers.tolist():
        rows = np.flatnonzero(bands.junction == number)
        regions, covered = _regions(shapes[rows], bands.surface[rows])
        outlines.append(gaps.fill(number, regions, covered))
        points = _border_points(borders, bands, rows)
        lines = [shapely.boundary(shape) for shape in regions.values()]
        if _off_plane(points) > _FLAT:
            span = float(points[:, 2].min()), float(points[:, 2].max())
            cuts = cutting_lines(outlines[-1], span, heights)
            lines.append(shapely.intersection(cuts, outlines[-1], grid_size=RASTER))
        faces, surface = _faces(regions, lines)
        pieces.append(faces)
        surfaces.append(surface)
    return Patches(
        shape=np.concatenate(pieces),
        surface=np.concatenate(surfaces),
        junction=np.repeat(numbers, [len(faces) for faces in pieces[1:]]),
        number=numbers,
        outline=np.array(outlines, dtype=object),
    )


def _regions(shapes: Shapes, surface: Ints) -> tuple[Regions, Shape]:
    """What each surface of a junction covers, upper ones first, without overlaps; and what all together cover."""
    covered = shapely.Polygon()
    regions: Regions = {}
    for kind in Surface:
        own = shapes[surface == kind]
        if len(own):
            whole = joined(own)
            regions[kind] = without(whole, covered)
            covered = joined([covered, whole])
    return regions, covered


def _faces(regions: Regions, lines: Iterable[Shape]) -> tuple[Shapes, Ints]:
    """Regions cut along `lines` into faces that share all their corners, and the surface of each."""
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(list(lines), grid_size=RASTER)]))
    inside = shapely.point_on_surface(faces)
    surface = np.full(len(faces), -1)
    for kind, shape in regions.items():
        shapely.prepare(shape)
        surface[shapely.intersects(shape, inside) & (surface < 0)] = kind
    return faces[surface >= 0], surface[surface >= 0]


def _border_points(borders: Borders, bands: Bands, rows: Ints) -> Floats:
    """Points (k, 3) of all borders of the sections of the bands `rows`."""
    section = np.unique(bands.section[rows])
    owner, number = expand((borders.lanes[section] + 1) * borders.stations[section])
    return borders.point[borders.first[section[owner]] + number]


def _off_plane(points: Floats) -> float:
    """How far the farthest of `points` (k, 3) is above or below the plane that fits them best."""
    local = points - points.mean(axis=0)
    base = np.column_stack([local[:, :2], np.ones(len(local))])
    plane = np.linalg.lstsq(base, local[:, 2], rcond=None)[0]
    return float(np.abs(local[:, 2] - base @ plane).max())
