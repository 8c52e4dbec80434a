"""The upper half of a car: windows between pillars, screens, roof."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from carlet.models.shapes import Floats, bridge, quads
from carlet.models.vehicles.body import Frame, Lines, Span, Stations, cowl_middle, deck_middle
from carlet.models.vehicles.pieces import Piece, piece
from carlet.models.vehicles.style import UPPER, Style

_PILLAR = 0.075


@dataclass(frozen=True)
class Pane:
    """A stretch of the side between belt and roof: stations on the belt, places along the roof's edge (x), material;
    `window`: it is neither a pillar nor a panel.
    """

    belt: Span
    head: Span
    material: str
    window: bool


def panes_of(frame: Frame, style: Style, places: Stations) -> list[Pane]:
    """Pillars and windows from the windscreen to the rear screen."""
    half = _PILLAR / 2.0 / (places.deck - places.cowl)
    cuts = [(0.0, "", False), (2.0 * half, style.upper, False)]
    for row, (end, material) in enumerate(style.panes):
        last = row == len(style.panes) - 1
        if material == UPPER:
            cuts.append((end, style.upper, False))
            continue
        cuts.append((end - (2.0 * half if last else half), material, True))
        cuts.append((end if last else end + half, _post(style, row), False))
    return [
        _pane(frame, style, places, (start, end), material, window)
        for (start, *_), (end, material, window) in pairwise(cuts)
        if end > start + 1e-6
    ]


def head_point(frame: Frame, style: Style, x: float, lift: float = 0.0) -> Floats:
    """A point (3,) of the line above the windows; `lift` 1 on the roof's edge."""
    header, end = _heads(frame, style)
    share = np.clip((header - x) / (header - end), 0.0, 1.0)
    width = np.interp(share, (0.0, 0.45, 1.0), (0.96, 1.0, 0.97))
    narrow = style.narrow[0] * (1.0 - lift) + style.narrow[1] * lift
    fall = np.interp(share, (0.0, 0.45, 1.0), (style.fall[0], 0.0, style.fall[1]))
    z = frame.roof - fall - style.rail * (1.0 - 0.62 * lift)
    return np.array((x, frame.half_width * narrow * width, z))


def cabin_skin(frame: Frame, lines: Lines, style: Style, places: Stations) -> list[Piece]:
    """Everything above the belt, of the right half."""
    panes = panes_of(frame, style, places)
    heads = np.array([head_point(frame, style, x) for x in (*(p.head[0] for p in panes), panes[-1].head[1])])
    pieces = [
        piece(pane.material, bridge(lines.belt.part(*pane.belt), heads[row : row + 2]))
        for row, pane in enumerate(panes)
    ]
    front, rear = _middles(frame, style)
    foot, tail = lines.belt.at(places.cowl), lines.belt.at(places.deck)
    screen = np.array([cowl_middle(lines, style, places), foot, heads[0], front[0]])
    back = np.array([tail, deck_middle(lines, style, places), rear[0], heads[-1]])
    pieces += [piece("car_glass", quads(screen)), piece(style.rear_screen, quads(back))]
    return [*pieces, piece(style.roof, *_roof(frame, style, heads, front, rear))]


def _roof(frame: Frame, style: Style, heads: Floats, front: Floats, rear: Floats) -> list[Floats]:
    header, end = _heads(frame, style)
    brim = 0.08 * (header - end)
    edge = np.array([head_point(frame, style, x, lift=1.0) for x in (header - brim, (header + end) / 2.0, end + brim)])
    peak = np.array(((header + end) / 2.0, 0.0, frame.roof))
    ring, lower = np.concatenate([front[1:], edge, rear[1:]]), np.concatenate([front[:1], heads, rear[:1]])
    return [bridge(lower, ring), bridge(ring, [front[1], peak, rear[1]])]


def _middles(frame: Frame, style: Style) -> tuple[Floats, Floats]:
    """In the middle plane, head of the windscreen and start of the roof; the same at the rear: (2, 3) each."""
    header, end = _heads(frame, style)
    brim = 0.08 * (header - end)
    front_z, rear_z = (frame.roof - fall for fall in style.fall)
    lower = style.rail * 0.55
    front = [(header + 0.5 * style.bulge[0], 0.0, front_z - lower), (header - brim, 0.0, front_z - 0.01)]
    rear = [(end - 0.5 * style.bulge[1], 0.0, rear_z - lower), (end + brim, 0.0, rear_z - 0.01)]
    return np.array(front), np.array(rear)


def _heads(frame: Frame, style: Style) -> tuple[float, float]:
    return frame.front - style.screens[1] * frame.length, frame.front - style.screens[2] * frame.length


def _post(style: Style, row: int) -> str:
    following = style.panes[row + 1][1] if row + 1 < len(style.panes) else UPPER
    return style.pillar if following != UPPER else style.upper


def _pane(frame: Frame, style: Style, places: Stations, span: Span, material: str, window: bool) -> Pane:
    header, end = _heads(frame, style)
    start, stop = ((places.cowl + share * (places.deck - places.cowl)) for share in span)
    return Pane((start, stop), (header - span[0] * (header - end), header - span[1] * (header - end)), material, window)
