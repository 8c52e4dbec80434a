"""A simulator server as a supervised child process: carlet, or CARLA itself."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lead.simulator.client import check_ticking, connect, probe_version
from lead.simulator.errors import ServerDied, ServerFailedToStart, ServerTimeout, ServerUnreachable
from lead.simulator.ports import Ports, lease_ports

_GUARD = Path(__file__).with_name("guard.py")
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ServerConfig:
    """Which server to start and how long to be patient with it."""

    carla_root: Path | None = None
    """Folder of an unpacked CARLA 0.9.16 with `CarlaUE4.sh`; None starts carlet."""
    town: str = "Town01"
    """Town that is loaded when the server is ready."""
    host: str = "127.0.0.1"
    """Interface that carlet binds; CARLA itself binds all."""
    port: int | None = None
    """RPC port; None leases a free block."""
    seed: int = 0
    """Seed of carlet's world; CARLA has none."""
    arguments: tuple[str, ...] = ()
    """Further arguments for the server's command."""
    start_timeout: float = 300.0
    """Seconds until the server must be ready; carlet compiles itself at its very first start."""
    stop_grace: float = 5.0
    """Seconds between SIGTERM and SIGKILL."""
    log_file: Path | None = None
    """Where the server's output goes; None keeps it only as long as the server runs."""

    def __post_init__(self):
        if self.carla_root is not None and not (self.carla_root / "CarlaUE4.sh").is_file():
            raise ValueError(f"{self.carla_root} is no CARLA folder: it has no CarlaUE4.sh")
        if self.start_timeout <= 0.0 or self.stop_grace < 0.0:
            raise ValueError("start_timeout must be positive and stop_grace not negative")

    @property
    def kind(self) -> str:
        """What is started, as one says it."""
        return "carlet" if self.carla_root is None else "CARLA"


@dataclass(frozen=True)
class Server:
    """A running server. `pid` is its guard's process id; `log_file` holds all that the server printed."""

    kind: str
    host: str
    ports: Ports
    log_file: Path
    process: subprocess.Popen

    @property
    def port(self) -> int:
        """The RPC port."""
        return self.ports.rpc

    @property
    def tm_port(self) -> int:
        """The port that is kept free for the Traffic Manager."""
        return self.ports.traffic_manager

    @property
    def pid(self) -> int:
        """Process id of the guard that the server lives and dies with."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether the server's process is there."""
        return self.process.poll() is None

    def check(self, timeout: float = 5.0) -> None:
        """Raise ServerDied when the process is gone, ServerTimeout when it does not answer within `timeout` s."""
        if not self.is_running:
            raise ServerDied(f"{self.kind} ended with code {self.process.poll()}: {last_line(self.log_file)}")
        try:
            probe_version(self.host, self.port, timeout)
        except ServerUnreachable as error:
            raise ServerTimeout(f"{self.kind} (process {self.pid}) no longer answers: {error}") from None


@contextmanager
def start_server(config: ServerConfig) -> Iterator[Server]:
    """Start a server, wait until it ticks, and stop it when the context ends.

    The server does not survive this process, however this one ends. Raises ServerFailedToStart with the last line of
    the server's output, or PortsUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="lead-server-") as folder, lease_ports(config.port) as ports:
        log_file = config.log_file or Path(folder) / "server.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        ready_file = Path(folder) / "ready"
        process = _launch(config, _command(config, ports, ready_file), log_file)
        server = Server(config.kind, config.host, ports, log_file, process)
        try:
            _wait_until_ready(server, config, ready_file)
            yield server
        finally:
            _stop(process, config.stop_grace)


def last_line(log_file: Path) -> str:
    """The last line with text of a log, or a sentence that says there is none."""
    lines = log_file.read_text(errors="replace").splitlines() if log_file.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")


def _command(config: ServerConfig, ports: Ports, ready_file: Path) -> list[str]:
    if config.carla_root is not None:
        script = str(config.carla_root / "CarlaUE4.sh")
        listening = [f"-carla-rpc-port={ports.rpc}", f"-carla-streaming-port={ports.stream}"]
        return [script, "-RenderOffScreen", "-nosound", *listening, *config.arguments]
    options = {
        "--host": config.host,
        "--port": ports.rpc,
        "--stream-port": ports.stream,
        "--town": config.town,
        "--seed": config.seed,
        "--ready-file": ready_file,
    }
    flat = [str(part) for pair in options.items() for part in pair]
    return [sys.executable, "-m", "carlet", *flat, *config.arguments]


def _launch(config: ServerConfig, command: list[str], log_file: Path) -> subprocess.Popen:
    guard = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(config.stop_grace)]
    with log_file.open("wb") as log:
        # A session of its own keeps a terminal's Ctrl-C away: we end the server when we are done with it.
        return subprocess.Popen(
            [*guard, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _wait_until_ready(server: Server, config: ServerConfig, ready_file: Path) -> None:
    deadline = time.monotonic() + config.start_timeout
    while not _is_ready(server, config, ready_file):
        if not server.is_running:
            raise ServerFailedToStart(f"{server.kind} did not start: {last_line(server.log_file)}")
        if time.monotonic() > deadline:
            said = last_line(server.log_file)
            raise ServerFailedToStart(f"{server.kind} was not ready within {config.start_timeout:g} s: {said}")
        time.sleep(_POLL_SECONDS)
    client = connect(server.host, server.port, max(deadline - time.monotonic(), 1.0))
    if config.carla_root is not None and not client.get_world().get_map().name.endswith(config.town):
        client.load_world(config.town)
    check_ticking(client)


def _is_ready(server: Server, config: ServerConfig, ready_file: Path) -> bool:
    if config.carla_root is None:
        return ready_file.exists()
    try:
        probe_version(server.host, server.port, 1.0)
    except ServerUnreachable:
        return False
    return True


def _stop(process: subprocess.Popen, grace: float) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(grace + 5.0)
    except subprocess.TimeoutExpired:
        # The kernel ends the server together with its guard.
        process.kill()
        process.wait()
