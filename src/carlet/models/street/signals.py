"""Traffic lights and signs. What faces the traffic looks along +x."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from carlet.models.mesh import Mesh, join
from carlet.models.palette.street import face_size
from carlet.models.shapes import Floats, box, cylinder, fan, quads, tube
from carlet.models.street.pieces import open_box, piece

#: Distance between the lamps of a light, and their radius (m).
LAMP_STEP, LAMP_RADIUS = 0.35, 0.14
#: Height of a mast's arm, and of the middle of the head that hangs from it; height of a head at a post (m).
ARM_HEIGHT, HEAD_HEIGHT, LOW_HEAD_HEIGHT = 6.0, 5.25, 2.75
#: How far before the arm or the post a head hangs (m).
HEAD_FORWARD = 0.24
#: Half the thickness of masts and of posts (m).
MAST, POST = 0.11, 0.05
_LENSES = (("lens_red", 1.0), ("lens_amber", 0.0), ("lens_green", -1.0))


@cache
def light_head(lean: bool) -> Mesh:
    """Housing, plate behind it, and three lamps, red on top; the origin is the middle of the housing's front."""
    sides = 6 if lean else 10
    half, height = 0.19, 0.55
    parts = [
        piece("housing", open_box((-0.20, -half, -height), (0.0, half, height), "-x" if lean else "")),
        piece("housing", box((-0.13, -0.36, -0.72), (-0.12, 0.36, 0.72), ["-x"])),
        piece("housing_rim", box((-0.13, -0.36, -0.72), (-0.12, 0.36, 0.72), ["+x"])),
        piece("housing", box((-0.11, -0.32, -0.68), (-0.11, 0.32, 0.68), ["+x"])),
    ]
    parts += [piece(name, _disc(LAMP_RADIUS, 0.012, row * LAMP_STEP, sides)) for name, row in _LENSES]
    if not lean:
        parts += [piece("housing", _visor(row * LAMP_STEP)) for _, row in _LENSES]
    return join(parts)


def _disc(radius: float, x: float, z: float, sides: int) -> Floats:
    angle = np.arange(sides) * (2.0 * np.pi / sides)
    ring = np.stack([np.full(sides, x), radius * np.cos(angle), z + radius * np.sin(angle)], axis=1)
    return fan(ring)


def _visor(z: float) -> Floats:
    """A hood over a lamp: both sides of three plates."""
    angle = np.linspace(0.15 * np.pi, 0.85 * np.pi, 4)
    edge = np.stack([0.17 * np.cos(angle), z + 0.17 * np.sin(angle)], axis=1)
    near, far = np.insert(edge, 0, 0.0, axis=1), np.insert(edge, 0, 0.17, axis=1)
    outer = quads(np.stack([near[:-1], far[:-1], far[1:], near[1:]], axis=1))
    middle = outer.mean(axis=(0, 1)) - [0.0, 0.0, 0.3]
    away = np.einsum(
        "ij,ij->i", np.cross(outer[:, 1] - outer[:, 0], outer[:, 2] - outer[:, 0]), outer.mean(axis=1) - middle
    )
    outer = np.where(away[:, None, None] > 0.0, outer, outer[:, ::-1])
    return np.concatenate([outer, outer[:, ::-1]])


@cache
def mast(lean: bool) -> Mesh:
    """The upright of a mast."""
    sides = 4 if lean else 7
    shaft = cylinder(MAST, -0.3, ARM_HEIGHT + 0.25, sides, tip=0.08)
    return piece("metal", shaft) if lean else piece("metal", shaft, cylinder(0.2, -0.3, 0.4, sides))


@cache
def mast_arm(lean: bool) -> Mesh:
    """An arm along +y, one metre long, to be stretched."""
    return piece("metal", tube([(0.0, 0.0, ARM_HEIGHT), (0.0, 1.0, ARM_HEIGHT)], 0.06, 3 if lean else 6))


@cache
def light_post(lean: bool) -> Mesh:
    """A post for a head at `LOW_HEAD_HEIGHT`."""
    return piece("metal", cylinder(0.07, -0.3, LOW_HEAD_HEIGHT + 0.72, 4 if lean else 7))


@cache
def sign_post(lean: bool) -> Mesh:
    """A post one metre high, to be stretched; its foot is in the ground."""
    return piece("galvanised", cylinder(POST, -0.1, 1.0, 3 if lean else 5))


@cache
def sign_plate(face: str, lean: bool = False) -> Mesh:
    """A plate with a face of `carlet.models.faces`; the origin is the middle of the face. Lean ones have no rim."""
    width, height = face_size(face)
    shape = _OUTLINES.get(face, ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)))
    ring = np.array([(0.0, y * width, z * height) for y, z in shape])
    back = ring - [0.03, 0.0, 0.0]
    following, behind = np.roll(ring, -1, axis=0), np.roll(back, -1, axis=0)
    rim = quads(np.stack([ring, back, behind, following], axis=1))
    return join([piece(f"face_{face}", fan(ring)), piece("sign_back", fan(back[::-1]), *([] if lean else [rim]))])


_CUT = 0.5 - 0.2929
#: Outlines as shares of width (to the right of one who looks along +x) and height, seen from +x anticlockwise.
_OUTLINES: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "stop": (
            (-_CUT, -0.5),
            (_CUT, -0.5),
            (0.5, -_CUT),
            (0.5, _CUT),
            (_CUT, 0.5),
            (-_CUT, 0.5),
            (-0.5, _CUT),
            (-0.5, -_CUT),
        ),
        "yield": ((0.0, -0.366), (0.5, 0.5), (-0.5, 0.5)),
        "warning": ((0.0, -0.5), (0.5, 0.0), (0.0, 0.5), (-0.5, 0.0)),
    }
)
