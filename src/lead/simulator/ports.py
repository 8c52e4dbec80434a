"""Blocks of TCP ports that several processes of one machine share out among themselves.

A block is held by an exclusive lock on a file named after its first port. The kernel drops that lock when its holder
ends, however it ends, so a block of a dead process is free at once and no stale lock needs to be hunted down.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lead.simulator.errors import PortsUnavailable

BLOCK = 4


@dataclass(frozen=True)
class Ports:
    """The ports of one server and of the Traffic Manager that works with it."""

    rpc: int
    stream: int
    secondary: int
    traffic_manager: int


@dataclass(frozen=True)
class PortRange:
    """Where blocks are taken from; by default below the ports that Linux hands out by itself."""

    first: int = 20000
    last: int = 30000

    def __post_init__(self):
        if not 1024 <= self.first <= self.last - BLOCK < 65536 - BLOCK:
            raise ValueError(f"ports {self.first} to {self.last} are no range of at least {BLOCK} user ports")


def lock_directory() -> Path:
    """Where the locks of this user lie: a folder local to the machine, made when missing."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.access(runtime, os.W_OK):
        directory = Path(runtime) / "lead-ports"
    else:
        directory = Path(tempfile.gettempdir()) / f"lead-ports-{os.getuid()}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


@contextmanager
def lease_ports(
    rpc: int | None = None, ports: PortRange = PortRange(), directory: Path | None = None
) -> Iterator[Ports]:
    """Hold a block of free ports while the context lasts.

    `rpc` asks for the block that starts there, whatever the range. Raises PortsUnavailable when that one is taken or
    when the range has none left.
    """
    directory = lock_directory() if directory is None else directory
    for first in range(ports.first, ports.last - BLOCK + 1, BLOCK) if rpc is None else (rpc,):
        handle = _try_block(first, directory)
        if handle is None:
            continue
        try:
            yield Ports(first, first + 1, first + 2, first + 3)
        finally:
            os.close(handle)
        return
    if rpc is not None:
        raise PortsUnavailable(f"port {rpc}, or one of the {BLOCK - 1} after it, is already in use")
    raise PortsUnavailable(f"no {BLOCK} free ports in a row between {ports.first} and {ports.last}")


def is_free(port: int) -> bool:
    """Whether a TCP port can be bound on all interfaces now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A port whose last connections are in TIME_WAIT is free for servers, which set this option too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


def _try_block(first: int, directory: Path) -> int | None:
    """Lock the block at `first` and return the lock's file descriptor, or None when it is taken."""
    handle = os.open(directory / f"{first}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    if not all(is_free(port) for port in range(first, first + BLOCK)):
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle
