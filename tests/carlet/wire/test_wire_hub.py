import resource
import socket
import sys
import threading
import time

import msgpack
import numpy as np
import psutil
import pytest
from plain_clients import PlainClient, Subscriber, encoded
from wire_clients import echo, is_closed, serving, wait_until

from carlet.wire.checks import WireError
from carlet.wire.hub import Hub, ListenError, PortTaken
from carlet.wire.outbox import Outbox
from carlet.wire.records import DVS_EVENT
from carlet.wire.tokens import stream_of


def hub_of(on_request=echo, on_subscribe=lambda stream_id: None, **options):
    return Hub("localhost", 0, 0, on_request, on_subscribe, **options)


# -- calls


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda request: request.reply([1, "a"]), [1, 3, None, [[1, [1, "a"]]]]),
        (lambda request: request.reply(np.float32(0.5)), [1, 3, None, [[1, 0.5]]]),
        (lambda request: request.reply(np.eye(2)), [1, 3, None, [[1, [[1.0, 0.0], [0.0, 1.0]]]]]),
        (lambda request: request.reply_void(), [1, 3, None, [[False]]]),
        (lambda request: request.reply_bare([[[1, 5]]]), [1, 3, None, [[[1, 5]]]]),
        (lambda request: request.fail("no"), [1, 3, None, [[0, ["no"]]]]),
        (lambda request: request.fail_void("no"), [1, 3, None, [[True, ["no"]]]]),
        (lambda request: request.reject("no"), [1, 3, "no", None]),
    ],
)
def test_each_answer_has_its_wrapping(answer, expected):
    with serving(hub_of(answer)) as hub:
        client = PlainClient(hub.rpc_port)
        client.send(encoded(3, "method", 1))
        assert client.receive() == expected


def test_a_request_carries_method_arguments_and_whether_somebody_waits():
    seen = []

    def on_request(request):
        seen.append((request.method, request.args, request.is_async))
        request.reply_void()

    with serving(hub_of(on_request)) as hub:
        client = PlainClient(hub.rpc_port)
        client.send(msgpack.packb([0, 1, "set", [[True], 7, [1.5, None], b"\xff", "ü"]]))
        client.receive()
    assert seen == [("set", [7, [1.5, None], b"\xff", "ü"], True)]


def test_strings_that_are_not_utf8_come_back_as_they_were(server):
    client = PlainClient(server.rpc_port)
    client.send(b"\x94\x00\x01\xa1m\x92\x91\xc2\xa3a\xff\xfe")
    client.answers = msgpack.Unpacker(raw=True)
    assert client.receive()[3] == [[1, [b"a\xff\xfe"]]]


def test_a_wire_error_rejects_the_request_and_the_connection_lives():
    def on_request(request):
        if request.args:
            raise WireError("transform: expected an array of 2 elements, got 1")
        request.reply(0)

    with serving(hub_of(on_request)) as hub:
        client = PlainClient(hub.rpc_port)
        assert client.call("m", 1)[2:] == ["transform: expected an array of 2 elements, got 1", None]
        assert client.value("m") == 0


def test_other_exceptions_come_out_of_serve_and_nothing_is_lost():
    def on_request(request):
        request.reply(request.args)
        if request.args == [1]:
            raise LookupError("a defect of the server")

    hub = hub_of(on_request)
    client, other = PlainClient(hub.rpc_port), PlainClient(hub.rpc_port)
    client.send(b"".join(encoded(i, "m", i) for i in range(3)))
    other.send(encoded(9, "m", 9))
    with pytest.raises(LookupError):
        for _ in range(10):
            hub.serve(1.0)
    for _ in range(3):
        hub.serve(0.1)
    assert [client.receive()[1] for _ in range(3)] == [0, 1, 2]
    assert other.receive()[1] == 9
    hub.close()


def test_a_second_answer_is_an_error_and_a_late_one_to_nobody_is_dropped():
    kept = []
    with serving(hub_of(kept.append)) as hub:
        client = PlainClient(hub.rpc_port)
        client.send(encoded(1, "m") + encoded(2, "m"))
        wait_until(lambda: len(kept) == 2)
        client.close()
        wait_until(lambda: hub.connections.rpc == 0)
    for request in kept:
        request.reply(1)
        with pytest.raises(RuntimeError, match="answered twice"):
            request.reply(1)


def test_an_answer_may_come_later_and_in_another_order():
    kept = []

    def on_request(request):
        kept.append(request)
        if len(kept) == 2:
            kept[1].reply("second")
            kept[0].reply("first")

    with serving(hub_of(on_request)) as hub:
        client = PlainClient(hub.rpc_port)
        client.send(encoded(1, "m") + encoded(2, "m"))
        assert [client.receive()[1] for _ in range(2)] == [2, 1]


def test_what_a_client_sends_before_it_goes_is_done():
    done = []

    def on_request(request):
        done.append(request.args[0])
        request.reply_void()

    with serving(hub_of(on_request)) as hub:
        client = PlainClient(hub.rpc_port)
        client.send(b"".join(encoded(i, "m", i) for i in range(1000)))
        client.close()
        wait_until(lambda: len(done) == 1000)
        wait_until(lambda: hub.connections.rpc == 0)
    assert done == list(range(1000))


def test_a_flood_does_not_starve_the_others():
    order = []

    def on_request(request):
        order.append(request.method)
        request.reply_void()

    hub = hub_of(on_request)
    flood, other = PlainClient(hub.rpc_port), PlainClient(hub.rpc_port)
    flood.send(b"".join(encoded(i, "flood") for i in range(2000)))
    other.send(encoded(1, "other"))
    while order.count("flood") < 2000:
        hub.serve(1.0)
    assert order.index("other") < 200
    hub.close()


def test_big_answers_pass_through_a_slow_reader(server):
    client = PlainClient(server.rpc_port)
    payload = np.random.default_rng(1).bytes(20 << 20)
    client.send(encoded(1, "m", payload))
    other = PlainClient(server.rpc_port)
    assert other.value("m", 1) == [1]
    assert client.receive()[3] == [[1, [payload]]]


def test_wake_ends_the_waiting_from_another_thread(hub):
    timer = threading.Timer(0.1, hub.wake)
    timer.start()
    start = time.monotonic()
    hub.serve(20.0)
    assert time.monotonic() - start < 10.0
    start = time.monotonic()
    hub.serve(0.05)
    assert time.monotonic() - start > 0.03, "one wake-up ends one waiting only"


# -- ports


def test_a_taken_port_is_named_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^port {port} of localhost is in use by another process$"):
            Hub("localhost", port, 0, echo, lambda stream_id: None)
        with pytest.raises(PortTaken, match=str(port)):
            Hub("localhost", 0, port, echo, lambda stream_id: None)


def test_a_taken_stream_port_gives_the_rpc_port_back():
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        free_port = free.getsockname()[1]
        free.close()
        with pytest.raises(PortTaken):
            Hub("127.0.0.1", free_port, taken.getsockname()[1], echo, lambda stream_id: None)
        Hub("127.0.0.1", free_port, 0, echo, lambda stream_id: None).close()


def test_ports_can_be_used_again_at_once():
    hub = hub_of()
    ports = hub.rpc_port, hub.stream_port
    clients = [PlainClient(hub.rpc_port), Subscriber(hub.stream_port, 1)]
    for _ in range(4):
        hub.serve(0.05)
    hub.close()
    again = Hub("localhost", *ports, echo, lambda stream_id: None)
    assert (again.rpc_port, again.stream_port) == ports
    again.close()
    for client in clients:
        client.close()


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("localhost", 70000), ("203.0.113.7", 0)])
def test_an_impossible_address_is_a_listen_error(host, port):
    with pytest.raises(ListenError, match=f"cannot listen on {host}:{port}"):
        Hub(host, port, 0, echo, lambda stream_id: None)


# -- those who only cost


def test_idle_and_half_open_connections_disturb_nobody(server):
    idle = [socket.create_connection(("127.0.0.1", port)) for port in (server.rpc_port, server.stream_port) * 20]
    half = PlainClient(server.rpc_port)
    half.send(encoded(1, "m", "x" * 100)[:50])
    client = PlainClient(server.rpc_port)
    assert [client.value("m", i) for i in range(50)] == [[i] for i in range(50)]
    wait_until(lambda: server.connections == (22, 0, 20))
    for sock in [*idle, half.sock]:
        sock.close()
    wait_until(lambda: server.connections == (1, 0, 0))


def test_connections_beyond_the_descriptors_are_turned_away():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    probe = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (probe.fileno() + 64 + 30, limits[1]))
    probe.close()
    try:
        hub = hub_of()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    with serving(hub):
        client = PlainClient(hub.rpc_port)
        assert client.value("m", 1) == [1]
        crowd = [socket.create_connection(("127.0.0.1", hub.rpc_port)) for _ in range(40)]
        crowd[-1].settimeout(5.0)
        assert is_closed(crowd[-1])
        assert client.value("m", 2) == [2]
        for sock in crowd:
            sock.close()


def test_a_client_that_never_reads_is_cut_off():
    with serving(hub_of(max_backlog=1 << 20)) as hub:
        deaf, client = PlainClient(hub.rpc_port), PlainClient(hub.rpc_port)
        deaf.sock.settimeout(0.5)
        request = encoded(1, "m", "x" * 100_000)
        with pytest.raises((ConnectionError, TimeoutError)):
            for _ in range(1000):
                deaf.send(request)
        wait_until(lambda: hub.connections.rpc == 1)
        assert client.value("m", 1) == [1]


def test_many_small_unread_answers_count_with_their_upkeep():
    deaf, sock = socket.socketpair()
    sock.setblocking(False)
    outbox = Outbox(sock)
    while not outbox.held:
        outbox.send([b"\xc0" * 10])
    waiting = outbox.held
    for _ in range(1000):
        outbox.send([b"\xc0" * 10])
    assert outbox.held > waiting + 200_000
    deaf.close()
    outbox.send([b"\xc0"])
    assert (outbox.broken, outbox.held) == (True, 0)
    sock.close()


def test_no_descriptor_is_left_behind():
    before = psutil.Process().num_fds()
    hub = hub_of(on_subscribe=lambda stream_id: b"x" * (8 << 20))
    for i in range(100):
        client, subscriber = PlainClient(hub.rpc_port), Subscriber(hub.stream_port, i)
        client.send(encoded(1, "m") + b"\xc1" * (i % 2))
        for _ in range(3):
            hub.serve(0.01)
        client.close()
        subscriber.close()
    wait_until(lambda: hub.serve(0.01) or hub.connections == (0, 0, 0))
    assert hub.backlog == 0
    hub.close()
    hub.close()
    hub.wake()
    assert psutil.Process().num_fds() == before


# -- streams


def test_tokens_name_stream_port_and_protocol(hub):
    token = hub.token(0x01020304)
    assert token == b"\x04\x03\x02\x01" + hub.stream_port.to_bytes(2, "little") + b"\x01\x00" + bytes(16)
    assert stream_of(token) == 0x01020304


def test_a_subscriber_gets_the_first_message_and_then_all():
    hub = hub_of(on_subscribe=lambda stream_id: b"first" if stream_id == 5 else None)
    five, six = Subscriber(hub.stream_port, 5), Subscriber(hub.stream_port, 6)
    wait_until(lambda: hub.serve(0.01) or hub.connections.subscribers == 2)
    assert (hub.listeners(5), hub.listeners(6), hub.listeners(7)) == (1, 1, 0)
    pixels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    hub.publish(5, b"whole", droppable=False)
    hub.publish(5, memoryview(b"view"), droppable=True)
    hub.publish(5, [b"head", pixels, b"", np.zeros((0, 3)), memoryview(b"tail")], droppable=False)
    hub.publish(6, b"other", droppable=False)
    hub.publish(7, b"nobody", droppable=False)
    assert [five.receive() for _ in range(4)] == [b"first", b"whole", b"view", b"head" + pixels.tobytes() + b"tail"]
    assert six.receive() == b"other"
    hub.close()


@pytest.mark.parametrize("payload", [b"", [], [b"", np.zeros(0)]])
def test_an_empty_message_is_refused_because_clients_take_it_for_an_error(hub, payload):
    subscriber = Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    with pytest.raises(ValueError, match="must have 1 to"):
        hub.publish(5, payload, droppable=False)
    hub.publish(5, b"next", droppable=False)
    assert subscriber.receive() == b"next"


def test_a_message_of_thousands_of_pieces_arrives_whole(hub):
    subscriber = Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    pieces = [bytes([i % 251]) * (i % 7 + 1) for i in range(5000)]
    hub.publish(5, pieces, droppable=False)
    wait_until(lambda: hub.serve(0.0) or not hub.backlog)
    assert subscriber.receive() == b"".join(pieces)


def test_leaving_closing_and_coming_back(hub):
    first, second = Subscriber(hub.stream_port, 5), Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 2)
    first.close()
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    hub.close_stream(5)
    assert hub.listeners(5) == 0
    assert is_closed(second.sock)
    again = Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    hub.publish(5, b"back", droppable=False)
    assert again.receive() == b"back"


def _stalled_and_reading(hub, receive_buffer=1 << 16):
    stalled, reading = Subscriber(hub.stream_port, 5, receive_buffer), Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 2)
    return stalled, reading


def _numbered(i, size=1 << 20):
    return i.to_bytes(4, "little") + bytes(size)


def _drained(hub, subscriber, received):
    """A thread that reads messages into `received` until its subscription ends."""

    def loop():
        try:
            while True:
                received.append(int.from_bytes(subscriber.receive()[:4], "little"))
        except ConnectionResetError:
            return

    thread = threading.Thread(target=loop)
    thread.start()
    return thread


def test_droppable_messages_skip_a_stalled_subscriber_only(hub):
    stalled, reading = _stalled_and_reading(hub)
    received, late = [], []
    thread = _drained(hub, reading, received)
    for i in range(100):
        hub.publish(5, _numbered(i), droppable=True)
        assert hub.backlog < 4 << 20
        wait_until(lambda: hub.serve(0.001) or len(received) == i + 1)  # noqa: B023 (called at once)
    other = _drained(hub, stalled, late)
    wait_until(lambda: hub.serve(0.001) or not hub.backlog)
    hub.publish(5, _numbered(100), droppable=True)
    wait_until(lambda: hub.serve(0.001) or (100 in late and len(received) == 101))
    hub.close_stream(5)
    thread.join()
    other.join()
    assert received == list(range(101))
    assert late == sorted(set(late)), "whole messages, in order"
    assert 2 <= len(late) < 50


def test_other_messages_wait_for_a_stalled_subscriber_in_order(hub):
    stalled, reading = _stalled_and_reading(hub)
    received, late = [], []
    thread = _drained(hub, reading, received)
    for i in range(40):
        hub.publish(5, _numbered(i), droppable=False)
        wait_until(lambda: hub.serve(0.001) or len(received) == i + 1)  # noqa: B023 (called at once)
    assert hub.backlog > 20 << 20
    other = _drained(hub, stalled, late)
    wait_until(lambda: hub.serve(0.001) or len(late) == 40)
    hub.close_stream(5)
    thread.join()
    other.join()
    assert received == late == list(range(40))


def test_a_subscriber_with_too_much_waiting_is_cut_off_alone():
    hub = hub_of(max_backlog=10 << 20)
    stalled, reading = _stalled_and_reading(hub)
    received = []
    thread = _drained(hub, reading, received)
    for i in range(60):
        hub.publish(5, _numbered(i), droppable=False)
        assert hub.backlog < 24 << 20
        wait_until(lambda: hub.serve(0.001) or len(received) == i + 1)  # noqa: B023 (called at once)
    assert hub.listeners(5) == 1
    hub.close()
    thread.join()
    assert received == list(range(60))
    assert is_closed(stalled.sock)


def test_what_waits_is_safe_from_later_changes(hub):
    subscriber = Subscriber(hub.stream_port, 5, 1 << 16)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    pixels = np.full(32 << 20, 7, np.uint8)
    hub.publish(5, [b"head", pixels], droppable=False)
    pixels[:] = 9
    received = []
    thread = threading.Thread(target=lambda: received.append(subscriber.receive()))
    thread.start()
    wait_until(lambda: hub.serve(0.001) or bool(received))
    thread.join()
    assert received[0] == b"head" + bytes([7]) * (32 << 20)


def test_what_is_read_only_is_never_copied(hub):
    subscriber = Subscriber(hub.stream_port, 5, 1 << 16)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    pixels = np.full(64 << 20, 7, np.uint8)
    pixels.flags.writeable = False
    before = psutil.Process().memory_info().rss
    held = sys.getrefcount(pixels)
    hub.publish(5, (b"head", pixels), droppable=False)
    assert sys.getrefcount(pixels) > held
    assert psutil.Process().memory_info().rss - before < 16 << 20
    received = []
    thread = threading.Thread(target=lambda: received.append(subscriber.receive()))
    thread.start()
    wait_until(lambda: hub.serve(0.001) or bool(received))
    thread.join()
    assert received[0] == b"head" + pixels.tobytes()
    assert sys.getrefcount(pixels) == held


class Glutton:
    """A socket that is full once, and then takes a megabyte whenever it is asked."""

    def __init__(self):
        self.full, self.taken = True, 0

    def send(self, chunk):
        return self.sendmsg([chunk])

    def sendmsg(self, chunks):
        if self.full:
            self.full = False
            raise BlockingIOError
        size = min(1 << 20, sum(map(len, chunks)))
        self.taken += size
        return size


def test_who_reads_without_end_is_left_for_the_others():
    glutton = Glutton()
    outbox = Outbox(glutton)
    outbox.send([bytes(64 << 20)])
    outbox.flush()
    assert 4 << 20 < glutton.taken < 16 << 20
    while outbox.held:
        outbox.flush()
    assert glutton.taken == 64 << 20


def test_records_are_sent_as_they_lie_in_memory(hub):
    subscriber = Subscriber(hub.stream_port, 5)
    wait_until(lambda: hub.serve(0.01) or hub.listeners(5) == 1)
    events = np.array([(1, 2, 3, 1), (4, 5, 6, 0)], DVS_EVENT)
    hub.publish(5, (b"head", events), droppable=False)
    assert subscriber.receive() == b"head" + events.tobytes()


def _refusing(stream_id):
    raise KeyError(stream_id)


def test_an_unknown_stream_is_closed_but_not_at_once():
    with serving(hub_of(on_subscribe=_refusing)) as hub:
        start = time.monotonic()
        subscriber = Subscriber(hub.stream_port, 5)
        wait_until(lambda: hub.connections == (0, 0, 1))
        for _ in range(200):
            hub.wake()
            time.sleep(0.01)
        assert is_closed(subscriber.sock)
        assert time.monotonic() - start > 0.9, "clients come back at once: they would keep the server busy"


def test_a_stream_id_may_come_byte_by_byte():
    hub = hub_of()
    sock = socket.create_connection(("127.0.0.1", hub.stream_port))
    for byte in b"\x05\x00\x00\x00":
        assert hub.listeners(5) == 0
        sock.sendall(bytes([byte]))
        for _ in range(3):
            hub.serve(0.02)
    assert hub.listeners(5) == 1
    hub.close()
    sock.close()


@pytest.mark.parametrize("data", [b"\x05\x00\x00\x00\x00", b"\x05" * 1000])
def test_a_stream_client_that_says_more_than_its_id_is_cut_off(server, data):
    sock = socket.create_connection(("127.0.0.1", server.stream_port), timeout=5.0)
    sock.sendall(data)
    assert is_closed(sock)
    assert server.connections == (0, 0, 0)


def test_a_subscriber_that_talks_later_is_cut_off_alone(server):
    talker, quiet = Subscriber(server.stream_port, 5), Subscriber(server.stream_port, 5)
    wait_until(lambda: server.listeners(5) == 2)
    talker.sock.sendall(b"hello")
    assert is_closed(talker.sock)
    assert server.listeners(5) == 1
    quiet.close()


def test_a_stream_client_that_never_says_its_id_is_cut_off():
    hub = hub_of(greeting_s=0.2)
    sock = socket.create_connection(("127.0.0.1", hub.stream_port), timeout=5.0)
    sock.sendall(b"\x05\x00")
    wait_until(lambda: hub.serve(0.01) or hub.connections.pending == 1)
    wait_until(lambda: hub.serve(0.01) or hub.connections.pending == 0)
    assert is_closed(sock)
    hub.close()
