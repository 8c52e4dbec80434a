"""The actors of a scenario: found among the blueprints, put in place, hidden until their time, and removed."""

import logging
from collections.abc import Mapping, Sequence

import carla
import numpy as np

from lead.scenarios.stand_ins import blueprints_or_stand_ins, stand_in

logger = logging.getLogger(__name__)

ROLE_NAME = "scenario"
HIDDEN_M = -500.0
_PARKED_M = 6.0

#: Attributes by which scenarios choose vehicles.
CAR: Mapping[str, str] = {"base_type": "car"}
MODERN: Mapping[str, str] = {"base_type": "car", "generation": "2"}
LIT: Mapping[str, str] = {"base_type": "car", "has_lights": "true"}
PLAIN: Mapping[str, str] = {"base_type": "car", "special_type": ""}
FLOW: Mapping[str, str] = {"base_type": "car", "has_lights": "true", "special_type": ""}
BICYCLE: Mapping[str, str] = {"base_type": "bicycle"}


#: How vehicles are chosen: a blueprint's id or a pattern, some ids, or attributes.
Wanted = str | tuple[str, ...] | Mapping[str, str]


class PlacingError(RuntimeError):
    """An actor cannot be where a scenario wants it; the message says which and where."""


class Cast:
    """Spawns actors and remembers them. A context manager: in the end they are gone. Parked cars that belong to the
    town make room for them meanwhile.

    Which of several blueprints is taken hangs on `rng` alone. What stands in for blueprints that the simulator does not
    have is added to `notes`.
    """

    def __init__(
        self,
        client: carla.Client,
        world: carla.World,
        rng: np.random.Generator,
        notes: list[str] | None = None,
    ):
        self._client = client
        self._world = world
        self._rng = rng
        self._library = world.get_blueprint_library()
        self._notes = [] if notes is None else notes
        self._ids: list[int] = []
        self._parked: set[int] = set()

    def __enter__(self) -> "Cast":
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()
        if self._parked:
            self._world.enable_environment_objects(self._parked, True)

    def vehicle(self, wanted: Wanted, pose: carla.Transform, **attributes: str) -> carla.Vehicle:
        """A vehicle as wanted; PlacingError when there is none, or no room for it."""
        chosen = self._choose(self.blueprints(wanted))
        actor = self._spawn(chosen, pose, {"role_name": ROLE_NAME, **attributes})
        assert isinstance(actor, carla.Vehicle)
        return actor

    def walker(self, wanted: str, pose: carla.Transform) -> carla.Walker:
        """A walker of a blueprint id or pattern; vehicles can hit it."""
        actor = self._spawn(self._named(wanted), pose, {"role_name": ROLE_NAME, "is_invincible": "false"})
        assert isinstance(actor, carla.Walker)
        return actor

    def prop(self, blueprint_id: str, pose: carla.Transform) -> carla.Actor:
        """A prop that stays where it is put."""
        return self._spawn(self._named(blueprint_id), pose, {"role_name": ROLE_NAME})

    def hidden_vehicle(self, wanted: Wanted, pose: carla.Transform, **attributes: str) -> carla.Vehicle:
        """A vehicle far below `pose`, without physics, until it is to `appear`."""
        actor = self.vehicle(wanted, _below(pose), **attributes)
        actor.set_simulate_physics(False)
        return actor

    def hidden_prop(self, blueprint_id: str, pose: carla.Transform) -> carla.Actor:
        """A prop far below `pose`, until it is to `appear`."""
        actor = self.prop(blueprint_id, _below(pose))
        actor.set_simulate_physics(False)
        return actor

    def blueprints(self, wanted: Wanted) -> list[carla.ActorBlueprint]:
        """Vehicle blueprints as wanted, in the order of their ids."""
        return choose_vehicles(self._library, wanted)

    def stands_upright(self, blueprint_id: str) -> bool:
        """Whether a blueprint is a picture to hang up, and what stands in for it stands on the ground."""
        other = stand_in(self._library, blueprint_id)
        return other is not None and other.upright

    @property
    def ids(self) -> tuple[int, ...]:
        """Those that are there, in the order in which they came."""
        return tuple(self._ids)

    def adopt(self, actor_ids: Sequence[int]) -> None:
        """Remove these actors too in the end."""
        self._ids += actor_ids

    def dismiss(self, actors: Sequence[carla.Actor] | None = None) -> None:
        """Remove some actors, or all that are left."""
        gone = set(self._ids if actors is None else [actor.id for actor in actors])
        self._ids = [actor_id for actor_id in self._ids if actor_id not in gone]
        if gone:
            commands = [carla.command.DestroyActor(actor_id) for actor_id in sorted(gone)]
            self._client.apply_batch_sync(commands, False)

    def _clear_parking(self, place: carla.Location) -> bool:
        """Take away the cars that belong to the town and are parked here; whether there were any."""
        cars = self._world.get_environment_objects(carla.CityObjectLabel.Car)
        near = {car.id for car in cars if car.transform.location.distance_2d(place) < _PARKED_M} - self._parked
        if near:
            self._world.enable_environment_objects(near, False)
            self._parked |= near
        return bool(near)

    def _named(self, wanted: str) -> carla.ActorBlueprint:
        known = len(self._notes)
        found = blueprints_or_stand_ins(self._library, wanted, self._notes)
        for note in self._notes[known:]:
            logger.warning("%s", note)
        if not found:
            raise PlacingError(f"the simulator has no blueprint {wanted}")
        return self._choose(found)

    def _choose(self, found: Sequence[carla.ActorBlueprint]) -> carla.ActorBlueprint:
        if not found:
            raise PlacingError("the simulator has no blueprint that a scenario asks for")
        return found[int(self._rng.integers(len(found)))]

    def _spawn(
        self, blueprint: carla.ActorBlueprint, pose: carla.Transform, attributes: Mapping[str, str]
    ) -> carla.Actor:
        for name, value in attributes.items():
            if blueprint.has_attribute(name):
                blueprint.set_attribute(name, value)
        actor = self._world.try_spawn_actor(blueprint, pose)
        if actor is None and self._clear_parking(pose.location):
            actor = self._world.try_spawn_actor(blueprint, pose)
        if actor is None:
            place = pose.location
            where = f"({place.x:.1f}, {place.y:.1f}, {place.z:.1f})"
            raise PlacingError(f"{blueprint.id} cannot be placed at {where}: something is in its way")
        self._ids.append(actor.id)
        return actor


def choose_vehicles(library: carla.BlueprintLibrary, wanted: Wanted) -> list[carla.ActorBlueprint]:
    """Blueprints by ids or a pattern, or vehicles' by attributes, in the order of their ids."""
    if not isinstance(wanted, Mapping):
        names = (wanted,) if isinstance(wanted, str) else wanted
        return sorted((one for name in names for one in library.filter(name)), key=lambda one: one.id)
    return sorted((one for one in library.filter("vehicle.*") if _has(one, wanted)), key=lambda one: one.id)


def hide(actor: carla.Actor, pose: carla.Transform) -> None:
    """Put an actor far below its `pose`, without physics, where nobody sees it."""
    actor.set_simulate_physics(False)
    actor.set_transform(_below(pose))


def appear(actor: carla.Actor, pose: carla.Transform, physics: bool = True) -> None:
    """Bring a hidden actor to its place."""
    actor.set_transform(pose)
    actor.set_simulate_physics(physics)


def park(vehicle: carla.Vehicle, lights: int = 0) -> None:
    """Let a vehicle stand with its hand brake, and light these lamps (bits of CARLA's light state)."""
    vehicle.apply_control(carla.VehicleControl(hand_brake=True))
    vehicle.set_light_state(carla.VehicleLightState(lights))


def _below(pose: carla.Transform) -> carla.Transform:
    place = pose.location
    return carla.Transform(carla.Location(place.x, place.y, place.z + HIDDEN_M), pose.rotation)


def _has(blueprint: carla.ActorBlueprint, wanted: Mapping[str, str]) -> bool:
    return all(
        blueprint.has_attribute(name) and _value(blueprint.get_attribute(name)).lower() == value
        for name, value in wanted.items()
    )


def _value(attribute: carla.ActorAttribute) -> str:
    kinds = carla.ActorAttributeType
    if attribute.type == kinds.Bool:
        return str(attribute.as_bool())
    return str(attribute.as_int() if attribute.type == kinds.Int else attribute.as_str())
