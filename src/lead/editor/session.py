"""What the page asks for: towns, places on lanes, plans, and the route file."""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lead.editor.documents import Json, from_json, to_json, types_json
from lead.editor.town_map import NEAR_M, TownMap
from lead.routes import Route, RouteError, Trace, read_routes, write_routes
from lead.routes.options import LANE_CHANGES
from lead.routes.towns import town_names
from lead.scenarios.director import passes_trigger
from lead.scenarios.places.weather import draw_weather
from lead.scenarios.registry import parameters_of

#: Keys of the page and the types of scenario that they put at the mouse.
KEYS = {
    "a": "Accident",
    "b": "BlockedIntersection",
    "c": "ConstructionObstacle",
    "d": "DynamicObjectCrossing",
    "e": "EnterActorFlow",
    "f": "HardBreakRoute",
    "g": "PriorityAtJunction",
    "h": "HazardAtSideLane",
    "i": "InvadingTurn",
    "j": "SignalizedJunctionLeftTurn",
    "k": "SignalizedJunctionRightTurn",
    "l": "ControlLoss",
    "m": "MergerIntoSlowTraffic",
    "o": "VehicleOpensDoorTwoWays",
    "p": "ParkedObstacle",
    "q": "PedestrianCrossing",
    "r": "OppositeVehicleRunningRedLight",
    "s": "StaticCutIn",
    "t": "VehicleTurningRoute",
    "u": "ParkingCutIn",
    "v": "YieldToEmergencyVehicle",
    "w": "ParkingCrossingPedestrian",
    "x": "ParkingExit",
}


@dataclass
class Session:
    """One edited file. `town`: where new routes begin. The file is never written over another's change.

    Routes that came from a file, or were planned for an earlier save, are not planned again, which would open a town.
    """

    file: Path
    town: str
    seed: int = 0
    _towns: dict[str, TownMap] = field(default_factory=dict)
    _seen: int | None = None
    _weathers: int = 0
    _known: set[str] = field(default_factory=set)

    def start(self) -> Json:
        """What the page needs first: the file's routes, towns, types of scenario and keys."""
        routes = list(read_routes(self.file)) if self.file.exists() else []
        self._seen = _age(self.file)
        return {
            "file": str(self.file),
            "town": routes[0].town if routes else self.town,
            "towns": list(town_names()),
            "types": types_json(),
            "keys": KEYS,
            "routes": self._shown(routes),
        }

    def drawing(self, town: str) -> Json:
        """A town's lanes."""
        return self._map(town).drawing()

    def snap(self, asked: Json) -> Json:
        """The place on a lane at `x`, `y` of `town`, no farther than `reach` m."""
        reach_m = max(NEAR_M, float(asked.get("reach", NEAR_M)))
        return dict(self._map(str(asked["town"])).snap(float(asked["x"]), float(asked["y"]), reach_m))

    def plan(self, asked: Json) -> Json:
        """The way of a `route`: points, length, lane changes, and what is wrong with its scenarios by name."""
        route = from_json(asked["route"])
        trace = self._map(route.town).trace(route.keypoints, route.id)
        changing = np.isin(trace.option, LANE_CHANGES)
        return {
            "points": trace.location[:, :2].round(1).ravel().tolist(),
            "length": round(trace.length_m, 1),
            "changes": int(np.count_nonzero(np.diff(changing.astype(int)) == 1)),
            "problems": problems(route, trace),
        }

    def weather(self, _: Json) -> Json:
        """A weather drawn at random."""
        self._weathers += 1
        frames = draw_weather(np.random.default_rng([self.seed, self._weathers]))
        return {"weathers": [{"percent": frame.route_percentage, **frame.parameters} for frame in frames]}

    def parse(self, asked: Json) -> Json:
        """The routes of another file, given as text."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(str(asked.get("name", "routes.xml"))).name
            path.write_text(str(asked["xml"]), encoding="utf-8")
            try:
                return {"routes": self._shown(read_routes(path))}
            except RouteError as error:
                raise RouteError(str(error).replace(f"{folder}/", "")) from None

    def xml(self, asked: Json) -> Json:
        """The text of the routes as a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "routes.xml"
            write_routes(path, self._complete(asked))
            return {"xml": path.read_text(encoding="utf-8")}

    def save(self, asked: Json) -> Json:
        """Write the routes. RouteError when one cannot be driven, or the file is not as this page last saw it."""
        routes = self._complete(asked)
        if _age(self.file) != self._seen:
            raise RouteError(f"{self.file} was changed by somebody else meanwhile: download this one, then reload")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_routes(self.file, routes)
        self._seen = _age(self.file)
        return {"file": str(self.file), "count": len(routes)}

    def _complete(self, asked: Json) -> list[Route]:
        """The routes that are asked for, each one planned. RouteError for none, for two of one id, without a way."""
        routes = [from_json(one) for one in asked["routes"]]
        if not routes:
            raise RouteError("there is no route to save")
        ids = [route.id for route in routes]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise RouteError(f"two routes have the id {twice[0]}")
        for route in routes:
            text = _text(to_json(route))
            if text in self._known:
                continue
            trace = self._map(route.town).trace(route.keypoints, route.id)
            for name, problem in problems(route, trace).items():
                raise RouteError(f"route {route.id}, {name}: {problem}")
            self._known.add(text)
        return routes

    def _shown(self, routes: Iterable[Route]) -> list[Json]:
        shown = [to_json(route) for route in routes]
        self._known.update(map(_text, shown))
        return shown

    def _map(self, town: str) -> TownMap:
        if town not in self._towns:
            self._towns[town] = TownMap.open(town)
        return self._towns[town]


def problems(route: Route, trace: Trace) -> dict[str, str]:
    """By the name of a scenario, why it could not be played on a planned route."""
    found = {}
    names: set[str] = set()
    for scenario in route.scenarios:
        problem = "" if scenario.name not in names else "two scenarios have this name"
        names.add(scenario.name)
        try:
            parameters_of(scenario, route.id)
        except RouteError as error:
            problem = str(error)
        if not problem and not passes_trigger(scenario.trigger, trace):
            problem = "the route does not pass its trigger point in this direction"
        if problem:
            found[scenario.name] = problem
    return found


def _text(route: Json) -> str:
    return json.dumps(route, sort_keys=True)


def _age(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None
