"""`lead data convert`: from LEAD's layout to 123D's logs and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro
from rich.console import Console
from rich.progress import track

from lead.commands.exits import FAILED, BadInputError
from lead.recording.layout import LayoutError
from lead.recording.layout.route import find_routes
from lead.recording.writer import RecordingError


@dataclass(frozen=True)
class Convert:
    """Write recordings of one layout in the other, as far as one has what the other wants; see docs/data.md."""

    folder: tyro.conf.Positional[Path]
    """What is converted: a folder with routes of LEAD's layout, or one with 123D's logs/ and maps/."""
    to: Literal["123d", "lead"]
    """The layout that is wanted."""
    output: Path
    """Folder of what is written."""


def convert(command: Convert, console: Console) -> int:
    """Run the command; 0, or 1 where something could not be converted. BadInputError without anything to convert."""
    if not command.folder.is_dir():
        raise BadInputError(f"there is no folder {command.folder}")
    work = list(_to_123d(command) if command.to == "123d" else _to_lead(command))
    if not work:
        what = "complete routes" if command.to == "123d" else "logs"
        raise BadInputError(f"there are no {what} in {command.folder}")
    bad = 0
    for one in track(work, description="Converting", console=console, transient=True):
        try:
            one()
        except (LayoutError, RecordingError) as error:
            bad += 1
            console.print(str(error), style="red", highlight=False, soft_wrap=True, markup=False)
    console.print(f"{len(work) - bad} of {len(work)} converted to {command.output}.", highlight=False, soft_wrap=True)
    return FAILED if bad else 0


def _to_123d(command: Convert) -> Iterator[Callable[[], Path]]:
    # py123d takes seconds to import, which other commands shall not wait for.
    from lead.recording.conversion.to_arrow import write_log

    for route in find_routes(command.folder):
        if route.is_complete:
            yield lambda route=route: write_log(route, command.output)


def _to_lead(command: Convert) -> Iterator[Callable[[], Path]]:
    from lead.recording.conversion.logs import find_logs, open_log, record_of
    from lead.recording.conversion.to_lead import write_route

    for log in find_logs(command.folder):
        yield lambda log=log: write_route(open_log(log, command.folder / "maps"), record_of(log), command.output)
