"""`lead data ...`: record data and look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lead.commands.collect import Collect, collect
from lead.commands.convert import Convert, convert
from lead.commands.exits import BAD_INPUT, FAILED, BadInputError, fail
from lead.commands.tables import scenario_table
from lead.recording.layout import RouteFolder
from lead.recording.layout.route import find_routes
from lead.recording.stats import Yield, count_routes, total
from lead.recording.verify import verify_route

_SHOWN = 50


@dataclass(frozen=True)
class Verify:
    """Read every file of the recorded routes in a folder and say which are damaged, missing or do not fit."""

    folder: tyro.conf.Positional[Path]
    """A route, or a folder with routes anywhere in it."""


@dataclass(frozen=True)
class Stats:
    """Say what was recorded: routes, hours, sizes, and how much can be trained on, by scenario type."""

    folder: tyro.conf.Positional[Path]
    """A route, or a folder with routes anywhere in it."""


_Command = (
    Annotated[Collect, tyro.conf.subcommand("collect")]
    | Annotated[Convert, tyro.conf.subcommand("convert")]
    | Annotated[Verify, tyro.conf.subcommand("verify")]
    | Annotated[Stats, tyro.conf.subcommand("stats")]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code. 0: all is well; 1: something is wrong with the data; 2: bad input."""
    command = tyro.cli(_Command, prog="lead data", args=arguments)
    console = Console()
    if isinstance(command, Collect):
        return collect(command, console)
    try:
        if isinstance(command, Convert):
            return convert(command, console)
        routes = _routes(command.folder)
    except BadInputError as error:
        return fail(error, BAD_INPUT)
    if isinstance(command, Verify):
        return _verify(routes, console)
    console.print(_table(count_routes(routes), console.width))
    return 0


def _routes(folder: Path) -> list[RouteFolder]:
    if not folder.is_dir():
        raise BadInputError(f"there is no folder {folder}")
    routes = find_routes(folder)
    if not routes:
        raise BadInputError(f"there are no recorded routes in {folder}")
    return routes


def _verify(routes: Sequence[RouteFolder], console: Console) -> int:
    count, bad = 0, 0
    for route in track(routes, description="Reading", console=console, transient=True):
        problems = list(verify_route(route))
        bad += bool(problems)
        for problem in problems[: max(_SHOWN - count, 0)]:
            console.print(str(problem), style="red", highlight=False, soft_wrap=True, markup=False)
        count += len(problems)
    if count > _SHOWN:
        console.print(f"... and {count - _SHOWN} more.")
    console.print(f"{len(routes)} routes read, {bad} of them with problems.", highlight=False)
    return FAILED if count else 0


def _table(yields: Sequence[Yield], width: int) -> Table:
    """`train`: frames of the accepted routes."""
    names = ("routes", "complete", "accepted", " frames", "  train", "hours", "   GB", "GB/h")
    table = scenario_table(names, width, 13)
    for one in [*yields, total(yields)]:
        counts = map(str, (one.routes, one.complete, one.accepted, one.frames, one.accepted_frames))
        table.add_row(
            one.scenario, *counts, f"{one.hours:.2f}", f"{one.size_bytes / 1e9:.2f}", f"{one.gb_per_hour:.2f}"
        )
    return table
