"""The command `lead scenarios`: name the types of scenario, and write their catalogue with pictures."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import tyro
from rich.console import Console
from rich.table import Table

from lead.commands.exits import BAD_INPUT, FAILED, BadInputError, fail
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.stage import Stage, open_stage
from lead.evaluation.stills import StillError, take_still
from lead.files import write_bytes
from lead.routes import Route, RouteError, ScenarioConfig, read_routes
from lead.scenarios.catalogue import CHAPTERS, Entry
from lead.scenarios.catalogue.page import page
from lead.scenarios.registry import scenario_types
from lead.simulator import ServerConfig, SimulatorError

logger = logging.getLogger(__name__)

PAGE = "README.md"
_JPEG_QUALITY = 82
_Place = tuple[Route, ScenarioConfig]


@dataclass(frozen=True)
class ListTypes:
    """Name every type of scenario, with a sentence on what happens."""


@dataclass(frozen=True)
class WriteCatalogue:
    """Write the catalogue of scenarios as Markdown, with a picture from above of each, taken in carlet.

    Pictures that are there already are kept; delete one to have it taken again.
    """

    routes: Path
    """Folder of the route files, with a folder for each benchmark."""
    output: Path
    """Where the page and the pictures go."""
    pictures: bool = True
    """Take the pictures that are missing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or the `arguments` given, and return the exit code.

    0: done; 1: no simulator; 2: bad input.
    """
    commands = {"list": ListTypes, "catalogue": WriteCatalogue}
    command = tyro.extras.subcommand_cli_from_dict(commands, prog="lead scenarios", args=arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return list_types() if isinstance(command, ListTypes) else write_catalogue(command)
    except (BadInputError, RouteError) as error:
        return fail(error, BAD_INPUT)
    except SimulatorError as error:
        return fail(error, FAILED)


def list_types() -> int:
    """Print all types."""
    table = Table("type", "what happens", box=None, pad_edge=False)
    for name, kind in sorted(scenario_types().items()):
        table.add_row(name, kind.summary)
    Console().print(table)
    return 0


def write_catalogue(command: WriteCatalogue) -> int:
    """Take the missing pictures and write the page."""
    if not command.routes.is_dir():
        raise BadInputError(f"there is no folder {command.routes}")
    folders = sorted(folder for folder in command.routes.iterdir() if folder.is_dir() and any(folder.rglob("*.xml")))
    benchmarks = {folder.name: read_routes(folder) for folder in folders or [command.routes]}
    command.output.mkdir(parents=True, exist_ok=True)
    entries = [entry for chapter in CHAPTERS for entry in chapter.entries]
    if command.pictures:
        _take_pictures(entries, [route for routes in benchmarks.values() for route in routes], command.output)
    taken = {path.stem for path in command.output.glob("*.jpg")}
    text = page(CHAPTERS, scenario_types(), uses_of(benchmarks), taken)
    draft = command.output / f".{PAGE}"
    draft.write_text(text, encoding="utf-8")
    draft.replace(command.output / PAGE)
    Console().print(f"{command.output / PAGE}: {len(entries)} entries, {len(taken)} pictures", highlight=False)
    return 0


def uses_of(benchmarks: Mapping[str, Sequence[Route]]) -> dict[str, set[str]]:
    """By type, the benchmarks whose routes have it."""
    uses: dict[str, set[str]] = {}
    for name, routes in benchmarks.items():
        for scenario in (one for route in routes for one in route.scenarios):
            uses.setdefault(scenario.type, set()).add(name)
    return uses


def find_places(entry: Entry, routes: Sequence[Route]) -> list[_Place]:
    """Where the first type of an entry can be seen, the shortest routes with the fewest scenarios first.

    Where no route has it, those of the type that its example names.
    """
    kind, example = entry.types[0], entry.example
    in_order = sorted(routes, key=lambda route: (len(route.scenarios), len(route.keypoints)))
    found = _scenarios(in_order, kind)
    if found or example is None:
        return found
    return [
        (route, dataclasses.replace(one, type=kind, parameters={**one.parameters, **example.parameters}))
        for route, one in _scenarios(in_order, example.like)
    ]


def _scenarios(routes: Sequence[Route], kind: str) -> list[_Place]:
    """The routes that have a type, and the first scenario of it."""
    firsts = [(route, next((one for one in route.scenarios if one.type == kind), None)) for route in routes]
    return [(route, one) for route, one in firsts if one is not None]


def _take_pictures(entries: Sequence[Entry], routes: Sequence[Route], folder: Path) -> None:
    places = {entry.types[0]: find_places(entry, routes) for entry in entries}
    missing = {kind: found for kind, found in places.items() if found and not (folder / f"{kind}.jpg").exists()}
    if not missing:
        return
    with open_stage(EvaluationConfig("route_follower", Path(), Path(), server=ServerConfig())) as stage:
        # To load a town takes longer than most of the drives.
        for kind, found in sorted(missing.items(), key=lambda one: one[1][0][0].town):
            _take_picture(stage, found, folder / f"{kind}.jpg")


def _take_picture(stage: Stage, places: Sequence[_Place], path: Path) -> None:
    """Write the picture of the first of some places at which there is one."""
    for route, scenario in places[:3]:
        try:
            image = take_still(stage, route, scenario)
        except StillError as error:
            logger.warning("%s: %s", path.stem, error)
            continue
        write_bytes(path, cv2.imencode(path.suffix, image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes())
        return
