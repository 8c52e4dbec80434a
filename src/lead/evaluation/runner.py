"""An evaluation in this process: every route driven once, kept at once, and never driven twice.

The command line drives in worker processes instead, see `lead.evaluation.pool`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lead.agents import load_agent
from lead.evaluation.attempt import Attempt
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.driver import Driver
from lead.evaluation.observers import Observer
from lead.evaluation.results import Results
from lead.evaluation.run import open_run
from lead.evaluation.schedule import Schedule


@dataclass(frozen=True)
class Evaluation:
    """An evaluation's end: the results, with those of earlier parts of the run, and the attempts made now."""

    results: Results
    attempts: tuple[Attempt, ...]


def evaluate(config: EvaluationConfig, observers: Sequence[Observer] = ()) -> Evaluation:
    """Drive all routes that are not finished yet; results are on disk after every one.

    Raises RouteError, AgentLoadError, StoreError or SimulatorError, one sentence each; what was driven until then is
    kept.
    """
    attempts: list[Attempt] = []
    with open_run(config) as run, Driver(config, load_agent(config.agent), observers) as driver:
        schedule = Schedule(run.todo, config.attempts)
        while task := schedule.take():
            attempt = driver.drive(task, run.next_number(task))
            run.store.add(attempt)
            attempts.append(attempt)
            schedule.settle(task, attempt)
            run.write([attempt])
        return Evaluation(run.results, tuple(attempts))
