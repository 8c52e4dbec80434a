import pytest
from canned_stage import Scene


@pytest.fixture
def scene() -> Scene:
    """A world whose cameras see a canned stage."""
    return Scene()
