"""The command: drive an agent along routes, watch it, and say what came of it."""

import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import tyro
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lead.agents import AgentLoadError, load_agent
from lead.commands.exits import BAD_INPUT, FAILED, INTERRUPTED, BadInputError, fail
from lead.evaluation.checkpoint import CHECKPOINT_NAME, CheckpointError, count_finished
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import Observer, RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.report import make_table, notes
from lead.evaluation.runner import Results, evaluate
from lead.evaluation.supervise import supervise
from lead.recording.arrow_recorder import ArrowRecorder
from lead.recording.config import RecorderConfig
from lead.recording.recorder import Recorder
from lead.recording.writer import RecordingError
from lead.routes import LaneGraph, RouteError, read_routes
from lead.sensors import find_rig
from lead.simulator import Outcome, ServerConfig, ServerUnreachable, SimulatorError, is_free, probe_version
from lead.traffic import BackgroundConfig
from lead.view import DriveVideo

_ALERT_SECONDS = 4.0
_REFRESH_TICKS = 10


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
    rig: str = ""
    """Sensors of a recording: a rig's name, such as lead_6cameras or navsim, or a .toml file; by default
    lead_3cameras, or py123d for 123D's logs."""

    @property
    def driver(self) -> str:
        """The agent that drives. BadInputError without one, or with two."""
        if self.expert and self.agent not in ("", "expert"):
            raise BadInputError(f"--expert and --agent {self.agent} exclude each other")
        if not (self.expert or self.agent):
            raise BadInputError("say who drives: --agent NAME, or --expert")
        return "expert" if self.expert else self.agent

    @property
    def output(self) -> Path:
        """The folder of the results."""
        if self.output_dir is not None:
            return self.output_dir
        agent = Path(self.driver).stem if self.driver.endswith(".py") else self.driver
        return Path("outputs") / agent / self.routes.stem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or the `arguments` given, and return the exit code.

    0: every route was driven; 1: a simulator or the agent failed; 2: bad input; 130: interrupted. The command line
    runs in a process of its own that is started again when CARLA's client crashes; given arguments run in this one.
    """
    command = tyro.cli(Command, prog="lead", args=arguments)
    if arguments is not None:
        return _attempt(command)
    try:
        results = command.output / CHECKPOINT_NAME
    except BadInputError as error:
        return fail(error, BAD_INPUT)
    return supervise(
        lambda crashes: _attempt(replace(command, resume=True) if crashes else command),
        lambda: count_finished(results),
    )


def _attempt(command: Command) -> int:
    console = Console()
    handler = RichHandler(console=console, show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    try:
        with _terminated_like_interrupted():
            return run(command, console)
    except (BadInputError, AgentLoadError, RouteError, CheckpointError, ValueError) as error:
        return fail(error, BAD_INPUT)
    except (SimulatorError, RecordingError) as error:
        return fail(error, FAILED)
    except KeyboardInterrupt:
        console.print(f"Interrupted. Finished routes are kept in {command.output}; the same command continues.")
        return INTERRUPTED


def run(command: Command, console: Console) -> int:
    """Evaluate and show the results; returns the exit code. Raises whatever stands in the way."""
    config = make_config(command)
    if config.server is not None:
        console.print(f"No simulator at {command.host}:{command.port}; starting {config.server.kind}.")
    with ProgressLine(console) as progress, Videos() as videos:
        observers: list[Observer] = [progress, videos] if command.video else [progress]
        with _recording(command) as recorders:
            results = evaluate(config, [*observers, *recorders])
    _show(results, config, console)
    failed = [result for result in results.results if result.outcome is not Outcome.COMPLETED]
    return FAILED if failed else 0


def make_config(command: Command) -> EvaluationConfig:
    """The evaluation that the command asks for, with its inputs looked at before anything is started.

    Raises BadInputError, AgentLoadError, RouteError or ValueError (an unknown protocol), one sentence each.
    """
    if not command.routes.exists():
        raise BadInputError(f"there is no route file or folder {command.routes}")
    if command.traffic_manager_port is not None and not is_free(command.traffic_manager_port):
        raise BadInputError(f"port {command.traffic_manager_port}, wanted for the Traffic Manager, is already in use")
    if _record_folder(command) is not None:
        find_rig(_rig_name(command))
    routes = read_routes(command.routes)
    load_agent(command.driver)
    config = EvaluationConfig(
        agent=command.driver,
        routes=command.routes,
        output=command.output,
        protocol=command.protocol,
        agent_config=command.agent_config,
        server=_server(command, routes[0].town),
        host=command.host,
        port=command.port,
        traffic_manager_port=command.traffic_manager_port,
        repetitions=command.repetitions,
        seed=command.traffic_manager_seed,
        resume=command.resume,
        agent_timeout_s=command.timeout,
        simulator_timeout_s=command.timeout,
        background=BackgroundConfig(present=command.background),
        scenarios=command.scenarios,
    )
    if not command.resume and config.checkpoint_file.exists():
        advice = "choose another --output-dir, or leave --resume on"
        raise BadInputError(f"{command.output} holds results already: {advice}")
    return config


@contextmanager
def _recording(command: Command) -> Iterator[list[Observer]]:
    """The recorder of the drives, if they are to be recorded."""
    folder = _record_folder(command)
    if folder is None:
        yield []
        return
    rig = find_rig(_rig_name(command))
    if command.py123d:
        with ArrowRecorder(folder, rig) as recorder:
            yield [recorder]
        return
    stem = command.routes.stem if command.routes.is_file() else ""
    with Recorder(RecorderConfig(folder, rig, seed=command.traffic_manager_seed, stem=stem)) as recorder:
        yield [recorder]


def _record_folder(command: Command) -> Path | None:
    if command.record is None and command.py123d:
        root = os.environ.get("PY123D_DATA_ROOT")
        if not root:
            raise BadInputError("--py123d needs --record FOLDER, or the environment's PY123D_DATA_ROOT")
        return Path(root)
    return command.record


def _rig_name(command: Command) -> str:
    return command.rig or ("py123d" if command.py123d else "lead_3cameras")


def _server(command: Command, town: str) -> ServerConfig | None:
    """What to start, or None when a simulator is running where the user said."""
    try:
        probe_version(command.host, command.port)
    except ServerUnreachable as error:
        is_here = command.host in ("127.0.0.1", "localhost")
        if not is_here or not is_free(command.port):
            raise BadInputError(str(error)) from None
        return ServerConfig(carla_root=command.carla_root, town=town)
    return None


class ProgressLine:
    """Shows where the evaluation is: route, percent driven, speed and how much faster than real time it runs."""

    def __init__(self, console: Console):
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>5.1f} %"),
            TextColumn("{task.fields[speed]:>4.1f} m/s"),
            TextColumn("{task.fields[factor]:>4.1f} x real time"),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task: TaskID | None = None
        self._begin = 0.0
        self._ticks = 0

    def __enter__(self) -> "ProgressLine":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_route_start(self, context: RouteContext) -> None:
        """Begin a line."""
        description = f"[{context.key.index + 1}/{context.total}] {context.key.route_id} {context.route.town}"
        self._task = self._progress.add_task(description, total=100.0, speed=0.0, factor=0.0, note="")
        self._begin, self._ticks = time.perf_counter(), 0

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Bring it up to date every half a second of the game."""
        self._ticks += 1
        if self._task is None or self._ticks % _REFRESH_TICKS:
            return
        self._progress.update(
            self._task,
            completed=100.0 * seen.progress.share,
            speed=seen.ego.speed,
            factor=seen.time_s / max(time.perf_counter() - self._begin, 1e-3),
            note=f"{len(context.events)} infractions" if context.events else "",
        )

    def on_route_end(self, record: RouteRecord) -> None:
        """Leave the route's result."""
        if self._task is None:
            return
        note = f"{record.status.value}, driving score {record.score_composed:.1f}"
        self._progress.update(self._task, completed=record.score_route, speed=0.0, note=note)
        self._progress.stop_task(self._task)
        self._task = None


class Videos:
    """Records each route to `videos/<route>.mp4` in the output folder; an interrupted one as far as it went."""

    def __init__(self) -> None:
        self._video: DriveVideo | None = None

    def __enter__(self) -> "Videos":
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def on_route_start(self, context: RouteContext) -> None:
        """Open the file."""
        path = context.output / "videos" / f"{context.key.route_id}.mp4"
        graph = LaneGraph.from_map(context.town)
        self._video = DriveVideo(path, context.world, context.ego, graph, context.trace.location)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Add the tick."""
        if self._video is None:
            return
        decision = getattr(context.agent, "decision", None)
        self._video.tick(
            context.world.get_snapshot(),
            _caption(context, seen, getattr(decision, "reason", "")),
            [event.message for event in context.events if seen.time_s - event.time_s < _ALERT_SECONDS],
            getattr(decision, "actor", 0),
        )

    def on_route_end(self, record: RouteRecord) -> None:
        """Finish the file."""
        self._finish()

    def _finish(self) -> None:
        if self._video is not None:
            self._video.close()
        self._video = None


def _caption(context: RouteContext, seen: Observation, reason: str) -> list[str]:
    route = f"{context.key.route_id}  {context.route.town}  {seen.time_s:.1f} s  {100.0 * seen.progress.share:.1f} %"
    speed = f"{3.6 * seen.ego.speed:.0f} of {seen.ego.speed_limit_kmh:.0f} km/h  {reason}"
    return [route, speed]


def _show(results: Results, config: EvaluationConfig, console: Console) -> None:
    console.print(make_table(results.report))
    for note in notes(results.report):
        console.print(note, style="yellow", highlight=False)
    console.print(f"Results: {config.checkpoint_file}", highlight=False)


@contextmanager
def _terminated_like_interrupted():
    """Let SIGTERM end things as cleanly as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
