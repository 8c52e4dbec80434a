"""Routes made of places: checked as routes, apart from each other, the same for the same seed."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from lead.routes import Route, RouteError, ScenarioConfig, Trace, trace_route
from lead.routes.options import LANE_CHANGES
from lead.routes.towns import open_town
from lead.scenarios.director import passes_trigger
from lead.scenarios.places.place import Place
from lead.scenarios.places.roads import Roads
from lead.scenarios.places.table import NEEDS
from lead.scenarios.places.weather import draw_weather
from lead.scenarios.registry import parameters_of

#: Triggers of the routes of one type are this far apart (m).
APART_M = 60.0
#: Says whether a route is good enough to be kept.
Accept = Callable[[Route], bool]
_OFF_WAY_M = 0.6
_LONGER = 1.1


@dataclass(frozen=True)
class Generator:
    """Makes routes for a town, each with one scenario; triggers of one type are `apart_m` metres from each other."""

    roads: Roads
    seed: int = 0
    apart_m: float = APART_M

    def routes(self, kind: str) -> Iterator[Route]:
        """Routes for a type of scenario, as many as are asked for or the town has room for, all with the id 0."""
        rng = np.random.default_rng([self.seed, zlib.crc32(self.roads.town.encode()), zlib.crc32(kind.encode())])
        taken: list[np.ndarray] = []
        for place in NEEDS[kind].places(self.roads, rng):
            here = np.array(place.trigger[:3])
            is_free = all(np.linalg.norm(here - other) >= self.apart_m for other in taken)
            if is_free and fits_town(self.roads, place):
                taken.append(here)
                yield route_of(self.roads.town, kind, place, rng)


def route_of(town: str, kind: str, place: Place, rng: np.random.Generator) -> Route:
    """A route through a place with its scenario, in so far as the type has the parameters, and a weather of its own."""
    scenario = ScenarioConfig(f"{kind}_1", kind, place.trigger, place.parameters)
    unused = parameters_of(scenario, "0")[1]
    known = {name: value for name, value in place.parameters.items() if name not in unused}
    scenarios = (replace(scenario, parameters=known),)
    return Route(id="0", town=town, keypoints=place.keypoints, weathers=draw_weather(rng), scenarios=scenarios)


def numbered(routes: Sequence[Route]) -> list[Route]:
    """Routes with ids in their order, from 0."""
    return [replace(route, id=str(index)) for index, route in enumerate(routes)]


def fits_town(roads: Roads, place: Place) -> bool:
    """Whether the planner leads a route where the place means it to go, and past its trigger."""
    try:
        trace = trace_route(roads.graph, place.keypoints)
    except RouteError:
        return False
    if not passes_trigger(place.trigger, trace):
        return False
    return _changes(trace) >= place.changes if place.way is None else _follows(trace, place)


def _follows(trace: Trace, place: Place) -> bool:
    way = place.way
    if way is None or np.isin(trace.option, LANE_CHANGES).any() or trace.length_m > _LONGER * way.length_m + 5.0:
        return False
    nearest = [float(np.linalg.norm(way.point - row, axis=1).min()) for row in trace.location]
    return max(nearest) < _OFF_WAY_M


def _changes(trace: Trace) -> int:
    """How often a route changes lanes."""
    changing = np.isin(trace.option, LANE_CHANGES)
    return int(np.count_nonzero(changing[1:] & ~changing[:-1])) + int(changing[0])


def route_set(
    towns: Sequence[str], kinds: Sequence[str], count: int, seed: int, accept: Accept, tries: int
) -> list[Route]:
    """`count` routes a type, in the order of types; fewer where the towns have no more that are accepted.

    Types take turns with the towns: each begins in another one and goes on in the next when that has no more. A town is
    opened once a turn. At most `tries` routes of a type are asked about in one town.
    """
    kept: dict[str, list[Route]] = {kind: [] for kind in kinds}
    makers: dict[str, Generator] = {}
    for turn in range(len(towns)):
        for number, town in enumerate(towns):
            here = [kind for index, kind in enumerate(kinds) if (index + turn) % len(towns) == number]
            wanting = [kind for kind in here if len(kept[kind]) < count]
            if wanting and town not in makers:
                makers[town] = Generator(Roads(town, open_town(town)), seed)
            for kind in wanting:
                made = islice(makers[town].routes(kind), tries)
                kept[kind] += islice(filter(accept, made), count - len(kept[kind]))
    return [route for kind in kinds for route in kept[kind]]
