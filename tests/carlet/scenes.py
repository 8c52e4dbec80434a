"""What tests of the server do all the time: find a blueprint, spawn, tick, wait for a sensor."""

import queue
import time
from collections.abc import Callable
from typing import Any

import carla

DT = 0.05
MKZ = "vehicle.lincoln.mkz_2020"
LIDAR, SEMANTIC, RADAR = "sensor.lidar.ray_cast", "sensor.lidar.ray_cast_semantic", "sensor.other.radar"


def connected(host: str, port: int) -> carla.Client:
    client = carla.Client(host, port)
    client.set_timeout(60.0)
    return client


def settings(**changes: Any) -> carla.WorldSettings:
    """Synchronous at 20 Hz, apart from `changes`."""
    return carla.WorldSettings(**{"synchronous_mode": True, "fixed_delta_seconds": DT, **changes})


def blueprint(world: carla.World, type_id: str, **attributes: str) -> carla.ActorBlueprint:
    found = world.get_blueprint_library().find(type_id)
    for name, value in attributes.items():
        found.set_attribute(name, value)
    return found


def spawn(world: carla.World, type_id: str, where: int | carla.Transform, **attributes: str) -> Any:
    """An actor at a spawn point or a pose."""
    pose = world.get_map().get_spawn_points()[where] if isinstance(where, int) else where
    return world.spawn_actor(blueprint(world, type_id, **attributes), pose)


def attach(world: carla.World, type_id: str, parent: carla.Actor | None, **attributes: str) -> Any:
    """A sensor on the roof of an actor."""
    pose = carla.Transform(carla.Location(x=0.5, z=1.7))
    return world.spawn_actor(blueprint(world, type_id, **attributes), pose, attach_to=parent)


def run(world: carla.World, ticks: int) -> int:
    """Tick so often; the last frame."""
    frame = 0
    for _ in range(ticks):
        frame = world.tick()
    return frame


def settled(world: carla.World, type_id: str = MKZ, where: int | carla.Transform = 0, **attributes: str) -> Any:
    """A vehicle that stands on the road."""
    vehicle = spawn(world, type_id, where, **attributes)
    run(world, 20)
    return vehicle


def speed(actor: carla.Actor) -> float:
    velocity = actor.get_velocity()
    return velocity.length()


def numbers(transform: carla.Transform) -> tuple[float, ...]:
    """x y z pitch yaw roll."""
    at, turn = transform.location, transform.rotation
    return at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll


def open_space(world: carla.World) -> carla.Transform:
    """The beginning of the longest straight in the town."""
    points = world.get_map().get_spawn_points()

    def straight(point: carla.Transform) -> float:
        waypoint, length = world.get_map().get_waypoint(point.location), 0.0
        while length < 150.0:
            following = waypoint.next(10.0)
            if not following:
                break
            waypoint = following[0]
            turned = (waypoint.transform.rotation.yaw - point.rotation.yaw + 180.0) % 360.0 - 180.0
            if abs(turned) > 3.0:
                break
            length += 10.0
        return length

    return max(points, key=straight)


def distance_in(world: carla.World, car: carla.Vehicle, ticks: int) -> float:
    """How far from where it was a car is after so many ticks."""
    start = car.get_location()
    run(world, ticks)
    return start.distance(car.get_location())


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
    return result


class Ear:
    """Listens to a sensor; ticks until the first message has come, so that it misses none after."""

    def __init__(self, world: carla.World, sensor: carla.Sensor, warm_up: bool = True):
        self.messages: queue.Queue[Any] = queue.Queue()
        self.sensor = sensor
        sensor.listen(self.messages.put)
        if warm_up:
            last = self._first(world)
            while self.next().frame < last:
                pass

    def _first(self, world: carla.World) -> int:
        """Tick until it hears; the last frame."""
        frame, end = 0, time.monotonic() + 10.0
        while self.messages.empty() and time.monotonic() < end:
            frame = world.tick()
            time.sleep(0.02)
        return frame

    def next(self, seconds: float = 5.0) -> Any:
        return self.messages.get(timeout=seconds)

    def drain(self) -> list[Any]:
        """What has come so far."""
        found = []
        while not self.messages.empty():
            found.append(self.messages.get())
        return found
