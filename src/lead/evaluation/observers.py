"""Who may watch an evaluation: videos, progress bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol as TypingProtocol

import carla

from lead.agents import AutonomousAgent
from lead.evaluation.infractions import Event
from lead.evaluation.observation import Observation
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import RouteKey, RouteRecord
from lead.routes import Route, Trace


@dataclass(frozen=True)
class RouteContext:
    """The drive of one route, as observers get it. `events` grows with the infractions; `total` counts the routes."""

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
    agent: AutonomousAgent
    events: Sequence[Event]


class Observer(TypingProtocol):
    """Called in this order for every route that starts; none of it may change the world."""

    def on_route_start(self, context: RouteContext) -> None:
        """The ego and the agent are ready, the first tick comes next."""
        ...

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """A tick was judged."""
        ...

    def on_route_end(self, record: RouteRecord) -> None:
        """The route is over, however it ended."""
        ...
