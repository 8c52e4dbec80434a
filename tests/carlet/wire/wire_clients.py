"""Clients without the official library, and a thread that serves a hub."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from carlet.wire.hub import Hub
from carlet.wire.rpc import Request


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return as soon as `condition` holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)


def is_closed(sock: socket.socket) -> bool:
    """Whether the server has closed the connection, seen within the socket's time-out; what it sent is skipped."""
    try:
        while sock.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub served by a thread of its own. Work that must happen in that thread goes through requests."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.is_set():
            hub.serve(10.0)

    thread = threading.Thread(target=loop, name="hub")
    thread.start()
    try:
        yield hub
    finally:
        stop.set()
        hub.wake()
        thread.join(10.0)
        hub.close()
    assert not thread.is_alive()


def echo(request: Request) -> None:
    """Answer with the arguments."""
    request.reply(request.args)
