"""Lorries, fire engines and ambulances: a cab, a load behind it, and a frame that carries both."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from carlet.models.actor_model import Model, Part
from carlet.models.shapes import box
from carlet.models.vehicles.body import Frame
from carlet.models.vehicles.car import drawn
from carlet.models.vehicles.doors import door_parts
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.far import far_body
from carlet.models.vehicles.kinds import VAN
from carlet.models.vehicles.layout import Car, lay_out
from carlet.models.vehicles.loads import (
    Load,
    ambulance,
    ambulance_doors,
    box_body,
    cola,
    far_ambulance,
    far_box,
    far_fire_engine,
    fire_engine,
)
from carlet.models.vehicles.pieces import STUCK_ON, Piece, mesh_of, on_both_sides, panel, piece
from carlet.models.vehicles.style import UPPER, Style
from carlet.models.vehicles.wheels import far_wheels, wheel_parts


class Truck(NamedTuple):
    """A kind of truck: its cab's style, where the cab ends (m behind the front) and how high it is (share of the
    vehicle), the gap behind it, what its load is, and parts that move.
    """

    cab: Style
    cab_length: float
    cab_height: float
    gap: float
    load_width: float
    draw: Callable[[VehicleFacts, Load], list[Piece]]
    far: Callable[[VehicleFacts, Load], list[Piece]]
    doors: Callable[[VehicleFacts, Load], list[Part]] = lambda facts, load: []
    headroom: float = 0.0


_LORRY_CAB = replace(
    VAN,
    cab=True,
    mirror=0.09,
    sill=0.45,
    waist=(0.36, 0.42, 0.42),
    belt=((0.0, 0.55), (0.06, 0.57), (1.0, 0.58)),
    screens=(0.045, 0.13, 0.95, 0.98),
    bulge=(0.12, 0.0),
    fall=(0.10, 0.0),
    corner=(0.20, 0.02),
    lean=(0.04, 0.0),
    rail=0.16,
    narrow=(0.97, 0.88),
    panes=((0.42, "car_glass"), (1.0, UPPER)),
    doors=2,
    door_layout="around",
    lamps="low",
    bumper="car_trim",
    mouth=(0.9, 0.0),
    intake=(0.0, 0.0),
)


def truck_model(facts: VehicleFacts, truck: Truck) -> Model:
    """A truck of a kind, in its vehicle's box."""
    cab, load = _parts_of(facts, truck)
    body = [*drawn(cab), *_chassis(load), *truck.draw(facts, load)]
    moving = door_parts(cab) if facts.moving_doors else []
    wheels = wheel_parts(facts, cab.frame.half_width - truck.cab.tumble[1])
    return Model((Part(mesh_of(body, facts.tag)), *wheels, *moving, *truck.doors(facts, load)), np.ones((3, 3)))


def far_truck_model(facts: VehicleFacts, truck: Truck) -> Model:
    """The same as one rigid part of few triangles."""
    cab, load = _parts_of(facts, truck)
    wheels = far_wheels(facts, cab.frame.half_width + STUCK_ON)
    pieces = [*far_body(cab), *wheels, *_far_chassis(load), *truck.far(facts, load)]
    return Model((Part(mesh_of(pieces, facts.tag)),), np.ones((3, 3)))


def _parts_of(facts: VehicleFacts, truck: Truck) -> tuple[Car, Load]:
    wheel = (facts.wheelbase / 2.0, facts.radius[0])
    half_width = facts.box_extent[1] - truck.cab.mirror
    frame = Frame(facts.front, facts.front - truck.cab_length, half_width, truck.cab_height * facts.top, (wheel,))
    radius = facts.radius[1]
    load = Load(
        rear=facts.rear + STUCK_ON,
        front=frame.rear - truck.gap,
        half_width=truck.load_width * facts.box_extent[1],
        floor=2.08 * radius,
        roof=facts.top - truck.headroom,
        rear_wheel=(-facts.wheelbase / 2.0, radius),
        skirt=truck.cab.sill,
    )
    return lay_out(facts, truck.cab, frame), load


def _far_chassis(load: Load) -> list[Piece]:
    wide, low = 0.5 * load.half_width, 0.55 * load.floor
    beam = box((load.rear, -wide, low), (load.front, wide, load.floor), ("-x", "-y", "+y"))
    y, z = 0.94 * load.half_width, 0.5 * load.floor
    spans = (("lamp_tail", 0.0, 0.2), ("lamp_brake", 0.2, 0.4), ("lamp_right", 0.4, 0.55))
    lamps = [panel(name, "-x", load.rear - STUCK_ON, (y - b, z), (y - a, z + 0.16)) for name, a, b in spans]
    return [piece("car_underbody", beam), *on_both_sides(lamps)]


def _chassis(load: Load) -> list[Piece]:
    """The frame under the load, the rear bumper, plate and lamps."""
    wide, low = 0.5 * load.half_width, 0.55 * load.floor
    beam = box((load.rear + 0.1, -wide, low), (load.front + 0.4, wide, load.floor))
    z0, z1 = 0.50 * load.floor, 0.50 * load.floor + 0.16
    bar = box((load.rear, -0.94 * load.half_width, z0), (load.rear + 0.12, 0.94 * load.half_width, z1))
    behind = load.rear - STUCK_ON
    y = 0.94 * load.half_width
    spans = {"lamp_tail": 0.28, "lamp_brake": 0.20, "lamp_right": 0.14, "lamp_reverse": 0.10}
    lamps, edge = [], y
    for name, width in spans.items():
        lamps.append(panel(name, "-x", behind, (edge - width, z0 + 0.02), (edge, z1 - 0.02)))
        edge -= width + 0.015
    fog = panel("lamp_fog_rear", "-x", behind, (edge - 0.1, z0 + 0.02), (edge, z1 - 0.02))
    plate = panel("car_plate", "-x", behind, (-0.26, z0 + 0.02), (0.26, z1 - 0.02))
    return [piece("car_underbody", beam, bar), *on_both_sides([*lamps, fog]), plate]


TRUCKS: Mapping[str, Truck] = {
    "vehicle.carlamotors.carlacola": Truck(
        cab=replace(
            _LORRY_CAB,
            sill=0.36,
            waist=(0.34, 0.44, 0.44),
            belt=((0.0, 0.48), (0.26, 0.55), (1.0, 0.58)),
            screens=(0.28, 0.44, 0.95, 0.98),
            corner=(0.26, 0.02),
            lamps="round",
            bumper="car_paint",
            door_layout="between",
            doors=0,
            panes=((0.80, "car_glass"), (1.0, UPPER)),
            mouth=(0.7, 0.3),
            grille="car_chrome",
            extras=("chrome_front",),
        ),
        cab_length=2.15,
        cab_height=0.90,
        gap=0.04,
        load_width=1.0,
        draw=cola,
        far=far_box("car_paint", ("livery_white", 0.2, 0.4)),
    ),
    "vehicle.carlamotors.european_hgv": Truck(
        cab=_LORRY_CAB,
        cab_length=2.72,
        cab_height=0.87,
        gap=0.14,
        load_width=1.0,
        draw=box_body,
        far=far_box("cargo_box", ("car_paint", 0.25, 0.5)),
    ),
    "vehicle.carlamotors.firetruck": Truck(
        cab=replace(
            _LORRY_CAB,
            doors=4,
            panes=((0.30, "car_glass"), (0.92, "car_glass"), (1.0, UPPER)),
            bumper="car_paint",
            extras=("stripe_cab",),
        ),
        cab_length=3.25,
        cab_height=0.775,
        gap=0.05,
        load_width=0.97,
        draw=fire_engine,
        far=far_fire_engine,
        headroom=0.80,
    ),
    "vehicle.ford.ambulance": Truck(
        cab=replace(
            VAN,
            cab=True,
            mirror=0.12,
            waist=(0.36, 0.41, 0.41),
            belt=((0.0, 0.50), (0.40, 0.58), (1.0, 0.60)),
            screens=(0.40, 0.60, 0.96, 0.985),
            corner=(0.18, 0.02),
            lean=(0.08, 0.0),
            panes=((0.92, "car_glass"), (1.0, UPPER)),
            mouth=(0.9, 0.0),
            grille="car_chrome",
            extras=("stripe_red",),
        ),
        cab_length=2.55,
        cab_height=0.84,
        gap=-0.15,
        load_width=0.97,
        draw=ambulance,
        far=far_ambulance,
        doors=ambulance_doors,
        headroom=0.10,
    ),
}
