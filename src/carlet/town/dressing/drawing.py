"""From things to triangles: every thing by its kind, model and size, in the order of the things."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from carlet.models.faces import SHOPS
from carlet.models.mesh import Mesh, instanced, join
from carlet.models.street import furniture, lamps, plants, signals
from carlet.town.dressing.houses import draw_buildings
from carlet.town.dressing.parked import parked_car
from carlet.town.dressing.ribbons import draw_runs
from carlet.town.dressing.signals import POLE_LEAN, POLE_MAST, SIGN_FACES
from carlet.town.dressing.table import Rows, Things
from carlet.town.model import Floats
from carlet.town.objects import KIND_TAG, ObjectKind

Draw = Callable[[Things, Rows, bool], Mesh]


def draw(things: Things, lean: bool) -> Mesh:
    """The triangles of all things; `Mesh.thing` are their rows. `lean`: with few triangles."""
    parts = []
    for kind, function in _DRAW.items():
        rows = np.flatnonzero(things.kind == kind)
        if len(rows):
            parts.append(function(things, rows, lean))
    mesh = join(parts)
    mesh.tag[:] = KIND_TAG[things.kind[mesh.thing]] if len(mesh) else 0
    return mesh


def poses_of(things: Things, rows: Rows) -> Floats:
    """Poses (k, 4) of things, as `instanced` takes them."""
    return np.column_stack([things.origin[rows], things.yaw[rows]])


def _by_model(things: Things, rows: Rows, mesh_of: Callable[[int], Mesh], scaled: bool = False) -> Mesh:
    """Copies of the mesh of each model, stretched by `size` when `scaled`."""
    parts = []
    for model in np.unique(things.model[rows]).tolist():
        own = rows[things.model[rows] == model]
        parts.append(instanced(mesh_of(model), poses_of(things, own), own, things.size[own] if scaled else 1.0))
    return join(parts)


def _one(mesh_of: Callable[[], Mesh]) -> Draw:
    return lambda things, rows, lean: instanced(mesh_of(), poses_of(things, rows), rows)


def _trees(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: plants.tree(plants.TREES[model]), scaled=True)


def _bushes(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, plants.bush, scaled=True)


def _lamps(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: lamps.street_lamp(lamps.LAMPS[model]))


def _cars(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: parked_car(model, lean))


def _poles(things: Things, rows: Rows, lean: bool) -> Mesh:
    """Posts; and masts with arms to either side."""
    masts = rows[things.model[rows] % POLE_LEAN == POLE_MAST]
    posts = rows[things.model[rows] % POLE_LEAN != POLE_MAST]
    arms = poses_of(things, masts)
    arms[:, 3] += np.where(things.size[masts, 1] < 0.0, np.pi, 0.0)
    reach = np.column_stack([np.ones(len(masts)), np.abs(things.size[masts, 1]), np.ones(len(masts))])
    return join(
        [
            instanced(signals.light_post(lean), poses_of(things, posts), posts),
            instanced(signals.mast(lean), poses_of(things, masts), masts),
            instanced(signals.mast_arm(lean), arms, masts, reach),
        ]
    )


def _heads(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: signals.light_head(bool(model)))


def _sign_posts(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: signals.sign_post(bool(model)), scaled=True)


def _signs(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: signals.sign_plate(SIGN_FACES[model], lean))


def _boards(things: Things, rows: Rows, lean: bool) -> Mesh:
    return _by_model(things, rows, lambda model: signals.sign_plate(SHOPS[model], lean))


_DRAW: Mapping[ObjectKind, Draw] = MappingProxyType(
    {
        ObjectKind.BUILDING: draw_buildings,
        ObjectKind.BOARD: _boards,
        ObjectKind.TREE: _trees,
        ObjectKind.BUSH: _bushes,
        ObjectKind.HEDGE: draw_runs,
        ObjectKind.WALL: draw_runs,
        ObjectKind.FENCE: draw_runs,
        ObjectKind.GUARD_RAIL: draw_runs,
        ObjectKind.RAILING: draw_runs,
        ObjectKind.STREET_LAMP: _lamps,
        ObjectKind.PARKED_CAR: _cars,
        ObjectKind.LIGHT_POLE: _poles,
        ObjectKind.LIGHT_HEAD: _heads,
        ObjectKind.SIGN_POST: _sign_posts,
        ObjectKind.SIGN: _signs,
        ObjectKind.BENCH: _one(furniture.bench),
        ObjectKind.BIN: _one(furniture.litter_bin),
        ObjectKind.HYDRANT: _one(furniture.hydrant),
        ObjectKind.MAIL_BOX: _one(furniture.mail_box),
        ObjectKind.BUS_STOP: _one(furniture.bus_stop),
        ObjectKind.COLUMN: _one(furniture.column),
        ObjectKind.POWER_BOX: _one(furniture.power_box),
        ObjectKind.CONE: _one(furniture.cone),
        ObjectKind.PLANTER: _one(furniture.planter),
        ObjectKind.BARRIER: _one(furniture.barrier),
        ObjectKind.POWER_POLE: _one(furniture.power_pole),
    }
)
