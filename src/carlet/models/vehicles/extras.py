"""What only some cars carry: beacons, signs, bars, stripes, a spare wheel."""

from collections.abc import Callable, Mapping

import numpy as np

from carlet.models.shapes import Floats, box, cylinder, quads, tube
from carlet.models.vehicles.details import patch
from carlet.models.vehicles.layout import Car
from carlet.models.vehicles.pieces import STUCK_ON, Piece, disc, on_both_sides, panel, piece, sticker


def extra_pieces(car: Car) -> list[Piece]:
    """The extras that a car's style names, both sides."""
    return [part for name in car.style.extras for part in EXTRAS[name](car)]


def light_bar(x: float, half_width: float, low: float, high: float, depth: float = 0.16) -> list[Piece]:
    """A bar of beacons across a roof: red on the left, blue on the right."""
    gap, above = 0.12 * half_width, ("-x", "+x", "-y", "+y", "+z")
    return [
        piece("beacon_left", box((x - depth, -half_width, low), (x + depth, -gap, high), above)),
        piece("beacon_right", box((x - depth, gap, low), (x + depth, half_width, high), above)),
        piece("car_trim", box((x - depth, -gap, low), (x + depth, gap, high - 0.02), ("-x", "+x", "+z"))),
    ]


def _beacons(car: Car) -> list[Piece]:
    x = _roof_middle(car) + 0.12
    return light_bar(x, 0.58 * car.frame.half_width, car.frame.roof - 0.02, car.facts.top)


def _taxi_sign(car: Car) -> list[Piece]:
    x, low = _roof_middle(car), car.frame.roof - 0.02
    return [piece("taxi_sign", box((x - 0.09, -0.32, low), (x + 0.09, 0.32, car.facts.top)))]


def _checkers(car: Car) -> list[Piece]:
    start, end = car.places.arches[0][1] + 0.05, car.places.arches[-1][0] - 0.05
    edges = np.linspace(start, end, 10)
    squares = [
        sticker("car_trim", patch(car.lines.sill, car.lines.waist, (a, b), (0.84, 0.97)), 2 * STUCK_ON)
        for a, b in zip(edges[:-1:2], edges[1::2], strict=True)
    ]
    return on_both_sides(squares)


def _side_stripe(material: str, up: tuple[float, float]) -> Callable[[Car], list[Piece]]:
    def stripe(car: Car) -> list[Piece]:
        end = car.places.tail_lamp if car.style.cab else car.places.arches[-1][0] - 0.05
        span = (car.places.arches[0][1] + 0.05, end)
        return on_both_sides([sticker(material, patch(car.lines.sill, car.lines.waist, span, up), 2 * STUCK_ON)])

    return stripe


def _bull_bar(car: Car) -> list[Piece]:
    x, waist = car.facts.front - 0.03, float(car.lines.waist.at(0.0)[2])
    low, high = car.style.sill + 0.1, waist + 0.05
    bars = [box((x - 0.03, -0.5, z), (x + 0.03, 0.5, z + 0.05)) for z in (high - 0.12, low + 0.05)]
    post = box((car.frame.front - 0.1, 0.26, low), (x + 0.03, 0.31, high), ("+x", "-y", "+y", "+z"))
    return [*on_both_sides([piece("car_trim", post)]), piece("car_trim", *bars)]


def _chrome_front(car: Car) -> list[Piece]:
    return [_bumper_bar(car, car.frame.front - 0.2, car.frame.front)]


def _chrome_bumpers(car: Car) -> list[Piece]:
    """Bars in front of nose and tail, within the vehicle's length."""
    return [*_chrome_front(car), _bumper_bar(car, car.frame.rear, car.frame.rear + 0.2)]


def _bumper_bar(car: Car, low: float, high: float) -> Piece:
    wide, z = 0.97 * car.frame.half_width, float(car.lines.waist.at(0.0)[2]) - 0.16
    return piece("car_chrome", box((low, -wide, z), (high, wide, z + 0.13)))


def _roof_rails(car: Car) -> list[Piece]:
    start, end = (car.frame.front - share * car.frame.length for share in car.style.screens[1:3])
    inner = 0.93 * car.frame.half_width * car.style.narrow[1]
    low = (end + 0.1, inner, car.frame.roof - 0.4 * car.style.rail)
    high = (start - 0.2, inner + 0.045, car.frame.roof)
    return on_both_sides([piece("car_trim", box(low, high, ("-x", "+x", "-y", "+y", "+z")))])


def _badge(car: Car) -> list[Piece]:
    middle = patch(car.lines.waist, car.lines.belt, (0.0, 0.0), (0.55, 0.55))[0]
    return [
        disc("livery_white", middle, (1.0, 0.0, 0.06), 0.15, 0.02),
        disc("car_paint", middle, (1.0, 0.0, 0.06), 0.11, 0.027),
    ]


def _slots(car: Car) -> list[Piece]:
    slots = [
        sticker("car_grille", patch(car.lines.waist, car.lines.belt, (s, s + 0.13), (0.1, 0.85)))
        for s in (0.07, 0.34, 0.61)
    ]
    return on_both_sides(slots)


def _spare_wheel(car: Car) -> list[Piece]:
    radius, rear = 0.9 * car.facts.radius[1], car.frame.rear
    z = float(car.lines.waist.at(1002.0)[2]) + 0.08
    tyre = cylinder(radius, car.facts.rear, rear, sides=8, axis=0)
    return [piece("tyre", tyre + (0.0, 0.0, z))]


def _flares(car: Car) -> list[Piece]:
    """Boxy black rims over the wheel arches, out to the mirrors' half."""
    pieces = []
    for (x, radius), half in zip(car.frame.wheels, (0.55, 0.55), strict=True):
        reach = radius + 0.10
        y0, y1 = car.frame.half_width - 0.08, car.frame.half_width + half * car.style.mirror
        lower, upper = radius + 0.15, 2.0 * radius + 0.09
        path = [(x - reach, lower), (x - 0.6 * reach, upper), (x + 0.6 * reach, upper), (x + reach, lower)]
        pieces.append(piece("car_trim", *_ribbon(path, y0, y1, 0.06)))
    return on_both_sides(pieces)


def _ribbon(path: list[tuple[float, float]], y0: float, y1: float, thick: float) -> list[Floats]:
    """A band over a line of (x, z), from y0 out to y1, thin at both ends: its top, its outer edge and
    the undersides of its sloping ends."""
    upper = np.array(path)
    lower = upper - np.outer([0.0, *([thick] * (len(path) - 2)), 0.0], (0.0, 1.0))
    strips = []
    for (a, ya), (b, yb) in (((upper, y0), (upper, y1)), ((upper, y1), (lower, y1))):
        first = np.stack([a[:, 0], np.full(len(a), ya), a[:, 1]], axis=1)
        second = np.stack([b[:, 0], np.full(len(b), yb), b[:, 1]], axis=1)
        strips.append(quads(np.stack([first[:-1], first[1:], second[1:], second[:-1]], axis=1)))
    first, last = (np.stack([lower[k], lower[k + 1]]) for k in (0, len(path) - 2))
    for ends in (first, last):
        inner, outer = (np.insert(ends, 1, y, axis=1) for y in (y0, y1))
        strips.append(quads([[outer[0], outer[1], inner[1], inner[0]]]))
    return strips


def _roof_unit(car: Car) -> list[Piece]:
    x, wide = _roof_middle(car), 0.5 * car.frame.half_width
    low = car.frame.roof - 0.16
    return [
        piece("cargo_box", box((x - 1.4, -wide, low), (x + 0.6, wide, car.facts.top), ("-x", "+x", "-y", "+y", "+z")))
    ]


def _bus_door(car: Car) -> list[Piece]:
    """A folding door of glass on the side of the pavement."""
    start = car.places.arches[0][1] + 0.25
    rows = ((car.lines.sill, car.lines.waist, (0.12, 1.0)), (car.lines.waist, car.lines.belt, (0.0, 1.0)))
    leaves = [(start, start + 0.55), (start + 0.6, start + 1.15)]
    return [
        sticker("car_glass", patch(low, high, (a, min(b, car.places.arches[1][0])), up), 0.012)
        for low, high, up in rows
        for a, b in leaves
    ]


def _long_mirrors(car: Car) -> list[Piece]:
    """Mirrors on arms in front of the windscreen, out to both sides of the vehicle's box, wherever those are."""
    x, z = car.frame.front - 0.12, float(car.lines.belt.at(0.0)[2]) + 0.55
    centre, extent = car.facts.box_centre[1], car.facts.box_extent[1]
    inside = 0.9 * car.frame.half_width
    pieces = []
    for side in (-1.0, 1.0):
        outside = centre + side * extent
        low, high = sorted((outside, outside - side * 0.22))
        pieces.append(
            piece("car_trim", tube([(x - 0.1, side * inside, z + 0.4), (x, outside - side * 0.11, z + 0.4)], 0.025))
        )
        pieces.append(
            piece("car_trim", box((x - 0.05, low, z - 0.1), (x + 0.05, high, z + 0.45), ("+x", "-y", "+y", "+z", "-z")))
        )
        pieces.append(panel("car_glass", "-x", x - 0.05, (low, z - 0.1), (high, z + 0.45)))
    return pieces


def _roof_middle(car: Car) -> float:
    return car.frame.front - 0.5 * (car.style.screens[1] + car.style.screens[2]) * car.frame.length


#: Extras that are seen from far away.
ON_ROOF = ("beacons", "long_mirrors", "roof_unit", "taxi_sign")

EXTRAS: Mapping[str, Callable[[Car], list[Piece]]] = {
    "badge": _badge,
    "beacons": _beacons,
    "bull_bar": _bull_bar,
    "checkers": _checkers,
    "chrome_bumpers": _chrome_bumpers,
    "chrome_front": _chrome_front,
    "flares": _flares,
    "bus_door": _bus_door,
    "long_mirrors": _long_mirrors,
    "roof_unit": _roof_unit,
    "stripe_bus": _side_stripe("livery_blue", (0.70, 0.92)),
    "stripe_cab": _side_stripe("livery_white", (0.86, 1.0)),
    "stripe_red": _side_stripe("livery_red", (0.55, 0.85)),
    "roof_rails": _roof_rails,
    "side_strip": _side_stripe("car_trim", (0.55, 0.72)),
    "slots": _slots,
    "spare_wheel": _spare_wheel,
    "stripe_blue": _side_stripe("livery_blue", (0.60, 0.74)),
    "taxi_sign": _taxi_sign,
}
