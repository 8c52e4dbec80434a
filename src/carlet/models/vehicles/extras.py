"""What only some cars carry: beacons, signs, bars, stripes, a spare wheel."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from carlet.models.shapes import Floats, box, cylinder, quads, tube
from carlet.models.vehicles.body import Frame, Lines, Stations
from carlet.models.vehicles.cabin import head_point
from carlet.models.vehicles.details import patch
from carlet.models.vehicles.facts import VehicleFacts
from carlet.models.vehicles.pieces import STUCK_ON, Piece, disc, on_both_sides, piece, sticker
from carlet.models.vehicles.style import Style


class Car(NamedTuple):
    """Everything that is known of a car when its body has been drawn."""

    facts: VehicleFacts
    style: Style
    frame: Frame
    places: Stations
    lines: Lines


def extra_pieces(car: Car) -> list[Piece]:
    """The extras that a car's style names, both sides."""
    return [part for name in car.style.extras for part in EXTRAS[name](car)]


def light_bar(x: float, half_width: float, low: float, high: float, depth: float = 0.16) -> list[Piece]:
    """A bar of beacons across a roof: red on the left, blue on the right."""
    gap = 0.12 * half_width
    return [
        piece("beacon_left", box((x - depth, -half_width, low), (x + depth, -gap, high))),
        piece("beacon_right", box((x - depth, gap, low), (x + depth, half_width, high))),
        piece("car_trim", box((x - depth, -gap, low - 0.02), (x + depth, gap, high - 0.02))),
    ]


def _beacons(car: Car) -> list[Piece]:
    x = _roof_middle(car) + 0.12
    return light_bar(x, 0.58 * car.frame.half_width, car.frame.roof - 0.02, car.facts.top)


def _taxi_sign(car: Car) -> list[Piece]:
    x, low = _roof_middle(car), car.frame.roof - 0.02
    return [piece("taxi_sign", box((x - 0.09, -0.32, low), (x + 0.09, 0.32, car.facts.top)))]


def _checkers(car: Car) -> list[Piece]:
    start, end = car.places.arches[0][1] + 0.05, car.places.arches[-1][0] - 0.05
    edges = np.linspace(start, end, 14)
    squares = [
        sticker("car_trim", patch(car.lines.sill, car.lines.waist, (a, b), (0.84, 0.97)), 2 * STUCK_ON)
        for a, b in zip(edges[:-1:2], edges[1::2], strict=True)
    ]
    return on_both_sides(squares)


def _side_stripe(material: str, up: tuple[float, float]) -> Callable[[Car], list[Piece]]:
    def stripe(car: Car) -> list[Piece]:
        span = (car.places.arches[0][1] + 0.05, car.places.arches[-1][0] - 0.05)
        return on_both_sides([sticker(material, patch(car.lines.sill, car.lines.waist, span, up), 2 * STUCK_ON)])

    return stripe


def _bull_bar(car: Car) -> list[Piece]:
    x, waist = car.facts.front - 0.03, float(car.lines.waist.at(0.0)[2])
    post = [(car.frame.front - 0.1, 0.28, waist), (x, 0.28, waist), (x, 0.28, car.style.sill + 0.1)]
    bars = [tube([(x, -0.5, z), (x, 0.5, z)], 0.03) for z in (waist - 0.02, car.style.sill + 0.14)]
    return [*on_both_sides([piece("car_trim", tube(post, 0.03))]), piece("car_trim", *bars)]


def _chrome_bumpers(car: Car) -> list[Piece]:
    """Bars in front of nose and tail, within the vehicle's length."""
    wide = 0.97 * car.frame.half_width
    z = float(car.lines.waist.at(0.0)[2]) - 0.16
    ends = ((car.frame.front - 0.12, car.frame.front), (car.frame.rear, car.frame.rear + 0.12))
    return [piece("car_chrome", box((low, -wide, z), (high, wide, z + 0.13))) for low, high in ends]


def _bonnet_stripes(car: Car) -> list[Piece]:
    """Two bands along the bonnet, on the facets beside its crest."""
    foot, nose = car.places.cowl, car.lines.belt.at(0.0)
    crest = (nose + car.lines.belt.at(foot) * (1.0, 0.0, 1.0)) / 2.0 + (0.0, 0.0, car.style.crown)
    end = car.lines.belt.at(foot) * (1.0, 0.0, 1.0) + (0.1, 0.0, 0.012)
    side = np.array((0.0, 0.10, -0.006))
    points = [nose + (0, 0.06, 0), crest + (0, 0.06, 0), end + (0, 0.06, 0)]
    strips = [
        sticker("livery_white", [a, b, b + side * 1.8, a + side * 1.8], 0.014)
        for a, b in ((points[1], points[0]), (points[2], points[1]))
    ]
    return on_both_sides(strips)


def _roof_rails(car: Car) -> list[Piece]:
    start, end = (car.frame.front - share * car.frame.length for share in car.style.screens[1:3])
    xs = np.linspace(start - 0.15, end + 0.15, 3)
    path = np.array([head_point(car.frame, car.style, x, lift=0.8) for x in xs])
    path[:, 2] = np.minimum(path[:, 2] + 0.05, car.frame.roof - 0.02)
    return on_both_sides([piece("car_trim", tube(path, 0.022))])


def _badge(car: Car) -> list[Piece]:
    middle = patch(car.lines.waist, car.lines.belt, (0.0, 0.0), (0.55, 0.55))[0]
    return [
        disc("livery_white", middle, (1.0, 0.0, 0.06), 0.15, 0.02),
        disc("car_paint", middle, (1.0, 0.0, 0.06), 0.11, 0.027),
    ]


def _slots(car: Car) -> list[Piece]:
    shoulder, bumper = (car.lines.waist, car.lines.belt), (car.lines.sill, car.lines.waist)
    slots = [sticker("car_grille", patch(*shoulder, (s, s + 0.13), (0.1, 0.85))) for s in (0.07, 0.34, 0.61)]
    slots += [sticker("car_grille", patch(*bumper, (s, s + 0.13), (0.78, 1.0))) for s in (0.07, 0.34, 0.61)]
    return on_both_sides(slots)


def _spare_wheel(car: Car) -> list[Piece]:
    radius, rear = 0.9 * car.facts.radius[1], car.frame.rear
    z = float(car.lines.waist.at(1002.0)[2]) + 0.08
    tyre = cylinder(radius, car.facts.rear, rear, sides=12, axis=0)
    return [
        piece("tyre", tyre + (0.0, 0.0, z)),
        disc("car_trim", (car.facts.rear, 0.0, z), (-1.0, 0.0, 0.0), radius * 0.7, 0.006, sides=10),
    ]


def _flares(car: Car) -> list[Piece]:
    """Boxy black rims over the wheel arches, out to the mirrors' half."""
    pieces = []
    for (x, radius), half in zip(car.frame.wheels, (0.55, 0.55), strict=True):
        reach, top = radius + 0.17, 2.0 * radius + 0.06
        y0, y1 = car.frame.half_width - 0.03, car.frame.half_width + half * car.style.mirror
        lower, upper = radius + 0.12, top + 0.05
        path = [(x - reach, lower), (x - 0.6 * reach, upper), (x + 0.6 * reach, upper), (x + reach, lower)]
        pieces.append(piece("car_trim", *_ribbon(path, y0, y1, 0.06)))
    return on_both_sides(pieces)


def _ribbon(path: list[tuple[float, float]], y0: float, y1: float, thick: float) -> list[Floats]:
    """A band over a line of (x, z), from y0 out to y1: its top, its outer edge and its underside."""
    upper = np.array(path)
    lower = upper - (0.0, thick)
    strips = []
    for (a, ya), (b, yb) in (((upper, y0), (upper, y1)), ((upper, y1), (lower, y1)), ((lower, y1), (lower, y0))):
        first = np.stack([a[:, 0], np.full(len(a), ya), a[:, 1]], axis=1)
        second = np.stack([b[:, 0], np.full(len(b), yb), b[:, 1]], axis=1)
        strips.append(quads(np.stack([first[:-1], first[1:], second[1:], second[:-1]], axis=1)))
    return strips


def _rear_windows(car: Car) -> list[Piece]:
    z0, z1 = float(car.lines.belt.at(1002.0)[2]) + 0.06, car.frame.roof - 0.35
    wide, x = 0.72 * car.frame.half_width, car.frame.rear + 0.02
    panes = [[(x, 0.06, z0), (x, wide, z0), (x, wide, z1), (x, 0.06, z1)]]
    return on_both_sides([sticker("car_glass", np.array(pane)[::-1]) for pane in panes])


def _roof_middle(car: Car) -> float:
    return car.frame.front - 0.5 * (car.style.screens[1] + car.style.screens[2]) * car.frame.length


EXTRAS: Mapping[str, Callable[[Car], list[Piece]]] = {
    "badge": _badge,
    "beacons": _beacons,
    "bonnet_stripes": _bonnet_stripes,
    "bull_bar": _bull_bar,
    "checkers": _checkers,
    "chrome_bumpers": _chrome_bumpers,
    "flares": _flares,
    "rear_windows": _rear_windows,
    "roof_rails": _roof_rails,
    "side_strip": _side_stripe("car_trim", (0.55, 0.72)),
    "slots": _slots,
    "spare_wheel": _spare_wheel,
    "stripe_white": _side_stripe("livery_blue", (0.60, 0.74)),
    "taxi_sign": _taxi_sign,
}
