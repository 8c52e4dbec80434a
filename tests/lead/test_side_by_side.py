"""Two evaluations on one machine at once: each gets what it gets alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROUTE = """<routes>
<route id="7" town="Town01">
<waypoints><position x="170.0" y="59.6" z="0"/><position x="240.0" y="59.6" z="0"/></waypoints>
</route>
</routes>
"""


@pytest.fixture
def route_file(tmp_path: Path) -> Path:
    file = tmp_path / "straight.xml"
    file.write_text(ROUTE)
    return file


def start(route_file: Path, output: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "lead", "--agent", "route_follower", "--routes", str(route_file), "--no-video"]
    return subprocess.Popen([*command, "--output-dir", str(output)], stdout=subprocess.DEVNULL)


def record(output: Path) -> dict:
    """The route's record without the wall time."""
    (found,) = json.loads((output / "checkpoint_endpoint.json").read_text())["_checkpoint"]["records"]
    del found["meta"]["duration_system"]
    return found


def test_side_by_side_equals_alone(route_file: Path, tmp_path: Path):
    folders = [tmp_path / name for name in ("alone", "left", "right")]
    assert start(route_file, folders[0]).wait(timeout=200) == 0
    both = [start(route_file, folder) for folder in folders[1:]]
    assert [process.wait(timeout=200) for process in both] == [0, 0]
    alone, left, right = (record(folder) for folder in folders)
    assert alone["scores"]["score_route"] == 100.0
    assert left == alone
    assert right == alone
