"""Calls about single actors of any kind."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.actors.bones import BONES, Poses, Skeleton, skeleton
from carlet.actors.table import Kind
from carlet.api.decode import boolean, string, unsigned
from carlet.api.method import Method, ignored, value, void
from carlet.episode import Attachment, EpisodeError
from carlet.simulator import Simulator
from carlet.wire import values

Vector = NDArray[np.float64]
BODY = "Mesh"


def spawn(
    sim: Simulator,
    description: values.ActorDescription,
    pose: Vector,
    attachment: Attachment | None = None,
) -> int:
    """Create an actor; sensors get a stream. Returns the id."""
    given = {name: attribute.value for name, attribute in description.attributes.items()}
    stream, token = sim.new_stream()
    actor_id = sim.episode.spawn(description.type_id, given, pose, attachment, stream, token)
    if sim.episode.info(actor_id).stream_id is not None:
        sim.open_stream(stream, actor_id)
    return actor_id


def spawn_actor(sim: Simulator, description: values.ActorDescription, pose: Vector) -> list[Any]:
    """Create an actor in the world."""
    return sim.episode.info(spawn(sim, description, pose)).wire


def spawn_with_parent(
    sim: Simulator,
    description: values.ActorDescription,
    pose: Vector,
    parent: int,
    kind: values.Attachment,
    socket: str,
) -> list[Any]:
    """Create an actor that hangs on another; sockets are taken for the parent's origin."""
    return sim.episode.info(spawn(sim, description, pose, Attachment(parent, kind))).wire


def destroy(sim: Simulator, actor_id: int) -> bool:
    """Remove an actor; says whether it was there."""
    sim.close_streams_of([actor_id])
    return sim.episode.destroy([actor_id])[0]


def set_location(sim: Simulator, actor_id: int, location: Vector) -> None:
    """Teleport, keeping the rotation."""
    row, table = sim.episode.row(actor_id), sim.episode.table
    rotation = table.local_rotation[row] if table.parent[row] else table.rotation[row]
    sim.episode.place(actor_id, np.concatenate([location, rotation]))


def set_transform(sim: Simulator, actor_id: int, pose: Vector) -> None:
    """Teleport."""
    sim.episode.place(actor_id, pose)


def set_velocity(sim: Simulator, actor_id: int, velocity: Vector) -> None:
    """World-frame velocity, once."""
    sim.episode.table.velocity[sim.episode.awake(actor_id)] = velocity


def set_angular_velocity(sim: Simulator, actor_id: int, rates: Vector) -> None:
    """World-frame angular velocity, once."""
    sim.episode.table.angular_velocity[sim.episode.awake(actor_id)] = rates


def enable_constant_velocity(sim: Simulator, actor_id: int, velocity: Vector) -> None:
    """Velocity in the actor's frame, from now on."""
    row = sim.episode.awake(actor_id)
    sim.episode.table.constant_velocity[row] = velocity
    sim.episode.table.has_constant_velocity[row] = True


def disable_constant_velocity(sim: Simulator, actor_id: int) -> None:
    """Let physics have the actor again."""
    sim.episode.table.has_constant_velocity[sim.episode.row(actor_id)] = False


def push(column: str):
    """A call that adds to a pending impulse, force or torque."""

    def add(sim: Simulator, actor_id: int, vector: Vector) -> None:
        getattr(sim.episode.table, column)[sim.episode.awake(actor_id)] += vector

    return add


def push_at(linear: str, angular: str):
    """A call that adds an impulse or force at a world location."""

    def add(sim: Simulator, actor_id: int, vector: Vector, location: Vector) -> None:
        table, row = sim.episode.table, sim.episode.awake(actor_id)
        getattr(table, linear)[row] += vector
        getattr(table, angular)[row] += np.cross(location - table.location[row], vector)

    return add


def switch(column: str):
    """A call that sets a flag of an actor."""

    def set_flag(sim: Simulator, actor_id: int, enabled: bool) -> None:
        getattr(sim.episode.table, column)[sim.episode.row(actor_id)] = enabled

    return set_flag


def simulate_physics(sim: Simulator, actor_id: int, enabled: bool) -> None:
    """Physics on or off; actors that are just gone are no error, for the Traffic Manager dies of one."""
    if actor_id in sim.episode.table:
        sim.episode.table.simulates[sim.episode.row(actor_id)] = enabled


def set_dead(sim: Simulator, actor_id: int) -> None:
    """A dead walker or vehicle obeys no more."""
    sim.episode.kill(actor_id)


def component_pose(sim: Simulator, actor_id: int, name: str, world: bool) -> list[Any]:
    """The only component of an actor is its body."""
    if name not in (BODY, ""):
        raise EpisodeError(f"the actor has no component {name!r}; it has {BODY!r}")
    row = sim.episode.row(actor_id)
    return values.encode_transform(sim.episode.pose(row) if world else np.zeros(6))


def bones(poses: Callable[[Skeleton], Poses]):
    """A call for the poses of all bones of a walker; other actors have none."""

    def answer(sim: Simulator, actor_id: int) -> list[Any]:
        row = sim.episode.row(actor_id)
        if sim.episode.table.kind[row] != Kind.WALKER:
            return []
        return values.encode_transforms(poses(skeleton(sim.episode.table, row, sim.episode.info(actor_id).custom_pose)))

    return answer


def bone_names(sim: Simulator, actor_id: int) -> list[str]:
    """Names of all bones of a walker; other actors have none."""
    row = sim.episode.row(actor_id)
    return [bone.name for bone in BONES] if sim.episode.table.kind[row] == Kind.WALKER else []


def sockets(sim: Simulator, actor_id: int) -> list[Any]:
    """Sockets of an actor: nobody has any."""
    sim.episode.info(actor_id)
    return []


def component_names(sim: Simulator, actor_id: int) -> list[str]:
    """The body is all that an actor has."""
    sim.episode.info(actor_id)
    return [BODY]


METHODS: dict[str, Method] = {
    "spawn_actor": value(spawn_actor, values.actor_description, values.transform),
    "spawn_actor_with_parent": value(
        spawn_with_parent, values.actor_description, values.transform, unsigned, values.attachment, string
    ),
    "destroy_actor": value(destroy, unsigned),
    "set_actor_location": void(set_location, unsigned, values.vec3),
    "set_actor_transform": void(set_transform, unsigned, values.transform),
    "set_actor_target_velocity": void(set_velocity, unsigned, values.vec3),
    "set_actor_target_angular_velocity": void(set_angular_velocity, unsigned, values.rates),
    "enable_actor_constant_velocity": void(enable_constant_velocity, unsigned, values.vec3),
    "disable_actor_constant_velocity": void(disable_constant_velocity, unsigned),
    "add_actor_impulse": void(push("impulse"), unsigned, values.vec3),
    "add_actor_force": void(push("force"), unsigned, values.vec3),
    "add_actor_angular_impulse": void(push("angular_impulse"), unsigned, values.vec3),
    "add_actor_torque": void(push("torque"), unsigned, values.vec3),
    "add_actor_impulse_at_location": void(push_at("impulse", "angular_impulse"), unsigned, values.vec3, values.vec3),
    "add_actor_force_at_location": void(push_at("force", "torque"), unsigned, values.vec3, values.vec3),
    "set_actor_simulate_physics": void(simulate_physics, unsigned, boolean),
    "set_actor_collisions": void(switch("collides"), unsigned, boolean),
    "set_actor_enable_gravity": void(switch("gravity"), unsigned, boolean),
    "set_actor_dead": void(set_dead, unsigned),
    "set_actor_autopilot": ignored(unsigned, boolean),
    "get_actor_bounding_box": value(lambda sim, actor_id: sim.episode.box(actor_id), unsigned),
    "get_actor_component_world_transform": value(
        lambda sim, actor_id, name: component_pose(sim, actor_id, name, True), unsigned, string
    ),
    "get_actor_component_relative_transform": value(
        lambda sim, actor_id, name: component_pose(sim, actor_id, name, False), unsigned, string
    ),
    "get_actor_component_names": value(component_names, unsigned),
    "get_actor_bone_names": value(bone_names, unsigned),
    "get_actor_bone_world_transforms": value(bones(lambda bones: bones.world), unsigned),
    "get_actor_bone_relative_transforms": value(bones(lambda bones: bones.relative), unsigned),
    "get_vehicle_bone_world_transforms": value(bones(lambda bones: bones.world), unsigned),
    "get_actor_socket_names": value(sockets, unsigned),
    "get_actor_socket_world_transforms": value(sockets, unsigned),
    "get_actor_socket_relative_transforms": value(sockets, unsigned),
}
