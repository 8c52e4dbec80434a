"""What a privileged driver decided in a tick and why, by the names that LEAD's metas have for it."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DecisionLabels:
    """The decision of one tick; m, m/s. What a driver does not know stays at its default.

    An agent that records more than its speed gives this in its attribute `labels`. `route` (n, 2): the way it drives
    from where it is on, in the world, when that is not the plan.
    """

    target_speed: float = 0.0
    target_speed_limit: float = math.inf
    second_highest_speed: float = 0.0
    second_highest_speed_limit: float = math.inf
    changed_route: bool = False
    speed_reduced_by_obj_type: str | None = None
    speed_reduced_by_obj_id: int | None = None
    speed_reduced_by_obj_distance: float | None = None
    vehicle_hazard: bool = False
    vehicle_affecting_id: int | None = None
    light_hazard: bool = False
    walker_hazard: bool = False
    walker_affecting_id: int | None = None
    stop_sign_hazard: bool = False
    stop_sign_close: bool = False
    walker_close: bool = False
    walker_close_id: int | None = None
    emergency_brake_for_special_vehicle: bool = False
    does_emergency_brake_for_pedestrians: bool = False
    slower_bad_visibility: bool = False
    slower_clutterness: bool = False
    slower_occluded_junction: bool = False
    rear_danger_8: bool = False
    rear_danger_16: bool = False
    brake_cutin: bool = False
    construction_obstacle_two_ways_stuck: bool = False
    accident_two_ways_stuck: bool = False
    parked_obstacle_two_ways_stuck: bool = False
    vehicle_opens_door_two_ways_stuck: bool = False
    num_dangerous_adversarial: int = 0
    num_safe_adversarial: int = 0
    num_ignored_adversarial: int = 0
    rear_adversarial_id: int = -1
    distance_to_intersection_index_ego: float = math.inf
    route: NDArray[np.float64] | None = field(default=None, compare=False)

    def fields(self) -> dict[str, Any]:
        """The fields of a meta; the route is left out."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "route"}
