"""What scenarios see of one tick, in CARLA's frame; metres, seconds, m/s, radians."""

import math
from dataclasses import dataclass

import carla

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Tick:
    """The ego after a tick, and the control that its agent has just given.

    `time_s` since the route's start; `route_index` the row of the trace that the ego has passed last.
    """

    frame: int
    time_s: float
    location: Vector
    yaw: float
    speed: float
    speed_limit_kmh: float
    route_index: int
    control: carla.VehicleControl

    def distance_to(self, place: carla.Location) -> float:
        """Straight distance from the ego's origin (m)."""
        return math.dist(self.location, (place.x, place.y, place.z))
