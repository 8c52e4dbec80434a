"""A collection: many routes recorded in one folder, by runs that may be killed at any time and go on.

`<folder>/run` is the store of the run, with the routes chosen; `<folder>/data` (or 123D's `logs`) has the recordings. A
recording is complete when its folder has its name; an attempt follows at once. Where somebody killed the run between
the two, `settle` makes up for it.
"""

import math
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lead.evaluation.attempt import Attempt, Timing, Versions, version_of
from lead.evaluation.records import RouteRecord, RouteStatus
from lead.evaluation.route_drive import Task
from lead.evaluation.run import Run
from lead.evaluation.store import StoreError
from lead.files import write_json
from lead.recording.layout import LayoutError, results
from lead.recording.layout.route import INCOMPLETE, read_file
from lead.recording.route_choice import type_of
from lead.recording.stats import folder_size
from lead.routes import Route
from lead.sensors.rig import Rig
from lead.simulator import Outcome

RUN, ROUTES, MANNER, SUMMARY = "run", "routes.xml", "recording.json", "collection.json"
_NAME = re.compile(r".*_Rep(?P<repetition>\d+)_.*_route(?P<index>\d+)(_[\d_]+)?")
_AGENTS_FAULT = (RouteStatus.AGENT_CRASHED, RouteStatus.NOT_SET_UP, RouteStatus.SENSORS_INVALID)
_USUAL_MPS, _STANDING_S = 5.0, 17.0
_FRAMES_PER_HOUR = 4.0 * 3600.0
_BYTES_PER_PIXEL, _BYTES_PER_FRAME = 0.08, 95_000.0


@dataclass(frozen=True)
class Folder:
    """Where a collection is; `is_arrow`: in 123D's logs instead of LEAD's layout."""

    path: Path
    is_arrow: bool = False

    @property
    def run(self) -> Path:
        """The folder of the run that drives."""
        return self.path / RUN

    @property
    def routes(self) -> Path:
        """The file of the chosen routes, in the order in which they are driven."""
        return self.run / ROUTES

    @property
    def manner(self) -> Path:
        """The file that says how routes are recorded: layout, rig, with its twin or not."""
        return self.run / MANNER

    def recordings(self) -> list["Recorded"]:
        """All recordings, complete or not, in the order of their paths."""
        pattern = "logs/*/*" if self.is_arrow else "data/*/*"
        found = [path for path in sorted(self.path.glob(pattern)) if path.is_dir()]
        return [Recorded(path, path.with_suffix(".json") if self.is_arrow else path / results.NAME) for path in found]


@dataclass(frozen=True)
class Recorded:
    """The folder of one recorded route, and the file with its record."""

    path: Path
    record_file: Path

    @property
    def is_complete(self) -> bool:
        """Whether its recording came to an end."""
        return not self.path.name.endswith(INCOMPLETE)

    @property
    def key(self) -> tuple[int, int] | None:
        """Index of the route in the run and repetition, by the folder's name; None when it has no such name."""
        match = _NAME.fullmatch(self.path.name.removesuffix(INCOMPLETE))
        return (int(match["index"]), int(match["repetition"])) if match else None


@dataclass(frozen=True)
class Outlook:
    """What a collection is expected to come to."""

    routes: int
    hours: float
    size_bytes: float


@dataclass(frozen=True)
class Harvest:
    """What came of one route. `why`: what it is not counted for."""

    route: str
    town: str
    scenario: str
    status: str
    accepted: bool
    seconds: float
    folder: str
    why: str


def expect(routes: Sequence[Route], rig: Rig, perturbed: bool) -> Outlook:
    """What recording these routes is expected to come to in LEAD's layout."""
    seconds = sum(route.beeline_m / _USUAL_MPS + _STANDING_S for route in routes)
    pixels = sum(camera.width * camera.height for camera in rig.cameras) * (2 if perturbed else 1)
    hours = seconds / 3600.0
    return Outlook(len(routes), hours, hours * _FRAMES_PER_HOUR * (_BYTES_PER_PIXEL * pixels + _BYTES_PER_FRAME))


def settle(run: Run, folder: Folder) -> list[str]:
    """Remove what is half recorded, and keep the attempts of recordings that were complete when their run was killed.

    To be called while the run is kept for us. A sentence for everything that is not as it should be.
    """
    complaints = []
    finished = run.results.finished
    tasks = {(task.key.index, task.key.repetition): task for task in run.tasks}
    for one in folder.recordings():
        task = tasks.get(one.key) if one.key else None
        if not one.is_complete:
            shutil.rmtree(one.path)
        elif task is not None and (task.key.id, task.key.repetition) not in finished:
            try:
                run.store.add(_attempt_of(run, task, one))
            except LayoutError as error:
                complaints.append(f"{error}; the route is driven again")
    return complaints


def forget_rejected(run: Run, folder: Folder) -> int:
    """Remove the recordings that are not accepted, so that their routes are driven again; how many there were.

    To be called while the run is kept for us, after `settle`.
    """
    tasks = {(task.key.index, task.key.repetition): (task.key.id, task.key.repetition) for task in run.tasks}
    count = 0
    for one in folder.recordings():
        if one.key is not None and one.key in tasks and one.is_complete and not _is_accepted(one):
            # The attempt first: whoever is killed in between finds the recording and keeps it once more.
            run.store.forget(tasks[one.key])
            shutil.rmtree(one.path)
            one.record_file.unlink(missing_ok=True)
            count += 1
    return count


def harvest(run: Run, folder: Folder) -> list[Harvest]:
    """What came of all routes that were tried, in the order of the run."""
    places = {one.key: one.path for one in folder.recordings() if one.is_complete}
    tasks = {(task.key.id, task.key.repetition): task for task in run.tasks}
    return [_harvest_of(attempt, tasks[attempt.key], places, folder.path) for attempt in run.results.final]


def write_summary(folder: Folder, crop: Sequence[Harvest]) -> None:
    """Write which recordings count and which do not, and why, to `collection.json` of the collection. StoreError."""
    try:
        write_json(folder.path / SUMMARY, {"routes": [asdict(one) for one in crop]})
    except OSError as error:
        raise StoreError(f"{folder.path / SUMMARY} cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True)
class TypeYield:
    """What came of the routes of one scenario type; `failed` are those that could not be recorded."""

    scenario: str
    routes: int
    driven: int
    accepted: int
    failed: int
    hours: float
    accepted_hours: float
    size_bytes: int


def yields(run: Run, folder: Folder, crop: Sequence[Harvest]) -> Iterator[TypeYield]:
    """The yield by scenario type, in the order of names."""
    kinds = [type_of(task.route) for task in run.tasks]
    for kind in sorted(set(kinds)):
        ours = [one for one in crop if one.scenario == kind]
        driven = [one for one in ours if one.folder]
        yield TypeYield(
            scenario=kind,
            routes=kinds.count(kind),
            driven=len(driven),
            accepted=sum(one.accepted for one in driven),
            failed=len(ours) - len(driven),
            hours=sum(one.seconds for one in driven) / 3600.0,
            accepted_hours=sum(one.seconds for one in driven if one.accepted) / 3600.0,
            size_bytes=sum(folder_size(folder.path / one.folder) for one in driven),
        )


def _attempt_of(run: Run, task: Task, recorded: Recorded) -> Attempt:
    """The attempt that a complete recording is of. LayoutError, naming the file, when its record cannot be read."""
    content = read_file(recorded.record_file, results.decode)
    try:
        record = RouteRecord.from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise LayoutError(f"{recorded.record_file}: this is no route record ({error})") from None
    ended = datetime.fromtimestamp(recorded.record_file.stat().st_mtime, timezone.utc)
    return Attempt(
        run=run.store.identity,
        number=run.next_number(task),
        route=task.key.id,
        repetition=task.key.repetition,
        town=task.route.town,
        record=record,
        timing=Timing(ended.isoformat(timespec="seconds"), record.duration_system),
        versions=Versions(version_of("lead-driving"), version_of("carla")),
        outcome=Outcome.AGENT_ERROR if record.status in _AGENTS_FAULT else Outcome.COMPLETED,
    )


def _is_accepted(recorded: Recorded) -> bool:
    try:
        return results.is_accepted(read_file(recorded.record_file, results.decode))
    except LayoutError:
        return False


def _harvest_of(attempt: Attempt, task: Task, places: dict[Any, Path], root: Path) -> Harvest:
    record = attempt.record
    place = places.get((task.key.index, task.key.repetition))
    accepted = place is not None and results.is_accepted(record.to_json())
    faults = [f"{kind}: {texts[0]}" for kind, texts in record.infractions.items() if texts]
    why = "" if accepted else attempt.error or "; ".join(faults) or "no complete recording"
    return Harvest(
        route=attempt.route,
        town=attempt.town,
        scenario=type_of(task.route),
        status=record.status.value,
        accepted=accepted,
        seconds=record.duration_game if math.isfinite(record.duration_game) else 0.0,
        folder=place.relative_to(root).as_posix() if place is not None else "",
        why=why,
    )
