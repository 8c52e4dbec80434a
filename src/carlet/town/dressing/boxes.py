"""Bounding boxes of things, and what of them is solid."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from carlet.models.street import lamps, plants, signals
from carlet.town.dressing.drawing import draw
from carlet.town.dressing.table import Things
from carlet.town.model import Floats
from carlet.town.objects import ObjectKind

_MARGIN = 0.005
#: Half the thickness (m) of the post or trunk that alone is solid, by kind; 0: nothing is.
_CORES: Mapping[ObjectKind, float] = MappingProxyType(
    {
        ObjectKind.TREE: plants.TRUNK,
        ObjectKind.BUSH: 0.0,
        ObjectKind.STREET_LAMP: lamps.POST,
        ObjectKind.LIGHT_POLE: signals.MAST,
        ObjectKind.POWER_POLE: 0.16,
    }
)


def boxes_of(things: Things, lean: bool) -> tuple[Floats, Floats]:
    """Centres (n, 3) and half sizes (n, 3) of the boxes, in each thing's own yaw, that hold all its triangles."""
    mesh = draw(things, lean)
    count = len(things.yaw)
    owner = mesh.thing
    local = mesh.corner.astype(np.float64) - things.origin[owner, None]
    cos, sin = np.cos(things.yaw[owner])[:, None], np.sin(things.yaw[owner])[:, None]
    x, y = local[..., 0] * cos + local[..., 1] * sin, local[..., 1] * cos - local[..., 0] * sin
    local = np.stack([x, y, local[..., 2]], axis=-1)
    order = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[order], np.arange(count))
    low = np.minimum.reduceat(local.min(axis=1)[order], first, axis=0) if count else np.zeros((0, 3))
    high = np.maximum.reduceat(local.max(axis=1)[order], first, axis=0) if count else np.zeros((0, 3))
    middle = 0.5 * (low + high)
    cos, sin = np.cos(things.yaw), np.sin(things.yaw)
    shift = np.stack(
        [middle[:, 0] * cos - middle[:, 1] * sin, middle[:, 0] * sin + middle[:, 1] * cos, middle[:, 2]], axis=1
    )
    return things.origin + shift, 0.5 * (high - low) + _MARGIN


def solids_of(things: Things, centre: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Centres and half sizes of what is solid: the whole box; of buildings what lies within their walls; or the post or
    trunk at the thing's origin.
    """
    solid_centre, solid_extent = centre.copy(), extent.copy()
    buildings = things.kind == ObjectKind.BUILDING
    solid_centre[buildings, :2] = things.origin[buildings, :2]
    solid_extent[buildings, :2] = 0.5 * things.size[buildings, :2]
    for kind, half in _CORES.items():
        rows = things.kind == kind
        solid_centre[rows, :2] = things.origin[rows, :2]
        solid_extent[rows, :2] = np.minimum(half, extent[rows, :2])
        if not half:
            solid_extent[rows] = 0.0
    return solid_centre, solid_extent
