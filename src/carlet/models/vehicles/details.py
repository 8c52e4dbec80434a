"""What is stuck on a car's skin: lamps, plates, grilles, seams, handles; and its mirrors."""

from collections.abc import Sequence

import numpy as np

from carlet.models.shapes import Floats, box
from carlet.models.vehicles.body import Frame, Line, Lines, Span, Stations
from carlet.models.vehicles.pieces import STUCK_ON, Piece, disc, piece, sticker
from carlet.models.vehicles.style import Style

_PLATE_HALF_WIDTH = 0.26
_SEAM = 0.014


def patch(lower: Line, upper: Line, along: Span, up: Span) -> Floats:
    """A quadrilateral (4, 3) on the skin between two lines: spans of stations, and of shares from lower to upper."""
    stations = np.array([along[0], along[1], along[1], along[0]])
    share = np.array([up[0], up[0], up[1], up[1]])[:, None]
    return lower.at(stations) * (1.0 - share) + upper.at(stations) * share


def front_details(lines: Lines, style: Style) -> list[Piece]:
    """Grille, intake, plate and lamps of the nose, right half."""
    bumper, shoulder = (lines.sill, lines.waist), (lines.waist, lines.belt)
    wide, deep = style.mouth
    pieces = [sticker("car_plate", patch(*bumper, (0.0, _plate(lines.waist, 0.0, 1.0)), (0.48, 0.74)), 2 * STUCK_ON)]
    if style.intake[1] > 0.0:
        pieces.append(sticker("car_grille", patch(*bumper, (0.0, style.intake[0]), (0.10, style.intake[1]))))
    if 0.0 < wide < 1.0:
        pieces.append(sticker(style.grille, patch(*shoulder, (0.0, wide), (0.08, 0.92))))
    if deep > 0.0:
        pieces.append(sticker(style.grille, patch(*bumper, (0.0, min(wide, 1.0)), (1.0 - deep, 1.0))))
    if style.lamps == "round":
        return [*pieces, *_round_lamps(lines, style)]
    if style.lamps == "low":
        return [*pieces, *_low_lamps(lines)]
    return [
        *pieces,
        sticker("lamp_high", patch(*shoulder, (1.08, 1.45), (0.2, 0.8))),
        sticker("lamp_right", patch(*shoulder, (2.0, _beyond(lines.waist, 2.0, 0.5)), (0.1, 0.5))),
        sticker("lamp_fog", patch(*bumper, (1.25, 1.55), (0.22, 0.42))),
    ]


def rear_details(lines: Lines, style: Style) -> list[Piece]:
    """Plate and lamps of the tail, right half."""
    bumper, shoulder = (lines.sill, lines.waist), (lines.waist, lines.belt)
    plate = 1002.0 - _plate(lines.waist, 1002.0, 1001.0)
    apron = [] if style.bumper == "car_trim" else [sticker("car_trim", patch(*bumper, (1000.3, 1002.0), (0.02, 0.26)))]
    return [
        *apron,
        sticker("car_plate", patch(*bumper, (plate, 1002.0), (0.55, 0.83))),
        sticker("lamp_brake", patch(*shoulder, (1000.08, 1000.62), (0.42, 0.92))),
        sticker("lamp_right", patch(*shoulder, (1000.08, 1000.62), (0.08, 0.36))),
        sticker("lamp_reverse", patch(*shoulder, (1000.68, 1000.96), (0.1, 0.5))),
        sticker("lamp_fog_rear", patch(*bumper, (1000.45, 1000.75), (0.3, 0.45))),
    ]


def side_details(lines: Lines, doors: Sequence[Span], moving: bool) -> list[Piece]:
    """Seams and handles of doors that are only drawn, right half."""
    if moving:
        return []
    pieces = []
    for edge in sorted({s for span in doors for s in span}):
        span = (edge - _SEAM / 2.0, edge + _SEAM / 2.0)
        pieces.append(sticker("car_trim", patch(lines.sill, lines.waist, span, (0.04, 1.0)), STUCK_ON / 2.0))
        pieces.append(sticker("car_trim", patch(lines.waist, lines.belt, span, (0.0, 1.0)), STUCK_ON / 2.0))
    handles = [handle(lines, span, STUCK_ON) for span in doors]
    return [*pieces, *handles]


def handle(lines: Lines, door: Span, lift: float) -> Piece:
    """The handle of a door, near its rear edge."""
    return sticker("car_trim", patch(lines.waist, lines.belt, (door[1] - 0.24, door[1] - 0.07), (0.42, 0.58)), lift)


def mirror(frame: Frame, lines: Lines, style: Style, places: Stations) -> list[Piece]:
    """The right mirror, out to the side of the vehicle's box."""
    foot = lines.belt.at(places.cowl + 0.10 * min(frame.length, 6.0))
    low = foot + (-0.05, -0.03, 0.01)
    high = np.array((foot[0] + 0.08, frame.half_width + style.mirror, foot[2] + 0.155))
    return [
        piece(style.paint, box(low, high, ("+x", "+y", "+z", "-z"))),
        piece("car_glass", box(low, high, ("-x",))),
    ]


def _low_lamps(lines: Lines) -> list[Piece]:
    spans = {"lamp_high": (0.72, 1.0), "lamp_low": (1.05, 1.6), "lamp_right": (1.66, 1.95)}
    lamps = [sticker(name, patch(lines.sill, lines.waist, span, (0.55, 0.86))) for name, span in spans.items()]
    return [*lamps, sticker("lamp_fog", patch(lines.sill, lines.waist, (1.25, 1.55), (0.15, 0.33)))]


def _round_lamps(lines: Lines, style: Style) -> list[Piece]:
    middle = patch(lines.waist, lines.belt, (1.30, 1.30), (0.35, 0.35))[0]
    height = float(np.diff([line.at(1.3)[2] for line in (lines.waist, lines.belt)])[0])
    radius, outward = min(max(0.55 * height, 0.085), 0.12), (1.0, 0.12, 0.06)
    low = patch(lines.sill, lines.waist, (1.15, 1.5), (0.60, 0.74))
    return [
        disc("car_chrome", middle, outward, radius * 1.2, 0.025),
        disc("lamp_low", middle, outward, radius, 0.032),
        disc("lamp_high", middle, outward, radius * 0.4, 0.039, sides=4),
        sticker("lamp_right", low),
        sticker("lamp_fog", patch(lines.sill, lines.waist, (1.2, 1.45), (0.25, 0.42))),
    ]


def _plate(line: Line, middle: float, beside: float) -> float:
    """Share of the stretch from the middle to the lamps that half a licence plate takes up."""
    return min(_PLATE_HALF_WIDTH / max(abs(float(line.at(beside)[1] - line.at(middle)[1])), 0.1), 0.9)


def _beyond(line: Line, station: float, share: float) -> float:
    """The station a share of the way to the next point of a line."""
    following = line.station[line.station > station + 1e-6][0]
    return station + share * (following - station)
