"""The obstacle sensor's sweep and the collision test of a spawn."""

import numpy as np
import pytest
from physics_worlds import MKZ, PROP, WALKER, WALL, parked, plane, put

from carlet.actors.table import ActorTable
from carlet.physics import overlaps, sweep_sphere

AHEAD = (1.0, 0.0, 0.0)


def scene() -> ActorTable:
    table = ActorTable()
    parked(table)
    parked(table, location=(20.0, 0.0, 0.0))
    put(table, PROP, location=(12.0, 0.0, 0.0))
    put(table, WALKER, location=(8.0, 3.0, 0.93))
    put(table, PROP, location=(5.0, 0.0, 0.0), flat=True)
    return table


@pytest.mark.parametrize(
    ("origin", "direction", "length", "ignore", "dynamic", "expected"),
    [
        ((2.5, 0.0, 0.8), AHEAD, 20.0, [0], False, (2, -1, 12.0 - 0.5 - 0.5 - 2.5)),
        ((2.5, 0.0, 0.8), AHEAD, 20.0, [0], True, (1, -1, 20.0 - 0.0063 - 2.4462 - 0.5 - 2.5)),
        ((2.5, 0.0, 0.8), AHEAD, 5.0, [0], False, (-1, -1, 5.0)),
        ((2.5, 0.0, 0.8), AHEAD, 60.0, [0, 1, 2], False, (-1, 0, 30.0 - 0.2 - 0.5 - 2.5)),
        ((2.5, 0.0, 0.8), AHEAD, 60.0, [0, 1, 2], True, (-1, -1, 60.0)),
        ((8.0, 0.0, 0.8), (0.0, 2.0, 0.0), 5.0, [], False, (3, -1, 3.0 - 0.1877 - 0.5)),
        ((0.0, 0.0, 0.8), AHEAD, 5.0, [], False, (0, -1, 0.0)),
        ((2.5, 0.0, 5.0), AHEAD, 60.0, [0], False, (-1, -1, 60.0)),
    ],
)
def test_a_swept_sphere_meets(origin, direction, length, ignore, dynamic, expected):
    world = plane(boxes=WALL)
    row, box, way = sweep_sphere(scene(), world, origin, direction, length, 0.5, np.array(ignore, int), dynamic)
    assert (row, box) == expected[:2]
    assert way == pytest.approx(expected[2], abs=1e-3)


def test_a_sphere_rounds_corners():
    table = ActorTable()
    put(table, PROP, location=(5.0, 0.9, 0.0))
    _, _, way = sweep_sphere(table, plane(), (0.0, 0.0, 0.5), AHEAD, 10.0, 0.5, np.zeros(0, int), False)
    assert way == pytest.approx(5.0 - 0.5 - np.sqrt(0.5**2 - 0.4**2), abs=2e-3)


@pytest.mark.parametrize(
    ("x", "y", "z", "yaw", "expected"),
    [
        (0.0, 0.0, 0.3, 0.0, True),
        (4.5, 0.0, 0.3, 0.0, True),
        (4.92, 0.0, 0.3, 0.0, False),
        (0.0, 1.9, 0.3, 0.0, False),
        (0.0, 1.9, 0.3, 0.4, True),
        (0.0, 0.0, 1.6, 0.0, False),
        (29.0, 0.0, 0.3, 0.0, True),
        (29.0, 0.0, 4.0, 0.0, False),
        (-10.0, 0.0, 0.0, 0.0, False),
        (-10.0, 0.0, -0.1, 0.0, False),
        (-30.0, 0.0, 0.3, 0.0, False),
        (-20.0, 0.0, 0.3, 0.0, True),
    ],
)
def test_spawning_into_something(x: float, y: float, z: float, yaw: float, expected: bool):
    table = ActorTable()
    parked(table)
    put(table, PROP, location=(-30.0, 0.0, 0.0), flat=True)
    put(table, WALKER, location=(-20.0, 0.0, 0.93))
    pose = np.array([x, y, z, 0.0, yaw, 0.0])
    assert overlaps(table, plane(boxes=WALL), pose, MKZ["box_centre"], MKZ["box_extent"]) == expected


def test_an_empty_world_has_room():
    assert not overlaps(ActorTable(), plane(), np.zeros(6), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert sweep_sphere(ActorTable(), plane(), (0, 0, 0), AHEAD, 5.0, 0.5, np.zeros(0, int), False) == (-1, -1, 5.0)
