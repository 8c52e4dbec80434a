"""Weathers for routes: a kind of sky and a time of day, a little different at the route's end."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from lead.routes import WeatherKeyframe

Bounds = tuple[float, float]

#: Bounds of CARLA's parameters by the kind of sky; what a kind does not name is 0.
SKIES: Mapping[str, Mapping[str, Bounds]] = MappingProxyType(
    {
        "clear": {"cloudiness": (0.0, 20.0), "wind_intensity": (0.0, 20.0)},
        "cloudy": {"cloudiness": (50.0, 95.0), "wind_intensity": (10.0, 40.0), "fog_density": (0.0, 5.0)},
        "wet": {
            "cloudiness": (20.0, 60.0),
            "precipitation_deposits": (30.0, 70.0),
            "wetness": (30.0, 80.0),
            "wind_intensity": (10.0, 40.0),
        },
        "rain": {
            "cloudiness": (70.0, 100.0),
            "precipitation": (20.0, 60.0),
            "precipitation_deposits": (30.0, 60.0),
            "wetness": (50.0, 90.0),
            "wind_intensity": (20.0, 60.0),
            "fog_density": (2.0, 8.0),
        },
        "downpour": {
            "cloudiness": (90.0, 100.0),
            "precipitation": (70.0, 100.0),
            "precipitation_deposits": (70.0, 100.0),
            "wetness": (80.0, 100.0),
            "wind_intensity": (60.0, 100.0),
            "fog_density": (5.0, 12.0),
        },
        "fog": {"cloudiness": (40.0, 90.0), "fog_density": (25.0, 60.0), "wetness": (0.0, 40.0)},
    }
)
#: Height of the sun (deg) by the time of day.
SUNS: Mapping[str, Bounds] = MappingProxyType({"day": (25.0, 80.0), "low sun": (3.0, 15.0), "night": (-90.0, -5.0)})
_SUN_SHARES = (0.6, 0.2, 0.2)
_NAMES = (
    "cloudiness",
    "precipitation",
    "precipitation_deposits",
    "wetness",
    "wind_intensity",
    "fog_density",
)
_TURN_DEG = 10.0


def draw_weather(rng: np.random.Generator) -> tuple[WeatherKeyframe, WeatherKeyframe]:
    """Weather at the begin and the end of a route: both of one kind of sky at one time of day."""
    sky = SKIES[list(SKIES)[int(rng.integers(len(SKIES)))]]
    sun = SUNS[str(rng.choice(list(SUNS), p=_SUN_SHARES))]
    azimuth = float(rng.uniform(0.0, 360.0 - _TURN_DEG))
    begin, end = (_frame(rng, sky, sun, azimuth + turn) for turn in (0.0, _TURN_DEG))
    return WeatherKeyframe(0.0, begin), WeatherKeyframe(100.0, end)


def _frame(rng: np.random.Generator, sky: Mapping[str, Bounds], sun: Bounds, azimuth: float) -> dict[str, float]:
    drawn = {name: float(rng.uniform(*sky.get(name, (0.0, 0.0)))) for name in _NAMES}
    values = {**drawn, "sun_azimuth_angle": azimuth, "sun_altitude_angle": float(rng.uniform(*sun))}
    return {name: round(value, 1) for name, value in values.items()}
