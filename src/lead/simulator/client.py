"""Connecting to a CARLA-protocol server, and finding out whether it is well."""

import socket
import time
from typing import Any

import carla
import msgpack

from lead.simulator.errors import ServerTimeout, ServerUnreachable

WORKER_THREADS = 24
"""Threads of a `carla.Client`: with few, sensor callbacks that wait for Python's lock can starve a blocking call."""


def probe_version(host: str, port: int, timeout: float = 5.0) -> str:
    """The version that the CARLA server at the address tells.

    Asks over a socket of its own, because `carla.Client` cannot tell an absent server from a silent one. Raises
    ServerUnreachable when nothing listens there or when something else than CARLA answers.
    """
    try:
        answer = call(host, port, "version", [[False]], timeout)
    except ConnectionRefusedError:
        raise ServerUnreachable(f"nothing listens on {host}:{port}; start a server there first") from None
    except socket.gaierror:
        raise ServerUnreachable(f"there is no host called {host!r}") from None
    except OSError as error:
        reason = "it gave no answer" if isinstance(error, TimeoutError) else str(error)
        raise ServerUnreachable(f"no CARLA server could be reached at {host}:{port}: {reason}") from None
    match answer:
        case [1, 0, None, [[1, str() | bytes() as version]]]:
            return version if isinstance(version, str) else version.decode(errors="replace")
    raise ServerUnreachable(f"what listens on {host}:{port} is not a CARLA server")


def call(host: str, port: int, method: str, arguments: list[Any], timeout: float) -> Any:
    """The raw answer to one MessagePack-RPC request on a connection of its own, None when what comes is no message.

    Raises OSError (TimeoutError among them) when the connection fails or nothing comes in time.
    """
    request: Any = msgpack.packb([0, 0, method, arguments])
    with socket.create_connection((host, port), timeout=timeout) as connection:
        connection.sendall(request)
        return _read_message(connection, timeout)


def connect(host: str, port: int, timeout: float = 60.0) -> carla.Client:
    """A client of the server at the address, with `timeout` seconds for each of its calls.

    Raises ServerUnreachable when there is no CARLA server.
    """
    probe_version(host, port, timeout)
    client = carla.Client(host, port, WORKER_THREADS)
    client.set_timeout(timeout)
    return client


def check_ticking(client: carla.Client, timeout: float = 10.0) -> int:
    """Let the world make one step and return its frame; raises ServerTimeout when it does not move on."""
    try:
        world = client.get_world()
        before = world.get_snapshot().frame
        if world.get_settings().synchronous_mode:
            return world.tick(timeout)
        frame = world.wait_for_tick(timeout).frame
    except RuntimeError as error:
        raise ServerTimeout(f"the simulator does not tick: {str(error).strip()}") from None
    if frame <= before:
        raise ServerTimeout(f"the simulator does not tick: frame {frame} came after {before}")
    return frame


def _read_message(connection: socket.socket, timeout: float) -> object:
    """The first MessagePack object that comes, or None when what comes is no such thing."""
    unpacker = msgpack.Unpacker(max_buffer_size=1 << 16, raw=False, strict_map_key=False)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        data = connection.recv(4096)
        if not data:
            return None
        try:
            unpacker.feed(data)
            return unpacker.unpack()
        except msgpack.OutOfData:
            continue
        except (ValueError, msgpack.UnpackException):
            return None
    raise TimeoutError
