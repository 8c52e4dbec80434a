import numpy as np
import pytest
from town_lanes import beside

from lead.agents.expert.road import read_route
from lead.agents.path import make_path
from lead.expert.scene import Neighbour


def follow(lane, metres):
    lanes = [lane]
    while len(lanes) < metres and lanes[-1].next(1.0):
        lanes.append(lanes[-1].next(1.0)[0])
    return lanes


def lane_change(town, side):
    """30 m of a lane of a straight road, then 40 m of its neighbour."""
    for lane in town.generate_waypoints(40.0):
        there = follow(lane, 31)
        other = beside(there[-1], side)
        sections = {(one.road_id, one.section_id, one.lane_id) for one in there}
        if len(sections) == 1 and other is not None and not lane.is_junction:
            rest = follow(other, 40)
            if len({(one.road_id, one.section_id) for one in rest}) == 1:
                return there + rest
    raise AssertionError("the town has no such road")


@pytest.mark.parametrize("side", [-1, 1])
def test_the_route_tells_how_many_lanes_to_the_right_it_has_changed(town04, side):
    path = make_path([lane.transform for lane in lane_change(town04, side)])
    table = read_route(town04, path)
    assert table.lane[:20].tolist() == [0] * 20
    assert set(table.lane[90:120].tolist()) == {side}
    passed = table.right if side < 0 else table.left
    assert set(passed[90:120].tolist()) == {int(Neighbour.SAME)}
    assert np.isin(np.diff(table.lane), [0, side]).all()
