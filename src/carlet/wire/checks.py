"""Checks of single decoded msgpack values: each returns the value in its Python type or raises `WireError`."""

from math import isfinite
from typing import Any

U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1
_NUMERIC = frozenset({float, int})


class WireError(ValueError):
    """A value from a client does not have the layout that the protocol demands; the message is one sentence."""


def items(value: Any, what: str, count: int) -> list:
    """An array of exactly `count` elements."""
    if type(value) is not list or len(value) != count:
        raise WireError(f"{what}: expected an array of {count} elements, got {describe(value)}")
    return value


def array(value: Any, what: str) -> list:
    """An array of any length."""
    if type(value) is not list:
        raise WireError(f"{what}: expected an array, got {describe(value)}")
    return value


def number(value: Any, what: str) -> float:
    """A finite number."""
    if type(value) is float:
        if isfinite(value):
            return value
    elif type(value) is int:
        return float(value)
    raise WireError(f"{what}: expected a finite number, got {describe(value)}")


def any_number(value: Any, what: str) -> float:
    """A number, NaN and infinity included."""
    if type(value) is float or type(value) is int:
        return float(value)
    raise WireError(f"{what}: expected a number, got {describe(value)}")


def numbers(value: Any, what: str, count: int) -> list[float]:
    """An array of exactly `count` finite numbers."""
    elements = items(value, what, count)
    if set(map(type, elements)) <= _NUMERIC and all(map(isfinite, elements)):
        return list(map(float, elements))
    return [number(element, what) for element in elements]


def integer(value: Any, what: str, low: int = 0, high: int = U32_MAX) -> int:
    """An integer within `low` and `high`, both included."""
    if type(value) is not int or not low <= value <= high:
        raise WireError(f"{what}: expected an integer from {low} to {high}, got {describe(value)}")
    return value


def flag(value: Any, what: str) -> bool:
    """A boolean."""
    if type(value) is not bool:
        raise WireError(f"{what}: expected a boolean, got {describe(value)}")
    return value


def text(value: Any, what: str) -> str:
    """A string."""
    if type(value) is not str:
        raise WireError(f"{what}: expected a string, got {describe(value)}")
    return value


def optional(value: Any, what: str) -> Any | None:
    """The content of an optional, None when empty."""
    if type(value) is list and value:
        if value[0] is False and len(value) == 1:
            return None
        if value[0] is True and len(value) == 2:
            return value[1]
    raise WireError(f"{what}: expected an optional, got {describe(value)}")


def variant(value: Any, what: str) -> tuple[int, Any]:
    """Index and content of a variant."""
    index, content = items(value, what, 2)
    return integer(index, what), content


def describe(value: Any) -> str:
    """A short name for a value, fit for an error message."""
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str | bytes):
        return f"{type(value).__name__} {value[:40]!r}"
    return f"a {type(value).__name__}"
