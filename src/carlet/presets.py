"""CARLA's weather presets by name, as the client has them."""

from collections.abc import Mapping
from types import MappingProxyType

from carlet.wire.values import Weather

_NOON, _SUNSET, _NIGHT = 45.0, 15.0, -90.0
_UNSET = -1.0


def _weather(
    clouds: float, rain: float, puddles: float, wind: float, altitude: float, fog: float, wetness: float = 0.0
) -> Weather:
    return Weather(
        cloudiness=clouds,
        precipitation=rain,
        precipitation_deposits=puddles,
        wind_intensity=wind,
        sun_azimuth_angle=_UNSET,
        sun_altitude_angle=altitude,
        fog_density=fog,
        fog_distance=0.75,
        fog_falloff=0.1,
        wetness=wetness,
        scattering_intensity=1.0,
        mie_scattering_scale=0.03,
    )


def _clear_sky(weather: Weather) -> Weather:
    """Night presets without clouds have their fog far away and thin with height."""
    return weather._replace(fog_distance=75.0, fog_falloff=1.0)


WEATHERS: Mapping[str, Weather] = MappingProxyType(
    {
        "Default": Weather(*[_UNSET] * 10, scattering_intensity=1.0, mie_scattering_scale=0.03),
        "ClearNoon": _weather(5, 0, 0, 10, _NOON, 2),
        "CloudyNoon": _weather(60, 0, 0, 10, _NOON, 3),
        "WetNoon": _weather(5, 0, 50, 10, _NOON, 3),
        "WetCloudyNoon": _weather(60, 0, 50, 10, _NOON, 3),
        "MidRainyNoon": _weather(60, 60, 60, 60, _NOON, 3),
        "HardRainNoon": _weather(100, 100, 90, 100, _NOON, 7),
        "SoftRainNoon": _weather(20, 30, 50, 30, _NOON, 3),
        "ClearSunset": _weather(5, 0, 0, 10, _SUNSET, 2),
        "CloudySunset": _weather(60, 0, 0, 10, _SUNSET, 3),
        "WetSunset": _weather(5, 0, 50, 10, _SUNSET, 2),
        "WetCloudySunset": _weather(60, 0, 50, 10, _SUNSET, 2),
        "MidRainSunset": _weather(60, 60, 60, 60, _SUNSET, 3),
        "HardRainSunset": _weather(100, 100, 90, 100, _SUNSET, 7),
        "SoftRainSunset": _weather(20, 30, 50, 30, _SUNSET, 2),
        "ClearNight": _clear_sky(_weather(5, 0, 0, 10, _NIGHT, 60)),
        "CloudyNight": _weather(60, 0, 0, 10, _NIGHT, 60),
        "WetNight": _clear_sky(_weather(5, 0, 50, 10, _NIGHT, 60, 60)),
        "WetCloudyNight": _weather(60, 0, 50, 10, _NIGHT, 60, 60),
        "SoftRainNight": _weather(60, 30, 50, 30, _NIGHT, 60, 60),
        "MidRainyNight": _weather(80, 60, 60, 60, _NIGHT, 60, 80),
        "HardRainNight": _weather(100, 100, 90, 100, _NIGHT, 100, 100),
        "DustStorm": _weather(100, 0, 0, 100, _NOON, 2)._replace(dust_storm=100.0),
    }
)
