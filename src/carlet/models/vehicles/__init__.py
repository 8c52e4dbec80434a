"""Models of vehicles from their measures."""

from carlet.models.actor_model import Model
from carlet.models.vehicles.bicycle import BICYCLES, bicycle_model, far_bicycle_model
from carlet.models.vehicles.car import car_model, far_car_model
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.kinds import SEDAN
from carlet.models.vehicles.motorcycle import MOTORCYCLES, far_motorcycle_model, motorcycle_model
from carlet.models.vehicles.styles import STYLES
from carlet.models.vehicles.trucks import TRUCKS, far_truck_model, truck_model

__all__ = ["VehicleFacts", "far_model", "vehicle_model"]


def vehicle_model(facts: VehicleFacts) -> Model:
    """The model of a vehicle, seen from near; a type that is not in CARLA's library becomes a saloon car."""
    name = facts.type_id
    if name in TRUCKS:
        return truck_model(facts, TRUCKS[name])
    if name in BICYCLES:
        return bicycle_model(facts, BICYCLES[name])
    if name in MOTORCYCLES:
        return motorcycle_model(facts, MOTORCYCLES[name])
    return car_model(facts, STYLES.get(name, SEDAN))


def far_model(facts: VehicleFacts) -> Model:
    """The same vehicle as one rigid part of about a hundred triangles."""
    name = facts.type_id
    if name in TRUCKS:
        return far_truck_model(facts, TRUCKS[name])
    if name in BICYCLES:
        return far_bicycle_model(facts, BICYCLES[name])
    if name in MOTORCYCLES:
        return far_motorcycle_model(facts, MOTORCYCLES[name])
    return far_car_model(facts, STYLES.get(name, SEDAN))
