"""Skin, clothes, and props."""

from carlet.models.materials import Material, Pattern

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

#: Tints of props: their first, second and third colour; leaves are in the second.
PROPS: tuple[Material, ...] = (
    Material("prop_first", (1.0, 1.0, 1.0), tint=0),
    Material("prop_first_gloss", (1.0, 1.0, 1.0), tint=0, gloss=0.3),
    Material("prop_second", (1.0, 1.0, 1.0), tint=1),
    Material("prop_third", (1.0, 1.0, 1.0), tint=2),
    Material("prop_black", (0.025, 0.025, 0.027), gloss=0.1),
    Material("prop_white", (0.72, 0.72, 0.70)),
    Material("prop_metal", (0.40, 0.41, 0.43), gloss=0.3),
    Material("prop_wood", (0.26, 0.16, 0.085)),
    Material("prop_trunk", (0.14, 0.095, 0.06)),
    Material("prop_glass", (0.07, 0.09, 0.10), gloss=0.8),
    Material("prop_leaves", (1.0, 1.0, 1.0), tint=1, pattern=Pattern.FOLIAGE, params=(0.3, 0.5)),
    Material("prop_crown", (1.0, 1.0, 1.0), tint=1, pattern=Pattern.FOLIAGE, params=(9.0, 0.6)),
    Material("prop_light", (0.55, 0.38, 0.10), emission=(2.0, 1.1, 0.12)),
    Material("prop_screen", (0.25, 0.32, 0.38), gloss=0.3, emission=(0.22, 0.28, 0.32)),
)

FIGURES: tuple[Material, ...] = (*PEOPLE, *PROPS)
