"""Skin, clothes, and props."""

from carlet.models.materials import Material

#: Tints of people: 0 top, 1 legs, 2 skin.
PEOPLE: tuple[Material, ...] = (
    Material("skin", (1.0, 1.0, 1.0), tint=2),
    Material("lips", (0.62, 0.35, 0.35), tint=2),
    Material("cloth_top", (1.0, 1.0, 1.0), tint=0),
    Material("cloth_top_dark", (0.6, 0.6, 0.6), tint=0),
    Material("cloth_legs", (1.0, 1.0, 1.0), tint=1),
    Material("cloth_white", (0.62, 0.62, 0.60)),
    Material("cloth_black", (0.03, 0.03, 0.032)),
    Material("cloth_navy", (0.022, 0.03, 0.06)),
    Material("cloth_red", (0.35, 0.03, 0.03)),
    Material("eyes", (0.02, 0.015, 0.012), gloss=0.2),
    Material("hair_black", (0.012, 0.010, 0.009), gloss=0.1),
    Material("hair_brown", (0.06, 0.032, 0.018), gloss=0.1),
    Material("hair_blond", (0.36, 0.24, 0.10), gloss=0.1),
    Material("hair_red", (0.20, 0.06, 0.02), gloss=0.1),
    Material("hair_grey", (0.38, 0.38, 0.38)),
    Material("shoe_black", (0.02, 0.02, 0.021), gloss=0.15),
    Material("shoe_brown", (0.12, 0.06, 0.03), gloss=0.1),
    Material("shoe_white", (0.60, 0.60, 0.58)),
    Material("leather_brown", (0.16, 0.075, 0.035), gloss=0.1),
    Material("leather_black", (0.025, 0.025, 0.027), gloss=0.15),
    Material("bag", (0.06, 0.07, 0.10)),
    Material("chrome_dull", (0.45, 0.46, 0.48), gloss=0.35),
    Material("badge", (0.60, 0.48, 0.15), gloss=0.4),
)

FIGURES: tuple[Material, ...] = PEOPLE
