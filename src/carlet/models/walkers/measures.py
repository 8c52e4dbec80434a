"""Measures of a body, and the skins that its parts are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from carlet.models import shapes
from carlet.models.materials import code
from carlet.models.mesh import Mesh, join, make_mesh
from carlet.models.walkers.person import Person

Floats = NDArray[np.float64]

TAG = 12


@dataclass(frozen=True)
class Measures:
    """Heights over the ground and lengths of limbs of a standing body (m); `unit` is its height."""

    unit: float
    chin: float
    shoulder: float
    hip: float
    knee: float
    upper_arm: float
    forearm: float
    hand: float
    shoulder_y: float
    hip_y: float

    @property
    def head(self) -> float:
        """Height of the head (m), hair and hat included."""
        return self.unit - self.chin

    @property
    def belt(self) -> float:
        """Height of the belt (m)."""
        return self.hip + 0.075 * self.unit


def measures(person: Person) -> Measures:
    """The measures of a person: the smaller a person, the larger the head and the shorter the legs."""
    unit = person.height
    hip = unit * (0.66 - person.head)
    chin = unit * (1.0 - person.head)
    shoulder = chin - 0.056 * unit
    arm = shoulder - hip + 0.14 * unit
    return Measures(
        unit=unit,
        chin=chin,
        shoulder=shoulder,
        hip=hip,
        knee=0.535 * hip,
        upper_arm=0.41 * arm,
        forearm=0.36 * arm,
        hand=0.23 * arm,
        shoulder_y=unit * (person.build.shoulders - 0.012),
        hip_y=0.5 * unit * person.build.hips,
    )


def ring(z: float, rx: float, ry: float, x: float = 0.0, y: float = 0.0, sides: int = 8) -> Floats:
    """An ellipse (sides, 3) across z, with a flat side to the front."""
    angle = (np.arange(sides) + 0.5) * (2.0 * np.pi / sides)
    swell = np.cos(np.pi / sides) ** -0.5
    return np.stack([x + rx * swell * np.cos(angle), y + ry * swell * np.sin(angle), np.full(sides, z)], axis=1)


def piece(corner: Floats, material: str) -> Mesh:
    """Triangles (n, 3, 3) of one material."""
    return make_mesh(corner, code(material), TAG)


def tube(rings: Sequence[Floats], bands: str | Sequence[str], lids: str = "") -> Mesh:
    """A skin over rings, of one material or one for each band between two. `lids`: "first", "last" or "both" ends are
    closed.
    """
    names = [bands] * (len(rings) - 1) if isinstance(bands, str) else list(bands)
    skin = make_mesh(
        shapes.loft(np.array(rings), ends=False), np.repeat([code(n) for n in names], 2 * len(rings[0])), TAG
    )
    up = 1.0 if rings[-1][0, 2] > rings[0][0, 2] else -1.0
    first = [lid(rings[0], names[0], -up)] if lids in ("first", "both") else []
    last = [lid(rings[-1], names[-1], up)] if lids in ("last", "both") else []
    return join([skin, *first, *last])


def painted(rings: Sequence[Floats], cells: Sequence[Sequence[str]]) -> Mesh:
    """A skin over rings without ends, with a material for every side of every band."""
    names = np.array([[code(name) for name in band] for band in cells])
    return make_mesh(shapes.loft(np.array(rings), ends=False), np.repeat(names.ravel(), 2), TAG)


def lid(outline: Floats, material: str, towards: float) -> Mesh:
    """A flat convex end that looks along +z or, where `towards` is negative, along -z."""
    corner = shapes.fan(outline)
    up = np.cross(corner[0, 1] - corner[0, 0], corner[0, 2] - corner[0, 0])[2]
    return piece(corner if up * towards > 0.0 else shapes.flipped(corner), material)


def mirrored(mesh: Mesh) -> Mesh:
    """Left and right exchanged."""
    return replace(mesh, corner=shapes.mirrored(mesh.corner.astype(np.float64)).astype(np.float32))
