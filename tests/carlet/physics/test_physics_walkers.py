"""Walkers: they walk, turn, climb kerbs, jump, slide along walls."""

import numpy as np
import pytest
from physics_worlds import DT, WALKER, WALL, plane, put, run

from carlet.actors.table import ActorTable
from carlet.physics import Surroundings, step


def stepped(height: float) -> Surroundings:
    """A plane with a step up at x = 5."""

    def heights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.where(points[:, 0] > 5.0, height, 0.0), np.tile([0.0, 0.0, 1.0], (len(points), 1))

    return Surroundings(heights, plane().obstacles, (-100.0, -100.0, 100.0, 100.0))


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.6, 0.8, 0.0)])
def test_a_walker_reaches_its_speed_and_faces_its_way(direction: tuple[float, float, float]):
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), direction=direction, walk_speed=2.0)
    run(table, plane(), 0.3)
    assert table.velocity[0] == pytest.approx(2.0 * np.array(direction))
    run(table, plane(), 2.0)
    assert table.rotation[0, 1] == pytest.approx(np.arctan2(direction[1], direction[0]), abs=0.01)
    assert table.location[0, 2] == pytest.approx(0.93, abs=1e-9)
    table.walk_speed[0] = 0.0
    run(table, plane(), 0.2)
    assert not table.velocity[0].any()


def test_turning_takes_time():
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), direction=(-1.0, 0.0, 0.0), walk_speed=1.0)
    yaws = [0.0]
    for _ in range(40):
        step(table, plane(), DT)
        yaws.append(float(table.rotation[0, 1]))
    assert np.abs(np.diff(np.unwrap(yaws))).max() <= 6.0 * DT + 1e-9
    assert abs(yaws[-1]) == pytest.approx(np.pi, abs=0.01)


def test_a_walker_falls_to_its_feet():
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 2.93))
    run(table, plane(), 1.0)
    assert table.location[0, 2] == pytest.approx(0.93, abs=1e-9)
    assert table.grounded[0]


@pytest.mark.parametrize(("height", "passes"), [(0.15, True), (0.35, True), (0.6, False), (-0.3, True)])
def test_kerbs_are_stepped_and_walls_are_not(height: float, passes: bool):
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), direction=(1.0, 0.0, 0.0), walk_speed=2.0)
    run(table, stepped(height), 4.0)
    assert (table.location[0, 0] > 5.5) == passes
    assert table.location[0, 2] == pytest.approx(0.93 + (height if passes else 0.0), abs=1e-9)


def test_two_jumps_at_most():
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), grounded=True)
    table.jump[0] = True
    step(table, plane(), DT)
    assert table.velocity[0, 2] == pytest.approx(5.0 - 9.81 * DT)
    heights = []
    for _ in range(60):
        table.jump[0] = True
        step(table, plane(), DT)
        heights.append(table.location[0, 2])
        if table.grounded[0]:
            break
    assert 1.3 < max(heights) - 0.93 < 1.5
    assert table.grounded[0]
    assert table.jumps_left[0] == 2


def test_a_walker_slides_along_a_wall():
    table = ActorTable()
    put(table, WALKER, location=(28.0, 0.0, 0.93), direction=(1.0, 1.0, 0.0), walk_speed=1.0)
    contacts = run(table, plane(boxes=WALL), 4.0)
    assert table.location[0, 0] == pytest.approx(29.8 - 0.1877, abs=0.02)
    assert table.velocity[0, 1] == pytest.approx(1.0, abs=0.05)
    assert (contacts[-1].row_a[0], contacts[-1].box[0]) == (0, 0)


def test_walkers_do_not_walk_through_each_other():
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), direction=(1.0, 0.0, 0.0), walk_speed=1.5)
    put(table, WALKER, location=(4.0, 0.0, 0.93), direction=(-1.0, 0.0, 0.0), walk_speed=1.5)
    contacts = run(table, plane(), 4.0)
    assert table.location[1, 0] - table.location[0, 0] > 0.33
    assert len(contacts[-1]) == 1
