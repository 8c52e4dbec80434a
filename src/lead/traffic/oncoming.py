"""The cars that come towards the ego on the other side of its road."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import carla

from lead.scenarios.lanes import flat_distance, opposite_lanes
from lead.traffic.cars import Cars
from lead.traffic.view import View

_NEAREST_M = 20.0
#: Share of the speed limit at which oncoming cars appear.
_SHARE = 0.75
_STAND_M, _GONE_M = 30.0, 20.0


@dataclass
class Oncoming:
    """Oncoming cars: `gap_m` between them; they appear `reach_m` ahead of the ego and vanish that far behind it."""

    gap_m: float
    reach_m: float
    is_active: bool = True
    cars: list[int] = field(default_factory=list)

    def step(self, cars: Cars, view: View, source: carla.Waypoint | None) -> None:
        """Let cars come in the lanes opposite `source`, the route's lane far ahead, and those behind the ego go."""
        cars.remove([car for car in self.cars if view.along(car) < 0.0 and view.apart(car) > self.reach_m])
        self.cars = [car for car in self.cars if car in cars]
        if not self.is_active or source is None or source.is_junction:
            return
        for lane in opposite_lanes(source):
            place = lane.transform.location
            others = [view.spots[car].location for car in self.cars if car in view.spots]
            apart = min((math.hypot(x - place.x, y - place.y) for x, y, _ in others), default=math.inf)
            is_known = all(car in view.spots for car in self.cars)
            if is_known and apart > self.gap_m and view.tick.distance_to(place) > _NEAREST_M:
                self.cars += cars.spawn([lane], _SHARE * view.tick.speed_limit_kmh / 3.6, obeys=False)

    def adopt(self, cars: Iterable[int]) -> None:
        """Take cars in that came another way."""
        self.cars += cars

    def set_active(self, cars: Cars, active: bool) -> None:
        """Stop the oncoming traffic, and remove it, or start it."""
        self.is_active = active
        if not active:
            cars.remove(self.cars)
            self.cars = []

    def clear(self, cars: Cars, view: View, crossing: carla.Waypoint) -> None:
        """Nobody comes near those who cross: who is very near is gone, who is near stands at once."""
        beside = crossing.get_left_lane() or crossing
        place = beside.transform.location
        apart = {
            car: flat_distance(carla.Location(*view.spots[car].location.tolist()), place)
            for car in self.cars
            if car in view.spots
        }
        cars.remove([car for car, metres in apart.items() if metres < _GONE_M])
        cars.stand([car for car, metres in apart.items() if _GONE_M <= metres < _STAND_M])
        self.cars = [car for car in self.cars if car in cars]

    def speeds(self, view: View) -> dict[int, float]:
        """Commanded speeds (km/h): everybody drives at the limit."""
        return dict.fromkeys(self.cars, view.tick.speed_limit_kmh)
