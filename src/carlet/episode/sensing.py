"""All sensors of a world: which are due, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlet.actors.registry import ActorInfo
from carlet.sensors import SENSORS, Moment, Schedule, Sensor, Turn, number
from carlet.wire.records import sensor_header


class SensorMissingError(ValueError):
    """The blueprint exists, but this server has no such sensor."""


@dataclass(frozen=True)
class Measurement:
    """One stream message of a sensor actor: header and body."""

    actor: int
    message: bytes


class SensorSuite:
    """The sensors of an episode by actor id."""

    def __init__(self) -> None:
        self._sensors: dict[int, tuple[Sensor, Schedule, int]] = {}

    def add(self, info: ActorInfo, frame: int) -> None:
        """Build the sensor of an actor that is spawned after `frame`.

        ValueError for unknown sensors or attributes that are no numbers.
        """
        build = SENSORS.get(info.blueprint.id)
        if build is None:
            raise SensorMissingError(
                f"carlet has no {info.blueprint.id} in this version; it offers {', '.join(sorted(SENSORS))}"
            )
        attributes = {name: value for name, (_, value) in info.attributes.items()}
        interval = number(attributes, "sensor_tick") if "sensor_tick" in attributes else 0.0
        self._sensors[info.id] = build(attributes), Schedule(interval), frame

    def remove(self, actor_id: int) -> None:
        """Forget a sensor; others are ignored."""
        self._sensors.pop(actor_id, None)

    def measure(self, moment: Moment, listening: Sequence[int]) -> list[Measurement]:
        """Messages of the sensors that somebody listens to and that are due. A sensor nobody hears does nothing."""
        messages = []
        for actor_id in listening:
            if actor_id not in self._sensors:
                continue
            sensor, schedule, birth = self._sensors[actor_id]
            since = schedule.due(moment.time, moment.dt)
            if since is None:
                continue
            row, turn = moment.table.row(actor_id), Turn(since, moment.frame - birth)
            pose_deg = np.concatenate([moment.table.location[row], np.degrees(moment.table.rotation[row])])
            header = sensor_header(sensor.type, moment.frame, moment.time, pose_deg)
            messages += [Measurement(actor_id, header + body) for body in sensor.measure(moment, row, turn)]
        return messages
