"""CARLA 0.9.16's blueprint library, read from the packaged data file, where every fact names its source."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from carlet.actors.table import Kind
from carlet.wire.controls import Gear, PhysicsControl, Wheel
from carlet.wire.values import encode_attribute, encode_blueprint

TAG_WALKER, TAG_CAR, TAG_TRUCK, TAG_BUS, TAG_MOTORCYCLE, TAG_BICYCLE, TAG_DYNAMIC = 12, 14, 15, 16, 18, 19, 21
TAG_OF_BASE_TYPE: Mapping[str, int] = {
    "truck": TAG_TRUCK,
    "bus": TAG_BUS,
    "motorcycle": TAG_MOTORCYCLE,
    "bicycle": TAG_BICYCLE,
}
TRUCKS_BY_ASSET = frozenset({"vehicle.ford.ambulance", "vehicle.carlamotors.firetruck"})

KIND_OF_PREFIX: tuple[tuple[str, Kind], ...] = (
    ("vehicle.", Kind.VEHICLE),
    ("walker.", Kind.WALKER),
    ("sensor.", Kind.SENSOR),
    ("controller.", Kind.CONTROLLER),
    ("static.trigger.", Kind.TRIGGER),
    ("static.", Kind.PROP),
)
#: Vehicles whose physics nobody measured take those of the nearest measured one, with their own radius and rpm.
MEASURED_TWIN: Mapping[str, str] = {
    "vehicle.carlamotors.european_hgv": "vehicle.carlamotors.firetruck",
    "vehicle.ford.crown": "vehicle.chevrolet.impala",
    "vehicle.mitsubishi.fusorosa": "vehicle.carlamotors.firetruck",
    "vehicle.volkswagen.t2_2021": "vehicle.volkswagen.t2",
}
FLAT_PROPS = ("static.prop.dirtdebris", "static.prop.brokentile")


@dataclass(frozen=True)
class Attribute:
    """One attribute of a blueprint; `type`: 1 bool, 2 int, 3 float, 4 string, 5 colour "r,g,b"."""

    id: str
    type: int
    default: str
    recommended: tuple[str, ...]
    modifiable: bool
    restricted: bool


@dataclass(frozen=True)
class Blueprint:
    """What an actor of a type is before it is spawned. Metres, kilograms; the box is in the actor's frame."""

    uid: int
    id: str
    tags: str
    attributes: tuple[Attribute, ...]
    kind: Kind
    box_centre: tuple[float, float, float]
    box_extent: tuple[float, float, float]
    mass: float
    semantic_tag: int
    wheel_count: int
    physics: PhysicsControl | None

    @property
    def wire(self) -> list[Any]:
        """The definition as the client reads it."""
        attributes = [
            encode_attribute(a.id, a.type, a.default, a.recommended, a.modifiable, a.restricted)
            for a in self.attributes
        ]
        return encode_blueprint(self.uid, self.id, self.tags, attributes)

    @property
    def box(self) -> list[list[float]]:
        """The bounding box as the client reads it; clients ask hundreds of times a tick."""
        return [list(self.box_centre), list(self.box_extent), [0.0, 0.0, 0.0]]

    @property
    def flat(self) -> bool:
        """Debris that wheels roll over."""
        return self.id.startswith(FLAT_PROPS)

    def full_attributes(self, given: Mapping[str, str]) -> dict[str, tuple[int, str]]:
        """Attribute id -> (type, value): the defaults, overlaid with what a client sent.

        Unknown ids are dropped: clients may hold definitions of a newer server.
        """
        return {a.id: (a.type, given.get(a.id, a.default)) for a in self.attributes}


@cache
def library() -> Mapping[str, Blueprint]:
    """Every blueprint by id, in the order of registration."""
    data = json.loads((files("carlet.actors") / "data" / "blueprints.json").read_text("utf-8"))
    facts = {raw["id"]: raw for raw in data["blueprints"]}
    for name, twin in MEASURED_TWIN.items():
        facts[name]["physics"]["value"] = _as_twin(facts[name], facts[twin]["physics"]["value"])
    return {name: _blueprint(uid, raw) for uid, (name, raw) in enumerate(facts.items(), start=1)}


@cache
def definitions() -> list[Any]:
    """The whole library as the client reads it; not to be changed. Clients ask for it before each thing they spawn."""
    return [blueprint.wire for blueprint in library().values()]


def _as_twin(raw: Mapping[str, Any], twin: Mapping[str, Any]) -> dict[str, Any]:
    radii = _value(raw["wheel_radius_cm"], [])
    wheels = [{**wheel, "radius": radius} for wheel, radius in zip(twin["wheels"], radii, strict=True)]
    return {**twin, **raw["physics"]["value"], "wheels": wheels}


def kind_of(type_id: str) -> Kind:
    """The table's kind for an actor type."""
    return next((kind for prefix, kind in KIND_OF_PREFIX if type_id.startswith(prefix)), Kind.OTHER)


def _blueprint(uid: int, raw: Mapping[str, Any]) -> Blueprint:
    kind = kind_of(raw["id"])
    centre, extent = _box(raw)
    return Blueprint(
        uid=uid,
        id=raw["id"],
        tags=raw["tags"],
        attributes=tuple(_attribute(a) for a in raw["attributes"]),
        kind=kind,
        box_centre=centre,
        box_extent=extent,
        mass=float(_value(raw.get("mass"), 75.0 if kind is Kind.WALKER else 20.0)),
        semantic_tag=_semantic_tag(raw, kind),
        wheel_count=int(raw.get("number_of_wheels", 0)),
        physics=_physics(raw) if kind is Kind.VEHICLE else None,
    )


def _value(fact: Mapping[str, Any] | None, default: Any) -> Any:
    return default if not fact or fact.get("value") is None else fact["value"]


def _attribute(raw: Mapping[str, Any]) -> Attribute:
    return Attribute(
        id=raw["id"],
        type=raw["type_code"],
        default=raw["default"],
        recommended=tuple(raw["recommended_values"]),
        modifiable=raw["modifiable"],
        restricted=raw["restrict_to_recommended"],
    )


def _box(raw: Mapping[str, Any]) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    box = raw.get("bounding_box") or {}
    extent = _triple(_value(box.get("extent"), (0.0, 0.0, 0.0)))
    standing = (0.0, 0.0, extent[2]) if raw["id"].startswith("static.prop.") else (0.0, 0.0, 0.0)
    return _triple(_value(box.get("centre"), standing)), extent


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _semantic_tag(raw: Mapping[str, Any], kind: Kind) -> int:
    if kind is Kind.VEHICLE:
        if raw["id"] in TRUCKS_BY_ASSET:
            return TAG_TRUCK
        return TAG_OF_BASE_TYPE.get(_value(raw.get("base_type"), ""), TAG_CAR)
    return {Kind.WALKER: TAG_WALKER, Kind.PROP: TAG_DYNAMIC}.get(kind, 0)


def _physics(raw: Mapping[str, Any]) -> PhysicsControl:
    facts = raw["physics"]["value"]
    wheelbase, track = _value(raw.get("wheelbase"), 2.8), raw.get("track") or {}
    widths = (_value(track.get("front"), 1.6), _value(track.get("rear"), 1.6))
    wheels = tuple(
        _wheel(wheel, (wheelbase / 2 if i < 2 else -wheelbase / 2, widths[i // 2] * (i % 2 - 0.5)))
        for i, wheel in enumerate(facts["wheels"])
    )
    return PhysicsControl(
        torque_curve=tuple((float(x), float(y)) for x, y in facts["torque_curve"]),
        max_rpm=facts["max_rpm"],
        moi=facts["moi"],
        damping_full_throttle=facts["damping_rate_full_throttle"],
        damping_zero_throttle_clutch_engaged=facts["damping_rate_zero_throttle_clutch_engaged"],
        damping_zero_throttle_clutch_disengaged=facts["damping_rate_zero_throttle_clutch_disengaged"],
        use_gear_autobox=facts["use_gear_autobox"],
        gear_switch_time=facts["gear_switch_time"],
        clutch_strength=facts["clutch_strength"],
        final_ratio=facts["final_ratio"],
        forward_gears=tuple(Gear(*gear) for gear in facts["forward_gears"]),
        mass=float(_value(raw.get("mass"), 1500.0)),
        drag_coefficient=facts["drag_coefficient"],
        center_of_mass=_triple(facts["center_of_mass"]),
        steering_curve=tuple((float(x), float(y)) for x, y in facts["steering_curve"]),
        wheels=wheels,
        use_sweep_wheel_collision=False,
    )


def _wheel(raw: Mapping[str, float], place: tuple[float, float]) -> Wheel:
    radius = float(raw["radius"])
    return Wheel(
        tire_friction=raw["tire_friction"],
        damping_rate=raw["damping_rate"],
        max_steer_angle_deg=raw["max_steer_angle"],
        radius_cm=radius,
        max_brake_torque=raw["max_brake_torque"],
        max_handbrake_torque=raw["max_handbrake_torque"],
        lat_stiff_max_load=2.0,
        lat_stiff_value=17.0,
        long_stiff_value=1000.0,
        position_cm=(100.0 * place[0], 100.0 * place[1], radius),
    )
