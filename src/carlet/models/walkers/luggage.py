"""What hands carry."""

from carlet.models import shapes
from carlet.models.materials import code
from carlet.models.mesh import Mesh, make_mesh
from carlet.models.walkers.measures import TAG, Measures
from carlet.models.walkers.person import Carried, Person

#: How far forward (rad) the forearm is on average when a bag should hang straight.
ELBOW = 0.35
LEFT_HAND = {Carried.HANDBAG: ((0.075, 0.026, 0.085), "leather_black")}
RIGHT_HAND = {Carried.BRIEFCASE: ((0.115, 0.024, 0.15), "leather_brown")}


def held(person: Person, size: Measures, left: bool) -> Mesh:
    """What hangs from a hand, in the frame of the forearm: half length, half width and height by the body's height."""
    bag = (LEFT_HAND if left else RIGHT_HAND).get(person.carried)
    if bag is None:
        return make_mesh([], 0, TAG)
    (long, wide, high), leather = bag
    unit, top = size.unit, -size.forearm - 0.8 * size.hand
    low, upper = (-long * unit, -wide * unit, top - high * unit), (long * unit, wide * unit, top)
    hangs = shapes.turned(shapes.box(low, upper), -ELBOW, axis=1, about=(0.0, 0.0, top))
    return make_mesh(hangs, code(leather), TAG)
