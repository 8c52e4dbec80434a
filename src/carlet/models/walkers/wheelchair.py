"""A person in a wheelchair: the limbs are set in their seat, the large wheels roll."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carlet.models import shapes
from carlet.models.actor_model import Joint, Part
from carlet.models.mesh import Mesh, join
from carlet.models.walkers.measures import Measures, piece

Floats = NDArray[np.float64]

WHEEL_M, CASTER_M = 0.30, 0.09
SEAT_M, SEAT_HALF_M = 0.47, 0.22
TRACK_M = 0.29
AXLE_X = -0.08
#: Pitches (rad) of limbs in the seat.
SITTING = {
    Joint.THIGH_LEFT: 1.5,
    Joint.THIGH_RIGHT: 1.5,
    Joint.SHIN_LEFT: -1.25,
    Joint.SHIN_RIGHT: -1.25,
    Joint.UPPER_ARM_LEFT: -0.25,
    Joint.UPPER_ARM_RIGHT: -0.25,
    Joint.FOREARM_LEFT: 0.75,
    Joint.FOREARM_RIGHT: 0.75,
}


def seated(parts: Sequence[Part], size: Measures) -> tuple[Part, ...]:
    """The body of `standing` in a wheelchair: trunk, chair and limbs as one part, head, two wheels."""
    ground = -0.5 * size.unit
    drop = SEAT_M + 0.035 * size.unit - size.hip
    head = next(part for part in parts if part.joint is Joint.HEAD)
    body = _baked(parts).moved((-0.1 * size.unit, 0.0, drop))
    neck = (head.pivot[0] - 0.1 * size.unit, 0.0, head.pivot[2] + drop)
    wheel = _wheel()
    return (
        Part(join([body, _chair()]), pivot=(0.0, 0.0, ground)),
        Part(head.mesh, Joint.HEAD, neck, 0),
        Part(wheel, Joint.WHEEL_REAR_LEFT, (AXLE_X, -TRACK_M, WHEEL_M), 0),
        Part(wheel, Joint.WHEEL_REAR_RIGHT, (AXLE_X, TRACK_M, WHEEL_M), 0),
    )


def _baked(parts: Sequence[Part]) -> Mesh:
    """All parts but the head in the pose of sitting, in the frame of the trunk."""
    turns: list[Floats] = [np.eye(3)]
    places: list[Floats] = [np.zeros(3)]
    for part in parts[1:]:
        turns.append(turns[part.parent] @ shapes.turn(SITTING.get(part.joint, 0.0), axis=1))
        places.append(places[part.parent] + turns[part.parent] @ np.array(part.pivot))
    rows = [row for row, part in enumerate(parts) if part.joint is not Joint.HEAD]
    return join(parts[row].mesh.moved(places[row], turns[row]) for row in rows)


def _chair() -> Mesh:
    half, seat = SEAT_HALF_M, SEAT_M
    cloth = [
        shapes.box((-0.24, -half, seat - 0.04), (0.22, half, seat)),
        shapes.box((-0.28, -half, seat), (-0.24, half, seat + 0.42)),
    ]
    frame = []
    for side in (-1.0, 1.0):
        y = side * (half + 0.015)
        front = [(-0.10, y, seat + 0.20), (0.22, y, seat + 0.18), (0.34, y, 0.12), (0.52, y * 0.6, 0.10)]
        back = [(-0.40, y, seat + 0.46), (-0.26, y, seat + 0.44), (-0.26, y, 0.25)]
        frame += [shapes.tube(front, 0.013, sides=3), shapes.tube(back, 0.013, sides=3)]
        frame.append(shapes.cylinder(CASTER_M, -0.015, 0.015, 6, axis=1) + (0.30, y, CASTER_M))
    return join([piece(shapes.triangles(*cloth), "cloth_black"), piece(shapes.triangles(*frame), "chrome_dull")])


def _wheel() -> Mesh:
    angle = np.arange(12) * (2.0 * np.pi / 12)
    round_ = np.stack([np.cos(angle), np.zeros(12), np.sin(angle)], axis=1)
    outer, inner = round_ * WHEEL_M, round_ * (WHEEL_M - 0.035)
    face = shapes.quads(np.stack([outer, inner, np.roll(inner, -1, axis=0), np.roll(outer, -1, axis=0)], axis=1))
    spoke = shapes.box((-0.27, 0.0, -0.006), (0.27, 0.0, 0.006), sides=("+y",))
    spokes = [shapes.turned(spoke, place, axis=1) for place in (0.0, np.pi / 3.0, 2.0 * np.pi / 3.0)]
    tyre, web = np.concatenate([face, shapes.flipped(face)]), shapes.triangles(*spokes)
    return join([piece(tyre, "cloth_black"), piece(np.concatenate([web, shapes.flipped(web)]), "chrome_dull")])
