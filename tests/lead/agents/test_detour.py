"""What a student does that has long stood behind what stands in its lane: back for room, and round it."""

import numpy as np
import pytest
from clouds_ahead import ground, thing

from lead.agents.sensor.collision_avoidance import find_obstacles
from lead.agents.sensor.detour import BACK, ROUND, WAIT, Detour, go_round

AHEAD = np.column_stack([np.arange(2.5, 12.5), np.zeros(10)])
ROAD = ground()


def scene(*things):
    return np.concatenate([ROAD, *things])


def standing(cloud, ticks=3):
    """The way and the state, ticks after the car has waited long enough."""
    way, state = go_round(Detour(), True, AHEAD, 0.0, cloud)
    for _ in range(ticks):
        way, state = go_round(state, False, AHEAD, 0.0, cloud)
    return way, state


def test_it_stays_behind_until_it_has_waited():
    way, state = go_round(Detour(), False, AHEAD, 0.0, scene(thing(11.0)))
    assert way is AHEAD and state.move == ""


def test_it_backs_off_and_goes_round_on_the_side_that_is_free():
    assert standing(scene(thing(4.0)))[1].move == BACK
    way, state = standing(scene(thing(11.0, y=0.4)))
    assert state.move == ROUND and way[-1, 1] < -1.2
    way, state = standing(scene(thing(11.0, y=-1.2)))
    assert state.move == ROUND and way[-1, 1] > 0.9
    assert np.isinf(find_obstacles(way, scene(thing(11.0, y=-1.2))).gap(1.1))


@pytest.mark.parametrize("why, cloud", [
    ("somebody comes", scene(thing(11.0), thing(40.0, y=-2.5), thing(40.0, y=2.5))),
    ("somebody follows beside", scene(thing(11.0), thing(-9.0, y=-2.5), thing(-9.0, y=2.5))),
    ("a wall on both sides", scene(thing(11.0, width=12.0))),
    ("no room to back off nor to turn out", scene(thing(3.5), thing(-4.5))),
])  # fmt: skip
def test_it_waits_while(why, cloud):
    assert standing(cloud)[1].move == WAIT, why


def test_what_stands_far_ahead_does_not_keep_it_for_ever():
    fence = scene(thing(11.0), thing(30.0, width=14.0))
    assert standing(fence, 200)[1].move == WAIT and standing(fence, 400)[1].move == ROUND


def test_it_drives_as_planned_once_the_way_is_free():
    assert standing(scene())[1].move == ""
    state = standing(scene(thing(11.0)))[1]
    for _ in range(80):
        way, state = go_round(state, False, AHEAD, 3.0, scene())
    assert way is AHEAD and state.move == ""


def test_it_does_not_turn_back_into_what_it_passes():
    car = np.concatenate([thing(x, y=1.5, width=0.1) for x in np.arange(-3.0, 3.0, 0.2)])
    state = standing(scene(thing(11.0)))[1]
    back = AHEAD + np.column_stack([np.zeros(10), np.linspace(0.0, 3.0, 10)])
    assert go_round(state, False, back, 3.0, scene(car))[0][:, 1].max() <= 0.0
    assert go_round(state, False, back, 3.0, scene())[0][:, 1].max() == 3.0
