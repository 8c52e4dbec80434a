"""Who an actor is: the facts that do not change from tick to tick, kept beside the table's columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from carlet.actors.blueprints import Blueprint
from carlet.actors.bones import CustomPose
from carlet.wire.controls import PhysicsControl
from carlet.wire.values import encode_actor, encode_description


@dataclass
class ActorInfo:
    """An actor's identity, and the few settings of it that no kernel reads."""

    id: int
    blueprint: Blueprint
    attributes: Mapping[str, tuple[int, str]]
    parent: int = 0
    token: bytes = b""
    stream_id: int | None = None
    physics: PhysicsControl | None = None
    tyre_friction_override: float | None = None
    open_doors: set[int] = field(default_factory=set)
    dead: bool = False
    custom_pose: CustomPose = field(default_factory=CustomPose)
    #: wheel -> steering angle and rolled angle (deg) that a client gave; shown while physics is off
    wheel_angles: dict[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def role_name(self) -> str:
        """What the client called it."""
        return self.value("role_name")

    @property
    def wire(self) -> list[Any]:
        """The actor as the client reads it."""
        blueprint = self.blueprint
        return encode_actor(
            self.id,
            self.parent,
            encode_description(blueprint.uid, blueprint.id, self.attributes),
            blueprint.box,
            [blueprint.semantic_tag] if blueprint.semantic_tag else [],
            self.token,
        )

    def value(self, attribute: str, default: str = "") -> str:
        """An attribute's value, or `default` when the blueprint has none of that name."""
        return self.attributes.get(attribute, (4, default))[1]

    def physics_now(self) -> PhysicsControl:
        """The physics control with a friction trigger's effect in it. ValueError for what is no vehicle."""
        if self.physics is None:
            raise ValueError("Actor is not a Vehicle")
        if self.tyre_friction_override is None:
            return self.physics
        wheels = tuple(replace(w, tire_friction=self.tyre_friction_override) for w in self.physics.wheels)
        return replace(self.physics, wheels=wheels)
