"""Driving much slower than the traffic around."""

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.observation import Observation

LAST_STRETCH_SHARE = 0.95


class MinimumSpeedRoute(Criterion):
    """Compares the ego's mean speed with the background traffic's on stretches of equal length.

    Ticks without background vehicles do not count; a stretch of none but such ticks is 100 %. A stretch below 100 %
    is an infraction; with `records_all` every stretch is recorded. The last stretch, which arrival cuts off, counts
    when more than 95 % of the route was driven.
    """

    def __init__(self, checkpoints: int, records_all: bool = False) -> None:
        self._checkpoints = checkpoints
        self._records_all = records_all
        self._stretch = 0
        self._ego_sum = 0.0
        self._traffic_sum = 0.0

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """The infraction of a stretch that ended in this tick, if any."""
        if seen.traffic_speed is not None:
            self._ego_sum += seen.ego.speed
            self._traffic_sum += seen.traffic_speed
        stretch = min(int(seen.progress.share * self._checkpoints), self._checkpoints - 1)
        if stretch == self._stretch:
            return ()
        self._stretch = stretch
        return self._close(seen)

    def finish(self, last: Observation) -> tuple[Event, ...]:
        """The infraction of the last stretch, if any."""
        return self._close(last) if last.progress.share > LAST_STRETCH_SHARE else ()

    def _close(self, seen: Observation) -> tuple[Event, ...]:
        known = self._traffic_sum > 0.0
        percentage = round(100.0 * self._ego_sum / self._traffic_sum, 2) if known else 100.0
        self._ego_sum = self._traffic_sum = 0.0
        if percentage >= 100.0 and not self._records_all:
            return ()
        text = f"Average speed is {percentage}% of the surrounding traffic's one"
        return (Event(Infraction.MIN_SPEED, seen.time_s, text, percentage),)
