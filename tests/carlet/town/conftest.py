from collections.abc import Callable
from functools import cache

import carla
import pytest

from carlet.town import Town, load_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Town]:
    kept = tmp_path_factory.mktemp("towns")
    return cache(lambda name: load_town(name, kept))


@pytest.fixture(scope="session")
def client_map(town: Callable[[str], Town]) -> Callable[[str], carla.Map]:
    """What the official client makes of the same OpenDRIVE text."""
    return cache(lambda name: carla.Map(name, town(name).opendrive))
