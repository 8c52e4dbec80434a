import faulthandler
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lead.evaluation.supervise import supervise


def counting(folder: Path):
    """How many files the work has finished."""
    return lambda: len(list(folder.iterdir()))


def crash() -> int:
    faulthandler.disable()  # pytest's would print every thread
    os.kill(os.getpid(), signal.SIGABRT)
    return 0


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_is_that_of_the_work(tmp_path, code):
    assert supervise(lambda crashes: code, counting(tmp_path)) == code


def test_an_error_is_no_crash(tmp_path, capfd):
    def fail(crashes: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        raise ValueError("no such thing")

    assert supervise(fail, counting(tmp_path)) == 1
    assert counting(tmp_path)() == 1
    assert "no such thing" in capfd.readouterr().err


def test_after_a_crash_it_goes_on(tmp_path):
    def work(crashes: int) -> int:
        (tmp_path / f"{crashes}").touch()
        return crash() if crashes < 4 else 7

    assert supervise(work, counting(tmp_path), attempts=2) == 7
    assert counting(tmp_path)() == 5


def test_crashes_without_progress_end_it(tmp_path, caplog):
    log = tmp_path / "log"

    def work(crashes: int) -> int:
        with log.open("a") as file:
            file.write(f"{crashes}\n")
        return crash()

    assert supervise(work, lambda: 0, attempts=3) == 128 + signal.SIGABRT
    assert log.read_text().split() == ["0", "1", "2"]
    assert "giving up" in caplog.text


PARENT = """
import pathlib, sys, time
from lead.evaluation.supervise import supervise

def work(crashes):
    pathlib.Path(sys.argv[1]).write_text(str(__import__("os").getpid()))
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        return 130
    return 0

sys.exit(supervise(work, lambda: 0))
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_child_goes_with_its_parent(tmp_path, number):
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(note)])
    deadline = time.monotonic() + 30.0
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    child = int(note.read_text())
    parent.send_signal(number)
    codes = {signal.SIGTERM: 128 + signal.SIGTERM, signal.SIGINT: 130, signal.SIGKILL: -signal.SIGKILL}
    assert parent.wait(20) == codes[number]
    while not gone(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert gone(child)
