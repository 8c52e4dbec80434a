"""Controls and physics parameters of vehicles and walkers; decoders and encoders as in `carlet.wire.values`."""

from dataclasses import astuple, dataclass
from math import isnan
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from carlet.wire.checks import array, flag, integer, items, number, numbers, text
from carlet.wire.values import Array, encode_transform, transform, vec3

_I32 = 2**31


class VehicleControl(NamedTuple):
    """Pedals 0 to 1, steer -1 to 1 (right positive) as given, not clipped."""

    throttle: float = 0.0
    steer: float = 0.0
    brake: float = 0.0
    hand_brake: bool = False
    reverse: bool = False
    manual_gear: bool = False
    gear: int = 0


class WalkerControl(NamedTuple):
    """`direction` (3,) in the world, `speed` in m/s."""

    direction: Array
    speed: float
    jump: bool


class AckermannControl(NamedTuple):
    """Target steering angle (rad), its rate (rad/s), speed (m/s), acceleration (m/s2), jerk (m/s3)."""

    steer: float = 0.0
    steer_speed: float = 0.0
    speed: float = 0.0
    acceleration: float = 0.0
    jerk: float = 0.0


class AckermannSettings(NamedTuple):
    """Gains of the two controllers that follow an Ackermann control."""

    speed_kp: float = 0.15
    speed_ki: float = 0.0
    speed_kd: float = 0.25
    acceleration_kp: float = 0.01
    acceleration_ki: float = 0.0
    acceleration_kd: float = 0.01


@dataclass(frozen=True)
class Gear:
    """A forward gear: its ratio, and the share of the maximal rpm at which to shift down and up."""

    ratio: float = 1.0
    down: float = 0.5
    up: float = 0.65


@dataclass(frozen=True)
class Wheel:
    """A wheel: angle in degrees, radius in CENTIMETRES, torques in Nm, position in world CENTIMETRES."""

    tire_friction: float = 2.0
    damping_rate: float = 0.25
    max_steer_angle_deg: float = 70.0
    radius_cm: float = 30.0
    max_brake_torque: float = 1500.0
    max_handbrake_torque: float = 3000.0
    lat_stiff_max_load: float = 2.0
    lat_stiff_value: float = 17.0
    long_stiff_value: float = 1000.0
    position_cm: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class PhysicsControl:
    """Physics of a vehicle; curves are points `(x, y)`: torque in Nm over rpm, steering share over km/h."""

    torque_curve: tuple[tuple[float, float], ...]
    max_rpm: float
    moi: float
    damping_full_throttle: float
    damping_zero_throttle_clutch_engaged: float
    damping_zero_throttle_clutch_disengaged: float
    use_gear_autobox: bool
    gear_switch_time: float
    clutch_strength: float
    final_ratio: float
    forward_gears: tuple[Gear, ...]
    mass: float
    drag_coefficient: float
    center_of_mass: tuple[float, float, float]
    steering_curve: tuple[tuple[float, float], ...]
    wheels: tuple[Wheel, ...]
    use_sweep_wheel_collision: bool


@dataclass(frozen=True)
class WheelTelemetry:
    """State of a wheel: slips, speed (rad/s), loads, torque (Nm), forces (N)."""

    tire_friction: float
    lat_slip: float
    long_slip: float
    omega: float
    tire_load: float
    normalized_tire_load: float
    torque: float
    long_force: float
    lat_force: float
    normalized_long_force: float
    normalized_lat_force: float


@dataclass(frozen=True)
class Telemetry:
    """State of a vehicle's drive: speed (m/s), controls as applied, engine rpm, gear, drag."""

    speed: float
    steer: float
    throttle: float
    brake: float
    engine_rpm: float
    gear: int
    drag: float
    wheels: tuple[WheelTelemetry, ...]


def vehicle_control(value: Any) -> VehicleControl:
    """A control. The Traffic Manager sends NaN for 0/0: a NaN brake is full brake, other NaNs are zero."""
    what = "vehicle control"
    throttle, steer, brake, hand_brake, reverse, manual_gear, gear = items(value, what, 7)
    return VehicleControl(
        _number_or(throttle, what, 0.0),
        _number_or(steer, what, 0.0),
        _number_or(brake, what, 1.0),
        flag(hand_brake, what),
        flag(reverse, what),
        flag(manual_gear, what),
        integer(gear, what, -_I32, _I32 - 1),
    )


def _number_or(value: Any, what: str, instead: float) -> float:
    return instead if type(value) is float and isnan(value) else number(value, what)


def walker_control(value: Any) -> WalkerControl:
    """`[direction, speed, jump]`."""
    what = "walker control"
    direction, speed, jump = items(value, what, 3)
    return WalkerControl(vec3(direction, what), number(speed, what), flag(jump, what))


def ackermann_control(value: Any) -> AckermannControl:
    """Five numbers."""
    return AckermannControl(*numbers(value, "Ackermann control", 5))


def ackermann_settings(value: Any) -> AckermannSettings:
    """Six numbers."""
    return AckermannSettings(*numbers(value, "Ackermann controller settings", 6))


def physics_control(value: Any) -> PhysicsControl:
    """Physics of a vehicle."""
    what = "physics control"
    parts = items(value, what, 17)
    decoded: list[Any] = [
        _curve(parts[0], "torque curve"),
        *(number(part, what) for part in parts[1:6]),
        flag(parts[6], what),
        *(number(part, what) for part in parts[7:10]),
        tuple(Gear(*numbers(gear, "gear", 3)) for gear in array(parts[10], "gears")),
        number(parts[11], what),
        number(parts[12], what),
        _triple(parts[13], "center of mass"),
        _curve(parts[14], "steering curve"),
        tuple(_wheel(wheel) for wheel in array(parts[15], "wheels")),
        flag(parts[16], what),
    ]
    return PhysicsControl(*decoded)


def _curve(value: Any, what: str) -> tuple[tuple[float, float], ...]:
    points = [numbers(point, what, 2) for point in array(value, what)]
    return tuple((x, y) for x, y in points)


def _triple(value: Any, what: str) -> tuple[float, float, float]:
    x, y, z = numbers(value, what, 3)
    return x, y, z


def _wheel(value: Any) -> Wheel:
    parts = items(value, "wheel", 10)
    return Wheel(*numbers(parts[:9], "wheel", 9), position_cm=_triple(parts[9], "wheel position"))


def encode_physics_control(physics: PhysicsControl) -> list[Any]:
    """Inverse of `physics_control`."""
    return list(astuple(physics))


def encode_telemetry(telemetry: Telemetry) -> list[Any]:
    """Telemetry of a vehicle."""
    return list(astuple(telemetry))


def door(value: Any) -> int:
    """A door: 0 front left, 1 front right, 2 rear left, 3 rear right, 4 hood, 5 trunk, 6 all."""
    return integer(value, "door", 0, 6)


def wheel_index(value: Any) -> int:
    """A wheel: 0 front left, 1 front right, 2 back left, 3 back right."""
    return integer(value, "wheel", 0, 3)


def light_bits(value: Any) -> int:
    """Lamps of a vehicle, `[bits]`."""
    return integer(items(value, "vehicle light state", 1)[0], "vehicle light state")


def encode_light_bits(bits: int) -> list[int]:
    """Inverse of `light_bits`."""
    return [int(bits)]


def bone_transforms(value: Any) -> list[tuple[str, Array]]:
    """Bones of a walker and their poses (6,), relative to their parents: `[[[name, transform], ...]]`."""
    what = "bones"
    pairs = [items(bone, what, 2) for bone in array(items(value, what, 1)[0], what)]
    return [(text(name, what), transform(pose, what)) for name, pose in pairs]


def encode_bone_transforms(bones: list[tuple[str, ArrayLike, ArrayLike, ArrayLike]]) -> list[Any]:
    """Bones by name with their poses (6,) in the world, the walker and their parent."""
    return [[[name, *map(encode_transform, poses)] for name, *poses in bones]]


def encode_ackermann_settings(settings: AckermannSettings) -> list[float]:
    """Inverse of `ackermann_settings`."""
    return list(settings)
