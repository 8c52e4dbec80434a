"""One agent on one route: set up, called once a tick, and taken down again."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import carla

from lead.agents import sensors as sensor_readings
from lead.agents.context import PrivilegedAgent, no_scenarios
from lead.agents.interface import AutonomousAgent, Track
from lead.agents.registry import LoadedAgent
from lead.agents.rules import InvalidSensors, SensorRules, validate_sensors
from lead.agents.sensors import SensorInterface
from lead.clock import seconds_between
from lead.expert.facts import ScenarioFact
from lead.routes import RoadOption
from lead.simulator import SimulatorError


class AgentSetupError(Exception):
    """The agent could not be set up; the message names the agent's own error."""


class AgentCrash(Exception):  # noqa: N818
    """The agent raised an error in a tick, or while it was taken down."""


@dataclass(frozen=True)
class Assignment:
    """What an agent is to drive, and where.

    `gps_plan` and `world_plan`: the dense (1 m) plan, as lists of ({lat, lon, z}, RoadOption) and (carla.Transform,
    RoadOption). The agent is to keep a point of it every `plan_spacing` metres at least. `rules`: None takes the
    official ones of the agent's track. `tick` makes the world step. `scenarios` tells privileged
    agents what is on stage.
    """

    client: carla.Client
    world: carla.World
    ego: carla.Vehicle
    gps_plan: Sequence[tuple[Mapping[str, float], RoadOption]]
    world_plan: Sequence[tuple[carla.Transform, RoadOption]]
    config_path: str = ""
    host: str = "127.0.0.1"
    port: int = 2000
    traffic_manager_port: int = 8000
    plan_spacing: float = 200.0
    rules: SensorRules | None = None
    sensor_timeout: float = sensor_readings.TIMEOUT
    tick: Callable[[carla.World], object] = carla.World.tick
    scenarios: Callable[[], Sequence[ScenarioFact]] = no_scenarios
    debug: bool = False


class AgentSession:
    """An agent that drives. `sensors`: its list of sensors, `track`: its track's name, `control`: its last."""

    def __init__(self, agent: AutonomousAgent, loaded: LoadedAgent, interface: SensorInterface, sensors: list[dict]):
        self.agent = agent
        self.sensors = sensors
        self.control = carla.VehicleControl()
        self.track = track_name(agent)
        self._context = loaded.context
        self._interface = interface
        self._start_s: float | None = None

    def step(self, snapshot: carla.WorldSnapshot) -> carla.VehicleControl:
        """The agent's control for the tick of `snapshot`. Raises AgentCrash, or SensorTimeout."""
        stamp = snapshot.timestamp
        if self._start_s is None:
            self._start_s = stamp.elapsed_seconds - stamp.delta_seconds
        time_s = seconds_between(self._start_s, stamp.elapsed_seconds)
        self._context.frame, self._context.timestamp = snapshot.frame, time_s
        self._interface.advance(snapshot.frame, time_s)
        try:
            self.control = self.agent()
        except SimulatorError:
            raise
        except Exception as error:
            raise AgentCrash(f"the agent raised {type(error).__name__}: {error}") from error
        return self.control


@contextmanager
def drive(loaded: LoadedAgent, assignment: Assignment) -> Iterator[AgentSession]:
    """Set the agent up for the assignment and take it down when the context ends.

    Raises AgentSetupError, or InvalidSensors when it asks for sensors that its track does not allow.
    """
    interface = SensorInterface()
    _bind(loaded, assignment)
    with loaded.environment():
        agent, sensors = _set_up(loaded, assignment, interface)
        try:
            interface.attach(assignment.world, assignment.ego, sensors)
            interface.warm_up(assignment.world, assignment.tick)
            yield AgentSession(agent, loaded, interface, sensors)
        finally:
            interface.detach()
            _take_down(agent)


def track_name(agent: AutonomousAgent) -> str:
    """The name of the agent's track; agents may hold our `Track` or any enum with the official values."""
    return str(getattr(agent.track, "value", agent.track))


def _bind(loaded: LoadedAgent, assignment: Assignment) -> None:
    context = loaded.context
    context.client, context.world, context.hero = assignment.client, assignment.world, assignment.ego
    context.map = assignment.world.get_map()
    context.traffic_manager_port = assignment.traffic_manager_port
    context.wallclock_start = time.time()
    context.scenarios = assignment.scenarios


def _set_up(
    loaded: LoadedAgent, assignment: Assignment, interface: SensorInterface
) -> tuple[AutonomousAgent, list[dict[str, Any]]]:
    try:
        agent = loaded.agent_class(assignment.host, assignment.port, assignment.debug)
        agent.hero_actor, agent.sensor_interface = assignment.ego, interface
        agent.plan_spacing = assignment.plan_spacing
        if isinstance(agent, PrivilegedAgent):
            agent.context = loaded.context
        agent.set_global_plan(assignment.gps_plan, assignment.world_plan)
        agent.setup(assignment.config_path)
        sensors = agent.sensors()
        if track_name(agent) not in Track.__members__:
            raise AgentSetupError(f"the agent's track {track_name(agent)!r} is none of {', '.join(Track.__members__)}")
        validate_sensors(sensors, track_name(agent), assignment.rules)
    except (AgentSetupError, InvalidSensors, SimulatorError):
        raise
    except Exception as error:
        raise AgentSetupError(f"the agent could not be set up: {type(error).__name__}: {error}") from error
    return agent, sensors


def _take_down(agent: AutonomousAgent) -> None:
    try:
        agent.destroy()
    except Exception as error:
        raise AgentCrash(f"the agent's destroy raised {type(error).__name__}: {error}") from error
