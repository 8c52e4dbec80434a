"""From a vehicle's physics control to the columns that the fitted response needs."""

from __future__ import annotations

from math import dist, radians
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carlet.wire.controls import PhysicsControl

TOP_SPEED_LIMIT = 70.0
#: bodies above this mass (kg) are trucks and buses
HEAVY_KG, HEAVY_TOP_SPEED = 4000.0, 30.0
#: engines below this peak torque times speed (Nm rpm) are legs
HUMAN_POWER, HUMAN_TOP_SPEED, HUMAN_DRIVE_GAIN = 1.2e5, 8.4, 0.4
DRIVE_GAIN_RANGE, BRAKE_GAIN_RANGE = (0.4, 1.5), (0.5, 1.2)
#: (peak torque x mean gear x final ratio) / (wheel radius x mass) of vehicle.lincoln.mkz_2020, and its brakes
REFERENCE_DRIVE = 543.0 * ((4.584 + 2.964 + 1.912 + 1.446 + 1.0 + 0.746) / 6) * 4.0 / (0.355 * 1696.0)
REFERENCE_BRAKE = 6000.0 / (0.355 * 1696.0)
RADIANS_PER_S_OF_RPM = radians(6.0)


def derive_parameters(control: PhysicsControl) -> dict[str, float]:
    """Vehicle columns of the actor table, from a physics control; vehicle.lincoln.mkz_2020 gives gains of 1.

    Wheels come in the order front left, front right, rear left, rear right; their positions (cm) may be in any frame.
    """
    wheels = control.wheels
    radius = sum(w.radius_cm for w in wheels) / len(wheels) / 100.0
    human = _peak_torque(control) * control.max_rpm < HUMAN_POWER
    return {
        "mass": control.mass,
        "wheelbase": _wheelbase(control),
        "wheel_radius": radius,
        "max_steer": radians(wheels[0].max_steer_angle_deg),
        "friction": sum(w.tire_friction for w in wheels) / len(wheels),
        "drag": control.drag_coefficient,
        "drive_gain": HUMAN_DRIVE_GAIN if human else _drive_gain(control, radius),
        "brake_gain": _brake_gain(control, radius),
        "top_speed": _top_speed(control, radius, human),
    }


def _peak_torque(control: PhysicsControl) -> float:
    return max((torque for _, torque in control.torque_curve), default=0.0)


def _wheelbase(control: PhysicsControl) -> float:
    """Distance between the middles of front and rear axle, m."""
    places = [w.position_cm for w in control.wheels]
    front, rear = ([(a + b) / 2 for a, b in zip(*axle, strict=True)] for axle in (places[:2], places[2:4]))
    return max(0.5, dist(front, rear) / 100.0)


def _drive_gain(control: PhysicsControl, radius: float) -> float:
    ratios = [gear.ratio for gear in control.forward_gears] or [1.0]
    pull = _peak_torque(control) * (sum(ratios) / len(ratios)) * control.final_ratio / (radius * control.mass)
    return _within(pull / REFERENCE_DRIVE, DRIVE_GAIN_RANGE)


def _brake_gain(control: PhysicsControl, radius: float) -> float:
    torque = sum(w.max_brake_torque for w in control.wheels)
    return _within(torque / (radius * control.mass) / REFERENCE_BRAKE, BRAKE_GAIN_RANGE)


def _top_speed(control: PhysicsControl, radius: float, human: bool) -> float:
    """What the engine's highest speed gives in the longest gear, within reason, m/s."""
    longest = min((gear.ratio for gear in control.forward_gears if gear.ratio > 0.0), default=1.0) * control.final_ratio
    geared = control.max_rpm * RADIANS_PER_S_OF_RPM / max(longest, 0.1) * radius
    if human:
        return HUMAN_TOP_SPEED
    return _within(geared, (5.0, HEAVY_TOP_SPEED if control.mass > HEAVY_KG else TOP_SPEED_LIMIT))


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(limits[1], max(limits[0], value))
