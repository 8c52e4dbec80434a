"""Models of vehicles from their measures."""

from carlet.models.actor_model import Model
from carlet.models.vehicles.car import car_model
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.styles import SEDAN, STYLES

__all__ = ["VehicleFacts", "far_model", "vehicle_model"]


def vehicle_model(facts: VehicleFacts) -> Model:
    """The model of a vehicle."""
    return car_model(facts, STYLES.get(facts.type_id, SEDAN))


def far_model(facts: VehicleFacts) -> Model:
    """The model of a vehicle."""
    return car_model(facts, STYLES.get(facts.type_id, SEDAN))
