"""What every criterion offers."""

from abc import ABC, abstractmethod

from lead.evaluation.infractions import Event
from lead.evaluation.observation import Observation


class Criterion(ABC):
    """A test of one rule. It sees each tick once, in order, and never looks at the world itself."""

    @abstractmethod
    def step(self, seen: Observation) -> tuple[Event, ...]:
        """Take in one tick; the infractions that this tick brought."""

    def finish(self, last: Observation) -> tuple[Event, ...]:
        """Take in the end of the route, after its last tick; the infractions that only the end can tell."""
        return ()
