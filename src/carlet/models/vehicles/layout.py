"""Where everything of a car is, before any of it is drawn."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from carlet.models.vehicles.body import Frame, Lines, Span, Stations, fitted, lines_of, stations_of
from carlet.models.vehicles.cabin import Pane, panes_of
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.style import Style

_NARROWEST_DOOR = 0.2


class Car(NamedTuple):
    """Everything that is known of a car, van or cab: `doors` are spans of stations, from front to rear."""

    facts: VehicleFacts
    style: Style
    frame: Frame
    places: Stations
    lines: Lines
    panes: Sequence[Pane]
    doors: Sequence[Span]


def lay_out(facts: VehicleFacts, style: Style, frame: Frame) -> Car:
    """Lines, windows and doors of a body in its frame."""
    style = fitted(style, frame)
    places = stations_of(frame, style)
    panes = panes_of(frame, style, places)
    doors = _door_spans(style, places, panes)
    lines = lines_of(frame, style, tuple(s for span in doors for s in span))
    return Car(facts, style, frame, places, lines, panes, doors)


def _door_spans(style: Style, places: Stations, panes: Sequence[Pane]) -> list[Span]:
    if style.door_layout == "around":
        start, end = places.arches[0]
        return [(places.lamp + 0.02, start - 0.02), (end + 0.02, places.tail_lamp - 0.02)][: style.doors // 2]
    over = style.door_layout == "over"
    first = places.lamp + 0.02 if over else places.arches[0][1] + 0.03
    last = places.tail_lamp if over or len(places.arches) < 2 else places.arches[-1][0] - 0.02
    glass = [pane.belt[1] for pane in panes if pane.window]
    edges = [first, *(min(end, last) for end in glass[: style.doors // 2])]
    return [(start, end) for start, end in pairwise(edges) if end > start + _NARROWEST_DOOR]
