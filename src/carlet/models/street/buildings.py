"""Buildings as unit shapes that are stretched to size, and the designs that combine them.

Frame of a building: the origin is the middle of the footprint on the ground, x runs along the street, the street lies
in front at -y.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import MappingProxyType

import numpy as np

from carlet.models.mesh import Mesh, join
from carlet.models.shapes import cylinder, extrude, loft, quads
from carlet.models.street.pieces import open_box, piece

#: How deep walls reach into the ground, height of the rim of flat roofs, and how far eaves reach out (m).
FOOTING, PARAPET, EAVES = 0.6, 0.7, 0.45


class Roof(IntEnum):
    """Shapes of roofs; FLAT ones have a rim."""

    FLAT = 0
    GABLE = 1
    HIP = 2


@dataclass(frozen=True)
class Design:
    """One way to build. `walls`, `gable`, `cover`: materials of the walls, of the gable ends and of the roof. Heights
    in m: `ground` of the ground floor (0: like the others), `storey` of the others. `bay`: widths are even multiples of
    it. `pitch`: rise of the roof per metre of half its depth. `colours`: name of a family of colours.
    """

    walls: str
    storey: float
    bay: float
    colours: str
    ground: float = 0.0
    roof: Roof = Roof.FLAT
    gable: str = "plaster"
    cover: str = "tiles"
    pitch: float = 0.0
    eaves: float = 0.0


#: Designs by name; the place in it is a building's model.
DESIGNS: Mapping[str, Design] = MappingProxyType(
    {
        "cottage": Design("facade_house", 2.8, 2.4, "house", 0.0, Roof.GABLE, "siding", pitch=0.75, eaves=EAVES),
        "house": Design("facade_house", 2.8, 2.4, "house", 0.0, Roof.GABLE, pitch=0.7, eaves=EAVES),
        "villa": Design("facade_house", 2.8, 2.4, "house", 0.0, Roof.HIP, pitch=0.6, eaves=EAVES),
        "row": Design("facade_row", 3.1, 2.0, "row", 0.0, Roof.GABLE, "bricks_tint", pitch=0.7),
        "shop": Design("facade_shop", 3.1, 2.0, "row", 3.6, cover="gravel"),
        "flats": Design("facade_flats", 2.9, 2.5, "block", 0.0, cover="gravel"),
        "bands": Design("facade_bands", 3.5, 4.0, "office", 4.2, cover="gravel"),
        "office": Design("facade_office", 3.5, 2.0, "office", 4.2, cover="gravel"),
        "tower": Design("facade_tower", 3.6, 1.5, "office", 4.8, cover="gravel"),
        "glass": Design("facade_glass", 3.8, 1.5, "glass", 5.0, cover="gravel"),
        "hall": Design("facade_hall", 3.0, 4.0, "hall", 3.0, Roof.GABLE, "siding", "roof_tint", 0.18, 0.2),
        "barn": Design("siding", 4.2, 4.0, "barn", 0.0, Roof.GABLE, "siding", "roof_tint", 0.8, 0.3),
        "church": Design("facade_church", 6.5, 4.0, "church", 0.0, Roof.GABLE, pitch=1.3, eaves=0.2),
    }
)
DESIGN_NAMES = tuple(DESIGNS)


@cache
def walls(material: str) -> Mesh:
    """Four walls around the unit square, one metre high."""
    return piece(material, open_box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0), "-z +z"))


@cache
def flat_roof(cover: str, lean: bool) -> Mesh:
    """A lid over the unit square at z = 0; or, not lean, what lies within a rim: floor and inner sides, 1 m deep."""
    if lean:
        return piece(cover, open_box((-0.5, -0.5, 0.0), (0.5, 0.5, 0.0), "-x +x -y +y -z"))
    inner = open_box((-0.47, -0.47, -1.0), (0.47, 0.47, 0.0), "-z +z")[:, ::-1]
    floor = open_box((-0.47, -0.47, -1.0), (0.47, 0.47, -1.0), "-x +x -y +y -z")
    outer = np.array([(-0.5, -0.5, 0.0), (0.5, -0.5, 0.0), (0.5, 0.5, 0.0), (-0.5, 0.5, 0.0)])
    ring = outer * [0.94, 0.94, 1.0]
    rim = quads(np.stack([outer, np.roll(outer, -1, axis=0), np.roll(ring, -1, axis=0), ring], axis=1))
    return join([piece("concrete", inner), piece(cover, floor), piece("concrete_light", rim)])


@cache
def gable_roof(cover: str, gable: str, lean: bool = False) -> Mesh:
    """A roof over the unit square, ridge along x, one metre high, closed below if not lean."""
    whole = extrude([(-0.5, 0.0), (0.5, 0.0), (0.0, 1.0)], -0.5, 0.5, axis=0)
    ends = np.abs(whole[:, :, 0].max(axis=1) - whole[:, :, 0].min(axis=1)) < 1e-9
    below = whole[:, :, 2].max(axis=1) < 1e-9
    closing = [] if lean else [piece("trim", whole[below])]
    return join([piece(cover, whole[~ends & ~below]), piece(gable, whole[ends]), *closing])


@cache
def hip_roof(cover: str, lean: bool = False) -> Mesh:
    """A roof over the unit square that falls to all four sides, closed below if not lean."""
    base = np.array([(-0.5, -0.5, 0.0), (0.5, -0.5, 0.0), (0.5, 0.5, 0.0), (-0.5, 0.5, 0.0)])
    ridge = np.array([(-0.22, 0.0, 1.0), (0.22, 0.0, 1.0), (0.22, 0.0, 1.0), (-0.22, 0.0, 1.0)])
    whole = loft(np.stack([base, ridge]))
    below = whole[:, :, 2].max(axis=1) < 1e-9
    return join([piece(cover, whole[~below]), *([] if lean else [piece("trim", whole[below])])])


@cache
def chimney() -> Mesh:
    """A chimney 0.6 m wide, from the origin up."""
    return piece("chimney", open_box((-0.3, -0.3, 0.0), (0.3, 0.3, 1.0), "-z"))


@cache
def door() -> Mesh:
    """A door with its frame, 1.1 m wide, on a wall that looks along -y at y = 0; two steps before it."""
    steps = open_box((-0.9, -0.95, -0.4), (0.9, 0.0, 0.16), "-z +y")
    frame = open_box((-0.68, -0.05, 0.0), (0.68, 0.0, 2.3), "-z +y")
    leaf = open_box((-0.52, -0.07, 0.0), (0.52, 0.0, 2.12), "-z +y")
    return join([piece("concrete_light", steps), piece("trim", frame), piece("door", leaf)])


@cache
def porch() -> Mesh:
    """A small roof on two posts over a door."""
    roof = extrude([(-1.5, 2.45), (0.0, 2.75), (0.0, 2.6), (-1.5, 2.33)], -1.3, 1.3, axis=0)
    posts = [open_box((x - 0.07, -1.4, 0.0), (x + 0.07, -1.26, 2.4), "-z +z") for x in (-1.15, 1.15)]
    return join([piece("roof_tint", roof), piece("trim", *posts)])


@cache
def awning() -> Mesh:
    """A sloping cloth one metre wide along x, 1.3 m deep, to be stretched along x; hangs at y = 0."""
    cloth = extrude([(0.0, 3.25), (0.0, 3.15), (-1.3, 2.55), (-1.3, 2.75)], -0.5, 0.5, axis=0)
    return piece("awning", cloth)


@cache
def balcony() -> Mesh:
    """A balcony 3 m wide on a wall that looks along -y at y = 0; its floor is at z = 0."""
    floor = open_box((-1.5, -1.2, -0.15), (1.5, 0.0, 0.0), "+y")
    front = open_box((-1.5, -1.2, 0.0), (1.5, -1.14, 1.0), "-z")
    sides = [open_box((x - 0.03, -1.14, 0.0), (x + 0.03, 0.0, 1.0), "-z -y +y") for x in (-1.47, 1.47)]
    return join([piece("concrete_light", floor), piece("plaster", front, *sides)])


@cache
def roof_box(lean: bool) -> Mesh:
    """Stairs or machines on a flat roof: a unit box."""
    return piece("concrete" if lean else "concrete_light", open_box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0), "-z"))


@cache
def spire() -> Mesh:
    """The tower of a church, 4.4 m wide and 22 m high."""
    tower = open_box((-2.2, -2.2, -FOOTING), (2.2, 2.2, 13.0), "-z +z")
    top = cylinder(3.3, 13.0, 22.0, 4, tip=0.0, phase=np.pi / 4.0)
    return join([piece("plaster", tower), piece("tiles", top)])


@cache
def gate() -> Mesh:
    """A large door on a wall that looks along -y at y = 0: 3.6 m wide, 3.4 m high."""
    leaf = open_box((-1.8, -0.06, 0.0), (1.8, 0.0, 3.4), "-z +y")
    return piece("door", leaf)


@cache
def silo() -> Mesh:
    """A silo 3.6 m wide and 10 m high."""
    return piece("galvanised", cylinder(1.8, -FOOTING, 8.8, 10), cylinder(1.8, 8.8, 10.2, 10, tip=0.0))
