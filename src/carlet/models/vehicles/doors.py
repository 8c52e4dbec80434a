"""Doors that open."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from carlet.models.actor_model import Joint, Part
from carlet.models.shapes import Floats, bridge, quads
from carlet.models.vehicles.body import Span
from carlet.models.vehicles.cabin import Pane, head_point
from carlet.models.vehicles.details import handle
from carlet.models.vehicles.layout import Car
from carlet.models.vehicles.pieces import Piece, mesh_of, mirror_image, piece, sheet

_THICK = 0.06
_LIFT = 0.012
_JOINTS = (
    (Joint.DOOR_FRONT_LEFT, Joint.DOOR_FRONT_RIGHT),
    (Joint.DOOR_REAR_LEFT, Joint.DOOR_REAR_RIGHT),
)


def door_parts(car: Car) -> list[Part]:
    """The doors of both sides on their hinges."""
    glass = [pane for pane in car.panes if pane.window]
    parts = []
    for span, pane, (left, right) in zip(car.doors, glass, _JOINTS, strict=False):
        head = np.array([head_point(car.frame, car.style, x) for x in pane.head])
        pieces, hinge = _door(car, span, pane, head)
        parts += hinged(pieces, hinge, left, right, car.facts.tag)
    return parts


def hinged(pieces: Sequence[Piece], hinge: Floats, left: Joint, right: Joint, tag: int) -> list[Part]:
    """A right door about its hinge (3,), and its mirror image."""
    about = [Piece(part.corner - hinge, part.material) for part in pieces]
    x, y, z = hinge.tolist()
    return [
        Part(mesh_of(mirror_image(about), tag), left, (x, -y, z)),
        Part(mesh_of(about, tag), right, (x, y, z)),
    ]


def _door(car: Car, span: Span, pane: Pane, head: Floats) -> tuple[list[Piece], Floats]:
    """The right door of a span about nothing yet, and its hinge (3,)."""
    lines = car.lines
    rows = lines[1:] if car.style.door_layout == "over" else lines
    out = np.array((0.0, _LIFT, 0.0))
    outer = [bridge(low.part(*span), high.part(*span)) + out for low, high in pairwise(rows)]
    corners = np.stack([line.at(span) for line in rows])
    window = np.concatenate([lines.belt.at(pane.belt), head[::-1]]) + out
    pieces = [
        piece(car.style.door_paint, *outer),
        piece("car_trim", _back(corners[:, 0], corners[:, 1])),
        sheet("car_glass", window),
        handle(lines, span, 0.02),
    ]
    return pieces, corners[-2, 0] * (1.0, 1.0, 0.0) + (0.0, _LIFT, corners[0, 0, 2])


def _back(front: Floats, rear: Floats) -> Floats:
    """Inside, rear edge and top of a door whose corners from bottom to top are given (k, 3)."""
    out, within = np.array((0.0, _LIFT, 0.0)), np.array((0.0, _LIFT - _THICK, 0.0))
    faces = [[front[-1] + out, rear[-1] + out, rear[-1] + within, front[-1] + within]]
    for low, high in pairwise(range(len(front))):
        faces.append([rear[low] + within, front[low] + within, front[high] + within, rear[high] + within])
        faces.append([rear[low] + out, rear[low] + within, rear[high] + within, rear[high] + out])
    return quads(np.array(faces))
