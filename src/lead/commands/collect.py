"""`lead data collect`: record many routes, and go on where an earlier run ended."""

import json
import logging
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from lead.agents import AgentLoadError, find_agent
from lead.commands.exits import BAD_INPUT, FAILED, INTERRUPTED, BadInputError, fail, terminated_like_interrupted
from lead.commands.progress import ProgressView
from lead.commands.recorders import default_rig, recorder_for
from lead.commands.tables import scenario_table
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observers import Observer
from lead.evaluation.pool import drive_in_workers
from lead.evaluation.run import Run, digest_routes, open_run
from lead.evaluation.store import StoreError
from lead.evaluation.worker import Observe, WorkerError
from lead.files import write_json
from lead.recording.collection import Folder, TypeYield, expect, forget_rejected, harvest, settle, write_summary, yields
from lead.recording.config import RecorderConfig
from lead.recording.route_choice import Choice, choose, gather, with_drawn_weathers, with_own_ids
from lead.recording.writer import RecordingError
from lead.routes import Route, read_routes, write_routes
from lead.sensors import find_rig
from lead.sensors.clouds import EgoFilter
from lead.sensors.rig import Rig
from lead.simulator import ServerConfig, SimulatorError

_GB = 1e9
_SHOWN = 20


@dataclass(frozen=True)
class Collect:
    """Record many routes, each scenario type in turn, and say how many of each can be trained on.

    The same command goes on where it was ended, whatever ended it.
    """

    routes: tyro.conf.Positional[Path]
    """Route file, or folder with route files anywhere in it."""
    output: Path
    """Folder of the collection."""
    agent: str = "expert"
    """Who drives: a registered agent, or a Python file with get_entry_point()."""
    agent_config: str = ""
    """What the agent's setup() is given."""
    py123d: bool = False
    """Record 123D's Arrow logs instead of LEAD's layout."""
    rig: str = ""
    """A rig's name or a .toml file; by default lead_3cameras, or py123d for 123D's logs."""
    perturbed: bool = True
    """Record the rig's perturbed twin too."""
    jpeg_quality: int = RecorderConfig.jpeg_quality
    """Of the colour pictures in LEAD's layout, 1 to 100; LEAD's is 30. Lamps of lights are small: models of small
    pictures tell their colours better from 90."""
    ego_filter: EgoFilter = RecorderConfig.ego_filter
    """Which LiDAR points count as the car's own in LEAD's layout: LEAD's cross, all in its lane and beside it, so that
    nobody ahead is seen, or those in its box."""
    protocol: str = "leaderboard@2.0"
    """Rules, by name and version; those of bench2drive@0.0.3 end drives sooner that get stuck or take long."""
    workers: int = 1
    """How many routes are driven at a time, each with a simulator of its own."""
    per_type: int | None = None
    """At most so many routes of each scenario type."""
    longest: float = math.inf
    """Leave out routes that are longer than so many metres."""
    exclude: tuple[Path, ...] = ()
    """Route files or folders, such as a benchmark's: leave out routes with their ids or with their scenarios in the
    same places."""
    drawn_weather: bool = False
    """Draw a weather for each route instead of taking the one that its file names."""
    seed: int = 0
    """Of the routes' order and drawn weathers, the traffic, and the twin's places."""
    redo_rejected: bool = False
    """Remove what was recorded and is not accepted, and drive it again, as after a change of the agent."""
    attempts: int = 2
    """How often a route is tried when the simulator or the recording fails."""
    timeout: float = 180.0
    """Seconds to wait for the simulator's answer and for each of the agent's steps."""
    carla_root: Path | None = None
    """Folder of CARLA 0.9.16: start that instead of carlet."""
    check_space: bool = True
    """Refuse to start when the disk has less room than is expected to be needed."""
    dry_run: bool = False
    """Only say what would be driven and how much room it takes."""


def collect(command: Collect, console: Console) -> int:
    """Run the command and return the exit code.

    0: every route was driven; 1: some could not be recorded, or read; 2: bad input; 130: interrupted.
    """
    handler = RichHandler(console=console, show_path=False, show_time=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    try:
        with terminated_like_interrupted():
            return _collect(command, console)
    except (BadInputError, AgentLoadError, StoreError, ValueError) as error:
        return fail(error, BAD_INPUT)
    except (SimulatorError, WorkerError) as error:
        return fail(error, FAILED)
    except KeyboardInterrupt:
        console.print(f"Interrupted. What is complete is kept in {command.output}; the same command continues.")
        return INTERRUPTED


def _collect(command: Collect, console: Console) -> int:
    rig = _checked(command)
    folder = Folder(command.output, command.py123d)
    found, complaints = gather(command.routes)
    _say("left out: ", complaints, console)
    others = [route for path in command.exclude for route in gather(path)[0]]
    choice = Choice(command.per_type, command.longest, command.seed)
    chosen = with_own_ids(choose(found, choice, others), command.routes)
    if command.drawn_weather:
        chosen = with_drawn_weathers(chosen, command.seed)
    if not chosen:
        raise BadInputError(f"{command.routes} has no route that could be driven and is wanted")
    _say_outlook(chosen, rig, command, console)
    if command.dry_run:
        return 0
    _keep_choice(chosen, folder)
    _keep_manner(rig, command, folder)
    with open_run(_config(command, folder, chosen[0].town)) as run:
        _say("", settle(run, folder), console)
        if command.redo_rejected:
            console.print(f"{forget_rejected(run, folder)} recordings are removed and made again.", highlight=False)
        _refuse_to_fill_the_disk(run, rig, command)
        try:
            with ProgressView(console, run.todo, len(run.tasks), command.workers) as view:
                drive_in_workers(run, command.workers, _recording(command, rig), view, in_turn=True)
        finally:
            settle(run, folder)
            crop = harvest(run, folder)
            write_summary(folder, crop)
            _say("not recorded: ", [f"{one.route}: {one.why}" for one in crop if not one.folder], console)
            console.print(_table(list(yields(run, folder, crop)), console.width))
    is_whole = not complaints and len(crop) == len(run.tasks) and all(one.folder for one in crop)
    return 0 if is_whole else FAILED


def _checked(command: Collect) -> Rig:
    """The rig, with all that needs no run looked at. BadInputError or ValueError, one sentence."""
    for path in (command.routes, *command.exclude):
        if not path.exists():
            raise BadInputError(f"there is no route file or folder {path}")
    if command.workers < 1:
        raise BadInputError(f"--workers {command.workers}: there must be at least one")
    if not 1 <= command.jpeg_quality <= 100:
        raise BadInputError(f"--jpeg-quality {command.jpeg_quality}: it must be from 1 to 100")
    find_agent(command.agent)
    return find_rig(command.rig or default_rig(command.py123d))


def _keep_choice(chosen: Sequence[Route], folder: Folder) -> None:
    """Write the chosen routes, or find them written. BadInputError when the folder is of other ones."""
    try:
        if not folder.routes.exists():
            folder.run.mkdir(parents=True, exist_ok=True)
            write_routes(folder.routes, chosen)
    except OSError as error:
        raise BadInputError(f"{folder.path} cannot be written: {error.strerror or error}") from None
    if digest_routes(read_routes(folder.routes)) != digest_routes(chosen):
        raise BadInputError(
            f"{folder.path} is a collection of other routes; choose another --output, or the routes and options it has"
        )


def _keep_manner(rig: Rig, command: Collect, folder: Folder) -> None:
    """Write how routes are recorded, or find it written. BadInputError when those of the folder are another way."""
    manner = {"layout": "123D" if command.py123d else "LEAD", "twin": command.perturbed, "rig": asdict(rig)}
    manner |= {"jpeg_quality": command.jpeg_quality, "ego_filter": command.ego_filter}
    wanted = json.loads(json.dumps(manner))
    if not folder.manner.exists():
        write_json(folder.manner, wanted)
        return
    kept = {"ego_filter": RecorderConfig.ego_filter} | json.loads(folder.manner.read_text())
    different = [name for name, value in wanted.items() if kept.get(name) != value]
    if different:
        raise BadInputError(
            f"{folder.path} is recorded with another {' and '.join(different)}; choose another --output"
        )


def _config(command: Collect, folder: Folder, town: str) -> EvaluationConfig:
    return EvaluationConfig(
        agent=command.agent,
        routes=folder.routes,
        output=folder.run,
        protocol=command.protocol,
        agent_config=command.agent_config,
        server=ServerConfig(carla_root=command.carla_root, town=town, seed=command.seed),
        seed=command.seed,
        agent_timeout_s=command.timeout,
        simulator_timeout_s=command.timeout,
        attempts=command.attempts,
        passes_over_unfit=True,
    )


def _recording(command: Collect, rig: Rig) -> Observe:
    """What makes the recorder of a worker."""

    @contextmanager
    def observe() -> Iterator[list[Observer]]:
        try:
            with recorder_for(
                command.output,
                rig,
                command.py123d,
                command.seed,
                perturbed=command.perturbed,
                jpeg_quality=command.jpeg_quality,
                ego_filter=command.ego_filter,
            ) as recorder:
                yield [recorder]
        except RecordingError as error:
            raise WorkerError(str(error)) from None

    return observe


def _refuse_to_fill_the_disk(run: Run, rig: Rig, command: Collect) -> None:
    needed = expect([task.route for task in run.todo], rig, command.perturbed).size_bytes
    free = shutil.disk_usage(command.output).free
    if command.check_space and needed > free:
        raise BadInputError(
            f"about {needed / _GB:.1f} GB will be needed and {free / _GB:.1f} GB are free in {command.output}; "
            "choose fewer routes, make room, or say --no-check-space"
        )


def _say(what: str, sentences: Sequence[str], console: Console) -> None:
    more = [f"... and {len(sentences) - _SHOWN} more"] if len(sentences) > _SHOWN else []
    for sentence in [*sentences[:_SHOWN], *more]:
        console.print(f"{what}{sentence}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _say_outlook(chosen: Sequence[Route], rig: Rig, command: Collect, console: Console) -> None:
    outlook = expect(chosen, rig, command.perturbed)
    towns = len({route.town for route in chosen})
    console.print(
        f"{outlook.routes} routes in {towns} towns: about {outlook.hours:.1f} hours of driving and "
        f"{outlook.size_bytes / _GB:.1f} GB.",
        highlight=False,
    )


def _table(rows: Sequence[TypeYield], width: int) -> Table:
    """`good`: accepted for training; `bad`: could not be recorded; hours of driving, and those of the accepted."""
    table = scenario_table(("routes", "driven", "good", "  %", "bad", "hours", "good h", "   GB"), width, 20)
    for row in [*rows, _sum(rows)]:
        share = f"{100.0 * row.accepted / row.driven:.0f}" if row.driven else ""
        counts = (str(row.routes), str(row.driven), str(row.accepted), share, str(row.failed))
        hours = (f"{row.hours:.2f}", f"{row.accepted_hours:.2f}", f"{row.size_bytes / _GB:.2f}")
        table.add_row(row.scenario, *counts, *hours)
    return table


def _sum(rows: Sequence[TypeYield]) -> TypeYield:
    names = ("routes", "driven", "accepted", "failed", "hours", "accepted_hours", "size_bytes")
    return TypeYield("all", **{name: sum(getattr(row, name) for row in rows) for name in names})
