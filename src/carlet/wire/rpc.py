"""MessagePack-RPC as CARLA's client speaks it: requests in, one answer for each out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgpack
import numpy as np

from carlet.wire.checks import U32_MAX, WireError, array, describe, integer, items, text

_REQUEST = 0
_RESPONSE = 1

#: Longest array in a request: a colour texture of 1024 by 1024 pixels.
MAX_ARRAY = 1 << 20

#: Most bytes that a message may have beside long strings: a float texture of that size, with room to spare.
MAX_STRUCTURE = 32 << 20

#: Most bytes that are taken from a client at once.
READ_BYTES = 1 << 18

_MALFORMED = (msgpack.UnpackException, ValueError, TypeError, OverflowError, MemoryError, RecursionError)


class MessageReader:
    """Decodes what a client sends, message by message; refuses early what no client of CARLA sends.

    Raises WireError from `feed` and `next` for anything malformed or too big; nothing can be read after that.
    """

    def __init__(self, max_message: int, max_structure: int = MAX_STRUCTURE):
        self._max_message = max_message
        self._max_structure = max_structure
        self._start = 0
        self._seen = 0
        self._structure = 0
        self._messages = msgpack.Unpacker(
            raw=False,
            unicode_errors="surrogateescape",
            max_buffer_size=max_message,
            max_array_len=MAX_ARRAY,
            max_map_len=0,
            max_ext_len=0,
        )

    def feed(self, data: memoryview) -> None:
        """Take bytes from the client, at most `READ_BYTES`."""
        try:
            self._messages.feed(data)
        except msgpack.BufferFull as error:
            raise WireError(f"message: longer than {self._max_message} bytes") from error

    def __iter__(self) -> "MessageReader":
        return self

    def __next__(self) -> Any:
        try:
            message = next(self._messages)
        except StopIteration:
            self._check_unfinished()
            raise
        except _MALFORMED as error:
            raise WireError(f"message: {error or type(error).__name__}") from error
        self._start = self._seen = self._messages.tell()
        self._structure = 0
        return message

    def _check_unfinished(self) -> None:
        # Finished parts of an unfinished message have left the decoder's buffer, and small parts take many times their
        # bytes as objects. Only long strings span more than one read, so the rest of a read bounds the small parts.
        seen = self._messages.tell()
        self._structure += min(seen - self._seen, READ_BYTES)
        self._seen = seen
        if seen - self._start > self._max_message or self._structure > self._max_structure:
            raise WireError(f"message: too big after {seen - self._start} bytes")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"cannot send a {type(value).__name__}")


def packer() -> msgpack.Packer:
    """An encoder for answers and message bodies; numpy arrays and scalars become plain values."""
    return msgpack.Packer(use_bin_type=True, unicode_errors="surrogateescape", default=_plain)


_pack = packer().pack


@dataclass(slots=True, eq=False)
class Request:
    """One call of a client. Exactly one of the answering methods must be called, at once or later.

    `args` are the method's own arguments, without the metadata; `is_async` says that nobody reads the answer (the
    client wants one all the same). An answer to a connection that is gone is dropped; a second one is a RuntimeError.
    """

    method: str
    args: list[Any]
    is_async: bool
    _msgid: int = field(repr=False)
    _send: Callable[[bytes], None] = field(repr=False)
    answered: bool = field(default=False, init=False)

    def reply(self, value: Any) -> None:
        """Success of a method that returns a value."""
        self._respond(None, [[1, value]])

    def reply_void(self) -> None:
        """Success of a method that returns nothing."""
        self._respond(None, [[False]])

    def reply_bare(self, value: Any) -> None:
        """Result without any wrapping, as `apply_batch` has it."""
        self._respond(None, value)

    def fail(self, message: str) -> None:
        """Failure of a method that returns a value; raises RuntimeError(message) at the caller."""
        self._respond(None, [[0, [message]]])

    def fail_void(self, message: str) -> None:
        """Failure of a method that returns nothing; raises RuntimeError(message) at the caller."""
        self._respond(None, [[True, [message]]])

    def reject(self, message: str) -> None:
        """The call itself is impossible: unknown method, wrong number or type of arguments."""
        self._respond(message, None)

    def _respond(self, error: str | None, result: Any) -> None:
        if self.answered:
            raise RuntimeError(f"{self.method}: answered twice")
        data = _pack([_RESPONSE, self._msgid, error, result])
        self.answered = True
        self._send(data)


def parse_request(message: Any, send: Callable[[bytes], None]) -> Request:
    """The request in a decoded `message`; WireError when it is none. `send` takes the encoded answer."""
    kind, msgid, method, args = items(message, "message", 4)
    if kind is not _REQUEST:
        raise WireError(f"message: expected a request, got type {describe(kind)}")
    integer(msgid, "message id", 0, U32_MAX)
    text(method, "method")
    array(args, "arguments")
    if not args or type(args[0]) is not list or len(args[0]) != 1 or type(args[0][0]) is not bool:
        raise WireError(f"{method[:80]!a}: expected metadata as the first argument")
    return Request(method, args[1:], args[0][0], msgid, send)


def batch_success(actor_id: int) -> list[Any]:
    """Result of one command of a batch that went well."""
    return [[1, actor_id]]


def batch_failure(message: str) -> list[Any]:
    """Result of one command of a batch that failed."""
    return [[0, [message]]]


def batch_result(results: Iterable[int | str]) -> list[Any]:
    """Bare result of a batch: an actor id for each command that went well, a message for each that failed."""
    return [batch_failure(result) if isinstance(result, str) else batch_success(result) for result in results]
