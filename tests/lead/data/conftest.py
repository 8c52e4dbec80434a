"""Recordings and their records for the tests of loading."""

from pathlib import Path

import pytest
from small_recording import write_drive

from lead.data.config import RecordConfig
from lead.data.layout import find_drives
from lead.data.store import RecordStore, build


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of one drive; not to be changed."""
    root = tmp_path_factory.mktemp("recording")
    write_drive(root / "Accident" / "Town01_Rep0_1_route0")
    return root


@pytest.fixture(scope="session")
def store(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> RecordStore:
    """The records of `recording`."""
    config = RecordConfig()
    cache = tmp_path_factory.mktemp("cache")
    report = build(find_drives(recording, config), cache, config)
    assert report.failed == () and len(report.built) == 1
    return RecordStore(cache, config)
