"""What the driver of a benchmark route may be told about its scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ScenarioFact:
    """A scenario that is on stage near the ego.

    `name` is unique on a route; `actors` are the ids of those it brought, in the order in which it brought them;
    `values` its numbers and words from the route file, such as `distance` (m) or `direction`, and what happened since:
    `opened_door` with the side of the car that it is on.
    """

    name: str
    type: str
    is_triggered: bool = False
    actors: tuple[int, ...] = ()
    values: Mapping[str, float | str] = field(default_factory=dict)

    def number(self, key: str, default: float) -> float:
        """A number of the route file, or the default where it gives none."""
        value = self.values.get(key, default)
        return float(value) if isinstance(value, int | float) else default

    def word(self, key: str, default: str) -> str:
        """A word of the route file, or the default where it gives none."""
        value = self.values.get(key, default)
        return value if isinstance(value, str) else default
