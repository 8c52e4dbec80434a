"""The `lead` command's workers: side by side, killed, interrupted, crashed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from lead.evaluation.attempt import Attempt
from lead.simulator import Outcome

ROUTE = """<route id="{0}" town="{8}"><waypoints>
<position x="{1}" y="{2}" z="0"/><position x="{3}" y="{4}" z="0"/></waypoints>
<scenarios><scenario name="Crossing_1" type="DynamicObjectCrossing">
<trigger_point x="{5}" y="{6}" z="0" yaw="{7}"/><distance value="25"/></scenario></scenarios></route>"""

AGENT = """
import os
import pathlib
import signal
import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track


def get_entry_point():
    return "Driver"


class Driver(AutonomousAgent):
    def setup(self, path_to_conf_file):
        self.track = Track.SENSORS
        self.ticks = 0
        self.crashes = pathlib.Path(path_to_conf_file)

    def sensors(self):
        return [dict(type="sensor.speedometer", id="speed")]

    def run_step(self, input_data, timestamp):
        self.ticks += 1
        if self.ticks == 20 and self.crashes.exists():
            left = int(self.crashes.read_text())
            if left:
                self.crashes.write_text(str(left - 1))
                print("about to crash")
                os.kill(os.getpid(), signal.SIGABRT)
        return carla.VehicleControl(throttle=0.7 if input_data["speed"][1]["speed"] < 8.0 else 0.0)
"""


#: Straight roads of 60 to 130 m, each with a pedestrian who crosses.
FIRST = (7, 170.0, 59.6, 240.0, 59.6, 185.0, 59.6, 0, "Town01")
SECOND = (8, 396.3, 200.0, 396.3, 140.0, 396.3, 188.0, 270, "Town01")
THIRD = (9, 396.3, 270.0, 396.3, 140.0, 396.3, 250.0, 270, "Town01")
ELSEWHERE = (9, 176.0, 105.4, 76.0, 105.5, 160.0, 105.4, 180, "Town02")


def write_routes(file: Path, *places: tuple) -> Path:
    file.write_text(f"<routes>{''.join(ROUTE.format(*place) for place in places)}</routes>")
    return file


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    return write_routes(tmp_path / "three.xml", FIRST, SECOND, THIRD)


def lead(routes: Path, output: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lead", "--routes", str(routes), "--output-dir", str(output), "--no-video"]
    agent = () if "--agent" in arguments else ("--agent", "route_follower")
    port = () if "--port" in arguments else ("--port", "20990")
    return subprocess.Popen(
        [*command, *agent, *port, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(run: subprocess.Popen[str]) -> str:
    text, _ = run.communicate(timeout=240)
    return text


def attempts(output: Path) -> list[Attempt]:
    files = sorted((output / "attempts").glob("*.json"))
    return [msgspec.json.decode(file.read_bytes(), type=Attempt) for file in files]


def official(output: Path) -> dict:
    return json.loads((output / "checkpoint_endpoint.json").read_text())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 200.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_same_seed_gives_the_same_records_whoever_drives(tmp_path):
    """One worker, who changes towns, and two: traffic, infractions and scores are the same to the last digit."""
    routes = write_routes(tmp_path / "two_towns.xml", FIRST, ELSEWHERE)
    for workers in ("1", "2"):
        run = lead(routes, tmp_path / workers, "--workers", workers, "--protocol", "bench2drive@0.0.3")
        text = finish(run)
        assert run.returncode == 0, text
    assert "worker 1: " in text and "worker 2: " in text
    found = [[one.without_timing() for one in attempts(tmp_path / name)] for name in ("1", "2")]
    assert found[0] == found[1]
    assert [one.scenarios.played for one in found[0]] == [("Crossing_1",)] * 2
    assert sum(len(one.infractions) for one in found[0]) > 0
    assert [one["index"] for one in official(tmp_path / "2")["_checkpoint"]["records"]] == [0, 1]


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_an_end_in_the_middle_costs_the_routes_in_hand_only(routes, tmp_path, number):
    output = tmp_path / "out"
    run = lead(routes, output, "--workers", "2")
    wait_for(lambda: attempts(output) or run.poll() is not None)
    family = psutil.Process(run.pid).children(recursive=True)
    os.kill(run.pid, number)
    text = finish(run)
    assert run.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL), text
    assert len(family) == 6, family  # a worker, a guard and a carlet, twice
    wait_for(lambda: not any(one.is_running() for one in family))
    kept = attempts(output)
    assert 1 <= len(kept) < 3
    if number == signal.SIGINT:
        assert "Interrupted" in text
        assert len(official(output)["_checkpoint"]["records"]) == len(kept)
    again = lead(routes, output, "--workers", "2")
    text = finish(again)
    assert again.returncode == 0, text
    assert [(one.route, one.number) for one in attempts(output)] == [("7", 1), ("8", 1), ("9", 1)]
    assert all(one in attempts(output) for one in kept)
    assert official(output)["entry_status"] == "Finished"


#: The command, with workers that have had enough after every route.
TIRED = "import sys, lead.cli, lead.evaluation.worker as worker; worker.GROWTH_MIB = -1; sys.exit(lead.cli.main())"


def test_a_worker_that_has_grown_is_replaced(routes, tmp_path):
    """The next one has a simulator of its own, which counts its frames from the start."""
    command = [sys.executable, "-c", TIRED, "--routes", str(routes), "--output-dir", str(tmp_path), "--port", "20990"]
    options = ["--agent", "route_follower", "--no-video", "--no-background", "--no-scenarios"]
    run = subprocess.run([*command, *options], capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    assert "3 of 3 routes" in run.stdout
    driven = attempts(tmp_path)
    assert [(one.route, one.number, one.outcome) for one in driven] == [(i, 1, Outcome.COMPLETED) for i in "789"]
    assert max(one.timing.first_frame for one in driven) < min(one.ticks for one in driven)


@pytest.mark.parametrize(("crashes", "code"), [(1, 0), pytest.param(2, 1, marks=pytest.mark.slow)])
def test_a_crash_of_the_client_is_the_machinerys_fault(routes, tmp_path, launch, crashes, code):
    """The route is driven again by a new process; after a second crash it is left, and the others are driven."""
    (tmp_path / "driver.py").write_text(AGENT)
    (tmp_path / "crashes").write_text(str(crashes))
    port = launch("--town", "Town01").port
    agent = ("--agent", str(tmp_path / "driver.py"), "--agent-config", str(tmp_path / "crashes"))
    run = lead(routes, tmp_path / "out", *agent, "--port", str(port), "--no-background", "--no-scenarios")
    text = finish(run)
    assert run.returncode == code, text
    assert text.count("about to crash") == crashes
    outcomes = [(one.route, one.number, one.outcome) for one in attempts(tmp_path / "out")]
    lost = [("7", number, Outcome.CLIENT_CRASHED) for number in range(1, crashes + 1)]
    driven = [] if code else [("7", 2, Outcome.COMPLETED)]
    assert outcomes == [*lost, *driven, ("8", 1, Outcome.COMPLETED), ("9", 1, Outcome.COMPLETED)]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [one["made_up_for"] for one in report["simulator_failures"]] == [not code] * crashes
    assert report["done"] == (2 if code else 3)
    assert official(tmp_path / "out")["entry_status"] == ("Crashed" if code else "Finished")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("raise ImportError('no such weights')", "no such weights"), ("", "get_entry_point")],
)
def test_an_agent_that_cannot_be_loaded_is_bad_input(routes, tmp_path, text, sentence):
    (tmp_path / "broken.py").write_text(text)
    run = lead(routes, tmp_path / "out", "--agent", str(tmp_path / "broken.py"), "--workers", "2")
    said = finish(run)
    assert run.returncode == 2, said
    assert sentence in said
    assert "Traceback" not in said
