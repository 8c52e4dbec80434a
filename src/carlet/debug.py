"""Shapes that clients draw into the world; cameras show them until their time is over."""

from dataclasses import dataclass, field
from typing import NamedTuple

from carlet.wire.drawings import DebugShape, ShapeKind

FOREVER_S = 0.0


class Drawn(NamedTuple):
    """A shape and when it ends (s of simulation time)."""

    shape: DebugShape
    ends: float


@dataclass
class DebugShapes:
    """All shapes that are visible now, the oldest first."""

    LIMIT = 10_000

    drawn: list[Drawn] = field(default_factory=list)

    def add(self, shape: DebugShape, now: float) -> None:
        """Show a shape from `now` (s) on: a life time of zero or less lasts. The oldest go when there are too many."""
        ends = now + shape.life_time_s if shape.life_time_s > FOREVER_S else float("inf")
        self.drawn.append(Drawn(shape, ends))
        del self.drawn[: -self.LIMIT]

    def expire(self, now: float) -> None:
        """Drop what is over."""
        if self.drawn:
            self.drawn = [one for one in self.drawn if one.ends > now]

    def clear(self) -> None:
        """Drop all shapes but texts."""
        self.drawn = [one for one in self.drawn if one.shape.kind is ShapeKind.STRING]

    def clear_texts(self) -> None:
        """Drop all texts."""
        self.drawn = [one for one in self.drawn if one.shape.kind is not ShapeKind.STRING]
