"""Vehicle dynamics (CARLA-like response to throttle, brake, steer), walkers, contacts and collision events."""

from carlet.physics.contacts import EDGE, GROUND, Contacts
from carlet.physics.parameters import derive_parameters
from carlet.physics.queries import overlaps, sweep_sphere
from carlet.physics.stepping import step, travelling
from carlet.physics.surroundings import Obstacles, Surroundings

__all__ = [
    "EDGE",
    "GROUND",
    "Contacts",
    "Obstacles",
    "Surroundings",
    "derive_parameters",
    "overlaps",
    "step",
    "sweep_sphere",
    "travelling",
]
