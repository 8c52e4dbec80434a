"""The sensors of a recording on the ego: some deliver every tick, the others at the recording's rate, all together."""

import logging
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import carla

from lead.agents.rules import sensor_attributes
from lead.agents.sensors import READERS, TIMEOUT, mount_of
from lead.simulator import SensorTimeout

logger = logging.getLogger(__name__)

_ATTEMPTS = 6
_FIRST_PAUSE_S = 0.1
_PATIENCE_S = 0.5


class RigSensors:
    """Sensors attached to one ego. `attach`, `warm_up`, then `read` every tick, and `detach`."""

    def __init__(self, client: carla.Client, world: carla.World, ego: carla.Actor, ticks_between: int, tick_s: float):
        """`ticks_between`: how many ticks of `tick_s` seconds lie between two readings of the sampled sensors."""
        self._client = client
        self._world = world
        self._blueprints = world.get_blueprint_library()
        self._ego = ego
        self._between = ticks_between
        self._tick_s = tick_s
        self._actors: list[carla.Sensor] = []
        self._sampled_sensors: list[Mapping[str, Any]] = []
        self._steady: set[str] = set()
        self._sampled: set[str] = set()
        self._arrivals: queue.SimpleQueue[tuple[str, int, Any]] = queue.SimpleQueue()
        self._phase = 0

    def attach(self, steady: Sequence[Mapping[str, Any]], sampled: Sequence[Mapping[str, Any]]) -> None:
        """Spawn and listen. `steady` deliver every tick, `sampled` every so many ticks."""
        for sensor in steady:
            self._spawn(sensor, {})
        self._sampled_sensors = list(sampled)
        self._steady = {sensor["id"] for sensor in steady}
        self._sampled = {sensor["id"] for sensor in sampled}

    def warm_up(self, tick: Callable[[carla.World], object]) -> None:
        """Let ticks pass until all deliver, the sampled ones in the same ticks. SensorTimeout when they do not.

        A simulator serves a sensor from when it sees the listener, and counts its interval from then on. Where it
        saw only some of them before the next tick, all sampled ones are made anew, and given more time.
        """
        for attempt in range(_ATTEMPTS):
            count = len(self._actors)
            for sensor in self._sampled_sensors:
                self._spawn(sensor, {"sensor_tick": f"{self._between * self._tick_s:g}"})
            time.sleep(_FIRST_PAUSE_S * 2.0**attempt)
            if self._begin_together(tick):
                return
            self._destroy(self._actors[count:])
            del self._actors[count:]
        raise SensorTimeout("the recording's cameras do not begin together; is the simulator overloaded?")

    def _begin_together(self, tick: Callable[[carla.World], object]) -> bool:
        first: dict[str, int] = {}
        wanted = self._steady | self._sampled
        deadline = time.monotonic() + TIMEOUT
        while wanted - first.keys():
            if time.monotonic() > deadline:
                late = ", ".join(sorted(wanted - first.keys()))
                raise SensorTimeout(f"no data within {TIMEOUT:g} s from: {late}")
            tick(self._world)
            self._collect(self._world.get_snapshot().frame, wanted - first.keys(), {}, _PATIENCE_S, first)
        frames = {first[name] for name in self._sampled}
        self._phase = min(frames, default=0) % self._between
        return len(frames) <= 1

    def read(self, frame: int) -> tuple[dict[str, Any], bool]:
        """Readings of a tick by sensor, and whether those of the sampled ones are among them. SensorTimeout."""
        is_due = frame % self._between == self._phase
        data: dict[str, Any] = {}
        expected = self._steady | self._sampled if is_due else set(self._steady)
        late = self._collect(frame, expected, data, TIMEOUT, {})
        if late:
            raise SensorTimeout(f"no data of frame {frame} within {TIMEOUT:g} s from: {', '.join(sorted(late))}")
        return data, is_due

    def detach(self) -> None:
        """Stop and destroy the sensors, as far as they are still there."""
        self._destroy(self._actors)
        self._actors.clear()

    def leave(self) -> None:
        """Stop listening, and leave the sensors to a simulator that may be gone."""
        for actor in self._actors:
            actor.stop()
        self._actors.clear()

    def _spawn(self, sensor: Mapping[str, Any], more: Mapping[str, str]) -> None:
        blueprint = self._blueprints.find(sensor["type"])
        for name, value in {**sensor_attributes(sensor), **more}.items():
            blueprint.set_attribute(name, value)
        actor = cast(carla.Sensor, self._world.spawn_actor(blueprint, mount_of(sensor), self._ego))
        self._actors.append(actor)
        arrivals, name, read = self._arrivals, sensor["id"], READERS[sensor["type"]]
        actor.listen(lambda measurement: arrivals.put((name, measurement.frame, read(measurement))))

    def _destroy(self, actors: Sequence[carla.Sensor]) -> None:
        alive = [actor for actor in actors if actor.is_alive]
        for actor in alive:
            actor.stop()
        try:
            self._client.apply_batch_sync([carla.command.DestroyActor(actor.id) for actor in alive], False)
        except RuntimeError as error:
            logger.warning("the recording's sensors could not be taken down: %s", str(error).strip())

    def _collect(
        self, frame: int, expected: set[str], data: dict[str, Any], timeout: float, first: dict[str, int]
    ) -> set[str]:
        """Put readings of `frame` into `data` until none of `expected` is missing; those that are after `timeout`."""
        missing = set(expected)
        deadline = time.monotonic() + timeout
        while missing:
            try:
                name, arrived, value = self._arrivals.get(timeout=max(deadline - time.monotonic(), 0.0))
            except queue.Empty:
                return missing
            first.setdefault(name, arrived)
            if arrived == frame:
                data[name] = value
                missing.discard(name)
        return missing
