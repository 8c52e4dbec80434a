"""What the catalogue tells of a scenario that its code does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Example:
    """Where a scenario without routes of its own can be played: at a scenario of type `like`, with parameters."""

    like: str
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """Types that differ in a detail at most: what happens, what the ego must do, when it ends.

    `remark`: where we deviate from the original, or keep its mistakes, and why; `example`: where it is played for its
    picture, when not on a route that has it.
    """

    types: tuple[str, ...]
    happens: str
    ego: str
    ends: str
    remark: str = ""
    example: Example | None = None


@dataclass(frozen=True)
class Chapter:
    """Entries under a heading."""

    title: str
    entries: tuple[Entry, ...]
