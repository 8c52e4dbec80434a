"""Every socket of the server in one thread: RPC connections, stream subscribers, and the two doors they come through.

A client can hurt only itself. Whatever is malformed, too big, too slow to say its stream or never reads is cut off and
logged; nothing that a client does raises out of `Hub.serve`.
"""

import errno
import logging
import os
import resource
import select
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.wire import tokens
from carlet.wire.checks import WireError
from carlet.wire.outbox import Chunk, Outbox
from carlet.wire.rpc import READ_BYTES, MessageReader, Request, parse_request

_log = logging.getLogger(__name__)

_LENGTH = struct.Struct("<I")
_STREAM_ID = struct.Struct("<I")
_MAX_PAYLOAD = 2**32 - 1

#: What the kernel may hold for a subscriber: some images, so that the world does not wait for its reader.
_SEND_BUFFER = 4 << 20
#: Requests of one connection that are handled before the others get their turn.
_TURN = 64
_ACCEPTS_AT_ONCE = 64
_SOCKET_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    # a host that vanished is noticed after two minutes of silence
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6),
)
#: File descriptors that clients may not use up: the server opens files too.
_SPARE_DESCRIPTORS = 64
#: A client that is cut off comes back at once; one that asks for an unknown stream waits this long for its answer.
_REFUSAL_DELAY_S = 1.0


#: A part of a message: bytes, or anything that gives its memory, as arrays do. What is read-only must stay as it is.
Piece = bytes | bytearray | memoryview | NDArray[Any]
Payload = Piece | list[Piece] | tuple[Piece, ...]


class ListenError(Exception):
    """The server cannot listen where it was told to; the message is one sentence."""


class PortTaken(ListenError):  # noqa: N818 (the name says it)
    """Somebody else listens on the port."""


class Counts(NamedTuple):
    """Open connections: RPC, stream subscribers, and those that have not named a known stream."""

    rpc: int
    subscribers: int
    pending: int


class _Peer:
    """One client socket."""

    def __init__(self, sock: socket.socket, name: str):
        self.sock = sock
        self.fd = sock.fileno()
        self.name = name
        self.outbox = Outbox(sock)
        self.waits_to_write = False
        self.closed = False


class _RpcPeer(_Peer):
    def __init__(self, sock: socket.socket, name: str, max_message: int):
        super().__init__(sock, name)
        self.messages = MessageReader(max_message)


class _StreamPeer(_Peer):
    def __init__(self, sock: socket.socket, name: str):
        super().__init__(sock, name)
        self.greeting = b""
        self.stream_id: int | None = None


class Hub:
    """Serves RPC on one TCP port and streams on another.

    `on_request` gets every request, in the order of its connection; a WireError that it raises rejects the request,
    any other exception comes out of `serve` and leaves the hub in order. `on_subscribe(stream_id)` gives a first
    message for a new subscriber, or None; its KeyError refuses the subscription. Port 0 picks free ports.
    Raises PortTaken or ListenError when it cannot listen.
    """

    def __init__(
        self,
        host: str,
        rpc_port: int,
        stream_port: int,
        on_request: Callable[[Request], None],
        on_subscribe: Callable[[int], bytes | None],
        *,
        max_backlog: int = 256 << 20,
        max_message: int = 128 << 20,
        greeting_s: float = 10.0,
    ):
        self._on_request = on_request
        self._on_subscribe = on_subscribe
        self._max_backlog = max_backlog
        self._max_message = max_message
        self._greeting_s = greeting_s
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._peers: dict[int, _Peer] = {}
        self._busy: dict[_RpcPeer, None] = {}
        self._subscribers: dict[int, dict[_StreamPeer, None]] = {}
        self._deadlines: dict[_StreamPeer, float] = {}
        self._rpc_door = _listen(host, rpc_port)
        try:
            self._stream_door = _listen(host, stream_port)
        except ListenError:
            self._rpc_door.close()
            raise
        self.rpc_port: int = self._rpc_door.getsockname()[1]
        self.stream_port: int = self._stream_door.getsockname()[1]
        self._wake_end, self._wake_start = os.pipe()
        os.set_blocking(self._wake_end, False)
        os.set_blocking(self._wake_start, False)
        self._max_fd = _descriptor_limit() - _SPARE_DESCRIPTORS
        self._sets_buffers = _kernel_grants(_SEND_BUFFER)
        self._closed = False
        self._epoll = select.epoll()
        for fd in (self._rpc_door.fileno(), self._stream_door.fileno(), self._wake_end):
            self._epoll.register(fd, select.EPOLLIN)

    @property
    def connections(self) -> Counts:
        """How many connections are open."""
        subscribers = sum(map(len, self._subscribers.values()))
        rpc = sum(isinstance(peer, _RpcPeer) for peer in self._peers.values())
        return Counts(rpc, subscribers, len(self._peers) - rpc - subscribers)

    @property
    def backlog(self) -> int:
        """Bytes that wait for clients to read, with their upkeep, over all connections."""
        return sum(peer.outbox.held for peer in self._peers.values())

    def serve(self, timeout_s: float) -> None:
        """Handle what is ready now: one turn for every connection. Waits at most `timeout_s` for something to do."""
        events = self._epoll.poll(0.0 if self._busy else max(timeout_s, 0.0))
        for peer in tuple(self._busy):
            self._take_turn(peer)
        for fd, mask in events:
            peer = self._peers.get(fd)
            if peer is not None:
                self._handle(peer, mask)
            elif fd == self._rpc_door.fileno():
                self._accept(self._rpc_door, self._welcome_rpc)
            elif fd == self._stream_door.fileno():
                self._accept(self._stream_door, self._welcome_stream)
            elif fd == self._wake_end:
                _drain(self._wake_end)
        if self._deadlines:
            self._sweep()

    def publish(self, stream_id: int, payload: Payload, droppable: bool) -> None:
        """Send a message, whole or in pieces, to all subscribers of a stream.

        A subscriber that still waits for an earlier message misses this one if it is `droppable`; else it is queued,
        and a subscriber with more than the maximal backlog is cut off. Pieces that are read-only must stay as they
        are, and are never copied; others may change after the call.
        """
        subscribers = self._subscribers.get(stream_id)
        if not subscribers:
            return
        message = _framed(payload)
        for peer in tuple(subscribers):
            if peer.outbox.held:
                peer.outbox.flush()
            if not (droppable and peer.outbox.held):
                self._transmit(peer, message)

    def listeners(self, stream_id: int) -> int:
        """Number of subscribers of a stream."""
        return len(self._subscribers.get(stream_id, ()))

    def close_stream(self, stream_id: int) -> None:
        """Cut off all subscribers of a stream."""
        for peer in tuple(self._subscribers.get(stream_id, ())):
            self._close(peer)

    def token(self, stream_id: int) -> bytes:
        """The 24 bytes with which a client finds a stream."""
        return tokens.token(stream_id, self.stream_port)

    def wake(self) -> None:
        """Make a waiting `serve` return. May be called from any thread and from signal handlers."""
        if self._closed:
            return
        try:
            os.write(self._wake_start, b"\0")
        except BlockingIOError:
            _log.debug("a wake-up is pending already")

    def close(self) -> None:
        """Close every socket; once is enough."""
        if self._closed:
            return
        self._closed = True
        for peer in tuple(self._peers.values()):
            self._close(peer)
        self._epoll.close()
        self._rpc_door.close()
        self._stream_door.close()
        os.close(self._wake_end)
        os.close(self._wake_start)

    # -- newcomers

    def _accept(self, door: socket.socket, welcome: Callable[[socket.socket, str], None]) -> None:
        for _ in range(_ACCEPTS_AT_ONCE):
            try:
                sock, address = door.accept()
            except BlockingIOError:
                return
            except OSError as error:
                _log.warning("a connection could not be accepted: %s", error)
                return
            if sock.fileno() >= self._max_fd:
                _log.warning("%s:%d is turned away: too many open connections", *address)
                sock.close()
                continue
            sock.setblocking(False)
            for level, option, value in _SOCKET_OPTIONS:
                sock.setsockopt(level, option, value)
            welcome(sock, f"{address[0]}:{address[1]}")

    def _welcome_rpc(self, sock: socket.socket, address: str) -> None:
        self._enrol(_RpcPeer(sock, f"RPC client {address}", self._max_message))

    def _welcome_stream(self, sock: socket.socket, address: str) -> None:
        if self._sets_buffers:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        peer = _StreamPeer(sock, f"stream client {address}")
        self._deadlines[peer] = monotonic() + self._greeting_s
        self._enrol(peer)

    def _enrol(self, peer: _Peer) -> None:
        self._peers[peer.fd] = peer
        self._epoll.register(peer.fd, select.EPOLLIN)
        self._receive(peer)

    def _sweep(self) -> None:
        now = monotonic()
        for peer in [peer for peer, deadline in self._deadlines.items() if deadline <= now]:
            if len(peer.greeting) < _STREAM_ID.size:
                self._cut(peer, "it named no stream in time")
            else:
                self._close(peer, "refused")

    # -- readiness

    def _handle(self, peer: _Peer, mask: int) -> None:
        if mask & select.EPOLLOUT:
            peer.outbox.flush()
            self._watch(peer)
        if mask & ~select.EPOLLOUT:
            self._receive(peer)

    def _receive(self, peer: _Peer) -> None:
        if peer in self._busy:
            return
        try:
            size = peer.sock.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError as error:
            self._close(peer, str(error))
            return
        if not size:
            self._close(peer, "closed by the client")
        elif isinstance(peer, _RpcPeer):
            self._feed(peer, size)
        elif isinstance(peer, _StreamPeer):
            self._greet(peer, bytes(self._buffer[: min(size, _STREAM_ID.size + 1)]))

    # -- calls

    def _feed(self, peer: _RpcPeer, size: int) -> None:
        try:
            peer.messages.feed(self._buffer[:size])
        except WireError as error:
            self._cut(peer, str(error))
            return
        self._take_turn(peer)

    def _take_turn(self, peer: _RpcPeer) -> None:
        for _ in range(_TURN):
            if peer.closed:
                return
            self._busy[peer] = None
            try:
                message = next(peer.messages)
                request = parse_request(message, partial(self._answer, peer))
            except StopIteration:
                del self._busy[peer]
                return
            except WireError as error:
                self._cut(peer, str(error))
                return
            self._dispatch(request)

    def _dispatch(self, request: Request) -> None:
        try:
            self._on_request(request)
        except WireError as error:
            request.reject(str(error))

    def _answer(self, peer: _RpcPeer, data: bytes) -> None:
        if not peer.closed:
            self._transmit(peer, (data,))

    # -- streams

    def _greet(self, peer: _StreamPeer, data: bytes) -> None:
        peer.greeting += data
        if len(peer.greeting) > _STREAM_ID.size:
            self._cut(peer, "it sent more than a stream id")
        elif len(peer.greeting) == _STREAM_ID.size:
            self._subscribe(peer, _STREAM_ID.unpack(peer.greeting)[0])

    def _subscribe(self, peer: _StreamPeer, stream_id: int) -> None:
        try:
            first = self._on_subscribe(stream_id)
        except KeyError:
            _log.debug("%s asks for the unknown stream %d", peer.name, stream_id)
            self._deadlines[peer] = monotonic() + _REFUSAL_DELAY_S
            return
        del self._deadlines[peer]
        peer.stream_id = stream_id
        self._subscribers.setdefault(stream_id, {})[peer] = None
        if first is not None:
            self._transmit(peer, _framed(first))

    # -- sending and closing

    def _transmit(self, peer: _Peer, chunks: Sequence[Chunk]) -> None:
        peer.outbox.send(chunks)
        if peer.outbox.held > self._max_backlog:
            self._cut(peer, f"it left more than {self._max_backlog} bytes unread")
        else:
            self._watch(peer)

    def _watch(self, peer: _Peer) -> None:
        waits = peer.outbox.held > 0
        if waits != peer.waits_to_write:
            peer.waits_to_write = waits
            self._epoll.modify(peer.fd, select.EPOLLIN | select.EPOLLOUT if waits else select.EPOLLIN)

    def _cut(self, peer: _Peer, reason: str) -> None:
        _log.warning("%s is cut off: %s", peer.name, reason)
        self._close(peer)

    def _close(self, peer: _Peer, reason: str = "closed by the server") -> None:
        _log.debug("%s: %s", peer.name, reason)
        peer.closed = True
        peer.outbox.clear()
        self._epoll.unregister(peer.fd)
        del self._peers[peer.fd]
        if isinstance(peer, _RpcPeer):
            self._busy.pop(peer, None)
        elif isinstance(peer, _StreamPeer):
            self._forget(peer)
        peer.sock.close()

    def _forget(self, peer: _StreamPeer) -> None:
        self._deadlines.pop(peer, None)
        if peer.stream_id is None:
            return
        group = self._subscribers[peer.stream_id]
        del group[peer]
        if not group:
            del self._subscribers[peer.stream_id]


def _framed(payload: Payload) -> list[Chunk]:
    pieces = payload if isinstance(payload, list | tuple) else [payload]
    chunks = [_flat(piece) for piece in pieces]
    size = sum(map(len, chunks))
    if not 0 < size <= _MAX_PAYLOAD:
        raise ValueError(f"a stream message must have 1 to {_MAX_PAYLOAD} bytes, not {size}")
    return [_LENGTH.pack(size), *(chunk for chunk in chunks if chunk)]


def _flat(piece: Any) -> Chunk:
    if isinstance(piece, bytes):
        return piece
    view = memoryview(piece)
    # unlike `view.cast`, this takes arrays of records
    return np.frombuffer(view, np.uint8).data if view.nbytes else b""


def _descriptor_limit() -> int:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def _kernel_grants(size: int) -> bool:
    """Whether a socket may ask for so big a buffer; one that asks for more than it may has less than by not asking."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        return probe.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) >= size


def _drain(fd: int) -> None:
    os.read(fd, 4096)


def _listen(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except (OSError, OverflowError) as error:
        sock.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortTaken(f"port {port} of {host} is in use by another process") from error
        raise ListenError(f"cannot listen on {host}:{port}: {error}") from error
    sock.setblocking(False)
    return sock
