"""A run made ready: what there is to drive, what makes it this run, and the folder that keeps what comes of it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lead.agents import STUDENT, find_agent
from lead.agents.sensor.config import environment_config
from lead.evaluation.attempt import Attempt, RunIdentity
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.outputs import write_outputs
from lead.evaluation.play import plan
from lead.evaluation.protocol import Protocol, find_protocol
from lead.evaluation.records import Names, RouteKey
from lead.evaluation.results import Results, collect
from lead.evaluation.route_drive import Task
from lead.evaluation.store import RunStore, StoreError, open_store
from lead.files import write_json
from lead.routes import Route, read_routes


@dataclass(frozen=True)
class Run:
    """A run: all its tasks, in the order of their indices, and its store."""

    config: EvaluationConfig
    tasks: tuple[Task, ...]
    store: RunStore

    @property
    def results(self) -> Results:
        """What the store has now."""
        return collect(self.store.identity, [task.key for task in self.tasks], self.store.read())

    @property
    def todo(self) -> tuple[Task, ...]:
        """What is not finished yet."""
        finished = self.results.finished
        return tuple(task for task in self.tasks if (task.key.id, task.key.repetition) not in finished)

    def next_number(self, task: Task) -> int:
        """The number of the next attempt at a task."""
        mine = (task.key.id, task.key.repetition)
        return 1 + max((one.number for one in self.store.read() if one.key == mine), default=0)

    def write(self, fresh: Sequence[Attempt] = ()) -> Results:
        """Make the result files from the store, those of single routes for `fresh` attempts only. Raises StoreError."""
        results = self.results
        try:
            write_outputs(self.config.output, results, fresh)
        except OSError as error:
            raise StoreError(f"{self.config.output} cannot be written: {error.strerror or error}") from error
        return results


@contextmanager
def open_run(config: EvaluationConfig) -> Iterator[Run]:
    """The run of a configuration, its folder kept for us as long as the context lasts.

    Raises RouteError for routes that cannot be driven as they are written, AgentLoadError for an agent that is not
    there, StoreError for a folder with results of another run or with another evaluation at work; one sentence each.
    """
    run = prepare(config)
    with run.store.locked():
        write_json(config.output / "config.json", json.loads(json.dumps(asdict(config), default=str)))
        run.write(run.results.final)
        yield run


def prepare(config: EvaluationConfig) -> Run:
    """The run of a configuration, with nothing written yet. Raises like `open_run`."""
    protocol = find_protocol(config.protocol)
    routes = read_routes(config.routes)
    if config.scenarios:
        for route in routes:
            plan(route)
    identity = RunIdentity(
        protocol=protocol.name,
        routes=digest_routes(routes),
        agent=digest_agent(config),
        config=digest_settings(config),
        seed=config.seed,
    )
    return Run(config, tuple(make_tasks(config, protocol, routes, identity)), open_store(config.output, identity))


def make_tasks(
    config: EvaluationConfig, protocol: Protocol, routes: Sequence[Route], identity: RunIdentity
) -> Iterator[Task]:
    """The drives of a run: the routes in the order of their file, each `repetitions` times in a row."""
    total = len(routes) * config.repetitions
    for index in range(total):
        route, repetition = routes[index // config.repetitions], index % config.repetitions
        scenario = route.scenarios[0].name if route.scenarios else "noScenarios"
        route_id = RouteKey(index, route.id, repetition).route_id
        names = Names(scenario, None, f"{route_id}_{route.town}_{scenario}", route.town)
        yield Task(RouteKey(index, route.id, repetition, names), total, route, protocol, config, identity)


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


def digest_agent(config: EvaluationConfig) -> str:
    """SHA-256 of the agent's name, its file if it has one, its configuration's name and, where that is a file or a
    checkpoint's folder, what is in it.
    """
    source = find_agent(config.agent)
    name = config.agent if source is None else source.stem
    digest = hashlib.sha256(repr((name, config.agent_config)).encode())
    for path in (source, *_configuration_files(config)):
        if path is not None and path.is_file():
            digest.update(path.read_bytes())
    if config.agent == STUDENT:
        digest.update(repr(environment_config().driving).encode())
    return digest.hexdigest()


def _configuration_files(config: EvaluationConfig) -> list[Path]:
    path = Path(config.agent_config) if config.agent_config else None
    if path is None or not path.is_dir():
        return [] if path is None else [path]
    return [path / "config.json", *sorted(path.glob("model*"))]


def digest_settings(config: EvaluationConfig) -> str:
    """SHA-256 of what else decides how a drive goes: background traffic, and whether scenarios are played."""
    return hashlib.sha256(repr((sorted(asdict(config.background).items()), config.scenarios)).encode()).hexdigest()
