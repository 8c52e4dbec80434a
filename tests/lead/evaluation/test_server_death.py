"""An evaluation whose simulator is killed in the middle of a route."""

import json
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from lead.routes import Route, write_routes


@pytest.mark.slow
def test_a_killed_server_costs_the_route_in_hand_only(tmp_path):
    """The Traffic Manager takes the process down; the command starts both anew and drives the route again."""
    keypoints = np.array([[396.3, 300.0, 0.0], [396.3, 100.0, 0.0]])
    write_routes(tmp_path / "routes.xml", [Route("1", "Town01", keypoints)])
    command = [sys.executable, "-m", "lead", "--agent", "route_follower", "--routes", str(tmp_path / "routes.xml")]
    options = ["--output-dir", str(tmp_path / "out"), "--no-video", "--timeout", "5", "--port", "20980"]
    log = tmp_path / "log"
    with log.open("w") as file:
        run = subprocess.Popen([*command, *options], stdout=file, stderr=subprocess.STDOUT)
    try:
        server = carlet_of(run.pid)
        # Its log says that the Traffic Manager is at work.
        wait_for(lambda: "Setting up local map" in log.read_text())
        time.sleep(3.0)
        server.kill()
        assert run.wait(200) == 0
    finally:
        run.kill()
    assert "CARLA's client crashed" in log.read_text() or "attempt 1" in log.read_text()
    results = json.loads((tmp_path / "out" / "checkpoint_endpoint.json").read_text())
    assert results["entry_status"] == "Finished"
    assert results["_checkpoint"]["records"][0]["scores"]["score_route"] == 100.0


def carlet_of(pid: int) -> psutil.Process:
    """The carlet that the command started."""
    found: list[psutil.Process] = []

    def look() -> bool:
        family = psutil.Process(pid).children(recursive=True)
        found[:] = [one for one in family if "carlet" in one.cmdline() and not one.cmdline()[1].startswith("-I")]
        return bool(found)

    wait_for(look)
    return found[0]


def wait_for(condition) -> None:
    deadline = time.monotonic() + 120.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
