"""Bytes on their way to one client: sent at once as far as the kernel takes them, the rest kept in order."""

import socket
from collections import deque
from collections.abc import Sequence

#: More buffers than this in one system call are refused by the kernel.
_MAX_BUFFERS = 512

#: A client that reads as fast as it is sent to is left after so many bytes, for the others.
_TURN_BYTES = 8 << 20

#: What a waiting chunk costs beside its bytes, so that many small ones count too.
_CHUNK_COST = 256

Chunk = bytes | memoryview


class Outbox:
    """Sends on a non-blocking socket. `held` counts the bytes (and their upkeep) that still wait; 0 when all are out.

    After a socket error the outbox is `broken`: it drops everything and leaves the closing to the reader of the
    socket, who first takes what the client had sent before it went.
    """

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._queue: deque[memoryview] = deque()
        self.held = 0
        self.broken = False

    def send(self, chunks: Sequence[Chunk]) -> None:
        """Send `chunks` in order behind what waits already. Chunks that are not read-only are copied if they wait."""
        if self.held:
            self.flush()
        if self.broken:
            return
        sent = 0 if self.held else self._attempt(chunks)
        for chunk in chunks:
            size = len(chunk)
            if sent < size:
                self._keep(memoryview(chunk)[sent:])
                sent = 0
            else:
                sent -= size

    def flush(self) -> None:
        """Send as much as the kernel takes of what waits, but not so much that others wait long for their turn."""
        most = _TURN_BYTES
        while self._queue and most > 0 and not self.broken:
            sent = self._attempt([self._queue[i] for i in range(min(len(self._queue), _MAX_BUFFERS))])
            if not sent:
                return
            self._drop(sent)
            most -= sent

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()
        self.held = 0

    def _attempt(self, chunks: Sequence[Chunk]) -> int:
        try:
            if len(chunks) == 1:
                return self._sock.send(chunks[0])
            return self._sock.sendmsg(chunks[:_MAX_BUFFERS])
        except BlockingIOError:
            return 0
        except OSError:
            self.broken = True
            self.clear()
            return 0

    def _keep(self, chunk: memoryview) -> None:
        if self.broken:
            return
        if not chunk.readonly:
            chunk = memoryview(bytes(chunk))
        self._queue.append(chunk)
        self.held += len(chunk) + _CHUNK_COST

    def _drop(self, sent: int) -> None:
        while sent:
            head = self._queue[0]
            if sent < len(head):
                self._queue[0] = head[sent:]
                self.held -= sent
                return
            sent -= len(head)
            self.held -= len(head) + _CHUNK_COST
            self._queue.popleft()
