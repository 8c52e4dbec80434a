"""How much of the route has been driven."""

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.observation import Observation

NEARLY_DONE = 0.99
ARRIVED_WITHIN_M = 10.0


class RouteCompletion(Criterion):
    """Percentage of the route's length whose points were passed; 100 on arrival.

    Arrival: more than 99 % driven and less than 10 m to the last point.
    """

    def __init__(self) -> None:
        self.percentage = 0.0

    @property
    def arrived(self) -> bool:
        """Whether the route is complete."""
        return self.percentage >= 100.0

    def step(self, seen: Observation) -> tuple[()]:
        """Update the percentage; completion is no infraction."""
        if not self.arrived:
            done = seen.progress.share > NEARLY_DONE and seen.progress.to_end_m < ARRIVED_WITHIN_M
            self.percentage = 100.0 if done else 100.0 * seen.progress.share
        return ()
