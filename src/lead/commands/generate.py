"""`lead routes generate`: routes for scenarios, made from the map of a town."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lead.commands.exits import BadInputError
from lead.evaluation.proof import Prover, open_prover
from lead.routes import Route, write_routes
from lead.scenarios.places.generate import Accept, numbered, route_set
from lead.scenarios.registry import scenario_types
from lead.suggestions import suggest

ALL = "all"
#: How many routes may be driven for one that holds, and how many more.
_TRIES_EACH, _TRIES_MORE = 2, 3


def generate(
    town: tuple[str, ...],
    scenario: tuple[str, ...],
    count: int = 10,
    seed: int = 0,
    output: Path | None = None,
    prove: bool = False,
    agent: str = "route_follower",
    prove_seconds: float = 60.0,
):
    """Make routes for scenarios: places that have what a type needs, parameters and weathers drawn at random.

    Args:
        town: Towns to look in; with several, the types take turns with them.
        scenario: Types of scenario, or all.
        count: Routes for each type.
        seed: The same seed makes the same file.
        output: The route file; by default routes/<town>_<scenario>.xml.
        prove: Drive every route in carlet, and keep those whose scenario was really played.
        agent: Who drives for the proof: route_follower or expert.
        prove_seconds: Simulated seconds of each proof at most.
    """
    if count < 1:
        raise BadInputError(f"--count {count} is no number of routes")
    kinds = _kinds(scenario)
    path = output or Path("routes") / f"{'_'.join(town)}_{'_'.join(scenario)}.xml"
    console = Console()
    with ExitStack() as stack:
        prover = stack.enter_context(open_prover(agent, prove_seconds, seed)) if prove else None
        accept = _every if prover is None else _proving(prover, kinds, path, console)
        tries = _TRIES_EACH * count + _TRIES_MORE if prove else count
        routes = route_set(town, kinds, count, seed, accept, tries)
    if not routes:
        raise BadInputError(f"{', '.join(town)} has no place for {', '.join(scenario)}")
    _write(path, kinds, routes)
    console.print(_table(kinds, routes, count))
    console.print(f"{path}: {len(routes)} routes", highlight=False, soft_wrap=True)


def _kinds(asked: Sequence[str]) -> list[str]:
    known = sorted(scenario_types())
    for kind in asked:
        if kind not in known and asked != (ALL,):
            hint = suggest(kind, known) or "; `lead scenarios list` names all"
            raise BadInputError(f"there is no scenario of type {kind!r}{hint}")
    return known if asked == (ALL,) else list(asked)


def _every(_: Route) -> bool:
    return True


def _proving(prover: Prover, kinds: Sequence[str], path: Path, console: Console) -> Accept:
    """Accepts what is proven; the file has all that are proven so far, should the rest be given up."""
    proven: list[Route] = []

    def accept(route: Route) -> bool:
        proof = prover.prove(route)
        if proof.holds:
            proven.append(route)
            _write(path, kinds, proven)
        what = f"played, {proof.completion:.0f} % driven" if proof.holds else f"left out: {proof.reason}"
        console.print(f"{route.scenarios[0].type} in {route.town}: {what}", highlight=False, soft_wrap=True)
        return proof.holds

    return accept


def _write(path: Path, kinds: Sequence[str], routes: Sequence[Route]) -> None:
    """Write routes in the order of their types, with ids from 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_routes(path, numbered(sorted(routes, key=lambda route: kinds.index(route.scenarios[0].type))))


def _table(kinds: Sequence[str], routes: Sequence[Route], count: int) -> Table:
    """How many routes each type has; those that miss some are marked."""
    table = Table("type", "routes", "towns", box=None, pad_edge=False)
    for kind in kinds:
        towns = [route.town for route in routes if route.scenarios[0].type == kind]
        missing = f" of {count}" if len(towns) < count else ""
        table.add_row(kind, f"{len(towns)}{missing}", " ".join(sorted(set(towns))))
    return table
