"""Logs of what the expert saw on the routes that a command drives."""

import re
from pathlib import Path

from lead.agents.expert import Expert
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.expert.replay import EVERY_TICKS, SUFFIX, answers_to, most_telling, save_log
from lead.expert.scene import Scene


class SceneLogs:
    """Keeps of each route the seconds in which the expert's reasons changed most, for `lead replay`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scenes: list[Scene] = []
        self._name = ""
        self._ticks = 0

    def on_route_start(self, context: RouteContext) -> None:
        """Begin a log, named by the route's scenario and its id."""
        scenarios = context.route.scenarios
        kind = scenarios[0].type if scenarios else "noScenarios"
        self._name = f"{kind}-{re.sub(r'[^A-Za-z0-9_.]', '_', context.route.id)}"
        self._scenes, self._ticks = [], 0

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Keep the scene of every few ticks."""
        del seen
        agent = context.agent
        if isinstance(agent, Expert) and agent.scene is not None and self._ticks % EVERY_TICKS == 0:
            self._scenes.append(agent.scene)
        self._ticks += 1

    def on_route_end(self, record: RouteRecord) -> None:
        """Write the log."""
        del record
        if self._scenes:
            self._folder.mkdir(parents=True, exist_ok=True)
            kept = most_telling(self._scenes, answers_to(self._scenes))
            save_log(kept, self._folder / f"{self._name}{SUFFIX}")
        self._scenes = []
