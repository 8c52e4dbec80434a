"""Decoders of plain arguments; the layouts with a structure are in `carlet.wire`."""

from typing import Any

from carlet.wire import checks


def unsigned(value: Any) -> int:
    """An unsigned 32-bit number."""
    return checks.integer(value, "number")


def integer(value: Any) -> int:
    """A signed 32-bit number."""
    return checks.integer(value, "number", -(2**31), 2**31 - 1)


def real(value: Any) -> float:
    """A finite number."""
    return checks.number(value, "number")


def boolean(value: Any) -> bool:
    """A truth value."""
    return checks.flag(value, "flag")


def string(value: Any) -> str:
    """A text."""
    return checks.text(value, "text")
