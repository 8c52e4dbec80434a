"""Who plays whom in a replay: recorded actors and the living ones that stand for them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from carlet.actors.blueprints import kind_of
from carlet.actors.lights import LightState
from carlet.actors.table import ActorTable, Kind
from carlet.episode import SPECTATOR_ID, Attachment, Episode, EpisodeError
from carlet.geometry import rotation_angles, rotation_matrices, wrap_angle
from carlet.recorder.layout import Category, Creation, Packet, poses_of
from carlet.recorder.reading import Frame

log = logging.getLogger(__name__)

#: A recorded light is the living one that stands within this distance (m).
SAME_LIGHT_M = 1.0
PLAYED = frozenset({Kind.VEHICLE, Kind.WALKER, Kind.PROP, Kind.TRIGGER})

Poses = NDArray[np.float64]


class World(Protocol):
    """What a replay needs of the simulator."""

    episode: Episode

    def new_stream(self) -> tuple[int, bytes]: ...  # noqa: D102
    def open_stream(self, stream: int, actor_id: int) -> None: ...  # noqa: D102
    def close_streams_of(self, actor_ids: list[int]) -> None: ...  # noqa: D102
    def request_load(self, name: str, reset_settings: bool) -> None: ...  # noqa: D102


@dataclass
class Choices:
    """What a client may change at any time; speeds above `SMOOTH_UP_TO` are shown without interpolation."""

    SMOOTH_UP_TO = 2.0

    time_factor: float = 1.0
    ignore_hero: bool = False
    ignore_spectator: bool = True


@dataclass(frozen=True)
class Entrance:
    """An actor to appear: `parent` is a recorded id, 0 for none; `pose` (6,) is relative to it."""

    actor: Creation
    parent: int
    pose: Poses


def entrances(frame: Frame) -> dict[int, Entrance]:
    """The actors that a frame creates, by recorded id, parents before children."""
    parents = frame.parents
    places = _places(frame) if parents else {}
    found = {}
    for actor in frame.created:
        parent = parents.get(actor.id, 0)
        pose = _relative(places.get(parent, actor.pose), actor.pose) if parent else actor.pose
        found[actor.id] = Entrance(actor, parent, pose)
    return dict(sorted(found.items()))


class Cast:
    """Recorded ids and the living actors that play them. Physics leaves these alone until `release`."""

    def __init__(self, world: World, choices: Choices, with_sensors: bool, former: Mapping[int, int]):
        self.playing: dict[int, int] = {}
        self._world = world
        self._episode = world.episode
        self._choices = choices
        self._with_sensors = with_sensors
        self._former = former
        self._spawned: set[int] = set()
        self._simulated: dict[int, bool] = {}
        self._heroes: set[int] = set()
        self._lights: dict[int, int] = {}
        self._shown: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._light_of_record: NDArray[np.intp] = np.zeros(0, np.intp)

    # -- coming and going

    def enter(self, entrances: Iterable[Entrance]) -> None:
        """Find or spawn an actor for each."""
        entrances = list(entrances)
        self._match_lights([e.actor for e in entrances if e.actor.category == Category.TRAFFIC_LIGHT])
        for entrance in entrances:
            actor = entrance.actor
            if actor.type_id == "spectator":
                self.playing[actor.id] = SPECTATOR_ID
            elif self._wanted(actor):
                living = self._living(actor) or self._spawn(entrance)
                if living:
                    self._take_over(actor, living)

    def leave(self, recorded: Iterable[int]) -> None:
        """Destroy who plays these."""
        living = [self.playing.pop(i) for i in recorded if i in self.playing]
        self._destroy([i for i in living if i != SPECTATOR_ID])

    def release(self) -> None:
        """Give all back to physics: vehicles stand with the brake on, walkers stop."""
        table = self._episode.table
        for living, simulated in self._simulated.items():
            if living not in table:
                continue
            row = table.row(living)
            table.simulates[row] = simulated
            table.velocity[row] = table.angular_velocity[row] = 0.0
            table.throttle[row], table.steer[row], table.brake[row] = 0.0, 0.0, 1.0
            table.walk_speed[row] = 0.0
            table.direction[row] = 0.0
        self._simulated.clear()

    def remove_spawned(self) -> None:
        """Destroy the actors that are here because of the replay."""
        self._destroy([i for i in sorted(self._spawned) if i in self._episode.table])
        self._spawned.clear()

    # -- acting

    def place(self, recorded: NDArray[np.uint32], poses: Poses, dt: float) -> None:
        """Put the players of `recorded` (n,) at `poses` (n, 6); where they were gives velocities, unless `dt` is 0."""
        table = self._episode.table
        rows, found = self._rows(recorded)
        poses = poses[found]
        if dt > 0.0:
            table.velocity[rows] = (poses[:, :3] - table.location[rows]) / dt
            turned = wrap_angle(poses[:, 3:] - table.rotation[rows])
            table.angular_velocity[rows] = np.column_stack([turned[:, 2], turned[:, 0], turned[:, 1]]) / dt
        table.location[rows], table.rotation[rows] = poses[:, :3], poses[:, 3:]

    def act(self, frame: Frame) -> None:
        """Show the pedals, lamps and steps of a frame."""
        table = self._episode.table
        for number, columns in _SHOWN.items():
            records = frame.table(number)
            rows, found = self._rows(records["id"])
            for column, name in columns:
                getattr(table, column)[rows] = records[name][found]

    def show_lights(self, frame: Frame) -> None:
        """Let the town's lights show what the frame has."""
        records = frame.table(Packet.STATE)
        if not np.array_equal(records["id"], self._shown):
            self._shown = records["id"].copy()
            self._light_of_record = np.array([self._lights.get(i, -1) for i in records["id"].tolist()], np.intp)
        known = self._light_of_record >= 0
        lights, records = self._light_of_record[known], records[known]
        states = np.minimum(records["state"], np.uint8(LightState.UNKNOWN))
        self._episode.signals.cycle.show(lights, states, records["elapsed"], records["frozen"] != 0)

    # -- inside

    def _wanted(self, actor: Creation) -> bool:
        if actor.hero:
            self._heroes.add(actor.id)
            if self._choices.ignore_hero:
                return False
        kind = kind_of(actor.type_id)
        return kind in PLAYED or (kind is Kind.SENSOR and self._with_sensors)

    def _living(self, actor: Creation) -> int | None:
        """A living actor of the same type and role: of the same id, or who played it the last time."""
        taken = set(self.playing.values())
        for candidate in (actor.id, self._former.get(actor.id, 0)):
            info = self._episode.actors.get(candidate)
            if info is None or candidate in taken or info.blueprint.id != actor.type_id:
                continue
            if info.role_name == actor.role_name:
                return candidate
        return None

    def _spawn(self, entrance: Entrance) -> int | None:
        actor, attachment = entrance.actor, None
        if entrance.parent:
            if entrance.parent not in self.playing:
                return None
            attachment = Attachment(self.playing[entrance.parent])
        given = {name: value for name, (_, value) in actor.attributes.items()}
        stream, token = self._world.new_stream()
        try:
            living = self._episode.spawn(
                actor.type_id, given, entrance.pose, attachment, stream, token, check_room=False
            )
        except (EpisodeError, ValueError) as error:
            log.warning("the recorded actor %d (%s) cannot be played: %s", actor.id, actor.type_id, error)
            return None
        if self._episode.info(living).stream_id is not None:
            self._world.open_stream(stream, living)
        self._spawned.add(living)
        return living

    def _take_over(self, actor: Creation, living: int) -> None:
        self.playing[actor.id] = living
        table = self._episode.table
        row = table.row(living)
        self._simulated[living] = bool(table.simulates[row])
        table.simulates[row] = False
        table.ackermann[row] = False

    def _destroy(self, living: list[int]) -> None:
        self._world.close_streams_of(living)
        self._episode.destroy(living)

    def _rows(self, recorded: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Table rows of the players that are there and not to be ignored, and their places in `recorded`."""
        living = np.array([self._player(i) for i in recorded.tolist()], np.int64)
        return _rows_of(self._episode.table, living)

    def _player(self, recorded: int) -> int:
        living = self.playing.get(recorded, 0)
        if living == SPECTATOR_ID and self._choices.ignore_spectator:
            return 0
        return 0 if self._choices.ignore_hero and recorded in self._heroes else living

    def _match_lights(self, recorded: list[Creation]) -> None:
        signals = self._episode.signals
        if not recorded or not signals.light_count:
            return
        places = signals.location[signals.sign_count :]
        self._shown = self._shown[:0]
        for light in recorded:
            distance = np.linalg.norm(places - light.pose[:3], axis=1)
            if distance.min() <= SAME_LIGHT_M:
                self._lights[light.id] = int(distance.argmin())


_SHOWN = {
    Packet.ANIM_VEHICLE: (
        ("steer", "steer"),
        ("throttle", "throttle"),
        ("brake", "brake"),
        ("hand_brake", "hand_brake"),
        ("gear", "gear"),
    ),
    Packet.ANIM_WALKER: (("walk_speed", "speed"),),
    Packet.VEHICLE_LIGHT: (("light_bits", "bits"),),
}


def _rows_of(table: ActorTable, living: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if not len(table) or not len(living):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    rows = np.minimum(np.searchsorted(table.id, living), len(table) - 1)
    found = np.flatnonzero((table.id[rows] == living) & (living > 0))
    return rows[found], found


def _places(frame: Frame) -> dict[int, Poses]:
    """World poses of all actors that a frame speaks of, by recorded id."""
    rows = frame.table(Packet.POSITION)
    poses = poses_of(rows["location"], rows["rotation"])
    created = {actor.id: actor.pose for actor in frame.created}
    return created | dict(zip(rows["id"].tolist(), poses, strict=True))


def _relative(parent: Poses, child: Poses) -> Poses:
    """The pose of `child` (6,) in the frame of `parent` (6,)."""
    frame = rotation_matrices(parent[3:])
    turned = frame.T @ rotation_matrices(child[3:])
    return np.concatenate([frame.T @ (child[:3] - parent[:3]), rotation_angles(turned)])
