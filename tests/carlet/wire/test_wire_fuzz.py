"""Whatever one client does, another one gets its answers, and nothing comes out of `serve`."""

import gc
import socket
import struct
import time
from collections.abc import Iterator

import msgpack
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_clients import PlainClient, encoded
from wire_clients import echo, is_closed, serving, wait_until

from carlet.wire.hub import Hub

FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with serving(Hub("localhost", 0, 0, echo, lambda stream_id: None, max_message=1 << 20)) as served:
        yield served


@pytest.fixture(scope="module")
def healthy(hub) -> Iterator[PlainClient]:
    client = PlainClient(hub.rpc_port)
    yield client
    client.close()


def attack(hub: Hub, healthy: PlainClient, data: bytes, port: int | None = None) -> socket.socket:
    """Send `data` from a fresh connection; another client's call must work before, with and after it."""
    offender = socket.create_connection(("127.0.0.1", port or hub.rpc_port), timeout=5.0)
    assert healthy.value("before", 1) == [1]
    offender.sendall(data)
    assert healthy.value("with", 2) == [2]
    return offender


def gone(hub: Hub, offender: socket.socket) -> None:
    offender.close()
    wait_until(lambda: hub.connections == (1, 0, 0))


@FUZZ
@given(st.binary(min_size=1, max_size=400))
def test_random_bytes(hub, healthy, data):
    gone(hub, attack(hub, healthy, data))


@FUZZ
@given(st.binary(min_size=1, max_size=40))
def test_random_bytes_to_the_stream_port(hub, healthy, data):
    gone(hub, attack(hub, healthy, data, hub.stream_port))


def is_request(value: object) -> bool:
    match value:
        case [0, int(msgid), str(), [[bool()], *_]]:
            return 0 <= msgid < 2**32
    return False


@FUZZ
@given(VALUES.filter(lambda value: not is_request(value)))
def test_messages_that_are_no_requests_end_the_connection(hub, healthy, value):
    offender = attack(hub, healthy, msgpack.packb(value, unicode_errors="surrogatepass"))
    assert is_closed(offender)
    gone(hub, offender)


@pytest.mark.parametrize(
    "message",
    [
        [1, 1, None, [[1, 2]]],
        [2, "notification", [[False]]],
        [0, 1, "method"],
        [0, 1, "method", [[False]], 5],
        [0, -1, "method", [[False]]],
        [0, 2**32, "method", [[False]]],
        [0, True, "method", [[False]]],
        [False, 1, "method", [[False]]],
        [0.0, 1, "method", [[False]]],
        [0, 1, b"method", [[False]]],
        [0, 1, "method", []],
        [0, 1, "method", [False]],
        [0, 1, "method", [[0]]],
        [0, 1, "method", [[False, False]]],
        [0, 1, "method", {"a": 1}],
        "hello",
        5,
        {},
    ],
)
def test_near_requests_end_the_connection(hub, healthy, message):
    offender = attack(hub, healthy, msgpack.packb(message))
    assert is_closed(offender)
    gone(hub, offender)


@FUZZ
@given(st.lists(VALUES, max_size=4), st.data())
def test_truncated_requests_wait_and_change_nothing(hub, healthy, args, data):
    whole = encoded(1, "method", *args)
    cut = data.draw(st.integers(1, len(whole) - 1))
    gone(hub, attack(hub, healthy, whole[:cut]))


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",  # an array of 4 billion
        b"\xdf\xff\xff\xff\xff",  # a map of 4 billion
        b"\x94\x00\x01\xa1m\x92\x91\xc2\x81\xa1a\x01",  # a map
        b"\xc9\xff\xff\xff\xff\x01",  # an extension
        b"\xd6\xff\x00\x00\x00\x00",  # a time stamp
        b"\xc1",  # never used
        b"\x91" * 5000,  # nested too deep
    ],
)
def test_absurd_lengths_and_foreign_types_end_the_connection(hub, healthy, data):
    offender = attack(hub, healthy, data)
    assert is_closed(offender)
    gone(hub, offender)


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"\x94\x00\x01\xdb\xff\xff\xff\xff", b"x" * 65536),  # a method name of 4 GiB
        (b"\x94\x00\x01\xa1m\xc6\xff\xff\xff\xff", bytes(65536)),  # bytes in the place of arguments
        (b"\x94\x00\x01\xa1m\xdc\xff\xff", b"\xda\xff\xff" + bytes(65535)),  # thousands of long strings
    ],
)
def test_a_message_that_never_ends_is_bounded(hub, healthy, start, more):
    offender = attack(hub, healthy, start)
    before = psutil.Process().memory_info().rss
    with pytest.raises(ConnectionError):
        for _ in range(5000):
            offender.sendall(more)
    assert psutil.Process().memory_info().rss - before < 50 << 20
    assert healthy.value("after", 1) == [1]
    gone(hub, offender)


def test_nested_promises_of_long_arrays_cost_no_memory(hub, healthy):
    gc.collect()
    before = psutil.Process().memory_info().rss
    start = time.monotonic()
    offender = attack(hub, healthy, b"\xdd\x00\x0f\xff\xff" * 500)
    assert time.monotonic() - start < 5.0
    assert psutil.Process().memory_info().rss - before < 100 << 20
    gone(hub, offender)


def test_a_request_byte_by_byte_while_others_work(hub, healthy):
    slow = PlainClient(hub.rpc_port)
    for i, byte in enumerate(encoded(1, "slow", [1, 2, "x" * 50])):
        slow.send(bytes([byte]))
        assert healthy.value("fast", i) == [i]
    assert slow.receive()[3] == [[1, [[1, 2, "x" * 50]]]]
    slow.close()
    wait_until(lambda: hub.connections == (1, 0, 0))


def test_resets_in_the_middle_of_answers(hub, healthy):
    for _ in range(20):
        offender = socket.create_connection(("127.0.0.1", hub.rpc_port))
        offender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        offender.sendall(encoded(1, "m", "x" * 50_000) * 5)
        offender.close()
        assert healthy.value("m", 1) == [1]
    wait_until(lambda: hub.connections == (1, 0, 0))


def test_many_offenders_at_once(hub, healthy):
    pieces = [b"\xc1", b"\x94\x00", b"\xdd\xff\xff\xff\xff", encoded(1, "m")[:-1], b"GET / HTTP/1.1\r\n\r\n"]
    ports = (hub.rpc_port, hub.stream_port)
    offenders = [socket.create_connection(("127.0.0.1", ports[i % 2])) for i in range(60)]
    for i, offender in enumerate(offenders):
        offender.sendall(pieces[i % len(pieces)])
        assert healthy.value("m", i) == [i]
    for offender in offenders:
        offender.close()
    wait_until(lambda: hub.connections == (1, 0, 0))
