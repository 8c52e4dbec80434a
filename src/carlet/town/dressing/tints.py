"""Colours of things: which of its kind's colours a thing has hangs on its seed. Linear light, 0 to 1."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from carlet.models.street.buildings import DESIGN_NAMES, DESIGNS
from carlet.models.street.plants import TREES
from carlet.town.dressing.parked import PAINTS
from carlet.town.dressing.table import Things
from carlet.town.model import Floats
from carlet.town.objects import ObjectKind

_WALLS: Mapping[str, Floats] = MappingProxyType(
    {
        "house": np.array(
            [
                (0.66, 0.62, 0.54),
                (0.70, 0.68, 0.64),
                (0.58, 0.49, 0.33),
                (0.48, 0.54, 0.55),
                (0.60, 0.42, 0.31),
                (0.39, 0.45, 0.37),
                (0.68, 0.60, 0.44),
                (0.36, 0.16, 0.11),
                (0.30, 0.37, 0.45),
            ]
        ),
        "row": np.array(
            [
                (0.36, 0.15, 0.10),
                (0.45, 0.24, 0.16),
                (0.58, 0.50, 0.38),
                (0.28, 0.13, 0.10),
                (0.62, 0.58, 0.50),
                (0.50, 0.42, 0.33),
                (0.33, 0.30, 0.28),
            ]
        ),
        "block": np.array(
            [
                (0.54, 0.51, 0.46),
                (0.62, 0.60, 0.56),
                (0.44, 0.33, 0.26),
                (0.58, 0.54, 0.42),
                (0.40, 0.43, 0.45),
                (0.34, 0.20, 0.15),
            ]
        ),
        "office": np.array(
            [
                (0.50, 0.49, 0.47),
                (0.36, 0.37, 0.38),
                (0.58, 0.56, 0.52),
                (0.46, 0.27, 0.19),
                (0.55, 0.46, 0.34),
                (0.30, 0.27, 0.24),
            ]
        ),
        "glass": np.array(
            [(0.50, 0.60, 0.66), (0.36, 0.47, 0.57), (0.57, 0.66, 0.64), (0.40, 0.42, 0.46), (0.60, 0.52, 0.40)]
        ),
        "hall": np.array([(0.50, 0.51, 0.52), (0.55, 0.52, 0.45), (0.28, 0.34, 0.42), (0.38, 0.42, 0.38)]),
        "barn": np.array([(0.30, 0.055, 0.04), (0.26, 0.17, 0.11), (0.42, 0.38, 0.32), (0.22, 0.10, 0.07)]),
        "church": np.array([(0.66, 0.64, 0.60), (0.44, 0.38, 0.32)]),
    }
)
_ROOFS = np.array(
    [
        (0.26, 0.09, 0.05),
        (0.20, 0.075, 0.05),
        (0.075, 0.075, 0.08),
        (0.13, 0.12, 0.115),
        (0.17, 0.10, 0.07),
        (0.10, 0.11, 0.13),
    ]
)
_DOORS = np.array(
    [
        (0.18, 0.02, 0.02),
        (0.03, 0.10, 0.06),
        (0.03, 0.06, 0.16),
        (0.20, 0.11, 0.05),
        (0.05, 0.05, 0.055),
        (0.32, 0.20, 0.05),
    ]
)
_LEAVES: Mapping[str, Floats] = MappingProxyType(
    {
        "broad": np.array(
            [
                (0.085, 0.150, 0.030),
                (0.070, 0.130, 0.032),
                (0.105, 0.160, 0.030),
                (0.060, 0.115, 0.030),
                (0.125, 0.155, 0.032),
            ]
        ),
        "fir": np.array([(0.030, 0.075, 0.032), (0.040, 0.085, 0.030), (0.028, 0.068, 0.040)]),
        "poplar": np.array([(0.080, 0.140, 0.035), (0.095, 0.150, 0.040)]),
    }
)
_FENCES = np.array([(0.66, 0.65, 0.62), (0.24, 0.15, 0.09), (0.40, 0.32, 0.22), (0.16, 0.10, 0.07)])
_PLASTERS = np.array([(0.62, 0.58, 0.50), (0.54, 0.50, 0.44), (0.66, 0.64, 0.60)])
_BOXES = np.array([(0.03, 0.09, 0.30), (0.50, 0.34, 0.02), (0.40, 0.03, 0.03)])
_COLUMNS = np.array([(0.55, 0.50, 0.40), (0.35, 0.42, 0.45), (0.55, 0.30, 0.22)])


def tints_of(things: Things) -> NDArray[np.float32]:
    """Colours (n, 3, 3) of the three slots of every thing; white where its kind uses none."""
    tint = np.ones((len(things.yaw), 3, 3), np.float32)
    seed = things.seed.astype(np.int64)
    for kind, colours in (
        (ObjectKind.PARKED_CAR, PAINTS),
        (ObjectKind.MAIL_BOX, _BOXES),
        (ObjectKind.COLUMN, _COLUMNS),
        (ObjectKind.HEDGE, _LEAVES["broad"][3:4]),
        (ObjectKind.BUSH, _LEAVES["broad"]),
        (ObjectKind.PLANTER, _LEAVES["broad"]),
    ):
        rows = np.flatnonzero(things.kind == kind)
        tint[rows, 0] = _picked(colours, seed[rows])
    _walls_and_fences(things, tint)
    _buildings(things, tint, seed)
    _trees(things, tint, seed)
    return tint


def _walls_and_fences(things: Things, tint: NDArray[np.float32]) -> None:
    """Pieces near each other have one colour."""
    rows = np.flatnonzero(np.isin(things.kind, (ObjectKind.FENCE, ObjectKind.WALL)))
    place = np.floor(things.origin[rows, :2] / 60.0).astype(np.int64)
    shared = np.abs(place[:, 0] * 7919 + place[:, 1] * 104729)
    fences = things.kind[rows] == ObjectKind.FENCE
    tint[rows[fences], 0] = _FENCES[shared[fences] % len(_FENCES)]
    tint[rows[~fences], 0] = _PLASTERS[shared[~fences] % len(_PLASTERS)]
    tint[rows, 1] = _ROOFS[shared % len(_ROOFS)]


def _buildings(things: Things, tint: NDArray[np.float32], seed: np.ndarray) -> None:
    rows = np.flatnonzero(things.kind == ObjectKind.BUILDING)
    for model in np.unique(things.model[rows]).tolist():
        own = rows[things.model[rows] == model]
        tint[own, 0] = _picked(_WALLS[DESIGNS[DESIGN_NAMES[model]].colours], seed[own])
        tint[own, 1] = _picked(_ROOFS, seed[own] >> 5)
        tint[own, 2] = _picked(_DOORS, seed[own] >> 10)


def _trees(things: Things, tint: NDArray[np.float32], seed: np.ndarray) -> None:
    rows = np.flatnonzero(things.kind == ObjectKind.TREE)
    for model in np.unique(things.model[rows]).tolist():
        own = rows[things.model[rows] == model]
        species = TREES[model].removesuffix("_lean")
        tint[own, 0] = _picked(_LEAVES.get(species, _LEAVES["broad"]), seed[own])


def _picked(colours: Floats, seed: np.ndarray) -> Floats:
    """A colour (n, 3) for each seed (n,), a little lighter or darker."""
    shade = 0.9 + 0.2 * ((seed >> 16) & 0xFF) / 255.0
    return colours[seed % len(colours)] * shade[:, None]
