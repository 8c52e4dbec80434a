"""Shapes that clients draw into the world; cameras show them until their time is over."""

from dataclasses import dataclass, field
from typing import Any

FOREVER_S = 0.0


@dataclass(frozen=True)
class DebugShape:
    """A point, line, arrow, box or string as the client sent it, and when it ends (s of simulation time)."""

    kind: int
    payload: list[Any]
    colour: tuple[int, int, int]
    ends: float


@dataclass
class DebugShapes:
    """All shapes that are visible now."""

    LIMIT = 10_000
    STRING = 4

    shapes: list[DebugShape] = field(default_factory=list)

    def add(self, shape: DebugShape) -> None:
        """Show a shape; the oldest go when there are too many."""
        self.shapes = [*self.shapes[1 - self.LIMIT :], shape]

    def expire(self, now: float) -> None:
        """Drop what is over."""
        if self.shapes:
            self.shapes = [shape for shape in self.shapes if shape.ends > now]

    def clear(self, strings_only: bool = False) -> None:
        """Drop all shapes, or all texts."""
        self.shapes = [shape for shape in self.shapes if strings_only and shape.kind != self.STRING]
