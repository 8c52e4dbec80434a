"""All types of scenario by their name in route files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from lead.routes import RouteError, ScenarioConfig
from lead.scenarios.parameters import ParameterError, parse_parameters, unused_parameters
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script
from lead.suggestions import suggest

_P = TypeVar("_P")
#: The modules that declare scenarios, a family each.
FAMILIES: tuple[str, ...] = (
    "lead.scenarios.obstacles",
    "lead.scenarios.construction",
    "lead.scenarios.invading",
    "lead.scenarios.disturbances",
    "lead.scenarios.cut_ins",
    "lead.scenarios.merging",
    "lead.scenarios.parking_exit",
    "lead.scenarios.pedestrians",
    "lead.scenarios.junctions",
    "lead.scenarios.bench2drive",
    "lead.scenarios.lead_routes",
    "lead.scenarios.fail2drive_obstacles",
    "lead.scenarios.fail2drive_construction",
    "lead.scenarios.fail2drive_walkers",
    "lead.scenarios.fail2drive_traffic",
    "lead.scenarios.fail2drive_images",
    "lead.scenarios.leaderboard1",
    "lead.scenarios.leaderboard1_junctions",
)


@dataclass(frozen=True)
class ScenarioType:
    """A type of scenario: its name, the dataclass of its parameters, and the script.

    `summary` is one sentence for the catalogue.
    """

    name: str
    parameters: type
    script: Callable[[Scene, Any], Script]
    summary: str


def scenario_types() -> Mapping[str, ScenarioType]:
    """Every type by name."""
    return {one.name: one for family in FAMILIES for one in _declared(family)}


def declare(name: str, parameters: type[_P], script: Callable[[Scene, _P], Script]) -> ScenarioType:
    """A type of scenario whose summary is the first sentence of its script's docstring."""
    summary = (script.__doc__ or "").strip().split("\n")[0]
    return ScenarioType(name, parameters, script, summary)


def find_scenario(config: ScenarioConfig, route_id: str) -> ScenarioType:
    """The type of a route's scenario. RouteError, naming route and scenario, when there is none."""
    types = scenario_types()
    if config.type in types:
        return types[config.type]
    place = f"route {route_id}, scenario {config.name}"
    raise RouteError(f"{place}: there is no scenario of type {config.type!r}{suggest(config.type, types)}")


def parameters_of(config: ScenarioConfig, route_id: str) -> tuple[Any, tuple[str, ...]]:
    """Parsed parameters, and the names of elements that have no effect. RouteError for malformed ones."""
    kind = find_scenario(config, route_id).parameters
    try:
        return parse_parameters(kind, config), unused_parameters(kind, config)
    except ParameterError as error:
        raise RouteError(f"route {route_id}: {error}") from None


@cache
def _declared(family: str) -> tuple[ScenarioType, ...]:
    return tuple(import_module(family).SCENARIOS)
