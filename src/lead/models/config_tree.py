"""Frozen dataclasses from and to the plain trees that JSON holds; what does not fit is an error with a suggestion."""

import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from lead.suggestions import suggest

T = TypeVar("T")


class ConfigError(ValueError):
    """A configuration that cannot be; the message is one sentence that names the key."""


def to_tree(config: Any) -> dict[str, Any]:
    """The dataclass `config` as dictionaries, lists, strings, numbers and None."""
    return {key: _plain(value) for key, value in asdict(config).items()}


def from_tree(cls: type[T], tree: Mapping[str, Any], where: str = "") -> T:
    """A `cls` from a tree; keys left out keep their defaults. Raises ConfigError; `where` prefixes its keys."""
    known = {field.name for field in fields(cls)}  # pyright: ignore[reportArgumentType]
    hints = get_type_hints(cls)
    values = {}
    for key, value in tree.items():
        if key not in known:
            raise ConfigError(f"unknown key {where}{key}{suggest(key, known)}")
        values[key] = _convert(hints[key], value, where + key)
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{where or cls.__name__}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value.value if isinstance(value, Enum) else value


def _convert(hint: Any, value: Any, key: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _convert_optional(arguments, value, key)
    if origin is tuple:
        return _convert_tuple(arguments, value, key)
    if is_dataclass(hint) and isinstance(value, Mapping):
        return from_tree(hint, value, f"{key}.")  # pyright: ignore[reportArgumentType]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _convert_enum(hint, value, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise ConfigError(f"{key} must be {getattr(hint, '__name__', hint)}, not {value!r}")


def _convert_optional(arguments: tuple[Any, ...], value: Any, key: str) -> Any:
    if value is None and type(None) in arguments:
        return None
    (hint,) = (argument for argument in arguments if argument is not type(None))
    return _convert(hint, value, key)


def _convert_tuple(arguments: tuple[Any, ...], value: Any, key: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ConfigError(f"{key} must be a list, not {value!r}")
    hints = (arguments[0],) * len(value) if arguments[-1] is Ellipsis else arguments
    if len(hints) != len(value):
        raise ConfigError(f"{key} must have {len(hints)} entries, not {len(value)}")
    return tuple(_convert(hint, entry, f"{key}[{i}]") for i, (hint, entry) in enumerate(zip(hints, value, strict=True)))


def _convert_enum(hint: type[Enum], value: Any, key: str) -> Enum:
    known = [member.value for member in hint]
    if value not in known:
        raise ConfigError(f"{key} must be one of {', '.join(known)}, not {value!r}{suggest(str(value), known)}")
    return hint(value)
