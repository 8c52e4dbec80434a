"""Arms and legs, hanging down from their joints."""

import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, join
from carlet.models.walkers.measures import Measures, piece, ring, tube
from carlet.models.walkers.person import Bottom, Person, Top

THICK_SLEEVES = {Top.JACKET: 1.15, Top.SUIT: 1.12, Top.HOODIE: 1.2, Top.COAT: 1.22}
SHORT_SLEEVES = (Top.TEE, Top.DRESS)
SIDES = 5


def upper_arm(person: Person, size: Measures) -> Mesh:
    """The left one, from the shoulder to the elbow."""
    thick = size.unit * person.build.limb
    cloth = thick * THICK_SLEEVES.get(person.top, 1.0)
    rings = [
        ring(0.014 * size.unit, 0.016 * cloth, 0.012 * cloth, y=0.010 * size.unit, sides=SIDES),
        ring(-0.028 * size.unit, 0.030 * cloth, 0.025 * cloth, sides=SIDES),
    ]
    elbow = ring(-1.03 * size.upper_arm, 0.023 * cloth, 0.022 * cloth, sides=SIDES)
    if person.top not in SHORT_SLEEVES:
        return tube([*rings, elbow], "cloth_top", "first")
    bare = ring(-1.03 * size.upper_arm, 0.0215 * thick, 0.0205 * thick, sides=SIDES)
    hem = ring(-0.55 * size.upper_arm, 0.029 * thick, 0.026 * thick, sides=SIDES)
    return tube([*rings, hem, bare], ("cloth_top", "cloth_top", "skin"), "first")


def forearm(person: Person, size: Measures) -> Mesh:
    """From the elbow to the finger tips."""
    thick = size.unit * person.build.limb
    bare = person.top in SHORT_SLEEVES
    sleeve = thick if bare else thick * THICK_SLEEVES.get(person.top, 1.0)
    wrist = (0.0135, 0.0125) if bare else (0.018, 0.017)
    rings = [
        ring(0.012 * size.unit, 0.020 * sleeve, 0.019 * sleeve, sides=SIDES),
        ring(-size.forearm, wrist[0] * sleeve, wrist[1] * sleeve, sides=SIDES),
    ]
    return join([tube(rings, "skin" if bare else "cloth_top", "first"), _hand(size)])


def thigh(person: Person, size: Measures) -> Mesh:
    """From the hip to the knee."""
    thick, length = size.unit * person.build.limb, size.hip - size.knee
    slim = 0.75 if person.bottom is Bottom.SKIRT else 1.0
    top = ring(0.012 * size.unit, 0.056 * slim * thick, 0.045 * slim * thick, -0.004 * size.unit, sides=SIDES)
    if person.bottom is Bottom.SHORTS:
        hem = ring(-0.72 * length, 0.043 * thick, 0.042 * thick, sides=SIDES)
        knee = ring(-1.03 * length, 0.028 * thick, 0.027 * thick, sides=SIDES)
        return tube([top, hem, knee], ("cloth_legs", "skin"), "last")
    wide = 0.034 if person.bottom is Bottom.TROUSERS else 0.029
    knee = ring(-1.03 * length, wide * thick, wide * thick, sides=SIDES)
    return tube([top, knee], "cloth_legs" if person.bottom is Bottom.TROUSERS else "skin", "last")


def shin(person: Person, size: Measures) -> Mesh:
    """From the knee to the sole."""
    thick, ankle = size.unit * person.build.limb, 0.035 * size.unit
    dressed = person.bottom is Bottom.TROUSERS
    widths = (0.032, 0.028) if dressed else (0.027, 0.030, 0.018)
    places = (0.012 * size.unit, *(() if dressed else (-0.30 * size.knee,)), ankle - size.knee)
    back = (0.0, *(() if dressed else (-0.006 * size.unit,)), -0.004 * size.unit)
    rings = [ring(z, w * thick, w * thick, x, sides=SIDES) for z, w, x in zip(places, widths, back, strict=True)]
    return join([tube(rings, "cloth_legs" if dressed else "skin", "first"), _shoe(person, size)])


def _hand(size: Measures) -> Mesh:
    unit, wrist = size.unit, -size.forearm
    shape = ((0.010, 0.0095, 0.01), (0.021, 0.009, -0.45), (0.013, 0.006, -1.0))
    rings = [ring(wrist + z * size.hand, rx * unit, ry * unit, sides=4) for rx, ry, z in shape]
    return tube(rings, "skin", "last")


def _shoe(person: Person, size: Measures) -> Mesh:
    unit, sole = size.unit, -size.knee
    long, wide = (1.0, 1.0) if not person.female else (0.93, 0.88)
    shape = ((-0.040, 0.018, 0.050), (0.022, 0.026, 0.046), (0.098, 0.019, 0.018))
    rings = [
        np.array([(x * long, y * wide, z) for y, z in ((-w, 0.0), (w, 0.0), (0.8 * w, h), (-0.8 * w, h))]) * unit
        for x, w, h in shape
    ]
    return piece(shapes.loft(np.array(rings) + (0.0, 0.0, sole)), person.shoes)
