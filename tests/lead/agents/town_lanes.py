"""The lanes beside a lane, for tests of routes."""

import carla


def beside(lane: carla.Waypoint, side: float) -> carla.Waypoint | None:
    """The lane of the same direction at the left (`side` negative) or right; None where there is none."""
    other = lane.get_right_lane() if side > 0 else lane.get_left_lane()
    if other is None or other.lane_type != carla.LaneType.Driving or other.lane_id * lane.lane_id < 0:
        return None
    return other
