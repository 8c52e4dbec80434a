"""Who drives routes, one after the other, on a simulator that is started when needed and anew after it failed."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType

from lead.agents import LoadedAgent
from lead.evaluation.attempt import Attempt
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.metric_info import watchers
from lead.evaluation.observers import Observer
from lead.evaluation.protocol import find_protocol
from lead.evaluation.route_drive import Task, drive_route
from lead.evaluation.stage import Stage, open_stage
from lead.simulator import ServerFailedToStart

logger = logging.getLogger(__name__)


class Driver:
    """Drives tasks with one agent; a context manager that leaves the simulator in the end."""

    def __init__(self, config: EvaluationConfig, agent: LoadedAgent, observers: Sequence[Observer] = ()):
        self._config, self._agent = config, agent
        self._observers = [*watchers(find_protocol(config.protocol)), *observers]
        self._stack = ExitStack()
        self._stage: Stage | None = None

    def drive(self, task: Task, number: int) -> Attempt:
        """Drive a route as attempt `number`.

        Raises RouteError or TownError when route and town do not go together, SimulatorError when there is no
        simulator or it does not start.
        """
        stage = self._stage = self._stage or self._open(task.route.town)
        attempt = drive_route(stage, task, number, self._agent, self._observers)
        if attempt.outcome.is_infrastructure:
            logger.warning("route %s, attempt %d: %s", task.route.id, number, attempt.error)
            self._leave()
        return attempt

    def __enter__(self) -> "Driver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _open(self, town: str) -> Stage:
        server = self._config.server and replace(self._config.server, town=town)
        config = replace(self._config, server=server)
        for _ in range(1, config.attempts):
            try:
                return self._stack.enter_context(open_stage(config))
            except ServerFailedToStart as error:
                logger.warning("%s; trying again", error)
        return self._stack.enter_context(open_stage(config))

    def _leave(self) -> None:
        self._stage = None
        self._stack.pop_all().close()
