"""Clients without the official library: plain sockets, for what the library would never send."""

import socket
import struct
from typing import Any

import msgpack


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
