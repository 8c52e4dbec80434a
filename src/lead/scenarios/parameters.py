"""Parameters of scenarios: frozen dataclasses, filled from the elements of a route file.

Field types say what an element must hold: `float`, `bool` and `str` a `value`, `Side` right or left, `Interval` a
`from` and a `to`, `Place` x, y and z, `Objects` one object an attribute. A field without a default must be given.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, TypeVar, get_type_hints

from lead.routes import ScenarioConfig

_P = TypeVar("_P")
_Attributes = Mapping[str, str]


class ParameterError(ValueError):
    """A parameter that is malformed or missing; the message names scenario and field."""


class Side(str, Enum):
    """A side of the road, or of a junction."""

    RIGHT = "right"
    LEFT = "left"
    OPPOSITE = "opposite"
    BOTH = "both"

    @property
    def sign(self) -> int:
        """1 to the right, -1 to the left."""
        return -1 if self is Side.LEFT else 1


class Interval(NamedTuple):
    """Two bounds, the lower one first."""

    low: float
    high: float


class Place(NamedTuple):
    """A location in the world (m)."""

    x: float
    y: float
    z: float


@dataclass(frozen=True)
class PlacedObject:
    """An actor to place: blueprint, offset (m; x forward, y right, z up) and angles (deg) in some frame."""

    blueprint: str
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0


Objects = tuple[PlacedObject, ...]


@dataclass(frozen=True)
class NoParameters:
    """A scenario that has none."""


def parse_parameters(kind: type[_P], config: ScenarioConfig) -> _P:
    """The parameters of a scenario. ParameterError names scenario and field; elements that no field asks for are left
    alone, see `unused_parameters`.
    """
    hints = get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        attributes = config.parameters.get(field.name)
        if attributes is not None:
            values[field.name] = _parse(hints[field.name], attributes, f"scenario {config.name}, {field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ParameterError(f"scenario {config.name} ({config.type}) needs <{field.name}>")
    try:
        return kind(**values)
    except ParameterError as error:
        raise ParameterError(f"scenario {config.name}, {error}") from None


def unused_parameters(kind: type, config: ScenarioConfig) -> tuple[str, ...]:
    """Elements of a scenario that its parameters do not know: old files carry some that never had an effect."""
    known = {field.name for field in dataclasses.fields(kind)}
    return tuple(name for name in config.parameters if name not in known)


def _parse(hint: Any, attributes: _Attributes, what: str) -> Any:
    return _PARSERS[hint](attributes, what)


def _text(attributes: _Attributes, what: str) -> str:
    if "value" not in attributes:
        raise ParameterError(f"{what}: there is no attribute 'value'")
    return attributes["value"]


def _float(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ParameterError(f"{what}: {text!r} is not a finite number")
    return number


def _named(attributes: _Attributes, what: str, names: tuple[str, ...]) -> list[float]:
    missing = [name for name in names if name not in attributes]
    if missing:
        raise ParameterError(f"{what}: there is no attribute {missing[0]!r}")
    return [_float(attributes[name], f"{what} {name}") for name in names]


def _number(attributes: _Attributes, what: str) -> float:
    return _float(_text(attributes, what), what)


def _truth(attributes: _Attributes, what: str) -> bool:
    text = _text(attributes, what)
    if text.lower() not in _TRUTHS:
        raise ParameterError(f"{what}: {text!r} is neither true nor false")
    return _TRUTHS[text.lower()]


def _side(attributes: _Attributes, what: str) -> Side:
    text = _text(attributes, what)
    try:
        return Side(text)
    except ValueError:
        raise ParameterError(f"{what}: {text!r} is no side; there are {', '.join(Side)}") from None


def _interval(attributes: _Attributes, what: str) -> Interval:
    low, high = _named(attributes, what, ("from", "to"))
    if low > high:
        raise ParameterError(f"{what}: from {low:g} is more than to {high:g}")
    return Interval(low, high)


def _place(attributes: _Attributes, what: str) -> Place:
    return Place(*_named(attributes, what, ("x", "y", "z")))


def _objects(attributes: _Attributes, what: str) -> Objects:
    return tuple(_object(text, f"{what} {name}") for name, text in attributes.items())


def _object(text: str, what: str) -> PlacedObject:
    parts: dict[str, str] = {}
    for part in text.split():
        name, _, value = part.partition("=")
        parts[name] = value
    blueprint = parts.pop("id", "")
    if not blueprint:
        raise ParameterError(f"{what}: {text!r} has no id=")
    numbers = {field.name for field in dataclasses.fields(PlacedObject)} - {"blueprint"}
    unknown = sorted(set(parts) - numbers)
    if unknown:
        raise ParameterError(f"{what}: {unknown[0]!r} is not one of {', '.join(sorted(numbers))}")
    return PlacedObject(blueprint, **{name: _float(value, f"{what} {name}") for name, value in parts.items()})


def _texts(attributes: _Attributes, what: str) -> tuple[str, ...]:
    return tuple(attributes.values())


_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_PARSERS: Mapping[Any, Callable[[_Attributes, str], Any]] = {
    float: _number,
    float | None: _number,
    bool | None: _truth,
    str: _text,
    Side: _side,
    Interval: _interval,
    Place: _place,
    Objects: _objects,
    tuple[str, ...]: _texts,
}
