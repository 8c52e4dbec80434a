"""Shapes with their materials, on the way to becoming a mesh."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from carlet.models.materials import code
from carlet.models.mesh import Mesh, join, make_mesh
from carlet.models.shapes import Floats, box, fan, flipped, mirrored, quads, triangles

#: How far what is stuck on a surface stands off it (m).
STUCK_ON = 0.008


class Piece(NamedTuple):
    """Triangles (n, 3, 3) of one material."""

    corner: Floats
    material: str


def piece(material: str, *corner: ArrayLike) -> Piece:
    """Shapes of one material."""
    return Piece(triangles(*corner), material)


def mirror_image(pieces: Iterable[Piece]) -> list[Piece]:
    """The left side of what is given for the right one: lamps change sides too."""
    return [Piece(mirrored(part.corner), _other_side(part.material)) for part in pieces]


def on_both_sides(pieces: Iterable[Piece]) -> list[Piece]:
    """What is given for the right side, on both."""
    right = list(pieces)
    return [*right, *mirror_image(right)]


def mesh_of(pieces: Iterable[Piece], tag: int) -> Mesh:
    """All pieces as one mesh of a tag."""
    return join(make_mesh(part.corner, code(part.material), tag) for part in pieces)


def sticker(material: str, corner: ArrayLike, lift: float = STUCK_ON) -> Piece:
    """A convex polygon (n, 3), corners in turn as seen from outside, lifted off the surface that it lies on."""
    points = np.asarray(corner, dtype=np.float64)
    normal = np.cross(points[2] - points[0], points[-1] - points[1])
    return piece(material, fan(points + normal / np.linalg.norm(normal) * lift))


def disc(material: str, centre: ArrayLike, normal: ArrayLike, radius: float, lift: float, sides: int = 8) -> Piece:
    """A round sticker about a point."""
    towards = np.asarray(normal, dtype=np.float64) / np.linalg.norm(normal)
    aside = np.cross((0.0, 0.0, 1.0), towards)
    aside /= np.linalg.norm(aside)
    upward = np.cross(towards, aside)
    angle = (np.arange(sides) + 0.5) * (2.0 * np.pi / sides)
    ring = aside * np.cos(angle)[:, None] + upward * np.sin(angle)[:, None]
    return piece(material, fan(np.asarray(centre) + towards * lift + ring * radius))


def panel(material: str, side: str, at: float, low: tuple[float, float], high: tuple[float, float]) -> Piece:
    """An upright or lying rectangle that looks towards `side` (`-x` to `+z`) from where that axis is `at`; `low` and
    `high` are its ends along the other two axes.
    """
    axis = "xyz".index(side[1])
    ends = np.insert(np.array([low, high], dtype=np.float64), axis, at, axis=1)
    return piece(material, box(ends[0], ends[1], (side,)))


def sheet(material: str, corner: ArrayLike) -> Piece:
    """A quadrilateral (4, 3) that is seen from both sides."""
    face = quads(corner)
    return piece(material, face, flipped(face))


def _other_side(material: str) -> str:
    swap = {"left": "right", "right": "left"}
    stem, _, last = material.rpartition("_")
    return f"{stem}_{swap[last]}" if last in swap else material
