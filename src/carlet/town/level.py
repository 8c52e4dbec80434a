"""All triangles of a town: its surfaces, and what stands on them."""

from carlet.town.dressing import build_dressing
from carlet.town.level_mesh import LevelMesh, join_levels
from carlet.town.model import Town
from carlet.town.surfaces import build_surfaces


def level_mesh(town: Town) -> LevelMesh:
    """The triangles of `town` and their things, always the same for the same town."""
    return join_levels((build_surfaces(town), build_dressing(town)))
