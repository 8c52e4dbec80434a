"""One server for all evaluations that tests make."""

import pytest


@pytest.fixture(scope="session")
def port(launch) -> int:
    """RPC port of a running carlet."""
    return launch("--town", "Town01").port
