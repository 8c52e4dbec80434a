"""The bytes of a recording: CARLA's packets, little endian.

A file is an information block followed by packets. The block: version u16, magic text `CARLA_RECORDER`, date i64
(seconds since 1970), map text. A text is its length u16 and its UTF-8 bytes. A packet is its number u8, the size of
its body u32, and the body; readers skip numbers that they do not know. Every frame begins with FRAME_START and ends
with FRAME_END; what lies between belongs to it.

Places are centimetres, rotations degrees in the order roll, pitch, yaw, vectors three f32. Most bodies are a count u16
and as many records of a fixed layout, given in `RECORDS`. The others:

* FRAME_START: number u64, seconds until the next frame f64 (0 in the last), seconds since the first frame f64
* EVENT_ADD: count u16, then for each actor: id u32, category u8, place, rotation, blueprint number u32, blueprint
  name text, count u16 of attributes, each type u8, name text, value text
* PLATFORM_TIME: seconds f64; FRAME_COUNTER: the world's frame u64
* PHYSICS_CONTROL: count u16, then for each vehicle: id u32, size u32, the physics control as msgpack has it on the
  network

The numbers of the packets, the information block and the texts are CARLA's, as its documentation describes them. That
leaves the inside of some packets open: the order of an actor's fields in EVENT_ADD, all packets above ANIM_WALKER and
the width of counts are this project's choice.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import msgpack
import numpy as np
from numpy.typing import ArrayLike, NDArray

VERSION = 1
MAGIC = "CARLA_RECORDER"
CENTIMETRES = 100.0
#: No world reaches farther (cm); what lies beyond comes from a damaged file.
FARTHEST_CM = 1e8
TEXT_MAX = 0xFFFF
COUNT_MAX = 0xFFFF

PACKET_HEADER = struct.Struct("<BI")
FRAME_START = struct.Struct("<Qdd")
_COUNT = struct.Struct("<H")
_ADD_HEAD = struct.Struct("<IB6fI")
_SIZED = struct.Struct("<II")
_INFO_HEAD = struct.Struct("<H")
_DATE = struct.Struct("<q")


class RecordingError(ValueError):
    """A recording that cannot be read or written; the message is one sentence for people."""


class Packet(IntEnum):
    """Numbers of the packets."""

    FRAME_START = 0
    FRAME_END = 1
    EVENT_ADD = 2
    EVENT_DEL = 3
    EVENT_PARENT = 4
    COLLISION = 5
    POSITION = 6
    STATE = 7
    ANIM_VEHICLE = 8
    ANIM_WALKER = 9
    VEHICLE_LIGHT = 10
    KINEMATICS = 12
    BOUNDING_BOX = 13
    PLATFORM_TIME = 14
    PHYSICS_CONTROL = 15
    LIGHT_TIME = 16
    TRIGGER_VOLUME = 17
    FRAME_COUNTER = 18


class Category(IntEnum):
    """What an actor is, for the reports."""

    OTHER = 0
    VEHICLE = 1
    WALKER = 2
    TRAFFIC_LIGHT = 3
    TRAFFIC_SIGN = 4
    SENSOR = 5


_ID = ("id", "<u4")
_BOX = np.dtype([_ID, ("origin", "<f4", 3), ("extent", "<f4", 3)])

RECORDS: Mapping[Packet, np.dtype] = MappingProxyType(
    {
        Packet.EVENT_DEL: np.dtype([_ID]),
        Packet.EVENT_PARENT: np.dtype([_ID, ("parent", "<u4")]),
        Packet.COLLISION: np.dtype(
            [_ID, ("first", "<u4"), ("second", "<u4"), ("first_hero", "u1"), ("second_hero", "u1")]
        ),
        Packet.POSITION: np.dtype([_ID, ("location", "<f4", 3), ("rotation", "<f4", 3)]),
        Packet.STATE: np.dtype([_ID, ("frozen", "u1"), ("elapsed", "<f4"), ("state", "u1")]),
        Packet.ANIM_VEHICLE: np.dtype(
            [_ID, ("steer", "<f4"), ("throttle", "<f4"), ("brake", "<f4"), ("hand_brake", "u1"), ("gear", "<i4")]
        ),
        Packet.ANIM_WALKER: np.dtype([_ID, ("speed", "<f4")]),
        Packet.VEHICLE_LIGHT: np.dtype([_ID, ("bits", "<u4")]),
        Packet.KINEMATICS: np.dtype([_ID, ("velocity", "<f4", 3), ("angular_velocity", "<f4", 3)]),
        Packet.BOUNDING_BOX: _BOX,
        Packet.TRIGGER_VOLUME: _BOX,
        Packet.LIGHT_TIME: np.dtype([_ID, ("green", "<f4"), ("yellow", "<f4"), ("red", "<f4")]),
    }
)


@dataclass(frozen=True)
class Information:
    """The block at the head of a file: `date` in seconds since 1970."""

    date: int
    map_name: str
    version: int = VERSION


@dataclass(frozen=True)
class Creation:
    """An actor that appears: `pose` (6,) in metres and radians, `attributes` name -> (type, value)."""

    id: int
    category: int
    pose: NDArray[np.float64]
    uid: int
    type_id: str
    attributes: Mapping[str, tuple[int, str]]

    @property
    def role_name(self) -> str:
        """What a client called it."""
        return self.attributes.get("role_name", (0, ""))[1]

    @property
    def hero(self) -> bool:
        """Whether it is the hero."""
        return self.role_name == "hero"


# -- poses


def file_poses(location: ArrayLike, rotation: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places (..., 3) and rotations (..., 3) as the file has them, of metres and `pitch yaw roll` in radians."""
    degrees = np.degrees(rotation)
    return CENTIMETRES * np.asarray(location, np.float64), np.roll(degrees, 1, axis=-1)


def poses_of(location: ArrayLike, rotation: ArrayLike) -> NDArray[np.float64]:
    """Inverse of `file_poses`: poses (..., 6) in metres and radians."""
    metres = np.asarray(location, np.float64) / CENTIMETRES
    radians = np.radians(np.roll(np.asarray(rotation, np.float64), -1, axis=-1))
    return np.concatenate([metres, radians], axis=-1)


# -- writing


def packet(number: Packet, body: bytes = b"") -> bytes:
    """A packet with its header."""
    return PACKET_HEADER.pack(number, len(body)) + body


def records(number: Packet, **columns: ArrayLike) -> bytes:
    """A packet of fixed records from its columns, each with one row a record; b"" for none at all."""
    count = len(np.asarray(columns["id"]))
    if not count:
        return b""
    if count > COUNT_MAX:
        raise RecordingError(f"a frame with {count} records of {number.name} is more than a recording can hold")
    rows = np.zeros(count, RECORDS[number])
    for name, values in columns.items():
        rows[name] = values
    return packet(number, _COUNT.pack(count) + rows.tobytes())


def text(value: str) -> bytes:
    """A text with its length; what does not fit is cut off."""
    raw = value.encode("utf-8")[:TEXT_MAX].decode("utf-8", "ignore").encode("utf-8")
    return _COUNT.pack(len(raw)) + raw


def information_block(info: Information) -> bytes:
    """The head of a file."""
    return _INFO_HEAD.pack(info.version) + text(MAGIC) + _DATE.pack(info.date) + text(info.map_name)


def frame_start(number: int, duration_s: float, elapsed_s: float) -> bytes:
    """The packet that opens a frame."""
    return packet(Packet.FRAME_START, FRAME_START.pack(number, duration_s, elapsed_s))


def creations(actors: Sequence[Creation]) -> bytes:
    """The packet of actors that appear; b"" for none."""
    if not actors:
        return b""
    if len(actors) > COUNT_MAX:
        raise RecordingError(f"a frame with {len(actors)} new actors is more than a recording can hold")
    return packet(Packet.EVENT_ADD, _COUNT.pack(len(actors)) + b"".join(map(_creation, actors)))


def physics_controls(controls: Iterable[tuple[int, Any]]) -> bytes:
    """The packet of physics controls `(id, control as on the network)`; b"" for none."""
    bodies = [(actor_id, bytes(msgpack.packb(control) or b"")) for actor_id, control in controls]
    if not bodies:
        return b""
    chunks = [_SIZED.pack(actor_id, len(body)) + body for actor_id, body in bodies]
    return packet(Packet.PHYSICS_CONTROL, _COUNT.pack(len(bodies)) + b"".join(chunks))


def number_packet(number: Packet, value: float) -> bytes:
    """PLATFORM_TIME or FRAME_COUNTER."""
    return packet(number, struct.pack("<Q" if number is Packet.FRAME_COUNTER else "<d", value))


def _creation(actor: Creation) -> bytes:
    location, rotation = file_poses(actor.pose[:3], actor.pose[3:])
    head = _ADD_HEAD.pack(actor.id, actor.category, *location, *rotation, actor.uid)
    attributes = [bytes([kind]) + text(name) + text(value) for name, (kind, value) in actor.attributes.items()]
    return head + text(actor.type_id) + _COUNT.pack(len(attributes)) + b"".join(attributes)


# -- reading


class Cursor:
    """Reads a body from its start. RecordingError when it ends too early."""

    def __init__(self, body: bytes):
        self._body = body
        self.position = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        chunk = self._body[self.position : self.position + size]
        if len(chunk) < size:
            raise RecordingError("a packet is shorter than what it should hold")
        self.position += size
        return chunk

    def unpack(self, layout: struct.Struct) -> tuple[Any, ...]:
        """The next fields of a fixed layout."""
        return layout.unpack(self.take(layout.size))

    def count(self) -> int:
        """A count."""
        return self.unpack(_COUNT)[0]

    def text(self) -> str:
        """A text."""
        try:
            return self.take(self.count()).decode("utf-8")
        except UnicodeDecodeError:
            raise RecordingError("a text is not UTF-8") from None


def read_records(number: Packet, body: bytes) -> NDArray[np.void]:
    """The records of a packet. RecordingError when they do not fit or hold numbers that are none."""
    layout, count = RECORDS[number], Cursor(body).count()
    if len(body) != _COUNT.size + count * layout.itemsize:
        raise RecordingError(f"a packet {number.name} has {len(body)} bytes, which is not {count} records")
    table = np.frombuffer(body, layout, count, _COUNT.size)
    if not all(np.isfinite(table[name]).all() for name in layout.names or ()):
        raise RecordingError(f"a packet {number.name} holds numbers that are not finite")
    if number is Packet.POSITION and (np.abs(table["location"]) > FARTHEST_CM).any():
        raise RecordingError("an actor is out of this world")
    return table


def read_information(cursor: Cursor) -> Information:
    """The head of a file; the cursor stands behind it. RecordingError when it is none."""
    (version,) = cursor.unpack(_INFO_HEAD)
    if version != VERSION or cursor.text() != MAGIC:
        raise RecordingError("it does not begin like one")
    (date,) = cursor.unpack(_DATE)
    return Information(date, cursor.text(), version)


def read_creations(body: bytes) -> list[Creation]:
    """The actors that appear."""
    cursor = Cursor(body)
    return [_read_creation(cursor) for _ in range(cursor.count())]


def read_physics_controls(body: bytes) -> list[tuple[int, Any]]:
    """Physics controls by actor id."""
    cursor, found = Cursor(body), []
    for _ in range(cursor.count()):
        actor_id, size = cursor.unpack(_SIZED)
        try:
            found.append((actor_id, msgpack.unpackb(cursor.take(size))))
        except ValueError as error:
            raise RecordingError(f"the physics control of actor {actor_id} cannot be read") from error
    return found


def _read_creation(cursor: Cursor) -> Creation:
    actor_id, category, x, y, z, roll, pitch, yaw, uid = cursor.unpack(_ADD_HEAD)
    type_id = cursor.text()
    attributes = {}
    for _ in range(cursor.count()):
        kind = cursor.take(1)[0]
        name = cursor.text()
        attributes[name] = kind, cursor.text()
    pose = poses_of((x, y, z), (roll, pitch, yaw))
    if not (np.isfinite(pose).all() and max(abs(x), abs(y), abs(z)) <= FARTHEST_CM):
        raise RecordingError(f"actor {actor_id} is out of this world")
    return Creation(actor_id, category, pose, uid, type_id, attributes)
