"""The routes that a benchmark consists of: how many, which, and where they can be had."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lead.routes import Route

_LISTED = 8


@dataclass(frozen=True)
class RouteSource:
    """Where route files can be had: a file, or a `.tar.gz` whose members in the folder `inside` are taken."""

    url: str
    inside: str = ""


@dataclass(frozen=True)
class RouteSet:
    """What is known of a benchmark's routes, for telling whether one has them all.

    `ids`: those in the route files; empty where only the `count` is known. `per_town`: number of routes of each town
    that it is known for. `per_type`: number of routes of every type of scenario; 0 where types differ in that.
    """

    count: int
    source: RouteSource
    ids: frozenset[str] = frozenset()
    per_town: Mapping[str, int] = field(default_factory=dict)
    per_type: int = 0

    def complaints(self, routes: Sequence[Route]) -> list[str]:
        """What does not fit in `routes`, one sentence each; empty when they are the benchmark's."""
        found = {route.id for route in routes}
        missing, foreign = self.ids - found, found - self.ids if self.ids else frozenset()
        complaints = [
            *([f"{len(routes)} of {self.count} routes are there"] if len(routes) != self.count else []),
            *([f"missing are {_listed(missing)}"] if missing else []),
            *([f"not of this benchmark are {_listed(foreign)}"] if foreign else []),
        ]
        return complaints or [*self._wrong_towns(routes), *self._wrong_types(routes)]

    def _wrong_towns(self, routes: Sequence[Route]) -> Iterator[str]:
        towns = Counter(route.town for route in routes)
        for town, count in self.per_town.items():
            if towns[town] != count:
                yield f"{town} has {towns[town]} routes instead of {count}"

    def _wrong_types(self, routes: Sequence[Route]) -> Iterator[str]:
        types = Counter(route.scenarios[0].type for route in routes if route.scenarios)
        wrong = [name for name, count in types.items() if count != self.per_type]
        if self.per_type and wrong:
            yield f"not {self.per_type} routes each have {_listed(wrong)}"


def _listed(names: Iterable[str]) -> str:
    """Some names, in natural order, and how many more there are."""
    ordered = sorted(names, key=lambda name: (len(name), name))
    more = len(ordered) - _LISTED
    return ", ".join(ordered[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _numbers(*ranges: range) -> frozenset[str]:
    return frozenset(str(number) for numbers in ranges for number in numbers)


_GITHUB_FILES = "https://raw.githubusercontent.com"
_GITHUB_ARCHIVES = "https://codeload.github.com"
_BENCH2DRIVE = f"{_GITHUB_FILES}/Thinklab-SJTU/Bench2Drive"
_LEAD = f"{_GITHUB_FILES}/kesai-labs/lead/c83c49b51f12b4b3896f16bbad474d4f095c6aa8/data/benchmark_routes"

BENCH2DRIVE_0_0_3 = RouteSet(
    count=220,
    source=RouteSource(f"{_BENCH2DRIVE}/087f74f5213be44c6e81b72eeaadd0246e5485a7/leaderboard/data/bench2drive220.xml"),
    per_town={
        "Town01": 4,
        "Town02": 4,
        "Town03": 11,
        "Town04": 12,
        "Town05": 9,
        "Town06": 6,
        "Town07": 5,
        "Town10HD": 4,
        "Town11": 7,
        "Town12": 104,
        "Town13": 47,
        "Town15": 7,
    },
    per_type=5,
)
BENCH2DRIVE_0_0_4 = RouteSet(
    count=220,
    source=RouteSource(
        f"{_BENCH2DRIVE}/7ec25d1c9f7522d923ce5f3420986cef1cb2d956/leaderboard/data/bench2drive_0.0.4_val.xml"
    ),
    per_town={"Town12": 130, "Town13": 41},
)
LONGEST6_2 = RouteSet(
    count=36,
    source=RouteSource(f"{_LEAD}/longest6.xml"),
    ids=_numbers(range(36)),
    per_town={f"Town0{number}": 6 for number in range(1, 7)},
)
TOWN13 = RouteSet(count=20, source=RouteSource(f"{_LEAD}/Town13.xml"), ids=_numbers(range(20)), per_town={"Town13": 20})
FAIL2DRIVE = RouteSet(
    count=200,
    source=RouteSource(
        f"{_GITHUB_ARCHIVES}/autonomousvision/fail2drive/tar.gz/93ad0fe06427d241bafcd2065086a0b91cf89d7e",
        inside="fail2drive_split",
    ),
    ids=_numbers(range(100), range(1000, 1100)),
    per_town={"Town13": 200},
)
