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
    attachment: int
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
    if index not in _DECODERS:
        raise WireError(f"command: there is no command of kind {index}")
    kind = CommandKind(index)
    name = kind.name.lower()
    count, decode = _DECODERS[kind]
    actor, *rest = items(content, f"command {name}", count + 1)
    return Command(kind, integer(actor, f"actor id of command {name}"), decode(*rest))


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


#: kind -> (elements after the actor's id, decoder of these)
_DECODERS: Mapping[int, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        CommandKind.DESTROY: (0, _nothing),
        CommandKind.VEHICLE_CONTROL: (1, controls.vehicle_control),
        CommandKind.ACKERMANN_CONTROL: (1, controls.ackermann_control),
        CommandKind.WALKER_CONTROL: (1, controls.walker_control),
        CommandKind.PHYSICS_CONTROL: (1, controls.physics_control),
        CommandKind.TRANSFORM: (1, values.transform),
        CommandKind.WALKER_STATE: (2, _walker_state),
        CommandKind.TARGET_VELOCITY: (1, values.vec3),
        CommandKind.TARGET_ANGULAR_VELOCITY: (1, values.rates),
        CommandKind.IMPULSE: (1, values.vec3),
        CommandKind.FORCE: (1, values.vec3),
        CommandKind.ANGULAR_IMPULSE: (1, values.vec3),
        CommandKind.TORQUE: (1, values.vec3),
        CommandKind.SIMULATE_PHYSICS: (1, _switch),
        CommandKind.ENABLE_GRAVITY: (1, _switch),
        CommandKind.AUTOPILOT: (1, _switch),
        CommandKind.DEBUG_TELEMETRY: (1, _switch),
        CommandKind.LIGHT_STATE: (1, _bits),
        CommandKind.LOCATION: (1, values.vec3),
        CommandKind.TRAFFIC_LIGHT_STATE: (1, _light),
    }
)
