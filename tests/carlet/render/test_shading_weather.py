"""Every parameter of the weather changes the picture, and in the expected direction."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from small_street import NIGHT, NOON, Street, a_street, box, brightness, camera, floor

from carlet.render.picture import Lens
from carlet.wire.values import Weather

Picture = NDArray[np.uint8]
VIEW = camera(pitch=8.0)
CLOUDY, MISTY = NOON._replace(cloudiness=50.0), NOON._replace(fog_density=50.0, fog_distance=0.0)


def far(picture: Picture) -> NDArray[np.float64]:
    """Pixels of the house's far end."""
    return picture[52:66, 40:52, :3].astype(float)


def road(picture: Picture) -> NDArray[np.float64]:
    """Pixels of sunlit asphalt nearby."""
    return picture[95:118, 95:115, :3].astype(float)


def sky(picture: Picture) -> NDArray[np.float64]:
    """Pixels of the sky."""
    return picture[2:30, 60:100, :3].astype(float)


def contrast(picture: Picture) -> float:
    return float(far(picture).std())


def blueness(picture: Picture) -> float:
    return float((sky(picture)[..., 0] - sky(picture)[..., 2]).mean())


def level(part: Callable[[Picture], NDArray[np.float64]]) -> Callable[[Picture], float]:
    return lambda picture: float(part(picture).mean())


#: parameter, weather it is varied in, low and high value, what is measured, and whether that goes up.
EFFECTS = [
    ("cloudiness", NOON, 0.0, 100.0, blueness, False),
    ("precipitation", NOON, 0.0, 100.0, contrast, False),
    ("precipitation_deposits", NOON, 0.0, 100.0, lambda p: float(road(p)[:8].max()), True),
    ("sun_azimuth_angle", NOON, 90.0, 270.0, level(far), False),
    ("sun_altitude_angle", NOON, -30.0, 60.0, level(road), True),
    ("fog_density", NOON._replace(fog_distance=0.0), 0.0, 80.0, contrast, False),
    ("fog_distance", MISTY, 0.0, 60.0, contrast, True),
    ("fog_falloff", MISTY, 0.0, 5.0, contrast, True),
    ("wetness", NOON, 0.0, 100.0, level(road), False),
    ("scattering_intensity", MISTY, 0.0, 100.0, level(far), True),
    ("mie_scattering_scale", NOON, 0.0, 5.0, blueness, False),
    ("rayleigh_scattering_scale", NOON, 0.0, 0.1, blueness, True),
    ("dust_storm", NOON, 0.0, 100.0, blueness, False),
]


@pytest.mark.parametrize(
    ("name", "base", "low", "high", "measure", "up"), EFFECTS, ids=[effect[0] for effect in EFFECTS]
)
def test_parameter_has_its_effect(name, base, low, high, measure, up) -> None:
    street = a_street()
    pictures = [street.draw(base._replace(**{name: value}), [VIEW])[0] for value in (low, high)]
    assert np.abs(brightness(pictures[1]) - brightness(pictures[0])).mean() > 1.0
    values = [measure(picture) for picture in pictures]
    assert (values[1] > values[0] * 1.03 + 0.2) if up else (values[1] < values[0] * 0.97 - 0.2), values


def test_wind_moves_clouds_and_slants_rain() -> None:
    street = a_street()
    calm, windy = (
        street.draw(CLOUDY._replace(wind_intensity=wind), [camera(pitch=40.0)], time_s=50.0)[0] for wind in (0.0, 100.0)
    )
    assert np.abs(brightness(windy) - brightness(calm)).mean() > 3.0
    slants = [
        _slant(_streaks(street, NOON._replace(precipitation=100.0, wind_intensity=wind))) for wind in (0.0, 100.0)
    ]
    assert abs(slants[0]) < 0.25 < slants[1]


def test_the_more_rain_the_more_streaks() -> None:
    street = a_street()
    drawn = [np.count_nonzero(_streaks(street, NOON._replace(precipitation=rain))) for rain in (0.0, 30.0, 100.0)]
    assert drawn[0] == 0 < 2 * drawn[1] < drawn[2]


def _streaks(street: Street, weather: Weather) -> NDArray[np.float64]:
    """What rain alone adds to a view (h, w) across the wind, which blows to the right of it."""
    view, raw = camera(x=-40.0, yaw=-90.0, width=320, height=240), Lens(effects=False)
    rain, none = (street.draw(weather, [view], raw, finished=end)[0] for end in (True, False))
    return np.abs(brightness(rain) - brightness(none))


def _slant(streaks: NDArray[np.float64]) -> float:
    """Columns to the right per row down, of the shift that makes rows most like the third row below them."""
    likeness = [(streaks[:-3] * np.roll(streaks[3:], -shift, axis=1)).sum() for shift in range(-6, 7)]
    return (int(np.argmax(likeness)) - 6) / 3.0


def test_night_is_dark_but_not_black() -> None:
    street = a_street()
    noon, night = (brightness(street.draw(weather, [VIEW])[0]) for weather in (NOON, NIGHT))
    assert night.mean() < 0.4 * noon.mean()
    assert night[60:].mean() > 12.0


def test_thick_fog_hides_what_is_far_in_one_colour_with_the_horizon() -> None:
    weather = NOON._replace(fog_density=100.0, fog_distance=0.0, fog_falloff=0.0)
    picture = a_street().draw(weather, [camera(x=-40.0)])[0]
    horizon = picture[58:62, 70:90, :3].astype(float)
    assert horizon.std(axis=(0, 1)).max() < 6.0


def test_wet_roads_mirror_the_sky_far_ahead() -> None:
    street = a_street()
    view = camera(x=70.0)
    dry, wet = (
        brightness(street.draw(NOON._replace(precipitation_deposits=deposits), [view])[0]) for deposits in (0.0, 100.0)
    )
    assert wet[63:66, 70:90].mean() > dry[63:66, 70:90].mean() + 15.0


def test_dust_is_brown() -> None:
    picture = a_street().draw(NOON._replace(dust_storm=100.0), [VIEW])[0]
    blue, green, red = sky(picture).mean(axis=(0, 1))
    assert red > green + 10.0 > blue + 20.0


def test_wet_ground_mirrors_what_stands_on_it() -> None:
    wall = Street([(floor((-60, -60), (60, 60)), "asphalt"), (box((20, -8, 0), (22, 8, 6)), "plastic_red")])
    view = camera(z=1.2)
    dry, wet = (
        wall.draw(NOON._replace(precipitation_deposits=puddles), [view])[0].astype(float) for puddles in (0, 100)
    )
    before = dry[68:72, 70:90], wet[68:72, 70:90]
    redness = [(part[..., 2] - part[..., 1]).mean() for part in before]
    assert redness[1] > redness[0] + 12.0
