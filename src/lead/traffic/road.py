"""The cars in the lanes of the ego's direction: those ahead wait for it, those behind catch up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import carla

from lead.scenarios.lanes import back, forward, places_along, same_direction
from lead.traffic.cars import BRAKE, HAZARD, Cars
from lead.traffic.view import Spot, View

#: Lanes narrower than this have no sources; where they get narrower still, cars park.
NARROW_M = 2.25
_PARK_LOOK_M = 1.0
#: A car this far behind is lost (m).
_LOST_M = 150.0
#: How much cars may be turned (rad) to the route behind a junction if they drive along it.
_OFF_YAW = 1.0
_FOLLOW_GAIN = 0.3
_ROOM_SHARE = 0.6
_EVERY_TICKS = 4


@dataclass
class Road:
    """Cars by lane: 0 the ego's, 1 the one to its right, -1 to its left.

    `front`, `back`: how many cars of a lane are ahead and behind; `gap_m` between them; `extra_m` more room before the
    ego. `removed`: lanes that scenarios took out, what they were to the ego then and what they are now.
    """

    town: carla.Map
    front: int
    back: int
    gap_m: float
    extra_m: float = 0.0
    lanes: dict[int, list[int]] = field(default_factory=dict)
    removed: dict[int, int] = field(default_factory=dict)
    has_sources: bool = True
    is_entry_cleared: bool = False
    is_front_stopped: bool = False
    is_back_stopped: bool = False
    is_ego_held_up: bool = False
    _parked: set[int] = field(default_factory=set)
    _ego_lane: tuple[int, int, int] | None = None

    @property
    def cars(self) -> list[int]:
        """All cars of the road."""
        return [car for lane in self.lanes.values() for car in lane]

    def radii(self, view: View) -> tuple[float, float]:
        """Metres ahead of the ego up to which cars drive at the limit, and from which on they stand."""
        reach = 1.7 * view.tick.speed + self.extra_m
        return self.gap_m * self.front + reach, self.gap_m * (self.front + 1) + reach

    def start(self, cars: Cars, view: View) -> None:
        """Put the first cars ahead of the ego and behind it."""
        for offset, lane in self._open_lanes(view).items():
            self.lanes[offset] = self._fill(cars, view, lane, self.gap_m, 0.0)

    def step(self, cars: Cars, view: View) -> None:
        """Let cars come from behind, and those that are too many ahead or too far behind go."""
        for offset, lane in self.lanes.items():
            too_many = view.ahead(lane)[self.front :]
            cars.remove([*too_many, *(car for car in lane if view.along(car) < -_LOST_M)])
            self.lanes[offset] = [car for car in lane if car in cars]
        if not view.is_on_road:
            return
        self._follow_lane_changes(view)
        if view.count % _EVERY_TICKS:
            return
        for offset, lane in self._open_lanes(view).items():
            self._let_in(cars, view, lane, self.lanes.setdefault(offset, []))
        self._park_where_lanes_end(cars, view)

    def hand_over(self, gone: Sequence[int]) -> None:
        """These cars are somebody else's from now on."""
        if gone:
            self.lanes = {offset: [car for car in lane if car not in gone] for offset, lane in self.lanes.items()}

    def rebuild(self, cars: Cars, view: View, others: Iterable[int]) -> None:
        """The ego has left a junction: who is ahead in its lanes stays, of the road's cars and of `others`; the rest
        goes.
        """
        known, width = [*self.cars, *others], view.waypoint.lane_width if view.waypoint else 3.5
        self.lanes, self._ego_lane, self.is_entry_cleared = {}, None, False
        self.removed = {}
        open_lanes = self._open_lanes(view)
        for car in known:
            spot = view.spots.get(car)
            if spot is not None and spot.along > 0.0 and abs(spot.turn) < _OFF_YAW:
                self.lanes.setdefault(round((spot.right - view.ego_right) / width), []).append(car)
        for offset in [offset for offset in self.lanes if offset not in open_lanes]:
            del self.lanes[offset]
        kept = set(self.cars)
        cars.remove([car for car in known if car not in kept])

    def speeds(self, view: View) -> dict[int, float]:
        """Commanded speeds (km/h)."""
        limit = view.tick.speed_limit_kmh
        speeds: dict[int, float] = {}
        for lane in self.lanes.values():
            for car in view.ahead(lane):
                speeds[car] = self.ahead_share(view, car) * limit
            for rank, car in enumerate(view.behind(lane)):
                speeds[car] = self._behind_speed(view, car, rank, limit)
        return speeds | dict.fromkeys(self._parked & speeds.keys(), 0.0)

    def ahead_share(self, view: View, car: int) -> float:
        """Share of the limit at which a car ahead drives: it waits for the ego, if not that is held up."""
        near, far = self.radii(view)
        if self.is_ego_held_up and not self.is_front_stopped:
            return 1.0
        return 0.0 if self.is_front_stopped else min(max((far - view.apart(car)) / (far - near), 0.0), 1.0)

    # -- requests of scenarios

    def leave_space(self, cars: Cars, view: View, distance: float) -> None:
        """Move the cars ahead in the ego's lane on together, so that the nearest is `distance` away."""
        ahead = view.ahead(self.lanes.get(0, []))
        if view.is_on_road and ahead:
            move_on(cars, view, ahead, distance - view.along(ahead[0]), self.town)

    def remove_lane(self, cars: Cars, view: View, lane: carla.Waypoint) -> None:
        """Take a lane out, with its cars."""
        offset = self._offset_of(view, lane)
        if offset is not None:
            self.removed[offset] = offset
            cars.remove(self.lanes.pop(offset, []))

    def restore_lane(self, cars: Cars, view: View, asked: int) -> None:
        """Give a lane back, and fill it; `asked`: what it was to the ego when it was taken out."""
        offset = self.removed.pop(asked, None)
        lane = self._open_lanes(view).get(asked if offset is None else offset)
        if offset is not None and lane is not None:
            self.lanes[offset] = self._fill(cars, view, lane, self.gap_m + 2.0 * view.tick.speed, view.tick.speed)

    def clear_entry(self, cars: Cars, view: View) -> None:
        """Nobody is between the ego and the next junction, and who is behind stays there."""
        self.is_entry_cleared = True
        cars.remove([car for lane in self.lanes.values() for car in view.ahead(lane)])
        self.lanes = {offset: [car for car in lane if car in cars] for offset, lane in self.lanes.items()}

    def stop_front(self, cars: Cars, view: View, stop: bool) -> None:
        """Let the cars ahead brake to a stand, with their brake lamps on; or go on."""
        self.is_front_stopped = stop
        cars.light(view.ahead(self.cars), BRAKE if stop else 0)

    # -- building blocks

    def _behind_speed(self, view: View, car: int, rank: int, limit: float) -> float:
        near, far = self.radii(view)
        apart = view.apart(car)
        if self.is_back_stopped:
            return 0.0
        if self.is_entry_cleared:
            return 3.6 * (view.tick.speed + _FOLLOW_GAIN * (apart - (rank + 1) * self.gap_m))
        return min(1.0 + apart / (far - near), 2.0) * limit

    def _let_in(self, cars: Cars, view: View, lane: carla.Waypoint, present: list[int]) -> None:
        """One car from behind, if the lane has too few: well behind the ego and behind the last car."""
        if not self.has_sources or self.is_entry_cleared or len(present) >= self.front + self.back:
            return
        last = min((view.along(car) for car in present if car in view.spots), default=0.0)
        source = back(lane, max(2.0 * self.gap_m, self.gap_m - last), stop_at_junction=True)
        place = _xyz(source)
        apart = min((math.dist(view.spots[car].location, place) for car in present if car in view.spots), default=99.0)
        known = all(car in view.spots for car in present)
        if known and apart >= self.gap_m - 1.0 and math.dist(view.tick.location, place) >= self.gap_m:
            speeds = [view.spots[car].speed for car in present if view.spots[car].along == last]
            present += cars.spawn([source], min([view.tick.speed, *speeds]))

    def _fill(self, cars: Cars, view: View, lane: carla.Waypoint, gap: float, speed: float) -> list[int]:
        ahead = [forward(lane, gap * (i + 1), stop_at_junction=True) for i in range(self.front)]
        behind = [back(lane, gap * (i + 1), stop_at_junction=True) for i in range(self.back)]
        return cars.spawn(_distinct([*ahead[::-1], *behind], view.tick.location, _ROOM_SHARE * self.gap_m), speed)

    def _open_lanes(self, view: View) -> dict[int, carla.Waypoint]:
        """The lanes that have traffic, beside the ego."""
        if view.waypoint is None or view.waypoint.is_junction:
            return {}
        lanes = same_direction(view.waypoint)
        own = next(i for i, lane in enumerate(lanes) if lane.lane_id == view.waypoint.lane_id)
        taken = set(self.removed.values())
        wide = {i - own: lane for i, lane in enumerate(lanes) if lane.lane_width >= NARROW_M}
        return {offset: lane for offset, lane in wide.items() if offset not in taken}

    def _follow_lane_changes(self, view: View) -> None:
        """Lanes are numbered from the ego's: when it changes, all do."""
        assert view.waypoint is not None
        now = (view.waypoint.road_id, view.waypoint.section_id, view.waypoint.lane_id)
        before, self._ego_lane = self._ego_lane, now
        if before is None or before[:2] != now[:2] or before[2] == now[2] or before[2] * now[2] < 0:
            return
        shift = abs(now[2]) - abs(before[2])
        self.lanes = {offset - shift: lane for offset, lane in self.lanes.items()}
        self.removed = {asked: offset - shift for asked, offset in self.removed.items()}

    def _offset_of(self, view: View, lane: carla.Waypoint) -> int | None:
        own = view.waypoint
        if own is None or (lane.lane_id * own.lane_id <= 0 and lane.road_id == own.road_id):
            return None
        return abs(lane.lane_id) - abs(own.lane_id)

    def _park_where_lanes_end(self, cars: Cars, view: View) -> None:
        self._parked &= set(cars.ids)
        for car in set(self.cars) & view.spots.keys() - self._parked:
            lane = lane_at(self.town, view.spots[car])
            after = lane.next(_PARK_LOOK_M) if lane is not None and lane.lane_width < NARROW_M else []
            if lane is not None and after and after[0].lane_width < lane.lane_width:
                self._parked.add(car)
                cars.light([car], HAZARD)


def move_on(cars: Cars, view: View, moved: Sequence[int], metres: float, town: carla.Map) -> None:
    """Move cars down their lanes; those that would come into a junction, or off the lane's end, are removed."""
    if metres <= 0.0:
        return
    for car in sorted(moved, key=view.along, reverse=True):
        lane = lane_at(town, view.spots[car])
        places = places_along(lane, metres, stop_at_junction=True) if lane is not None else []
        if len(places) > metres:
            cars.teleport(car, places[-1])
        else:
            cars.remove([car])


def lane_at(town: carla.Map, spot: Spot) -> carla.Waypoint | None:
    """The driving lane that a car is on."""
    return town.get_waypoint(carla.Location(*spot.location.tolist()))


def _distinct(places: Sequence[carla.Waypoint], ego: Sequence[float], apart: float) -> list[carla.Waypoint]:
    """Places that keep a distance from each other and from the ego."""
    kept: list[carla.Waypoint] = []
    taken = [tuple(ego)]
    for place in places:
        if min(math.dist(_xyz(place), other) for other in taken) >= apart:
            kept.append(place)
            taken.append(_xyz(place))
    return kept


def _xyz(waypoint: carla.Waypoint) -> tuple[float, float, float]:
    place = waypoint.transform.location
    return place.x, place.y, place.z
