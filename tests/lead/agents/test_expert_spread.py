import carla
import numpy as np
import pytest
from town_lanes import beside

from lead.agents.expert.spread import spread_changes
from lead.agents.path import lane_jumps, make_path
from lead.geometry import pose_array


def three_lanes(town, side):
    """120 m of three lanes side by side, from the outermost on."""
    for lane in town.generate_waypoints(30.0):
        lanes = [lane]
        while len(lanes) < 120 and len(found := lanes[-1].next(1.0)) == 1 and found[0].road_id == lane.road_id:
            lanes.append(found[0])
        rows = [(one, two, beside(two, side)) for one in lanes if (two := beside(one, side)) is not None]
        if len(rows) == 120 and all(row[2] is not None for row in rows):
            return [[one.transform for one in column] for column in zip(*rows, strict=True)]
    raise AssertionError("the town has no such road")


@pytest.mark.parametrize("side", [-1, 1])
def test_changes_that_follow_each_other_at_once_get_room_before(town04, side):
    first, second, third = three_lanes(town04, side)
    plan = first[:90] + second[90:94] + third[94:]
    spread = spread_changes(town04, plan)
    (one, two), steps = lane_jumps(np.array([pose_array(pose) for pose in spread]))
    assert (np.sign(steps) == side).all()
    assert (one, two) == (53, 93)
    assert len(spread) == len(plan) and spread[-1] == plan[-1] and spread[0] == plan[0]
    assert spread[80].location.distance(second[80].location) < 0.5
    assert make_path(spread).turn_speed.min() > make_path(plan).turn_speed.min()


def test_a_single_change_and_changes_there_and_back_stay_where_they_are(town04):
    first, second, _ = three_lanes(town04, 1)
    single, there_and_back = first[:60] + second[60:], first[:40] + second[40:60] + first[60:]
    assert spread_changes(town04, single) == single
    assert spread_changes(town04, there_and_back) == there_and_back


def test_a_lane_that_only_begins_there_is_not_entered_before(town04):
    first, second, third = three_lanes(town04, 1)
    bent = [carla.Transform(pose.location + carla.Location(y=30.0), pose.rotation) for pose in first[:80]]
    plan = bent + first[80:90] + second[90:94] + third[94:]
    jumps, _ = lane_jumps(np.array([pose_array(pose) for pose in spread_changes(town04, plan)[80:]]))
    assert jumps[0] >= 0 and jumps[-1] == 13
