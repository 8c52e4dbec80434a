"""Lists such as `epochs=10 model.planner.token_dim=128`: changes of a tree of dataclasses."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from lead.models.config_tree import ConfigError

_WORDS = {"true": True, "false": False, "none": None, "null": None}


def parse_words(words: Iterable[str]) -> dict[str, str]:
    """Texts by key. Raises ConfigError for a word that is no `key=value`, or a key that comes twice."""
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


def apply(tree: dict[str, Any], cls: type, words: Mapping[str, str], other_names: Mapping[str, str]) -> None:
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
    if text.lower() in _WORDS and not (kinds and kinds[0] is str):
        return _WORDS[text.lower()]
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
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    same_end = [key for key in known if key.rpartition(".")[2] == word]
    best = same_end[0] if same_end else (close[0] if close else None)
    return f"; did you mean {best}?" if best else ""
