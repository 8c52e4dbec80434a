"""Which of a meta's single values a sample carries, and as what."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lead.data.errors import DataError

NEEDED = ("speed", "target_speed", "brake")
"""Without these there is no sample."""
FLOATS = (
    "speed", "target_speed", "target_speed_limit", "speed_limit", "second_highest_speed", "second_highest_speed_limit",
    "last_encountered_speed_limit_sign", "theta", "privileged_yaw", "accel_x", "accel_y", "accel_z",
    "angular_velocity_x", "angular_velocity_y", "angular_velocity_z", "privileged_acceleration",
    "privileged_rotation_speed", "steer", "throttle", "route_curvature", "route_left_length", "ego_lane_width",
    "target_lane_width", "distance_to_next_junction", "dist_to_junction", "distance_to_intersection_index_ego",
    "signed_dist_to_lane_change", "speed_reduced_by_obj_distance", "dist_to_construction_site",
    "dist_to_accident_site", "dist_to_parked_obstacle", "dist_to_vehicle_opens_door", "dist_to_cutin_vehicle",
    "dist_to_pedestrian", "dist_to_biker",
)  # fmt: skip
"""Missing ones and None become infinity."""
FLAGS = (
    "brake", "vehicle_hazard", "light_hazard", "walker_hazard", "stop_sign_hazard", "stop_sign_close", "walker_close",
    "europe_traffic_light", "over_head_traffic_light", "emergency_brake_for_special_vehicle",
    "does_emergency_brake_for_pedestrians", "slower_bad_visibility", "slower_clutterness", "slower_occluded_junction",
    "rear_danger_8", "rear_danger_16", "brake_cutin", "construction_obstacle_two_ways_stuck",
    "accident_two_ways_stuck", "parked_obstacle_two_ways_stuck", "vehicle_opens_door_two_ways_stuck", "changed_route",
    "is_junction", "is_intersection", "vehicle_opened_door",
)  # fmt: skip
"""Missing ones are false."""
TEXTS = (
    "town", "scenario", "current_active_scenario_type", "previous_active_scenario_type", "weather_setting",
    "traffic_light_state", "lane_type_str", "lane_change_str", "speed_reduced_by_obj_type",
)  # fmt: skip
"""Missing ones are `NA`."""


def meta_fields(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The values (float32, bool, text) of a meta. DataError, naming it, when a needed one is missing."""
    for name in NEEDED:
        if meta.get(name) is None:
            raise DataError(f"its meta has no {name!r}")
    floats = {name: np.float32(np.inf if meta.get(name) is None else meta[name]) for name in FLOATS}
    flags = {name: bool(meta.get(name)) for name in FLAGS}
    texts = {name: "NA" if meta.get(name) is None else str(meta[name]) for name in TEXTS}
    return floats | flags | texts
