"""Steering, tyres, controllers, and every vehicle of the library."""

import numpy as np
import pytest
from physics_worlds import DT, MKZ, parked, plane, put, run

from carlet.actors.blueprints import Blueprint, library
from carlet.actors.table import ActorTable, Kind
from carlet.physics import derive_parameters, step

REAR, BASE, GAIN = 1.4178275, 1.4178275 - 0.090769015, 0.36848336
VEHICLES = [blueprint for blueprint in library().values() if blueprint.kind is Kind.VEHICLE]


@pytest.mark.parametrize("steer", [-0.5, -0.1, 0.2, 0.4])
@pytest.mark.parametrize("speed", [3.0, 8.0, 14.0])
def test_steering_is_the_fitted_bicycle(speed: float, steer: float):
    table = ActorTable()
    parked(table, speed=speed, steer=steer, throttle=0.5, rotation=(0.0, 0.3, 0.0))
    beta = np.arctan(REAR / BASE * np.tan(GAIN * steer))
    x, y, yaw = 0.0, 0.0, 0.3
    for _ in range(40):
        step(table, plane(), DT)
        v = np.hypot(*table.velocity[0, :2])
        x, y = x + v * np.cos(yaw + beta) * DT, y + v * np.sin(yaw + beta) * DT
        yaw += v / REAR * np.sin(beta) * DT
    assert table.location[0, :2] == pytest.approx((x, y), abs=1e-6)
    assert np.cos(table.rotation[0, 1] - yaw) == pytest.approx(1.0, abs=1e-9)
    assert table.angular_velocity[0, 2] == pytest.approx(v / REAR * np.sin(beta), abs=1e-9)


def test_steering_costs_no_speed():
    straight, turning = ActorTable(), ActorTable()
    parked(straight, speed=10.0, throttle=0.5)
    parked(turning, speed=10.0, throttle=0.5, steer=0.4)
    run(straight, plane(), 1.0)
    run(turning, plane(), 1.0)
    assert np.hypot(*turning.velocity[0, :2]) == pytest.approx(straight.velocity[0, 0], abs=1e-9)


def test_reported_wheel_angle_follows_the_steering_curve():
    table = ActorTable()
    for speed in (0.0, 20.0 / 3.6, 40.0 / 3.6):
        parked(table, speed=speed, steer=0.5, has_constant_velocity=True, constant_velocity=(speed, 0.0, 0.0))
    step(table, plane(), DT)
    assert np.degrees(table.wheel_steer) == pytest.approx(35.0 * np.array([1.0, 0.9, 0.85]), rel=1e-3)


def test_a_long_vehicle_turns_wider():
    table = ActorTable()
    parked(table, speed=5.0, steer=0.5)
    parked(table, speed=5.0, steer=0.5, wheelbase=5.72, location=(0.0, 100.0, 0.0))
    step(table, plane(), DT)
    assert table.angular_velocity[0, 2] == pytest.approx(2.0 * table.angular_velocity[1, 2])


def test_braking_distance_falls_with_friction():
    table = ActorTable()
    frictions = (0.0, 0.3, 1.0, 3.5)
    for k, friction in enumerate(frictions):
        parked(table, speed=27.8, brake=1.0, friction=friction, location=(0.0, 10.0 * k, 0.0))
    run(table, plane(), 5.0)
    ways = table.location[:, 0]
    assert list(ways) == sorted(ways, reverse=True)
    assert ways[0] > 1.5 * ways[2]


def test_without_friction_a_car_neither_brakes_steers_nor_drives():
    table = ActorTable()
    parked(table, friction=0.0, drag=0.0, brake=1.0, steer=1.0, speed=20.0)
    parked(table, friction=0.0, drag=0.0, throttle=1.0, location=(0.0, 50.0, 0.0), angular_velocity=(0.0, 0.0, 1.0))
    run(table, plane(), 5.0)
    assert table.velocity[0] == pytest.approx((20.0, 0.0, 0.0))
    assert table.location[0] == pytest.approx((100.0, 0.0, 0.0))
    assert table.velocity[1] == pytest.approx((0.0, 0.0, 0.0))
    assert table.angular_velocity[1, 2] == pytest.approx(1.0)


def test_without_gravity_tyres_carry_nothing():
    table = ActorTable()
    parked(table, gravity=False, drag=0.0, brake=1.0, speed=27.8)
    run(table, plane(), 5.0)
    assert table.velocity[0] == pytest.approx((27.8, 0.0, 0.0))


def test_a_sideways_slide_dies_down():
    table = ActorTable()
    parked(table)
    table.velocity[0] = (0.0, 6.0, 0.0)
    table.angular_velocity[0, 2] = 3.0
    step(table, plane(), DT)
    assert 2.5 < table.velocity[0, 1] < 5.0
    table.brake[0] = 1.0
    run(table, plane(), 1.0)
    assert np.abs(table.velocity[0]).max() < 1e-9
    assert abs(table.angular_velocity[0, 2]) < 1e-9


def test_target_velocity_shows_in_the_next_tick():
    table = ActorTable()
    parked(table)
    table.velocity[0] = (27.8, 0.0, 0.0)
    step(table, plane(), DT)
    assert 27.0 < table.velocity[0, 0] < 27.8
    assert table.acceleration[0, 0] == pytest.approx(table.velocity[0, 0] / DT)


def test_constant_velocity_holds_and_follows_the_heading():
    table = ActorTable()
    row = parked(table, has_constant_velocity=True, constant_velocity=(8.0, 0.0, 0.0), brake=1.0, steer=0.3)
    for _ in range(40):
        yaw = table.rotation[row, 1]
        step(table, plane(), DT)
        assert table.velocity[row] == pytest.approx((8.0 * np.cos(yaw), 8.0 * np.sin(yaw), 0.0))
    assert table.rotation[row, 1] > 0.5


@pytest.mark.parametrize("goal", [3.0, 10.0, -3.0])
@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_ackermann_reaches_and_holds_its_speed_and_stops(goal: float, dt: float):
    table = ActorTable()
    parked(table, ackermann=True, ackermann_target=(0.1, 0.0, goal, 0.0, 0.0))
    run(table, plane(), 7.0, dt)
    for _ in range(round(3.0 / dt)):
        step(table, plane(), dt)
        assert np.hypot(*table.velocity[0, :2]) == pytest.approx(abs(goal), rel=0.05)
    assert table.steer[0] * table.max_steer[0] == pytest.approx(0.1)
    table.ackermann_target[0] = (0.1, 0.0, 0.0, 0.0, 0.0)
    run(table, plane(), 12.0, dt)
    assert np.hypot(*table.velocity[0, :2]) < 0.02


def test_ackermann_turns_the_wheels_at_its_speed():
    table = ActorTable()
    parked(table, ackermann=True, ackermann_target=(0.5, 0.2, 5.0, 0.0, 0.0))
    run(table, plane(), 1.0)
    assert table.steer[0] * table.max_steer[0] == pytest.approx(0.2)
    run(table, plane(), 2.0)
    assert table.steer[0] * table.max_steer[0] == pytest.approx(0.5)


def test_rows_that_physics_leaves_alone():
    table = ActorTable()
    for values in ({"simulates": False}, {"activity": 2}, {"parent": 1}):
        put(table, MKZ, location=(0.0, 20.0 * len(table), 5.0), **{"throttle": 1.0, **values})
    table.velocity[:] = (1.0, 2.0, 3.0)
    before = table.location.copy()
    run(table, plane(), 1.0)
    assert (table.location == before).all()
    assert (table.velocity == (1.0, 2.0, 3.0)).all()


def spawn(table: ActorTable, blueprint: Blueprint, **values: object) -> int:
    assert blueprint.physics is not None
    body = {"box_centre": blueprint.box_centre, "box_extent": blueprint.box_extent}
    return parked(table, {**MKZ, **body, **derive_parameters(blueprint.physics)}, **values)


def test_the_reference_car_is_neutral():
    physics = library()["vehicle.lincoln.mkz_2020"].physics
    assert physics is not None
    derived = derive_parameters(physics)
    assert (derived["drive_gain"], derived["brake_gain"]) == (1.0, 1.0)
    assert derived["wheelbase"] == pytest.approx(2.86, abs=1e-9)
    assert derived["max_steer"] == pytest.approx(np.radians(70.0))
    table = ActorTable()
    put(table, MKZ)
    assert derived["top_speed"] == table.top_speed[0]
    assert derived["friction"] == table.friction[0]
    assert derived["drag"] == table.drag[0]


def test_kinds_of_vehicles_differ():
    derived = {b.id: derive_parameters(b.physics) for b in VEHICLES if b.physics is not None}
    assert len(derived) == 41
    truck, bike = derived["vehicle.carlamotors.firetruck"], derived["vehicle.yamaha.yzf"]
    assert truck["drive_gain"] < 1.0 < bike["drive_gain"]
    assert truck["top_speed"] < 35.0
    for bicycle in ("vehicle.bh.crossbike", "vehicle.diamondback.century", "vehicle.gazelle.omafiets"):
        assert 7.0 < derived[bicycle]["top_speed"] < 10.0


@pytest.mark.parametrize("blueprint", VEHICLES, ids=lambda b: b.id)
def test_every_vehicle_drives_turns_and_brakes(blueprint: Blueprint):
    table, world = ActorTable(), plane()
    row = spawn(table, blueprint, throttle=0.8)
    run(table, world, 5.0)
    speed = table.velocity[row, 0]
    assert 4.0 < speed < 40.0
    table.throttle[row], table.steer[row] = 0.5, 0.2
    yaw = table.rotation[row, 1]
    run(table, world, 1.0)
    assert 0.02 < table.rotation[row, 1] - yaw < 3.0
    table.throttle[row], table.steer[row], table.brake[row] = 0.0, 0.0, 1.0
    place = table.location[row].copy()
    run(table, world, 6.0)
    assert np.hypot(*table.velocity[row, :2]) == 0.0
    assert 0.1 < np.hypot(*(table.location[row] - place)[:2]) < 80.0
    assert abs(table.location[row, 2]) < 0.002
