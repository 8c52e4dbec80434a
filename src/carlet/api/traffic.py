"""Calls about vehicles, walkers and traffic lights."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from carlet.actors.bones import BONES, bone_poses
from carlet.actors.lights import LightState
from carlet.actors.table import Kind
from carlet.api.decode import any_value, boolean, integer, real, unsigned
from carlet.api.method import Method, unsupported, value, void
from carlet.episode import EpisodeError
from carlet.episode.vehicle_facts import with_wheels_in_world
from carlet.simulator import Simulator
from carlet.wire import controls, values

ALL_DOORS = 6
FRONT_WHEELS = (0, 1)


# -- vehicles


def apply_control(sim: Simulator, actor_id: int, control: controls.VehicleControl) -> None:
    """Pedals and steering."""
    row, table = sim.episode.row(actor_id, Kind.VEHICLE), sim.episode.table
    table.throttle[row], table.steer[row], table.brake[row] = control.throttle, control.steer, control.brake
    table.hand_brake[row], table.reverse[row] = control.hand_brake, control.reverse
    table.manual_gear[row] = control.manual_gear
    if control.manual_gear:
        table.gear[row] = control.gear
    table.ackermann[row] = False
    table.fresh_control[row] = True


def apply_ackermann(sim: Simulator, actor_id: int, control: controls.AckermannControl) -> None:
    """Target speed and steering angle; the server finds the pedals."""
    row, table = sim.episode.row(actor_id, Kind.VEHICLE), sim.episode.table
    if not table.ackermann[row]:
        table.ackermann_state[row] = 0.0
    table.ackermann[row] = True
    table.ackermann_target[row] = control
    table.fresh_control[row] = True


def ackermann_settings(sim: Simulator, actor_id: int) -> list[float]:
    """Gains of the Ackermann controller."""
    return sim.episode.table.ackermann_gains[sim.episode.row(actor_id, Kind.VEHICLE)].tolist()


def set_ackermann_settings(sim: Simulator, actor_id: int, settings: controls.AckermannSettings) -> None:
    """Change the gains of the Ackermann controller."""
    sim.episode.table.ackermann_gains[sim.episode.row(actor_id, Kind.VEHICLE)] = settings


def physics_control(sim: Simulator, actor_id: int) -> list[Any]:
    """What the vehicle is made of now; wheel positions are in the world, in centimetres."""
    row = sim.episode.row(actor_id, Kind.VEHICLE)
    physics = sim.episode.info(actor_id).physics_now()
    return controls.encode_physics_control(with_wheels_in_world(sim.episode.table, row, physics))


def set_physics_control(sim: Simulator, actor_id: int, physics: controls.PhysicsControl) -> None:
    """Change what the vehicle is made of."""
    sim.episode.set_physics(actor_id, physics)


def telemetry(sim: Simulator, actor_id: int) -> list[Any]:
    """State of the drive."""
    return controls.encode_telemetry(sim.episode.telemetry(actor_id))


def light_bits(sim: Simulator, actor_id: int) -> list[int]:
    """Lamps of a vehicle."""
    return controls.encode_light_bits(sim.episode.table.light_bits[sim.episode.row(actor_id, Kind.VEHICLE)])


def set_light_bits(sim: Simulator, actor_id: int, bits: int) -> None:
    """Switch lamps of a vehicle."""
    sim.episode.table.light_bits[sim.episode.row(actor_id, Kind.VEHICLE)] = bits


def all_light_bits(sim: Simulator) -> list[list[int]]:
    """`[id, lamps]` of all vehicles."""
    table = sim.episode.table
    rows = table.rows_of(Kind.VEHICLE)
    return np.column_stack([table.id[rows], table.light_bits[rows]]).tolist()


def open_door(sim: Simulator, actor_id: int, door: int) -> None:
    """Open one door, or all."""
    sim.episode.row(actor_id, Kind.VEHICLE)
    sim.episode.info(actor_id).open_doors.update(range(ALL_DOORS) if door == ALL_DOORS else [door])


def close_door(sim: Simulator, actor_id: int, door: int) -> None:
    """Close one door, or all."""
    sim.episode.row(actor_id, Kind.VEHICLE)
    sim.episode.info(actor_id).open_doors.difference_update(range(ALL_DOORS) if door == ALL_DOORS else [door])


def wheel_angle(sim: Simulator, actor_id: int, wheel: int) -> float:
    """Steering angle of a wheel in degrees, right positive."""
    row = sim.episode.row(actor_id, Kind.VEHICLE)
    return math.degrees(sim.episode.table.wheel_steer[row]) if wheel in FRONT_WHEELS else 0.0


# -- walkers


def apply_walker_control(sim: Simulator, actor_id: int, control: controls.WalkerControl) -> None:
    """Where a walker goes, and how fast."""
    row, table = sim.episode.row(actor_id, Kind.WALKER), sim.episode.table
    if sim.episode.info(actor_id).dead:
        raise EpisodeError("Walker is already dead")
    table.direction[row], table.walk_speed[row] = control.direction, control.speed
    table.jump[row] = control.jump


def walker_bones(sim: Simulator, actor_id: int) -> list[Any]:
    """`[[name, world, component, relative] ...]` of a walker's bones."""
    row = sim.episode.row(actor_id, Kind.WALKER)
    relative, world = (values.encode_transforms(poses) for poses in bone_poses(sim.episode.table, row))
    return [[[bone.name, w, r, r] for bone, w, r in zip(BONES, world, relative, strict=True)]]


# -- traffic lights


def set_light_state(sim: Simulator, actor_id: int, state: int) -> None:
    """Change what one light shows until its turn changes it."""
    sim.episode.signals.cycle.state[sim.episode.signals.light(actor_id)] = LightState(state)


def set_light_time(stage: LightState) -> Callable[..., None]:
    """A call that sets the length of a stage."""

    def set_time(sim: Simulator, actor_id: int, seconds: float) -> None:
        sim.episode.signals.cycle.set_time(sim.episode.signals.light(actor_id), stage, seconds)

    return set_time


def freeze_light(sim: Simulator, actor_id: int, frozen: bool) -> None:
    """Stop the time of a light's junction."""
    sim.episode.signals.cycle.freeze(frozen, sim.episode.signals.light(actor_id))


def freeze_all(sim: Simulator, frozen: bool) -> None:
    """Stop the time of all lights."""
    sim.episode.signals.cycle.freeze(frozen)


def reset_group(sim: Simulator, actor_id: int) -> None:
    """Start a junction's cycle over."""
    sim.episode.signals.cycle.reset(sim.episode.signals.light(actor_id))


def reset_all(sim: Simulator) -> None:
    """Start all cycles over."""
    sim.episode.signals.cycle.reset()


def group_of(sim: Simulator, actor_id: int) -> list[int]:
    """Ids of all lights of a junction."""
    signals = sim.episode.signals
    return [signals.first_light_id + int(i) for i in signals.cycle.group_members(signals.light(actor_id))]


def light_boxes(sim: Simulator, actor_id: int) -> list[Any]:
    """Boxes of the lamp housings, in the world."""
    return sim.episode.signals.housings(actor_id)


METHODS: dict[str, Method] = {
    "apply_control_to_vehicle": void(apply_control, unsigned, controls.vehicle_control),
    "apply_ackermann_control_to_vehicle": void(apply_ackermann, unsigned, controls.ackermann_control),
    "get_ackermann_controller_settings": value(ackermann_settings, unsigned),
    "apply_ackermann_controller_settings": void(set_ackermann_settings, unsigned, controls.ackermann_settings),
    "get_physics_control": value(physics_control, unsigned),
    "apply_physics_control": void(set_physics_control, unsigned, controls.physics_control),
    "get_telemetry_data": value(telemetry, unsigned),
    "get_vehicle_light_state": value(light_bits, unsigned),
    "set_vehicle_light_state": void(set_light_bits, unsigned, controls.light_bits),
    "get_vehicle_light_states": value(all_light_bits),
    "open_vehicle_door": void(open_door, unsigned, controls.door),
    "close_vehicle_door": void(close_door, unsigned, controls.door),
    "set_wheel_steer_direction": void(lambda sim, actor_id, wheel, angle: None, unsigned, any_value, real),
    "set_wheel_pitch_angle": void(lambda sim, actor_id, wheel, angle: None, unsigned, any_value, real),
    "get_wheel_steer_angle": value(wheel_angle, unsigned, controls.wheel_index),
    "get_wheel_pitch_angle": value(lambda sim, actor_id, wheel: 0.0, unsigned, controls.wheel_index),
    "show_vehicle_debug_telemetry": void(lambda sim, actor_id, enabled: None, unsigned, boolean),
    "enable_carsim": unsupported("there is no CarSim"),
    "use_carsim_road": unsupported("there is no CarSim"),
    "enable_chrono_physics": unsupported("there is no Chrono"),
    "restore_physx_physics": void(lambda sim, actor_id: None, unsigned),
    "apply_control_to_walker": void(apply_walker_control, unsigned, controls.walker_control),
    "get_bones_transform": value(walker_bones, unsigned),
    "set_bones_transform": void(lambda sim, actor_id, bones: None, unsigned, any_value),
    "blend_pose": void(lambda sim, actor_id, blend: None, unsigned, real),
    "get_pose_from_animation": void(lambda sim, actor_id: None, unsigned),
    "set_traffic_light_state": void(set_light_state, unsigned, integer),
    "set_traffic_light_green_time": void(set_light_time(LightState.GREEN), unsigned, real),
    "set_traffic_light_yellow_time": void(set_light_time(LightState.YELLOW), unsigned, real),
    "set_traffic_light_red_time": void(set_light_time(LightState.RED), unsigned, real),
    "freeze_traffic_light": void(freeze_light, unsigned, boolean),
    "freeze_all_traffic_lights": void(freeze_all, boolean),
    "reset_traffic_light_group": void(reset_group, unsigned),
    "reset_all_traffic_lights": void(reset_all),
    "get_group_traffic_lights": value(group_of, unsigned),
    "get_light_boxes": value(light_boxes, unsigned),
}
