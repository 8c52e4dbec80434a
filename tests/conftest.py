"""What all tests share: real servers as processes, real routes where they are."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from jaxtyping import install_import_hook

# Shapes of tensors are checked in tests alone; the hook must come before the first import of a model.
install_import_hook("lead.models", "beartype.beartype")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and all that they start with them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
START_TIMEOUT_S = 240.0


class CarletProcess(NamedTuple):
    """A running `python -m carlet`."""

    process: subprocess.Popen[str]
    host: str
    port: int

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port


def free_ports(count: int = 1) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def start_carlet(folder: Path, *arguments: str) -> CarletProcess:
    """Start a server on free ports and wait until it is ready."""
    ready = folder / f"ready-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "carlet", "--port", "0", "--stream-port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(
        [*command, *arguments], text=True, stdout=subprocess.DEVNULL, preexec_fn=_die_with_the_tests
    )
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"carlet did not start: exit code {process.poll()}")
        time.sleep(0.02)
    return CarletProcess(process, "127.0.0.1", int(ready.read_text().split()[0]))


def _die_with_the_tests() -> None:
    """The client's wheel may take pytest down with it; its servers must not stay behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_carlet(server: CarletProcess) -> int:
    """Ask a server to end and return its exit code."""
    server.process.terminate()
    return server.process.wait(timeout=20)


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., CarletProcess]]:
    """`launch(*arguments)` starts a server that ends with the test session."""
    started: list[CarletProcess] = []

    def launch_one(*arguments: str) -> CarletProcess:
        started.append(start_carlet(tmp_path_factory.mktemp("carlet"), *arguments))
        return started[-1]

    yield launch_one
    for server in started:
        if server.process.poll() is None:
            stop_carlet(server)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on now."""
    return free_ports()[0]


@pytest.fixture(scope="session")
def routes_folder() -> Path:
    """Folder of the benchmarks' route files; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("LEAD_ROUTES", REPOSITORY.parent / "shared" / "routes"))
    if not folder.is_dir():
        pytest.skip("no route files: set LEAD_ROUTES to the folder that has longest6/, bench2drive/ ...")
    return folder
