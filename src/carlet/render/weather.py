"""Weather to light: the colours, directions and densities that pictures are shaded with.

Colours are linear and exposed already: a white floor in the sun of a clear noon has the brightness 1. Exposure follows
from the weather alone, so a picture never depends on those before it.

The sun stands at azimuth `a` and altitude `h` in the direction (cos h cos a, cos h sin a, sin h): azimuth 0 is along
the world's x axis, 90 along its y axis.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.wire.values import Weather

Floats = NDArray[np.float64]
Color = NDArray[np.float32]
Scalar = np.float32

#: Rows of `Light.dome`.
DOME = 64
#: What a level looks like by itself: clear noon. Stands in for values below zero.
OWN_LOOK = Weather(5.0, 0.0, 0.0, 10.0, 35.0, 45.0, 2.0, 0.75, 0.1, 0.0, 1.0, 0.03, 0.0331, 0.0)

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_RAYLEIGH_DEPTH = np.array([0.04, 0.105, 0.26])
_MIE_DEPTH = 0.05
_SKY_DEPTH = np.array([0.055, 0.15, 0.44])
_NOON_SUN = np.array([1.06, 1.0, 0.90])
_NOON_SKY = np.array([0.255, 0.30, 0.372])
_BLUE = np.array([0.85, 1.0, 1.24])
_DUST = np.array([0.62, 0.43, 0.24])
#: Against the altitude of the sun (deg): light of the sky, and the brightness that exposure aims at.
_ALTITUDES = [-90.0, -18.0, -12.0, -6.0, 0.0, 5.0, 15.0, 45.0, 90.0]
_SKY_LIGHT = [1e-4, 2e-4, 1e-3, 0.008, 0.05, 0.10, 0.18, 0.30, 0.34]
_AIM = [0.11, 0.11, 0.13, 0.20, 0.36, 0.50, 0.70, 1.0, 1.08]
_DUSK_END, _LOWEST_KEY, _MOON_ALTITUDE, _MOON_AWAY = -10.0, 8.0, 52.0, 140.0


class Light(NamedTuple):
    """What a weather makes of light.

    Directions (3,): `sun` to the disc of the sun, by night the moon's; `key` to where most direct light comes from: the
    sun, higher up under clouds, the moon at night; it moves in steps of one degree, so that shadows can be kept.
    Colours (3,): `key_light` on a surface that faces `key`; `sky_light` and `ground_light` on surfaces that look up and
    down; `dome` (64, 3) of the sky by the sine of the elevation, 0 to 1; `haze` of fog and horizon; `halo` added to
    both round the sun; `disc` of the sun itself; `cloud_bright` and `cloud_dark`.
    Air: `fog` 1/m at the ground, from `fog_start` m on, thinning by `fog_falloff` 1/m with height; `air` 1/m anywhere.
    Shares 0 to 1: `cloud_cover`, `night`, `wet` ground, `puddles`, `rain`, `wind`, `dust`, `scatter`.
    `drift` (2,): how far the clouds came, in tiles; `time` s, wrapped.
    """

    sun: Color
    key: Color
    key_light: Color
    sky_light: Color
    ground_light: Color
    dome: Color
    haze: Color
    halo: Color
    disc: Color
    cloud_bright: Color
    cloud_dark: Color
    fog: Scalar
    fog_start: Scalar
    fog_falloff: Scalar
    air: Scalar
    cloud_cover: Scalar
    night: Scalar
    wet: Scalar
    puddles: Scalar
    rain: Scalar
    wind: Scalar
    dust: Scalar
    scatter: Scalar
    drift: Color
    time: Scalar


def light_of(weather: Weather, time_s: float) -> Light:
    """The light of a weather at a time of the episode (s), which moves clouds, rain and leaves."""
    still = _still_light(weather)
    drift = np.array([0.7, 0.45]) * (0.0004 + 0.0035 * float(still.wind)) * time_s
    return still._replace(drift=(drift % 1.0).astype(np.float32), time=np.float32(time_s % 3600.0))


def lamps_are_lit(weather: Weather) -> bool:
    """Whether street lamps and windows are lit: while the sun is down."""
    return with_own_look(weather).sun_altitude_angle <= 0.0


def with_own_look(weather: Weather) -> Weather:
    """The weather with the level's own look for values below zero; an altitude of the sun only counts as such when the
    cloudiness does, an azimuth only when it is -1.
    """
    own_sun = weather.cloudiness < 0.0 and weather.sun_altitude_angle == -1.0
    filled = [own if given < 0.0 else given for given, own in zip(weather, OWN_LOOK, strict=True)]
    azimuth = OWN_LOOK.sun_azimuth_angle if weather.sun_azimuth_angle == -1.0 else weather.sun_azimuth_angle
    altitude = OWN_LOOK.sun_altitude_angle if own_sun else float(np.clip(weather.sun_altitude_angle, -90.0, 90.0))
    return Weather(*filled)._replace(sun_azimuth_angle=azimuth, sun_altitude_angle=altitude)


@lru_cache(maxsize=16)
def _still_light(weather: Weather) -> Light:
    weather = with_own_look(weather)
    night = _night(weather)
    colors = {name: day * (1.0 - night) + dark * night for name, (day, dark) in _colors(weather).items()}
    share = _shares(weather)
    wet = max(share["wetness"], 0.85 * share["precipitation_deposits"], 0.7 * share["precipitation"])
    rest: dict[str, Any] = {name: np.ascontiguousarray(color, np.float32) for name, color in colors.items()}
    rest.update({name: np.float32(value) for name, value in _air(weather).items()})
    light = Light(
        sun=_direction(*_disc_angles(weather)).astype(np.float32),
        key=_key(weather).astype(np.float32),
        **rest,
        cloud_cover=np.float32(share["cloudiness"]),
        night=np.float32(night),
        wet=np.float32(wet),
        puddles=np.float32(share["precipitation_deposits"]),
        rain=np.float32(share["precipitation"]),
        wind=np.float32(share["wind_intensity"]),
        dust=np.float32(share["dust_storm"]),
        scatter=np.float32(share["scattering_intensity"]),
        drift=np.zeros(2, np.float32),
        time=np.float32(0.0),
    )
    for value in light:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return light


def _shares(weather: Weather) -> dict[str, float]:
    return {name: min(max(value / 100.0, 0.0), 1.0) for name, value in weather._asdict().items()}


def _direction(azimuth_deg: float, altitude_deg: float) -> Floats:
    azimuth, altitude = np.radians(azimuth_deg), np.radians(altitude_deg)
    return np.array([np.cos(altitude) * np.cos(azimuth), np.cos(altitude) * np.sin(azimuth), np.sin(altitude)])


def _disc_angles(weather: Weather) -> tuple[float, float]:
    """Azimuth and altitude (deg) of the sun, of the moon once the sun is far below."""
    if weather.sun_altitude_angle > _DUSK_END:
        return weather.sun_azimuth_angle, weather.sun_altitude_angle
    return weather.sun_azimuth_angle + _MOON_AWAY, _MOON_ALTITUDE


def _key(weather: Weather) -> Floats:
    """Towards the sun or the moon, nearer the zenith the more clouds there are, in steps of a degree."""
    azimuth, altitude = weather.sun_azimuth_angle, weather.sun_altitude_angle
    if altitude < -2.0:
        azimuth, altitude = azimuth + _MOON_AWAY, _MOON_ALTITUDE
    cloudy = _shares(weather)["cloudiness"] ** 3
    lifted = max(altitude, _LOWEST_KEY) * (1.0 - cloudy) + 80.0 * cloudy
    return _direction(round(azimuth), round(max(altitude, lifted)))


def _night(weather: Weather) -> float:
    """0 by day to 1 from 10 degrees under the horizon on."""
    x = min(max((-1.0 - weather.sun_altitude_angle) / (-1.0 - _DUSK_END), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _air(weather: Weather) -> dict[str, float]:
    """Densities (1/m) of fog and of haze, dust and rain."""
    share = _shares(weather)
    haze = 1.6e-4 + 1.6e-4 * _mie(weather) + 2.0e-3 * share["precipitation"] ** 2 + 0.02 * share["dust_storm"] ** 1.5
    return {
        "fog": 0.05 * share["fog_density"] ** 1.6,
        "fog_start": max(weather.fog_distance, 0.0),
        "fog_falloff": 0.1 * max(weather.fog_falloff, 0.0),
        "air": haze,
    }


def _mie(weather: Weather) -> float:
    return (max(weather.mie_scattering_scale, 0.0) / OWN_LOOK.mie_scattering_scale) ** 0.5


def _rayleigh(weather: Weather) -> float:
    return (max(weather.rayleigh_scattering_scale, 0.0) / OWN_LOOK.rayleigh_scattering_scale) ** 0.5


def _air_mass(altitude_deg: float) -> float:
    """Atmospheres that the sun shines through (formula of Kasten and Young)."""
    altitude = max(altitude_deg, 0.0)
    return 1.0 / (np.sin(np.radians(altitude)) + 0.50572 * (altitude + 6.07995) ** -1.6364)


def _passed(weather: Weather, mass: float) -> Floats:
    """Share of light (3,) that comes through, against that of a clear sky with the sun at 45 degrees."""
    depth = _RAYLEIGH_DEPTH * _rayleigh(weather) + _MIE_DEPTH * _mie(weather)
    return np.exp(-mass * depth + _air_mass(45.0) * (_RAYLEIGH_DEPTH + _MIE_DEPTH))


def _colors(weather: Weather) -> dict[str, tuple[Floats, Floats]]:
    """Every colour of `Light`, by day and by night."""
    share = _shares(weather)
    clouds, dust = share["cloudiness"], share["dust_storm"]
    veiled = (1.0 - 0.95 * clouds**1.5) * (1.0 - 0.8 * dust) * (1.0 - 0.75 * share["fog_density"])
    risen = min(max((weather.sun_altitude_angle + 2.0) / 4.0, 0.0), 1.0)
    sun = _NOON_SUN * _passed(weather, _air_mass(weather.sun_altitude_angle)) * risen
    sky = _sky_light(weather)
    gain = _gain(weather, sun * veiled, sky)
    dome = _dusty(_dome(weather, sky), sky, dust)
    haze = _haze(weather, dome, sky)
    ground = 0.32 * sky + 0.10 * sun * veiled * max(np.sin(np.radians(weather.sun_altitude_angle)), 0.1)
    spread = 0.05 + 0.10 * _mie(weather) ** 0.7 + 0.25 * share["scattering_intensity"] ** 0.5
    low = 1.0 + 2.5 * min(max(1.0 - weather.sun_altitude_angle / 30.0, 0.0), 1.0)
    shine = _NOON_SUN * _passed(weather, min(_air_mass(weather.sun_altitude_angle), 9.0))
    shine = shine * np.interp(weather.sun_altitude_angle, [-10.0, -4.0, 2.0], [0.0, 0.06, 1.0])
    bright, dark = _clouds(weather, sun, sky)
    by_day = {
        "key_light": sun * veiled,
        "sky_light": sky,
        "ground_light": ground,
        "dome": dome,
        "haze": haze,
        "halo": shine
        * np.array([1.1, 0.95, 0.75]) ** (low - 1.0)
        * (1.0 - 0.9 * clouds)
        * (1.0 - 0.6 * dust)
        * spread
        * low,
        "disc": sun * 12.0 * veiled**2,
        "cloud_bright": _dusty(bright, sky, dust),
        "cloud_dark": _dusty(dark, sky, dust),
    }
    by_night = _night_colors(weather)
    return {name: (color * gain, by_night[name]) for name, color in by_day.items()}


def _sky_light(weather: Weather) -> Floats:
    """Light (3,) from the whole sky: blue when clear, grey and stronger under clouds."""
    clouds = _shares(weather)["cloudiness"]
    tint = _BLUE ** (min(_rayleigh(weather), 3.0) - 1.0)
    level = np.interp(weather.sun_altitude_angle, _ALTITUDES, _SKY_LIGHT) / 0.30
    clear = _NOON_SKY * tint / (tint @ _LUMINANCE)
    grey = np.array([0.97, 1.0, 1.04]) * (_NOON_SKY @ _LUMINANCE) * 1.6
    return level * (clear * (1.0 - clouds) + grey * clouds)


def _gain(weather: Weather, key: Floats, sky: Floats) -> float:
    """Exposure: brings what falls on level ground to what its altitude of the sun aims at."""
    share = _shares(weather)
    slope = max(np.sin(np.radians(weather.sun_altitude_angle)), 0.12)
    aim = np.interp(weather.sun_altitude_angle, _ALTITUDES, _AIM)
    aim *= (1.0 - 0.25 * share["cloudiness"] ** 1.5) * (1.0 - 0.12 * share["precipitation"])
    return aim * (1.0 - 0.2 * share["dust_storm"]) / max((key * slope + sky) @ _LUMINANCE, 1e-9)


def _dome(weather: Weather, sky: Floats) -> Floats:
    """Colours (64, 3) of the cloudless sky from the horizon to the zenith."""
    rise = np.linspace(0.0, 1.0, DOME)[:, None]
    mass = 1.0 / (rise + 0.10)
    blue = 1.0 - np.exp(-_SKY_DEPTH * _rayleigh(weather) * mass)
    evening = _passed(weather, min(1.3 * _air_mass(weather.sun_altitude_angle), 8.0))
    setting = min(max(1.0 - weather.sun_altitude_angle / 35.0, 0.0), 1.0)
    evening = evening / max(evening.max(), 1e-6) * np.array([1.0, 0.84, 0.80]) ** setting
    low = np.exp(-4.0 * rise)
    blue = blue ** (1.0 - 0.8 * low * setting)
    milk = (0.03 + 0.07 * _mie(weather)) * np.exp(-7.0 * rise) + 0.012 * _mie(weather)
    level = (sky @ _LUMINANCE) / 0.30
    clear = level * (0.62 * blue * (1.0 - low + low * evening) + milk * evening)
    grey = (sky * (0.75 + 0.45 * rise)) * 1.05
    cover = _shares(weather)["cloudiness"] ** 3
    return clear * (1.0 - cover) + grey * cover


def _haze(weather: Weather, dome: Floats, sky: Floats) -> Floats:
    """Colour (3,) of the air near the horizon; thick fog is grey and as bright as the sky's light."""
    share = _shares(weather)
    near = dome[:6].mean(axis=0)
    grey = (sky @ _LUMINANCE) * np.array([1.0, 1.02, 1.05]) * 1.25
    thick = min(share["fog_density"] ** 0.6, 1.0) * (1.0 - share["dust_storm"])
    return (near * (1.0 - 0.75 * thick) + grey * 0.75 * thick) * (1.0 + 0.25 * share["scattering_intensity"] ** 0.5)


def _dusty(color: Floats, sky: Floats, dust: float) -> Floats:
    share = min(1.3 * dust, 1.0)
    return color * (1.0 - share) + _DUST * (sky @ _LUMINANCE) * 1.6 * share


def _clouds(weather: Weather, sun: Floats, sky: Floats) -> tuple[Floats, Floats]:
    share = _shares(weather)
    heavy = share["cloudiness"] ** 2
    bright = 0.62 * sun * (1.0 - 0.9 * heavy) + sky * (0.70 + 0.55 * heavy)
    rain = 1.0 - 0.30 * share["precipitation"]
    return bright * rain, sky * (0.72 + 0.02 * heavy) * rain + 0.08 * sun * (1.0 - heavy)


def _night_colors(weather: Weather) -> dict[str, Floats]:
    """Moonlight, and the glow of a town in the haze."""
    share = _shares(weather)
    clouds, dust = share["cloudiness"], share["dust_storm"]
    rise = np.linspace(0.0, 1.0, DOME)[:, None]
    veiled = (1.0 - 0.8 * clouds) * (1.0 - 0.7 * dust)
    sky = np.array([0.047, 0.055, 0.080]) * (1.0 - 0.15 * clouds)
    town = np.array([0.015, 0.0145, 0.017]) * (0.6 + 0.6 * clouds)
    air = np.array([0.0025, 0.0045, 0.011]) * (0.5 + 0.5 * min(_rayleigh(weather), 3.0))
    dome = _dusty(air * (1.0 - 0.3 * clouds) + town * np.exp(-4.0 * rise) + 0.002 * _mie(weather), sky, 0.5 * dust)
    haze = dome[:6].mean(axis=0) * (1.0 + 0.3 * share["scattering_intensity"] ** 0.5)
    return {
        "key_light": np.array([0.050, 0.060, 0.085]) * veiled,
        "sky_light": sky,
        "ground_light": 0.4 * sky,
        "dome": dome,
        "haze": haze * (1.0 - 0.25 * share["fog_density"]),
        "halo": np.zeros(3),
        "disc": np.array([0.9, 0.95, 1.0]) * veiled**2,
        "cloud_bright": air * 0.6 + town * 0.9 + 0.006 * veiled,
        "cloud_dark": air * 0.4 + town * 0.45,
    }
