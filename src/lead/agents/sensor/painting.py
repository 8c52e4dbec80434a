"""Plans, boxes and text painted into pictures: small functions on arrays (h, w, 3), blue green red."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.sensors.projection import project
from lead.sensors.rig import Camera, Rig

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating]
Colour = tuple[int, int, int]

WHITE: Colour = (245, 245, 245)
GREY: Colour = (150, 150, 150)
RED: Colour = (60, 60, 235)
GREEN: Colour = (110, 220, 90)
BLUE: Colour = (235, 170, 80)
YELLOW: Colour = (60, 215, 245)
NEAR: Colour = (235, 235, 60)
FAR: Colour = (60, 235, 245)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SIXTEENTHS = 4


def text(image: Picture, line: str, place: tuple[int, int], colour: Colour = WHITE, size: float = 0.5) -> None:
    """Write a line with its baseline's left end at `place` (column, row), readable on any ground."""
    for shift in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        shadow = place[0] + shift[0], place[1] + shift[1]
        cv2.putText(image, line, shadow, _FONT, size, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(image, line, place, _FONT, size, colour, 1, cv2.LINE_AA)


def banner(image: Picture, lines: Sequence[str], alerts: Sequence[str] = (), size: float = 0.6) -> None:
    """Write lines, and alerts in red below them, in the upper left corner."""
    step = round(40 * size)
    for row, (line, colour) in enumerate([*((one, WHITE) for one in lines), *((one, RED) for one in alerts)]):
        text(image, line, (12, step * (row + 1)), colour, size)


def dots(image: Picture, pixels: Floats, colours: Sequence[Colour], radius: int) -> None:
    """Filled circles at pixels (n, 2)."""
    for (x, y), colour in zip(_fixed(pixels).tolist(), colours, strict=True):
        cv2.circle(image, (x, y), radius << _SIXTEENTHS, colour, -1, cv2.LINE_AA, _SIXTEENTHS)


def rings(image: Picture, pixels: Floats, radius: int) -> None:
    """Target points: red, with a white ring."""
    for x, y in _fixed(pixels).tolist():
        cv2.circle(image, (x, y), radius << _SIXTEENTHS, RED, -1, cv2.LINE_AA, _SIXTEENTHS)
        cv2.circle(image, (x, y), radius << _SIXTEENTHS, WHITE, 2, cv2.LINE_AA, _SIXTEENTHS)


def line(image: Picture, pixels: Floats, colour: Colour, width: int = 2) -> None:
    """A line through pixels (n, 2)."""
    cv2.polylines(image, [_fixed(pixels)], False, colour, width, cv2.LINE_AA, _SIXTEENTHS)


def polygon(image: Picture, corners: Floats, colour: Colour, width: int = 2) -> None:
    """The outline of a polygon with corners (n, 2)."""
    cv2.polylines(image, [_fixed(corners)], True, colour, width, cv2.LINE_AA, _SIXTEENTHS)


def fade(count: int) -> list[Colour]:
    """Colours from the near to the far end of a plan."""
    shares = np.linspace(0.0, 1.0, max(count, 1))
    return [_mix(NEAR, FAR, share) for share in shares[:count]]


def on_ground(image: Picture, camera: Camera, points: Floats, colours: Sequence[Colour], radius: int) -> None:
    """A chain of points (n, 2) of the ego's frame, lying on the ground, as a camera sees it: dots and a line."""
    pixels, visible = _seen(camera, points)
    for first, second, colour in zip(range(len(points) - 1), range(1, len(points)), colours, strict=False):
        if visible[first] and visible[second]:
            line(image, pixels[[first, second]], colour, max(radius // 2, 1))
    dots(image, pixels[visible], [colour for colour, seen in zip(colours, visible, strict=True) if seen], radius)


def targets_on_ground(image: Picture, camera: Camera, points: Floats, radius: int) -> None:
    """Target points (n, 2) of the ego's frame as a camera sees them."""
    pixels, visible = _seen(camera, points)
    rings(image, pixels[visible], radius)


def sections(rig: Rig, strip: Picture) -> list[Picture]:
    """The parts of a strip, one a camera, in the rig's order; views, not copies."""
    edges = np.cumsum([0, *(camera.width for camera in rig.cameras)])
    return [strip[:, left:right] for left, right in pairwise(edges)]


def fit(image: Picture, width: int, height: int | None = None) -> Picture:
    """The image in another size; its shape is kept where only the width is given."""
    height = round(image.shape[0] * width / image.shape[1]) if height is None else height
    kind = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=kind), np.uint8)


def even(image: Picture) -> Picture:
    """The image without its last row or column where their number is odd, as videos want it."""
    height, width = image.shape[:2]
    return np.ascontiguousarray(image[: height - height % 2, : width - width % 2])


def _seen(camera: Camera, points: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    flat = np.column_stack([points, np.zeros(len(points))])
    seen = project(camera, flat)
    return seen.pixel, seen.visible


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    blue, green, red = (round((1.0 - share) * a + share * b) for a, b in zip(one, other, strict=True))
    return blue, green, red


def _fixed(pixels: Floats) -> NDArray[np.int32]:
    return np.rint(np.clip(pixels, -4000.0, 4000.0) * (1 << _SIXTEENTHS)).astype(np.int32)
