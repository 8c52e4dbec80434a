"""Lines about one frame of a recording, in CARLA's words. Lengths are centimetres, angles degrees, as in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

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
            columns = [rows[name].tolist() for name in rows.dtype.names or ()]
            yield from (f"  Id: {actor} {_LINES[number](*values)}\n" for actor, *values in zip(*columns, strict=True))
    if Packet.PLATFORM_TIME in frame.numbers:
        yield f" Current platform time: {frame.numbers[Packet.PLATFORM_TIME]:g}\n"
    if frame.physics:
        yield f" Physics Control events: {len(frame.physics)}\n"
        yield from (f"  Id: {actor_id}\n" for actor_id, _ in frame.physics)


def _creation(actor: Creation) -> Iterator[str]:
    location, _ = file_poses(actor.pose[:3], actor.pose[3:])
    yield f" Create {actor.id}: {actor.type_id} ({int(actor.category)}) at {_vector(location.tolist())}\n"
    for name, (_, value) in actor.attributes.items():
        yield f"  {name} = {value}\n"


def _vector(values: Iterable[float]) -> str:
    return "({})".format(", ".join(f"{value + 0.0:g}" for value in values))


def _lamps(bits: int) -> str:
    lit = [name for bit, name in LAMPS.items() if bits & bit]
    return " ".join(lit) or "None"


def _pedals(steer: float, throttle: float, brake: float, hand_brake: int, gear: int) -> str:
    return f"Steering: {steer:g} Throttle: {throttle:g} Brake: {brake:g} Handbrake: {hand_brake} Gear: {gear}"


def _motion(velocity: Iterable[float], turning: Iterable[float]) -> str:
    return f"Linear velocity: {_vector(velocity)} Angular velocity: {_vector(turning)}"


def _box(origin: Iterable[float], extent: Iterable[float]) -> str:
    return f"Origin: {_vector(origin)} Extent: {_vector(extent)}"


#: What follows the id, from the other fields of a record in their order.
_LINES: Mapping[Packet, Callable[..., str]] = MappingProxyType(
    {
        Packet.POSITION: lambda location, rotation: f"Location: {_vector(location)} Rotation: {_vector(rotation)}",
        Packet.STATE: lambda frozen, elapsed, state: f"state: {state} frozen: {frozen} elapsedTime: {elapsed:g}",
        Packet.ANIM_VEHICLE: _pedals,
        Packet.ANIM_WALKER: lambda speed: f"Speed: {speed:g}",
        Packet.VEHICLE_LIGHT: _lamps,
        Packet.KINEMATICS: _motion,
        Packet.BOUNDING_BOX: _box,
        Packet.TRIGGER_VOLUME: _box,
        Packet.LIGHT_TIME: lambda green, yellow, red: f"GreenTime: {green:g} YellowTime: {yellow:g} RedTime: {red:g}",
    }
)
