"""The cars that stand on parking lanes: measures, colours, and their models at rest as one mesh."""

from functools import cache

import numpy as np

from carlet.models.actor_model import Model
from carlet.models.mesh import Mesh, join
from carlet.models.vehicles import VehicleFacts, far_model, vehicle_model
from carlet.town.model import Floats, Tag


def _car(
    type_id: str, low: float, extent: tuple[float, float, float], wheelbase: float, track: float, radius: float
) -> VehicleFacts:
    return VehicleFacts(
        type_id=f"vehicle.{type_id}",
        box_centre=(0.0, 0.0, low + extent[2]),
        box_extent=extent,
        wheelbase=wheelbase,
        track=(track, track),
        radius=(radius, radius),
        base_type="car",
        special_type="",
        tag=Tag.CAR,
    )


#: Parked cars by model: those of CARLA's library, with its measures.
CARS = (
    _car("audi.tt", 0.0, (2.0906, 0.9971, 0.6926), 2.643, 1.46, 0.34),
    _car("tesla.model3", 0.0, (2.3959, 1.0817, 0.7438), 3.005, 1.42, 0.37),
    _car("nissan.micra", 0.03, (1.8167, 0.9226, 0.7506), 2.49, 1.40, 0.34),
    _car("toyota.prius", 0.0, (2.2568, 1.0034, 0.7624), 2.819, 1.568, 0.37),
    _car("audi.a2", 0.007, (1.8527, 0.8943, 0.7745), 2.506, 1.43, 0.33),
    _car("seat.leon", 0.002, (2.0964, 0.9081, 0.7369), 2.736, 1.595, 0.335),
    _car("citroen.c3", 0.0, (1.9938, 0.9254, 0.8086), 2.684, 1.67, 0.34),
    _car("mercedes.coupe_2020", 0.0, (2.3368, 0.9059, 0.721), 2.833, 1.76, 0.3425),
)
#: Linear colours of paint.
PAINTS = np.array(
    [
        (0.62, 0.62, 0.62),
        (0.02, 0.02, 0.022),
        (0.28, 0.29, 0.30),
        (0.09, 0.095, 0.10),
        (0.33, 0.02, 0.02),
        (0.02, 0.06, 0.22),
        (0.45, 0.43, 0.38),
        (0.03, 0.10, 0.06),
        (0.10, 0.20, 0.30),
    ]
)


def car_extents() -> Floats:
    """Half sizes (k, 2) of the cars on the ground."""
    return np.array([car.box_extent[:2] for car in CARS])


@cache
def parked_car(model: int, lean: bool) -> Mesh:
    """A car of `CARS` at rest, its origin on the ground between the axles."""
    return _at_rest((far_model if lean else vehicle_model)(CARS[model]))


def _at_rest(model: Model) -> Mesh:
    places: list[Floats] = []
    for part in model.parts:
        parent = places[part.parent] if part.parent >= 0 else np.zeros(3)
        places.append(parent + np.asarray(part.pivot))
    return join(part.mesh.moved(place) for part, place in zip(model.parts, places, strict=True))
