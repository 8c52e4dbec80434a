import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from lead.simulator import (
    Outcome,
    PortsUnavailable,
    ServerConfig,
    ServerDied,
    ServerFailedToStart,
    ServerTimeout,
    ServerUnreachable,
    check_ticking,
    connect,
    is_free,
    probe_version,
    start_server,
)

HOLDER = """
import time
from lead.simulator import ServerConfig, start_server
with start_server(ServerConfig()) as server:
    print(server.port, server.pid, flush=True)
    time.sleep(60)
"""


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_servers_run_side_by_side_tick_and_are_gone_afterwards():
    with start_server(ServerConfig()) as one, start_server(ServerConfig(town="Town02")) as two:
        assert len({one.port, one.tm_port, two.port, two.tm_port}) == 4
        for server, town in ((one, "Town01"), (two, "Town02")):
            server.check()
            client = connect(server.host, server.port, 20.0)
            assert client.get_world().get_map().name.endswith(town)
            assert check_ticking(client) < check_ticking(client)
        with pytest.raises(PortsUnavailable, match=str(one.port)), start_server(ServerConfig(port=one.port)):
            pass
        family = [process.pid for pid in (one.pid, two.pid) for process in psutil.Process(pid).children()]
        assert len(family) == 2
    assert not any(psutil.pid_exists(pid) for pid in (*family, one.pid, two.pid))
    assert is_free(one.port) and is_free(two.port)
    with pytest.raises(ServerDied, match="ended with code"):
        one.check()


def test_a_server_does_not_survive_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    port, guard = map(int, parent.stdout.readline().split())
    (server,) = psutil.Process(guard).children()
    assert probe_version("127.0.0.1", port)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    assert wait_for(lambda: not psutil.pid_exists(server.pid) and not psutil.pid_exists(guard))
    assert is_free(port)


def test_a_server_that_hangs_and_one_that_dies_are_told_apart():
    with start_server(ServerConfig(stop_grace=0.5)) as server:
        (process,) = psutil.Process(server.pid).children()
        process.suspend()
        with pytest.raises(ServerTimeout, match="no longer answers") as hung:
            server.check(0.5)
        assert hung.value.outcome is Outcome.SERVER_TIMEOUT
        process.resume()
        server.check(10.0)
        process.kill()
        assert wait_for(lambda: not server.is_running)
        with pytest.raises(ServerDied) as died:
            server.check()
        assert died.value.outcome is Outcome.SERVER_DIED
        with pytest.raises(ServerUnreachable):
            connect(server.host, server.port)


def test_a_server_that_cannot_start_says_why_and_its_log_is_kept(tmp_path):
    log = tmp_path / "logs" / "server.log"
    with (
        pytest.raises(ServerFailedToStart, match=r"carlet did not start: carlet: .*Town99"),
        start_server(ServerConfig(town="Town99", log_file=log)),
    ):
        pass
    assert "Town99" in log.read_text()


@pytest.mark.slow
def test_a_server_that_takes_too_long_is_ended():
    began = time.monotonic()
    with (
        pytest.raises(ServerFailedToStart, match=r"was not ready within 0\.05 s"),
        start_server(ServerConfig(start_timeout=0.05)),
    ):
        pass
    assert time.monotonic() - began < 10.0


def test_a_folder_without_carla_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"has no CarlaUE4\.sh"):
        ServerConfig(carla_root=tmp_path)


@pytest.mark.slow
def test_carla_is_started_by_its_own_script(tmp_path):
    script = tmp_path / "CarlaUE4.sh"
    options = "${3#-carla-rpc-port=} --stream-port ${4#-carla-streaming-port=}"
    script.write_text(f"#!/bin/sh\necho $@\n{sys.executable} -m carlet --town Town02 --port {options}\n")
    script.chmod(0o755)
    with start_server(ServerConfig(carla_root=tmp_path, town="Town01")) as server:
        assert server.kind == "CARLA"
        assert connect(server.host, server.port).get_world().get_map().name.endswith("Town01")
        assert "-RenderOffScreen -nosound" in server.log_file.read_text()
