"""Round trips a second and stream throughput of `carlet.wire`; the server runs in a process of its own.

    python benchmarks/wire.py [--seconds 2]

Round trips: the official client's `get_server_version`, and a plain socket with 1 and with 64 requests in flight.
Streams: messages of the size of camera images to a plain socket, asked for one by one (latency) and as fast as the
server sends (MB/s).
"""

import argparse
import multiprocessing
import os
import platform
import socket
import struct
from multiprocessing.connection import Connection
from time import perf_counter

import carla
import msgpack

from carlet.wire.hub import Hub
from carlet.wire.rpc import Request

STREAM = 77
IMAGES = {"384x384": 384 * 384 * 4, "800x600": 800 * 600 * 4, "1920x1080": 1920 * 1080 * 4}


def serve(ports: Connection) -> None:
    """Answer `version`, and publish images when asked to."""

    def on_request(request: Request) -> None:
        if request.method == "version":
            request.reply("0.9.16")
            return
        size, count = request.args
        header, pixels = bytes(48), memoryview(bytearray(size))
        for _ in range(count):
            hub.publish(STREAM, (header, pixels), droppable=False)
        request.reply_void()

    hub = Hub("localhost", 0, 0, on_request, lambda stream_id: None)
    ports.send((hub.rpc_port, hub.stream_port))
    while True:
        hub.serve(1.0)


def receive(sock: socket.socket, size: int, buffer: bytearray) -> None:
    """Read exactly `size` bytes into `buffer`."""
    view = memoryview(buffer)[:size]
    while view:
        view = view[sock.recv_into(view) :]


def official_client(port: int, seconds: float) -> float:
    """Round trips a second of the `carla` wheel."""
    client = carla.Client("localhost", port)
    client.get_server_version()
    start, count = perf_counter(), 0
    while perf_counter() - start < seconds:
        client.get_server_version()
        count += 1
    return count / (perf_counter() - start)


def plain_client(port: int, seconds: float, in_flight: int) -> float:
    """Round trips a second of a plain socket."""
    request = msgpack.packb([0, 1, "version", [[False]]]) * in_flight
    answer = len(msgpack.packb([1, 1, None, [[1, "0.9.16"]]])) * in_flight
    buffer = bytearray(answer)
    with socket.create_connection(("localhost", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start, count = perf_counter(), 0
        while perf_counter() - start < seconds:
            sock.sendall(request)
            receive(sock, answer, buffer)
            count += in_flight
        return count / (perf_counter() - start)


def stream(ports: tuple[int, int], seconds: float, size: int, at_once: int) -> float:
    """Messages a second, `at_once` of them asked for together."""
    buffer = bytearray(size + 52)
    order = msgpack.packb([0, 1, "images", [[False], size, at_once]])
    with (
        socket.create_connection(("localhost", ports[0])) as rpc,
        socket.create_connection(("localhost", ports[1])) as images,
    ):
        images.sendall(struct.pack("<I", STREAM))
        rpc.sendall(msgpack.packb([0, 1, "version", [[False]]]))
        rpc.recv(4096)
        start, count = perf_counter(), 0
        while perf_counter() - start < seconds:
            rpc.sendall(order)
            for _ in range(at_once):
                receive(images, size + 52, buffer)
            rpc.recv(4096)
            count += at_once
        return count / (perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Throughput of the wire")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each measurement")
    seconds = parser.parse_args().seconds
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    ports = here.recv()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"round trips, carla client:          {official_client(ports[0], seconds):10.0f} /s")
    for in_flight in (1, 64):
        rate = plain_client(ports[0], seconds, in_flight)
        print(f"round trips, plain, {in_flight:3d} in flight: {rate:10.0f} /s")
    for name, size in IMAGES.items():
        single = stream(ports, seconds, size, 1)
        many = stream(ports, seconds, size, 16)
        print(f"stream, {name:>9}: {1e3 / single:6.2f} ms one by one, {many * size / 1e6:6.0f} MB/s in a row")
    server.kill()


if __name__ == "__main__":
    main()
