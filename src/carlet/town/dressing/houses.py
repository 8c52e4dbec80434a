"""Drawing of buildings: the unit shapes of `carlet.models.street.buildings` stretched to size."""

import numpy as np
from numpy.typing import ArrayLike

from carlet.models.mesh import Mesh, instanced, join
from carlet.models.street import buildings as shapes
from carlet.models.street.buildings import DESIGN_NAMES, DESIGNS, FOOTING, PARAPET, Design, Roof
from carlet.town.dressing.table import Rows, Things

_LID = 0.25  # a lean flat roof lies this far over the last storey
_HOUSES = frozenset({"cottage", "house", "villa"})
_TALL = frozenset({"office", "tower", "glass", "bands", "flats"})


def draw_buildings(things: Things, rows: Rows, lean: bool) -> Mesh:
    """All buildings, design by design."""
    parts = []
    for model in np.unique(things.model[rows]).tolist():
        own = rows[things.model[rows] == model]
        name = DESIGN_NAMES[model]
        parts += _shell(things, own, DESIGNS[name], lean)
        parts += _trimmings(things, own, name, lean)
    return join(parts)


def _shell(things: Things, rows: Rows, design: Design, lean: bool) -> list[Mesh]:
    """Walls and roof."""
    size = things.size[rows]
    flat = design.roof == Roof.FLAT
    over = (_LID if lean else PARAPET) if flat else 0.0
    walls = _put(
        things,
        rows,
        shapes.walls(design.walls),
        np.column_stack([0.0 * size[:, :2], np.full(len(rows), -FOOTING)]),
        np.column_stack([size[:, :2], size[:, 2] + FOOTING + over]),
    )
    if flat:
        top = np.column_stack([0.0 * size[:, :2], size[:, 2] + over])
        roof = _put(
            things,
            rows,
            shapes.flat_roof(design.cover, lean),
            top,
            np.column_stack([size[:, :2], np.full(len(rows), PARAPET)]),
        )
        return [walls, roof]
    hip = design.roof == Roof.HIP
    mesh = shapes.hip_roof(design.cover, lean) if hip else shapes.gable_roof(design.cover, design.gable, lean)
    rise = design.pitch * 0.5 * size[:, 1]
    span = np.column_stack([size[:, :2] + 2.0 * design.eaves, rise])
    return [walls, _put(things, rows, mesh, np.column_stack([0.0 * size[:, :2], size[:, 2]]), span)]


def _trimmings(things: Things, rows: Rows, name: str, lean: bool) -> list[Mesh]:
    """What makes a design recognisable, less of it where triangles are few."""
    if name in _HOUSES:
        return _house(things, rows, lean)
    if name == "row":
        return [] if lean else [*_doors(things, rows, 0.25), *_chimneys(things, rows, 0.4)]
    if name == "shop":
        return [*_awnings(things, rows), *([] if lean else _roof_boxes(things, rows, lean))]
    if name in _TALL:
        return [*_roof_boxes(things, rows, lean), *(_balconies(things, rows) if name == "flats" and not lean else [])]
    if name in ("hall", "barn"):
        return [_front(things, rows, shapes.gate(), 0.0), *([] if name == "hall" else _silos(things, rows))]
    size = things.size[rows]
    aside = np.column_stack([-0.5 * size[:, 0] - 2.1, 0.0 * size[:, :2]])
    return [_put(things, rows, shapes.spire(), aside, 1.0), _front(things, rows, shapes.gate(), 0.0)]


def _house(things: Things, rows: Rows, lean: bool) -> list[Mesh]:
    parts = _doors(things, rows, 0.0) if not lean else [_front(things, rows, shapes.gate(), 0.0, 0.35)]
    if lean:
        return parts
    porches = rows[things.seed[rows] % 3 == 0]
    return [*parts, *_chimneys(things, rows, 0.28), _front(things, porches, shapes.porch(), 0.0)]


def _doors(things: Things, rows: Rows, place: float) -> list[Mesh]:
    return [_front(things, rows, shapes.door(), place)]


def _front(things: Things, rows: Rows, mesh: Mesh, place: float, scale: float = 1.0) -> Mesh:
    """Something on the wall towards the street, `place` of the width from its middle."""
    size = things.size[rows]
    spot = np.column_stack([place * size[:, 0], -0.5 * size[:, 1], np.zeros(len(rows))])
    return _put(things, rows, mesh, spot, scale)


def _chimneys(things: Things, rows: Rows, place: float) -> list[Mesh]:
    size = things.size[rows]
    side = np.where(things.seed[rows] % 2 == 0, place, -place)
    spot = np.column_stack([side * size[:, 0], 0.08 * size[:, 1], size[:, 2]])
    pitch = np.array([DESIGNS[DESIGN_NAMES[model]].pitch for model in things.model[rows].tolist()])
    tall = np.column_stack([np.ones((len(rows), 2)), 0.5 * pitch * size[:, 1] + 0.7])
    return [_put(things, rows, shapes.chimney(), spot, tall)]


def _awnings(things: Things, rows: Rows) -> list[Mesh]:
    """Over half of the shops."""
    own = rows[things.seed[rows] % 2 == 0]
    size = things.size[own]
    wide = np.column_stack([size[:, 0] - 1.0, np.ones((len(own), 2))])
    spot = np.column_stack([np.zeros(len(own)), -0.5 * size[:, 1], np.zeros(len(own))])
    return [_put(things, own, shapes.awning(), spot, wide)]


def _roof_boxes(things: Things, rows: Rows, lean: bool) -> list[Mesh]:
    """One box on the roof, and a second one of another size where there may be more triangles."""
    size, seed = things.size[rows], things.seed[rows].astype(np.int64)
    parts = []
    for number in range(1 if lean else 2):
        bits = (seed >> (7 * number)) & 0x7F
        place = np.column_stack([(bits % 8) / 16.0 - 0.22, (bits // 8) / 40.0 - 0.2])
        spot = np.column_stack([place * size[:, :2], size[:, 2]])
        span = np.column_stack([0.16 * size[:, :2] + 1.0, 2.2 + 0.03 * size[:, 2] + 0.5 * number])
        parts.append(_put(things, rows, shapes.roof_box(lean), spot, span))
    return parts


def _balconies(things: Things, rows: Rows) -> list[Mesh]:
    """A balcony on every storey but the lowest, in columns."""
    design = DESIGNS["flats"]
    size = things.size[rows]
    storeys = np.round(size[:, 2] / design.storey).astype(int) - 1
    parts = []
    for place in (-0.25, 0.25):
        owner = np.repeat(np.arange(len(rows)), storeys)
        level = np.arange(len(owner)) - np.repeat(np.cumsum(storeys) - storeys, storeys) + 1
        spot = np.column_stack([place * size[owner, 0], -0.5 * size[owner, 1], level * design.storey + 0.1])
        parts.append(_put(things, rows[owner], shapes.balcony(), spot, 1.0))
    return parts


def _silos(things: Things, rows: Rows) -> list[Mesh]:
    own = rows[things.seed[rows] % 3 == 0]
    size = things.size[own]
    spot = np.column_stack([0.5 * size[:, 0] - 2.5, 0.5 * size[:, 1] + 2.2, np.zeros(len(own))])
    return [_put(things, own, shapes.silo(), spot, 1.0)]


def _put(things: Things, rows: Rows, mesh: Mesh, spot: ArrayLike, scale: ArrayLike) -> Mesh:
    """Copies of a mesh at `spot` (k, 3) of each building's own frame."""
    spot, yaw = np.asarray(spot, np.float64), things.yaw[rows]
    cos, sin = np.cos(yaw), np.sin(yaw)
    origin = things.origin[rows]
    x = origin[:, 0] + spot[:, 0] * cos - spot[:, 1] * sin
    y = origin[:, 1] + spot[:, 0] * sin + spot[:, 1] * cos
    return instanced(mesh, np.column_stack([x, y, origin[:, 2] + spot[:, 2], yaw]), rows, scale)
