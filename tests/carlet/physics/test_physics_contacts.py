"""Collisions: who, how hard, and what becomes of those involved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from physics_worlds import DT, MKZ, PROP, WALKER, WALL, parked, plane, put, run

from carlet.actors.table import COLUMNS, Activity, ActorTable
from carlet.physics import EDGE, Contacts, Obstacles, step
from carlet.physics.contacts import NO_BOX

HALF = 2.4462


def first_contact(contacts: list[Contacts]) -> tuple[int, Contacts]:
    tick = next(k for k, found in enumerate(contacts) if len(found))
    return tick, contacts[tick]


def kinetic_energy(table: ActorTable) -> float:
    inertia = table.mass * (table.box_extent[:, :2] ** 2).sum(axis=1) / 3.0
    return float(0.5 * (table.mass @ (table.velocity**2).sum(axis=1) + inertia @ table.angular_velocity[:, 2] ** 2))


def test_head_on():
    table = ActorTable()
    parked(table, speed=15.0)
    parked(table, speed=15.0, location=(20.0, 0.0, 0.0), rotation=(0.0, np.pi, 0.0))
    tick, contacts = first_contact(run(table, plane(), 1.0))
    assert tick == pytest.approx((20.0 - 2 * HALF) / 30.0 / DT, abs=2)
    assert (contacts.row_a[0], contacts.row_b[0], contacts.box[0]) == (0, 1, NO_BOX)
    assert contacts.impulse[0, 0] == pytest.approx(-1696.0 * 14.0 * 1.1, rel=0.1)
    assert contacts.impulse[0, 1:] == pytest.approx((0.0, 0.0), abs=1.0)
    assert table.velocity[0, 0] <= 0.0 <= table.velocity[1, 0]
    assert table.location[1, 0] - table.location[0, 0] > 2 * HALF - 0.1


@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_fifty_metres_a_second_do_not_tunnel(dt: float):
    table = ActorTable()
    parked(table, speed=50.0)
    parked(table, speed=50.0, location=(20.0, 0.5, 0.0), rotation=(0.0, np.pi, 0.0))
    run(table, plane(), 1.0, dt)
    assert table.location[0, 0] + HALF < table.location[1, 0]
    table = ActorTable()
    parked(table, speed=50.0)
    run(table, plane(boxes=WALL), 2.0, dt)
    assert table.location[0, 0] < 30.0 - HALF


def test_rear_end_hands_on_momentum():
    table = ActorTable()
    parked(table, speed=15.0)
    parked(table, location=(8.0, 0.0, 0.0))
    before = 0.0
    for _ in range(40):
        before = 1696.0 * table.velocity[:, 0].sum()
        contacts = step(table, plane(), DT)
        if len(contacts):
            break
    assert 1696.0 * table.velocity[:, 0].sum() == pytest.approx(before, rel=0.1)
    assert table.velocity[1, 0] > table.velocity[0, 0] > 0.0


def test_an_off_centre_hit_turns_both():
    table = ActorTable()
    parked(table, speed=15.0)
    parked(table, location=(8.0, 1.2, 0.0))
    for _ in range(40):
        if len(step(table, plane(), DT)):
            break
    assert table.angular_velocity[0, 2] > 0.1
    assert table.angular_velocity[1, 2] > 0.1


def test_a_car_stops_at_a_wall_and_presses_every_tick():
    table, world = ActorTable(), plane(boxes=WALL)
    parked(table, speed=5.0, throttle=0.6, location=(20.0, 0.0, 0.0))
    contacts = run(table, world, 10.0)
    _, first = first_contact(contacts)
    assert (first.row_a[0], first.row_b[0], first.box[0]) == (0, -1, 0)
    assert first.impulse[0, 0] < -1696.0 * 4.0
    assert all(len(found) == 1 for found in contacts[-40:])
    assert table.location[0, 0] == pytest.approx(29.8 - HALF, abs=0.1)
    assert abs(table.velocity[0, 0]) < 0.05


@pytest.mark.parametrize("yaw", [0.0, 0.7, np.pi / 2, 3.0, -1.2])
def test_the_edge_of_the_world_is_a_wall(yaw: float):
    table, world = ActorTable(), plane(size=20.0)
    parked(table, speed=20.0, rotation=(0.0, yaw, 0.0))
    contacts = run(table, world, 3.0)
    _, first = first_contact(contacts)
    assert (first.row_a[0], first.row_b[0], first.box[0]) == (0, -1, EDGE)
    assert np.abs(table.location[0, :2]).max() < 20.0


def test_a_car_throws_a_walker_and_hardly_slows():
    table = ActorTable()
    parked(table, speed=15.0)
    put(table, WALKER, location=(8.0, 0.2, 0.93), grounded=True)
    for _ in range(40):
        contacts = step(table, plane(), DT)
        if len(contacts):
            break
    assert (contacts.row_a[0], contacts.row_b[0]) == (0, 1)
    assert contacts.impulse[0, 0] < -700.0
    assert table.velocity[1, 0] > table.velocity[0, 0] > 11.0


def test_a_walker_does_not_move_a_parked_car():
    table = ActorTable()
    parked(table)
    put(table, WALKER, location=(6.0, 0.0, 0.93), direction=(-1.0, 0.0, 0.0), walk_speed=3.0)
    contacts = run(table, plane(), 3.0)
    assert len(contacts[-1]) == 1
    assert table.location[0] == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    assert table.location[1, 0] == pytest.approx(HALF + 0.1877, abs=0.02)


def test_props():
    table, world = ActorTable(), plane()
    rows = [parked(table, speed=10.0, location=(0.0, 10.0 * k, 0.0)) for k in range(3)]
    put(table, PROP, location=(8.0, 0.0, 0.0))
    put(table, PROP, location=(8.0, 10.0, 0.0), simulates=True)
    put(table, PROP, location=(8.0, 20.0, 0.0), flat=True)
    contacts = run(table, world, 1.5)
    hit = {(int(a), int(b)) for found in contacts for a, b in zip(found.row_a, found.row_b, strict=True)}
    assert hit == {(rows[0], 3), (rows[1], 4)}
    assert table.location[rows[0], 0] < 5.1
    assert table.location[3, 0] == 8.0
    assert table.location[4, 0] > 9.0
    assert table.location[rows[1], 0] > 6.0
    assert table.location[5, 0] == 8.0


def test_a_loose_prop_falls_slides_and_stops():
    table = ActorTable()
    put(table, PROP, simulates=True, location=(0.0, 0.0, 2.0), velocity=(4.0, 0.0, 0.0))
    run(table, plane(), 3.0)
    assert table.location[0, 2] == pytest.approx(0.0, abs=1e-9)
    assert 2.0 < table.location[0, 0] < 6.0
    assert not table.velocity[0].any()


def test_a_car_that_is_not_simulated_is_an_obstacle_that_moves_by_itself():
    table = ActorTable()
    parked(table, speed=10.0)
    parked(table, simulates=False, location=(8.0, 0.0, 0.0))
    contacts = run(table, plane(), 2.0)
    assert sum(map(len, contacts)) > 0
    assert table.location[1, 0] == 8.0
    assert table.location[0, 0] < 8.0 - 2 * HALF + 0.1


@pytest.mark.parametrize("values", [{"activity": Activity.DORMANT}, {"collides": False}, {"parent": 1}])
def test_what_cannot_be_hit(values: dict):
    table = ActorTable()
    parked(table, speed=10.0)
    parked(table, location=(8.0, 0.0, 0.0), brake=1.0, **values)
    assert not any(map(len, run(table, plane(), 1.5)))
    assert table.location[0, 0] > 8.0


def test_cars_above_each_other_do_not_touch():
    table = ActorTable()
    parked(table, speed=10.0)
    put(table, MKZ, simulates=False, location=(8.0, 0.0, 5.0))
    assert not any(map(len, run(table, plane(), 1.5)))


def test_cars_spawned_into_each_other_part_gently():
    table = ActorTable()
    parked(table)
    parked(table, location=(1.0, 0.4, 0.0), rotation=(0.0, 0.3, 0.0))
    fastest = 0.0
    for _ in range(60):
        before = table.location.copy()
        step(table, plane(), DT)
        fastest = max(fastest, np.abs(table.location - before).max() / DT)
    assert fastest < 5.0
    assert np.abs(table.velocity).max() < 0.1
    assert np.hypot(*(table.location[1] - table.location[0])[:2]) > 1.5


def test_low_scenery_is_no_wall():
    kerb = (np.array([[8.0, 0.0, 0.0]]), np.array([[0.5, 20.0, 0.1]]), np.zeros(1))
    table = ActorTable()
    parked(table, speed=10.0)
    assert not any(map(len, run(table, plane(boxes=kerb), 1.5)))


def test_a_grid_of_many_boxes_finds_the_right_one():
    rng = np.random.default_rng(3)
    count = 5000
    centre = np.column_stack([rng.uniform(-900, 900, (count, 2)), np.ones(count)])
    centre[:, 0] += np.where(centre[:, 0] > 0, 50, -50)
    extent, yaw = rng.uniform(0.2, 6.0, (count, 3)), rng.uniform(-3, 3, count)
    centre[1234], extent[1234], yaw[1234] = (20.0, 0.0, 1.0), (1.0, 3.0, 2.0), 0.1
    table, world = ActorTable(), plane(boxes=(centre, extent, yaw))
    parked(table, speed=15.0)
    _, first = first_contact(run(table, world, 2.0))
    assert first.box[0] == 1234
    solid = Obstacles.build(centre, extent, yaw)
    cells = np.diff(solid.start)
    assert set(solid.members) == set(range(count))
    assert cells.sum() == len(solid.members)


cars = st.tuples(
    st.floats(-12, 12),
    st.floats(-12, 12),
    st.floats(-3.1, 3.1),
    st.floats(-30, 30),
    st.floats(-10, 10),
    st.floats(-3, 3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(cars, min_size=2, max_size=6), st.floats(0.0, 3.5))
def test_collisions_never_gain_energy(bodies: list[tuple[float, ...]], friction: float):
    table, world = ActorTable(), plane(boxes=WALL, size=40.0)
    for k, (x, y, yaw, vx, vy, spin) in enumerate(bodies):
        parked(table, WALKER if k % 3 == 2 else MKZ, location=(x, y, 0.93 * (k % 3 == 2)), rotation=(0.0, yaw, 0.0))
        table.velocity[k] = (vx, vy, 0.0)
        table.angular_velocity[k, 2] = spin
        table.friction[k] = friction
    table.angular_velocity[2::3] = 0.0
    energy = kinetic_energy(table)
    for _ in range(30):
        step(table, world, DT)
        now = kinetic_energy(table)
        assert now <= energy * (1 + 1e-9) + 1e-6
        energy = now


def traffic(ticks: int) -> dict[str, bytes]:
    rng = np.random.default_rng(7)
    table, world = ActorTable(), plane(0.02, 0.01, boxes=WALL, size=60.0)
    for _ in range(20):
        x, y, yaw = rng.uniform(-50, 25), rng.uniform(-50, 50), rng.uniform(-3, 3)
        put(
            table, MKZ, location=(x, y, 1.0), rotation=(0, yaw, 0), throttle=rng.uniform(0, 1), steer=rng.uniform(-1, 1)
        )
    for _ in range(10):
        x, y = rng.uniform(-50, 25, 2)
        put(table, WALKER, location=(x, y, 2.5), direction=(*rng.uniform(-1, 1, 2), 0.0), walk_speed=2.0)
    contacts = run(table, world, ticks * DT)
    state = {name: getattr(table, name).tobytes() for name in COLUMNS}
    state["contacts"] = b"".join(c.impulse.tobytes() + c.row_a.tobytes() + c.row_b.tobytes() for c in contacts)
    return state


def test_two_runs_are_equal_bit_by_bit():
    first, second = traffic(200), traffic(200)
    assert first == second
    assert len(first["contacts"]) > 0
