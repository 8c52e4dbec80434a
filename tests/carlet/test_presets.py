"""The server's weather presets are the client's."""

import carla
import pytest

from carlet.presets import WEATHERS
from carlet.wire.values import Weather


def test_presets_are_those_of_the_client():
    theirs = {name for name in dir(carla.WeatherParameters) if name[0].isupper()}
    assert set(WEATHERS) == theirs


@pytest.mark.parametrize("name", sorted(WEATHERS))
def test_a_preset_has_the_values_of_the_client(name: str):
    theirs = getattr(carla.WeatherParameters, name)
    assert list(WEATHERS[name]) == pytest.approx([getattr(theirs, field) for field in Weather._fields], abs=1e-4)
