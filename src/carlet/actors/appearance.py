"""What actors look like: measures for the models of vehicles, and the colours of an actor."""

import json
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.actors.blueprints import Blueprint
from carlet.models.vehicles import VehicleFacts

Tints = NDArray[np.float64]
#: Wheels of two-wheelers stand one behind the other.
_DEFAULT_WHEELBASE, _DEFAULT_TRACK, _DEFAULT_RADIUS = 2.8, 1.6, 0.35
#: Even black paint gives back some light.
_DARKEST = 0.012
_CLOTHES = ((0.32, 0.05, 0.04), (0.04, 0.10, 0.28), (0.05, 0.05, 0.055), (0.42, 0.40, 0.36), (0.50, 0.27, 0.03))
_SKINS = ((0.62, 0.42, 0.32), (0.48, 0.29, 0.19), (0.28, 0.15, 0.09), (0.55, 0.36, 0.25))
_WHITE = (1.0, 1.0, 1.0)


def vehicle_facts(blueprint: Blueprint) -> VehicleFacts:
    """The measures of a vehicle's blueprint. KeyError when it is no vehicle of the library."""
    raw = _packaged()[blueprint.id]
    track = raw.get("track") or {}
    radii = _value(raw.get("wheel_radius_cm"), [100.0 * _DEFAULT_RADIUS] * 4)
    return VehicleFacts(
        type_id=blueprint.id,
        box_centre=blueprint.box_centre,
        box_extent=blueprint.box_extent,
        wheelbase=float(_value(raw.get("wheelbase"), _DEFAULT_WHEELBASE)),
        track=(
            float(_value(track.get("front"), _DEFAULT_TRACK)),
            float(_value(track.get("rear"), _DEFAULT_TRACK)),
        ),
        radius=(radii[0] / 100.0, radii[-1] / 100.0),
        base_type=str(_value(raw.get("base_type"), "") or "car"),
        special_type=str(_value(raw.get("special_type"), "")),
        tag=blueprint.semantic_tag,
        moving_doors=bool(_value(raw.get("has_dynamic_doors"), False)),
    )


def tints(blueprint: Blueprint, attributes: Mapping[str, str]) -> Tints:
    """Linear colours (3, 3) of an actor: its paint, its second colour (a rider's jacket), its skin.

    `attributes` are the actor's, by id; what is missing has the blueprint's default. A `color` that is none leaves the
    vehicle white: an actor is drawn whatever its client sent.
    """
    given = {name: value for name, (_, value) in blueprint.full_attributes(attributes).items()}
    paint = _paint(given.get("color", ""))
    driver = f"{blueprint.id} {given.get('driver_id', '')}"
    second = _pick(_CLOTHES, driver) if "driver_id" in given else _WHITE
    return np.array([paint, second, _pick(_SKINS, driver[::-1])])


def linear_colour(text: str) -> NDArray[np.float64]:
    """The linear colour (3,) of an sRGB "r,g,b" from 0 to 255, black lifted a little. ValueError when it is none."""
    parts = text.split(",")
    if len(parts) != 3:
        raise ValueError(f'a colour is "r,g,b", not "{text}"')
    share = np.clip(np.array([float(part) for part in parts]) / 255.0, 0.0, 1.0)
    return np.maximum(np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4), _DARKEST)


def _paint(text: str) -> NDArray[np.float64]:
    try:
        return linear_colour(text)
    except ValueError:
        return np.ones(3)


def _pick(choice: tuple[tuple[float, float, float], ...], key: str) -> tuple[float, float, float]:
    return choice[zlib.crc32(key.encode()) % len(choice)]


def _value(fact: Any, default: Any) -> Any:
    return fact["value"] if isinstance(fact, Mapping) and fact.get("value") is not None else default


@cache
def _packaged() -> Mapping[str, Mapping[str, Any]]:
    data = json.loads((files("carlet.actors") / "data" / "blueprints.json").read_text("utf-8"))
    return {raw["id"]: raw for raw in data["blueprints"] if raw["id"].startswith("vehicle.")}
