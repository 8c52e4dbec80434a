"""What surfaces look like and which things they are parts of."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import code
from carlet.town.model import Ints
from carlet.town.surfaces.bands import Surface
from carlet.town.surfaces.pieces import Part

_MATERIALS = {
    Surface.ROADWAY: "asphalt",
    Surface.SHOULDER: "asphalt_shoulder",
    Surface.KERB: "kerb",
    Surface.PAVEMENT: "pavement",
    Surface.ISLAND: "grass",
    Surface.CLOSED: "asphalt_worn",
    Surface.VERGE: "grass",
}
_WALKS = (Surface.PAVEMENT, Surface.ISLAND)


_IN_CROSSINGS = {Surface.ISLAND: "island"}


@cache
def surface_materials(crossing: bool) -> NDArray[np.uint16]:
    """The code of each surface's material, in a junction or outside."""
    names = {**_MATERIALS, **_IN_CROSSINGS} if crossing else _MATERIALS
    return np.array([code(names[surface]) for surface in Surface], np.uint16)


def surface_parts(surface: Ints, crossing: bool) -> Ints:
    """Which `Part` of a road, or of a crossing, each surface (n,) is."""
    walk, road = (Part.CROSSING_WALK, Part.CROSSING) if crossing else (Part.WALK, Part.ROAD)
    return np.where(np.isin(surface, _WALKS), walk, road)
