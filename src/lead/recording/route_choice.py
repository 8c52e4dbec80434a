"""Which routes a collection drives, and in which order."""

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from lead.evaluation.play import plan
from lead.routes import Route, RouteError, read_routes
from lead.scenarios.places.weather import draw_weather

NO_SCENARIOS = "noScenarios"
_SAME_PLACE_M = 3.0


@dataclass(frozen=True)
class Choice:
    """What is wanted of the routes there are; ValueError, one sentence, for what cannot be wanted.

    `per_type`: at most so many of each scenario type; `longest_m`: none that is longer; `seed` of their order.
    """

    per_type: int | None = None
    longest_m: float = math.inf
    seed: int = 0

    def __post_init__(self) -> None:
        if self.per_type is not None and self.per_type < 1:
            raise ValueError(f"at least one route of each scenario type must be wanted, not {self.per_type}")
        if self.longest_m <= 0.0:
            raise ValueError(f"the longest route must have some metres, not {self.longest_m:g}")


def gather(source: Path) -> tuple[list[Route], list[str]]:
    """The routes of a file, or of all `*.xml` in a folder and in those below it; and a sentence for each file or route
    that cannot be driven.
    """
    files = sorted(source.rglob("*.xml")) if source.is_dir() else [source]
    routes, complaints = [], []
    for file in files:
        try:
            found = read_routes(file)
        except RouteError as error:
            complaints.append(str(error))
            continue
        for route in found:
            try:
                plan(route)
                routes.append(route)
            except RouteError as error:
                complaints.append(f"{file}: {error}")
    return routes, complaints


def choose(routes: Sequence[Route], choice: Choice, others: Iterable[Route] = ()) -> list[Route]:
    """The routes to drive, in turns: one of each scenario type, then another of each, and so on.

    The routes of a type come from its towns in turn; within a round, those of one town follow each other. `others`:
    routes that are kept for other uses; those with the same id, and those whose scenario is the same in the same
    place, are left out.
    """
    kept_apart = _KeptApart(others)
    wanted = [one for one in routes if one.beeline_m <= choice.longest_m and one not in kept_apart]
    rng = np.random.default_rng(choice.seed)
    queues = [_town_by_town(group, rng)[: choice.per_type] for group in _grouped(wanted, type_of)]
    chosen: list[Route] = []
    for turn in zip_longest(*queues):
        towns = _grouped([one for one in turn if one is not None], _town_of)
        here = chosen[-1].town if chosen else ""
        chosen += [one for group in sorted(towns, key=lambda group: group[0].town != here) for one in group]
    return chosen


def with_own_ids(routes: Sequence[Route], source: Path) -> list[Route]:
    """The routes with ids that are unique: where routes of several files share one, the files tell them apart."""
    counts = Counter(route.id for route in routes)
    per_file = Counter(route.source for route in routes)

    def name(route: Route) -> str:
        parts = route.source.relative_to(source).with_suffix("").parts if source.is_dir() else (route.source.stem,)
        return "-".join(parts if per_file[route.source] == 1 else (*parts, route.id))

    return [route if counts[route.id] == 1 else replace(route, id=name(route)) for route in routes]


def with_drawn_weathers(routes: Sequence[Route], seed: int) -> list[Route]:
    """The routes each in a weather of its own, drawn by its id: the same whichever others there are."""
    return [
        replace(route, weathers=draw_weather(np.random.default_rng([seed, zlib.crc32(route.id.encode())])))
        for route in routes
    ]


def type_of(route: Route) -> str:
    """The type of a route's first scenario, by which its recording is filed."""
    return route.scenarios[0].type if route.scenarios else NO_SCENARIOS


class _KeptApart:
    """Routes for other uses; `in` tells whether a route is one of them, or as good as one."""

    def __init__(self, routes: Iterable[Route]):
        self._ids: set[str] = set()
        self._places: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for route in routes:
            self._ids.add(route.id)
            for scenario in route.scenarios:
                self._places[route.town, scenario.type].append(scenario.trigger[:2])

    def __contains__(self, route: Route) -> bool:
        return route.id in self._ids or any(
            math.dist(place, scenario.trigger[:2]) < _SAME_PLACE_M
            for scenario in route.scenarios
            for place in self._places.get((route.town, scenario.type), ())
        )


def _town_by_town(routes: Iterable[Route], rng: np.random.Generator) -> list[Route]:
    """Routes of one type in an order of chance, a town's turn after the other's."""
    towns = _grouped(routes, _town_of)
    shuffled = [[towns[town][row] for row in rng.permutation(len(towns[town]))] for town in rng.permutation(len(towns))]
    return [route for turn in zip_longest(*shuffled) for route in turn if route is not None]


def _town_of(route: Route) -> str:
    return route.town


def _grouped(routes: Iterable[Route], key: Callable[[Route], str]) -> list[list[Route]]:
    """Routes in groups of the same key, in the order of keys."""
    groups: Mapping[str, list[Route]] = defaultdict(list)
    for route in routes:
        groups[key(route)].append(route)
    return [groups[name] for name in sorted(groups)]
