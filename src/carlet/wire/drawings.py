"""Debug shapes that a client wants drawn."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from carlet.wire.checks import WireError, flag, items, number, numbers, text, variant
from carlet.wire.values import Box, bounding_box, color, rotation

Point = tuple[float, ...]


class ShapeKind(IntEnum):
    """What is drawn; the HUD kinds are drawn on top of everything."""

    POINT = 0
    LINE = 1
    ARROW = 2
    BOX = 3
    STRING = 4
    HUD_POINT = 5
    HUD_LINE = 6
    HUD_ARROW = 7
    HUD_BOX = 8


@dataclass(frozen=True)
class DebugShape:
    """A shape in the world. `points`: one (point, string), two (line, arrow) or none (box); m.

    `size` is the size of a point and the thickness of lines, `life_time_s` of zero or less lasts.
    A box's own rotation is replaced by the one that was sent with it.
    """

    kind: ShapeKind
    color: tuple[int, int, int]
    life_time_s: float
    persistent: bool
    points: tuple[Point, ...] = ()
    size: float = 0.0
    arrow_size: float = 0.0
    box: Box | None = None
    text: str = ""
    shadow: bool = False


def debug_shape(value: Any) -> DebugShape:
    """`[[kind, content], color, life time, persistent]`."""
    what = "debug shape"
    shape, shade, life_time, persistent = items(value, what, 4)
    index, content = variant(shape, what)
    if index > ShapeKind.HUD_BOX:
        raise WireError(f"debug shape: there is no shape of kind {index}")
    kind = ShapeKind(index)
    return DebugShape(kind, color(shade), number(life_time, what), flag(persistent, what), **_CONTENT[kind](content))


def _point(value: Any) -> dict[str, Any]:
    location, size = items(value, "debug point", 2)
    return {"points": (_location(location),), "size": number(size, "debug point")}


def _line(value: Any) -> dict[str, Any]:
    begin, end, thickness = items(value, "debug line", 3)
    return {"points": (_location(begin), _location(end)), "size": number(thickness, "debug line")}


def _arrow(value: Any) -> dict[str, Any]:
    line, size = items(value, "debug arrow", 2)
    return {**_line(line), "arrow_size": number(size, "debug arrow")}


def _box(value: Any) -> dict[str, Any]:
    box, angles, thickness = items(value, "debug box", 3)
    turned = bounding_box(box)._replace(rotation=rotation(angles))
    return {"box": turned, "size": number(thickness, "debug box")}


def _string(value: Any) -> dict[str, Any]:
    location, content, shadow = items(value, "debug string", 3)
    return {
        "points": (_location(location),),
        "text": text(content, "debug string"),
        "shadow": flag(shadow, "debug string"),
    }


def _location(value: Any) -> Point:
    return tuple(numbers(value, "location of a debug shape", 3))


_CONTENT = {
    ShapeKind.POINT: _point,
    ShapeKind.LINE: _line,
    ShapeKind.ARROW: _arrow,
    ShapeKind.BOX: _box,
    ShapeKind.STRING: _string,
    ShapeKind.HUD_POINT: _point,
    ShapeKind.HUD_LINE: _line,
    ShapeKind.HUD_ARROW: _arrow,
    ShapeKind.HUD_BOX: _box,
}
