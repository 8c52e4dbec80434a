"""Cars: body, cabin, lamps, mirrors, doors and wheels put together."""

from dataclasses import replace

import numpy as np

from carlet.models.actor_model import Model, Part
from carlet.models.vehicles.body import frame_of, lower_skin, top_and_bottom
from carlet.models.vehicles.cabin import cabin_skin
from carlet.models.vehicles.details import front_details, mirror, rear_details, side_details
from carlet.models.vehicles.doors import door_parts
from carlet.models.vehicles.extras import EXTRAS, ON_ROOF, extra_pieces
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.far import far_body
from carlet.models.vehicles.layout import Car, lay_out
from carlet.models.vehicles.pieces import STUCK_ON, Piece, mesh_of, on_both_sides
from carlet.models.vehicles.style import Style
from carlet.models.vehicles.wheels import far_wheels, wheel_parts


def car_model(facts: VehicleFacts, style: Style) -> Model:
    """A car, a van or a bus: anything that is one body on four wheels."""
    car = lay_out(facts, style, frame_of(facts, style))
    body = Part(mesh_of(drawn(car), facts.tag))
    wheels = wheel_parts(facts, car.frame.half_width - style.tumble[1])
    doors = door_parts(car) if facts.moving_doors else ()
    return Model((body, *wheels, *doors), np.ones((3, 3)))


def far_car_model(facts: VehicleFacts, style: Style) -> Model:
    """The same as one rigid part of few triangles."""
    whole = replace(style, ahead=0.0, behind=0.0)
    car = lay_out(facts, whole, frame_of(facts, whole))
    signs = [part for name in style.extras if name in ON_ROOF for part in EXTRAS[name](car)]
    pieces = [*far_body(car), *far_wheels(facts, car.frame.half_width + STUCK_ON), *signs]
    return Model((Part(mesh_of(pieces, facts.tag)),), np.ones((3, 3)))


def drawn(car: Car) -> list[Piece]:
    """The body of a car or cab without wheels and without the doors that open."""
    style, lines = car.style, car.lines
    shell = replace(style, door_paint="car_interior") if car.facts.moving_doors else style
    right = [
        *lower_skin(lines, shell, car.places, car.doors),
        *top_and_bottom(car.frame, lines, style, car.places),
        *cabin_skin(car.frame, lines, style, car.places),
        *front_details(lines, style),
        *([] if style.cab else rear_details(lines, style)),
        *side_details(lines, car.doors, car.facts.moving_doors),
        *(mirror(car.frame, lines, style, car.places) if style.mirrors else []),
    ]
    return [*on_both_sides(right), *extra_pieces(car)]
