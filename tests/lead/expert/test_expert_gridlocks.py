"""Cars that wait for each other in a junction: closed loop on hand-made scenes, the ego on rails along its way."""

from dataclasses import replace

import numpy as np
import pytest
from staging import AT, LightState, Neighbour, actor, plan_for, road, scene

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.geometry import footprint, footprints_overlap

DT = 0.05
JUNCTION = road(left=Neighbour.ONCOMING, junction=(-6.0, 20.0))
WAITED = Memory(slow_s=60.0, standing_s=60.0)


def across(x, y=-1.0, **more):
    """A car that has long stood across the lane, on its way to the left and back."""
    return actor(x, y, yaw=np.radians(-116.0), standing_s=50.0, id=1, **more)


def go(cars, seconds=20.0):
    """Drive: the least and the last place of the ego along the lane, how far to the right it came, and whether it
    touched anybody.
    """
    memory, place, s, least, widest = WAITED, np.zeros(2), AT, AT, 0.0
    for tick in range(int(seconds / DT)):
        made = scene(*cars, speed=0.0, route=JUNCTION, time_s=100.0 + tick * DT)
        made = replace(made, ego=replace(made.ego, position=np.array([*place, 0.0]), s=s))
        plan, memory = drive(made, memory, ExpertConfig())
        s += float(np.clip(plan.decision.speed, -1.5, 1.2)) * DT
        path = plan.path
        place = np.array([s - AT, np.interp(s - AT, path[:, 0], path[:, 1])])
        least, widest = min(least, s), max(widest, float(place[1]))
        yaw = float(np.arctan2(path[5, 1] - path[0, 1], path[5, 0] - path[0, 0]))
        ego = footprint(tuple(place), yaw, (2.45, 1.06))
        if any(footprints_overlap(ego, footprint((car["x"], car["y"]), car["yaw"], (2.3, 1.0))) for car in cars):
            return least - AT, s - AT, widest, True
    return least - AT, s - AT, widest, False


def test_it_drives_round_who_stands_across_its_way_on_the_side_that_is_open():
    least, last, widest, touched = go([across(10.5)])
    assert not touched
    assert least == 0.0 and last > 15.0
    assert 2.0 < widest < 4.5


def test_where_it_stands_too_close_it_backs_off_first():
    least, last, _, touched = go([across(6.0)])
    assert not touched
    assert -4.5 < least < -2.0
    assert last > 12.0


@pytest.mark.parametrize("behind", [-6.5, -8.2])
def test_it_does_not_back_off_into_who_stands_behind_it(behind):
    least, _, _, touched = go([across(5.5), actor(behind, 0.0, standing_s=60.0)])
    assert not touched
    assert least - 2.45 > behind + 2.3 + 0.9


@pytest.mark.parametrize(
    ("memory", "lights", "route"),
    [
        (Memory(slow_s=10.0, standing_s=10.0), (), JUNCTION),
        (WAITED, [(30.0, LightState.RED)], JUNCTION),
        (WAITED, (), road(left=Neighbour.ONCOMING)),
    ],
)
def test_otherwise_it_waits(memory, lights, route):
    made = scene(across(7.0), speed=0.0, lights=lights, route=route, time_s=100.0)
    assert plan_for(made, memory).decision.speed >= 0.0
    assert not plan_for(made, memory).situation.memory.shifts
