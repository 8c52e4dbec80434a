"""The `lead` command as users run it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import av
import psutil
import pytest

from lead.commands.drive import Command, main, make_config

ROUTE = """<routes>
<route id="7" town="Town01">
<waypoints><position x="{x0}" y="{y0}" z="0"/><position x="{x1}" y="{y1}" z="0"/></waypoints>
</route>
</routes>
"""


@pytest.fixture
def route_file(tmp_path):
    """A route of some seventy metres along a straight road of Town01."""
    file = tmp_path / "straight.xml"
    file.write_text(ROUTE.format(x0=170.0, y0=59.6, x1=240.0, y1=59.6))
    return file


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--routes", "nowhere.xml", "--agent", "route_follower"], "no route file or folder nowhere.xml"),
        (["--routes", "{file}", "--agent", "route_folower"], "did you mean route_follower?"),
        (["--routes", "{file}"], "say who drives"),
        (["--routes", "{file}", "--expert", "--agent", "route_follower"], "exclude each other"),
        (
            ["--routes", "{file}", "--expert", "--checkpoint", "{folder}"],
            "--checkpoint and --expert exclude each other",
        ),
        (["--routes", "{file}", "--checkpoint", "nowhere"], "there is no checkpoint nowhere"),
        (["--routes", "{file}", "--checkpoint", "{folder}"], "is no checkpoint: it needs config.json"),
        (["--routes", "{file}", "--agent", "x.py"], "there is no agent file x.py"),
        (["--routes", "{file}", "--agent", "route_follower", "--protocol", "bench2driv"], "did you mean bench2drive"),
        (["--routes", "{file}", "--agent", "route_follower", "--repetitions", "0"], "repetitions"),
        (["--routes", "{file}", "--agent", "route_follower", "--py123d"], "--py123d needs --record FOLDER"),
        (
            ["--routes", "{file}", "--agent", "route_follower", "--record", "{folder}", "--rig", "lead_3camera"],
            "did you mean lead_3cameras",
        ),
        (["--routes", "{file}", "--agent", "route_follower", "--workers", "0"], "at least one"),
        (["--routes", "{file}", "--agent", "route_follower", "--carla-root", "{folder}"], "has no CarlaUE4.sh"),
        (["--routes", "{file}", "--agent", "route_follower", "--host", "nowhere.invalid"], "no host called"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(route_file, capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(route_file.parent)
    filled = [part.format(file=route_file, folder=route_file.parent) for part in arguments]
    port = ["--port", "20990"]
    assert main([*filled, *port]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lead: ") and sentence in said and said.count("\n") == 1


def test_a_port_held_by_another_program_is_bad_input(route_file, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        code = main(["--routes", str(route_file), "--agent", "route_follower", "--traffic-manager-port", port])
    assert code == 2
    assert f"port {port}, wanted for the Traffic Manager, is already in use" in capsys.readouterr().err


def test_workers_do_not_share_a_simulator_or_a_port(route_file, launch, capsys):
    arguments = ["--routes", str(route_file), "--agent", "route_follower", "--workers", "2"]
    assert main([*arguments, "--port", str(launch("--town", "Town01").port)]) == 2
    assert "starts simulators of its own, but one runs at 127.0.0.1" in capsys.readouterr().err
    assert main([*arguments, "--port", "20990", "--traffic-manager-port", "20995"]) == 2
    assert "leave --traffic-manager-port away" in capsys.readouterr().err


def test_results_are_never_overwritten(route_file, capsys):
    (route_file.parent / "checkpoint_endpoint.json").write_text("{}")
    arguments = ["--routes", str(route_file), "--agent", "route_follower", "--no-resume", "--port", "20990"]
    assert main([*arguments, "--output-dir", str(route_file.parent)]) == 2
    assert "holds results already" in capsys.readouterr().err


def test_results_go_to_a_folder_of_agent_and_routes(route_file):
    command = Command(agent="route_follower", routes=route_file, port=20990, background=False)
    config = make_config(command)
    assert config.output.parts == ("outputs", "route_follower", "straight")
    assert config.server is not None and config.server.town == "Town01"
    assert not config.background.present
    assert Command(agent="my/agent.py", routes=route_file).output.parts[1] == "agent"


def lead(*arguments, cwd):
    command = [sys.executable, "-m", "lead", "--agent", "route_follower", *arguments]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_route_is_driven_scored_and_filmed_and_not_driven_again(route_file, launch):
    server = launch("--town", "Town01")
    arguments = ("--routes", str(route_file), "--port", str(server.port), "--no-background")
    first = lead(*arguments, cwd=route_file.parent)
    text, _ = first.communicate(timeout=120)
    assert first.returncode == 0, text
    assert "starting carlet" not in text and "Perfect" in text
    output = route_file.parent / "outputs" / "route_follower" / "straight"
    record = json.loads((output / "checkpoint_endpoint.json").read_text())["_checkpoint"]["records"][0]
    assert record["scores"]["score_route"] == 100.0
    with av.open(str(output / "videos" / "RouteScenario_7_rep0.mp4")) as video:
        stream = video.streams.video[0]
        frames = sum(1 for _ in video.decode(stream))
    assert frames == pytest.approx(10.0 * record["meta"]["duration_game"], abs=2.0)
    second = lead(*arguments, cwd=route_file.parent)
    text, _ = second.communicate(timeout=60)
    assert second.returncode == 0, text
    assert json.loads((output / "checkpoint_endpoint.json").read_text())["_checkpoint"]["records"] == [record]


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupted_run_starts_its_own_server_and_takes_it_along(route_file, number):
    run = lead("--routes", str(route_file), "--port", "20990", "--no-video", cwd=route_file.parent)
    said = run.stdout.readline()
    assert "No simulator at 127.0.0.1:20990; starting carlet." in said
    family, deadline = [], time.monotonic() + 30.0
    while len(family) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
        family = psutil.Process(run.pid).children(recursive=True)
    assert len(family) == 3  # the evaluation, the guard and carlet
    os.kill(run.pid, number)
    text, _ = run.communicate(timeout=60)
    assert run.returncode == 130, text
    assert "Interrupted" in text
    assert not any(process.is_running() for process in family)
