"""Coarse forms of cars, for far away: the same lines, boxes and lamps with a sixth of the triangles."""

from collections.abc import Sequence

import numpy as np

from carlet.models.shapes import Floats, bridge, fan, quads
from carlet.models.vehicles.body import TAIL_STATIONS, cowl_middle, deck_middle
from carlet.models.vehicles.cabin import head_point
from carlet.models.vehicles.details import patch
from carlet.models.vehicles.layout import Car
from carlet.models.vehicles.pieces import STUCK_ON, Piece, on_both_sides, piece, sheet, sticker

_LIFT = 2.0 * STUCK_ON
_CORNERS = (2.0, TAIL_STATIONS[0])


def far_body(car: Car) -> list[Piece]:
    """A car or cab without its wheels: about 70 triangles."""
    return on_both_sides([*_lower(car), *_cabin(car), *_lamps(car), *(_mirror(car) if car.style.mirrors else [])])


def _lower(car: Car) -> list[Piece]:
    lines, style, places = car.lines, car.style, car.places
    front, rear = _CORNERS
    sill = lines.waist.at((0.0, front, rear, 1002.0))
    sill[:, 2] = style.sill
    seams = sorted({places.cowl, places.deck, *(s for start, end, _ in _stretches(car) for s in (start, end))})
    edge = lines.belt.at((0.0, front, *seams, rear, 1002.0))
    middle = sill[[0, -1]] * (1.0, 0.0, 1.0)
    foot, head = cowl_middle(lines, style, places), deck_middle(lines, style, places)
    return [
        *_doors(car),
        piece(style.bumper, bridge(sill[:2], edge[:2]), bridge(sill[2:], edge[-2:])),
        piece(style.paint, bridge(sill[1:3], edge[1:-1])),
        piece(style.bonnet, bridge(edge[:3], [edge[0], foot])),
        piece(style.paint, bridge(edge[-3:], [head, edge[-1]])),
        piece("car_underbody", fan([middle[0], middle[1], sill[2], sill[1]])),
    ]


def _doors(car: Car) -> list[Piece]:
    """One sheet over all doors of a side that are painted in another colour."""
    if car.style.door_paint == car.style.paint:
        return []
    span = (car.doors[0][0], car.doors[-1][1])
    foot = car.lines.waist.at(span)
    foot[:, 2] = car.style.sill + 0.02
    return [sticker(car.style.door_paint, [*foot, *car.lines.belt.at(span)[::-1]], _LIFT)]


def _cabin(car: Car) -> list[Piece]:
    lines, style, places, frame = car.lines, car.style, car.places, car.frame
    pieces = []
    for start, end, material in _stretches(car):
        heads = np.array([head_point(frame, style, x) for x in _heads(car, (start, end))])
        pieces.append(piece(material, quads([[*lines.belt.at((start, end)), heads[1], heads[0]]])))
    header, end = _heads(car, (places.cowl, places.deck))
    corners = np.array([head_point(frame, style, x) for x in (header, end)])
    peaks = np.array(
        [
            (header, 0.0, frame.roof - style.fall[0]),
            ((header + end) / 2.0, 0.0, frame.roof),
            (end, 0.0, frame.roof - style.fall[1]),
        ]
    )
    foot, tail = cowl_middle(lines, style, places), deck_middle(lines, style, places)
    screen = [foot, lines.belt.at(places.cowl), corners[0], peaks[0]]
    back = [lines.belt.at(places.deck), tail, peaks[2], corners[1]]
    return [
        *pieces,
        piece("car_glass", quads([screen])),
        piece(style.rear_screen, quads([back])),
        piece(style.roof, bridge(corners, peaks)),
    ]


def _stretches(car: Car) -> list[tuple[float, float, str]]:
    """Neighbouring windows as one, then what follows them."""
    windows = [pane for pane in car.panes if pane.window]
    last = windows[-1].belt[1] if windows else car.places.cowl
    spans = [(car.places.cowl, last, "car_glass"), (last, car.places.deck, car.style.upper)]
    return [span for span in spans if span[1] > span[0]]


def _heads(car: Car, stations: Sequence[float]) -> Floats:
    """Places along the roof's edge (x) over stations of the belt."""
    pane_ends = np.array([(*pane.belt, *pane.head) for pane in (car.panes[0], car.panes[-1])])
    return np.interp(stations, pane_ends[[0, 1], [0, 1]], pane_ends[[0, 1], [2, 3]])


def _lamps(car: Car) -> list[Piece]:
    bumper, shoulder = (car.lines.sill, car.lines.waist), (car.lines.waist, car.lines.belt)
    rows = bumper if car.style.lamps == "low" else shoulder
    front = [
        sticker("lamp_low", patch(*rows, (1.05, 1.62), (0.3, 0.9)), _LIFT),
        sticker("lamp_right", patch(*rows, (1.66, 1.95), (0.3, 0.9)), _LIFT),
    ]
    if car.style.cab:
        return front
    spans = (("lamp_right", (1000.05, 1000.3)), ("lamp_brake", (1000.34, 1000.62)), ("lamp_tail", (1000.66, 1001.0)))
    return [*front, *(sticker(name, patch(*shoulder, span, (0.1, 0.9)), _LIFT) for name, span in spans)]


def _mirror(car: Car) -> list[Piece]:
    foot = car.lines.belt.at(car.places.cowl + 0.10 * min(car.frame.length, 6.0))
    out = car.frame.half_width + car.style.mirror
    corner = [
        (foot[0], foot[1], foot[2]),
        (foot[0], out, foot[2]),
        (foot[0], out, foot[2] + 0.15),
        (foot[0], foot[1], foot[2] + 0.15),
    ]
    return [sheet(car.style.paint, np.array(corner))]
