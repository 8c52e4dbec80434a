"""The triangles of all scenery of a town."""

import numpy as np

from carlet.models.mesh import join
from carlet.town.dressing.drawing import draw
from carlet.town.dressing.tints import tints_of
from carlet.town.level_mesh import LevelMesh, make_things
from carlet.town.model import Ints, Scenery, Town
from carlet.town.objects import ObjectKind

#: Kinds whose stripes run along their own x axis, while patterns count along y.
_STRIPED_ALONG = (ObjectKind.FENCE, ObjectKind.BUILDING)


def build_dressing(town: Town) -> LevelMesh:
    """What stands in `town`: a thing for each row of its scenery, in their order."""
    scenery = town.scenery
    things = make_things(
        scenery.origin,
        scenery.yaw + np.where(np.isin(scenery.kind, _STRIPED_ALONG), 0.5 * np.pi, 0.0),
        tints_of(scenery),
        scenery=np.arange(len(scenery)),
        light=_sources(scenery, ObjectKind.LIGHT_HEAD, ObjectKind.LIGHT_POLE),
        sign=_sources(scenery, ObjectKind.SIGN, ObjectKind.SIGN_POST),
        lamp=_sources(scenery, ObjectKind.STREET_LAMP),
    )
    return LevelMesh(draw(scenery, scenery.lean), join([]), things)


def _sources(scenery: Scenery, *kinds: ObjectKind) -> Ints:
    """Rows that things of `kinds` stand for, -1 for others (n,)."""
    return np.where(np.isin(scenery.kind, kinds), scenery.source, -1)
