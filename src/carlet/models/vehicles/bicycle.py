"""Bicycles and those who pedal them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from carlet.models.actor_model import Joint, Model, Part
from carlet.models.mesh import join
from carlet.models.shapes import Floats, box, cylinder, quads, tube
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.far_rider import far_bar, far_ring, far_two_wheeler
from carlet.models.vehicles.pedalling import CRANK_LENGTH, ankle_at, knee_at
from carlet.models.vehicles.pieces import Piece, mesh_of, piece
from carlet.models.vehicles.rider import RIDER_TAG, Pose, limb, shoe, upper_body

_WHEEL_SIDES = 12
_HIP_WIDTH = 0.09


@dataclass(frozen=True)
class BicycleStyle:
    """Heights as shares of the rider's head's; places of the grips from the front hub (m)."""

    saddle: float = 0.535
    grip: tuple[float, float, float] = (-0.04, 0.30, 0.61)
    #: "diamond", or "low" for a frame to step through.
    frame: str = "diamond"
    back: float = 0.54
    extras: tuple[str, ...] = ()


BICYCLES: Mapping[str, BicycleStyle] = {
    "vehicle.bh.crossbike": BicycleStyle(),
    "vehicle.diamondback.century": BicycleStyle(grip=(0.03, 0.20, 0.575), extras=("drops",)),
    "vehicle.gazelle.omafiets": BicycleStyle(
        grip=(-0.22, 0.27, 0.62), frame="low", back=0.50, extras=("mudguards", "carrier")
    ),
}


@dataclass(frozen=True)
class _Places:
    """Where the parts of a bicycle meet (3,), in its middle plane."""

    front: Floats
    rear: Floats
    crank: Floats
    saddle: Floats
    head: Floats
    grip: Floats


def bicycle_model(facts: VehicleFacts, style: BicycleStyle) -> Model:
    """A bicycle with its rider."""
    places = _places(facts, style)
    pose = _pose(facts, style, places)
    hip = np.array((pose.hip[0], 0.0, pose.hip[1]))
    machine = mesh_of(_frame(facts, style, places), facts.tag)
    parts = [
        Part(join([machine, mesh_of(upper_body(pose), RIDER_TAG)])),
        _wheel(facts, places.front, facts.radius[0], Joint.WHEEL_FRONT_LEFT),
        _wheel(facts, places.rear, facts.radius[1], Joint.WHEEL_REAR_LEFT),
        _fork(facts, style, places),
        Part(mesh_of(_crank(), facts.tag), Joint.CRANK, _triple(places.crank)),
    ]
    for joints, side in (
        ((Joint.PEDAL_THIGH_LEFT, Joint.PEDAL_SHIN_LEFT), -1.0),
        ((Joint.PEDAL_THIGH_RIGHT, Joint.PEDAL_SHIN_RIGHT), 1.0),
    ):
        parts += _leg(hip + (0.0, side * _HIP_WIDTH, 0.0), places.crank, -side, joints, len(parts))
    return Model(tuple(parts), np.ones((3, 3)))


def far_bicycle_model(facts: VehicleFacts, style: BicycleStyle) -> Model:
    """The same as one rigid part of few triangles."""
    places = _places(facts, style)
    rings = [far_ring(float(hub[0]), float(hub[2]), 0.07, 0.02) for hub in (places.front, places.rear)]
    rods = [[places.front, places.head], [places.head, places.crank], [places.crank, places.saddle]]
    machine = [
        piece("tyre", *rings),
        piece("car_paint", *(tube(rod, 0.025, sides=3) for rod in rods)),
        piece("car_trim", far_bar(float(places.grip[0]), style.grip[1], float(places.grip[2]))),
    ]
    ankle = places.crank + (0.0, 0.09, -0.03)
    return far_two_wheeler(facts, _pose(facts, style, places), ankle, machine)


def _pose(facts: VehicleFacts, style: BicycleStyle, places: _Places) -> Pose:
    hand = (float(places.grip[0]), style.grip[1], float(places.grip[2]) + 0.02)
    hip = (float(places.saddle[0]) + 0.02, float(places.saddle[2]) + 0.09)
    return Pose(hip, hand, facts.top, facts.box_extent[1], style.back, helmet=False)


def _places(facts: VehicleFacts, style: BicycleStyle) -> _Places:
    half = facts.wheelbase / 2.0
    front = np.array((min(half, facts.front - facts.radius[0]), 0.0, facts.radius[0]))
    rear = np.array((max(-half, facts.rear + facts.radius[1]), 0.0, facts.radius[1]))
    crank = rear + (0.44 * (front[0] - rear[0]), 0.0, 0.275 - rear[2])
    saddle = np.array((crank[0] - 0.19, 0.0, style.saddle * facts.top))
    grip = np.array((front[0] + style.grip[0], 0.0, style.grip[2] * facts.top))
    head = front + (-0.15, 0.0, 0.0)
    head[2] = 0.92 * grip[2]
    return _Places(front, rear, crank, saddle, head, grip)


def _frame(facts: VehicleFacts, style: BicycleStyle, places: _Places) -> list[Piece]:
    seat = places.crank + 0.86 * (places.saddle - places.crank)
    low_head = places.head + (0.02, 0.0, -0.12)
    top = [seat, places.head] if style.frame == "diamond" else [places.crank + (-0.06, 0.0, 0.22), low_head]
    rods = [
        [places.crank, places.saddle],
        [places.crank, low_head],
        top,
        [places.crank, places.rear],
        [seat, places.rear],
    ]
    pieces = [
        piece("car_paint", *(tube(rod, 0.02, sides=3) for rod in rods)),
        piece("car_leather", box(places.saddle + (-0.12, -0.07, -0.03), places.saddle + (0.13, 0.07, 0.02))),
        *_lamp("lamp_tail", seat + (-0.06, 0.0, -0.12), "-x"),
    ]
    if "carrier" in style.extras:
        rack = places.rear + (0.0, 0.0, facts.radius[1] + 0.09)
        pieces.append(
            piece(
                "car_trim",
                box(rack + (-0.2, -0.06, -0.01), rack + (0.16, 0.06, 0.015)),
                tube([rack, places.rear], 0.012, sides=3),
            )
        )
    if "mudguards" in style.extras:
        pieces.append(piece("car_trim", _mudguard(places.rear, facts.radius[1] + 0.03, (0.5, 3.0))))
    return pieces


def _fork(facts: VehicleFacts, style: BicycleStyle, places: _Places) -> Part:
    """Fork, stem and handlebar; it turns about the upright line through the front hub."""
    x, y, z = places.grip[0], style.grip[1], places.grip[2]
    crown = places.front + 0.55 * (places.head - places.front)
    stem = [places.head + (0.0, 0.0, -0.05), (places.head[0] + 0.03, 0.0, z), (places.head[0] + 0.1, 0.0, z)]
    blades = [
        tube([places.front + (0.0, side * 0.06, 0.0), crown + (0.0, side * 0.03, 0.0)], 0.014, sides=3)
        for side in (-1.0, 1.0)
    ]
    bar = [(x, -y - 0.04, z), (places.head[0] + 0.1, 0.0, z), (x, y + 0.04, z)]
    metal = [*blades, tube([crown, places.head], 0.02, sides=3), tube(stem, 0.018, sides=3), tube(bar, 0.016, sides=3)]
    if "drops" in style.extras:
        metal += [
            tube([(x, side * y, z), (x + 0.08, side * y, z - 0.05), (x, side * y, z - 0.14)], 0.016, sides=3)
            for side in (-1.0, 1.0)
        ]
    pieces = [piece("car_trim", *metal), *_lamp("lamp_low", (places.head[0] + 0.12, 0.0, places.head[2] - 0.02), "+x")]
    if "mudguards" in style.extras:
        pieces.append(piece("car_trim", _mudguard(places.front, facts.radius[0] + 0.03, (0.7, 2.4))))
    about = [Piece(part.corner - (places.front[0], 0.0, 0.0), part.material) for part in pieces]
    return Part(mesh_of(about, facts.tag), Joint.FORK, (float(places.front[0]), 0.0, 0.0))


def _lamp(material: str, at: tuple[float, float, float] | Floats, side: str) -> list[Piece]:
    low, high = np.asarray(at) - 0.03, np.asarray(at) + 0.03
    others = tuple(s for s in ("-x", "+x", "-y", "+y", "+z") if s != side)
    return [piece("car_trim", box(low, high, others)), piece(material, box(low, high, (side,)))]


def _mudguard(hub: Floats, radius: float, span: tuple[float, float]) -> Floats:
    """A strip over a wheel, seen from both sides."""
    angle = np.linspace(*span, 4)
    line = hub + np.stack([radius * np.cos(angle), 0.0 * angle, radius * np.sin(angle)], axis=1)
    left, right = line + (0.0, -0.03, 0.0), line + (0.0, 0.03, 0.0)
    strip = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
    return quads(np.concatenate([strip, strip[:, ::-1]]))


def _wheel(facts: VehicleFacts, hub: Floats, radius: float, joint: Joint) -> Part:
    """A thin tyre and three pairs of spokes, open in between."""
    angle = np.arange(_WHEEL_SIDES) * (2.0 * np.pi / _WHEEL_SIDES) - np.pi / 2.0
    circle = np.stack([np.cos(angle), 0.0 * angle, np.sin(angle)], axis=1)
    outer, inner = radius * circle, (radius - 0.055) * circle
    left, right = inner + (0.0, -0.022, 0.0), inner + (0.0, 0.022, 0.0)
    rolled = [np.roll(ring, -1, axis=0) for ring in (outer, left, right)]
    bands = [
        np.stack([outer, rolled[0], rolled[1], left], axis=1),
        np.stack([right, rolled[2], rolled[0], outer], axis=1),
        np.stack([left, rolled[1], rolled[2], right], axis=1),
    ]
    spokes = []
    for turned in (0.0, np.pi / 3.0, 2.0 * np.pi / 3.0):
        along = (radius - 0.05) * np.array((np.cos(turned), 0.0, np.sin(turned)))
        across = 0.006 * np.array((-np.sin(turned), 0.0, np.cos(turned)))
        blade = np.array([-along - across, along - across, along + across, -along + across])
        spokes += [blade, blade[::-1]]
    mesh = mesh_of([piece("tyre", quads(np.concatenate(bands))), piece("rim", quads(np.array(spokes)))], facts.tag)
    return Part(mesh, joint, _triple(hub))


def _crank() -> list[Piece]:
    """Chain wheel on the right, arms, pedals; the left arm points forward."""
    metal, pedals = [cylinder(0.085, 0.045, 0.052, sides=8, axis=1)], []
    for x, y in ((CRANK_LENGTH, -0.075), (-CRANK_LENGTH, 0.075)):
        low, high = sorted((0.0, x))
        metal.append(box((low, y - 0.008, -0.012), (high, y + 0.008, 0.012), ("-y", "+y", "+z", "-z")))
        low, high = sorted((y, 1.9 * y))
        pedals.append(box((x - 0.045, low, -0.012), (x + 0.045, high, 0.012), ("-x", "+x", "+z", "-z")))
    return [piece("rim", *metal), piece("car_trim", *pedals)]


def _leg(hip: Floats, crank: Floats, side: float, joints: tuple[Joint, Joint], row: int) -> list[Part]:
    """A leg from the hip to its pedal; `side` as `ankle_at` has it, `row` the place of its first part in the model."""
    ankle = ankle_at(crank, hip, side, 0.0)
    half = (
        0.5
        * max(float(np.linalg.norm(ankle_at(crank, hip, 1.0, angle) - hip)) for angle in np.linspace(-np.pi, np.pi, 25))
        + 0.015
    )
    knee = knee_at(hip, ankle, half, half)
    thigh = [piece("rider_trousers", limb((0.0, 0.0, 0.0), knee - hip, 0.085, 0.06))]
    shin = [piece("skin", limb((0.0, 0.0, 0.0), ankle - knee, 0.056, 0.04)), piece("rider_shoes", shoe(ankle - knee))]
    return [
        Part(mesh_of(thigh, RIDER_TAG), joints[0], _triple(hip)),
        Part(mesh_of(shin, RIDER_TAG), joints[1], _triple(knee - hip), parent=row),
    ]


def _triple(point: Floats) -> tuple[float, float, float]:
    x, y, z = point.tolist()
    return x, y, z
