"""Routes that are made are driven for real, and those whose scenario was not played are told apart."""

import dataclasses
import signal
import subprocess
import sys

import pytest

from lead.cli import main
from lead.evaluation.proof import open_prover
from lead.routes import read_routes
from lead.routes.towns import open_town
from lead.scenarios.places.generate import Generator
from lead.scenarios.places.roads import Roads

pytestmark = pytest.mark.slow


def test_only_what_was_played_holds():
    roads = Roads("Town02", open_town("Town02"))
    route = next(Generator(roads).routes("ControlLoss"))
    elsewhere = dataclasses.replace(route.scenarios[0], name="elsewhere", trigger=(0.0, 0.0, 0.0, 0.0))
    # Town02's junctions have lights; on this stretch no lane lies to the right for a queue.
    lacking = dataclasses.replace(route.scenarios[0], name="lacking", type="StaticCutIn")
    with open_prover("route_follower", 20.0) as prover:
        proof = prover.prove(route)
        assert proof.holds and proof.completion > 30.0
        proof = prover.prove(dataclasses.replace(route, scenarios=(elsewhere, lacking)))
    assert not proof.holds
    assert "elsewhere: the route does not pass its trigger point" in proof.reason
    assert "lacking: there is no driving lane to the right for a queue" in proof.reason


def test_proven_routes_are_kept(tmp_path, capsys):
    path = tmp_path / "proven.xml"
    command = ["routes", "generate", "--town", "Town02", "--scenario", "Scenario7", "--count", "1", "--prove"]
    assert main([*command, "--prove-seconds", "25", "--output", str(path)]) == 0
    assert "Scenario7 in Town02: played" in capsys.readouterr().out
    assert [route.scenarios[0].type for route in read_routes(path)] == ["Scenario7"]


def test_what_is_proven_is_in_the_file_when_the_rest_is_given_up(tmp_path):
    path = tmp_path / "proven.xml"
    command = [sys.executable, "-m", "lead", "routes", "generate", "--town", "Town02", "--scenario", "Scenario7"]
    arguments = ["--count", "5", "--prove", "--prove-seconds", "12", "--output", str(path)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    assert any("played" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert 1 <= len(read_routes(path)) < 5
