"""Who may watch an evaluation: videos, progress bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol as TypingProtocol

import carla

from lead.agents import AgentSession, AutonomousAgent
from lead.evaluation.infractions import Event
from lead.evaluation.observation import Observation
from lead.evaluation.play import Play
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import RouteKey, RouteRecord
from lead.routes import Route, Trace


@dataclass(frozen=True)
class RouteContext:
    """The drive of one route, as observers get it. `events` grows with the infractions; `total` counts the routes.

    `session` has the agent and its last control; `play` the traffic and scenarios. `tick` lets the world step before
    the drive begins, for those who bring sensors that have to warm up.
    """

    key: RouteKey
    total: int
    route: Route
    trace: Trace
    protocol: Protocol
    output: Path
    client: carla.Client
    world: carla.World
    town: carla.Map
    ego: carla.Vehicle
    session: AgentSession
    play: Play
    events: Sequence[Event]
    tick: Callable[[carla.World], object]

    @property
    def agent(self) -> AutonomousAgent:
        """The one that drives."""
        return self.session.agent


class ObserverError(Exception):
    """An observer that cannot go on with a route; the message is one sentence. The route may be driven again."""

    @property
    def ends_run(self) -> bool:
        """Whether it cannot go on with any other route either."""
        return False


class Observer(TypingProtocol):
    """Called in this order for every route that starts; none of it may change the world, but for sensors of its own."""

    def on_route_start(self, context: RouteContext) -> None:
        """The ego and the agent are ready, the first tick comes next."""
        ...

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """A tick was judged."""
        ...

    def on_route_end(self, record: RouteRecord) -> None:
        """The route is over, however it ended."""
        ...
