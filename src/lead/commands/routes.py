"""`lead routes`: what route files hold, getting those of the benchmarks, and making new ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from lead.agents import AgentLoadError
from lead.commands.edit import edit
from lead.commands.exits import BAD_INPUT, FAILED, INTERRUPTED, BadInputError, fail
from lead.commands.generate import generate
from lead.evaluation.protocol import PROTOCOLS
from lead.evaluation.route_download import DownloadError, download
from lead.evaluation.route_sets import RouteSet, RouteSource
from lead.evaluation.stage import TownError
from lead.routes import Route, RouteError, read_routes
from lead.simulator import SimulatorError

#: What `fetch` knows: the protocols with routes of their own, and the short names of those with one usual version.
SHORT_NAMES: Mapping[str, str] = MappingProxyType({"bench2drive": "bench2drive@0.0.3", "longest6": "longest6@2"})

Positional = tyro.conf.Positional


def info(path: Annotated[Path, Positional], /):
    """Show what a route file or a folder of route files holds.

    Args:
        path: Route file, or folder of route files.
    """
    routes = read_routes(path)
    console = Console()
    console.print(_towns_table(path, routes))
    console.print(_types_table(routes))


def fetch(benchmark: Annotated[str, Positional], /, to: Path | None = None, source: str | None = None):
    """Get the route files of a benchmark, unless they are there already, and check that they are complete.

    Args:
        benchmark: bench2drive, bench2drive@0.0.4, longest6, town13 or fail2drive.
        to: Folder for the route files; by default routes/<benchmark>. What is in it is checked and kept.
        source: Another address, or a file that was downloaded elsewhere, in place of the benchmark's own.
    """
    name = SHORT_NAMES.get(benchmark, benchmark)
    routes = _routes_of(name)
    folder = to if to is not None else Path("routes") / benchmark
    console = Console()
    if not any(folder.glob("*.xml")):
        origin = RouteSource(source, routes.source.inside) if source else routes.source
        console.print(f"Fetching {origin.url}", highlight=False, soft_wrap=True)
        download(origin, folder)
    complaints = routes.complaints(read_routes(folder))
    if complaints:
        raise BadInputError(f"{folder} is not what {name} is driven on: {'; '.join(complaints)}")
    console.print(f"{folder}: all {routes.count} routes of {name}", highlight=False, soft_wrap=True)


def _routes_of(name: str) -> RouteSet:
    routes = PROTOCOLS[name].routes if name in PROTOCOLS else None
    if routes is None:
        known = ", ".join(protocol.name for protocol in PROTOCOLS.values() if protocol.routes is not None)
        raise BadInputError(f"there is no benchmark {name!r} with routes of its own; known are {known}")
    return routes


def _towns_table(path: Path, routes: Sequence[Route]) -> Table:
    table = Table(title=f"{path}: {len(routes)} routes")
    for name in ("town", "routes", "scenarios", "km between keypoints"):
        table.add_column(name, justify="left" if name == "town" else "right")
    for town in sorted({route.town for route in routes}):
        there = [route for route in routes if route.town == town]
        table.add_row(town, *_sums(there))
    table.add_section()
    table.add_row("all", *_sums(routes))
    return table


def _sums(routes: Sequence[Route]) -> tuple[str, str, str]:
    scenarios = sum(len(route.scenarios) for route in routes)
    return str(len(routes)), str(scenarios), f"{sum(route.beeline_m for route in routes) / 1000.0:.1f}"


def _types_table(routes: Sequence[Route]) -> Table:
    counts = Counter(scenario.type for route in routes for scenario in route.scenarios)
    table = Table(title=f"{len(counts)} scenario types")
    table.add_column("type")
    table.add_column("scenarios", justify="right")
    for name in sorted(counts):
        table.add_row(name, str(counts[name]))
    return table


def main(arguments: Sequence[str]) -> int:
    """Run `lead routes ARGUMENTS` and return the exit code."""
    commands = {"info": info, "fetch": fetch, "generate": generate, "edit": edit}
    try:
        tyro.extras.subcommand_cli_from_dict(commands, prog="lead routes", args=arguments)
    except (BadInputError, RouteError, AgentLoadError) as error:
        return fail(error, BAD_INPUT)
    except (DownloadError, SimulatorError, TownError) as error:
        return fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
