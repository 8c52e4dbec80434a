"""What outlives a world: the clock on the wall, the streams, the change from one world to the next."""

import logging
import random
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from carlet.actors.blueprints import library
from carlet.debug import DebugShapes
from carlet.episode import Attachment, Episode, EpisodeError
from carlet.episode.episode import SEEING
from carlet.physics import sweep_sphere
from carlet.presets import WEATHERS
from carlet.recorder import Recorder, Replayer
from carlet.sensors import SENSORS
from carlet.town import Town, TownError, load_opendrive, load_town
from carlet.town.navigation import navigation_mesh
from carlet.wire.records import SnapshotFlags
from carlet.wire.values import EpisodeSettings

log = logging.getLogger(__name__)

#: Pace of an asynchronous world without a fixed step, and the bounds of its steps (s).
FREE_RUN_S = 1.0 / 30.0
MIN_STEP_S, MAX_STEP_S = 1e-3, 0.1
#: How long an asynchronous client gets to subscribe again before a new world starts.
SWITCH_DELAY_S = 0.25
OPENDRIVE_WORLD = "OpenDriveMap"


class Streams(Protocol):
    """What the simulator needs of the sockets."""

    def publish(self, stream_id: int, payload: Any, droppable: bool) -> None: ...  # noqa: D102
    def listeners(self, stream_id: int) -> int: ...  # noqa: D102
    def close_stream(self, stream_id: int) -> None: ...  # noqa: D102
    def token(self, stream_id: int) -> bytes: ...  # noqa: D102


@dataclass(frozen=True)
class StartOptions:
    """How a server starts: first town, settings and the seed of everything that is random in the server."""

    town: str = "Town01"
    fixed_delta_s: float | None = None
    seed: int = 0


@dataclass
class _Pending:
    town: Town
    map_name: str
    reset_settings: bool
    not_before: float


@dataclass
class TrafficManagers:
    """Traffic Managers that run inside clients, by port."""

    PROBE_S = 0.05

    addresses: dict[int, str] = field(default_factory=dict)

    def find(self, port: int) -> tuple[str, int] | None:
        """Address of the Traffic Manager at a port; one that no longer answers is forgotten."""
        address = self.addresses.get(port)
        if address is None:
            return None
        try:
            socket.create_connection((address, port), timeout=self.PROBE_S).close()
        except OSError:
            log.info("the Traffic Manager at %s:%d is gone", address, port)
            del self.addresses[port]
            return None
        return address, port

    def add(self, address: str, port: int) -> bool:
        """Register; False when a living one has the port."""
        if self.find(port):
            return False
        self.addresses[port] = address
        return True

    def remove(self, port: int) -> bool:
        """Forget; says whether there was one."""
        return self.addresses.pop(port, None) is not None


class Simulator:
    """The running simulation behind a server. Everything happens in the caller's thread."""

    def __init__(self, streams: Streams, options: StartOptions):
        self._streams = streams
        self._first_stream = random.SystemRandom().randrange(1 << 20, 1 << 30)
        self._next_stream = self._first_stream + 1
        self._sensor_streams: dict[int, int] = {}
        self._pending: _Pending | None = None
        self._opendrive: Town | None = None
        self._last_message: bytes | None = None
        self._clock = time.monotonic()
        self.seed = options.seed
        self.traffic_managers = TrafficManagers()
        self.debug_shapes = DebugShapes()
        self.recorder = Recorder()
        self.replayer = Replayer(self)
        settings = EpisodeSettings(fixed_delta_s=options.fixed_delta_s)
        town = _with_navigation(load_town(options.town))
        warm_up(town)
        self.episode = Episode(
            town,
            episode_id=1,
            map_name=options.town.rsplit("/", 1)[-1],
            settings=settings,
            seed=options.seed,
        )

    # -- worlds ---------------------------------------------------------------------------------------------------

    def request_load(self, name: str, reset_settings: bool) -> None:
        """Switch to another world at the next tick, so that clients can subscribe before. TownError when unknown.

        An empty name is the present map.
        """
        map_name = name.rsplit("/", 1)[-1] or self.episode.map_name
        if map_name == OPENDRIVE_WORLD:
            if self._opendrive is None:
                raise TownError("no OpenDRIVE description was sent before")
            town = self._opendrive
        elif _same_town(map_name, self.episode.map_name):
            town = self.episode.town
        else:
            town = _with_navigation(load_town(name))
        self._pending = _Pending(town, map_name, reset_settings, time.monotonic() + SWITCH_DELAY_S)

    def take_opendrive(self, text: str) -> None:
        """Keep a description for the next `request_load(OPENDRIVE_WORLD)`. TownError when it is none."""
        self._opendrive = _with_navigation(load_opendrive(OPENDRIVE_WORLD, text))

    def _switch(self) -> None:
        assert self._pending is not None
        pending, old = self._pending, self.episode
        self._pending = None
        for stream in self._sensor_streams:
            self._streams.close_stream(stream)
        self._sensor_streams.clear()
        self.debug_shapes = DebugShapes()
        self.episode = Episode(
            pending.town,
            episode_id=old.id + 1,
            map_name=pending.map_name,
            frame=old.frame,
            settings=EpisodeSettings() if pending.reset_settings else old.settings,
            seed=self.seed,
            first_id=old.next_id,  # Traffic Managers remember ids for longer than a world lives
        )

    # -- time -----------------------------------------------------------------------------------------------------

    @property
    def synchronous(self) -> bool:
        """Whether the world waits for ticks."""
        return self.episode.settings.synchronous

    def tick(self, after_snapshot: Callable[[int], None] = lambda frame: None) -> None:
        """One step: the world, its snapshot, `after_snapshot(frame)`, then what the sensors say."""
        flags = SnapshotFlags.NOTHING
        if self._pending and (self.synchronous or time.monotonic() >= self._pending.not_before):
            self._switch()
            flags = SnapshotFlags.MAP_CHANGED
        episode = self.episode
        droppable = not episode.settings.synchronous
        if episode.lamps.take_changed():
            flags |= SnapshotFlags.LIGHTS_CHANGED
        step_s = self._step_s()
        self.replayer.before_tick(step_s)
        episode.tick(step_s)
        self.recorder.after_tick(episode, self._platform_time())
        self.debug_shapes.expire(episode.time)
        self._last_message = episode.snapshot(self._platform_time(), flags)
        self._streams.publish(self.world_stream, self._last_message, droppable and not flags)
        after_snapshot(episode.frame)
        self._publish_sensors(droppable)

    def seconds_to_next_tick(self) -> float:
        """How long an asynchronous world still waits."""
        period = self.episode.settings.fixed_delta_s or FREE_RUN_S
        return max(0.0, self._clock + period - time.monotonic())

    def _step_s(self) -> float:
        now, fixed = time.monotonic(), self.episode.settings.fixed_delta_s
        passed, self._clock = now - self._clock, now
        return fixed or min(max(passed, MIN_STEP_S), MAX_STEP_S)

    def _platform_time(self) -> float:
        """Wall time, or the world's own time where a run must be repeatable to the bit."""
        settings = self.episode.settings
        repeatable = settings.synchronous and settings.fixed_delta_s
        return self.episode.time if repeatable else time.monotonic()

    # -- streams --------------------------------------------------------------------------------------------------

    @property
    def world_stream(self) -> int:
        """Id of the stream of snapshots, the same for all worlds of this server."""
        return self._first_stream

    def new_stream(self) -> tuple[int, bytes]:
        """Id and token for a sensor that is about to be spawned."""
        stream = self._next_stream
        self._next_stream += 1
        return stream, self._streams.token(stream)

    def open_stream(self, stream: int, actor_id: int) -> None:
        """Let clients subscribe to a sensor."""
        self._sensor_streams[stream] = actor_id

    def close_streams_of(self, actor_ids: Sequence[int]) -> None:
        """Cut off the listeners of destroyed sensors."""
        gone = set(actor_ids)
        for stream, actor_id in list(self._sensor_streams.items()):
            if actor_id in gone:
                del self._sensor_streams[stream]
                self._streams.close_stream(stream)

    def token(self, stream: int) -> bytes:
        """Token of an open stream. EpisodeError when there is none."""
        if stream != self.world_stream and stream not in self._sensor_streams:
            raise EpisodeError(f"there is no stream {stream}")
        return self._streams.token(stream)

    def on_subscribe(self, stream: int) -> bytes | None:
        """First message for a new subscriber: the latest snapshot. KeyError for unknown streams."""
        if stream == self.world_stream:
            return self._last_message
        self._sensor_streams[stream]
        return None

    def _publish_sensors(self, droppable: bool) -> None:
        listening = {a: s for s, a in self._sensor_streams.items() if self._streams.listeners(s)}
        shapes = [one.shape for one in self.debug_shapes.drawn]
        for measurement in self.episode.measure(list(listening), shapes):
            self._streams.publish(listening[measurement.actor], measurement.message, droppable)


def _with_navigation(town: Town) -> Town:
    """The town, its navigation mesh on disk: clients ask for it with their first tick and do not wait long."""
    navigation_mesh(town)
    return town


def _same_town(map_name: str, other: str) -> bool:
    return map_name.removesuffix("_Opt") == other.removesuffix("_Opt")


def warm_up(town: Town) -> None:
    """Tick a throw-away world once, so that compiled code is loaded, or compiled, before anybody waits for a tick."""
    episode = Episode(town, episode_id=0)
    for type_id, pose in zip(("vehicle.lincoln.mkz_2020", "walker.pedestrian.0001"), town.spawn_points, strict=False):
        episode.spawn(type_id, {}, pose)
    episode.tick(FREE_RUN_S)
    episode.snapshot(platform_time=0.0)
    origin, ahead = np.zeros(3), np.array([1.0, 0.0, 0.0])
    episode.cast(origin, ahead)
    sweep_sphere(episode.table, episode.surroundings, origin, ahead, 1.0, 0.1, [], False)


def warm_up_pictures(town: Town) -> None:
    """Build the scene of a town, and compile all that draws pictures and casts rays, by day, at night and in rain."""
    episode = Episode(town, episode_id=0)
    car = episode.spawn("vehicle.lincoln.mkz_2020", {}, town.spawn_points[0])
    episode.table.light_bits[episode.table.row(car)] = 0xFFFF
    roof = np.array([0.0, 0.0, 2.0, 0.0, 0.0, 0.0])
    small = {"image_size_x": "64", "image_size_y": "64"}
    sensors = [
        episode.spawn(type_id, small, roof, Attachment(car))
        for type_id in library()
        if type_id.startswith(SEEING) and type_id in SENSORS
    ]
    for name in ("ClearNoon", "HardRainNight", "DustStorm"):
        episode.weather = WEATHERS[name]
        episode.lamps.follow_sun(episode.weather.sun_altitude_angle)
        episode.tick(FREE_RUN_S)
        for _ in episode.measure(sensors):
            pass
