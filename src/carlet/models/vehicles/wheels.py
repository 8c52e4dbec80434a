"""Wheels: a tyre on a rim whose spokes show that it spins."""

import numpy as np

from carlet.models.actor_model import Joint, Part
from carlet.models.shapes import Floats, box, fan, mirrored, quads
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import Piece, mesh_of, piece

SIDES = 12
#: Share of the radius that the rim takes up.
RIM = 0.7
_SPOKES_LIFT = 0.006
JOINTS = (Joint.WHEEL_FRONT_LEFT, Joint.WHEEL_FRONT_RIGHT, Joint.WHEEL_REAR_LEFT, Joint.WHEEL_REAR_RIGHT)


def tyre_width(radius: float) -> float:
    """Width of a car's or truck's tyre (m) for its radius."""
    return 0.12 + 0.27 * radius


def hubs(facts: VehicleFacts, half_width: float) -> Floats:
    """Middles of the wheels (4, 3): front left, front right, rear left, rear right; tyres end within `half_width`."""
    places = []
    for end, sign in ((0, 1.0), (1, -1.0)):
        radius = facts.radius[end]
        widest = half_width - tyre_width(radius) / 2.0
        aside = min(facts.track[end] / 2.0, widest)
        places += [(sign * facts.wheelbase / 2.0, side * aside, radius) for side in (-1.0, 1.0)]
    return np.array(places)


def wheel_parts(facts: VehicleFacts, half_width: float) -> tuple[Part, ...]:
    """The four wheels of a vehicle on their joints."""
    return tuple(
        Part(mesh_of(wheel(hub[2], tyre_width(hub[2]), hub[1]), facts.tag), joint, _triple(hub))
        for hub, joint in zip(hubs(facts, half_width), JOINTS, strict=True)
    )


def wheel(radius: float, width: float, side: float) -> list[Piece]:
    """A wheel about the origin, its axle along y, its face towards the side whose sign is given: 50 triangles."""
    outer, inner = _ring(radius, width / 2.0), _ring(radius, -width / 2.0)
    tread = quads(np.stack([outer, np.roll(outer, -1, axis=0), np.roll(inner, -1, axis=0), inner], axis=1))
    rim = _ring(radius * RIM, width / 2.0 + _SPOKES_LIFT)
    spokes = np.stack(
        [np.broadcast_to((0.0, width / 2.0 + _SPOKES_LIFT, 0.0), rim.shape), np.roll(rim, -1, 0), rim], axis=1
    )
    shapes = (("tyre", np.concatenate([tread, fan(outer[::-1]), fan(inner)])), ("rim", spokes[::2]))
    return [piece(material, corner if side > 0.0 else mirrored(corner)) for material, corner in shapes]


def far_wheels(facts: VehicleFacts, half_width: float) -> list[Piece]:
    """Outer faces of the four wheels on the flanks, and what is seen of the tyres from before and behind."""
    angle = (np.arange(8) + 0.5) * (np.pi / 4.0)
    pieces = []
    for x, y, radius in hubs(facts, half_width):
        face, inside = half_width, abs(y) - tyre_width(radius) / 2.0
        size = radius / np.cos(np.pi / 8.0)
        ring = np.stack([x - size * np.cos(angle), np.full(8, face), radius + size * np.sin(angle)], axis=1)
        end = np.sign(x) * radius * 0.8
        tread = box((x + end, inside, 0.0), (x + end, face, radius), ("+x" if x > 0.0 else "-x",))
        shape = np.concatenate([fan(ring), tread])
        pieces.append(piece("tyre", shape if y > 0.0 else mirrored(shape)))
    return pieces


def _ring(radius: float, y: float) -> Floats:
    """Points (12, 3), the first straight below."""
    angle = np.arange(SIDES) * (2.0 * np.pi / SIDES) - np.pi / 2.0
    return np.stack([radius * np.cos(angle), np.full(SIDES, y), radius * np.sin(angle)], axis=1)


def _triple(point: Floats) -> tuple[float, float, float]:
    x, y, z = point.tolist()
    return x, y, z
