"""Bodies, glass, rubber and lamps of vehicles."""

from carlet.models.materials import Material

VEHICLES: tuple[Material, ...] = (Material("car_paint", (1.0, 1.0, 1.0), tint=0, gloss=0.6),)
