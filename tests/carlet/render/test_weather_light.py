"""Weather to light: pure numbers, no pictures."""

import numpy as np
import pytest

from carlet.presets import WEATHERS
from carlet.render.weather import lamps_are_lit, light_of, with_own_look
from carlet.wire.values import Weather

NOON = WEATHERS["ClearNoon"]


@pytest.mark.parametrize("name", WEATHERS)
def test_presets_give_light_that_can_be_seen(name: str) -> None:
    light = light_of(WEATHERS[name], 1.0)
    for part, value in light._asdict().items():
        assert np.isfinite(value).all(), part
        assert part in ("sun", "key") or (np.asarray(value) >= 0.0).all(), part
    on_floor = float((light.key_light * light.key[2] + light.sky_light).mean())
    assert 0.05 < on_floor < 1.3
    assert (on_floor < 0.2) == name.endswith("Night")


def test_noon_is_neutral_white() -> None:
    light = light_of(NOON, 0.0)
    np.testing.assert_allclose(light.key_light * light.key[2] + light.sky_light, 1.0, atol=0.03)


def test_same_weather_and_time_give_the_same_light() -> None:
    first, again = light_of(NOON, 3.25), light_of(Weather(*NOON), 3.25)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_minus_one_is_the_levels_own_look_and_the_azimuth_is_kept() -> None:
    assert with_own_look(WEATHERS["Default"]) == with_own_look(NOON)
    assert with_own_look(NOON._replace(sun_azimuth_angle=120.0)).sun_azimuth_angle == 120.0
    assert with_own_look(NOON._replace(sun_altitude_angle=-1.0)).sun_altitude_angle == -1.0


@pytest.mark.parametrize(
    ("azimuth", "altitude", "direction"),
    [(0.0, 0.0, (1, 0, 0)), (90.0, 0.0, (0, 1, 0)), (0.0, 90.0, (0, 0, 1)), (180.0, 45.0, (-(0.5**0.5), 0, 0.5**0.5))],
)
def test_azimuth_turns_from_x_to_y(azimuth: float, altitude: float, direction: tuple[float, ...]) -> None:
    sun = light_of(NOON._replace(sun_azimuth_angle=azimuth, sun_altitude_angle=altitude), 0.0).sun
    np.testing.assert_allclose(sun, direction, atol=1e-6)


def test_shadows_fall_in_steps_of_a_degree() -> None:
    keys = [light_of(NOON._replace(sun_altitude_angle=40.0 + 0.1 * step), 0.0).key for step in range(-4, 5)]
    assert all(np.array_equal(key, keys[0]) for key in keys)
    assert not np.array_equal(keys[0], light_of(NOON._replace(sun_altitude_angle=41.0), 0.0).key)
    np.testing.assert_allclose(keys[0], light_of(NOON._replace(sun_altitude_angle=40.0), 0.0).sun, atol=1e-3)


def test_light_changes_smoothly_while_the_sun_goes_down() -> None:
    angles = np.arange(-30.0, 90.0, 0.5)
    lights = [light_of(NOON._replace(sun_altitude_angle=float(angle)), 0.0) for angle in angles]
    floor = np.array([light.key_light * max(light.key[2], 0.0) + light.sky_light for light in lights])
    haze = np.array([light.haze for light in lights])
    assert np.abs(np.diff(floor, axis=0)).max() < 0.06
    assert np.abs(np.diff(haze, axis=0)).max() < 0.06


def test_the_lower_the_sun_the_redder_its_light() -> None:
    red = [
        light.key_light[0] / light.key_light[2]
        for light in (light_of(NOON._replace(sun_altitude_angle=angle), 0.0) for angle in (60.0, 30.0, 15.0, 6.0))
    ]
    assert red == sorted(red)
    assert red[-1] > 2.0 * red[0]


def test_clouds_take_direct_light_and_give_it_to_the_sky() -> None:
    lights = [light_of(NOON._replace(cloudiness=clouds), 0.0) for clouds in (0.0, 50.0, 100.0)]
    share = [float(light.key_light.mean() / light.sky_light.mean()) for light in lights]
    assert share[0] > 3.0 > share[1] > 0.5 > share[2]
    assert lights[2].key[2] > 0.95 > lights[0].key[2]


def test_lamps_are_lit_while_the_sun_is_down() -> None:
    assert lamps_are_lit(WEATHERS["ClearNight"])
    assert not lamps_are_lit(WEATHERS["ClearSunset"])
    assert not lamps_are_lit(WEATHERS["Default"])


def test_time_moves_clouds_with_the_wind() -> None:
    calm, windy = NOON._replace(wind_intensity=0.0), NOON._replace(wind_intensity=100.0)
    ways = [np.linalg.norm(light_of(weather, 20.0).drift) for weather in (calm, windy)]
    assert ways[1] > 3.0 * ways[0] > 0.0
