"""What tests of lead share: a drive that LEAD itself recorded."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def lead_sample() -> Path:
    """A drive that LEAD recorded; tests that need it are skipped where it is absent."""
    default = Path(__file__).resolve().parents[3] / "shared" / "samples"
    folder = Path(os.environ.get("LEAD_SAMPLES", default)) / "lead_layout_Accident"
    if not folder.is_dir():
        pytest.skip("no recorded route: set LEAD_SAMPLES to the folder that has lead_layout_Accident/")
    return folder
