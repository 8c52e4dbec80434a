"""What no lane covers between the lanes of a junction: slots, nooks and islands."""

from collections.abc import Iterator

import numpy as np
import shapely

from carlet.town.model import Ints
from carlet.town.surfaces.bands import Bands, Surface
from carlet.town.surfaces.outlines import Shape, Shapes, joined, without

_NOOK = 1.0  # gaps narrower than twice this between the bands of a junction are part of it
_LARGEST = 900.0  # square metres; a larger hole is land
_ISLAND = 60.0  # square metres; a larger hole that kerbs surround is land
_KERBED = 0.6  # share of a gap's edge along kerbs that makes it an island
_PAVED = 0.3  # share of its raised edge along pavements that makes it pavement
_TOUCH = 0.05
_REACH = 8.0  # metres around a junction in which other bands may close its gaps

Regions = dict[Surface, Shape]


class Gaps:
    """Finds the gaps of one junction after another; a gap between two of them belongs to the first."""

    def __init__(self, bands: Bands, shapes: Shapes):
        """`shapes` (n,): the outlines of the bands."""
        self._junction = bands.junction
        self._surface = bands.surface
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)
        self._known: set[tuple[float, ...]] = set()

    def fill(self, junction: int, regions: Regions, covered: Shape) -> Shape:
        """Add to `regions`, which together are `covered`, the gaps of `junction` that no land shows in; what they are
        together then.
        """
        near, around = self._around(junction, covered)
        shapes = np.array([*regions.values(), *around], dtype=object)
        surfaces = np.array([*regions, *self._surface[near]])
        parts: dict[Surface, list[Shape]] = {}
        for part in self._gaps(covered, around):
            kind = _surface(part, shapes, surfaces)
            if kind is not None:
                parts.setdefault(kind, []).append(part)
        for kind, own in parts.items():
            regions[kind] = joined([regions.get(kind, shapely.Polygon()), *own])
        return joined([covered, *(part for own in parts.values() for part in own)]) if parts else covered

    def _around(self, junction: int, covered: Shape) -> tuple[Ints, Shapes]:
        """Bands of other roads near a junction: their rows and the parts that are near."""
        low, high = np.split(shapely.bounds(covered), 2)
        window = (*(low - _REACH), *(high + _REACH))
        near = self._tree.query(shapely.box(*window))
        near = near[self._junction[near] != junction]
        return near, shapely.clip_by_rect(self._shapes[near], *window)

    def _gaps(self, covered: Shape, around: Shapes) -> Iterator[Shape]:
        """Gaps that touch `covered`, closed by itself and the shapes `around`, and that were not found before."""
        whole = joined([covered, *around])
        grown = shapely.buffer(whole, _NOOK, join_style="mitre", mitre_limit=2.0)
        shrunk = shapely.buffer(grown, -_NOOK, join_style="mitre", mitre_limit=2.0)
        closed = shapely.get_parts(joined([whole, shrunk]))
        holes = [shapely.Polygon(ring) for part in closed for ring in part.interiors]
        parts = np.array([*shapely.get_parts(without(shrunk, whole)), *holes])
        touching = shapely.intersects(parts, shapely.buffer(covered, _TOUCH))
        for part in parts[touching & (shapely.area(parts) < _LARGEST)]:
            key = tuple(np.round([*shapely.get_coordinates(shapely.centroid(part))[0], shapely.area(part)], 1).tolist())
            if key not in self._known:
                self._known.add(key)
                yield part


def _surface(part: Shape, shapes: Shapes, surfaces: Ints) -> Surface | None:
    """What fills a gap between `shapes` of `surfaces`: an island where kerbs surround it, land where that is large,
    else roadway.
    """
    edge = shapely.buffer(part, _TOUCH)
    shapely.prepare(edge)
    near = shapely.intersects(edge, shapes)
    touch, surfaces = shapely.area(shapely.intersection(edge, shapes[near])), surfaces[near]
    paved = touch[surfaces == Surface.PAVEMENT].sum()
    raised = touch[surfaces == Surface.KERB].sum() + paved
    if raised <= _KERBED * touch.sum():
        return Surface.ROADWAY
    if shapely.area(part) > _ISLAND:
        return None
    return Surface.PAVEMENT if paved > _PAVED * raised else Surface.ISLAND
