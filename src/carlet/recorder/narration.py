"""Lines about one frame of a recording, in CARLA's words. Lengths are centimetres, angles degrees, as in the file."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from carlet.recorder.layout import Creation, Packet, file_poses
from carlet.recorder.reading import Frame

LAMPS: Mapping[int, str] = MappingProxyType(
    {
        1 << 0: "Position",
        1 << 1: "LowBeam",
        1 << 2: "HighBeam",
        1 << 3: "Brake",
        1 << 4: "RightBlinker",
        1 << 5: "LeftBlinker",
        1 << 6: "Reverse",
        1 << 7: "Fog",
        1 << 8: "Interior",
        1 << 9: "Special1",
        1 << 10: "Special2",
    }
)
_TITLES: Mapping[Packet, str] = MappingProxyType(
    {
        Packet.POSITION: "Positions",
        Packet.STATE: "State traffic lights",
        Packet.ANIM_VEHICLE: "Vehicle animations",
        Packet.ANIM_WALKER: "Walker animations",
        Packet.VEHICLE_LIGHT: "Vehicle light animations",
        Packet.KINEMATICS: "Dynamic actors",
        Packet.BOUNDING_BOX: "Actor bounding boxes",
        Packet.TRIGGER_VOLUME: "Actor trigger volumes",
        Packet.LIGHT_TIME: "Traffic Light time events",
    }
)


def show_events(frame: Frame) -> Iterator[str]:
    """Who came, went, was attached or hit."""
    for actor in frame.created:
        yield from _creation(actor)
    for actor_id in frame.destroyed:
        yield f" Destroy {actor_id}\n"
    for child, parent in frame.parents.items():
        yield f" Parenting {child} with {parent} (parent)\n"
    for row in frame.table(Packet.COLLISION):
        first, second = (" (hero) " if row[name] else "" for name in ("first_hero", "second_hero"))
        yield f" Collision id {row['id']} between {row['first']}{first} with {row['second']}{second}\n"


def show_state(frame: Frame) -> Iterator[str]:
    """All that is recorded of a frame beside its events."""
    for number, title in _TITLES.items():
        rows = frame.table(number)
        if len(rows):
            yield f" {title}: {len(rows)}\n"
            yield from (f"  {_LINES[number](row)}\n" for row in rows)
    if Packet.PLATFORM_TIME in frame.numbers:
        yield f" Current platform time: {frame.numbers[Packet.PLATFORM_TIME]:g}\n"
    if frame.physics:
        yield f" Physics Control events: {len(frame.physics)}\n"
        yield from (f"  Id: {actor_id}\n" for actor_id, _ in frame.physics)


def _creation(actor: Creation) -> Iterator[str]:
    location, _ = file_poses(actor.pose[:3], actor.pose[3:])
    yield f" Create {actor.id}: {actor.type_id} ({int(actor.category)}) at {_vector(location)}\n"
    for name, (_, value) in actor.attributes.items():
        yield f"  {name} = {value}\n"


def _vector(values: Any) -> str:
    return "({})".format(", ".join(f"{value:g}" for value in np.asarray(values, np.float64) + 0.0))


def _lamps(bits: int) -> str:
    lit = [name for bit, name in LAMPS.items() if bits & bit]
    return " ".join(lit) or "None"


_LINES = MappingProxyType(
    {
        Packet.POSITION: lambda r: (
            f"Id: {r['id']} Location: {_vector(r['location'])} Rotation: {_vector(r['rotation'])}"
        ),
        Packet.STATE: lambda r: (
            f"Id: {r['id']} state: {r['state']} frozen: {r['frozen']} elapsedTime: {r['elapsed']:g}"
        ),
        Packet.ANIM_VEHICLE: lambda r: (
            f"Id: {r['id']} Steering: {r['steer']:g} Throttle: {r['throttle']:g} Brake: {r['brake']:g}"
            f" Handbrake: {r['hand_brake']} Gear: {r['gear']}"
        ),
        Packet.ANIM_WALKER: lambda r: f"Id: {r['id']} Speed: {r['speed']:g}",
        Packet.VEHICLE_LIGHT: lambda r: f"Id: {r['id']} {_lamps(int(r['bits']))}",
        Packet.KINEMATICS: lambda r: (
            f"Id: {r['id']} Linear velocity: {_vector(r['velocity'])}"
            f" Angular velocity: {_vector(r['angular_velocity'])}"
        ),
        Packet.BOUNDING_BOX: lambda r: f"Id: {r['id']} Origin: {_vector(r['origin'])} Extent: {_vector(r['extent'])}",
        Packet.TRIGGER_VOLUME: lambda r: f"Id: {r['id']} Origin: {_vector(r['origin'])} Extent: {_vector(r['extent'])}",
        Packet.LIGHT_TIME: lambda r: (
            f"Id: {r['id']} GreenTime: {r['green']:g} YellowTime: {r['yellow']:g} RedTime: {r['red']:g}"
        ),
    }
)
