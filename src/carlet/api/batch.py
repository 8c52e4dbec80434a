"""`apply_batch`: many commands in one call. The Traffic Manager steers all its cars this way, every tick."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from carlet.api import actors, traffic
from carlet.api.decode import boolean
from carlet.api.method import REFUSALS
from carlet.episode import Attachment
from carlet.simulator import Simulator
from carlet.wire.checks import array, items
from carlet.wire.commands import Command, CommandKind, Spawn, WalkerState, command
from carlet.wire.rpc import Request, batch_result

log = logging.getLogger(__name__)


def apply_batch(sim: Simulator, request: Request) -> None:
    """Run all commands in their order, tick if asked to, answer with an id or an error for each."""
    commands, do_tick = items(request.args, "apply_batch", 2)
    do_tick = boolean(do_tick)
    decoded = [command(raw) for raw in array(commands, "commands")]
    results = _run_all(sim, decoded)
    if do_tick:
        sim.tick(lambda frame: request.reply_bare(batch_result(results)))
    else:
        request.reply_bare(batch_result(results))


def _run_all(sim: Simulator, commands: list[Command]) -> list[int | str]:
    """Destroys that follow each other go together: each one alone would move the whole table."""
    results: list[int | str] = []
    doomed: list[int] = []
    for one in commands:
        if one.kind is CommandKind.DESTROY:
            doomed.append(one.actor_id)
            continue
        results += _destroy(sim, doomed)
        doomed = []
        results.append(_run(sim, one))
    return results + _destroy(sim, doomed)


def _destroy(sim: Simulator, doomed: list[int]) -> list[int | str]:
    if not doomed:
        return []
    sim.close_streams_of(doomed)
    there = sim.episode.destroy(doomed)
    return [i if found else "unable to destroy actor: not found" for i, found in zip(doomed, there, strict=True)]


def _run(sim: Simulator, one: Command, created: int = 0) -> int | str:
    """Id of the actor concerned, or why it failed. Id 0 means the actor that was `created` just before."""
    actor_id = one.actor_id or created
    try:
        if one.kind is CommandKind.SPAWN:
            return _spawn(sim, one.value)
        _ACTIONS[one.kind](sim, actor_id, one.value)
    except REFUSALS as error:
        log.info("command %s: %s", one.kind.name, error)
        return str(error)
    return actor_id


def _spawn(sim: Simulator, spawn: Spawn) -> int:
    attachment = Attachment(spawn.parent, spawn.attachment) if spawn.parent is not None else None
    created = actors.spawn(sim, spawn.description, spawn.pose, attachment)
    for follower in spawn.then:
        if follower.kind is CommandKind.DESTROY:
            actors.destroy(sim, follower.actor_id or created)
        else:
            _run(sim, follower, created)
    return created


def _walker_state(sim: Simulator, actor_id: int, state: WalkerState) -> None:
    sim.episode.move_walker(actor_id, state.pose, state.speed)


def _nothing(sim: Simulator, actor_id: int, value: Any) -> None:
    """Autopilot is the client's own affair, telemetry pictures and the console are not here."""


_ACTIONS: Mapping[CommandKind, Callable[[Simulator, int, Any], None]] = {
    CommandKind.VEHICLE_CONTROL: traffic.apply_control,
    CommandKind.ACKERMANN_CONTROL: traffic.apply_ackermann,
    CommandKind.WALKER_CONTROL: traffic.apply_walker_control,
    CommandKind.PHYSICS_CONTROL: traffic.set_physics_control,
    CommandKind.TRANSFORM: actors.set_transform,
    CommandKind.WALKER_STATE: _walker_state,
    CommandKind.TARGET_VELOCITY: actors.set_velocity,
    CommandKind.TARGET_ANGULAR_VELOCITY: actors.set_angular_velocity,
    CommandKind.IMPULSE: actors.push("impulse"),
    CommandKind.FORCE: actors.push("force"),
    CommandKind.ANGULAR_IMPULSE: actors.push("angular_impulse"),
    CommandKind.TORQUE: actors.push("torque"),
    CommandKind.SIMULATE_PHYSICS: actors.simulate_physics,
    CommandKind.ENABLE_GRAVITY: actors.switch("gravity"),
    CommandKind.AUTOPILOT: _nothing,
    CommandKind.DEBUG_TELEMETRY: _nothing,
    CommandKind.LIGHT_STATE: traffic.set_light_bits,
    CommandKind.LOCATION: actors.set_location,
    CommandKind.CONSOLE: _nothing,
    CommandKind.TRAFFIC_LIGHT_STATE: traffic.set_light_state,
}
