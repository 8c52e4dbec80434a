"""Which sensors an agent may have and how the simulator is to make them: the leaderboard's rules as data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

OPENDRIVE = "sensor.opendrive_map"
SPEEDOMETER = "sensor.speedometer"
PSEUDO_SENSORS = (OPENDRIVE, SPEEDOMETER)
"""Sensors that no simulator has: the interface itself makes their readings."""

_CAMERA = {"image_size_x": "width", "image_size_y": "height", "fov": "fov"}
_LIDAR = {
    "range": "85",
    "rotation_frequency": "10",
    "channels": "64",
    "upper_fov": "10",
    "lower_fov": "-30",
    "points_per_second": "600000",
}
_SMALL, _TINY = "0.001", "0.000005"

FIXED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sensor.camera.rgb": {
            "lens_circle_multiplier": "3.0",
            "lens_circle_falloff": "3.0",
            "chromatic_aberration_intensity": "0.5",
            "chromatic_aberration_offset": "0",
        },
        "sensor.lidar.ray_cast": _LIDAR
        | {
            "atmosphere_attenuation_rate": "0.004",
            "dropoff_general_rate": "0.45",
            "dropoff_intensity_limit": "0.8",
            "dropoff_zero_intensity": "0.4",
        },
        "sensor.lidar.ray_cast_semantic": _LIDAR,
        "sensor.other.radar": {"points_per_second": "1500", "range": "100"},
        "sensor.other.gnss": {
            "noise_lat_stddev": _TINY,
            "noise_lon_stddev": _TINY,
            "noise_alt_stddev": _TINY,
            "noise_lat_bias": "0.0",
            "noise_lon_bias": "0.0",
            "noise_alt_bias": "0.0",
        },
        "sensor.other.imu": {
            "noise_accel_stddev_x": _SMALL,
            "noise_accel_stddev_y": _SMALL,
            "noise_accel_stddev_z": "0.015",
            "noise_gyro_stddev_x": _SMALL,
            "noise_gyro_stddev_y": _SMALL,
            "noise_gyro_stddev_z": _SMALL,
        },
    }
)
"""Blueprint attributes that every agent gets, whatever it asks for."""

CHOSEN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sensor.camera.rgb": _CAMERA,
        "sensor.camera.depth": _CAMERA,
        "sensor.camera.semantic_segmentation": _CAMERA,
        "sensor.camera.instance_segmentation": _CAMERA,
        "sensor.other.radar": {"horizontal_fov": "horizontal_fov", "vertical_fov": "vertical_fov"},
    }
)
"""Blueprint attribute -> key of the agent's sensor dict, for what an agent may choose."""


class InvalidSensors(Exception):  # noqa: N818
    """An agent's list of sensors breaks the rules; the message says which and how."""


@dataclass(frozen=True)
class SensorRules:
    """How many sensors of each type an agent may have (types not named are forbidden) and how far from the car."""

    limits: Mapping[str, int]
    radius: float = 3.0
    """Metres from the ego's origin."""


OFFICIAL = SensorRules(
    MappingProxyType(
        {
            "sensor.camera.rgb": 8,
            "sensor.lidar.ray_cast": 2,
            "sensor.other.radar": 4,
            "sensor.other.gnss": 1,
            "sensor.other.imu": 1,
            OPENDRIVE: 1,
            SPEEDOMETER: 1,
        }
    )
)
QUALIFIER = SensorRules(
    MappingProxyType(
        dict(OFFICIAL.limits) | {"sensor.camera.rgb": 4, "sensor.lidar.ray_cast": 1, "sensor.other.radar": 2}
    )
)
COLLECTING = SensorRules(
    MappingProxyType(dict.fromkeys((*FIXED, *CHOSEN), 100) | dict.fromkeys(PSEUDO_SENSORS, 1)), radius=70.0
)
"""For experts that record data: ground-truth cameras too, and as many as they like."""


def rules_for(track: str) -> SensorRules:
    """The official rules of a track, by its name."""
    return QUALIFIER if track.endswith("QUALIFIER") else OFFICIAL


def validate_sensors(sensors: Sequence[Mapping[str, Any]], track: str, rules: SensorRules | None = None) -> None:
    """Raise InvalidSensors unless an agent of the track may have these sensors."""
    rules = rules_for(track) if rules is None else rules
    _check_names(sensors)
    counts: dict[str, int] = {}
    for sensor in sensors:
        name, kind = sensor["id"], sensor["type"]
        if kind not in rules.limits:
            raise InvalidSensors(f"sensor {name!r}: agents may not use {kind!r}")
        if kind == OPENDRIVE and not track.startswith("MAP"):
            raise InvalidSensors(f"sensor {name!r}: {kind} is for the MAP track, not for {track}")
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > rules.limits[kind]:
            raise InvalidSensors(f"sensor {name!r}: only {rules.limits[kind]} of {kind} are allowed")
        _check_mount(sensor, rules.radius)
        _check_choices(sensor)


def sensor_attributes(sensor: Mapping[str, Any]) -> dict[str, str]:
    """The blueprint attributes of one sensor of an agent, all as strings."""
    kind = sensor["type"]
    chosen = {attribute: str(sensor[key]) for attribute, key in CHOSEN.get(kind, {}).items()}
    return {**FIXED.get(kind, {}), **chosen}


def _check_names(sensors: Sequence[Mapping[str, Any]]) -> None:
    seen = set()
    for position, sensor in enumerate(sensors):
        missing = [key for key in ("type", "id") if key not in sensor]
        if missing:
            raise InvalidSensors(f"sensor number {position + 1} has no {missing[0]!r}")
        if sensor["id"] in seen:
            raise InvalidSensors(f"sensor id {sensor['id']!r} is used twice")
        seen.add(sensor["id"])


def _check_mount(sensor: Mapping[str, Any], radius: float) -> None:
    if sensor["type"] in PSEUDO_SENSORS:
        return
    angles = () if sensor["type"] == "sensor.other.gnss" else ("roll", "pitch", "yaw")
    _require(sensor, ("x", "y", "z", *angles))
    distance = math.hypot(sensor["x"], sensor["y"], sensor["z"])
    if distance > radius:
        raise InvalidSensors(f"sensor {sensor['id']!r}: {distance:.2f} m from the car, allowed are {radius:g} m")


def _check_choices(sensor: Mapping[str, Any]) -> None:
    _require(sensor, tuple(CHOSEN.get(sensor["type"], {}).values()))


def _require(sensor: Mapping[str, Any], keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in sensor]
    if missing:
        raise InvalidSensors(f"sensor {sensor['id']!r}: {sensor['type']} needs {missing[0]!r}")
