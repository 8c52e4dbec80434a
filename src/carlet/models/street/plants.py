"""Trees and bushes, standing on the origin."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from carlet.models.mesh import Mesh, join
from carlet.models.shapes import Floats, cylinder, flipped, tube
from carlet.models.street.pieces import blob, piece

#: Species of trees; the place in it is a tree's model. Those named `_lean` have few triangles.
TREES = ("oak", "lime", "poplar", "fir", "birch", "palm", "oak_lean", "lime_lean", "poplar_lean", "fir_lean")
#: Width of the crown and height (m) of each as it is modelled.
TREE_SIZES = np.array(
    [
        (6.2, 7.6),
        (4.6, 6.6),
        (2.3, 10.5),
        (4.2, 9.6),
        (3.4, 8.4),
        (5.4, 8.2),
        (5.6, 7.2),
        (4.6, 6.6),
        (2.3, 10.5),
        (4.2, 9.0),
    ]
)
#: Half the thickness of a trunk (m) as it is modelled.
TRUNK = 0.2


@cache
def tree(species: str) -> Mesh:
    """A tree of one of `TREES`; its crown does not reach down to 1.7 m, but for firs and poplars."""
    return _SPECIES[species]()


@cache
def bush(number: int) -> Mesh:
    """A bush about 1.4 m wide and 1.1 m high, half of it over the ground's level and a little in it."""
    return piece("leaves_low", blob((0.0, 0.0, 0.42), (0.72, 0.72, 0.62), 70 + number, 6, 4))


def _stem(height: float, material: str = "trunk", sides: int = 5, radius: float = TRUNK) -> Mesh:
    return piece(material, cylinder(radius, -0.3, height, sides, tip=0.0))


def _oak() -> Mesh:
    crown = [
        blob((0.5, 0.35, 4.3), (2.3, 2.1, 1.75), 1),
        blob((-1.0, 0.5, 4.7), (1.9, 1.9, 1.6), 2),
        blob((0.1, -0.9, 5.5), (2.0, 1.9, 1.8), 3),
    ]
    return join([_stem(5.0, radius=0.27), piece("leaves", *crown)])


def _lime() -> Mesh:
    crown = [blob((0.0, 0.0, 4.3), (2.05, 2.05, 2.2), 4, 8, 5), blob((0.5, -0.4, 4.6), (1.6, 1.5, 1.75), 5, 7, 4)]
    return join([_stem(4.4), piece("leaves", *crown)])


def _poplar() -> Mesh:
    return join([_stem(3.0), piece("leaves_tall", blob((0.0, 0.0, 5.7), (1.15, 1.15, 4.9), 6, 7, 6))])


def _fir(layers: int = 3, sides: int = 7) -> Mesh:
    start, step = 1.2, 7.6 / layers
    cones = [
        cylinder(2.1 - 1.3 * k / layers, start + k * step * 0.85, start + (k * 0.85 + 1.5) * step, sides, tip=0.0)
        for k in range(layers)
    ]
    return join([_stem(3.0, sides=4), piece("needles", *cones)])


def _birch() -> Mesh:
    crown = blob((0.0, 0.0, 5.3), (1.4, 1.4, 3.1), 8, 7, 6)
    return join([_stem(5.5, "trunk_pale", radius=0.14), piece("leaves", crown)])


def _palm() -> Mesh:
    trunk = tube([(0.0, 0.0, -0.3), (0.12, 0.05, 3.6), (0.4, 0.1, 7.1)], [0.2, 0.15, 0.13], 5)
    fronds = [_frond(angle) + np.array([0.4, 0.1, 7.1]) for angle in np.arange(8) * (2.0 * np.pi / 8)]
    return join([piece("trunk", trunk), piece("fronds", *fronds)])


def _frond(angle: float) -> Floats:
    """A leaf of a palm, from the origin outwards and down: both sides of two bent halves."""
    out, aside = np.array([np.cos(angle), np.sin(angle), 0.0]), np.array([-np.sin(angle), np.cos(angle), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    rise = 0.5 + 0.35 * np.sin(3.0 * angle + 1.0)
    middle, tip = 1.2 * out + rise * up, 2.3 * out - 0.5 * up
    left, right = middle - 0.28 * aside - 0.12 * up, middle + 0.28 * aside - 0.12 * up
    root = np.zeros(3)
    top = np.array([(root, middle, left), (root, right, middle), (left, middle, tip), (middle, right, tip)])
    up_facing = np.cross(top[:, 1] - top[:, 0], top[:, 2] - top[:, 0])[:, 2] > 0.0
    top = np.where(up_facing[:, None, None], top, flipped(top))
    return np.concatenate([top, flipped(top)])


def _oak_lean() -> Mesh:
    return join([_stem(4.0, sides=3), piece("leaves", blob((0.0, 0.0, 4.6), (2.6, 2.6, 2.5), 11, 6, 4))])


def _lime_lean() -> Mesh:
    return join([_stem(4.0, sides=3), piece("leaves", blob((0.0, 0.0, 4.3), (2.1, 2.1, 2.3), 12, 5, 4))])


def _poplar_lean() -> Mesh:
    return join([_stem(3.0, sides=3), piece("leaves_tall", blob((0.0, 0.0, 5.7), (1.15, 1.15, 4.8), 13, 5, 4))])


_SPECIES: Mapping[str, Callable[[], Mesh]] = MappingProxyType(
    {
        "oak": _oak,
        "lime": _lime,
        "poplar": _poplar,
        "fir": _fir,
        "birch": _birch,
        "palm": _palm,
        "oak_lean": _oak_lean,
        "lime_lean": _lime_lean,
        "poplar_lean": _poplar_lean,
        "fir_lean": lambda: _fir(2, 5),
    }
)
