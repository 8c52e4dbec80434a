"""Calls about vehicles, walkers and traffic lights."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from carlet.actors.bones import BONES, CustomPose, Poses, resting, skeleton
from carlet.actors.lights import LightState
from carlet.actors.table import Kind
from carlet.api.decode import boolean, real, unsigned
from carlet.api.method import Method, ignored, unsupported, value, void
from carlet.episode import EpisodeError
from carlet.episode.vehicle_facts import with_wheels_in_world
from carlet.simulator import Simulator
from carlet.wire import checks, controls

ALL_DOORS = 6
FRONT_WHEELS = (0, 1)
UNTURNED = (0.0, 0.0)


# -- vehicles


def apply_control(sim: Simulator, actor_id: int, control: controls.VehicleControl) -> None:
    """Pedals and steering."""
    row, table = sim.episode.alive(actor_id, Kind.VEHICLE), sim.episode.table
    table.throttle[row], table.steer[row], table.brake[row] = control.throttle, control.steer, control.brake
    table.hand_brake[row], table.reverse[row] = control.hand_brake, control.reverse
    table.manual_gear[row] = control.manual_gear
    if control.manual_gear:
        table.gear[row] = control.gear
    table.ackermann[row] = False
    table.fresh_control[row] = True


def apply_ackermann(sim: Simulator, actor_id: int, control: controls.AckermannControl) -> None:
    """Target speed and steering angle; the server finds the pedals."""
    row, table = sim.episode.alive(actor_id, Kind.VEHICLE), sim.episode.table
    if not table.ackermann[row]:
        table.ackermann_state[row] = 0.0
    table.ackermann[row] = True
    table.ackermann_target[row] = control
    table.fresh_control[row] = True


def ackermann_settings(sim: Simulator, actor_id: int) -> list[float]:
    """Gains of the Ackermann controller."""
    gains = sim.episode.table.ackermann_gains[sim.episode.row(actor_id, Kind.VEHICLE)].tolist()
    return controls.encode_ackermann_settings(controls.AckermannSettings(*gains))


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
    row, table = sim.episode.row(actor_id, Kind.VEHICLE), sim.episode.table
    if not table.simulates[row]:
        return sim.episode.info(actor_id).wheel_angles.get(wheel, UNTURNED)[0]
    return math.degrees(table.wheel_steer[row]) if wheel in FRONT_WHEELS else 0.0


def wheel_roll(sim: Simulator, actor_id: int, wheel: int) -> float:
    """Angle in degrees by which a client rolled a wheel of a vehicle without physics."""
    row = sim.episode.row(actor_id, Kind.VEHICLE)
    angles = {} if sim.episode.table.simulates[row] else sim.episode.info(actor_id).wheel_angles
    return angles.get(wheel, UNTURNED)[1]


def turn_wheel(sim: Simulator, actor_id: int, wheel: int, angle: float) -> None:
    """Steer one wheel (deg) of a vehicle without physics, for the eye."""
    angles = _wheel_angles(sim, actor_id)
    angles[wheel] = (angle, angles.get(wheel, UNTURNED)[1])


def roll_wheel(sim: Simulator, actor_id: int, wheel: int, angle: float) -> None:
    """Roll one wheel (deg) of a vehicle without physics, for the eye."""
    angles = _wheel_angles(sim, actor_id)
    angles[wheel] = (angles.get(wheel, UNTURNED)[0], angle)


def _wheel_angles(sim: Simulator, actor_id: int) -> dict[int, tuple[float, float]]:
    if sim.episode.table.simulates[sim.episode.row(actor_id, Kind.VEHICLE)]:
        raise EpisodeError("wheels turn by hand only while the physics of their vehicle is off")
    return sim.episode.info(actor_id).wheel_angles


# -- walkers


def apply_walker_control(sim: Simulator, actor_id: int, control: controls.WalkerControl) -> None:
    """Where a walker goes, and how fast."""
    row, table = sim.episode.alive(actor_id, Kind.WALKER), sim.episode.table
    table.direction[row], table.walk_speed[row] = control.direction, control.speed
    table.jump[row] = control.jump


def walker_bones(sim: Simulator, actor_id: int) -> list[Any]:
    """Name and poses of a walker's bones."""
    row = sim.episode.row(actor_id, Kind.WALKER)
    bones = skeleton(sim.episode.table, row, sim.episode.info(actor_id).custom_pose)
    return controls.encode_bone_transforms([(bone.name, *poses) for bone, *poses in zip(BONES, *bones, strict=True)])


def set_walker_bones(sim: Simulator, actor_id: int, bones: list[tuple[str, Poses]]) -> None:
    """Pose some bones of a walker; unknown names are ignored."""
    _custom_pose(sim, actor_id).bones.update(bones)


def blend_pose(sim: Simulator, actor_id: int, share: float) -> None:
    """How much of the posed bones is seen: 0 nothing, 1 all."""
    _custom_pose(sim, actor_id).share = min(max(share, 0.0), 1.0)


def take_pose(sim: Simulator, actor_id: int) -> None:
    """Pose all bones as the walker stands now without a client's doing."""
    row = sim.episode.row(actor_id, Kind.WALKER)
    poses = resting(sim.episode.table, row)
    _custom_pose(sim, actor_id).bones.update((bone.name, pose) for bone, pose in zip(BONES, poses, strict=True))


def _custom_pose(sim: Simulator, actor_id: int) -> CustomPose:
    sim.episode.row(actor_id, Kind.WALKER)
    return sim.episode.info(actor_id).custom_pose


# -- traffic lights


def light_state(value: Any) -> LightState:
    """A state of a traffic light."""
    return LightState(checks.integer(value, "traffic light state", 0, max(LightState)))


def set_light_state(sim: Simulator, actor_id: int, state: LightState) -> None:
    """Change what one light shows until its turn changes it."""
    sim.episode.signals.cycle.state[sim.episode.signals.light(actor_id)] = state


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
    "set_wheel_steer_direction": void(turn_wheel, unsigned, controls.wheel_index, real),
    "set_wheel_pitch_angle": void(roll_wheel, unsigned, controls.wheel_index, real),
    "get_wheel_steer_angle": value(wheel_angle, unsigned, controls.wheel_index),
    "get_wheel_pitch_angle": value(wheel_roll, unsigned, controls.wheel_index),
    "show_vehicle_debug_telemetry": ignored(unsigned, boolean),
    "enable_carsim": unsupported("there is no CarSim"),
    "use_carsim_road": unsupported("there is no CarSim"),
    "enable_chrono_physics": unsupported("there is no Chrono"),
    "restore_physx_physics": ignored(unsigned),
    "apply_control_to_walker": void(apply_walker_control, unsigned, controls.walker_control),
    "get_bones_transform": value(walker_bones, unsigned),
    "set_bones_transform": void(set_walker_bones, unsigned, controls.bone_transforms),
    "blend_pose": void(blend_pose, unsigned, real),
    "get_pose_from_animation": void(take_pose, unsigned),
    "set_traffic_light_state": void(set_light_state, unsigned, light_state),
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
