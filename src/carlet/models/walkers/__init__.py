"""Models of people on foot and in wheelchairs."""

from functools import cache

from carlet.models.actor_model import Joint, Model
from carlet.models.mesh import join
from carlet.models.walkers import far
from carlet.models.walkers.figure import standing
from carlet.models.walkers.heads import head
from carlet.models.walkers.limbs import forearm, shin, thigh, upper_arm
from carlet.models.walkers.luggage import held
from carlet.models.walkers.measures import measures, mirrored
from carlet.models.walkers.person import Person, person, riding
from carlet.models.walkers.trunk import trunk
from carlet.models.walkers.wheelchair import seated

__all__ = ["far_walker_model", "walker_model"]


@cache
def walker_model(
    type_id: str, box_extent: tuple[float, float, float], age: str, gender: str, wheelchair: bool = False
) -> Model:
    """The model of a walker's blueprint. `box_extent` half sizes of its box (m), in whose middle the origin is; `age`
    and `gender` as the blueprint's attributes.
    """
    who = _who(type_id, box_extent, age, gender, wheelchair)
    size = measures(who)
    arm, hand, leg, foot = upper_arm(who, size), forearm(who, size), thigh(who, size), shin(who, size)
    limbs = {
        Joint.HEAD: head(who, size.head),
        Joint.UPPER_ARM_LEFT: arm,
        Joint.UPPER_ARM_RIGHT: mirrored(arm),
        Joint.FOREARM_LEFT: join([hand, held(who, size, left=True)]),
        Joint.FOREARM_RIGHT: join([hand, held(who, size, left=False)]),
        Joint.THIGH_LEFT: leg,
        Joint.THIGH_RIGHT: leg,
        Joint.SHIN_LEFT: foot,
        Joint.SHIN_RIGHT: foot,
    }
    parts = standing(size, trunk(who, size), limbs)
    return Model(seated(parts, size) if wheelchair else parts, who.tints)


@cache
def far_walker_model(
    type_id: str, box_extent: tuple[float, float, float], age: str, gender: str, wheelchair: bool = False
) -> Model:
    """The same walker for a distance, of less than 90 triangles on foot."""
    who = _who(type_id, box_extent, age, gender, wheelchair)
    size = measures(who)
    parts = standing(size, far.trunk(who, size), far.limbs(who, size))
    return Model(seated(parts, size) if wheelchair else parts, who.tints)


def _who(type_id: str, box_extent: tuple[float, float, float], age: str, gender: str, wheelchair: bool) -> Person:
    who = person(type_id, 2.0 * box_extent[2], age, gender)
    return riding(who) if wheelchair else who
