"""The sensors of an agent on its car: spawned, listened to, and read frame by frame in the leaderboard's formats."""

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

import carla
import numpy as np

from lead.agents.rules import OPENDRIVE, PSEUDO_SENSORS, SPEEDOMETER, sensor_attributes
from lead.simulator import SensorTimeout

TIMEOUT = 10.0
"""Seconds to wait for the data of a frame."""
_PATIENCE = 0.5
_WARM_UP_TICKS = 3


class SensorInterface:
    """What an agent's sensors deliver. Idle until `attach`; `advance` tells it the tick; `detach` destroys the sensors.

    `frame` and `timestamp` (s) are those of the tick.
    """

    def __init__(self):
        self.frame = 0
        self.timestamp = 0.0
        self._actors: list[carla.Sensor] = []
        self._expected: frozenset[str] = frozenset()
        self._pseudo: dict[str, Callable[[], Any]] = {}
        self._arrivals: queue.SimpleQueue[tuple[str, int, Any]] = queue.SimpleQueue()

    def attach(self, world: carla.World, ego: carla.Actor, sensors: Sequence[Mapping[str, Any]]) -> None:
        """Spawn `sensors` on `ego` and start listening. `warm_up` makes sure that they deliver."""
        blueprints = world.get_blueprint_library()
        makers = {OPENDRIVE: lambda: _opendrive_reader(world), SPEEDOMETER: lambda: _speed_reader(ego)}
        for sensor in sensors:
            if sensor["type"] in PSEUDO_SENSORS:
                self._pseudo[sensor["id"]] = makers[sensor["type"]]()
                continue
            blueprint = blueprints.find(sensor["type"])
            for name, value in sensor_attributes(sensor).items():
                blueprint.set_attribute(name, value)
            actor = cast(carla.Sensor, world.spawn_actor(blueprint, mount_of(sensor), ego))
            self._actors.append(actor)
            self._expected |= {sensor["id"]}
            actor.listen(self._listener(sensor["id"], READERS[sensor["type"]]))

    def warm_up(
        self, world: carla.World, tick: Callable[[carla.World], object] = carla.World.tick, timeout: float = TIMEOUT
    ) -> None:
        """`tick` the world until every sensor delivers; a simulator serves a sensor from when it sees the listener.

        That may be a tick sooner or later; there are always as many ticks if all do within the first few of them, so
        that a drive repeats itself. Raises SensorTimeout when one stays silent for `timeout` seconds.
        """
        deadline, ticks = time.monotonic() + timeout, 0
        while self._expected:
            tick(world)
            ticks += 1
            try:
                self.get_data(world.get_snapshot().frame, _PATIENCE)
            except SensorTimeout:
                if time.monotonic() > deadline:
                    raise
            else:
                if ticks >= _WARM_UP_TICKS:
                    return

    def advance(self, frame: int, timestamp: float) -> None:
        """Set the tick whose data `get_data` is to return."""
        self.frame, self.timestamp = frame, timestamp

    def get_data(self, frame: int | None = None, timeout: float = TIMEOUT) -> dict[str, tuple[int, Any]]:
        """Sensor id -> (frame, data) of exactly this tick (or of `frame`).

        Formats: cameras (height, width, 4) uint8 BGRA; lidar (n, 4) float32 x y z intensity; semantic lidar (n, 6)
        float32; radar (n, 4) float32 depth, altitude, azimuth (rad), velocity; gnss latitude, longitude, altitude;
        imu accelerometer xyz, gyroscope xyz, compass (rad); speedometer {speed: m/s}; map {opendrive: text}.
        Raises SensorTimeout, naming the sensors that are late.
        """
        frame = self.frame if frame is None else frame
        data = {name: (frame, read()) for name, read in self._pseudo.items()}
        missing = set(self._expected)
        deadline = time.monotonic() + timeout
        while missing:
            try:
                name, arrived, value = self._arrivals.get(timeout=max(deadline - time.monotonic(), 0.0))
            except queue.Empty:
                late = ", ".join(sorted(missing))
                raise SensorTimeout(f"no data of frame {frame} within {timeout:g} s from: {late}") from None
            if arrived == frame:
                data[name] = (arrived, value)
                missing.discard(name)
        return data

    def detach(self) -> None:
        """Stop and destroy the sensors; data that still arrives is dropped."""
        for actor in self._actors:
            actor.stop()
            actor.destroy()
        self._actors.clear()
        self._pseudo.clear()
        self._expected = frozenset()
        self._arrivals = queue.SimpleQueue()

    def _listener(self, name: str, read: Callable[[Any], Any]) -> Callable[[Any], None]:
        arrivals = self._arrivals

        def receive(measurement: Any) -> None:
            arrivals.put((name, measurement.frame, read(measurement)))

        return receive


def _image(image: Any) -> np.ndarray:
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4).copy()


def _lidar(points: Any) -> np.ndarray:
    return np.frombuffer(points.raw_data, np.float32).reshape(-1, 4).copy()


def _semantic_lidar(points: Any) -> np.ndarray:
    # The last two of the six columns are integers on the wire.
    raw = np.frombuffer(points.raw_data, np.uint32).reshape(-1, 6)
    return np.concatenate([raw[:, :4].copy().view(np.float32), raw[:, 4:].astype(np.float32)], axis=1)


def _radar(detections: Any) -> np.ndarray:
    # On the wire: velocity, azimuth, altitude, depth.
    return np.frombuffer(detections.raw_data, np.float32).reshape(-1, 4)[:, ::-1].copy()


def _gnss(event: Any) -> np.ndarray:
    return np.array([event.latitude, event.longitude, event.altitude])


def _imu(event: Any) -> np.ndarray:
    force, turn = event.accelerometer, event.gyroscope
    return np.array([force.x, force.y, force.z, turn.x, turn.y, turn.z, event.compass])


READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "sensor.camera.rgb": _image,
        "sensor.camera.depth": _image,
        "sensor.camera.semantic_segmentation": _image,
        "sensor.camera.instance_segmentation": _image,
        "sensor.lidar.ray_cast": _lidar,
        "sensor.lidar.ray_cast_semantic": _semantic_lidar,
        "sensor.other.radar": _radar,
        "sensor.other.gnss": _gnss,
        "sensor.other.imu": _imu,
    }
)
"""Sensor type -> what makes an array of its measurement."""


def _speed_reader(ego: carla.Actor) -> Callable[[], dict[str, float]]:
    def read() -> dict[str, float]:
        velocity, forward = ego.get_velocity(), ego.get_transform().get_forward_vector()
        return {"speed": velocity.x * forward.x + velocity.y * forward.y + velocity.z * forward.z}

    return read


def _opendrive_reader(world: carla.World) -> Callable[[], dict[str, str]]:
    text = world.get_map().to_opendrive()
    return lambda: {"opendrive": text}


def mount_of(sensor: Mapping[str, Any]) -> carla.Transform:
    """Where on the car a sensor of an agent's list is."""
    rotation = carla.Rotation(*(float(sensor.get(axis, 0.0)) for axis in ("pitch", "yaw", "roll")))
    return carla.Transform(carla.Location(*(float(sensor[axis]) for axis in "xyz")), rotation)
