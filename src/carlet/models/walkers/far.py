"""People at a distance: the same joints, a few sides each."""

import numpy as np

from carlet.models import shapes
from carlet.models.actor_model import Joint
from carlet.models.mesh import Mesh, join
from carlet.models.walkers.heads import HAT_CLOTH
from carlet.models.walkers.limbs import SHORT_SLEEVES
from carlet.models.walkers.measures import Measures, piece, ring, tube
from carlet.models.walkers.person import Bottom, Hair, Person, Top


def trunk(person: Person, size: Measures) -> Mesh:
    """Pelvis and chest over the ground."""
    unit, build = size.unit, person.build
    trousers = person.bottom is not Bottom.SKIRT
    low = size.hip - (0.14 if person.top is Top.COAT else 0.045 if trousers else 0.17) * unit
    rings = [
        ring(low, (0.055 if trousers else 0.085) * unit, 0.9 * build.hips * unit, sides=4),
        ring(size.belt, 0.95 * build.belly * unit, 0.9 * build.waist * unit, sides=4),
        ring(size.shoulder + 0.005 * unit, 0.6 * build.depth * unit, 0.72 * build.shoulders * unit, sides=4),
    ]
    below = "cloth_top" if person.top is Top.COAT else "cloth_legs"
    return tube(rings, (below, "cloth_top"), "last")


def limbs(person: Person, size: Measures) -> dict[Joint, Mesh]:
    """Head, arms and legs; arms are straight."""
    thick = size.unit * person.build.limb
    arm, leg, foot = _arm(person, size, thick), _thigh(person, size, thick), _shin(person, size, thick)
    return {
        Joint.HEAD: _head(person, size.head),
        Joint.UPPER_ARM_LEFT: arm,
        Joint.UPPER_ARM_RIGHT: arm,
        Joint.THIGH_LEFT: leg,
        Joint.THIGH_RIGHT: leg,
        Joint.SHIN_LEFT: foot,
        Joint.SHIN_RIGHT: foot,
    }


def _head(person: Person, height: float) -> Mesh:
    shape = ((-0.35, 0.12, 0.12, 0.0), (0.40, 0.34, 0.27, 0.02), (1.0, 0.20, 0.18, -0.03))
    rings = [ring(z, rx, ry, x, sides=4) * height for z, rx, ry, x in shape]
    top = HAT_CLOTH.get(person.worn, "skin" if person.hair is Hair.BALD else person.hair_colour)
    return tube(rings, ("skin", top), "last")


def _arm(person: Person, size: Measures, thick: float) -> Mesh:
    end = size.upper_arm + size.forearm + 0.9 * size.hand
    rings = [ring(z, r * thick, r * thick, sides=3) for z, r in ((0.01 * size.unit, 0.023), (-end, 0.013))]
    return tube(rings, "skin" if person.top in SHORT_SLEEVES else "cloth_top")


def _thigh(person: Person, size: Measures, thick: float) -> Mesh:
    cloth = "skin" if person.bottom is Bottom.SKIRT else "cloth_legs"
    knee = 1.04 * (size.knee - size.hip)
    return tube([ring(z, r * thick, r * thick, sides=3) for z, r in ((0.0, 0.046), (knee, 0.032))], cloth, "last")


def _shin(person: Person, size: Measures, thick: float) -> Mesh:
    cloth = "cloth_legs" if person.bottom is Bottom.TROUSERS else "skin"
    leg = tube(
        [ring(z, r * thick, r * thick, sides=3) for z, r in ((0.0, 0.034), (-0.9 * size.knee, 0.022))], cloth, "first"
    )
    unit, sole = size.unit, -size.knee
    heel, toe, wide, high = -0.04 * unit, 0.098 * unit, 0.024 * unit, 0.05 * unit
    points = np.array([(heel, -wide, 0.0), (heel, wide, 0.0), (toe, 0.0, 0.0), (heel, 0.0, high)]) + (0.0, 0.0, sole)
    return join([leg, piece(shapes.outwards(points[[[0, 2, 1], [0, 3, 2], [1, 2, 3], [0, 1, 3]]]), person.shoes)])
