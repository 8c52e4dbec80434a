"""An attempt at a route: all that is kept of it, once and for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from lead.evaluation.infractions import Event
from lead.evaluation.records import RouteRecord
from lead.simulator import Outcome


@dataclass(frozen=True)
class RunIdentity:
    """What makes two runs the same: protocol, seed, and digests of routes, agent and settings of the drive."""

    protocol: str
    routes: str
    agent: str
    config: str
    seed: int


@dataclass(frozen=True)
class Versions:
    """Versions of lead, of CARLA's client and of the server, as far as they are known."""

    lead: str
    carla: str
    server: str = ""


@dataclass(frozen=True)
class Timing:
    """When an attempt began (UTC, ISO 8601), how long it took in all (s), and the world's frame then."""

    began: str
    wall_s: float
    first_frame: int = 0


@dataclass(frozen=True)
class Bill:
    """What became of the scenarios of a route, by name: played; dropped and why; what stood in for missing things."""

    played: tuple[str, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One attempt at one route, as it is stored.

    `number` counts the attempts at this route and repetition from 1. `outcome` says who is to blame if it failed, and
    `error` what the failure said. `infractions` are those of `record`, with place and time. `sensors`: the agent's, as
    labels of the leaderboard; empty when it was not set up.
    """

    run: RunIdentity
    number: int
    route: str
    repetition: int
    town: str
    record: RouteRecord
    timing: Timing
    versions: Versions
    outcome: Outcome = Outcome.COMPLETED
    error: str = ""
    ticks: int = 0
    infractions: tuple[Event, ...] = ()
    scenarios: Bill = Bill()
    sensors: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """Route and repetition."""
        return self.route, self.repetition

    def without_timing(self) -> "Attempt":
        """What two attempts of one run, with one seed, have in common: all but the clock on the wall."""
        return replace(self, timing=Timing("", 0.0), record=replace(self.record, duration_system=0.0))


@cache
def version_of(package: str) -> str:
    """Version of an installed package, empty when it is not installed as one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
