"""The materials of this package, a file for each family."""

from carlet.models.materials import Material
from carlet.models.palette.figures import FIGURES
from carlet.models.palette.street import STREET
from carlet.models.palette.surfaces import SURFACES
from carlet.models.palette.vehicles import VEHICLES

PALETTE: tuple[Material, ...] = (*SURFACES, *STREET, *VEHICLES, *FIGURES)

__all__ = ["PALETTE"]
