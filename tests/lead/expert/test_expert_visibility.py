from dataclasses import replace

import numpy as np
import pytest
from staging import AT, Kind, LightState, actor, plan_for, road, scene

from lead.expert.scene import SceneError
from lead.expert.visibility import visible_actors


def wall(x, y, half_length, half_width, bottom=0.0, top=10.0, yaw=0.0):
    return (x, y, yaw, half_length, half_width, bottom, top)


def seen(made, *walls):
    return visible_actors(replace(made, walls=np.array(walls).reshape(-1, 7))).tolist()


BEYOND = scene(actor(30.0, 20.0), actor(30.0, -20.0))


def test_a_building_hides_who_is_behind_it():
    assert seen(BEYOND) == [True, True]
    assert seen(BEYOND, wall(15.0, 12.0, 6.0, 5.0)) == [False, True]
    assert seen(BEYOND, wall(15.0, 12.0, 6.0, 5.0, yaw=0.7), wall(15.0, -12.0, 6.0, 5.0)) == [False, False]


def test_a_low_wall_and_a_bridge_above_hide_nobody():
    assert seen(BEYOND, wall(15.0, 12.0, 6.0, 5.0, top=0.4)) == [True, True]
    assert seen(BEYOND, wall(15.0, 12.0, 6.0, 5.0, bottom=4.0)) == [True, True]


def test_boxes_around_the_ego_or_around_others_hide_nobody():
    assert seen(BEYOND, wall(0.0, 0.0, 8.0, 8.0)) == [True, True]
    assert seen(BEYOND, wall(30.0, 20.0, 6.0, 6.0)) == [True, True]


def test_a_parked_car_of_the_town_hides_a_child_but_no_van():
    behind = scene(actor(20.0, 0.0, kind=Kind.WALKER, extent=(0.2, 0.2, 0.6)), actor(20.0, 0.5, extent=(3.0, 1.2, 1.6)))
    assert visible_actors(replace(behind, actors=behind.actors.pick(np.array([0])))).tolist() == [True]
    parked = np.array([wall(17.0, 0.0, 1.0, 2.4, top=1.6)])
    assert visible_actors(replace(behind, actors=behind.actors.pick(np.array([0])), walls=parked)).tolist() == [False]
    assert visible_actors(replace(behind, actors=behind.actors.pick(np.array([1])), walls=parked)).tolist() == [True]


def test_walls_of_another_shape_are_refused():
    with pytest.raises(SceneError, match=r"walls must have shape \(n, 7\)"):
        replace(BEYOND, walls=np.zeros((2, 5)))


JUNCTION = road(junction=(12.0, 30.0))
FROM_THE_SIDES = np.array([(AT + 12.0, 21.0, y, 0.0) for y in (-22.0, -16.0, -10.0, 10.0, 16.0, 22.0)])
CORNERS = np.array([wall(2.0, 11.0, 7.0, 6.0), wall(2.0, -11.0, 7.0, 6.0)])


def at_the_junction(**more):
    return replace(scene(route=JUNCTION, **more), approaches=FROM_THE_SIDES)


def test_it_creeps_where_crossing_traffic_cannot_be_seen():
    blind = replace(at_the_junction(speed=8.0), walls=CORNERS)
    decision = plan_for(blind).decision
    assert decision.reason == "blind junction"
    assert 3.0 < decision.speed < 8.0
    assert plan_for(at_the_junction(speed=8.0)).decision.reason == "free"
    assert plan_for(blind, uncertainty=False).decision.reason == "free"


def test_it_goes_on_creeping_until_it_sees():
    at_the_edge = replace(at_the_junction(speed=3.0), walls=CORNERS, approaches=FROM_THE_SIDES - (9.0, 9.0, 0.0, 0.0))
    assert plan_for(at_the_edge).decision.speed == pytest.approx(3.0, abs=0.4)


def test_at_green_others_have_to_wait():
    green = at_the_junction(speed=8.0, lights=[(11.0, LightState.GREEN)])
    assert plan_for(replace(green, walls=CORNERS)).decision.reason == "free"
