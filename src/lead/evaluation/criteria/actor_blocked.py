"""Standing still for too long."""

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction, at
from lead.evaluation.observation import Observation

MOVING_SPEED = 0.1


class ActorBlocked(Criterion):
    """Ends the route when the ego was slower than 0.1 m/s for longer than `limit_s` without a break.

    While a scenario makes the ego wait, time does not count.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._moved_at: float | None = None

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The blockage, if this tick brought it."""
        if self._moved_at is None or seen.ego.speed >= MOVING_SPEED or not seen.standing_counts:
            self._moved_at = seen.time_s
        if seen.time_s - self._moved_at <= self._limit_s:
            return ()
        text = f"Agent got blocked at {at(seen.ego.location)}"
        return (Event(Infraction.BLOCKED, seen.time_s, text),)
