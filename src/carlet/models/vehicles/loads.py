"""What trucks carry behind their cabs."""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from carlet.models.actor_model import Joint, Part
from carlet.models.shapes import bevelled_box, box, cylinder, extrude, tube
from carlet.models.vehicles.doors import hinged
from carlet.models.vehicles.extras import light_bar
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import STUCK_ON, Piece, disc, on_both_sides, panel, piece, sticker

_WALLS = ("-x", "+x", "-y", "+y", "+z")


class Load(NamedTuple):
    """The room behind the cab: from `rear` to `front`, half width, from `floor` up to `roof`; `rear_wheel` (x, radius);
    `skirt`, the lowest edge of its sides.
    """

    rear: float
    front: float
    half_width: float
    floor: float
    roof: float
    rear_wheel: tuple[float, float]
    skirt: float


def cola(facts: VehicleFacts, load: Load) -> list[Piece]:
    """A red box with a white wave along both sides and white letters' worth of bars."""
    y, length, height = load.half_width, load.front - load.rear, load.roof - load.floor
    case = bevelled_box((load.rear, -y, load.floor), (load.front, y, load.roof), 0.06)
    along, low, high = np.linspace(load.rear + 0.1, load.front - 0.1, 6), (0.20, 0.10, 0.22, 0.36, 0.30, 0.42), 0.14
    wave = []
    for k in range(5):
        z0, z1 = (load.floor + low[k] * height, load.floor + low[k + 1] * height)
        quad = [
            (along[k + 1], y, z1),
            (along[k], y, z0),
            (along[k], y, z0 + high * height),
            (along[k + 1], y, z1 + high * height),
        ]
        wave.append(sticker("livery_white", quad))
    bars = [
        panel(
            "livery_white",
            "+y",
            y + STUCK_ON,
            (load.rear + a * length, load.floor + 0.62 * height),
            (load.rear + b * length, load.floor + 0.82 * height),
        )
        for a, b in ((0.16, 0.32), (0.36, 0.40), (0.44, 0.56), (0.60, 0.64), (0.68, 0.84))
    ]
    return [piece("car_paint", case), *_skirts(load, "car_paint"), *on_both_sides([*wave, *bars])]


def box_body(facts: VehicleFacts, load: Load) -> list[Piece]:
    """A plain box body with frames at its ends, doors at the rear, and a wind deflector before it."""
    y = load.half_width
    case = box((load.rear, -y, load.floor), (load.front, y, load.roof), _WALLS + ("-z",))
    rims = [
        panel("car_trim", "+y", y + STUCK_ON, (x, load.floor), (x + 0.10, load.roof))
        for x in (load.rear, load.front - 0.1)
    ]
    rims += [
        panel("car_trim", "+y", y + STUCK_ON, (load.rear, z), (load.front, z + 0.1))
        for z in (load.floor, load.roof - 0.1)
    ]
    doors = [
        panel("car_trim", "-x", load.rear - STUCK_ON, (0.0, load.floor), (0.02, load.roof)),
        panel("rim", "-x", load.rear - STUCK_ON, (0.3, load.floor + 0.05), (0.34, load.roof - 0.05)),
    ]
    band = panel(
        "car_paint", "+y", y + STUCK_ON, (load.rear + 0.4, load.floor + 0.5), (load.front - 0.4, load.floor + 1.1)
    )
    wing = extrude(
        [(load.front + 0.15, load.roof), (load.front + 0.15, 0.85 * load.roof), (load.front + 1.5, 0.86 * load.roof)],
        -0.8 * y,
        0.8 * y,
        axis=1,
    )
    tank = cylinder(0.30, load.front - 1.5, load.front - 0.3, sides=8, axis=0) + (0.0, y - 0.36, load.skirt + 0.32)
    return [
        piece("cargo_box", case),
        piece("car_paint", wing),
        *on_both_sides([*rims, *doors, band, piece("rim", tank)]),
    ]


def fire_engine(facts: VehicleFacts, load: Load) -> list[Piece]:
    """Lockers behind shutters, a stripe, a light bar on the cab, and the ladder on top."""
    y, deck = load.half_width, load.roof
    body = box((load.rear, -y, load.floor), (load.front, y, deck), _WALLS + ("-z",))
    edges = np.linspace(load.rear + 0.15, load.front - 0.1, 5)
    shutters = [
        panel("shutter", "+y", y + STUCK_ON, (a + 0.06, load.floor + 0.25), (b - 0.06, deck - 0.2))
        for a, b in pairwise(edges)
    ]
    stripe = panel("livery_white", "+y", y + STUCK_ON, (load.rear, load.floor + 0.03), (load.front, load.floor + 0.19))
    chevrons = panel("livery_yellow", "-x", load.rear - STUCK_ON, (0.25, load.floor + 0.1), (y - 0.1, load.floor + 0.7))
    cab_roof = 0.775 * facts.top
    return [
        piece("car_paint", body),
        *_skirts(load, "car_paint"),
        *on_both_sides([*shutters, stripe, chevrons]),
        *light_bar(facts.front - 1.0, 0.8 * y, cab_roof - 0.10, cab_roof + 0.16, depth=0.18),
        *light_bar(load.rear + 0.25, 0.9 * y, deck, deck + 0.14, depth=0.1),
        *_ladder(facts, load),
    ]


def ambulance(facts: VehicleFacts, load: Load) -> list[Piece]:
    """A tall white box with a red band, a blue star, windows and beacons all round."""
    y = load.half_width
    case = bevelled_box((load.rear + 0.06, -y, load.floor), (load.front, y, load.roof), (0.04, 0.05, 0.12))
    stripe = panel("livery_red", "+y", y + STUCK_ON, (load.rear + 0.12, 0.98), (load.front - 0.06, 1.24))
    window = panel("car_glass", "+y", y + STUCK_ON, (load.front - 1.3, 1.4), (load.front - 0.5, 1.85))
    middle = (load.rear + 1.5, y, 1.62)
    star = [disc("livery_blue", middle, (0.0, 1.0, 0.0), 0.26, STUCK_ON, sides=6)]
    star += [
        panel("livery_white", "+y", y + 2 * STUCK_ON, (middle[0] - a, 1.62 - b), (middle[0] + a, 1.62 + b))
        for a, b in ((0.03, 0.2),)
    ]
    lamps = [
        piece("beacon_right", box((x, 0.55 * y, load.roof - 0.02), (x + 0.16, 0.92 * y, facts.top), _WALLS))
        for x in (load.rear + 0.1, load.front - 0.3)
    ]
    return [
        piece("car_paint", case),
        *_skirts(load, "car_paint"),
        panel("car_interior", "-x", load.rear + 0.055, (-0.92 * y, load.floor + 0.05), (0.92 * y, load.roof - 0.2)),
        *on_both_sides([stripe, window, *star, *lamps]),
    ]


def ambulance_doors(facts: VehicleFacts, load: Load) -> list[Part]:
    """Two doors at the rear, hinged at the corners."""
    y, z0, z1 = 0.92 * load.half_width, load.floor + 0.05, load.roof - 0.2
    right = [
        piece("car_paint", box((load.rear + 0.008, 0.01, z0), (load.rear + 0.05, y, z1))),
        panel("car_glass", "-x", load.rear, (0.15, 1.35), (y - 0.15, 1.9)),
        panel("livery_red", "-x", load.rear, (0.01, 0.98), (y, 1.24)),
    ]
    return hinged(right, np.array((load.rear + 0.03, y, z0)), Joint.DOOR_REAR_LEFT, Joint.DOOR_REAR_RIGHT, facts.tag)


def far_box(material: str, *bands: tuple[str, float, float]) -> Callable[[VehicleFacts, Load], list[Piece]]:
    """A box with upright shares of its sides in other materials."""

    def drawn_far(facts: VehicleFacts, load: Load) -> list[Piece]:
        y, height = load.half_width, load.roof - load.floor
        case = piece(material, box((load.rear, -y, load.floor), (load.front, y, load.roof), _WALLS))
        stripes = [
            panel(
                name,
                "+y",
                y + 2 * STUCK_ON,
                (load.rear + 0.2, load.floor + a * height),
                (load.front - 0.2, load.floor + b * height),
            )
            for name, a, b in bands
        ]
        return [case, *on_both_sides(stripes)]

    return drawn_far


def far_fire_engine(facts: VehicleFacts, load: Load) -> list[Piece]:
    """Lockers, light bar and ladder as boxes."""
    cab_roof = 0.775 * facts.top
    ladder = box((load.rear + 0.5, -0.5, facts.top - 0.28), (facts.front - 1.9, 0.5, facts.top))
    return [
        *far_box("car_paint", ("shutter", 0.14, 0.88))(facts, load),
        *light_bar(facts.front - 1.0, 0.8 * load.half_width, cab_roof - 0.10, cab_roof + 0.16, depth=0.18)[:2],
        piece("rim", ladder),
    ]


def far_ambulance(facts: VehicleFacts, load: Load) -> list[Piece]:
    """A box with a red band and beacons in front."""
    bar = light_bar(load.front - 0.3, 0.9 * load.half_width, load.roof, facts.top)[:2]
    return [*far_box("car_paint", ("livery_red", 0.16, 0.33))(facts, load), *bar]


def _skirts(load: Load, material: str) -> list[Piece]:
    """Sides below the floor, before and behind the rear wheel."""
    x, radius = load.rear_wheel
    spans = ((x + 1.2 * radius, load.front), (load.rear + 0.04, x - 1.2 * radius))
    shapes = [
        box((a, 0.55 * load.half_width, load.skirt), (b, load.half_width - 0.02, load.floor))
        for a, b in spans
        if b > a + 0.1
    ]
    return on_both_sides([piece(material, *shapes)])


def _ladder(facts: VehicleFacts, load: Load) -> list[Piece]:
    start, end = (
        np.array((load.rear + 0.5, 0.45, load.roof + 0.35)),
        np.array((facts.front - 1.9, 0.45, facts.top - 0.30)),
    )
    rail = [
        tube([start, end], 0.05),
        tube([start + (0.0, 0.0, 0.28), end + (0.0, 0.0, 0.25)], 0.05),
    ]
    flip = np.array((1.0, -1.0, 1.0))
    rungs = [
        box(p * flip - (0.03, 0.0, 0.03), p + (0.03, 0.0, 0.03), ("-x", "+x", "+z", "-z"))
        for p in (start + (end - start) * share for share in np.linspace(0.08, 0.94, 5))
    ]
    seat = cylinder(0.55, load.roof, load.roof + 0.3, sides=8) + (load.rear + 1.1, 0.0, 0.0)
    tip = box(end * flip + (-0.05, 0.0, -0.05), end + (0.05, 0.0, 0.30))
    return [*on_both_sides([piece("rim", *rail)]), piece("rim", *rungs, tip), piece("car_trim", seat)]
