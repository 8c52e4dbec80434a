"""Roads, pavements, paint and land."""

from carlet.models.materials import Material, Pattern

SURFACES: tuple[Material, ...] = (
    Material("asphalt", (0.085, 0.085, 0.09), pattern=Pattern.ASPHALT, params=(0.25, 0.15)),
    Material("asphalt_shoulder", (0.098, 0.097, 0.097), pattern=Pattern.ASPHALT, params=(0.3, 0.05)),
    Material("asphalt_worn", (0.115, 0.113, 0.11), pattern=Pattern.ASPHALT, params=(0.3, 0.2)),
    Material("pavement", (0.36, 0.35, 0.33), pattern=Pattern.SLABS, params=(1.2, 1.2, 0.03, 0.5)),
    Material("island", (0.33, 0.32, 0.30), pattern=Pattern.SLABS, params=(0.4, 0.2, 0.02, 0.4)),
    Material("kerb", (0.42, 0.41, 0.39)),
    Material("grass", (0.10, 0.17, 0.05), pattern=Pattern.GRASS, params=(0.5, 3.0)),
    Material("grass_dry", (0.19, 0.19, 0.08), pattern=Pattern.GRASS, params=(0.45, 4.0)),
    Material("soil", (0.19, 0.14, 0.09), pattern=Pattern.GRASS, params=(0.3, 1.5)),
    Material("paint_white", (0.75, 0.75, 0.73)),
    Material("paint_yellow", (0.70, 0.48, 0.06)),
)
