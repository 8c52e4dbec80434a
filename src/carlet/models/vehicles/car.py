"""Cars: body, cabin, lamps, mirrors, doors and wheels put together."""

from dataclasses import replace

import numpy as np

from carlet.models.actor_model import Model, Part
from carlet.models.vehicles.body import frame_of, lines_of, lower_skin, stations_of, top_and_bottom
from carlet.models.vehicles.cabin import cabin_skin, head_point, panes_of
from carlet.models.vehicles.details import front_details, mirror, rear_details, side_details
from carlet.models.vehicles.doors import door_parts, door_spans
from carlet.models.vehicles.extras import Car, extra_pieces
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import mesh_of, on_both_sides
from carlet.models.vehicles.style import Style
from carlet.models.vehicles.wheels import wheel_parts


def car_model(facts: VehicleFacts, style: Style) -> Model:
    """A car, van or anything else that is built like one."""
    frame = frame_of(facts, style)
    places = stations_of(frame, style)
    panes = panes_of(frame, style, places)
    doors = door_spans(style, places, panes)
    lines = lines_of(frame, style, tuple(s for span in doors for s in span))
    shell = replace(style, door_paint="car_interior") if facts.moving_doors else style
    right = [
        *lower_skin(lines, shell, places, doors),
        *top_and_bottom(frame, lines, style, places),
        *cabin_skin(frame, lines, style, places),
        *front_details(lines, style),
        *rear_details(lines, style),
        *side_details(lines, style, doors, facts.moving_doors),
        *mirror(frame, lines, style, places),
    ]
    extras = extra_pieces(Car(facts, style, frame, places, lines))
    body = Part(mesh_of([*on_both_sides(right), *extras], facts.tag))
    parts = [body, *wheel_parts(facts, frame.half_width - style.tumble[1])]
    if facts.moving_doors:
        heads = [np.array([head_point(frame, style, x) for x in pane.head]) for pane in panes]
        parts += door_parts(lines, style, doors, panes, heads, facts.tag)
    return Model(tuple(parts), np.ones((3, 3)))
