"""Plans whose lane changes follow each other at once, with the earlier ones made earlier."""

from collections.abc import Sequence

import carla
import numpy as np

from lead.agents.path import lane_jumps
from lead.geometry import pose_array, wrap_angle

_APART_ROWS, _LEAST_APART_ROWS = 40, 20  # of plan, 1 m each, between two changes
_STRAIGHT = 0.5  # rad that the road may bend meanwhile
_ASIDE_M = 1.0


def spread_changes(town: carla.Map, plan: Sequence[carla.Transform]) -> list[carla.Transform]:
    """The plan, about 1 m a row, with room for each of several lane changes to one side as far as the lanes reach back.

    A planner changes all lanes at the beginning of a road, one right after the other; in traffic each needs a gap.
    """
    moved = list(plan)
    rows, steps = lane_jumps(np.array([pose_array(pose) for pose in plan]))
    side = np.sign(steps)
    wanted = rows.copy()
    for n in reversed(range(len(rows) - 1)):
        if side[n] == side[n + 1]:
            wanted[n] = min(rows[n], wanted[n + 1] - _APART_ROWS)
    before = 0
    for row, aim, to in zip(rows.tolist(), wanted.tolist(), side.tolist(), strict=True):
        before = _change_earlier(town, moved, row, max(aim, before), to) + _LEAST_APART_ROWS
    return moved


def _change_earlier(town: carla.Map, moved: list[carla.Transform], row: int, wanted: int, side: float) -> int:
    """Move rows of the plan to the lane beside, from the last before a change back to the wanted one, as far as there
    is such a lane; the last row that is still before the change.
    """
    yaw_deg = moved[row].rotation.yaw
    while row > wanted:
        lane = town.get_waypoint(moved[row].location)
        beside = (lane.get_left_lane() if side < 0.0 else lane.get_right_lane()) if lane is not None else None
        if lane is None or beside is None or not _continues(lane, beside, moved[row + 1], yaw_deg):
            break
        moved[row] = beside.transform
        row -= 1
    return row


def _continues(lane: carla.Waypoint, beside: carla.Waypoint, following: carla.Transform, yaw_deg: float) -> bool:
    """Whether a lane of one's own direction leads on to where the plan goes on."""
    bend = abs(float(wrap_angle(np.radians(lane.transform.rotation.yaw - yaw_deg))))
    is_lane = beside.lane_type == carla.LaneType.Driving and beside.lane_id * lane.lane_id > 0
    right = beside.transform.get_right_vector()
    aside = abs(right.dot(following.location - beside.transform.location))
    return is_lane and bend < _STRAIGHT and aside < _ASIDE_M
