"""Layouts that many calls share: `name(value)` decodes a msgpack value, `encode_name(...)` makes one.

Decoders raise `WireError` with one sentence. Poses are arrays (6,) `x y z pitch yaw roll` in metres and RADIANS here,
`[[x, y, z], [pitch, yaw, roll]]` in metres and degrees on the wire.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import degrees, radians
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.wire.checks import (
    U32_MAX,
    U64_MAX,
    WireError,
    any_number,
    array,
    describe,
    flag,
    integer,
    items,
    number,
    numbers,
    optional,
    text,
)

Array = NDArray[np.float64]


# -- geometry


class Box(NamedTuple):
    """A box: `centre` (3,) and half sizes `extent` (3,) in m, `rotation` (3,) pitch yaw roll in rad."""

    centre: Array
    extent: Array
    rotation: Array


def vec3(value: Any, what: str = "vector") -> Array:
    """A vector or location (3,)."""
    return np.array(numbers(value, what, 3))


def vec2(value: Any, what: str = "point") -> Array:
    """A plane vector (2,)."""
    return np.array(numbers(value, what, 2))


def rates(value: Any, what: str = "angular velocity") -> Array:
    """An angular velocity (3,) about x y z in rad/s, degrees per second on the wire."""
    return np.array([radians(rate) for rate in numbers(value, what, 3)])


def rotation(value: Any, what: str = "rotation") -> Array:
    """A rotation (3,) `pitch yaw roll` in rad."""
    return np.array([radians(angle) for angle in numbers(value, what, 3)])


def transform(value: Any, what: str = "transform") -> Array:
    """A pose (6,)."""
    location, angles = items(value, what, 2)
    pitch, yaw, roll = numbers(angles, what, 3)
    return np.array([*numbers(location, what, 3), radians(pitch), radians(yaw), radians(roll)])


def bounding_box(value: Any, what: str = "bounding box") -> Box:
    """A box; a fourth element (an actor's id) is allowed and dropped."""
    count = 4 if type(value) is list and len(value) == 4 else 3
    centre, extent, angles = items(value, what, count)[:3]
    return Box(vec3(centre, what), vec3(extent, what), rotation(angles, what))


def encode_vec3(vector: ArrayLike) -> list[float]:
    """`[x, y, z]` of (3,)."""
    return np.asarray(vector, dtype=np.float64).tolist()


def encode_transform(pose: ArrayLike) -> list[list[float]]:
    """`[[x, y, z], [pitch, yaw, roll]]` in degrees of a pose (6,) in radians."""
    x, y, z, pitch, yaw, roll = np.asarray(pose, dtype=np.float64).tolist()
    return [[x, y, z], [degrees(pitch), degrees(yaw), degrees(roll)]]


def encode_transforms(poses: ArrayLike) -> list[list[list[float]]]:
    """Transforms of poses (n, 6)."""
    values = np.array(poses, dtype=np.float64).reshape(-1, 2, 3)
    values[:, 1] = np.degrees(values[:, 1])
    return values.tolist()


def encode_bounding_box(
    centre: ArrayLike, extent: ArrayLike, rotation: ArrayLike = (0.0, 0.0, 0.0)
) -> list[list[float]]:
    """`[location, extent, rotation]` of `centre` (3,), half sizes `extent` (3,) and `rotation` (3,) in rad."""
    angles = [degrees(angle) for angle in encode_vec3(rotation)]
    return [encode_vec3(centre), encode_vec3(extent), angles]


def encode_bounding_boxes(centres: ArrayLike, extents: ArrayLike, rotations: ArrayLike) -> list[list[list[float]]]:
    """Bounding boxes of `centres`, `extents` and `rotations` (rad), each (n, 3)."""
    return np.stack([centres, extents, np.degrees(rotations)], axis=1).tolist()


# -- small things


def color(value: Any, what: str = "color") -> tuple[int, int, int]:
    """A colour, red green blue from 0 to 255."""
    red, green, blue = (integer(part, what, 0, 255) for part in items(value, what, 3))
    return red, green, blue


def actor_id(value: Any, what: str = "actor id") -> int:
    """An actor's id."""
    return integer(value, what)


def actor_ids(value: Any, what: str = "actor ids") -> list[int]:
    """Ids of actors."""
    return [integer(element, what) for element in array(value, what)]


def object_ids(value: Any, what: str = "object ids") -> list[int]:
    """Ids of level objects."""
    return [integer(element, what, 0, U64_MAX) for element in array(value, what)]


def strings(value: Any, what: str = "names") -> list[str]:
    """Strings."""
    return [text(element, what) for element in array(value, what)]


def encode_optional(value: Any | None) -> list[Any]:
    """`[false]` of None, else `[true, value]`."""
    return [False] if value is None else [True, value]


def encode_token(token: bytes) -> list[bytes]:
    """A token as a value of its own; inside an actor it is the bare bytes."""
    return [token]


def arguments(args: Sequence[Any], *names: str) -> Sequence[Any]:
    """`args` once it is sure that there is one for each of `names`."""
    if len(args) != len(names):
        expected = ", ".join(names) or "none"
        raise WireError(f"expected {len(names)} arguments ({expected}), got {len(args)}")
    return args


# -- actors


class AttributeType(IntEnum):
    """Type of a blueprint attribute."""

    BOOL = 1
    INT = 2
    FLOAT = 3
    STRING = 4
    COLOR = 5


class Attribute(NamedTuple):
    """An attribute as a spawned actor has it."""

    type: int
    value: str


@dataclass(frozen=True)
class ActorDescription:
    """What to spawn: the blueprint's number and name, and its attributes by name."""

    uid: int
    type_id: str
    attributes: Mapping[str, Attribute]


def actor_description(value: Any) -> ActorDescription:
    """`[uid, type_id, [[attribute, type, value], ...]]`."""
    uid, type_id, attributes = items(value, "actor description", 3)
    return ActorDescription(
        integer(uid, "blueprint uid"),
        text(type_id, "blueprint id"),
        dict(_attribute(attribute) for attribute in array(attributes, "blueprint attributes")),
    )


def _attribute(value: Any) -> tuple[str, Attribute]:
    name, kind, content = items(value, "blueprint attribute", 3)
    return text(name, "attribute id"), Attribute(integer(kind, "attribute type", 0, 255), text(content, "attribute"))


class Attachment(IntEnum):
    """How an actor hangs on its parent."""

    RIGID = 0
    SPRING_ARM = 1
    SPRING_ARM_GHOST = 2


def attachment(value: Any) -> Attachment:
    """An attachment. A batch's spawn sends whatever lay in the client's memory unless one was asked for: rigid."""
    number = integer(value, "attachment", -(2**31), U32_MAX)
    return Attachment(number) if 0 <= number <= Attachment.SPRING_ARM_GHOST else Attachment.RIGID


def encode_description(uid: int, type_id: str, attributes: Mapping[str, tuple[int, str]]) -> list[Any]:
    """`[uid, type_id, [[attribute, type, value], ...]]`."""
    return [uid, type_id, [[name, kind, value] for name, (kind, value) in attributes.items()]]


def encode_actor(
    actor: int,
    parent: int,
    description: list[Any],
    bounding_box: list[Any],
    semantic_tags: Iterable[int] = (),
    token: bytes = b"",
) -> list[Any]:
    """An actor: `description` and `bounding_box` as encoded, `parent` 0 for none, `token` empty without a stream."""
    return [actor, parent, description, bounding_box, bytes(semantic_tags), token]


def encode_attribute(
    name: str, kind: int, value: str, recommended: Sequence[str], modifiable: bool, restricted: bool
) -> list[Any]:
    """An attribute of a blueprint; `restricted` allows the recommended values only."""
    return [name, int(kind), value, list(recommended), modifiable, restricted]


def encode_blueprint(uid: int, blueprint_id: str, tags: str, attributes: list[list[Any]]) -> list[Any]:
    """A blueprint; `tags` are comma separated, `attributes` as `encode_attribute` makes them."""
    return [uid, blueprint_id, tags, attributes]


# -- world


@dataclass(frozen=True)
class EpisodeSettings:
    """How an episode runs. Times in s, distances in m; `fixed_delta_s` None lets the step vary."""

    synchronous: bool = False
    no_rendering: bool = False
    fixed_delta_s: float | None = None
    substepping: bool = True
    max_substep_delta_s: float = 0.01
    max_substeps: int = 10
    max_culling_distance: float = 0.0
    deterministic_ragdolls: bool = True
    tile_stream_distance: float = 3000.0
    actor_active_distance: float = 2000.0
    spectator_as_ego: bool = True


def episode_settings(value: Any) -> EpisodeSettings:
    """Settings; a fixed step of zero or less means a varying one."""
    what = "episode settings"
    parts = items(value, what, 11)
    delta = optional(parts[2], what)
    delta = None if delta is None else number(delta, what)
    return EpisodeSettings(
        flag(parts[0], what),
        flag(parts[1], what),
        delta if delta is not None and delta > 0.0 else None,
        flag(parts[3], what),
        number(parts[4], what),
        integer(parts[5], what, -(2**31), 2**31 - 1),
        number(parts[6], what),
        flag(parts[7], what),
        number(parts[8], what),
        number(parts[9], what),
        flag(parts[10], what),
    )


def encode_episode_settings(settings: EpisodeSettings) -> list[Any]:
    """Inverse of `episode_settings`."""
    parts = [getattr(settings, name) for name in EpisodeSettings.__dataclass_fields__]
    parts[2] = encode_optional(settings.fixed_delta_s)
    return parts


class Weather(NamedTuple):
    """Weather as the client gives it, values kept as they come. Defaults are those of a level."""

    cloudiness: float = 0.0
    precipitation: float = 0.0
    precipitation_deposits: float = 0.0
    wind_intensity: float = 0.35
    sun_azimuth_angle: float = 0.0
    sun_altitude_angle: float = 75.0
    fog_density: float = 0.0
    fog_distance: float = 0.0
    fog_falloff: float = 0.2
    wetness: float = 0.0
    scattering_intensity: float = 0.0
    mie_scattering_scale: float = 0.0
    rayleigh_scattering_scale: float = 0.0331
    dust_storm: float = 0.0


def weather(value: Any) -> Weather:
    """14 numbers."""
    return Weather(*numbers(value, "weather", 14))


def encode_weather(weather: Weather) -> list[float]:
    """Inverse of `weather`."""
    return list(weather)


@dataclass(frozen=True)
class OpendriveParameters:
    """How a client wants a world made from OpenDRIVE: lengths in m."""

    vertex_distance: float = 2.0
    max_road_length: float = 50.0
    wall_height: float = 1.0
    additional_width: float = 0.6
    smooth_junctions: bool = True
    enable_mesh_visibility: bool = True
    enable_pedestrian_navigation: bool = True


def opendrive_parameters(value: Any) -> OpendriveParameters:
    """Four lengths and three flags."""
    what = "OpenDRIVE parameters"
    parts = items(value, what, 7)
    distance, length, height, width = numbers(parts[:4], what, 4)
    smooth, visible, walkable = (flag(part, what) for part in parts[4:])
    return OpendriveParameters(distance, length, height, width, smooth, visible, walkable)


def encode_labelled_point(location: ArrayLike, tag: int) -> list[Any]:
    """`[location, semantic tag]` of a ray's hit."""
    return [encode_vec3(location), int(tag)]


def encode_environment_object(pose: ArrayLike, box: list[Any], object_id: int, name: str, tag: int) -> list[Any]:
    """A level object: pose (6,) in rad, `box` as encoded, in the world frame."""
    return [encode_transform(pose), box, object_id, name, int(tag)]


@dataclass(frozen=True)
class LampRecord:
    """A lamp of the level; `group` 0 none, 1 vehicle, 2 street, 3 building, 4 other."""

    lamp_id: int
    location: tuple[float, float, float]
    intensity: float
    group: int
    color: tuple[int, int, int]
    active: bool


def lamp_record(value: Any) -> LampRecord:
    """`[id, location, intensity, group, color, active]`."""
    what = "light"
    lamp_id, location, intensity, group, shade, active = items(value, what, 6)
    x, y, z = numbers(location, what, 3)
    return LampRecord(
        integer(lamp_id, what),
        (x, y, z),
        number(intensity, what),
        integer(group, what, 0, 255),
        color(shade, what),
        flag(active, what),
    )


def lamp_records(value: Any) -> list[LampRecord]:
    """Many lamps."""
    return [lamp_record(element) for element in array(value, "lights")]


def encode_lamp_record(lamp: LampRecord) -> list[Any]:
    """Inverse of `lamp_record`."""
    return [lamp.lamp_id, list(lamp.location), lamp.intensity, lamp.group, list(lamp.color), lamp.active]


def texture(value: Any, floats: bool) -> NDArray[Any]:
    """A texture (height, width, 4), red green blue alpha: float32 when `floats`, else uint8."""
    what = "texture"
    width, height, pixels = items(value, what, 3)
    integer(width, what)
    integer(height, what)
    if len(array(pixels, what)) != width * height:
        raise WireError(f"texture: expected {width} x {height} pixels, got {describe(pixels)}")
    part = any_number if floats else _byte
    flat = [[part(channel, what) for channel in items(pixel, what, 4)] for pixel in pixels]
    return np.array(flat, dtype=np.float32 if floats else np.uint8).reshape(height, width, 4)


def _byte(value: Any, what: str) -> int:
    return integer(value, what, 0, 255)
