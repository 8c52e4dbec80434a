import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import lead.simulator

GUARD = str(Path(lead.simulator.__file__).with_name("guard.py"))
# Starts a guard over a command and waits to be killed; the grandchild shows that the whole group goes.
PARENT = f"""
import os, subprocess, sys, time
guard = [sys.executable, "-I", "-S", {GUARD!r}, str(os.getpid()), "0.5"]
subprocess.Popen([*guard, "sh", "-c", sys.argv[1]], start_new_session=True)
time.sleep(60)
"""


def wait_for(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def read_pids(path, count):
    assert wait_for(lambda: path.exists() and len(path.read_text().split()) == count)
    return [int(pid) for pid in path.read_text().split()]


@pytest.mark.parametrize("stubborn", [False, True])
def test_nothing_survives_a_killed_parent(tmp_path, stubborn):
    pids = tmp_path / "pids"
    trap = "trap '' TERM;" if stubborn else ""
    script = f"{trap} sleep 60 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; wait; sleep 60"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, script])
    family = read_pids(pids, 2)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert wait_for(lambda: not any(psutil.pid_exists(pid) for pid in family))


def test_a_killed_guard_takes_its_command_along(tmp_path):
    pids = tmp_path / "pids"
    command = ["sh", "-c", f"echo $$ > {pids}.new; mv {pids}.new {pids}; exec sleep 60"]
    guard = subprocess.Popen([sys.executable, "-I", "-S", GUARD, str(os.getpid()), "0.5", *command])
    (child,) = read_pids(pids, 1)
    guard.kill()
    guard.wait()
    assert wait_for(lambda: not psutil.pid_exists(child))


def test_the_exit_code_is_the_command_s():
    guard = [sys.executable, "-I", "-S", GUARD, str(os.getpid()), "0.5"]
    assert subprocess.run([*guard, "sh", "-c", "exit 7"], timeout=10).returncode == 7
    assert subprocess.run([*guard, "sh", "-c", "kill -9 $$"], timeout=10).returncode == 128 + 9
