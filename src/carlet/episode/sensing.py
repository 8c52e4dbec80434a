"""All sensors of a world: which are due, what they see, and what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.actors.registry import ActorInfo
from carlet.render.picture import Lens, Picture, Request
from carlet.sensors import SENSORS, Camera, Frame, Moment, Schedule, Sensor, Turn, number
from carlet.wire.hub import Piece
from carlet.wire.records import sensor_header
from carlet.wire.values import AttributeType

Pose = tuple[float, ...]
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


class Wish(NamedTuple):
    """The picture that a camera needs: from a world pose in radians, of a size, through a lens if in colours."""

    pose: Pose
    frame: Frame
    lens: Lens | None


class SensorSuite:
    """The sensors of an episode by actor id."""

    def __init__(self) -> None:
        self._sensors: dict[int, _Entry] = {}

    def add(self, info: ActorInfo, frame: int) -> None:
        """Build the sensor of an actor that is spawned after `frame`.

        ValueError for unknown sensors and for attributes that are no numbers or cannot be.
        """
        build = SENSORS.get(info.blueprint.id)
        if build is None:
            raise SensorMissingError(
                f"carlet has no {info.blueprint.id} in this version; it offers {', '.join(sorted(SENSORS))}"
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
        due, table = self._due(moment, listening), moment.table
        rows = [one.row for one in due]
        poses = np.hstack([table.location[rows], table.rotation[rows]])
        moment.pictures.update(_draw(moment, due, poses))
        poses[:, 3:] = np.degrees(poses[:, 3:])
        for (actor_id, sensor, row, turn), pose_deg in zip(due, poses, strict=True):
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


def _draw(moment: Moment, due: Sequence[_Due], poses: NDArray[np.float64]) -> dict[int, Picture]:
    """What the cameras among the sensors see, by table row; those of one pose, size and field of view share a view."""
    wishes = {
        one.row: Wish(tuple(pose), one.sensor.frame, one.sensor.lens)
        for one, pose in zip(due, poses.tolist(), strict=True)
        if isinstance(one.sensor, Camera)
    }
    if not wishes:
        return {}
    shared, places = share(list(wishes.values()))
    pictures = moment.stage.draw([Request(frame.view(pose), lens) for pose, frame, lens in shared])
    return {row: pictures[place] for row, place in zip(wishes, places, strict=True)}


def share(wishes: Sequence[Wish]) -> tuple[list[Wish], list[int]]:
    """The fewest wishes that cover all, and for each of all its place among them.

    A view is drawn once for each lens that it is wanted through; who wants no colours takes any.
    """
    shared: list[Wish] = []
    place: dict[Wish, int] = {}
    for wish in sorted(dict.fromkeys(wishes), key=lambda wish: wish.lens is None):
        if wish not in place:
            place[wish] = len(shared)
            place.setdefault(wish._replace(lens=None), len(shared))
            shared.append(wish)
    return shared, [place[wish] for wish in wishes]
