"""Motorcycles and scooters with their riders."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from carlet.models.actor_model import Joint, Model, Part
from carlet.models.mesh import join
from carlet.models.shapes import Floats, box, cylinder, fan, loft, mirrored, quads, sphere, tube, turned
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.far_rider import far_bar, far_disc, far_two_wheeler
from carlet.models.vehicles.pieces import Piece, disc, mesh_of, on_both_sides, panel, piece
from carlet.models.vehicles.rider import RIDER_TAG, Pose, resting_leg, upper_body
from carlet.models.vehicles.wheels import wheel

Section = tuple[float, float, float, float]


class Bike(NamedTuple):
    """Places on a motorcycle (m): the hubs' x, the wheels' radii, the grips (x, y, z), half the vehicle's width."""

    front: float
    rear: float
    radius: tuple[float, float]
    grip: tuple[float, float, float]
    half_width: float


class Motorcycle(NamedTuple):
    """A kind of motorcycle: its rider's hip (x, z), grips and ankles (x, y, z), back; its body; what its fork carries.

    Places along x are shares of half the wheelbase.
    """

    hip: tuple[float, float]
    grip: tuple[float, float, float]
    ankle: tuple[float, float, float]
    body: Callable[[Bike], list[Piece]]
    fork: Callable[[Bike], list[Piece]]
    tyres: tuple[float, float] = (0.13, 0.17)
    back: float = 0.56


def motorcycle_model(facts: VehicleFacts, kind: Motorcycle) -> Model:
    """A motorcycle with its rider."""
    bike, pose = _bike(facts, kind), _pose(facts, kind)
    front, rear = bike.front, bike.rear
    figure = [*upper_body(pose), *resting_leg(pose.hip, _ankle(facts, kind))]
    about = [Piece(part.corner - (front, 0.0, 0.0), part.material) for part in kind.fork(bike)]
    parts = (
        Part(join([mesh_of(kind.body(bike), facts.tag), mesh_of(figure, RIDER_TAG)])),
        _wheel(facts, (front, 0.0, facts.radius[0]), kind.tyres[0], Joint.WHEEL_FRONT_LEFT),
        _wheel(facts, (rear, 0.0, facts.radius[1]), kind.tyres[1], Joint.WHEEL_REAR_LEFT),
        Part(mesh_of(about, facts.tag), Joint.FORK, (front, 0.0, 0.0)),
    )
    return Model(parts, np.ones((3, 3)))


def far_motorcycle_model(facts: VehicleFacts, kind: Motorcycle) -> Model:
    """The same as one rigid part of few triangles."""
    bike, pose = _bike(facts, kind), _pose(facts, kind)
    x, y, z = bike.grip
    saddle = pose.hip[1] - 0.08
    hull = [(bike.rear, 0.55 * saddle, saddle, 0.12), (0.0, 0.28, saddle, 0.16), (x, 0.45, z - 0.06, 0.14)]
    wheels = [far_disc(at, radius, 0.08) for at, radius in ((bike.front, bike.radius[0]), (bike.rear, bike.radius[1]))]
    machine = [
        piece("tyre", *wheels),
        piece("car_paint", pod(hull)),
        piece("car_trim", far_bar(x, y, z), tube([(bike.front, 0.0, bike.radius[0]), (x, 0.0, z)], 0.06, sides=3)),
    ]
    return far_two_wheeler(facts, pose, np.array(_ankle(facts, kind)), machine)


def _bike(facts: VehicleFacts, kind: Motorcycle) -> Bike:
    half = facts.wheelbase / 2.0
    front, rear = min(half, facts.front - facts.radius[0]), max(-half, facts.rear + facts.radius[1])
    return Bike(front, rear, facts.radius, (kind.grip[0] * half, *kind.grip[1:]), facts.box_extent[1])


def _pose(facts: VehicleFacts, kind: Motorcycle) -> Pose:
    half = facts.wheelbase / 2.0
    hand = (kind.grip[0] * half - 0.02, *kind.grip[1:])
    return Pose((kind.hip[0] * half, kind.hip[1]), hand, facts.top, facts.box_extent[1], kind.back)


def _ankle(facts: VehicleFacts, kind: Motorcycle) -> tuple[float, float, float]:
    return (kind.ankle[0] * facts.wheelbase / 2.0, *kind.ankle[1:])


def _wheel(facts: VehicleFacts, hub: tuple[float, float, float], width: float, joint: Joint) -> Part:
    """A wheel with spokes on both sides."""
    pieces = wheel(hub[2], width, 1.0)
    pieces += [piece(part.material, mirrored(part.corner)) for part in pieces if part.material == "rim"]
    return Part(mesh_of(pieces, facts.tag), joint, hub)


def pod(sections: Sequence[Section]) -> Floats:
    """A rounded body through sections (x, lowest z, highest z, half width) along x: six-sided."""
    rings = []
    for x, low, high, wide in sections:
        middle = low + 0.55 * (high - low)
        rings.append([(x, 0.55 * wide, low), (x, wide, middle), (x, 0.5 * wide, high)])
        rings[-1] += [(x, -0.5 * wide, high), (x, -wide, middle), (x, -0.55 * wide, low)]
    return loft(rings)


def _guard(x: float, wheel: float, gap: float, wide: float, span: tuple[float, float]) -> Floats:
    """A mudguard about a wheel, seen from both sides."""
    angle, radius = np.linspace(*span, 4), wheel + gap
    line = np.stack([x + radius * np.cos(angle), 0.0 * angle, wheel + radius * np.sin(angle)], axis=1)
    left, right = line - (0.0, wide, 0.0), line + (0.0, wide, 0.0)
    strip = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
    return quads(np.concatenate([strip, strip[:, ::-1]]))


def _legs_of_fork(bike: Bike, top: tuple[float, float], aside: float = 0.09) -> Piece:
    """Two tubes from the hub up to (x, z)."""
    tubes = [
        tube([(bike.front, side * aside, bike.radius[0]), (top[0], side * aside, top[1])], 0.028)
        for side in (-1.0, 1.0)
    ]
    return piece("car_chrome", *tubes)


def _handlebar(bike: Bike, clamp: tuple[float, float]) -> list[Piece]:
    x, y, z = bike.grip
    bar = [(x - 0.03, -y - 0.07, z), (clamp[0], 0.0, clamp[1]), (x - 0.03, y + 0.07, z)]
    stalk = [(x, y - 0.08, z), (x + 0.04, min(y + 0.02, bike.half_width - 0.05), z + 0.16)]
    tip = np.array(stalk[1])
    glass = panel("car_glass", "-x", tip[0], (tip[1] - 0.07, tip[2] - 0.03), (tip[1] + 0.05, tip[2] + 0.05))
    case = box(tip + (0.0, -0.07, -0.03), tip + (0.0, 0.05, 0.05), ("+x",))
    mirror = [piece("car_trim", tube(stalk, 0.01, sides=3), case), glass]
    return [piece("car_trim", tube(bar, 0.02, sides=3)), *on_both_sides(mirror)]


def _head_lamp(at: tuple[float, float, float], radius: float) -> list[Piece]:
    x, y, z = at
    case = cylinder(0.6 * radius, x - 0.14, x, sides=6, axis=0, tip=radius) + (0.0, y, z)
    return [
        piece("car_chrome", case),
        disc("lamp_low", at, (1.0, 0.0, 0.0), 0.92 * radius, 0.006),
        disc("lamp_high", at, (1.0, 0.0, 0.0), 0.4 * radius, 0.012, sides=4),
    ]


def _blinkers(front: tuple[float, float, float], rear: tuple[float, float, float]) -> list[Piece]:
    """Small lamps at both sides: right ones at `front` and `rear`."""
    lamp = sphere((0.03, 0.035, 0.028), sides=4, rings=3)
    return on_both_sides([piece("lamp_right", lamp + np.array(place)) for place in (front, rear)])


def _tail(x: float, z: float, plate: float) -> list[Piece]:
    """Tail lamps that end at x, and a plate below, at the height `plate`."""
    return [
        piece("car_trim", box((x, -0.075, z - 0.04), (x + 0.06, 0.075, z + 0.04), ("+x", "+z", "-z", "-y", "+y"))),
        panel("lamp_tail", "-x", x, (-0.075, z), (0.075, z + 0.04)),
        panel("lamp_brake", "-x", x, (-0.075, z - 0.04), (0.075, z)),
        panel("car_plate", "-x", x - 0.004, (-0.1, plate - 0.07), (0.1, plate + 0.07)),
        panel("car_trim", "+x", x, (-0.1, plate - 0.07), (0.1, plate + 0.07)),
    ]


def _cruiser(bike: Bike) -> list[Piece]:
    r, f = bike.rear, bike.front
    pots = [turned(cylinder(0.075, 0.0, 0.30, sides=5), lean, 1) + (0.0, 0.0, 0.42) for lean in (0.35, -0.35)]
    pipe = [(0.10, 0.17, 0.55), (0.02, 0.19, 0.30), (r - 0.15, 0.19, 0.30)]
    seat = [(r + 0.20, 0.68, 0.80, 0.13), (-0.02, 0.66, 0.80, 0.11)]
    tank = [(-0.02, 0.74, 0.86, 0.08), (0.20, 0.72, 0.94, 0.15), (0.44, 0.78, 0.96, 0.09)]
    frame = [(f - 0.35, 0.0, 0.80), (0.30, 0.0, 0.28), (-0.25, 0.0, 0.28), (r + 0.30, 0.0, 0.62)]
    return [
        piece("car_paint", pod(tank), _guard(r, bike.radius[1], 0.04, 0.10, (0.5, 2.7))),
        piece("car_leather", pod(seat)),
        piece("car_chrome", *pots, tube(pipe, 0.045, sides=4)),
        piece("car_trim", box((-0.22, -0.13, 0.24), (0.22, 0.13, 0.46)), tube(frame, 0.035, sides=3)),
        piece("car_trim", tube([(-0.2, 0.1, 0.32), (r, 0.1, bike.radius[1])], 0.03, sides=3)),
        *_tail(r - 0.32, 0.66, 0.50),
        *_blinkers((f - 0.28, 0.17, 0.86), (r - 0.2, 0.15, 0.62)),
    ]


def _cruiser_fork(bike: Bike) -> list[Piece]:
    top = (bike.front - 0.34, 0.96)
    return [
        _legs_of_fork(bike, top),
        piece("car_paint", _guard(bike.front, bike.radius[0], 0.03, 0.07, (0.6, 2.5))),
        *_handlebar(bike, (top[0] + 0.02, 1.0)),
        *_head_lamp((top[0] + 0.22, 0.0, 0.86), 0.095),
    ]


def _sport(bike: Bike) -> list[Piece]:
    r, f = bike.rear, bike.front
    nose = f - 0.02
    fairing = [
        (-0.12, 0.26, 0.56, 0.15),
        (0.18, 0.24, 0.78, 0.20),
        (0.36, 0.34, 0.96, 0.21),
        (nose - 0.18, 0.62, 1.00, 0.19),
        (nose, 0.74, 0.88, 0.08),
    ]
    tank = [(-0.12, 0.70, 0.84, 0.10), (0.08, 0.70, 0.98, 0.16), (0.32, 0.72, 0.96, 0.14)]
    seat = [(-0.42, 0.74, 0.84, 0.13), (-0.10, 0.70, 0.80, 0.11)]
    tail = [(r - 0.22, 0.88, 0.94, 0.05), (-0.42, 0.74, 0.88, 0.13)]
    can = [(-0.15, 0.16, 0.34), (r - 0.02, 0.19, 0.52)]
    screen = [
        (nose - 0.16, 0.13, 0.98),
        (nose - 0.16, -0.13, 0.98),
        (nose - 0.34, -0.10, 1.14),
        (nose - 0.34, 0.10, 1.14),
    ]
    lamps = [
        panel("lamp_low", "+x", nose + 0.004, (0.012, 0.775), (0.055, 0.85)),
        panel("lamp_high", "+x", nose + 0.007, (0.018, 0.785), (0.036, 0.84)),
    ]
    return [
        piece("car_paint", pod(fairing), pod(tank), pod(tail)),
        piece("car_leather", pod(seat)),
        piece(
            "car_trim",
            box((-0.25, -0.12, 0.30), (0.15, 0.12, 0.72)),
            tube([(-0.2, 0.11, 0.40), (r, 0.11, bike.radius[1])], 0.04, sides=4),
        ),
        piece("rim", tube(can, [0.04, 0.06], sides=5)),
        piece("car_glass", quads(screen), fan(screen[::-1])),
        *on_both_sides(lamps),
        piece("car_trim", box((r - 0.23, -0.03, 0.62), (r - 0.17, 0.03, 0.89), ("-y", "+y", "-x", "+x"))),
        *_tail(r - 0.24, 0.91, 0.66),
        *_blinkers((0.42, 0.22, 0.80), (r - 0.15, 0.12, 0.78)),
    ]


def _sport_fork(bike: Bike) -> list[Piece]:
    top = (bike.front - 0.26, 0.86)
    return [
        _legs_of_fork(bike, top),
        piece("car_paint", _guard(bike.front, bike.radius[0], 0.03, 0.075, (0.7, 2.6))),
        *_handlebar(bike, (top[0] - 0.02, bike.grip[2] - 0.02)),
    ]


def _scooter(bike: Bike) -> list[Piece]:
    r, f = bike.rear, bike.front
    hull = [
        (r - 0.20, 0.42, 0.62, 0.10),
        (r + 0.05, 0.30, 0.72, 0.20),
        (r + 0.38, 0.30, 0.70, 0.20),
        (r + 0.52, 0.30, 0.66, 0.12),
    ]
    seat = [(r - 0.08, 0.68, 0.78, 0.10), (r + 0.25, 0.68, 0.78, 0.14), (r + 0.58, 0.66, 0.74, 0.09)]
    shield = [(f - 0.34, 0.25, 0.28), (f - 0.26, 0.22, 0.62), (f - 0.34, 0.10, 0.92)]
    board = box((r + 0.45, -0.16, 0.22), (f - 0.30, 0.16, 0.27))
    return [
        piece("car_paint", pod(hull), board, *_shield(shield)),
        piece("car_leather", pod(seat)),
        piece("car_trim", box((r - 0.02, -0.07, 0.18), (r + 0.5, 0.05, 0.34))),
        *_tail(r - 0.215, 0.56, 0.40),
        *_blinkers((f - 0.22, 0.17, 0.74), (r - 0.12, 0.15, 0.60)),
    ]


def _shield(edge: Sequence[tuple[float, float, float]]) -> list[Floats]:
    """A leg shield between two mirrored edges (x, half width, z) with a keel in the middle."""
    right = np.array(edge)
    left, keel = right * (1.0, -1.0, 1.0), right * (1.0, 0.0, 1.0) + (0.08, 0.0, 0.0)
    halves = [np.stack([a[:-1], b[:-1], b[1:], a[1:]], axis=1) for a, b in ((left, keel), (keel, right))]
    front = quads(np.concatenate(halves))
    back = np.stack([right[:-1], left[:-1], left[1:], right[1:]], axis=1)
    return [front, quads(back)]


def _scooter_fork(bike: Bike) -> list[Piece]:
    x, z = bike.front - 0.27, bike.grip[2]
    hood = [(x - 0.08, z - 0.12, z + 0.02, 0.06), (x + 0.06, z - 0.14, z + 0.03, 0.10), (x + 0.12, z - 0.11, z, 0.07)]
    mudguard = [
        (bike.front - 0.25, 0.24, 0.42, 0.07),
        (bike.front, 0.30, 0.50, 0.10),
        (bike.front + 0.21, 0.22, 0.34, 0.06),
    ]
    return [
        piece("car_paint", pod(hood), pod(mudguard)),
        piece("car_chrome", tube([(bike.front, 0.0, bike.radius[0]), (x, 0.0, z - 0.05)], 0.035)),
        *_handlebar(bike, (x - 0.02, z)),
        disc("lamp_low", (x + 0.122, 0.0, z - 0.055), (1.0, 0.0, 0.0), 0.06, 0.0),
        disc("lamp_high", (x + 0.122, 0.0, z - 0.055), (1.0, 0.0, 0.0), 0.025, 0.006, sides=4),
    ]


_SPORT = Motorcycle((-0.30, 0.90), (0.52, 0.27, 0.90), (-0.20, 0.20, 0.44), _sport, _sport_fork)

MOTORCYCLES: Mapping[str, Motorcycle] = {
    "vehicle.harley-davidson.low_rider": Motorcycle(
        (-0.34, 0.86), (0.34, 0.28, 1.06), (0.36, 0.22, 0.40), _cruiser, _cruiser_fork
    ),
    "vehicle.kawasaki.ninja": _SPORT,
    "vehicle.yamaha.yzf": _SPORT._replace(grip=(0.48, 0.28, 0.90)),
    "vehicle.vespa.zx125": Motorcycle(
        (-0.50, 0.86), (0.48, 0.30, 1.02), (0.26, 0.13, 0.38), _scooter, _scooter_fork, (0.11, 0.11)
    ),
}
