"""Clients without the official library, and a thread that serves a hub."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgpack

from carlet.wire.hub import Hub
from carlet.wire.rpc import Request


class PlainClient:
    """MessagePack-RPC over a plain socket, for what the official client would never send."""

    def __init__(self, port: int):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10.0)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = msgpack.Unpacker(max_buffer_size=0)
        self.msgid = 0

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self) -> list[Any]:
        while True:
            try:
                return next(self.answers)
            except StopIteration:
                data = self.sock.recv(1 << 16)
                if not data:
                    raise ConnectionResetError("closed by the server") from None
                self.answers.feed(data)

    def call(self, method: str, *args: Any) -> list[Any]:
        """The whole answer of a call."""
        self.msgid += 1
        self.send(encoded(self.msgid, method, *args))
        answer = self.receive()
        assert answer[:2] == [1, self.msgid]
        return answer

    def value(self, method: str, *args: Any) -> Any:
        """The value that a call gives."""
        _, _, error, result = self.call(method, *args)
        assert error is None
        assert result[0][0] == 1
        return result[0][1]

    def close(self) -> None:
        self.sock.close()


def encoded(msgid: int, method: str, *args: Any) -> bytes:
    """A request as bytes."""
    data = msgpack.packb([0, msgid, method, [[False], *args]])
    assert data is not None
    return data


class Subscriber:
    """One subscription of a stream over a plain socket."""

    def __init__(self, port: int, stream_id: int, receive_buffer: int | None = None):
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(10.0)
        self.sock.connect(("127.0.0.1", port))
        self.sock.sendall(struct.pack("<I", stream_id))

    def receive(self) -> bytes:
        """One message; ConnectionResetError when the server has closed."""
        (size,) = struct.unpack("<I", self._exactly(4))
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            data = self.sock.recv(min(size - len(parts), 1 << 20))
            if not data:
                raise ConnectionResetError("closed by the server")
            parts += data
        return bytes(parts)

    def close(self) -> None:
        self.sock.close()


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
