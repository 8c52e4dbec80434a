"""Buildings, plants and street furniture."""

from carlet.models.materials import Material

STREET: tuple[Material, ...] = (Material("metal", (0.25, 0.26, 0.27), gloss=0.2),)
