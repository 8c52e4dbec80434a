"""Buildings, plants and street furniture."""

from collections.abc import Mapping
from types import MappingProxyType

from carlet.models.faces import FACES, SHOPS, SPEEDS_KMH, face
from carlet.models.materials import Lamp, Material, Pattern, Rgb

#: Width and height (m) of the faces, as far as they are not a square of 0.75 m.
_FACE_SIZES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "yield": (0.9, 0.9),
        "parking": (0.6, 0.6),
        "crossing": (0.6, 0.6),
        "bus": (0.5, 0.5),
        "arrow": (1.6, 0.6),
        **{f"speed_{speed}": (0.62, 0.76) for speed in SPEEDS_KMH},
        **dict.fromkeys(SHOPS, (3.2, 0.7)),
        **{name: (1.2, 1.7) for name in FACES if name.startswith("poster")},
    }
)


def face_size(name: str) -> tuple[float, float]:
    """Width and height (m) at which a face is shown."""
    return _FACE_SIZES.get(name, (0.75, 0.75))


def _facade(name: str, *params: float, albedo: Rgb = (1.0, 1.0, 1.0)) -> Material:
    """Walls with windows in the colour of tint 0; parameters as for `Pattern.FACADE`."""
    return Material(name, albedo, tint=0, pattern=Pattern.FACADE, params=params)


def _leaves(name: str, albedo: Rgb, height: float, mottle: float = 0.7) -> Material:
    """Leaves in shades of tint 0 around a point `height` metres over the ground."""
    return Material(name, albedo, tint=0, pattern=Pattern.FOLIAGE, params=(height, mottle))


def _lens(name: str, albedo: Rgb, emission: Rgb, lamp: Lamp) -> Material:
    return Material(name, albedo, gloss=0.25, emission=emission, lamps=lamp)


STREET: tuple[Material, ...] = (
    # frames, posts, housings
    Material("metal", (0.25, 0.26, 0.27), gloss=0.2),
    Material("metal_dark", (0.035, 0.037, 0.04), gloss=0.15),
    Material("metal_green", (0.02, 0.07, 0.045), gloss=0.15),
    Material("metal_tint", (1.0, 1.0, 1.0), tint=0, gloss=0.2),
    Material("galvanised", (0.42, 0.44, 0.45), gloss=0.25),
    Material("sign_back", (0.30, 0.31, 0.32), gloss=0.1),
    Material("housing", (0.012, 0.012, 0.013), gloss=0.05),
    Material("housing_rim", (0.62, 0.45, 0.03)),
    Material("pane", (0.06, 0.08, 0.10), gloss=0.8),
    # walls and roofs; tint 0 walls, tint 1 roofs, tint 2 doors and awnings
    Material("plaster", (1.0, 1.0, 1.0), tint=0),
    Material("concrete", (0.36, 0.355, 0.34)),
    Material("concrete_light", (0.50, 0.49, 0.47)),
    Material("stone", (0.34, 0.31, 0.27), pattern=Pattern.BRICK, params=(0.28, 0.55, 0.025, 0.45)),
    Material("bricks", (0.30, 0.12, 0.075), pattern=Pattern.BRICK, params=(0.075, 0.24, 0.012, 0.4)),
    Material("bricks_tint", (1.0, 1.0, 1.0), tint=0, pattern=Pattern.BRICK, params=(0.075, 0.24, 0.012, 0.3)),
    Material("siding", (1.0, 1.0, 1.0), tint=0, pattern=Pattern.BRICK, params=(0.22, 0.0, 0.02, 0.35)),
    Material("tiles", (1.0, 1.0, 1.0), tint=1, pattern=Pattern.BRICK, params=(0.16, 0.3, 0.03, 0.35)),
    Material("roof_tint", (1.0, 1.0, 1.0), tint=1),
    Material("gravel", (0.22, 0.215, 0.21)),
    Material("trim", (0.62, 0.61, 0.58)),
    Material("door", (1.0, 1.0, 1.0), tint=2),
    Material("awning", (1.0, 1.0, 1.0), tint=2, pattern=Pattern.STRIPES, params=(0.5, 0.5, 0.0, 0.72, 0.70, 0.66)),
    Material("chimney", (0.22, 0.11, 0.08), pattern=Pattern.BRICK, params=(0.075, 0.24, 0.012, 0.3)),
    # storey, bay, window width and height, sill, ground floor, share lit, sheen
    _facade("facade_house", 2.8, 2.4, 1.05, 1.25, 0.95, 0.0, 0.45, 0.35),
    _facade("facade_row", 3.1, 2.0, 0.95, 1.7, 0.75, 0.0, 0.5, 0.35),
    _facade("facade_shop", 3.1, 2.0, 1.0, 1.65, 0.8, 3.6, 0.5, 0.45),
    _facade("facade_flats", 2.9, 2.5, 1.5, 1.4, 0.9, 0.0, 0.55, 0.4),
    _facade("facade_office", 3.5, 2.0, 1.7, 1.9, 0.9, 4.2, 0.35, 0.65),
    _facade("facade_bands", 3.5, 4.0, 3.94, 1.7, 0.95, 4.2, 0.3, 0.7),
    _facade("facade_tower", 3.6, 1.5, 1.32, 3.0, 0.35, 4.8, 0.4, 0.8),
    _facade("facade_glass", 3.8, 1.5, 1.43, 3.55, 0.12, 5.0, 0.35, 0.9, albedo=(0.6, 0.6, 0.6)),
    _facade("facade_hall", 3.0, 4.0, 2.6, 0.8, 1.9, 3.0, 0.15, 0.4),
    _facade("facade_church", 6.5, 4.0, 1.1, 3.6, 1.5, 0.0, 0.3, 0.4),
    # plants
    Material("trunk", (0.11, 0.075, 0.05)),
    Material("trunk_pale", (0.42, 0.41, 0.37)),
    _leaves("leaves", (1.0, 1.0, 1.0), 4.6),
    _leaves("leaves_tall", (1.0, 1.0, 1.0), 6.0),
    _leaves("needles", (1.0, 1.0, 1.0), 3.0, 0.55),
    _leaves("leaves_low", (1.0, 1.0, 1.0), 0.3, 0.7),
    Material("fronds", (0.09, 0.15, 0.035), pattern=Pattern.FOLIAGE, params=(5.5, 0.4)),
    Material("earth", (0.12, 0.085, 0.06)),
    # furniture
    Material("wood", (0.24, 0.14, 0.07)),
    Material("wood_pale", (0.40, 0.30, 0.19)),
    Material(
        "fence_boards", (1.0, 1.0, 1.0), tint=0, pattern=Pattern.STRIPES, params=(0.16, 0.22, 0.0, 0.10, 0.11, 0.09)
    ),
    Material("plastic_red", (0.55, 0.03, 0.025), gloss=0.3),
    Material("plastic_white", (0.75, 0.75, 0.73), gloss=0.3),
    Material("plastic_orange", (0.75, 0.16, 0.015), gloss=0.2),
    Material("barrier", (0.72, 0.72, 0.70), pattern=Pattern.STRIPES, params=(0.5, 0.5, 1.0, 0.55, 0.03, 0.025)),
    # lamps
    Material("lamp_street", (0.65, 0.65, 0.60), emission=(6.0, 4.6, 2.9), lamps=Lamp.STREET),
    _lens("lens_red", (0.14, 0.012, 0.01), (3.2, 0.12, 0.06), Lamp.RED),
    _lens("lens_amber", (0.15, 0.08, 0.008), (3.0, 1.25, 0.06), Lamp.AMBER),
    _lens("lens_green", (0.01, 0.10, 0.055), (0.12, 2.6, 1.25), Lamp.GREEN),
    Material("poster_light", (0.5, 0.5, 0.5), emission=(0.6, 0.6, 0.55), lamps=Lamp.STREET),
    # faces
    *(
        Material(f"face_{name}", (1.0, 1.0, 1.0), pattern=Pattern.FACE, params=(float(face(name)), *face_size(name)))
        for name in FACES
    ),
)
