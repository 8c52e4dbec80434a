"""The evaluation: every route of a file, driven once, recorded at once, and never twice."""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from lead.agents import LoadedAgent, load_agent
from lead.evaluation.checkpoint import Checkpoint, RunIdentity, resume, save, write_json
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observers import Observer
from lead.evaluation.protocol import Protocol, find_protocol
from lead.evaluation.records import Names, RouteKey
from lead.evaluation.report import Report, make_report, write_report
from lead.evaluation.route_drive import RouteResult, Task, drive_route
from lead.evaluation.stage import Stage, open_stage
from lead.routes import Route, read_routes

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Results:
    """An evaluation's end. `results`: the routes driven now; `checkpoint` and `report` have the resumed ones too."""

    checkpoint: Checkpoint
    report: Report
    results: tuple[RouteResult, ...]


def evaluate(config: EvaluationConfig, observers: Sequence[Observer] = ()) -> Results:
    """Drive all routes that are not finished yet; results are on disk after every one.

    Raises RouteError, AgentLoadError, CheckpointError or SimulatorError, one sentence each; what was driven until
    then is kept.
    """
    protocol = find_protocol(config.protocol)
    routes = read_routes(config.routes)
    agent = load_agent(config.agent)
    tasks = tuple(make_tasks(config, protocol, routes, agent))
    identity = RunIdentity(protocol.name, digest_routes(routes), digest_agent(config, agent), config.seed)
    path = config.checkpoint_file
    checkpoint = resume(path, identity, len(tasks)) if config.resume else Checkpoint(identity, len(tasks))
    write_json(config.output / "config.json", json.loads(json.dumps(asdict(config), default=str)))
    todo = [task for task in tasks if task.key.index not in checkpoint.finished]
    results: dict[int, RouteResult] = {}
    for result in _drive_all(config, todo, observers):
        results[result.record.index] = result
        checkpoint = checkpoint.with_record(result.record, result.error, result.not_played)
        if result.sensors:
            checkpoint = checkpoint.with_sensors(result.sensors)
        save(path, checkpoint)
        write_report(config.output, make_report(checkpoint, [task.route for task in tasks]))
    report = make_report(checkpoint, [task.route for task in tasks])
    write_report(config.output, report)
    return Results(checkpoint, report, tuple(results.values()))


def make_tasks(
    config: EvaluationConfig, protocol: Protocol, routes: Sequence[Route], agent: LoadedAgent
) -> Iterator[Task]:
    """The drives of an evaluation: the routes in the order of their file, each `repetitions` times in a row."""
    total = len(routes) * config.repetitions
    for index in range(total):
        route, repetition = routes[index // config.repetitions], index % config.repetitions
        key = RouteKey(index, route.id, repetition)
        scenario = route.scenarios[0].name if route.scenarios else "noScenarios"
        names = Names(scenario, None, f"{key.route_id}_{route.town}_{scenario}", route.town)
        yield Task(RouteKey(index, route.id, repetition, names), total, route, agent, protocol, config)


def digest_routes(routes: Sequence[Route]) -> str:
    """SHA-256 of what the routes say, wherever their files are."""
    digest = hashlib.sha256()
    for route in routes:
        weathers = [(frame.route_percentage, sorted(frame.parameters.items())) for frame in route.weathers]
        scenarios = [
            (one.name, one.type, one.trigger, sorted((name, sorted(v.items())) for name, v in one.parameters.items()))
            for one in route.scenarios
        ]
        digest.update(repr((route.id, route.town, route.keypoints.tolist(), weathers, scenarios)).encode())
    return digest.hexdigest()


def digest_agent(config: EvaluationConfig, agent: LoadedAgent) -> str:
    """SHA-256 of the agent's name, its file if it has one, its configuration's name and, if that is a file, text."""
    digest = hashlib.sha256(repr((agent.name, config.agent_config)).encode())
    for path in (agent.source, Path(config.agent_config) if config.agent_config else None):
        if path is not None and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _drive_all(config: EvaluationConfig, tasks: Sequence[Task], observers: Sequence[Observer]) -> Iterator[RouteResult]:
    """Results in the order of the tasks; one of a simulator that failed may be followed by that of another attempt."""
    with ExitStack() as stack:
        stage: Stage | None = None
        for task in tasks:
            for attempt in range(1, config.attempts + 1):
                stage = stage or stack.enter_context(open_stage(config))
                result = drive_route(stage, task, observers)
                yield result
                if not result.outcome.is_infrastructure:
                    break
                logger.warning("route %s, attempt %d: %s", task.route.id, attempt, result.error)
                stage = None
                stack.pop_all().close()
