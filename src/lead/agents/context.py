"""The drive that an agent is part of, for agents that may look past their sensors."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import carla

from lead.agents.interface import AutonomousAgent
from lead.expert.facts import ScenarioFact
from lead.routes import RoadOption


def no_scenarios() -> Sequence[ScenarioFact]:
    """What is on stage in a drive without scenarios."""
    return ()


@dataclass
class DriveContext:
    """The world around one agent. Empty (None) until a drive begins; `frame` and `timestamp` follow its ticks.

    `scenarios` tells which are on stage near the ego.
    """

    client: carla.Client | None = None
    world: carla.World | None = None
    map: carla.Map | None = None
    hero: carla.Vehicle | None = None
    traffic_manager_port: int = 8000
    frame: int = 0
    timestamp: float = 0.0
    wallclock_start: float = 0.0
    scenarios: Callable[[], Sequence[ScenarioFact]] = no_scenarios


class PrivilegedAgent(AutonomousAgent):
    """An agent of ours that sees the world itself: `context` is set before `setup`, and the plan is kept as dense as it
    came (`dense_plan`), besides the sparse one.
    """

    context: DriveContext

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        super().__init__(carla_host, carla_port, debug)
        self.dense_plan: list[tuple[carla.Transform, RoadOption]] = []

    def set_global_plan(
        self,
        global_plan_gps: Sequence[tuple[Mapping[str, float], RoadOption]],
        global_plan_world_coord: Sequence[tuple[carla.Transform, RoadOption]],
    ) -> None:
        """Keep both plans."""
        super().set_global_plan(global_plan_gps, global_plan_world_coord)
        self.dense_plan = list(global_plan_world_coord)


def planar_speed(actor: carla.Actor) -> float:
    """Speed over ground (m/s)."""
    velocity = actor.get_velocity()
    return math.hypot(velocity.x, velocity.y)
