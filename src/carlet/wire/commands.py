"""Commands of `apply_batch`, decoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from carlet.wire import controls, values
from carlet.wire.checks import U32_MAX, WireError, array, flag, integer, items, number, optional, text, variant
from carlet.wire.values import ActorDescription, Array

#: Commands may follow a spawn, and these may spawn again; no client nests deeper.
_MAX_DEPTH = 8


class CommandKind(IntEnum):
    """What a command does."""

    SPAWN = 0
    DESTROY = 1
    VEHICLE_CONTROL = 2
    ACKERMANN_CONTROL = 3
    WALKER_CONTROL = 4
    PHYSICS_CONTROL = 5
    TRANSFORM = 6
    WALKER_STATE = 7
    TARGET_VELOCITY = 8
    TARGET_ANGULAR_VELOCITY = 9
    IMPULSE = 10
    FORCE = 11
    ANGULAR_IMPULSE = 12
    TORQUE = 13
    SIMULATE_PHYSICS = 14
    ENABLE_GRAVITY = 15
    AUTOPILOT = 16
    DEBUG_TELEMETRY = 17
    LIGHT_STATE = 18
    LOCATION = 19
    CONSOLE = 20
    TRAFFIC_LIGHT_STATE = 21


class Command(NamedTuple):
    """One command: whom it concerns (0: the actor that the spawn before it makes) and what it carries.

    `value` by kind: SPAWN `Spawn`; DESTROY None; controls and physics as `carlet.wire.controls` decodes them;
    TRANSFORM a pose (6,); WALKER_STATE `WalkerState`; velocities, impulses, forces, LOCATION (3,), angular velocity
    in rad/s; switches bool; LIGHT_STATE and TRAFFIC_LIGHT_STATE int; CONSOLE str.
    """

    kind: CommandKind
    actor_id: int
    value: Any


@dataclass(frozen=True)
class Spawn:
    """`pose` (6,), relative to `parent` if there is one; `then` are commands for the new actor."""

    description: ActorDescription
    pose: Array
    parent: int | None
    attachment: values.Attachment
    socket: str
    then: list[Command]


class WalkerState(NamedTuple):
    """Where a walker is put, pose (6,), and its speed in m/s."""

    pose: Array
    speed: float


def command(value: Any, depth: int = 0) -> Command:
    """A command `[[kind, content]]`; `depth` counts the spawns around it."""
    index, content = variant(items(value, "command", 1)[0], "command")
    if index == CommandKind.SPAWN:
        return Command(CommandKind.SPAWN, 0, _spawn(content, depth))
    if index == CommandKind.CONSOLE:
        return Command(CommandKind.CONSOLE, 0, text(items(content, "console command", 1)[0], "console command"))
    row = _ROWS.get(index)
    if row is None:
        raise WireError(f"command: there is no command of kind {index}")
    parts = items(content, row.what, row.length)
    return Command(row.kind, integer(parts[0], row.what), row.decode(*parts[1:]))


def _spawn(value: Any, depth: int) -> Spawn:
    if depth >= _MAX_DEPTH:
        raise WireError(f"spawn command: nested more than {_MAX_DEPTH} deep")
    description, pose, parent, attachment, socket, then = items(value, "spawn command", 6)
    parent = optional(parent, "parent of the spawn command")
    return Spawn(
        values.actor_description(description),
        values.transform(pose),
        None if parent is None else values.actor_id(parent),
        values.attachment(attachment),
        text(socket, "socket"),
        [command(element, depth + 1) for element in array(then, "commands after a spawn")],
    )


def _switch(value: Any) -> bool:
    return flag(value, "switch")


def _walker_state(pose: Any, speed: Any) -> WalkerState:
    return WalkerState(values.transform(pose), number(speed, "walker speed"))


def _bits(value: Any) -> int:
    return integer(value, "vehicle light state", 0, U32_MAX)


def _light(value: Any) -> int:
    return integer(value, "traffic light state", 0, 4)


def _nothing() -> None:
    return None


class _Row(NamedTuple):
    kind: CommandKind
    what: str
    length: int
    decode: Callable[..., Any]


def _row(kind: CommandKind, decode: Callable[..., Any], values_after_id: int = 1) -> _Row:
    return _Row(kind, f"command {kind.name.lower()}", values_after_id + 1, decode)


_TABLE = (
    _row(CommandKind.DESTROY, _nothing, 0),
    _row(CommandKind.VEHICLE_CONTROL, controls.vehicle_control),
    _row(CommandKind.ACKERMANN_CONTROL, controls.ackermann_control),
    _row(CommandKind.WALKER_CONTROL, controls.walker_control),
    _row(CommandKind.PHYSICS_CONTROL, controls.physics_control),
    _row(CommandKind.TRANSFORM, values.transform),
    _row(CommandKind.WALKER_STATE, _walker_state, 2),
    _row(CommandKind.TARGET_VELOCITY, values.vec3),
    _row(CommandKind.TARGET_ANGULAR_VELOCITY, values.rates),
    _row(CommandKind.IMPULSE, values.vec3),
    _row(CommandKind.FORCE, values.vec3),
    _row(CommandKind.ANGULAR_IMPULSE, values.vec3),
    _row(CommandKind.TORQUE, values.vec3),
    _row(CommandKind.SIMULATE_PHYSICS, _switch),
    _row(CommandKind.ENABLE_GRAVITY, _switch),
    _row(CommandKind.AUTOPILOT, _switch),
    _row(CommandKind.DEBUG_TELEMETRY, _switch),
    _row(CommandKind.LIGHT_STATE, _bits),
    _row(CommandKind.LOCATION, values.vec3),
    _row(CommandKind.TRAFFIC_LIGHT_STATE, _light),
)
_ROWS: Mapping[int, _Row] = MappingProxyType({int(row.kind): row for row in _TABLE})
