"""All sensors of a world: which are due, what they see, and what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from carlet.actors.registry import ActorInfo
from carlet.render.picture import Lens, Picture, Request
from carlet.sensors import SENSORS, Attributes, Camera, Moment, Schedule, Sensor, Turn, number
from carlet.wire.hub import Piece
from carlet.wire.records import sensor_header
from carlet.wire.values import AttributeType

NUMERIC = frozenset({AttributeType.INT, AttributeType.FLOAT})


class SensorMissingError(ValueError):
    """The blueprint exists, but this server has no such sensor."""


@dataclass(frozen=True)
class Measurement:
    """One stream message of a sensor actor, in pieces: its header and what follows."""

    actor: int
    message: tuple[Piece, ...]


class _Entry(NamedTuple):
    sensor: Sensor
    schedule: Schedule
    birth: int


class _Due(NamedTuple):
    actor: int
    sensor: Sensor
    row: int
    turn: Turn


class SensorSuite:
    """The sensors of an episode by actor id."""

    def __init__(self, known: Mapping[str, Callable[[Attributes], Sensor]] = SENSORS) -> None:
        self._known = known
        self._sensors: dict[int, _Entry] = {}

    def add(self, info: ActorInfo, frame: int) -> None:
        """Build the sensor of an actor that is spawned after `frame`.

        ValueError for unknown sensors and for attributes that are no numbers or cannot be.
        """
        build = self._known.get(info.blueprint.id)
        if build is None:
            raise SensorMissingError(
                f"carlet has no {info.blueprint.id} in this version; it offers {', '.join(sorted(self._known))}"
            )
        attributes = {name: value for name, (_, value) in info.attributes.items()}
        for name, (kind, _) in info.attributes.items():
            if kind in NUMERIC:
                number(attributes, name)
        interval = number(attributes, "sensor_tick") if "sensor_tick" in attributes else 0.0
        self._sensors[info.id] = _Entry(build(attributes), Schedule(interval), frame)

    def remove(self, actor_id: int) -> None:
        """Forget a sensor; others are ignored."""
        self._sensors.pop(actor_id, None)

    def measure(self, moment: Moment, listening: Sequence[int]) -> Iterator[Measurement]:
        """Messages of the sensors that somebody listens to and that are due, one after the other as they are made.

        A sensor nobody hears does nothing. All views are drawn first, in one call.
        """
        due = self._due(moment, listening)
        moment.pictures.update(_draw(moment, due))
        for actor_id, sensor, row, turn in due:
            pose_deg = np.concatenate([moment.table.location[row], np.degrees(moment.table.rotation[row])])
            header = sensor_header(sensor.type, moment.frame, moment.time, pose_deg)
            for body in sensor.measure(moment, row, turn):
                pieces = (body,) if isinstance(body, bytes) else body
                yield Measurement(actor_id, (header, *pieces))

    def _due(self, moment: Moment, listening: Sequence[int]) -> list[_Due]:
        found = []
        for actor_id in listening:
            if actor_id not in self._sensors:
                continue
            sensor, schedule, birth = self._sensors[actor_id]
            if isinstance(sensor, Camera) and not moment.draws:
                continue
            since = schedule.due(moment.time, moment.dt)
            if since is not None:
                found.append(_Due(actor_id, sensor, moment.table.row(actor_id), Turn(since, moment.frame - birth)))
        return found


def _draw(moment: Moment, due: Sequence[_Due]) -> dict[int, Picture]:
    """What the cameras among the sensors see, by table row; those of one pose, size and field of view share a view."""
    wishes = {one.row: one.sensor.request(moment, one.row) for one in due if isinstance(one.sensor, Camera)}
    if not wishes:
        return {}
    requests, places = share(list(wishes.values()))
    pictures = moment.stage.draw(requests)
    return {row: pictures[place] for row, place in zip(wishes, places, strict=True)}


def share(wishes: Sequence[Request]) -> tuple[list[Request], list[int]]:
    """The fewest requests that fulfil all wishes, and the place of each wish's request among them.

    A view is drawn once for each lens that it is wanted through; who wants no colours takes any.
    """
    requests: list[Request] = []
    drawn: dict[tuple, dict[Lens | None, int]] = {}
    places = [0] * len(wishes)
    for index in sorted(range(len(wishes)), key=lambda i: wishes[i].rgb is None):
        view, lens = wishes[index]
        lenses = drawn.setdefault((view.eye.tobytes(), view.turn.tobytes(), *view[2:]), {})
        if lens is None and lenses:
            places[index] = next(iter(lenses.values()))
            continue
        if lens not in lenses:
            lenses[lens] = len(requests)
            requests.append(wishes[index])
        places[index] = lenses[lens]
    return requests, places
