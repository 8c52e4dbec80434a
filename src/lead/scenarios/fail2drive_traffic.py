"""Fail2Drive's traffic: brakes without lights, and ordinary vehicles that take the right of way."""

from dataclasses import dataclass

import carla

from lead.scenarios.conditions import drove, seconds
from lead.scenarios.disturbances import stopped_ahead
from lead.scenarios.junctions import DirectionParameters, rush_through
from lead.scenarios.parameters import NoParameters
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, every_tick, first_of

LIGHTS = carla.VehicleLightState
_BRAKING_S, _BRAKED_M = 10.0, 15.0


@dataclass(frozen=True)
class NormalVehicleParameters(DirectionParameters):
    """As `DirectionParameters`; some vehicle with an engine when `vehicle` names no blueprint."""

    vehicle: str = ""


def hard_brake_no_lights(scene: Scene, _: NoParameters) -> Script:
    """All cars ahead brake to a stand at once, and no brake light is lit."""
    yield scene.triggered
    with stopped_ahead(scene):
        yield first_of(seconds(scene, _BRAKING_S), every_tick(lambda: _darken(scene)))
    yield drove(scene, _BRAKED_M)


def normal_vehicle_running_red_light(scene: Scene, params: NormalVehicleParameters) -> Script:
    """An ordinary vehicle crosses the ego's way at its red light."""
    vehicle = params.vehicle or _any_vehicle(scene)
    yield rush_through(scene, vehicle, params.direction, has_lights=True, lamps=LIGHTS.NONE)


def normal_vehicle_taking_priority(scene: Scene, params: NormalVehicleParameters) -> Script:
    """An ordinary vehicle crosses the ego's way at a junction without lights."""
    vehicle = params.vehicle or _any_vehicle(scene)
    yield rush_through(scene, vehicle, params.direction, has_lights=False, lamps=LIGHTS.NONE)


def _darken(scene: Scene) -> None:
    """Put out all brake lights."""
    lit = [(id, state) for id, state in scene.world.get_vehicles_light_states().items() if state & LIGHTS.Brake]
    commands = [carla.command.SetVehicleLightState(id, LIGHTS(int(state) & ~int(LIGHTS.Brake))) for id, state in lit]
    if commands:
        scene.client.apply_batch(commands)


def _any_vehicle(scene: Scene) -> str:
    """The blueprint of some vehicle that is neither a bicycle nor an emergency vehicle."""

    def is_ordinary(blueprint: carla.ActorBlueprint) -> bool:
        kind, special = (
            blueprint.get_attribute(name).as_str() if blueprint.has_attribute(name) else ""
            for name in ("base_type", "special_type")
        )
        return kind != "bicycle" and special != "emergency"

    found = sorted(one.id for one in scene.world.get_blueprint_library().filter("vehicle.*") if is_ordinary(one))
    return found[int(scene.rng.integers(len(found)))]


SCENARIOS = (
    declare("HardBrakeNoLights", NoParameters, hard_brake_no_lights),
    declare("NormalVehicleRunningRedLight", NormalVehicleParameters, normal_vehicle_running_red_light),
    declare("NormalVehicleTakingPriority", NormalVehicleParameters, normal_vehicle_taking_priority),
)
