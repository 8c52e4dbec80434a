"""Skin, clothes, and props."""

from carlet.models.materials import Material

FIGURES: tuple[Material, ...] = (Material("skin", (1.0, 1.0, 1.0), tint=2),)
