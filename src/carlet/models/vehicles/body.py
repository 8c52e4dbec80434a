"""The body of a car: lines that run round one half of it from the nose to the tail, and the skin between them.

Every point of a line has a station: 0, 1 and 2 are the middle, the lamp's inner end and the corner of the nose, 1000 to
1002 the same of the tail from the corner to the middle; between them the station is 10 + the distance behind the front.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from carlet.models.shapes import Floats, arc, bridge, fan, flipped, quads
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import Piece, piece
from carlet.models.vehicles.style import Style

NOSE_STATIONS, TAIL_STATIONS = (0.0, 1.0, 2.0), (1000.0, 1001.0, 1002.0)
_NOSE_WIDTHS = np.array((0.0, 0.54, 0.88))
#: Gap between wheel and arch, as a share of the radius.
_GAP = 0.14
#: Share of the half width where wheel houses end.
_WHEEL_HOUSE = 0.5
_ARCH_STEPS = 5


Span = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """Where a body lies in its vehicle's frame: `front` and `rear` ends, half width, height of the roof, and the wheels
    it has arches for, (x, radius) from front to rear.
    """

    front: float
    rear: float
    half_width: float
    roof: float
    wheels: tuple[tuple[float, float], ...]

    @property
    def length(self) -> float:
        """From end to end."""
        return self.front - self.rear


class Line(NamedTuple):
    """Points (k, 3) of the right half at growing stations (k,)."""

    station: Floats
    point: Floats

    def at(self, station: float | Sequence[float] | Floats) -> Floats:
        """Points (..., 3) at stations."""
        where = np.asarray(station, dtype=np.float64)
        return np.stack([np.interp(where, self.station, self.point[:, axis]) for axis in range(3)], axis=-1)

    def part(self, start: float, end: float) -> Floats:
        """The points from one station to another, both included."""
        inside = (self.station > start + 1e-6) & (self.station < end - 1e-6)
        return np.concatenate([self.at([start]), self.point[inside], self.at([end])])


class Lines(NamedTuple):
    """The sill with the wheel arches, the waist, and the belt."""

    sill: Line
    waist: Line
    belt: Line


class Stations(NamedTuple):
    """Stations along the side: ends of lamps, arches (start, end) of each wheel, feet of the screens."""

    lamp: float
    arches: tuple[tuple[float, float], ...]
    cowl: float
    deck: float
    tail_lamp: float


def arch_radius(radius: float) -> float:
    """Radius (m) of the arch over a wheel."""
    return (1.0 + _GAP) * radius


def fitted(style: Style, frame: Frame) -> Style:
    """The style with corners that leave room for the wheel arches."""
    ends = [_arch_span(frame, wheel, style.sill) for wheel in frame.wheels]
    front = ends[0][0] - 10.0 if ends else frame.length / 2.0
    rear = frame.length + 10.0 - ends[-1][1] if len(ends) > 1 else frame.length / 2.0
    return replace(style, corner=(min(style.corner[0], 0.8 * front), min(style.corner[1], 0.8 * rear)))


def frame_of(facts: VehicleFacts, style: Style) -> Frame:
    """The body within a vehicle's box."""
    return Frame(
        front=facts.front - style.ahead,
        rear=facts.rear + style.behind,
        half_width=facts.box_extent[1] - style.mirror,
        roof=facts.top - style.on_roof,
        wheels=((facts.wheelbase / 2.0, facts.radius[0]), (-facts.wheelbase / 2.0, facts.radius[1])),
    )


def stations_of(frame: Frame, style: Style) -> Stations:
    """Where things are along the side."""
    arches = tuple(_arch_span(frame, wheel, style.sill) for wheel in frame.wheels)
    front_room = min(arches[0][0] - 10.0 if arches else 1.0, 0.55)
    rear_room = min(10.0 + frame.length - arches[-1][1] if arches else 1.0, 0.5)
    return Stations(
        lamp=10.0 + max(front_room * 0.72, style.corner[0]),
        arches=arches,
        cowl=10.0 + style.screens[0] * frame.length,
        deck=10.0 + style.screens[3] * frame.length,
        tail_lamp=10.0 + frame.length - max(rear_room * 0.72, style.corner[1]),
    )


def lines_of(frame: Frame, style: Style, extra: tuple[float, ...] = ()) -> Lines:
    """The three lines of a body; the upper two have points at the stations `extra` too."""
    places = stations_of(frame, style)
    ends = [places.lamp, places.tail_lamp]
    middle = np.unique([*ends, *(s for span in places.arches for s in span), *extra])
    upper = np.unique([*ends, places.cowl, places.deck, *extra, *_belt_stations(frame, style, places)])
    sill = _sill(frame, style, places)
    return Lines(sill, _line(frame, style, middle, "waist"), _line(frame, style, upper, "belt"))


def lower_skin(lines: Lines, style: Style, places: Stations, doors: Sequence[Span]) -> list[Piece]:
    """Flanks, lamps and ends of the right half, from sill to belt; `doors` are spans of stations."""
    ends = {*NOSE_STATIONS, places.lamp, places.tail_lamp, *TAIL_STATIONS, *(s for span in doors for s in span)}
    arches = {s for span in places.arches for s in span}
    lower = [
        piece(_flank(style, places, middle, doors), bridge(lines.sill.part(*span), lines.waist.part(*span)))
        for span, middle in _cells(ends | arches)
    ]
    upper = [
        piece(_shoulder(style, places, middle, doors), bridge(lines.waist.part(*span), lines.belt.part(*span)))
        for span, middle in _cells(ends)
    ]
    return [*lower, *upper]


def top_and_bottom(frame: Frame, lines: Lines, style: Style, places: Stations) -> list[Piece]:
    """Bonnet, boot lid and floor of the right half."""
    bonnet, boot = lines.belt.part(0.0, places.cowl), lines.belt.part(places.deck, 1002.0)
    foot, head = cowl_middle(lines, style, places), deck_middle(lines, style, places)
    crest = (bonnet[0] + foot) / 2.0 + (0.0, 0.0, style.crown)
    return [
        *_bonnet(style, bonnet, np.array([bonnet[0], crest, foot])),
        piece(style.paint, bridge(boot, [head, boot[-1]])),
        piece("car_underbody", *_floor(frame, lines, style, places)),
    ]


def cowl_middle(lines: Lines, style: Style, places: Stations) -> Floats:
    """The middle of the windscreen's foot (3,)."""
    x, _, z = lines.belt.at(places.cowl)
    return np.array((x + style.bulge[0], 0.0, z + style.crown / 2.0))


def deck_middle(lines: Lines, style: Style, places: Stations) -> Floats:
    """The middle of the rear screen's foot (3,)."""
    x, _, z = lines.belt.at(places.deck)
    end = lines.belt.point[-1][0]
    return np.array((max(x - style.bulge[1], end), 0.0, z + style.crown / 2.0))


def _bonnet(style: Style, edge: Floats, middle: Floats) -> list[Piece]:
    width, material = style.stripe
    if width <= 0.0:
        return [piece(style.bonnet, bridge(edge, middle))]
    beside = middle + (0.0, width, -0.2 * width * style.crown)
    return [piece(style.bonnet, bridge(edge, [middle[0], *beside])), piece(material, bridge(beside, middle))]


def _floor(frame: Frame, lines: Lines, style: Style, places: Stations) -> list[Floats]:
    """From the middle to the sill, and up into the wheel houses, which end at a wall further in."""
    shapes = []
    inner = frame.half_width * _WHEEL_HOUSE
    marks = [0.0, *(s for span in places.arches for s in span), 1002.0]
    for row, (start, end) in enumerate(pairwise(marks)):
        edge = lines.sill.part(start, end)
        if row % 2:
            back = edge * (1.0, 0.0, 1.0) + (0.0, inner, 0.0)
            shapes += [quads(np.stack([back[:-1], back[1:], edge[1:], edge[:-1]], axis=1)), flipped(fan(back))]
            edge = back[[0, -1]]
        middle = edge * (1.0, 0.0, 1.0)
        shapes.append(quads(np.stack([middle[:-1], middle[1:], edge[1:], edge[:-1]], axis=1)))
    return shapes


def _cells(posts: Iterable[float]) -> list[tuple[Span, float]]:
    """Spans between neighbouring stations, and their middles."""
    ordered = sorted(posts)
    return [((start, end), (start + end) / 2.0) for start, end in pairwise(ordered)]


def _within(middle: float, spans: Sequence[Span]) -> bool:
    return any(low < middle < high for low, high in spans)


def _flank(style: Style, places: Stations, middle: float, doors: Sequence[Span]) -> str:
    if middle < places.lamp or middle > places.tail_lamp:
        return style.bumper
    return style.door_paint if _within(middle, doors) and style.door_layout != "over" else style.paint


def _shoulder(style: Style, places: Stations, middle: float, doors: Sequence[Span]) -> str:
    if middle < 1.0:
        return {"strip": "lamp_low"}.get(style.lamps, style.grille if style.mouth[0] >= 1.0 else style.paint)
    if middle < places.lamp:
        return style.paint if style.lamps in ("round", "low") else "lamp_low"
    if style.cab and middle > places.tail_lamp:
        return style.paint
    if middle > 1001.0:
        return style.tail
    if middle > places.tail_lamp:
        return "lamp_tail" if middle > 1000.0 or style.lamps == "wide" else style.paint
    return style.door_paint if _within(middle, doors) else style.paint


def _arch_span(frame: Frame, wheel: tuple[float, float], sill: float) -> tuple[float, float]:
    x, radius = wheel
    reach = arch_radius(radius) * np.cos(np.arcsin((sill - radius) / arch_radius(radius)))
    start = 10.0 + frame.front - x
    return start - float(reach), start + float(reach)


def _sill(frame: Frame, style: Style, places: Stations) -> Line:
    straight = _line(frame, style, np.array([places.lamp, places.tail_lamp]), "sill")
    stations, points = [straight.station], [straight.point]
    for (x, radius), (start, end) in zip(frame.wheels, places.arches, strict=True):
        dip = np.arcsin((style.sill - radius) / arch_radius(radius))
        curve = arc((x, radius), arch_radius(radius), dip, np.pi - dip, _ARCH_STEPS)
        aside = _half_widths(frame, style, curve[:, 0])
        depth = np.clip((curve[:, 1] - style.sill) / max(_waist_height(frame, style) - style.sill, 0.01), 0.0, 1.0)
        stations.append(np.linspace(start, end, _ARCH_STEPS + 1))
        points.append(np.stack([curve[:, 0], aside - style.tumble[1] * (1.0 - depth), curve[:, 1]], axis=1))
    station, point = np.concatenate(stations), np.concatenate(points)
    order = np.argsort(station, kind="stable")
    return Line(station[order], point[order])


def _waist_height(frame: Frame, style: Style) -> float:
    above_wheels = max((radius + arch_radius(radius) + 0.035 for _, radius in frame.wheels), default=0.0)
    return max(style.waist[1] * frame.roof, above_wheels)


def _belt_stations(frame: Frame, style: Style, places: Stations) -> list[float]:
    stations = [10.0 + share * frame.length for share, _ in style.belt]
    return [s for s in stations if places.lamp < s < places.tail_lamp]


def _line(frame: Frame, style: Style, side: Floats, which: str) -> Line:
    x_side = frame.front - (side - 10.0)
    nose, tail = _end_points(frame, style, 1.0), _end_points(frame, style, -1.0)[::-1]
    flat = np.concatenate([nose, np.stack([x_side, _half_widths(frame, style, x_side)], axis=1), tail])
    stations = np.concatenate([NOSE_STATIONS, side, TAIL_STATIONS])
    places = stations_of(frame, style)
    deep = np.array((places.lamp - 10.0, 10.0 + frame.length - places.tail_lamp))
    room = 0.7 * (deep - _NOSE_WIDTHS[2] ** 2 * np.array(style.corner))
    back, inward = _offsets(style, which, len(side), room)
    x = flat[:, 0] - back
    y = np.maximum(flat[:, 1] - inward, 0.0) * (flat[:, 1] > 0.0)
    return Line(stations, np.stack([x, y, _heights(frame, style, which, stations)], axis=1))


def _end_points(frame: Frame, style: Style, sign: float) -> Floats:
    """Nose (sign 1) or tail (-1) seen from above, from the middle to the corner: (3, 2) of x and y."""
    end, corner = (frame.front, style.corner[0]) if sign > 0.0 else (frame.rear, style.corner[1])
    aside = _half_widths(frame, style, np.array([end - sign * corner]))[0]
    return np.stack([end - sign * corner * _NOSE_WIDTHS**2, aside * _NOSE_WIDTHS], axis=1)


def _half_widths(frame: Frame, style: Style, x: Floats) -> Floats:
    """Half widths of the body: full between the wheels, a little less towards the ends."""
    middle = (frame.front + frame.rear) / 2.0
    beyond = np.clip((np.abs(x - middle) / (frame.length / 2.0) - 0.5) / 0.5, 0.0, 1.0)
    return frame.half_width * (1.0 - 0.30 * np.mean(style.corner) * beyond**2)


def _offsets(style: Style, which: str, side: int, room: Floats) -> tuple[Floats, Floats]:
    """How far a line lies behind the ends, at most `room`, and within the widest outline."""
    ends = {"sill": (0.05, 0.04), "waist": (0.0, 0.0), "belt": style.lean}[which]
    inward = {"sill": style.tumble[1], "waist": 0.0, "belt": style.tumble[0]}[which]
    back = np.concatenate([np.full(3, min(ends[0], room[0])), np.zeros(side), np.full(3, -min(ends[1], room[1]))])
    return back, np.full(side + 6, inward)


def _heights(frame: Frame, style: Style, which: str, stations: Floats) -> Floats:
    shares = (np.clip(stations, 10.0, 10.0 + frame.length) - 10.0) / frame.length
    if which == "sill":
        return np.full(len(stations), style.sill)
    if which == "belt":
        knots = np.array(style.belt)
        drawn = frame.roof * np.interp(shares, knots[:, 0], knots[:, 1])
        return np.maximum(drawn, _heights(frame, style, "waist", stations) + 0.035)
    nose, tail = style.waist[0] * frame.roof, style.waist[2] * frame.roof
    places = stations_of(frame, style)
    side = _waist_height(frame, style)
    knots = [2.0, places.arches[0][0] if places.arches else places.lamp]
    knots += [places.arches[-1][1] if places.arches else places.tail_lamp, 1000.0]
    return np.interp(stations, knots, [nose, side, side, tail])
