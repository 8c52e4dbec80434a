"""What props are made of: shapes with a material, and the box that they must fill.

Shapes of props take the size of the box and stand on the origin in its middle. `FIRST`, `SECOND` and `THIRD` are the
colours of a prop, its tints.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.models import shapes
from carlet.models.materials import code
from carlet.models.mesh import Mesh, join, make_mesh

Floats = NDArray[np.float64]

FIRST, SECOND, THIRD = "prop_first", "prop_second", "prop_third"
GLOSSY = "prop_first_gloss"
BLACK, WHITE, METAL, WOOD, GLASS = "prop_black", "prop_white", "prop_metal", "prop_wood", "prop_glass"
LEAVES, CROWN, LIGHT, SCREEN = "prop_leaves", "prop_crown", "prop_light", "prop_screen"


class Size(NamedTuple):
    """A box to fill (m): half its length `x`, half its width `y`, its whole height `z`."""

    x: float
    y: float
    z: float


Shape = Callable[[Size], Mesh]


def piece(material: str, *corners: ArrayLike) -> Mesh:
    """Triangles of one material."""
    return make_mesh(shapes.triangles(*corners), code(material), 0)


def fitted(mesh: Mesh, size: Size) -> Mesh:
    """The mesh stretched and moved so that it fills the box."""
    low, high = mesh.bounds
    wanted = np.array([[-size.x, -size.y, 0.0], [size.x, size.y, size.z]])
    scale = (wanted[1] - wanted[0]) / np.maximum(high - low, 1e-9)
    corner = (mesh.corner.astype(np.float64) - low) * scale + wanted[0]
    return replace(mesh, corner=corner.astype(np.float32))


def lengthwise(shape: Shape) -> Shape:
    """A shape made for boxes that are long in x, for boxes that are long in y as well."""

    def either(size: Size) -> Mesh:
        if size.x >= size.y:
            return shape(size)
        return shape(Size(size.y, size.x, size.z)).moved(turn=shapes.turn(np.pi / 2.0))

    return either


def revolved(
    profile: Sequence[tuple[float, float]], materials: str | Sequence[str], sides: int = 8, stretch: float = 1.0
) -> Mesh:
    """A round body about z of (radius, height) from below upwards, with a material for each band; `stretch` widens it
    along y. Ends are closed in the materials of the outer bands.
    """
    names = [materials] * (len(profile) - 1) if isinstance(materials, str) else list(materials)
    angle = (np.arange(sides) + 0.5) * (2.0 * np.pi / sides)
    round_ = np.stack([np.cos(angle), stretch * np.sin(angle)], axis=1) / np.cos(np.pi / sides)
    rings = np.array([np.c_[round_ * radius, np.full(sides, height)] for radius, height in profile])
    after = np.roll(rings, -1, axis=1)
    skin = shapes.quads(np.stack([rings[:-1], after[:-1], after[1:], rings[1:]], axis=2).reshape(-1, 4, 3))
    corner = np.concatenate([shapes.flipped(shapes.fan(rings[0])), skin, shapes.fan(rings[-1])])
    spread = [2 * sides] * len(names)
    spread[0], spread[-1] = spread[0] + sides - 2, spread[-1] + sides - 2
    spread = spread if len(names) > 1 else [len(corner)]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    there = (cross * cross).sum(axis=1) > 1e-14
    return make_mesh(corner[there], np.repeat([code(name) for name in names], spread)[there], 0)


def prism(outline: Sequence[tuple[float, float]], low: float, high: float, axis: int, material: str) -> Mesh:
    """An outline swept along an axis, as `shapes.extrude`."""
    return piece(material, shapes.extrude(outline, low, high, axis))


def box(material: str, low: ArrayLike, high: ArrayLike, sides: Sequence[str] | None = None) -> Mesh:
    """An upright box, or some of its sides."""
    return piece(material, shapes.box(low, high) if sides is None else shapes.box(low, high, sides))


def boxes(material: str, *ends: tuple[ArrayLike, ArrayLike]) -> Mesh:
    """Several upright boxes of one material."""
    return join(box(material, low, high) for low, high in ends)


def rods(material: str, radius: float, *paths: ArrayLike, sides: int = 4) -> Mesh:
    """Several rods of one material along lines of points."""
    return piece(material, *(shapes.tube(path, radius, sides) for path in paths))


def wheels(radius: float, half: float, *places: tuple[float, float], axis: int = 1) -> Mesh:
    """Black wheels of a half width on the ground at places (x, y)."""
    wheel = shapes.cylinder(radius, -half, half, 6, axis=axis)
    return piece(BLACK, *(wheel + (x, y, radius) for x, y in places))


def both_faces(corner: Floats, axis: int) -> Floats:
    """A flat figure and the same figure on the other side of the plane through the origin across `axis`."""
    other = corner.copy()
    other[:, :, axis] *= -1.0
    return np.concatenate([corner, shapes.flipped(other)])


def facing(corner: Floats, axis: int, sign: float = 1.0) -> Floats:
    """A flat figure turned over where it does not look along the axis."""
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])[:, axis]
    return np.where((normal * sign < 0.0)[:, None, None], corner[:, ::-1], corner)


def lumpy(corner: Floats, share: float, seed: int) -> Floats:
    """Corners moved at random by up to `share` of their distance from the middle; equal corners stay equal."""
    spots, place = np.unique(np.round(corner.reshape(-1, 3), 6), axis=0, return_inverse=True)
    random = np.random.default_rng(seed)
    middle = spots.mean(axis=0)
    spots = middle + (spots - middle) * random.uniform(1.0 - share, 1.0 + share, spots.shape)
    return spots[place.reshape(-1)].reshape(corner.shape)
