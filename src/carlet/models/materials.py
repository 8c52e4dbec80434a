"""The registry of materials: what surfaces look like, as numbers that shading kernels read.

Materials are declared in `carlet.models.palette`, one file a family; their place in `MATERIALS` is their code.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PARAMS = 8
#: A colour in linear light, 0 to 1.
Rgb = tuple[float, float, float]


class Pattern(IntEnum):
    """How a surface varies. Parameters are a material's `params`; `local` is the thing's own frame, whose origin and
    yaw stand in `Things`; metres.
    """

    PLAIN = 0
    #: World frame: grain, stains and cracks. (grain contrast 0-1, crack share 0-1)
    ASPHALT = 1
    #: World frame, along x and y turned by `turn`: (length, width, joint width, joint contrast 0-1, turn in rad)
    SLABS = 2
    #: World frame: (contrast 0-1, scale of the patches)
    GRASS = 3
    #: Leaves: mottled, normals bent away from a point over the thing's origin. (height of that point, mottle 0-1)
    FOLIAGE = 4
    #: Local frame, windows on upright walls, u along the wall, v up from the origin: (storey height, bay width, window
    #: width, window height, height of the sill over the storey's floor, height of the ground floor, share of windows
    #: lit at night, sheen of the glass)
    FACADE = 5
    #: Courses of bricks or siding, v up from the origin: (course height, brick length (0: none), joint, contrast)
    BRICK = 6
    #: A face of `carlet.models.faces` on the plane x = 0 of the local frame, centred on the origin: (face number,
    #: width, height)
    FACE = 7
    #: Local frame: bands of a second colour: (period, share, slant: shift along y per metre of z, r, g, b)
    STRIPES = 8
    #: Water and puddles: ripples, reflects the sky.
    WATER = 9


class Lamp(IntFlag):
    """Lamps of a thing that may be lit; the first eleven are CARLA's bits of a vehicle's light state."""

    NONE = 0
    POSITION = 1
    LOW_BEAM = 2
    HIGH_BEAM = 4
    BRAKE = 8
    RIGHT_BLINKER = 16
    LEFT_BLINKER = 32
    REVERSE = 64
    FOG = 128
    INTERIOR = 256
    SPECIAL_1 = 512
    SPECIAL_2 = 1024
    RED = 1 << 16
    AMBER = 1 << 17
    GREEN = 1 << 18
    STREET = 1 << 19
    BEACON_LEFT = 1 << 20
    BEACON_RIGHT = 1 << 21


@dataclass(frozen=True)
class Material:
    """`albedo`: share of light given back. `tint`: which colour of the thing, 0 to 2, multiplies the albedo (-1 none).
    `gloss`: 0 matt to 1 mirror of the sky. `emission`: light given off while any of `lamps` is lit (always, when it has
    no lamps).
    """

    name: str
    albedo: Rgb
    tint: int = -1
    gloss: float = 0.0
    emission: Rgb = (0.0, 0.0, 0.0)
    lamps: Lamp = Lamp.NONE
    pattern: Pattern = Pattern.PLAIN
    params: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.params) > PARAMS or not -1 <= self.tint <= 2:
            raise ValueError(f"material {self.name}: at most {PARAMS} parameters and a tint from -1 to 2")


class MaterialArrays(NamedTuple):
    """All materials as columns of k rows: `albedo` (k, 3), `tint` (k,), `gloss` (k,), `emission` (k, 3), `lamps` (k,),
    `pattern` (k,), `params` (k, 8).
    """

    albedo: NDArray[np.float32]
    tint: NDArray[np.int8]
    gloss: NDArray[np.float32]
    emission: NDArray[np.float32]
    lamps: NDArray[np.uint32]
    pattern: NDArray[np.uint8]
    params: NDArray[np.float32]


@cache
def materials() -> Mapping[str, int]:
    """Code of every material by name."""
    return {material.name: code for code, material in enumerate(_all())}


def code(name: str) -> int:
    """Code of a material; KeyError when there is none of that name."""
    return materials()[name]


@cache
def material_arrays() -> MaterialArrays:
    """The registry as arrays."""
    every = _all()
    params = np.zeros((len(every), PARAMS), np.float32)
    for row, material in enumerate(every):
        params[row, : len(material.params)] = material.params
    return MaterialArrays(
        albedo=np.array([m.albedo for m in every], np.float32),
        tint=np.array([m.tint for m in every], np.int8),
        gloss=np.array([m.gloss for m in every], np.float32),
        emission=np.array([m.emission for m in every], np.float32),
        lamps=np.array([m.lamps for m in every], np.uint32),
        pattern=np.array([m.pattern for m in every], np.uint8),
        params=params,
    )


@cache
def materials_digest() -> str:
    """Changes whenever codes change, so that meshes kept on disk are made again."""
    return hashlib.sha256("\n".join(materials()).encode()).hexdigest()[:16]


@cache
def _all() -> tuple[Material, ...]:
    from carlet.models.palette import PALETTE

    names = [material.name for material in PALETTE]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"materials declared twice: {', '.join(twice)}")
    return PALETTE
