"""What a run came to so far, from its stored attempts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lead.evaluation.attempt import Attempt, RunIdentity
from lead.evaluation.records import RouteKey, RouteRecord, RouteStatus


@dataclass(frozen=True)
class Results:
    """`keys` are all that there is to drive; `final` has the last attempt at each route that was tried, in that order;
    `failures` are the attempts that the simulator spoiled, whether or not another one made up for them.
    """

    identity: RunIdentity
    keys: tuple[RouteKey, ...]
    final: tuple[Attempt, ...] = ()
    failures: tuple[Attempt, ...] = ()

    @property
    def records(self) -> tuple[RouteRecord, ...]:
        """The record of each route that was tried, in order; of a spoiled one as `Failed - Simulation crashed`."""
        index = {(key.id, key.repetition): key.index for key in self.keys}
        return tuple(replace(one.record, index=index[one.key]) for one in self.final)

    @property
    def driven(self) -> tuple[Attempt, ...]:
        """The attempts that count: those that the simulator did not spoil."""
        return tuple(one for one in self.final if not one.outcome.is_infrastructure)

    @property
    def finished(self) -> frozenset[tuple[str, int]]:
        """Routes, with repetition, that need not be driven again."""
        return frozenset(one.key for one in self.driven)

    @property
    def sensors(self) -> tuple[str, ...]:
        """The agent's sensors, as labels of the leaderboard."""
        return next((one.sensors for one in reversed(self.final) if one.sensors), ())

    @property
    def entry_status(self) -> str:
        """The official word for how far the evaluation is and whether it is valid."""
        statuses = {one.record.status for one in self.final}
        if RouteStatus.SIMULATION_CRASHED in statuses:
            return "Crashed"
        if RouteStatus.SENSORS_INVALID in statuses:
            return "Rejected"
        return "Finished" if len(self.final) == len(self.keys) else "Started"


def collect(identity: RunIdentity, keys: Sequence[RouteKey], attempts: Iterable[Attempt]) -> Results:
    """The results of the routes of `keys`; attempts at others, driven with more repetitions, are left out."""
    wanted = {(key.id, key.repetition): key.index for key in keys}
    ours = sorted((one for one in attempts if one.key in wanted), key=lambda one: (wanted[one.key], one.number))
    last: Mapping[tuple[str, int], Attempt] = {one.key: one for one in ours}
    failures = tuple(one for one in ours if one.outcome.is_infrastructure)
    return Results(identity, tuple(keys), tuple(last.values()), failures)
