"""`lead records`: make the records that training reads from recorded drives, and check them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tyro
from rich.console import Console

from lead.commands.exits import BAD_INPUT, FAILED, fail
from lead.data.config import RecordConfig
from lead.data.errors import DataError
from lead.data.layout import find_drives
from lead.data.store import RecordStore, build


@dataclass(frozen=True)
class Records:
    """Make records of all recorded drives that have none or whose files changed since."""

    root: tyro.conf.Positional[Path]
    """Folder with drives in LEAD's layout, however deep."""
    cache: tyro.conf.Positional[Path]
    """Folder for the records; those of other settings stay beside them."""
    workers: int = os.cpu_count() or 1
    """How many processes work."""
    verify: bool = False
    """Read every byte of the records afterwards and compare it with what was written."""
    config: RecordConfig = field(default_factory=RecordConfig)


def main(arguments: Sequence[str]) -> int:
    """Run the command with the words after `records`: 0, 1 when a drive failed, or 2 for bad input."""
    console = Console()
    try:
        command = tyro.cli(Records, prog="lead records", description=Records.__doc__, args=arguments)
        return _run(command, console)
    except DataError as error:
        return fail(error, BAD_INPUT)


def _run(command: Records, console: Console) -> int:
    drives = find_drives(command.root, command.config)
    report = build(drives, command.cache, command.config, command.workers)
    counts = f"{len(report.built)} built, {len(report.kept)} kept, {len(report.skipped)} without a proper end"
    console.print(f"{len(drives)} drives: {counts}, {len(report.failed)} failed", highlight=False)
    for sentence in report.failed:
        console.print(sentence, style="red", highlight=False, soft_wrap=True, markup=False)
    if command.verify:
        _verify(RecordStore(command.cache, command.config), console)
    return FAILED if report.failed else 0


def _verify(store: RecordStore, console: Console) -> None:
    names = store.names()
    for name in names:
        store.drive(name).verify()
    console.print(f"the records of {len(names)} drives are whole", highlight=False)
