"""What of a world goes into a frame."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from carlet.actors.table import Kind
from carlet.episode import Episode
from carlet.recorder.layout import (
    CENTIMETRES,
    Category,
    Creation,
    Packet,
    creations,
    file_poses,
    number_packet,
    physics_controls,
    records,
)
from carlet.wire.controls import encode_physics_control

CATEGORIES: Mapping[int, Category] = MappingProxyType(
    {Kind.VEHICLE: Category.VEHICLE, Kind.WALKER: Category.WALKER, Kind.SENSOR: Category.SENSOR}
)
LIGHT_TYPE = "traffic.traffic_light"
COLLISION_SENSOR = "sensor.other.collision"
HERO = "hero"
Rows = NDArray[np.intp]


def signal_creations(episode: Episode) -> list[Creation]:
    """The lights and signs of the town."""
    signals, town = episode.signals, episode.town
    poses = np.concatenate([town.signs.pose, town.lights.pose])
    ids = range(signals.first_id, signals.next_id)
    return [_signal(signals.wire(actor_id), pose) for actor_id, pose in zip(ids, poses, strict=True)]


def actor_creation(episode: Episode, actor_id: int) -> Creation:
    """A living actor where it is now."""
    info, row = episode.info(actor_id), episode.row(actor_id)
    category = CATEGORIES.get(info.blueprint.kind, Category.OTHER)
    return Creation(actor_id, category, episode.pose(row), info.blueprint.uid, info.blueprint.id, dict(info.attributes))


def watched_by_sensors(episode: Episode) -> frozenset[int]:
    """Ids of the actors that carry a collision sensor."""
    return frozenset(info.parent for info in episode.actors.values() if info.blueprint.id == COLLISION_SENSOR)


def events(episode: Episode, born: Sequence[int], dead: Sequence[int], with_signals: bool) -> bytes:
    """Packets of the actors that came and went."""
    appeared = [actor_creation(episode, actor_id) for actor_id in born]
    children = [(i, episode.info(i).parent) for i in born if episode.info(i).parent]
    return b"".join(
        [
            creations([*(signal_creations(episode) if with_signals else []), *appeared]),
            records(Packet.EVENT_DEL, id=list(dead)),
            records(Packet.EVENT_PARENT, id=[c for c, _ in children], parent=[p for _, p in children]),
        ]
    )


def collisions(episode: Episode, watched: Iterable[int], first_number: int) -> tuple[bytes, int]:
    """The packet of this tick's collisions of `watched` actors, and how many they are. Id 0 stands for the level."""
    ids = episode.table.id
    watching, pairs = set(watched), []
    for a, b in zip(episode.contacts.row_a.tolist(), episode.contacts.row_b.tolist(), strict=True):
        first, second = int(ids[a]), int(ids[b]) if b >= 0 else 0
        pairs += [(first, second)] if first in watching else []
        pairs += [(second, first)] if second in watching else []
    body = records(
        Packet.COLLISION,
        id=[first_number + k for k in range(len(pairs))],
        first=[a for a, _ in pairs],
        second=[b for _, b in pairs],
        first_hero=[_is_hero(episode, a) for a, _ in pairs],
        second_hero=[_is_hero(episode, b) for _, b in pairs],
    )
    return body, len(pairs)


def state(episode: Episode) -> bytes:
    """Packets of where everything is and what it shows."""
    table = episode.table
    free = np.flatnonzero(table.parent == 0)
    location, rotation = file_poses(table.location[free], table.rotation[free])
    vehicles, walkers = table.rows_of(Kind.VEHICLE), table.rows_of(Kind.WALKER)
    cycle, first = episode.signals.cycle, episode.signals.first_light_id
    return b"".join(
        [
            records(Packet.POSITION, id=table.id[free], location=location, rotation=rotation),
            records(
                Packet.STATE,
                id=np.arange(first, first + len(cycle.state)),
                frozen=cycle.frozen[cycle.group],
                elapsed=cycle.elapsed,
                state=cycle.state,
            ),
            records(
                Packet.ANIM_VEHICLE,
                id=table.id[vehicles],
                steer=table.steer[vehicles],
                throttle=table.throttle[vehicles],
                brake=table.brake[vehicles],
                hand_brake=table.hand_brake[vehicles],
                gear=table.gear[vehicles],
            ),
            records(Packet.ANIM_WALKER, id=table.id[walkers], speed=table.walk_speed[walkers]),
            records(Packet.VEHICLE_LIGHT, id=table.id[vehicles], bits=table.light_bits[vehicles]),
        ]
    )


def additional(episode: Episode, born: Sequence[int], with_signals: bool, platform_time: float) -> bytes:
    """Packets that only a recording with additional data has, but for `light_times`."""
    table = episode.table
    moving = table.rows_of(Kind.VEHICLE, Kind.WALKER)
    return b"".join(
        [
            records(
                Packet.KINEMATICS,
                id=table.id[moving],
                velocity=CENTIMETRES * table.velocity[moving],
                angular_velocity=np.degrees(table.angular_velocity[moving]),
            ),
            _bounding_boxes(episode, born),
            _trigger_volumes(episode) if with_signals else b"",
            number_packet(Packet.PLATFORM_TIME, platform_time),
            _physics(episode, born),
        ]
    )


def light_times(episode: Episode) -> bytes:
    """The packet of how long the lights' stages are."""
    cycle, first = episode.signals.cycle, episode.signals.first_light_id
    green, yellow, red = cycle.times[cycle.controller].T
    ids = np.arange(first, first + len(cycle.state))
    return records(Packet.LIGHT_TIME, id=ids, green=green, yellow=yellow, red=red)


def _signal(wire: list, pose: NDArray[np.float64]) -> Creation:
    actor_id, _, (uid, type_id, attributes), *_ = wire
    category = Category.TRAFFIC_LIGHT if type_id == LIGHT_TYPE else Category.TRAFFIC_SIGN
    return Creation(actor_id, category, pose, uid, type_id, {name: (kind, value) for name, kind, value in attributes})


def _is_hero(episode: Episode, actor_id: int) -> bool:
    return actor_id in episode.actors and episode.info(actor_id).role_name == HERO


def _bounding_boxes(episode: Episode, born: Sequence[int]) -> bytes:
    table = episode.table
    rows = np.array([row for row in map(table.row, born) if table.box_extent[row].any()], np.intp)
    return records(
        Packet.BOUNDING_BOX,
        id=table.id[rows],
        origin=CENTIMETRES * table.box_centre[rows],
        extent=CENTIMETRES * table.box_extent[rows],
    )


def _trigger_volumes(episode: Episode) -> bytes:
    signals, town = episode.signals, episode.town
    return records(
        Packet.TRIGGER_VOLUME,
        id=np.arange(signals.first_id, signals.next_id),
        origin=CENTIMETRES * np.concatenate([town.signs.box_centre, town.lights.box_centre]),
        extent=CENTIMETRES * np.concatenate([town.signs.box_extent, town.lights.box_extent]),
    )


def _physics(episode: Episode, born: Sequence[int]) -> bytes:
    vehicles = [info for info in map(episode.info, born) if info.physics is not None]
    return physics_controls((info.id, encode_physics_control(info.physics_now())) for info in vehicles)
