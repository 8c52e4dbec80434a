"""Outlines of bands and roads as polygons of the plane."""

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from carlet.town.model import Floats, Ints
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import Bands
from carlet.town.surfaces.borders import RASTER, Borders

Shape = BaseGeometry
Shapes = NDArray[np.object_]
_POLYGON, _MULTIPOLYGON = 3, 6


def band_shapes(borders: Borders, bands: Bands) -> Shapes:
    """One valid shape (n,) for each band."""
    last = borders.stations[bands.section] - 1
    return strip_shapes(borders, bands.section, (bands.left, bands.right), (np.zeros_like(last), last))


def strip_shapes(borders: Borders, section: Ints, across: tuple[Ints, Ints], along: tuple[Ints, Ints]) -> Shapes:
    """Valid shapes (n,) of parts of sections: between a left and a right border, from one station to another."""
    (left, right), (start, stop) = across, along
    size = stop - start + 1
    owner, number = expand(2 * size)
    back = number >= size[owner]
    station = np.where(back, 2 * size[owner] - 1 - number, number) + start[owner]
    border = np.where(back, right[owner], left[owner])
    row = borders.first[section[owner]] + border * borders.stations[section[owner]] + station
    rings = shapely.linearrings(borders.point[row, :2], indices=owner)
    shapes = np.asarray(shapely.polygons(np.asarray(rings)))
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = [_area(shape) for shape in np.asarray(shapely.make_valid(shapes[broken]))]
    return shapes


def joined(shapes: Iterable[Shape]) -> Shape:
    """The area that `shapes` cover, its corners on the raster."""
    return _area(shapely.union_all(list(shapes), grid_size=RASTER))


def without(shape: Shape, other: Shape) -> Shape:
    """The area of `shape` that `other` does not cover, its corners on the raster."""
    return _area(shapely.difference(shape, other, grid_size=RASTER))


def each_without(shapes: Shapes, others: Shapes) -> Shapes:
    """`without` for pairs (n,)."""
    left = np.asarray(shapely.difference(shapes, others, grid_size=RASTER))
    mixed = ~np.isin(shapely.get_type_id(left), (_POLYGON, _MULTIPOLYGON))
    left[mixed] = [_area(shape) for shape in left[mixed]]
    return left


def triangulated(shapes: Shapes) -> tuple[Floats, Ints]:
    """Corners (3 t, 2) of triangles that fill `shapes` (n,) and have no corners but theirs, those of a triangle in the
    order in which it is seen from above; and the shape (t,) of each.
    """
    collections = np.asarray(shapely.constrained_delaunay_triangles(shapes))
    triangles, owner = shapely.get_parts(collections, return_index=True)
    corner = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    along, across = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    below = along[:, 0] * across[:, 1] < along[:, 1] * across[:, 0]
    corner[below] = corner[below][:, [0, 2, 1]]
    return corner.reshape(-1, 2), owner


def _area(shape: Shape) -> Shape:
    """The polygons in a shape, without the points and lines that rounding leaves."""
    if shapely.get_type_id(shape) in (_POLYGON, _MULTIPOLYGON):
        return shape
    parts = [one for part in shapely.get_parts(shape) for one in shapely.get_parts(part)]
    return MultiPolygon([part for part in parts if shapely.get_type_id(part) == _POLYGON])
