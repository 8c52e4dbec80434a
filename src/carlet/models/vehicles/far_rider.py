"""Coarse forms of two-wheelers with their riders, for far away."""

import numpy as np

from carlet.models.actor_model import Model, Part
from carlet.models.mesh import join
from carlet.models.shapes import Floats, box, fan, quads, sphere, tube
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import Piece, mesh_of, panel, piece
from carlet.models.vehicles.rider import RIDER_TAG, Pose, neck_of


def far_two_wheeler(facts: VehicleFacts, pose: Pose, ankle: Floats, machine: list[Piece]) -> Model:
    """A machine, its lamps and its rider as one rigid part; `ankle` (3,) is the right one."""
    tail = facts.rear + 0.06
    seat = pose.hip[1] - 0.18
    front = facts.front - facts.radius[0]
    lamps = [
        panel("lamp_low", "+x", front, (-0.06, 0.66 * facts.top - 0.2), (0.06, 0.66 * facts.top - 0.08)),
        panel("lamp_tail", "-x", tail + 0.1, (-0.06, seat - 0.06), (0.06, seat)),
        panel("lamp_brake", "-x", tail + 0.1, (-0.06, seat - 0.12), (0.06, seat - 0.06)),
    ]
    mesh = join([mesh_of([*machine, *lamps], facts.tag), mesh_of(_figure(pose, ankle), RIDER_TAG)])
    return Model((Part(mesh),), np.ones((3, 3)))


def far_ring(x: float, radius: float, thick: float, wide: float) -> Floats:
    """A wheel in the middle plane: a ring seen from both sides and its edge-on view, 28 triangles."""
    angle = (np.arange(6) + 0.5) * (np.pi / 3.0)
    circle = np.stack([np.cos(angle), 0.0 * angle, np.sin(angle)], axis=1)
    hub = np.array((x, 0.0, radius))
    outer, inner = hub + radius * circle, hub + (radius - thick) * circle
    ring = np.stack([outer, np.roll(outer, -1, axis=0), np.roll(inner, -1, axis=0), inner], axis=1)
    return quads(np.concatenate([ring, ring[:, ::-1], _edge_on(x, radius, wide)]))


def far_disc(x: float, radius: float, wide: float) -> Floats:
    """A wheel in the middle plane as a disc seen from both sides and its edge-on view, 16 triangles."""
    angle = (np.arange(8) + 0.5) * (np.pi / 4.0)
    size = radius / np.cos(np.pi / 8.0)
    ring = np.stack([x + size * np.cos(angle), 0.0 * angle, radius + size * np.sin(angle)], axis=1)
    return np.concatenate([fan(ring), fan(ring[::-1]), quads(_edge_on(x, radius, wide))])


def _edge_on(x: float, radius: float, wide: float) -> Floats:
    blade = np.array([(x, -wide, 0.0), (x, wide, 0.0), (x, wide, 2.0 * radius), (x, -wide, 2.0 * radius)])
    return np.array([blade, blade[::-1]])


def _figure(pose: Pose, ankle: Floats) -> list[Piece]:
    neck, hip = neck_of(pose), np.array((pose.hip[0], 0.0, pose.hip[1] - 0.06))
    head = sphere((0.12, 0.10, 0.14), sides=4, rings=3) + (neck[0] + 0.04, 0.0, pose.top - 0.14)
    arms, legs = [], []
    for side in (-1.0, 1.0):
        flip = np.array((1.0, side, 1.0))
        elbow = np.array((neck[0] + 0.05, pose.elbow - 0.04, (neck[2] + pose.hand[2]) / 2.0))
        arms.append(tube(np.array([neck + (0.0, 0.12, -0.05), elbow, pose.hand]) * flip, 0.05, sides=3))
        knee = np.array((max(pose.hip[0], ankle[0]) + 0.22, 0.13, 0.62 * pose.hip[1] + 0.42 * ankle[2]))
        legs.append(tube(np.array([(hip[0], 0.09, hip[2]), knee, ankle]) * flip, 0.065, sides=3))
    return [
        piece("rider_helmet", head),
        piece("car_second", tube([hip, neck], [0.15, 0.17]), *arms),
        piece("rider_trousers", *legs),
    ]


def far_bar(x: float, half_width: float, z: float) -> Floats:
    """A handlebar across, 8 triangles."""
    return box((x - 0.02, -half_width, z - 0.02), (x + 0.02, half_width, z + 0.02), ("-x", "+x", "-z", "+z"))
