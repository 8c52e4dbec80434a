"""How far actors rolled or walked."""

import numpy as np
import pytest
from physics_worlds import DT, MKZ, WALKER, parked, plane, put, run

from carlet.actors.table import Activity, ActorTable
from carlet.physics import step


@pytest.mark.parametrize("speed", [8.0, -3.0])
def test_vehicles_roll_along_their_heading(speed: float):
    table = ActorTable()
    heading = np.array([np.cos(2.0), np.sin(2.0), 0.0])
    row = parked(table, speed=speed, location=(0.0, 0.0, 0.0), rotation=(0.0, 2.0, 0.0))
    run(table, plane(), 1.0)
    way = float(table.location[row] @ heading)
    assert np.sign(table.travelled[row]) == np.sign(speed)
    assert table.travelled[row] == pytest.approx(way, abs=0.1 * abs(speed))


def test_walkers_walk_whichever_way_they_face():
    table = ActorTable()
    put(table, WALKER, location=(0.0, 0.0, 0.93), direction=(-0.6, 0.8, 0.0), walk_speed=2.0)
    run(table, plane(), 2.0)
    assert table.travelled[0] == pytest.approx(np.hypot(*table.location[0, :2]), rel=0.02)


def test_teleports_sleep_and_rides_are_no_way():
    table = ActorTable()
    stands = parked(table)
    sleeps = put(table, MKZ, location=(30.0, 0.0, 0.0), velocity=(5.0, 0.0, 0.0), activity=Activity.DORMANT)
    rides = put(table, WALKER, location=(0.0, 0.0, 2.0), velocity=(5.0, 0.0, 0.0), parent=int(table.id[stands]))
    step(table, plane(), DT)
    table.location[stands, :2] += 50.0
    step(table, plane(), DT)
    assert table.travelled[[stands, sleeps, rides]] == pytest.approx(0.0, abs=1e-3)
