"""The command `carlet`: what it prints, what it writes, how it ends."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import carla
import pytest

MODULE = [sys.executable, "-m", "carlet"]
READY_S = 60.0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MODULE, *arguments], capture_output=True, text=True, timeout=READY_S)


@pytest.mark.parametrize("how_to_end", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_when_told(tmp_path: Path, how_to_end: signal.Signals):
    ready = tmp_path / "ready"
    options = ["--port", "0", "--stream-port", "0", "--town", "Town02", "--ready-file", str(ready)]
    with subprocess.Popen([*MODULE, *options], text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        port, stream_port, pid = map(int, ready.read_text().split())
        assert line == f"carlet is ready: Town02 on 127.0.0.1:{port} (streams {stream_port})\n"
        assert pid == process.pid
        client = carla.Client("127.0.0.1", port)
        client.set_timeout(10.0)
        world = client.get_world()
        assert world.get_map().name == "Carla/Maps/Town02"
        process.send_signal(how_to_end)
        assert process.wait(timeout=10.0) == 0
        assert list(tmp_path.iterdir()) == [ready]


def test_a_fixed_step_is_part_of_the_first_settings(launch):
    server = launch("--town", "Town02", "--fixed-delta", "0.04")
    client = carla.Client(server.host, server.port)
    client.set_timeout(10.0)
    settings = client.get_world().get_settings()
    assert settings.fixed_delta_seconds == pytest.approx(0.04)
    assert not settings.synchronous_mode


@pytest.mark.parametrize("option", ["--port", "--stream-port"])
def test_a_taken_port_is_one_sentence(option: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rest = ["--stream-port", "0"] if option == "--port" else ["--port", "0"]
        ended = run(option, str(port), *rest)
    assert ended.returncode == 2
    assert ended.stderr == f"carlet: port {port} of 127.0.0.1 is in use by another process\n"
    assert ended.stdout == ""


def test_an_unknown_town_is_one_sentence_with_a_suggestion():
    ended = run("--port", "0", "--stream-port", "0", "--town", "Twon02")
    assert ended.returncode == 2
    assert ended.stderr == "carlet: There is no town named 'Twon02'; did you mean Town02?\n"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--port", "70000"], "70000"),
        (["--port", "65535"], "65536"),
        (["--port", "many"], "many"),
        (["--fixed-delta", "-1"], "positive"),
        (["--fixed-delta", "nan"], "positive"),
        (["--town"], "--town"),
        (["--seed", "x"], "--seed"),
        (["--nonsense"], "--nonsense"),
        (["--ready-file", "/nowhere/ready"], "/nowhere"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
    ],
)
def test_a_broken_option_is_one_sentence(arguments: list[str], names: str):
    defaults = ["--stream-port", "0"] if "65535" not in arguments else []
    defaults += [] if "--port" in arguments else ["--port", "0"]
    ended = run(*defaults, *arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("carlet: ")
    assert names in last
