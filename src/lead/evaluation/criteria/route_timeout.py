"""Taking far too long."""

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.observation import Observation

BASE_S = 300.0
SLOWEST_SHARE = 0.10
#: Speed limit where the simulator tells none.
FALLBACK_KMH = 30.0


class RouteTimeout(Criterion):
    """Ends the route when the game time exceeds 300 s plus the time that the driven metres take at a tenth of their
    speed limits.
    """

    def __init__(self) -> None:
        self.allowed_s = BASE_S

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The time-out, if this tick brought it."""
        limit = (seen.ego.speed_limit_kmh or FALLBACK_KMH) / 3.6
        self.allowed_s += seen.progress.advanced_m / (SLOWEST_SHARE * limit)
        if seen.time_s <= self.allowed_s:
            return ()
        return (Event(Infraction.ROUTE_TIMEOUT, seen.time_s, "Route timeout."),)
