"""The command: drive an agent along routes, watch it, and say what came of it."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.logging import RichHandler

from lead.agents import STUDENT, AgentLoadError, find_agent
from lead.agents.sensor.config import environment_config, find_checkpoint
from lead.commands.exits import BAD_INPUT, FAILED, INTERRUPTED, BadInputError, fail, terminated_like_interrupted
from lead.commands.progress import ProgressView
from lead.commands.recorders import default_rig, recorder_for
from lead.commands.scene_logs import SceneLogs
from lead.commands.videos import Videos
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observers import Observer
from lead.evaluation.pool import drive_in_workers
from lead.evaluation.report import make_metrics_table, make_report, make_table, notes
from lead.evaluation.results import Results
from lead.evaluation.run import open_run
from lead.evaluation.store import CHECKPOINT_NAME, StoreError, is_used
from lead.evaluation.worker import Observe, WorkerError
from lead.recording.writer import RecordingError
from lead.routes import read_routes
from lead.sensors import find_rig
from lead.simulator import Outcome, ServerConfig, ServerUnreachable, SimulatorError, is_free, probe_version
from lead.traffic import BackgroundConfig


@dataclass(frozen=True)
class Command:
    """Drive an agent along routes in a CARLA-protocol simulator and score it.

    Without a running simulator at --host and --port, carlet is started for the evaluation and stopped afterwards.
    """

    routes: Path
    """Route file, or folder of route files."""
    agent: str = ""
    """A registered agent, such as route_follower, or a Python file with get_entry_point()."""
    expert: bool = False
    """Short for --agent expert."""
    checkpoint: Path | None = None
    """A trained student drives: a folder with config.json and model*, ours or LEAD's; several models are an ensemble.
    LEAD_CLOSED_LOOP_CONFIG has its settings, see docs/student.md."""
    agent_config: str = ""
    """What the agent's setup() is given: a path, as a rule."""
    protocol: str = "leaderboard@2.0"
    """Rules and scores, by name and version."""
    host: str = "127.0.0.1"
    """Where a running simulator is looked for."""
    port: int = 2000
    """Its RPC port."""
    carla_root: Path | None = None
    """Folder of CARLA 0.9.16: start that instead of carlet when no simulator is running."""
    workers: int = 1
    """How many routes are driven at a time, each in a process of its own with a simulator of its own."""
    traffic_manager_port: int | None = None
    """Port of the Traffic Manager; by default a free one."""
    traffic_manager_seed: int = 0
    """Seed of the background traffic."""
    repetitions: int = 1
    """How often each route is driven."""
    timeout: float = 180.0
    """Seconds to wait for the simulator's answer, for the agent's set-up, and for each of its steps."""
    output_dir: Path | None = None
    """Where the results go; by default outputs/<agent>/<route file>. Nothing in it is ever deleted."""
    resume: bool = True
    """Skip routes that an earlier run finished; --no-resume insists on a folder without results."""
    video: bool = True
    """Record every route from above, as mp4."""
    background: bool = True
    """Have traffic on the roads."""
    scenarios: bool = True
    """Play the scenarios of the routes."""
    record: Path | None = None
    """Record the drives in LEAD's data layout, in data/<scenario type>/ of this folder."""
    py123d: bool = False
    """Record as 123D's Arrow logs instead, in logs/ and maps/ of the folder of --record, or of $PY123D_DATA_ROOT."""
    scene_logs: Path | None = None
    """With --expert: keep a few seconds of what it saw on each route in this folder, for lead replay."""
    rig: str = ""
    """Sensors of a recording: a rig's name, such as lead_6cameras or navsim, or a .toml file; by default
    lead_3cameras, or py123d for 123D's logs."""

    @property
    def driver(self) -> str:
        """The agent that drives. BadInputError without one, or with two."""
        if self.expert and self.agent not in ("", "expert"):
            raise BadInputError(f"--expert and --agent {self.agent} exclude each other")
        if self.checkpoint is not None and (self.expert or self.agent not in ("", STUDENT)):
            who = "--expert" if self.expert else f"--agent {self.agent}"
            raise BadInputError(f"--checkpoint and {who} exclude each other")
        if self.checkpoint is not None:
            return STUDENT
        if not (self.expert or self.agent):
            raise BadInputError("say who drives: --agent NAME, --expert, or --checkpoint FOLDER")
        return "expert" if self.expert else self.agent

    @property
    def configuration(self) -> str:
        """What the agent's setup() is given."""
        return self.agent_config if self.checkpoint is None else str(self.checkpoint)

    @property
    def output(self) -> Path:
        """The folder of the results."""
        if self.output_dir is not None:
            return self.output_dir
        if self.driver == STUDENT:
            return Path("outputs") / "local_evaluation" / self.routes.stem
        agent = Path(self.driver).stem if self.driver.endswith(".py") else self.driver
        return Path("outputs") / agent / self.routes.stem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or the `arguments` given, and return the exit code.

    0: every route was driven; 1: a simulator or the agent failed; 2: bad input; 130: interrupted.
    """
    command = tyro.cli(Command, prog="lead", args=arguments)
    console = Console()
    handler = RichHandler(console=console, show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    try:
        with terminated_like_interrupted():
            return run(command, console)
    except (BadInputError, AgentLoadError, StoreError, ValueError) as error:
        return fail(error, BAD_INPUT)
    except (SimulatorError, WorkerError) as error:
        return fail(error, FAILED)
    except KeyboardInterrupt:
        console.print(f"Interrupted. Finished routes are kept in {command.output}; the same command continues.")
        return INTERRUPTED


def run(command: Command, console: Console) -> int:
    """Evaluate and show the results; returns the exit code. Raises whatever stands in the way."""
    config = make_config(command)
    if config.server is not None:
        console.print(f"No simulator at {command.host}:{command.port}; starting {config.server.kind}.")
    with open_run(config) as evaluation:
        view = ProgressView(console, evaluation.todo, len(evaluation.tasks), command.workers)
        with view:
            attempts = drive_in_workers(evaluation, command.workers, _watching(command), view)
        results = evaluation.results
    _show(results, config, console)
    last = {attempt.key: attempt.outcome for attempt in attempts}
    return FAILED if any(outcome is not Outcome.COMPLETED for outcome in last.values()) else 0


def _watching(command: Command) -> Observe:
    """What makes the observers of a worker."""

    @contextmanager
    def observe() -> Iterator[list[Observer]]:
        try:
            with Videos() as videos, _recording(command) as recorders, _views(command) as views:
                logs = [SceneLogs(command.scene_logs)] if command.scene_logs is not None else []
                yield [*([videos] if command.video else []), *logs, *recorders, *views]
        except RecordingError as error:
            raise WorkerError(str(error)) from None

    return observe


def make_config(command: Command) -> EvaluationConfig:
    """The evaluation that the command asks for, with its inputs looked at before anything is started.

    Raises BadInputError, AgentLoadError, RouteError or ValueError (an unknown protocol), one sentence each.
    """
    if not command.routes.exists():
        raise BadInputError(f"there is no route file or folder {command.routes}")
    if command.traffic_manager_port is not None and not is_free(command.traffic_manager_port):
        raise BadInputError(f"port {command.traffic_manager_port}, wanted for the Traffic Manager, is already in use")
    if command.workers < 1:
        raise BadInputError(f"--workers {command.workers}: there must be at least one")
    if command.scene_logs is not None and command.driver != "expert":
        raise BadInputError(f"--scene-logs keeps what the expert sees; {command.driver} drives")
    if _record_folder(command) is not None:
        find_rig(_rig_name(command))
    routes = read_routes(command.routes)
    find_agent(command.driver)
    if command.driver == STUDENT:
        find_checkpoint(command.configuration)
        environment_config()
    config = EvaluationConfig(
        agent=command.driver,
        routes=command.routes,
        output=command.output,
        protocol=command.protocol,
        agent_config=command.configuration,
        server=_server(command, routes[0].town),
        host=command.host,
        port=command.port,
        traffic_manager_port=command.traffic_manager_port,
        repetitions=command.repetitions,
        seed=command.traffic_manager_seed,
        agent_timeout_s=command.timeout,
        simulator_timeout_s=command.timeout,
        background=BackgroundConfig(present=command.background),
        scenarios=command.scenarios,
    )
    if not command.resume and is_used(config.output):
        advice = "choose another --output-dir, or leave --resume on"
        raise BadInputError(f"{command.output} holds results already: {advice}")
    if command.workers > 1:
        _refuse_sharing(command, config)
    return config


@contextmanager
def _recording(command: Command) -> Iterator[list[Observer]]:
    """The recorder of the drives, if they are to be recorded."""
    folder = _record_folder(command)
    if folder is None:
        yield []
        return
    stem = command.routes.stem if command.routes.is_file() else ""
    with recorder_for(folder, find_rig(_rig_name(command)), command.py123d, command.traffic_manager_seed, stem) as one:
        yield [one]


@contextmanager
def _views(command: Command) -> Iterator[list[Observer]]:
    """What shows the drives of a student, if anything is to be shown."""
    if command.driver != STUDENT or not environment_config().shows_anything:
        yield []
        return
    # torch takes seconds to import, which other drives shall not wait for.
    from lead.commands.student_views import StudentViews

    with StudentViews(command.routes.stem if command.routes.is_file() else "") as views:
        yield [views]


def _record_folder(command: Command) -> Path | None:
    if command.record is None and command.py123d:
        root = os.environ.get("PY123D_DATA_ROOT")
        if not root:
            raise BadInputError("--py123d needs --record FOLDER, or the environment's PY123D_DATA_ROOT")
        return Path(root)
    return command.record


def _rig_name(command: Command) -> str:
    return command.rig or default_rig(command.py123d)


def _refuse_sharing(command: Command, config: EvaluationConfig) -> None:
    """Several workers cannot use one simulator, nor one port. BadInputError when they would have to."""
    if config.server is None:
        where = f"{command.host}:{command.port}"
        raise BadInputError(
            f"--workers {command.workers} starts simulators of its own, but one runs at {where}; stop it"
        )
    if command.traffic_manager_port is not None:
        raise BadInputError(f"--workers {command.workers} takes free ports; leave --traffic-manager-port away")


def _server(command: Command, town: str) -> ServerConfig | None:
    """What to start, or None when a simulator is running where the user said."""
    try:
        probe_version(command.host, command.port)
    except ServerUnreachable as error:
        is_here = command.host in ("127.0.0.1", "localhost")
        if not is_here or not is_free(command.port):
            raise BadInputError(str(error)) from None
        return ServerConfig(carla_root=command.carla_root, town=town, seed=command.traffic_manager_seed)
    return None


def _show(results: Results, config: EvaluationConfig, console: Console) -> None:
    report = make_report(results, config.output)
    console.print(make_table(report))
    console.print(make_metrics_table(report))
    for note in notes(report):
        console.print(note, style="yellow", highlight=False)
    console.print(f"Results: {config.output / CHECKPOINT_NAME}", highlight=False)
