"""The towns in which places are looked for."""

from collections.abc import Callable
from functools import cache

import pytest

from lead.routes.towns import open_town
from lead.scenarios.places.roads import Roads


@pytest.fixture(scope="session")
def roads_of() -> Callable[[str], Roads]:
    """`roads_of(town)`: its lanes, opened once a session."""
    return cache(lambda town: Roads(town, open_town(town)))
