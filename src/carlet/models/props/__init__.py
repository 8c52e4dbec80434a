"""Models of the props that can be spawned."""

from dataclasses import replace
from functools import cache

import numpy as np

from carlet.models.actor_model import Model, Part
from carlet.models.mesh import Mesh
from carlet.models.props import kit
from carlet.models.props.kit import Size, fitted
from carlet.models.props.registry import LOOKS, PALE, Look

__all__ = ["prop_model"]

DYNAMIC = 21
PREFIX = "static.prop."
#: Half size (m) of a mesh from a content path, of which nothing is known.
UNKNOWN_M = (0.5, 0.5, 0.5)


def _plain(size: Size) -> Mesh:
    return kit.box(kit.FIRST, (-size.x, -size.y, 0.0), (size.x, size.y, size.z))


PLAIN = Look(_plain, PALE)


@cache
def prop_model(type_id: str, box_extent: tuple[float, float, float], tag: int = DYNAMIC) -> Model:
    """The model of a prop's blueprint, which fills its box of half sizes `box_extent` (m) and stands on the origin. A
    prop of which no shape is known is a plain box; a box without size is taken as one of a metre.
    """
    look = LOOKS.get(type_id.removeprefix(PREFIX), PLAIN)
    x, y, half = box_extent if any(box_extent) else UNKNOWN_M
    size = Size(x, y, 2.0 * half)
    mesh = fitted(look.shape(size), size)
    mesh = replace(mesh, tag=np.full(len(mesh), tag, np.uint8))
    return Model((Part(mesh),), np.array([look.first, look.second, look.third]))
