"""Route files of CARLA Leaderboard 2: routes with their keypoints, weathers and scenarios, read and written."""

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import carla
import numpy as np
from numpy.typing import NDArray

from lead.files import replacing
from lead.routes.errors import RouteError
from lead.routes.markup import Element, parse_xml
from lead.suggestions import suggest

Trigger = tuple[float, float, float, float]

#: Parameters of `carla.WeatherParameters`, in its order.
WEATHER_PARAMETERS = (
    "cloudiness",
    "precipitation",
    "precipitation_deposits",
    "wind_intensity",
    "sun_azimuth_angle",
    "sun_altitude_angle",
    "fog_density",
    "fog_distance",
    "fog_falloff",
    "wetness",
    "scattering_intensity",
    "mie_scattering_scale",
    "rayleigh_scattering_scale",
    "dust_storm",
)

#: The leaderboard's weather for a route that names none.
DEFAULT_WEATHER: Mapping[str, float] = MappingProxyType({"cloudiness": 50.0, "sun_altitude_angle": 70.0})

# Half of LEAD's published training routes spell the weather at 0 % this way.
_WEATHER_TAGS = ("weather", "weathis_juncer")


@dataclass(frozen=True)
class WeatherKeyframe:
    """Weather at a point of the route: percent of its length and values of `carla.WeatherParameters` by name."""

    route_percentage: float
    parameters: Mapping[str, float]

    def to_carla(self) -> carla.WeatherParameters:
        """The weather as CARLA takes it; what is not named keeps CARLA's default."""
        return weather_to_carla(self.parameters)


@dataclass(frozen=True)
class ScenarioConfig:
    """A scenario of a route.

    `trigger`: x, y, z (m) and yaw (deg) in the world. `parameters`: the raw attributes of every other child element,
    by the child's tag. `more_triggers`: the second and later trigger points, which few files have.
    """

    name: str
    type: str
    trigger: Trigger
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    more_triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, eq=False)
class Route:
    """A route: `keypoints` (n, 3) in the world (m), weathers by rising percentage, scenarios in the file's order.

    `source`: the file it came from. `attributes`: further attributes of the route element, such as `road_id`.
    """

    id: str
    town: str
    keypoints: NDArray[np.float64]
    weathers: tuple[WeatherKeyframe, ...] = ()
    scenarios: tuple[ScenarioConfig, ...] = ()
    source: Path = Path()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def beeline_m(self) -> float:
        """Length of the straight lines between the keypoints, m."""
        return float(np.linalg.norm(np.diff(self.keypoints, axis=0), axis=1).sum())


def read_routes(path: Path) -> tuple[Route, ...]:
    """All routes of a file, or of every `*.xml` of a directory in natural order (2 before 10).

    RouteError, one sentence with file, line and route id, for anything that is no route file of the leaderboard,
    for a route with fewer than two keypoints, and for two routes with one id.
    """
    path = Path(path)
    files = sorted(path.glob("*.xml"), key=_natural_key) if path.is_dir() else [path]
    if not files:
        raise RouteError(f"{path}: the directory holds no route file (*.xml)")
    routes = tuple(route for file in files for route in _read_file(file))
    _refuse_duplicates(routes)
    return routes


def write_routes(path: Path, routes: Iterable[Route]) -> None:
    """Write a route file that `read_routes` reads back equal; the file appears complete or not at all."""
    root = ElementTree.Element("routes")
    for route in routes:
        root.append(_route_to_xml(route))
    ElementTree.indent(root)
    with replacing(Path(path)) as unfinished:
        ElementTree.ElementTree(root).write(unfinished, encoding="UTF-8", xml_declaration=True)


def weather_at(weathers: Sequence[WeatherKeyframe], percent: float) -> Mapping[str, float]:
    """Weather parameters at `percent` of the route: linear between keyframes, constant before and after them.

    A parameter that only some keyframes name has CARLA's default in the others. Without keyframes it is
    `DEFAULT_WEATHER`.
    """
    if not weathers:
        return DEFAULT_WEATHER
    frames = sorted(weathers, key=lambda frame: frame.route_percentage)
    percentages = [frame.route_percentage for frame in frames]
    default = carla.WeatherParameters()
    names = [name for name in WEATHER_PARAMETERS if any(name in frame.parameters for frame in frames)]
    values = {name: [frame.parameters.get(name, getattr(default, name)) for frame in frames] for name in names}
    return {name: float(np.interp(percent, percentages, values[name])) for name in names}


def weather_to_carla(parameters: Mapping[str, float]) -> carla.WeatherParameters:
    """Parameters by name, such as `weather_at` gives, as CARLA takes them; the others keep CARLA's default."""
    weather = carla.WeatherParameters()
    for name, value in parameters.items():
        setattr(weather, name, float(value))
    return weather


@dataclass(frozen=True)
class _Place:
    """Where in which file the reader is, for messages."""

    path: Path
    route_id: str | None = None

    def error(self, element: Element, problem: str) -> RouteError:
        route = "" if self.route_id is None else f", route {self.route_id}"
        return RouteError(f"{self.path}, line {element.line}{route}: {problem}")

    def text(self, element: Element, name: str) -> str:
        value = element.attributes.get(name)
        if not value:
            raise self.error(element, f"<{element.tag}> has no attribute {name!r}")
        return value

    def number(self, element: Element, name: str) -> float:
        text = self.text(element, name)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(element, f"{name}={text!r} of <{element.tag}> is not a finite number")
        return value

    def numbers(self, element: Element, names: Sequence[str]) -> tuple[float, ...]:
        return tuple(self.number(element, name) for name in names)


def _read_file(path: Path) -> list[Route]:
    root = parse_xml(path)
    place = _Place(path)
    if root.tag != "routes":
        raise place.error(root, f"the root element is <{root.tag}>, not <routes>")
    routes = [_read_route(place, element) for element in _only(place, root, "route")]
    if not routes:
        raise place.error(root, "the file holds no route")
    return routes


def _read_route(file_place: _Place, element: Element) -> Route:
    route_id = file_place.text(element, "id")
    place = _Place(file_place.path, route_id)
    town = place.text(element, "town")
    parts = _parts(place, element, ("weathers", "waypoints", "scenarios"))
    positions = [place.numbers(point, "xyz") for point in _only(place, parts.get("waypoints"), "position")]
    if len(positions) < 2:
        raise place.error(element, f"a route needs at least two keypoints, this one has {len(positions)}")
    weathers = [_read_weather(place, weather) for weather in _only(place, parts.get("weathers"), *_WEATHER_TAGS)]
    return Route(
        id=route_id,
        town=town,
        keypoints=np.array(positions),
        weathers=tuple(sorted(weathers, key=lambda frame: frame.route_percentage)),
        scenarios=tuple(_read_scenario(place, one) for one in _only(place, parts.get("scenarios"), "scenario")),
        source=place.path,
        attributes={name: value for name, value in element.attributes.items() if name not in ("id", "town")},
    )


def _read_weather(place: _Place, element: Element) -> WeatherKeyframe:
    names = [name for name in element.attributes if name != "route_percentage"]
    for name in names:
        if name not in WEATHER_PARAMETERS:
            hint = suggest(name, WEATHER_PARAMETERS)
            raise place.error(element, f"CARLA's weather has no parameter {name!r}{hint}")
    percentage = place.number(element, "route_percentage")
    if not 0.0 <= percentage <= 100.0:
        raise place.error(element, f"route_percentage={percentage:g} is not between 0 and 100")
    return WeatherKeyframe(percentage, {name: place.number(element, name) for name in names})


def _read_scenario(place: _Place, element: Element) -> ScenarioConfig:
    name, kind = place.text(element, "name"), place.text(element, "type")
    triggers = [_read_trigger(place, point) for point in element.all("trigger_point")]
    if not triggers:
        raise place.error(element, f"scenario {name!r} has no <trigger_point>")
    parameters: dict[str, Mapping[str, str]] = {}
    for child in element.children:
        if child.tag in parameters:
            raise place.error(child, f"scenario {name!r} gives <{child.tag}> twice")
        if child.tag != "trigger_point":
            parameters[child.tag] = child.attributes
    return ScenarioConfig(name, kind, triggers[0], parameters, tuple(triggers[1:]))


def _read_trigger(place: _Place, element: Element) -> Trigger:
    x, y, z, yaw_deg = place.numbers(element, ("x", "y", "z", "yaw"))
    return x, y, z, yaw_deg


def _parts(place: _Place, route: Element, tags: Sequence[str]) -> dict[str, Element]:
    parts: dict[str, Element] = {}
    for part in _only(place, route, *tags):
        if part.tag in parts:
            raise place.error(part, f"<{part.tag}> appears twice in one route")
        parts[part.tag] = part
    return parts


def _only(place: _Place, parent: Element | None, *tags: str) -> list[Element]:
    children = [] if parent is None else parent.children
    for child in children:
        if child.tag not in tags:
            expected = " or ".join(f"<{tag}>" for tag in tags if tag != "weathis_juncer")
            raise place.error(child, f"<{child.tag}> is not known here, expected {expected}")
    return children


def _refuse_duplicates(routes: Sequence[Route]) -> None:
    first: dict[str, Route] = {}
    for route in routes:
        other = first.setdefault(route.id, route)
        if other is route:
            continue
        if other.source == route.source:
            raise RouteError(f"{route.source}, route {route.id}: the file holds two routes with this id")
        raise RouteError(f"route {route.id}: the id is used in both {other.source} and {route.source}")


def _natural_key(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _route_to_xml(route: Route) -> ElementTree.Element:
    root = ElementTree.Element("route", {"id": route.id, "town": route.town, **route.attributes})
    weathers = ElementTree.SubElement(root, "weathers")
    for frame in route.weathers:
        numbers = {"route_percentage": frame.route_percentage, **frame.parameters}
        ElementTree.SubElement(weathers, "weather", _texts(numbers))
    waypoints = ElementTree.SubElement(root, "waypoints")
    for x, y, z in route.keypoints:
        ElementTree.SubElement(waypoints, "position", _texts({"x": x, "y": y, "z": z}))
    scenarios = ElementTree.SubElement(root, "scenarios")
    for scenario in route.scenarios:
        scenarios.append(_scenario_to_xml(scenario))
    return root


def _scenario_to_xml(scenario: ScenarioConfig) -> ElementTree.Element:
    root = ElementTree.Element("scenario", {"name": scenario.name, "type": scenario.type})
    for x, y, z, yaw_deg in (scenario.trigger, *scenario.more_triggers):
        ElementTree.SubElement(root, "trigger_point", _texts({"x": x, "y": y, "z": z, "yaw": yaw_deg}))
    for tag, attributes in scenario.parameters.items():
        ElementTree.SubElement(root, tag, dict(attributes))
    return root


def _texts(numbers: Mapping[str, float]) -> dict[str, str]:
    return {name: repr(float(value)) for name, value in numbers.items()}
