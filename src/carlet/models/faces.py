"""Faces of signs, boards and posters: small pictures that materials with `Pattern.FACE` show by number."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 64
SPEEDS_KMH = (20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130)
SHOPS = ("cafe", "bakery", "market", "bank", "hotel", "books", "pizza", "pharmacy", "flowers", "garage")
POSTERS = ("poster_sun", "poster_sea", "poster_stripes", "poster_circles")

#: Names of all faces; the place in it is a face's number.
FACES: tuple[str, ...] = (
    "stop",
    "yield",
    "warning",
    "parking",
    "crossing",
    "bus",
    "arrow",
    *(f"speed_{speed}" for speed in SPEEDS_KMH),
    *SHOPS,
    *POSTERS,
)

Picture = NDArray[np.uint8]
Rgb = tuple[int, int, int]
_WHITE, _BLACK, _RED, _BLUE, _YELLOW = (245, 245, 240), (18, 18, 20), (178, 20, 28), (20, 70, 160), (240, 190, 20)
_FINE = 4  # drawn so many times larger, then averaged


def face(name: str) -> int:
    """The number of a face; ValueError when there is none of that name."""
    return FACES.index(name)


@cache
def faces() -> Picture:
    """All faces (k, 64, 64, 4), RGBA as they are seen (not linear), upright, first row on top. Read-only."""
    pictures = np.stack([_draw(name) for name in FACES])
    pictures.setflags(write=False)
    return pictures


def _draw(name: str) -> Picture:
    import cv2

    large = np.full((SIZE * _FINE, SIZE * _FINE, 3), 255, np.uint8)
    if name.startswith("speed_"):
        _speed(cv2, large, name.removeprefix("speed_"))
    elif name in _SHOP_COLOURS:
        _shop(cv2, large, name)
    else:
        _DRAWN[name](cv2, large)
    small = cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.dstack([np.asarray(small, np.uint8), np.full((SIZE, SIZE), 255, np.uint8)])


def _points(*places: tuple[float, float]) -> NDArray[np.int32]:
    return np.round(np.array(places) * SIZE * _FINE).astype(np.int32).reshape(1, -1, 2)


def _polygon(cv2: Any, picture: Picture, colour: Rgb, *places: tuple[float, float]) -> None:
    """Fill a polygon; places are shares of the width from the left and of the height from the top."""
    cv2.fillPoly(picture, _points(*places), colour, cv2.LINE_AA)


def _box(cv2: Any, picture: Picture, colour: Rgb, left: float, top: float, right: float, bottom: float) -> None:
    _polygon(cv2, picture, colour, (left, top), (right, top), (right, bottom), (left, bottom))


def _disc(cv2: Any, picture: Picture, colour: Rgb, x: float, y: float, radius: float) -> None:
    whole = SIZE * _FINE
    cv2.circle(picture, (round(x * whole), round(y * whole)), round(radius * whole), colour, -1, cv2.LINE_AA)


def _text(cv2: Any, picture: Picture, text: str, colour: Rgb, middle: float, height: float, width: float) -> None:
    """Write `text` around the height `middle`, as large as `height` and `width` (shares) let it."""
    whole, font = SIZE * _FINE, cv2.FONT_HERSHEY_SIMPLEX
    text = text.replace("0", "O")  # the font strikes its zero through
    thick = max(round(0.17 * height * whole), 1)
    (wide, high), _ = cv2.getTextSize(text, font, 10.0, 1)
    glyphs = np.zeros((high + 40, wide + 40), np.uint8)
    cv2.putText(glyphs, text, (20, high + 20), font, 10.0, 255, round(thick * high / (height * whole)), cv2.LINE_AA)
    size = (round(min(width, 0.95) * whole), round(height * whole))
    shown = cv2.resize(glyphs, size, interpolation=cv2.INTER_AREA).astype(np.float64)[..., None] / 255.0
    x, y = (whole - size[0]) // 2, round(middle * whole) - size[1] // 2
    under = picture[y : y + size[1], x : x + size[0]]
    picture[y : y + size[1], x : x + size[0]] = np.round(under * (1.0 - shown) + np.array(colour) * shown)


def _speed(cv2: Any, picture: Picture, number: str) -> None:
    picture[:] = _WHITE
    _box(cv2, picture, _BLACK, 0.03, 0.03, 0.97, 0.97)
    _box(cv2, picture, _WHITE, 0.07, 0.06, 0.93, 0.94)
    _text(cv2, picture, "SPEED", _BLACK, 0.18, 0.17, 0.66)
    _text(cv2, picture, "LIMIT", _BLACK, 0.37, 0.17, 0.56)
    _text(cv2, picture, number, _BLACK, 0.70, 0.44, 0.36 * len(number) if len(number) < 3 else 0.84)


_SHOP_COLOURS: Mapping[str, tuple[Rgb, Rgb]] = MappingProxyType(
    {
        "cafe": ((70, 40, 25), (245, 225, 190)),
        "bakery": ((225, 190, 120), (90, 45, 20)),
        "market": ((25, 110, 55), (250, 250, 245)),
        "bank": ((20, 45, 90), (235, 235, 240)),
        "hotel": ((120, 20, 40), (245, 215, 130)),
        "books": ((35, 75, 80), (250, 240, 215)),
        "pizza": ((190, 40, 30), (250, 245, 230)),
        "pharmacy": ((240, 245, 240), (20, 135, 70)),
        "flowers": ((235, 205, 215), (150, 30, 90)),
        "garage": ((235, 180, 20), (25, 25, 30)),
    }
)


def _shop(cv2: Any, picture: Picture, name: str) -> None:
    back, front = _SHOP_COLOURS[name]
    picture[:] = back
    for top in (0.06, 0.90):
        _box(cv2, picture, front, 0.02, top, 0.98, top + 0.04)
    _text(cv2, picture, name.upper(), front, 0.5, 0.55, min(0.14 * len(name) + 0.1, 0.9))


def _stop(cv2: Any, picture: Picture) -> None:
    picture[:] = _WHITE
    cut = 0.293
    inner = [(cut, 0.0), (1.0 - cut, 0.0), (1.0, cut), (1.0, 1.0 - cut)]
    inner += [(1.0 - cut, 1.0), (cut, 1.0), (0.0, 1.0 - cut), (0.0, cut)]
    _polygon(cv2, picture, _RED, *[(0.5 + 0.92 * (x - 0.5), 0.5 + 0.92 * (y - 0.5)) for x, y in inner])
    _text(cv2, picture, "STOP", _WHITE, 0.5, 0.36, 0.78)


def _yield(cv2: Any, picture: Picture) -> None:
    picture[:] = _RED
    _polygon(cv2, picture, _WHITE, (0.20, 0.12), (0.80, 0.12), (0.5, 0.70))


def _warning(cv2: Any, picture: Picture) -> None:
    picture[:] = _BLACK
    _polygon(cv2, picture, _YELLOW, (0.5, 0.05), (0.95, 0.5), (0.5, 0.95), (0.05, 0.5))
    _box(cv2, picture, _BLACK, 0.46, 0.25, 0.54, 0.58)
    _disc(cv2, picture, _BLACK, 0.5, 0.69, 0.055)


def _parking(cv2: Any, picture: Picture) -> None:
    picture[:] = _BLUE
    _text(cv2, picture, "P", _WHITE, 0.5, 0.66, 0.46)


def _crossing(cv2: Any, picture: Picture) -> None:
    picture[:] = _BLUE
    _polygon(cv2, picture, _WHITE, (0.5, 0.08), (0.94, 0.88), (0.06, 0.88))
    _disc(cv2, picture, _BLACK, 0.53, 0.33, 0.05)
    _polygon(cv2, picture, _BLACK, (0.47, 0.40), (0.57, 0.40), (0.56, 0.60), (0.66, 0.80), (0.59, 0.80), (0.50, 0.64))
    _polygon(cv2, picture, _BLACK, (0.48, 0.58), (0.53, 0.62), (0.44, 0.80), (0.37, 0.80))


def _bus(cv2: Any, picture: Picture) -> None:
    picture[:] = _BLUE
    _box(cv2, picture, _WHITE, 0.14, 0.26, 0.86, 0.68)
    for left in (0.20, 0.37, 0.54, 0.71):
        _box(cv2, picture, _BLUE, left, 0.32, left + 0.11, 0.47)
    for x in (0.30, 0.70):
        _disc(cv2, picture, _WHITE, x, 0.70, 0.09)
        _disc(cv2, picture, _BLUE, x, 0.70, 0.045)


def _arrow(cv2: Any, picture: Picture) -> None:
    picture[:] = _BLACK
    for left in (0.04, 0.36, 0.68):
        right = left + 0.28
        shaft = [(left, 0.08), (left + 0.13, 0.08), (right, 0.5), (left + 0.13, 0.92), (left, 0.92), (left + 0.15, 0.5)]
        _polygon(cv2, picture, _YELLOW, *shaft)


def _sun(cv2: Any, picture: Picture) -> None:
    picture[:] = (245, 120, 60)
    _disc(cv2, picture, (255, 225, 120), 0.5, 0.42, 0.24)
    _polygon(cv2, picture, (90, 35, 70), (0.0, 0.75), (0.35, 0.55), (0.65, 0.72), (1.0, 0.58), (1.0, 1.0), (0.0, 1.0))
    _text(cv2, picture, "SUMMER", (250, 240, 220), 0.88, 0.11, 0.7)


def _sea(cv2: Any, picture: Picture) -> None:
    picture[:] = (120, 190, 225)
    _box(cv2, picture, (20, 95, 140), 0.0, 0.55, 1.0, 1.0)
    _polygon(cv2, picture, _WHITE, (0.45, 0.18), (0.45, 0.56), (0.78, 0.56))
    _polygon(cv2, picture, (150, 40, 35), (0.25, 0.60), (0.82, 0.60), (0.70, 0.72), (0.35, 0.72))


def _stripes(cv2: Any, picture: Picture) -> None:
    picture[:] = (240, 235, 225)
    for number, colour in enumerate(((200, 45, 60), (235, 160, 40), (40, 120, 110))):
        left = 0.1 + 0.28 * number
        _polygon(cv2, picture, colour, (left, 0.05), (left + 0.2, 0.05), (left + 0.1, 0.66), (left - 0.1, 0.66))
    _text(cv2, picture, "SALE", _BLACK, 0.82, 0.2, 0.6)


def _circles(cv2: Any, picture: Picture) -> None:
    picture[:] = (35, 40, 70)
    for x, y, radius, colour in ((0.35, 0.35, 0.26, (90, 190, 200)), (0.62, 0.5, 0.22, (240, 210, 90))):
        _disc(cv2, picture, colour, x, y, radius)
    _text(cv2, picture, "MUSIC", _WHITE, 0.86, 0.14, 0.66)


_DRAWN: Mapping[str, Callable[[Any, Picture], None]] = MappingProxyType(
    {
        "stop": _stop,
        "yield": _yield,
        "warning": _warning,
        "parking": _parking,
        "crossing": _crossing,
        "bus": _bus,
        "arrow": _arrow,
        "poster_sun": _sun,
        "poster_sea": _sea,
        "poster_stripes": _stripes,
        "poster_circles": _circles,
    }
)
