"""Routes as the page has them: plain values that JSON can carry, and back."""

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

import numpy as np

from lead.routes import Route, RouteError, ScenarioConfig, WeatherKeyframe
from lead.scenarios.parameters import Interval, Objects, Place, Side
from lead.scenarios.registry import ScenarioType, scenario_types

Json = dict[str, Any]


def to_json(route: Route) -> Json:
    """A route as plain values."""
    return {
        "id": route.id,
        "town": route.town,
        "keypoints": route.keypoints.tolist(),
        "weathers": [{"percent": frame.route_percentage, **frame.parameters} for frame in route.weathers],
        "scenarios": [
            {
                "name": scenario.name,
                "type": scenario.type,
                "trigger": list(scenario.trigger),
                "more_triggers": [list(one) for one in scenario.more_triggers],
                "parameters": {name: dict(values) for name, values in scenario.parameters.items()},
            }
            for scenario in route.scenarios
        ],
        "attributes": dict(route.attributes),
    }


def from_json(data: Json) -> Route:
    """A route of plain values. RouteError when something is missing or of the wrong kind."""
    try:
        return Route(
            id=str(data["id"]),
            town=str(data["town"]),
            keypoints=np.array(data["keypoints"], dtype=np.float64).reshape(-1, 3),
            weathers=tuple(map(_weather, data.get("weathers", ()))),
            scenarios=tuple(map(_scenario, data.get("scenarios", ()))),
            attributes={str(name): str(value) for name, value in data.get("attributes", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RouteError(f"this is no route: {type(error).__name__} {error}") from None


def types_json() -> list[Json]:
    """All types of scenario, with what they do and the attributes of their parameters with default values."""
    return [
        {"name": name, "summary": kind.summary, "parameters": _defaults(kind), "places": _places(kind)}
        for name, kind in sorted(scenario_types().items())
    ]


def _defaults(kind: ScenarioType) -> dict[str, dict[str, str]]:
    """The parameters that have one number or word, with their defaults."""
    found = {}
    for field in dataclasses.fields(kind.parameters):
        default = field.default
        if isinstance(default, Interval):
            found[field.name] = {"from": f"{default.low:g}", "to": f"{default.high:g}"}
        elif isinstance(default, Side):
            found[field.name] = {"value": default.value}
        elif isinstance(default, float):
            found[field.name] = {"value": f"{default:g}"}
        elif isinstance(default, str) and default:
            found[field.name] = {"value": default}
        elif get_type_hints(kind.parameters)[field.name] == Objects:
            found[field.name] = {"object_1": "id=static.prop.streetbarrier x=0 y=0.5 yaw=90"}
    return found


def _places(kind: ScenarioType) -> list[str]:
    """The parameters that are places, which are to be clicked."""
    hints = get_type_hints(kind.parameters)
    return [field.name for field in dataclasses.fields(kind.parameters) if hints[field.name] is Place]


def _weather(data: Mapping[str, Any]) -> WeatherKeyframe:
    return WeatherKeyframe(
        float(data["percent"]), {str(name): float(value) for name, value in data.items() if name != "percent"}
    )


def _scenario(data: Mapping[str, Any]) -> ScenarioConfig:
    parameters = {
        str(name): {str(key): str(value) for key, value in values.items()}
        for name, values in data.get("parameters", {}).items()
    }
    triggers = [_trigger(one) for one in (data["trigger"], *data.get("more_triggers", ()))]
    return ScenarioConfig(str(data["name"]), str(data["type"]), triggers[0], parameters, tuple(triggers[1:]))


def _trigger(values: Any) -> tuple[float, float, float, float]:
    x, y, z, yaw_deg = map(float, values)
    return x, y, z, yaw_deg
