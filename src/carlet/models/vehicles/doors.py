"""Doors of cars: where they are, and those that open."""

from collections.abc import Sequence

import numpy as np

from carlet.models.actor_model import Joint, Part
from carlet.models.shapes import bridge, quads
from carlet.models.vehicles.body import Lines, Span, Stations
from carlet.models.vehicles.cabin import Pane
from carlet.models.vehicles.details import handle
from carlet.models.vehicles.pieces import Piece, mesh_of, mirror_image, piece
from carlet.models.vehicles.style import Style

_THICK = 0.06
_LIFT = 0.012
_JOINTS = (
    (Joint.DOOR_FRONT_LEFT, Joint.DOOR_FRONT_RIGHT),
    (Joint.DOOR_REAR_LEFT, Joint.DOOR_REAR_RIGHT),
)


def door_spans(style: Style, places: Stations, panes: Sequence[Pane]) -> list[Span]:
    """Stations between which the doors of one side lie, from front to rear."""
    glass = [pane.belt for pane in panes if pane.material == "car_glass"]
    first = places.arches[0][1] + 0.03
    ends = [min(end, places.arches[-1][0] - 0.02) for _, end in glass[: style.doors // 2]]
    starts = [first, *ends[:-1]]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start + 0.2]


def door_parts(
    lines: Lines, style: Style, doors: Sequence[Span], panes: Sequence[Pane], heads: Sequence[np.ndarray], tag: int
) -> list[Part]:
    """Doors of both sides on their hinges. `heads` (2, 3) are the upper corners of each pane."""
    glass = [(pane, head) for pane, head in zip(panes, heads, strict=True) if pane.material == "car_glass"]
    parts = []
    for span, (pane, head), (left, right) in zip(doors, glass, _JOINTS, strict=False):
        pieces, hinge = _door(lines, style, span, pane, head)
        about = [Piece(part.corner - hinge, part.material) for part in pieces]
        x, y, z = hinge.tolist()
        parts += [
            Part(mesh_of(mirror_image(about), tag), left, (x, -y, z)),
            Part(mesh_of(about, tag), right, (x, y, z)),
        ]
    return parts


def _door(lines: Lines, style: Style, span: Span, pane: Pane, head: np.ndarray) -> tuple[list[Piece], np.ndarray]:
    out, within = np.array((0.0, _LIFT, 0.0)), np.array((0.0, _LIFT - _THICK, 0.0))
    outer = [
        bridge(low.part(*span), high.part(*span)) + out
        for low, high in ((lines.sill, lines.waist), (lines.waist, lines.belt))
    ]
    corners = np.stack([line.at(span) for line in lines])
    front, rear = corners[:, 0], corners[:, 1]
    window = np.concatenate([lines.belt.at(pane.belt), head[::-1]]) + out
    pieces = [
        piece(style.door_paint, *outer),
        piece("car_trim", _rim(front, rear, out, within)),
        piece("car_glass", quads(window), quads(window[::-1])),
        handle(lines, span, 0.02),
    ]
    return pieces, corners[1, 0] * (1.0, 1.0, 0.0) + (0.0, _LIFT, lines.sill.at(span[0])[2])


def _rim(front: np.ndarray, rear: np.ndarray, out: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Inside, edges, and top of a door whose corners from sill to belt are given (3, 3)."""
    faces = []
    for low, high in ((0, 1), (1, 2)):
        faces.append([rear[low] + within, front[low] + within, front[high] + within, rear[high] + within])
        faces.append([front[low] + within, front[low] + out, front[high] + out, front[high] + within])
        faces.append([rear[low] + out, rear[low] + within, rear[high] + within, rear[high] + out])
    faces.append([front[2] + out, rear[2] + out, rear[2] + within, front[2] + within])
    faces.append([rear[0] + out, front[0] + out, front[0] + within, rear[0] + within])
    return quads(np.array(faces))
