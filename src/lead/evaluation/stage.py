"""The simulator made ready for routes: connected, in step, with the right town and nobody in it."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import carla

from lead.evaluation.config import EvaluationConfig
from lead.geometry import pose_to_carla
from lead.routes import LaneGraph, Trace
from lead.routes.plan import geo_reference
from lead.simulator import (
    Server,
    ServerDied,
    ServerTimeout,
    ServerUnreachable,
    SimulatorError,
    TrafficWatch,
    connect,
    lease_ports,
    probe_version,
    start_server,
)

logger = logging.getLogger(__name__)

TICK_S = 0.05
EGO_BLUEPRINT = "vehicle.lincoln.mkz_2020"
LARGE_MAP_M = 650.0
_EGO_LIFT_M = 0.5
# What a route may leave behind; lights and signs belong to the town.
_LEFTOVERS = ("vehicle.*", "walker.*", "controller.*", "sensor.*", "static.*")
_DEAD_TIMEOUT_S = 1.0


class TownError(ValueError):
    """The simulator does not have a route's town; the message is one sentence."""


@dataclass(frozen=True)
class Town:
    """A town that is loaded, with what is derived from it once."""

    name: str
    map: carla.Map
    graph: LaneGraph
    geo_reference: tuple[float, float]


@dataclass
class Stage:
    """A connected simulator in synchronous mode at 20 Hz, and the Traffic Manager that goes with it."""

    client: carla.Client
    manager: carla.TrafficManager
    watch: TrafficWatch
    host: str
    port: int
    timeout_s: float
    server: Server | None
    told_version: str = ""
    town: Town | None = None
    is_dead: bool = False

    @property
    def version(self) -> str:
        """What the server is, as far as we know, and the version that it tells."""
        kind = "" if self.server is None else self.server.kind
        return f"{kind} {self.told_version}".strip()

    def enter_town(self, name: str) -> tuple[carla.World, Town]:
        """The world in that town, empty: loaded, or swept when it is there already.

        Only the present town is kept: the client parses a town anew whenever it is loaded, and large ones take
        hundreds of megabytes.
        """
        world = self.client.get_world()
        if world.get_map().name.rsplit("/", 1)[-1] != name:
            self.town = None
            world = self._load(name)
        _sweep(self.client, world)
        self.watch.apply_settings(world, _settled(world))
        world.reset_all_traffic_lights()
        self.watch.tick(world, self.timeout_s)
        if self.town is None or self.town.name != name:
            self.town = _describe(name, world.get_map())
        return world, self.town

    def tick(self, world: carla.World) -> carla.WorldSnapshot:
        """Let the world make one step. Raises ServerDied or ServerTimeout when it does not."""
        try:
            return self.watch.tick(world, self.timeout_s)
        except RuntimeError as error:
            raise self.diagnose(error) from None

    def diagnose(self, error: Exception) -> SimulatorError:
        """What a failed call says about the simulator. Later calls to a dead one give up soon."""
        try:
            if self.server is not None:
                self.server.check()
            else:
                probe_version(self.host, self.port)
        except SimulatorError as cause:
            self.client.set_timeout(_DEAD_TIMEOUT_S)
            self.is_dead = True
            return ServerDied(str(cause)) if isinstance(cause, ServerUnreachable) else cause
        return ServerTimeout(f"the simulator failed: {str(error).strip()}")

    def _load(self, name: str) -> carla.World:
        available = {path.rsplit("/", 1)[-1] for path in self.client.get_available_maps()}
        if name not in available:
            raise TownError(f"the simulator has no town {name!r}; it has {', '.join(sorted(available))}")
        return self.client.load_world(name, reset_settings=False)


@contextmanager
def open_stage(config: EvaluationConfig) -> Iterator[Stage]:
    """Connect to the simulator of `config`, starting it if it is ours; its settings are put back in the end."""
    with ExitStack() as stack:
        if config.server is not None:
            server = stack.enter_context(start_server(config.server))
            host, port, manager_port = server.host, server.port, server.tm_port
        else:
            server, host, port = None, config.host, config.port
            manager_port = config.traffic_manager_port or stack.enter_context(lease_ports()).traffic_manager
        client = connect(host, port, config.simulator_timeout_s)
        world = client.get_world()
        settings = world.get_settings()
        world.apply_settings(_settled(world))
        manager = client.get_trafficmanager(config.traffic_manager_port or manager_port)
        manager.set_synchronous_mode(True)
        manager.set_hybrid_physics_mode(True)
        watch = stack.enter_context(TrafficWatch(manager))
        told = client.get_server_version()
        stage = Stage(client, manager, watch, host, port, config.simulator_timeout_s, server, told)
        try:
            yield stage
        finally:
            _leave(stage, settings)


@contextmanager
def ego_on(world: carla.World, trace: Trace) -> Iterator[carla.Vehicle]:
    """The ego at the start of a trace; SimulatorError when there is no room for it."""
    blueprint = world.get_blueprint_library().find(EGO_BLUEPRINT)
    blueprint.set_attribute("role_name", "hero")
    x, y, z = trace.location[0].tolist()
    pose = pose_to_carla([x, y, z + _EGO_LIFT_M, 0.0, float(trace.yaw[0]), 0.0])
    ego = world.try_spawn_actor(blueprint, pose)
    if not isinstance(ego, carla.Vehicle):
        raise SimulatorError(f"the ego cannot be placed at ({x:.1f}, {y:.1f}, {z:.1f}): something is in its way")
    try:
        yield ego
    finally:
        ego.destroy()


def _settled(world: carla.World) -> carla.WorldSettings:
    settings = world.get_settings()
    settings.synchronous_mode = True
    settings.fixed_delta_seconds = TICK_S
    settings.deterministic_ragdolls = True
    settings.spectator_as_ego = False
    settings.tile_stream_distance = LARGE_MAP_M  # pyright: ignore[reportAttributeAccessIssue]
    settings.actor_active_distance = LARGE_MAP_M
    return settings


def _sweep(client: carla.Client, world: carla.World) -> None:
    actors = world.get_actors()
    left = [actor.id for pattern in _LEFTOVERS for actor in actors.filter(pattern)]
    if left:
        client.apply_batch_sync([carla.command.DestroyActor(actor_id) for actor_id in left], False)


def _describe(name: str, town: carla.Map) -> Town:
    return Town(name, town, LaneGraph.from_map(town), geo_reference(town.to_opendrive()))


def _leave(stage: Stage, settings: carla.WorldSettings) -> None:
    # The Traffic Manager's threads abort the process when they find the simulator dead; left alone they sleep.
    if stage.is_dead:
        return
    try:
        stage.manager.set_synchronous_mode(False)
        stage.manager.shut_down()
        stage.client.get_world().apply_settings(settings)
    except RuntimeError as error:
        logger.warning("the simulator could not be left in order: %s", str(error).strip())
