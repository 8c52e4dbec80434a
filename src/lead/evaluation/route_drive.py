"""One route: the ego, the agent, the traffic and the criteria, tick by tick, to a record."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

import carla
import numpy as np

from lead.agents import AgentCrash, AgentSession, AgentSetupError, Assignment, InvalidSensors, LoadedAgent, drive
from lead.evaluation.attempt import Attempt, Bill, RunIdentity, Timing, Versions, version_of
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.criteria import RouteCompletion
from lead.evaluation.infractions import Event, Place
from lead.evaluation.observation import Observation, RouteLine
from lead.evaluation.observe import ContactSensor, TickReader
from lead.evaluation.observers import Observer, ObserverError, RouteContext
from lead.evaluation.play import Play, play_on
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import Drive, RouteKey, RouteRecord, RouteStatus, make_record
from lead.evaluation.seeds import seed_libraries, seeds_of, traffic_manager_seed
from lead.evaluation.stage import Stage, Town, TownError, ego_on
from lead.evaluation.watchdog import TookTooLong, time_limit
from lead.evaluation.weather import RouteWeather
from lead.geometry import pose_to_carla
from lead.routes import RoadOption, Route, RouteError, Trace, trace_route
from lead.routes.plan import gps_from_location
from lead.simulator import Outcome, SimulatorError

SENSOR_LABELS = {
    "sensor.camera.rgb": "carla_camera",
    "sensor.lidar.ray_cast": "carla_lidar",
    "sensor.other.radar": "carla_radar",
    "sensor.other.gnss": "carla_gnss",
    "sensor.other.imu": "carla_imu",
    "sensor.opendrive_map": "carla_opendrive_map",
    "sensor.speedometer": "carla_speedometer",
}


_MILLIMETRES = 3


@dataclass(frozen=True)
class Task:
    """A route to drive and how; `run` is what it is part of."""

    key: RouteKey
    total: int
    route: Route
    protocol: Protocol
    config: EvaluationConfig
    run: RunIdentity

    @property
    def traffic_seed(self) -> int:
        """What the protocol makes of the run's seed on this route."""
        return self.protocol.traffic_seed(self.route.id, self.config.seed)

    @property
    def length_m(self) -> float:
        """Length of the line through the route's keypoints."""
        return float(np.linalg.norm(np.diff(self.route.keypoints, axis=0), axis=1).sum())


class Panel:
    """The judges of a drive. `events` are the infractions so far."""

    def __init__(self, line: RouteLine, protocol: Protocol) -> None:
        self.completion = RouteCompletion()
        self.events: list[Event] = []
        self.last: Observation | None = None
        self.ticks = 0
        self._metres = 0.0
        self._max_ticks = protocol.max_ticks
        self._criteria = (self.completion, *protocol.criteria(line))

    @property
    def out_of_ticks(self) -> bool:
        """Whether the protocol's number of ticks is used up."""
        return self._max_ticks is not None and self.ticks >= self._max_ticks

    def judge(self, seen: Observation, told: Sequence[Event] = ()) -> bool:
        """Take in a tick and the infractions that scenarios tell of; whether the drive is over."""
        if self.last is not None:
            self._metres += math.dist(seen.ego.location, self.last.ego.location)
        self.last = seen
        self.ticks += 1
        events = [*told, *(event for criterion in self._criteria for event in criterion.step(seen))]
        self._note(events, seen)
        return self.completion.arrived or self.out_of_ticks or any(event.kind.ends_route for event in events)

    def close(self, told: Sequence[Event] = ()) -> None:
        """Add the infractions that only the end can tell, `told` those of scenarios."""
        if self.last is not None:
            last = [event for criterion in self._criteria for event in criterion.finish(self.last)]
            self._note([*told, *last], self.last)

    def _note(self, events: Sequence[Event], seen: Observation) -> None:
        x, y, z = (round(value, _MILLIMETRES) for value in seen.ego.location)
        place = Place(self.ticks - 1, (x, y, z), round(self._metres, _MILLIMETRES))
        self.events.extend(replace(event, time_s=round(event.time_s, _MILLIMETRES), place=place) for event in events)


@dataclass
class _Log:
    """What is known of a drive, whatever happens to it."""

    panel: Panel | None = None
    route_length: float = 0.0
    sensors: tuple[str, ...] = ()
    begin: float | None = None
    first_frame: int = 0
    play: Play | None = None
    started: list[Observer] = field(default_factory=list)


def drive_route(
    stage: Stage, task: Task, number: int, agent: LoadedAgent, observers: Sequence[Observer] = ()
) -> Attempt:
    """Drive a route and score it, as attempt `number`. Whatever goes wrong with agent or simulator is in the result.

    Raises RouteError or TownError when the route does not fit the town and the configuration does not pass over such
    routes, and ObserverError when an observer cannot go on with any route.
    """
    log, began, begin = _Log(), datetime.now(timezone.utc), time.perf_counter()
    failure, outcome, error = _attempt(stage, task, agent, observers, log)
    panel = log.panel
    if panel is not None:
        panel.close(log.play.last_events(panel.last) if log.play and panel.last else ())
        if failure is None and panel.out_of_ticks:
            failure = RouteStatus.TICKS_EXCEEDED
    drive = _drive_of(log, failure)
    record = make_record(task.key, drive, task.protocol)
    trouble = _tell_the_end(log.started, record)
    if trouble is not None:
        record = replace(record, status=RouteStatus.SIMULATION_CRASHED)
        outcome, error = Outcome.OBSERVER_FAILED, str(trouble)
    return Attempt(
        run=task.run,
        number=number,
        route=task.route.id,
        repetition=task.key.repetition,
        town=task.route.town,
        record=record,
        timing=Timing(
            began.isoformat(timespec="seconds"), round(time.perf_counter() - begin, _MILLIMETRES), log.first_frame
        ),
        versions=Versions(version_of("lead-driving"), version_of("carla"), stage.version),
        outcome=outcome,
        error=error,
        ticks=panel.ticks if panel else 0,
        infractions=drive.events,
        scenarios=_bill(log.play),
        sensors=log.sensors,
    )


def _tell_the_end(observers: Sequence[Observer], record: RouteRecord) -> ObserverError | None:
    """Tell all observers; what one of them said that it could not do."""
    trouble = None
    for observer in observers:
        try:
            observer.on_route_end(record)
        except ObserverError as error:
            if error.ends_run:
                raise
            trouble = error
    return trouble


def lost_attempt(task: Task, number: int, outcome: Outcome, error: str) -> Attempt:
    """An attempt of which nothing is known but that it failed."""
    record = make_record(task.key, Drive(failure=RouteStatus.SIMULATION_CRASHED), task.protocol)
    return Attempt(
        run=task.run,
        number=number,
        route=task.route.id,
        repetition=task.key.repetition,
        town=task.route.town,
        record=record,
        timing=Timing(datetime.now(timezone.utc).isoformat(timespec="seconds"), 0.0),
        versions=Versions(version_of("lead-driving"), version_of("carla")),
        outcome=outcome,
        error=error,
    )


def _drive_of(log: _Log, failure: RouteStatus | None) -> Drive:
    panel = log.panel
    last = panel.last if panel else None
    return Drive(
        completion=panel.completion.percentage if panel else 0.0,
        events=tuple(panel.events) if panel else (),
        route_length=log.route_length,
        duration_game=last.time_s if last else 0.0,
        duration_system=time.perf_counter() - log.begin if log.begin else 0.0,
        failure=failure,
    )


def _bill(play: Play | None) -> Bill:
    if play is None:
        return Bill()
    bill = play.director.bill
    notes = {name: tuple(texts) for name, texts in bill.notes.items()}
    return Bill(tuple(bill.played), dict(bill.dropped), notes)


def _attempt(
    stage: Stage, task: Task, agent: LoadedAgent, observers: Sequence[Observer], log: _Log
) -> tuple[RouteStatus | None, Outcome, str]:
    """Drive, and tell how it ended: the failure's status if any, its kind, and a sentence."""
    try:
        _drive(stage, task, agent, observers, log)
    except InvalidSensors as error:
        return RouteStatus.SENSORS_INVALID, Outcome.AGENT_ERROR, str(error)
    except (AgentSetupError, AgentCrash, TookTooLong) as error:
        cause = _simulator_trouble(stage, error)
        if cause is not None:
            return RouteStatus.SIMULATION_CRASHED, cause.outcome, str(cause)
        not_set_up = isinstance(error, AgentSetupError)
        status = RouteStatus.NOT_SET_UP if not_set_up else RouteStatus.AGENT_CRASHED
        return status, Outcome.AGENT_ERROR, str(error)
    except SimulatorError as error:
        return RouteStatus.SIMULATION_CRASHED, error.outcome, str(error)
    except ObserverError as error:
        if error.ends_run:
            raise
        return RouteStatus.SIMULATION_CRASHED, Outcome.OBSERVER_FAILED, str(error)
    except (RouteError, TownError) as error:
        if not task.config.passes_over_unfit:
            raise
        return RouteStatus.FAILED, Outcome.ROUTE_UNFIT, str(error)
    except RuntimeError as error:
        cause = stage.diagnose(error)
        return RouteStatus.SIMULATION_CRASHED, cause.outcome, str(cause)
    return None, Outcome.COMPLETED, ""


def _simulator_trouble(stage: Stage, error: Exception) -> SimulatorError | None:
    """The simulator's failure behind an agent's RuntimeError, if it has failed."""
    if not isinstance(error.__cause__, RuntimeError):
        return None
    cause = stage.diagnose(error)
    return cause if cause.outcome is Outcome.SERVER_DIED else None


def _drive(stage: Stage, task: Task, agent: LoadedAgent, observers: Sequence[Observer], log: _Log) -> None:
    world, town = stage.enter_town(task.route.town)
    trace = trace_route(town.graph, task.route.keypoints, task.route.id)
    line = RouteLine.from_poses(trace.location, trace.yaw)
    log.panel, log.route_length = Panel(line, task.protocol), trace.length_m
    drawn, repetition = task.traffic_seed, task.key.repetition
    stage.manager.set_random_device_seed(traffic_manager_seed(drawn, repetition))
    own_id = "" if task.protocol.paired_seeds else task.route.id
    for_play, for_agent = seeds_of(drawn, own_id, repetition).spawn(2)
    first_id = max((actor.id for actor in world.get_actors()), default=0) + 1
    with ExitStack() as stack:
        weather = RouteWeather(world, task.route.weathers)
        weather.apply(0.0)
        ego = stack.enter_context(ego_on(world, trace))
        contacts = stack.enter_context(ContactSensor(first_id, ego.id).attached(world, ego))
        stage.tick(world)
        play = stack.enter_context(_play(stage, world, town, ego, task, trace, for_play))
        log.play = play
        seed_libraries(for_agent)
        session = stack.enter_context(_agent(stage, task, agent, world, town, ego, trace, play))
        log.sensors = tuple(sorted({SENSOR_LABELS.get(one["type"], str(one["type"])) for one in session.sensors}))
        context = _context(stage, task, world, town, ego, trace, session, play, log.panel)
        for observer in observers:
            log.started.append(observer)
            observer.on_route_start(context)
        reader = TickReader(world, town.map, ego, line, contacts)
        over, log.begin = False, time.perf_counter()
        while not over:
            snapshot = stage.tick(world)
            log.first_frame = log.first_frame or snapshot.frame
            seen = reader.read(snapshot, play.background, play.rules)
            with time_limit(task.config.agent_timeout_s, "a step of the agent"):
                control = session.step(snapshot)
            ego.apply_control(control)
            over = log.panel.judge(seen, play.step(seen, control))
            for observer in observers:
                observer.on_tick(context, seen)
            weather.apply(100.0 * seen.progress.share)


def _play(
    stage: Stage,
    world: carla.World,
    town: Town,
    ego: carla.Vehicle,
    task: Task,
    trace: Trace,
    seeds: np.random.SeedSequence,
):
    route = task.route if task.config.scenarios else replace(task.route, scenarios=())
    return play_on(stage, world, town, ego, route, trace, seeds, task.config.background)


@contextmanager
def _agent(
    stage: Stage,
    task: Task,
    agent: LoadedAgent,
    world: carla.World,
    town: Town,
    ego: carla.Vehicle,
    trace: Trace,
    play: Play,
) -> Iterator[AgentSession]:
    assignment = Assignment(
        client=stage.client,
        world=world,
        ego=ego,
        gps_plan=gps_plan(town, trace),
        world_plan=world_plan(trace),
        config_path=task.config.agent_config,
        host=stage.host,
        port=stage.port,
        traffic_manager_port=stage.manager.get_port(),
        plan_spacing=task.protocol.plan_spacing_m,
        tick=stage.tick,
        scenarios=play.director.facts,
    )
    with ExitStack() as stack:
        with time_limit(task.config.agent_timeout_s, "setting the agent up"):
            session = stack.enter_context(drive(agent, assignment))
        yield session


def world_plan(trace: Trace) -> list[tuple[carla.Transform, RoadOption]]:
    """The trace as agents get it, in the world."""
    poses = np.zeros((len(trace), 6))
    poses[:, :3], poses[:, 4] = trace.location, trace.yaw
    return [(pose_to_carla(pose), RoadOption(option)) for pose, option in zip(poses, trace.option, strict=True)]


def gps_plan(town: Town, trace: Trace) -> list[tuple[dict[str, float], RoadOption]]:
    """The trace as agents get it, in GNSS coordinates (degrees, m)."""
    rows = gps_from_location(town.geo_reference, trace.location).tolist()
    options = map(RoadOption, trace.option)
    return [({"lat": lat, "lon": lon, "z": z}, option) for (lat, lon, z), option in zip(rows, options, strict=True)]


def _context(
    stage: Stage,
    task: Task,
    world: carla.World,
    town: Town,
    ego: carla.Vehicle,
    trace: Trace,
    session: AgentSession,
    play: Play,
    panel: Panel,
) -> RouteContext:
    return RouteContext(
        key=task.key,
        total=task.total,
        route=task.route,
        trace=trace,
        protocol=task.protocol,
        output=task.config.output,
        client=stage.client,
        world=world,
        town=town.map,
        ego=ego,
        session=session,
        play=play,
        events=panel.events,
        tick=stage.tick,
    )
