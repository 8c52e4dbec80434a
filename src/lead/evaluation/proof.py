"""Proof of routes: they are driven, and hold when their scenarios were really played."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lead.agents import load_agent
from lead.evaluation.attempt import Attempt, RunIdentity
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.driver import Driver
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import RouteKey
from lead.evaluation.route_drive import Task
from lead.evaluation.scoring import Rule
from lead.routes import Route
from lead.simulator import ServerConfig

_TICKS_A_SECOND = 20


@dataclass(frozen=True)
class Proof:
    """What came of a drive: why its scenarios do not hold, empty when they do, and how far (percent) the ego came."""

    reason: str
    completion: float

    @property
    def holds(self) -> bool:
        """Whether all scenarios of the route were played."""
        return not self.reason


@dataclass(frozen=True)
class Prover:
    """Drives routes with one agent, each for `seconds` of simulated time at most."""

    driver: Driver
    config: EvaluationConfig
    seconds: float

    def prove(self, route: Route) -> Proof:
        """Drive a route, once more when the simulator fails.

        Raises SimulatorError when there is no simulator, RouteError where route and town differ.
        """
        protocol = Protocol("proof", Rule.PRODUCT, max_ticks=int(_TICKS_A_SECOND * self.seconds))
        run = RunIdentity(protocol.name, routes="", agent=self.config.agent, config="", seed=self.config.seed)
        task = Task(RouteKey(0, route.id), 1, route, protocol, self.config, run)
        attempt = self.driver.drive(task, 1)
        if attempt.outcome.is_infrastructure:
            attempt = self.driver.drive(task, 2)
        return Proof(_reason(route, attempt), attempt.record.score_route)


@contextmanager
def open_prover(agent: str, seconds: float, seed: int = 0) -> Iterator[Prover]:
    """A prover with a simulator of its own. Raises AgentLoadError for an agent that there is not."""
    config = EvaluationConfig(agent, Path(), Path(), server=ServerConfig(), seed=seed)
    with Driver(config, load_agent(agent)) as driver:
        yield Prover(driver, config, seconds)


def _reason(route: Route, attempt: Attempt) -> str:
    if attempt.error:
        return attempt.error
    bill, names = attempt.scenarios, [scenario.name for scenario in route.scenarios]
    missed = [name for name in names if name not in bill.played and name not in bill.dropped]
    dropped = [f"{name}: {bill.dropped[name]}" for name in names if name in bill.dropped]
    return "; ".join([*dropped, *(f"{name}: the ego did not come to its trigger point" for name in missed)])
