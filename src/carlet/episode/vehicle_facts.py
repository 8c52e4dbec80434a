"""What a vehicle's drive looks like from outside."""

from dataclasses import replace

import numpy as np

from carlet.actors.table import ActorTable
from carlet.geometry import to_world
from carlet.wire.controls import PhysicsControl, Telemetry, Wheel, WheelTelemetry

METRE_CM = 100.0
IDLE_RPM = 800.0
GRAVITY = 9.81
RPM_PER_RAD_S = 60.0 / (2.0 * np.pi)


def with_wheels_in_world(table: ActorTable, row: int, physics: PhysicsControl) -> PhysicsControl:
    """The physics control with wheel positions in the world, as clients get it (cm)."""
    pose = np.concatenate([table.location[row], table.rotation[row]])
    local = np.array([wheel.position_cm for wheel in physics.wheels]).reshape(-1, 3) / METRE_CM
    places = METRE_CM * to_world(pose, local)
    wheels = tuple(
        replace(wheel, position_cm=(float(x), float(y), float(z)))
        for wheel, (x, y, z) in zip(physics.wheels, places, strict=True)
    )
    return replace(physics, wheels=wheels)


def telemetry(table: ActorTable, row: int, physics: PhysicsControl) -> Telemetry:
    """State of the drive, derived from the motion: the fitted model has no engine of its own."""
    speed = float(np.linalg.norm(table.velocity[row]))
    gear = int(table.gear[row])
    ratio = physics.forward_gears[gear - 1].ratio if 0 < gear <= len(physics.forward_gears) else 1.0
    wheel_speed = speed / float(table.wheel_radius[row])
    rpm = IDLE_RPM + wheel_speed * ratio * physics.final_ratio * RPM_PER_RAD_S
    load = physics.mass * GRAVITY / max(len(physics.wheels), 1)
    return Telemetry(
        speed=speed,
        steer=float(table.steer[row]),
        throttle=float(table.throttle[row]),
        brake=float(table.brake[row]),
        engine_rpm=min(rpm, physics.max_rpm),
        gear=gear,
        drag=float(table.drag[row]) * speed * speed,
        wheels=tuple(_wheel(wheel, wheel_speed, load) for wheel in physics.wheels),
    )


def _wheel(wheel: Wheel, omega: float, load: float) -> WheelTelemetry:
    return WheelTelemetry(wheel.tire_friction, 0.0, 0.0, omega, load, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
