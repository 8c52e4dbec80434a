"""Lists such as `epochs=10 model.planner.token_dim=128`: changes of a tree of dataclasses."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from lead.models.config_tree import ConfigError
from lead.suggestions import suggest

_WORDS = {"true": True, "false": False, "none": None, "null": None}


def parse_words(words: Iterable[str]) -> dict[str, str]:
    """Texts by key. Of a key that comes twice the last counts. Raises ConfigError for a word that is no `key=value`."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ConfigError(f"{word!r} is no setting: write key=value")
        found[key] = value
    return found


def keys_of(cls: type, prefix: str = "") -> dict[str, Any]:
    """Every key of a dataclass and of those in it, with its type."""
    found: dict[str, Any] = {}
    hints = get_type_hints(cls)
    for field in fields(cls):
        hint = hints[field.name]
        inner = next((one for one in (hint, *get_args(hint)) if is_dataclass(one)), None)
        found[prefix + field.name] = hint
        if isinstance(inner, type):
            found |= keys_of(inner, f"{prefix}{field.name}.")
    return found


def apply(
    tree: dict[str, Any], cls: type, words: Mapping[str, str], other_names: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Change a tree of the dataclass `cls` in place. `other_names`: further names of keys.

    Raises ConfigError, with a suggestion, for a key that there is not, or below something that is switched off.
    """
    known = keys_of(cls)
    for given, text in words.items():
        key = other_names.get(given, given)
        if key not in known:
            raise ConfigError(f"unknown key {given}{_suggest(given, [*known, *other_names])}")
        *folders, last = key.split(".")
        place = tree
        for folder in folders:
            if not isinstance(place.get(folder), dict):
                raise ConfigError(f"{given} cannot be set: {folder} is off")
            place = place[folder]
        place[last] = parse_value(text, known[key])


def parse_value(text: str, hint: Any) -> Any:
    """A value of a type from its text: numbers, true, false, none, lists as `[1, 2]` or `1,2`, words."""
    kinds = [one for one in (hint, *get_args(hint)) if isinstance(one, type)]
    word = _WORDS.get(text.lower(), text)
    if word is not text and (kinds[:1] != [str] or (word is None and type(None) in kinds)):
        return word
    if str in kinds[:1] or any(issubclass(kind, Enum) for kind in kinds):
        return text
    try:
        return json.loads(text)
    except ValueError:
        pass
    if "tuple" in str(hint):
        return [parse_value(part.strip(" '\""), get_args(hint)[0]) for part in text.strip("[]").split(",") if part]
    return text


def _suggest(word: str, known: list[str]) -> str:
    same_end = next((key for key in known if key.rpartition(".")[2] == word), None)
    return f"; did you mean {same_end}?" if same_end else suggest(word, known, 0.5)
