"""Target points along a plan."""

import numpy as np
import pytest

from lead.navigation.targets import TargetPlanner, count_passed

PLAN = np.array([[0, 0, 0], [20, 0, 0], [40, 0, 0], [46, 3, 0], [48, 8, 0], [48, 60, 0]], np.float64)
COMMANDS = [4, 4, 1, 4, 4, 4]


@pytest.mark.parametrize(
    ("places", "first", "commands"),
    [
        ([(0, 0)], 0, [4, 4]),
        ([(0, 0), (14.9, 0)], 0, [4, 4]),
        ([(0, 0), (15.1, 0)], 1, [4, 1]),
        ([(15.1, 0), (36, 0)], 2, [1, 4]),
        ([(15.1, 0), (36, 0), (44, 2)], 3, [4, 4]),
        ([(15.1, 0), (36, 0), (44, 2), (47, 5)], 4, [4, 4]),
        ([(15.1, 0), (36, 0), (44, 2), (47, 5), (48, 20)], 4, [4, 4]),
    ],
)
def test_points_are_dropped_when_the_next_is_near(places, first, commands):
    planner = TargetPlanner(PLAN, COMMANDS, 5.0)
    for place in places:
        planner.step(*place)
    fields = dict(planner.fields("_", "_5.0"))
    assert fields["next_target_points_5.0"][0] == PLAN[first].tolist()
    assert fields["next_commands_5.0"][:2] == commands
    assert len(fields["previous_target_points_5.0"]) == first


def test_points_that_were_left_behind_are_passed():
    points = np.array([[0.0, 0.0, 0.0], [50.0, 0.0, 0.0], [100.0, 0.0, 0.0], [110.0, 10.0, 0.0]])
    # Before the first, on the way, and past one at a lane's distance; the earlier step counts at a corner.
    assert [count_passed(points, x, y) for x, y in ((-5, 0), (30, 4), (49, 0), (60, 4), (100.5, 0), (120, 25))] == [
        0, 0, 0, 1, 1, 2,
    ]  # fmt: skip
    assert count_passed(points[:2], 500.0, 0.0) == 0
    planner = TargetPlanner(points, [4, 4, 4, 4], 3.25)
    for x in range(0, 80):
        planner.step(float(x), 5.0)
        planner.leave_passed(float(x), 5.0)
    assert planner.ahead[0][0].tolist() == [50.0, 0.0, 0.0]
