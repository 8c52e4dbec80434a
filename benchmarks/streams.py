"""What it costs to encode images and to send them: synchronous ticks of a world whose stage shows canned pictures.

    python benchmarks/streams.py [--ticks 100] [--rigs tfv6 recording] [--readers plain carla] [--clients 1 2]

`tfv6`: 3 cameras 384x384 rgb. `recording`: 6 poses x rgb, depth, semantic and instance, 24 images of 590 KB.
`plain` readers are sockets that throw away what comes; `carla` is the official client, each image copied in Python.
Each client listens to all images; a tick ends when the first has them all. CPU times are those of the server's thread.
"""

import argparse
import multiprocessing
import queue
import socket
import statistics
import struct
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import carla
import msgpack
import numpy as np
from pictures import PICTURES, cameras
from server import machine, synchronise

from carlet.render.picture import Picture, Request
from carlet.render.scene import Things, Triangles
from carlet.server import Server
from carlet.simulator import StartOptions
from carlet.wire.tokens import stream_of

RIGS = {"tfv6": [*cameras(("rgb",))], "recording": [*cameras(PICTURES), *cameras(PICTURES, 0.8, 4.0)]}
TRIANGLES = 400_000
WARM_UP = 10
PARTS = ("draw", "encode", "publish", "all")


class CannedStage:
    """Shows the same picture of a size whatever is asked: patches of 16 x 16 pixels on random triangles."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        columns = {"corner": (9, np.float32), "normal": (3, np.float32)}
        arrays = {name: np.zeros((TRIANGLES, width), kind) for name, (width, kind) in columns.items()}
        thing = random.integers(0, 1000, TRIANGLES, np.int32)
        tag = random.integers(0, 28, TRIANGLES, np.uint8)
        self.triangles = Triangles(material=np.zeros(TRIANGLES, np.uint16), tag=tag, thing=thing, **arrays)
        self.paint = self.triangles
        still = np.tile(np.eye(3, 4, dtype=np.float32).ravel(), (1000, 1))
        number = np.arange(1000, dtype=np.uint32)
        self.things = Things(*[np.zeros((1000, 3), np.float32)] * 2, number, *[number] * 4, before=still)
        self._pictures: dict[tuple[int, int], Picture] = {}

    def show(self, sight: Any) -> None:
        del sight

    def draw(self, requests: Sequence[Request]) -> list[Picture]:
        return [self._picture(request.view.height, request.view.width) for request in requests]

    def _picture(self, height: int, width: int) -> Picture:
        if (height, width) not in self._pictures:
            random = np.random.default_rng(2)
            patches = random.integers(0, TRIANGLES, (height // 16 + 1, width // 16 + 1), np.int32)
            seen = np.repeat(np.repeat(patches, 16, 0), 16, 1)[:height, :width].copy()
            near = random.uniform(0.01, 0.5, (height, width)).astype(np.float32)
            bgra = random.integers(0, 256, (height, width, 4), np.uint8)
            self._pictures[height, width] = Picture(near, seen, np.zeros_like(near), seen, bgra)
        return self._pictures[height, width]


def serve(ready: Connection, seconds: Any) -> None:
    """A server of Town01 that adds the CPU time of its parts to `seconds`."""
    server = Server("127.0.0.1", 0, 0, StartOptions())
    simulator, stage, hub = server.simulator, CannedStage(), server.simulator._streams
    stage.draw = counted(stage.draw, seconds, 0)
    hub.publish = counted(hub.publish, seconds, 2)
    simulator.episode._stage = stage
    simulator._publish_sensors = counted(simulator._publish_sensors, seconds, 1)
    hub.serve = counted(hub.serve, seconds, 3)
    ready.send(server.rpc_port)
    server.run()


def counted(call: Callable[..., Any], seconds: Any, part: int) -> Callable[..., Any]:
    """The call, its CPU time added to a part."""

    def timed(*arguments: Any) -> Any:
        begin = time.thread_time()
        try:
            return call(*arguments)
        finally:
            seconds[part] += time.thread_time() - begin

    return timed


def attach(world: carla.World, rig: str) -> list[carla.Sensor]:
    car = world.spawn_actor(
        world.get_blueprint_library().find("vehicle.lincoln.mkz_2020"), world.get_map().get_spawn_points()[0]
    )
    sensors = []
    for spec in RIGS[rig]:
        blueprint = world.get_blueprint_library().find(spec.type_id)
        for name, value in spec.attributes.items():
            blueprint.set_attribute(name, value)
        sensors.append(world.spawn_actor(blueprint, spec.pose, attach_to=car))
    world.tick()
    return sensors


class PlainReader:
    """Sockets that listen to every sensor of a world."""

    def __init__(self, port: int, world: carla.World):
        ids = [sensor.id for sensor in world.get_actors().filter("sensor.*")]
        with socket.create_connection(("127.0.0.1", port)) as rpc:
            rpc.sendall(msgpack.packb([0, 1, "get_actors_by_id", [[False], ids]]))
            unpacker = msgpack.Unpacker()
            while not (answers := list(unpacker)):
                unpacker.feed(rpc.recv(1 << 16))
        tokens = [actor[5] for actor in answers[0][3][0][1]]
        self._buffer = memoryview(bytearray(1 << 20))
        self._sockets = []
        for token in tokens:
            sock = socket.create_connection(("127.0.0.1", int.from_bytes(token[4:6], "little")))
            sock.sendall(struct.pack("<I", stream_of(token)))
            self._sockets.append(sock)

    def wait(self, frame: int) -> None:
        for sock in self._sockets:
            seen = -1
            while seen < frame:
                size = struct.unpack("<I", self._read(sock, 4))[0]
                seen = struct.unpack_from("<QQ", self._read(sock, size))[1]

    def _read(self, sock: socket.socket, size: int) -> memoryview:
        left = self._buffer[:size]
        while left:
            left = left[sock.recv_into(left) :]
        return self._buffer[:size]


class CarlaReader:
    """The official client's callbacks, which copy what they get."""

    def __init__(self, port: int, world: carla.World):
        del port
        self._data: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._sensors = list(world.get_actors().filter("sensor.*"))
        for index, sensor in enumerate(self._sensors):
            sensor.listen(lambda image, index=index: self._take(index, image))

    def _take(self, index: int, image: carla.Image) -> None:
        np.frombuffer(image.raw_data, np.uint8).copy()
        self._data.put((image.frame, index))

    def wait(self, frame: int) -> None:
        missing = set(range(len(self._sensors)))
        while missing:
            seen, index = self._data.get(timeout=60.0)
            if seen == frame:
                missing.discard(index)


READERS = {"plain": PlainReader, "carla": CarlaReader}


def listen(kind: str, port: int, ready: Connection) -> None:
    """A further client, in a process of its own."""
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(60.0)
    reader = READERS[kind](port, client.get_world())
    ready.send(True)
    frame = 0
    while True:
        reader.wait(frame)
        frame += 1


def measure(rig: str, kind: str, clients: int, ticks: int) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    seconds = context.Array("d", len(PARTS), lock=False)
    processes = [context.Process(target=serve, args=(there, seconds), daemon=True)]
    processes[0].start()
    port = here.recv()
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(60.0)
    world = client.get_world()
    synchronise(world)
    sensors = attach(world, rig)
    reader = READERS[kind](port, world)
    for _ in range(clients - 1):
        processes.append(context.Process(target=listen, args=(kind, port, there), daemon=True))
        processes[-1].start()
        here.recv()
    times = []
    for i in range(WARM_UP + ticks):
        if i == WARM_UP:
            before = list(seconds)
        begin = time.perf_counter()
        frame = world.tick(60.0)
        if i >= 1:
            reader.wait(frame)
            times.append(1e3 * (time.perf_counter() - begin))
    draw, encode, publish, everything = (1e3 * (b - a) / ticks for a, b in zip(before, seconds, strict=True))
    times = times[WARM_UP - 1 :]
    print(
        f"{rig:9s} {kind:5s} x {clients}: median {statistics.median(times):6.2f} ms a tick (fastest {min(times):.2f}); "
        f"server's CPU {everything:.2f} ms: encode and suite {encode - draw - publish:.2f}, publish {publish:.2f}, "
        f"drain and the rest {everything - encode:.2f}",
        flush=True,
    )
    for sensor in sensors:
        sensor.destroy()
    for process in processes:
        process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rigs", nargs="+", choices=list(RIGS), default=list(RIGS))
    parser.add_argument("--readers", nargs="+", choices=list(READERS), default=list(READERS))
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--ticks", type=int, default=100)
    options = parser.parse_args()
    print(machine())
    for rig in options.rigs:
        for kind in options.readers:
            for clients in options.clients:
                measure(rig, kind, clients, options.ticks)


if __name__ == "__main__":
    main()
