"""Falling, settling, slopes, and what clients push."""

import numpy as np
import pytest
from physics_worlds import DT, MKZ, PROP, WALKER, parked, plane, put, run

from carlet.actors.table import ActorTable
from carlet.geometry import rotation_matrices
from carlet.physics import EDGE, GROUND, Obstacles, Surroundings, step


def test_a_car_dropped_settles_within_a_second():
    table = ActorTable()
    put(table, MKZ, location=(3.0, 4.0, 0.6))
    step(table, plane(), DT)
    assert 0.5 < table.location[0, 2] < 0.6
    run(table, plane(), 0.9)
    assert table.location[0] == pytest.approx((3.0, 4.0, 0.0), abs=1e-12)
    assert table.rotation[0] == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    assert not table.velocity[0].any()
    assert table.grounded[0]


@pytest.mark.parametrize("height", [0.0, 0.3, 1.0])
def test_the_first_tick_only_falls(height: float):
    table = ActorTable()
    put(table, MKZ, location=(3.0, 4.0, height), rotation=(0.01, 1.2, -0.02))
    step(table, plane(), DT)
    assert table.location[0, :2] == pytest.approx((3.0, 4.0), abs=1e-12)
    if height > 0.0:
        assert table.rotation[0] == pytest.approx((0.01, 1.2, -0.02), abs=1e-12)


@pytest.mark.parametrize("yaw", [0.0, 1.0, np.pi / 2, -2.5])
@pytest.mark.parametrize(("rise", "bank"), [(0.1, 0.0), (0.0, -0.08), (0.06, 0.1)])
def test_a_car_lies_on_its_slope(rise: float, bank: float, yaw: float):
    table, world = ActorTable(), plane(rise, bank)
    put(table, MKZ, location=(0.0, 0.0, 0.5), rotation=(0.0, yaw, 0.0), brake=1.0)
    run(table, world, 2.0)
    up = rotation_matrices(table.rotation[0])[:, 2]
    assert up == pytest.approx(np.array([-rise, -bank, 1.0]) / np.sqrt(1 + rise**2 + bank**2), abs=1e-3)
    assert table.location[0, 2] == pytest.approx(rise * table.location[0, 0] + bank * table.location[0, 1], abs=0.002)


def test_driving_up_and_down_stays_on_the_road():
    def heights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return 3.0 * np.sin(points[:, 0] / 30.0), np.tile([0.0, 0.0, 1.0], (len(points), 1))

    hills = Surroundings(heights, plane().obstacles, (-1e4, -1e4, 1e4, 1e4))
    table = ActorTable()
    parked(table, speed=15.0, throttle=0.6, rotation=(0.1, 0.0, 0.0))
    for _ in range(400):
        before = table.location[0].copy()
        step(table, hills, DT)
        slope = 0.1 * np.cos(table.location[0, 0] / 30.0)
        assert table.location[0, 2] == pytest.approx(3.0 * np.sin(table.location[0, 0] / 30.0), abs=0.02)
        assert table.velocity[0, 2] == pytest.approx(slope * table.velocity[0, 0], abs=0.1)
        assert (table.location[0] - before) / DT == pytest.approx(table.velocity[0], abs=0.2)
        assert np.tan(table.rotation[0, 0]) == pytest.approx(slope, abs=0.03)


def test_a_car_driven_off_an_edge_falls():
    def heights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.where(points[:, 0] < 10.0, 0.0, -20.0), np.tile([0.0, 0.0, 1.0], (len(points), 1))

    cliff = Surroundings(heights, plane().obstacles, (-1e4, -1e4, 1e4, 1e4))
    table = ActorTable()
    parked(table, speed=15.0)
    run(table, cliff, 1.5)
    assert -20.0 < table.location[0, 2] < -1.0
    contacts = run(table, cliff, 3.0)
    assert table.location[0, 2] == pytest.approx(-20.0)
    hard = [c for c in contacts if len(c)]
    assert len(hard) == 1
    assert (hard[0].row_b[0], hard[0].box[0]) == (-1, GROUND)
    assert hard[0].impulse[0, 2] > 1696.0 * 10.0
    assert GROUND != EDGE


def test_where_there_is_no_ground_things_fall():
    def nothing(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(points), np.nan), np.full((len(points), 3), np.nan)

    table = ActorTable()
    for body in (MKZ, WALKER, {**PROP, "simulates": True}):
        put(table, body, location=(10.0 * len(table), 0.0, 5.0))
    run(table, Surroundings(nothing, Obstacles.build(*([np.zeros((0, 3))] * 3)), (-100, -100, 100, 100)), 1.0)
    assert table.location[:, 2] == pytest.approx(5.0 - 0.5 * 9.81 * 1.05, abs=1e-6)


def test_without_gravity_height_is_kept():
    table = ActorTable()
    put(table, MKZ, location=(0.0, 0.0, 3.0), gravity=False)
    put(table, WALKER, location=(0.0, 20.0, 3.0), gravity=False)
    run(table, plane(), 2.0)
    assert (table.location[:, 2] == 3.0).all()


@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_impulse_and_force_upwards_act_alike(dt: float):
    table = ActorTable()
    mass = MKZ["mass"]
    parked(table, impulse=(0.0, 0.0, 10.0 * mass))
    parked(table, force=(0.0, 0.0, 10.0 * mass / dt), location=(0.0, 20.0, 0.0))
    step(table, plane(), dt)
    assert table.velocity[:, 2] == pytest.approx(10.0 - 9.81 * dt)
    assert not table.impulse.any()
    assert not table.force.any()
    step(table, plane(), dt)
    assert table.velocity[:, 2] == pytest.approx(10.0 - 2 * 9.81 * dt)


def test_pushes_in_the_air_add_up():
    table = ActorTable()
    mass, (ex, ey, _) = MKZ["mass"], MKZ["box_extent"]
    put(table, MKZ, gravity=False, drag=0.0, location=(0.0, 0.0, 9.0), impulse=(mass, -2 * mass, 0.0))
    table.angular_impulse[0, 2] = mass * (ex**2 + ey**2) / 3.0
    run(table, plane(), 1.0)
    assert table.velocity[0] == pytest.approx((1.0, -2.0, 0.0))
    assert table.location[0] == pytest.approx((1.0, -2.0, 9.0))
    assert table.angular_velocity[0, 2] == pytest.approx(1.0)
    assert table.rotation[0, 1] == pytest.approx(1.0)


def test_torque_over_a_tick_is_an_angular_impulse():
    table = ActorTable()
    put(table, MKZ, gravity=False, location=(0.0, 0.0, 9.0), torque=(0.0, 0.0, 1000.0 / DT))
    put(table, MKZ, gravity=False, location=(0.0, 20.0, 9.0), angular_impulse=(0.0, 0.0, 1000.0))
    step(table, plane(), DT)
    assert table.angular_velocity[0, 2] == table.angular_velocity[1, 2] > 0.0


def test_spin_and_acceleration_are_those_of_the_motion():
    table, world = ActorTable(), plane(0.05, 0.02)
    put(table, MKZ, location=(0.0, 0.0, 0.0), throttle=0.8, steer=0.3)
    run(table, world, 2.0)
    before, velocity = rotation_matrices(table.rotation[0]), table.velocity[0].copy()
    step(table, world, DT)
    turn = rotation_matrices(table.rotation[0]) @ before.T
    spin = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / (2 * DT)
    assert table.angular_velocity[0] == pytest.approx(spin, abs=0.02)
    assert table.acceleration[0] == pytest.approx((table.velocity[0] - velocity) / DT)


def test_velocity_that_is_no_number_is_dropped():
    table = ActorTable()
    parked(table)
    table.velocity[0] = (np.nan, np.inf, 1.0)
    step(table, plane(), DT)
    assert np.isfinite(table.location).all()
    assert np.isfinite(table.velocity).all()
