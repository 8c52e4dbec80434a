"""Stream tokens: the 24 bytes that tell a client where a stream is served."""

import struct

_TOKEN = struct.Struct("<IHBB16x")
_TCP = 1
_ADDRESS_OF_RPC_HOST = 0

TOKEN_BYTES = _TOKEN.size


def token(stream_id: int, port: int) -> bytes:
    """Token of a TCP stream on `port` of the host that the client already talks to."""
    return _TOKEN.pack(stream_id, port, _TCP, _ADDRESS_OF_RPC_HOST)


def stream_of(token_bytes: bytes) -> int:
    """Stream id inside a token."""
    return _TOKEN.unpack(token_bytes)[0]
