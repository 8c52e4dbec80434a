"""The background activity of the leaderboard: which cars there are about the ego, and how fast they drive.

On the road every lane of the ego's direction has cars ahead, which wait for it, and behind, which catch up; cars come
towards it on the other side. Before a junction, cars enter from the other roads. Scenarios change all that by requests.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import carla
import numpy as np

from lead.routes import Trace
from lead.scenarios.lanes import back, forward, opposite_lanes, same_direction
from lead.scenarios.road_users import Lookout
from lead.scenarios.tick import Tick
from lead.traffic.cars import Cars
from lead.traffic.crossing import Crossing, next_crossing
from lead.traffic.lanes import Lane, along_route

_NARROW_M = 2.25
#: Share of the speed limit at which oncoming cars appear.
_OPPOSITE_SHARE = 0.75


@dataclass(frozen=True)
class BackgroundConfig:
    """How much traffic there is; the defaults are the leaderboard's."""

    present: bool = True
    """Whether there is any."""
    front_vehicles: int = 2
    """Cars ahead of the ego in each lane."""
    back_vehicles: int = 2
    """Cars behind the ego in each lane."""
    gap_m: float = 15.0
    """Distance between cars that appear one behind the other."""
    opposite_gap_m: float = 40.0
    """Distance between oncoming cars."""
    opposite_reach_m: float = 80.0
    """How far ahead oncoming cars appear, and behind the ego vanish."""
    junction_gap_m: float = 15.0
    """Distance between cars that enter a junction."""
    junction_source_m: float = 40.0
    """How far before a junction its cars appear."""
    junction_share: float = 0.8
    """Share of the roads into a junction that have traffic."""
    junction_most: int = 6
    """Cars of one road into a junction at a time."""

    def __post_init__(self):
        if min(self.front_vehicles, self.back_vehicles, self.junction_most) < 0 or not 0 <= self.junction_share <= 1:
            raise ValueError("background traffic needs counts of at least 0 and a share from 0 to 1")
        if min(self.gap_m, self.opposite_gap_m, self.opposite_reach_m, self.junction_gap_m) <= 0.0:
            raise ValueError("background traffic needs distances above 0")


class BackgroundActivity:
    """The background of one drive; see `lead.scenarios.traffic.TrafficRequests` for what may be asked of it."""

    def __init__(
        self,
        client: carla.Client,
        world: carla.World,
        manager: carla.TrafficManager,
        trace: Trace,
        lookout: Lookout,
        rng: np.random.Generator,
        config: BackgroundConfig = BackgroundConfig(),
    ):
        self._map, self._trace, self._rng, self._config = world.get_map(), trace, rng, config
        self._cars = Cars(client, world, manager, lookout, rng)
        self._front, self._back, self._gap = config.front_vehicles, config.back_vehicles, config.gap_m
        self._opposite_gap, self._opposite_reach = config.opposite_gap_m, config.opposite_reach_m
        self._extra, self._max_kmh = 0.0, math.inf
        self._lanes: dict[int, Lane] = {}
        self._removed: set[int] = set()
        self._opposite: list[int] = []
        self._opposite_active, self._sources_active = True, True
        self._front_stopped, self._back_stopped = False, False
        self._crossing: Crossing | None = None
        self._passed_junctions: set[int] = set()
        self._ego_lane: tuple[int, int, int] | None = None
        self._tick: Tick | None = None

    @property
    def ids(self) -> list[int]:
        """All cars of the background."""
        return self._cars.ids

    @contextmanager
    def running(self, tick: Tick) -> Iterator["BackgroundActivity"]:
        """Put the first cars about the ego, and remove all when the context ends."""
        try:
            self._tick = tick
            if self._config.present:
                self._start_road(tick)
            yield self
        finally:
            self._cars.remove(self._cars.ids)

    def step(self, tick: Tick) -> None:
        """Let cars come and go, and tell them how fast to drive."""
        self._tick = tick
        if not self._config.present:
            return
        self._cars.forget_dead()
        self._update_lanes(tick)
        self._update_opposite(tick)
        self._update_crossing(tick)
        self._cars.command(self._speeds(tick))

    # -- requests of scenarios

    def leave_space(self, distance: float) -> None:
        """Push the cars ahead in the ego's lane on until `distance` in front of the ego is free."""
        tick, lane = self._now(), self._lanes.get(0)
        waypoint = self._waypoint(tick)
        if lane is None or waypoint is None or waypoint.is_junction:
            return
        ahead = [car for car in lane.ahead(self._along(tick)) if car in self._cars.ids]
        place = distance
        for car in ahead:
            if self._along(tick).get(car, math.inf) >= place:
                break
            spot = forward(waypoint, place, stop_at_junction=True)
            if math.dist(tick.location, _xyz(spot)) < 0.8 * place:
                self._cars.remove([car])
            else:
                self._cars.teleport(car, spot)
            place += self._gap

    def remove_lane(self, lane: carla.Waypoint) -> None:
        """Take a lane of the road out of the traffic."""
        offset = self._offset_of(lane)
        if offset is not None:
            self._removed.add(offset)
            self._cars.remove(self._lanes.pop(offset, Lane()).cars)

    def restore_lane(self, offset: int) -> None:
        """Give a lane back: 0 the ego's, 1 the one to its right, -1 to its left."""
        self._removed.discard(offset)

    def set_opposite(self, active: bool | None = None, spawn_distance: float | None = None) -> None:
        """Stop or start the oncoming traffic, or change the distance between its cars."""
        if active is not None:
            self._opposite_active = active
            if not active:
                self._cars.remove(self._opposite)
                self._opposite = []
        if spawn_distance is not None:
            self._opposite_gap, self._opposite_reach = spawn_distance, 2.0 * spawn_distance

    def set_max_speed(self, speed_kmh: float | None) -> None:
        """Let no car drive faster; None takes the cap away."""
        self._max_kmh = math.inf if speed_kmh is None else speed_kmh

    def handle_junction(
        self,
        *,
        clear: bool = False,
        clear_ego_entry: bool = False,
        remove_entries: Sequence[carla.Waypoint] = (),
        remove_exits: Sequence[carla.Waypoint] = (),
        stop_entries: bool = False,
        extend_exit: float = 0.0,
    ) -> None:
        """Prepare the next junction of the route for a scenario."""
        tick = self._now()
        if not self._config.present:
            return
        if self._crossing is None:
            self._crossing = next_crossing(self._map, self._trace, tick.route_index, math.inf)
            if self._crossing is not None:
                self._enter_crossing(self._crossing)
        if clear_ego_entry:
            along = self._along(tick)
            for lane in self._lanes.values():
                self._cars.remove(lane.ahead(along))
            self._sources_active = False
        if self._crossing is not None:
            self._crossing.prepare(self._cars, clear, remove_entries, remove_exits, stop_entries, extend_exit)

    def set_route_sources(self, active: bool) -> None:
        """Stop or start the cars that come from behind the ego."""
        self._sources_active = active

    def change_road(
        self,
        *,
        front_vehicles: int | None = None,
        back_vehicles: int | None = None,
        gap: float | None = None,
        extra_space: float | None = None,
    ) -> None:
        """Change how many cars are ahead and behind, the gap between them, and the extra room before the ego."""
        self._front = self._front if front_vehicles is None else front_vehicles
        self._back = self._back if back_vehicles is None else back_vehicles
        self._gap = self._gap if gap is None else gap
        self._extra = self._extra if extra_space is None else extra_space

    def clear_crossing(self, crossing: carla.Waypoint) -> None:
        """Keep the oncoming lane beside a place free, for those who cross."""
        place = np.array(_xyz(crossing))
        near = {car: float(np.linalg.norm(spot - place)) for car, (spot, _) in self._cars.places().items()}
        oncoming = [car for car in self._opposite if car in near]
        self._cars.remove([car for car in oncoming if near[car] < 20.0])
        self._cars.stand([car for car in oncoming if 20.0 <= near[car] < 30.0])

    def stop_front(self, stop: bool) -> None:
        """Let all cars ahead of the ego brake to a stand, or go on."""
        self._front_stopped = stop
        along = self._along(self._now())
        for lane in self._lanes.values():
            self._cars.show_brakes(lane.ahead(along), stop)

    def stop_back(self, stop: bool) -> None:
        """Let all cars behind the ego stand, or go on."""
        self._back_stopped = stop

    # -- the road

    def _start_road(self, tick: Tick) -> None:
        waypoint = self._waypoint(tick)
        if waypoint is None or waypoint.is_junction:
            return
        for offset, start in self._road_lanes(waypoint).items():
            ahead = [forward(start, self._gap * (i + 1), stop_at_junction=True) for i in range(self._front)]
            behind = [back(start, self._gap * (i + 1), stop_at_junction=True) for i in range(self._back)]
            places = _distinct([*ahead[::-1], *behind], tick.location, 0.6 * self._gap)
            self._lanes[offset] = Lane(cars=self._cars.spawn(places))

    def _update_lanes(self, tick: Tick) -> None:
        waypoint = self._waypoint(tick)
        if waypoint is None or waypoint.is_junction:
            return
        along, places = self._along(tick), self._cars.places()
        self._follow_lane_changes(waypoint)
        for offset, start in self._road_lanes(waypoint).items():
            lane = self._lanes.setdefault(offset, Lane())
            lane.keep(set(self._cars.ids))
            too_many = lane.ahead(along)[self._front :]
            self._cars.remove(too_many)
            lane.keep(set(self._cars.ids))
            if self._sources_active and len(lane.cars) < self._front + self._back:
                self._spawn_behind(tick, start, lane, along, places)
        stale = [offset for offset in self._lanes if offset not in self._road_lanes(waypoint)]
        for offset in stale:
            self._cars.remove(self._lanes.pop(offset).cars)

    def _spawn_behind(self, tick: Tick, start: carla.Waypoint, lane: Lane, along: dict, places: dict) -> None:
        source = back(start, 2.0 * self._gap, stop_at_junction=True)
        last = lane.last(along)
        spot = np.array(_xyz(source))
        clear = last is None or float(np.linalg.norm(places[last][0] - spot)) > self._gap
        behind = last is None or along[last] > -2.0 * self._gap
        if clear and behind and math.dist(tick.location, _xyz(source)) > self._gap:
            speed = min(tick.speed, places[last][1]) if last is not None else tick.speed
            lane.cars += self._cars.spawn([source], speed)

    def _road_lanes(self, waypoint: carla.Waypoint) -> dict[int, carla.Waypoint]:
        lanes = {}
        own = next(i for i, lane in enumerate(same_direction(waypoint)) if lane.lane_id == waypoint.lane_id)
        for i, lane in enumerate(same_direction(waypoint)):
            if i - own not in self._removed and lane.lane_width >= _NARROW_M:
                lanes[i - own] = lane
        return lanes

    def _follow_lane_changes(self, waypoint: carla.Waypoint) -> None:
        """Offsets are relative to the ego's lane: when it changes, they do."""
        key = (waypoint.road_id, waypoint.section_id, waypoint.lane_id)
        before = self._ego_lane
        self._ego_lane = key
        if before is None or before[:2] != key[:2] or before[2] == key[2]:
            return
        shift = abs(key[2]) - abs(before[2])
        self._lanes = {offset - shift: lane for offset, lane in self._lanes.items()}
        self._removed = {offset - shift for offset in self._removed}

    # -- the other side

    def _update_opposite(self, tick: Tick) -> None:
        along = self._along(tick)
        known = set(self._cars.ids)
        gone = [car for car in self._opposite if along.get(car, 0.0) < -self._config.opposite_reach_m]
        self._cars.remove(gone)
        self._opposite = [car for car in self._opposite if car in known and car not in gone]
        if not self._opposite_active:
            return
        source = self._route_waypoint(tick, self._opposite_reach)
        if source is None or source.is_junction:
            return
        places = self._cars.places()
        for lane in opposite_lanes(source):
            spot = np.array(_xyz(lane))
            apart = [float(np.linalg.norm(places[car][0] - spot)) for car in self._opposite if car in places]
            if math.dist(tick.location, _xyz(lane)) > 20.0 and min(apart, default=math.inf) > self._opposite_gap:
                self._opposite += self._cars.spawn([lane], _OPPOSITE_SHARE * tick.speed_limit_kmh / 3.6, obeys=False)

    # -- junctions

    def _update_crossing(self, tick: Tick) -> None:
        if self._crossing is None:
            crossing = next_crossing(self._map, self._trace, tick.route_index, 30.0 + 1.5 * tick.speed)
            if crossing is not None and crossing.junction_id not in self._passed_junctions:
                self._crossing = crossing
                self._enter_crossing(crossing)
        if self._crossing is not None:
            self._crossing.step(self._cars, tick)
            if tick.route_index > self._crossing.last_row:
                self._passed_junctions = {self._crossing.junction_id}
                self._crossing.leave(self._cars)
                self._crossing = None
                self._sources_active = True

    def _enter_crossing(self, crossing: Crossing) -> None:
        config = self._config
        crossing.enter(
            self._cars,
            self._rng,
            share=config.junction_share,
            source_m=config.junction_source_m,
            gap_m=config.junction_gap_m,
            most=config.junction_most,
        )

    # -- speeds

    def _speeds(self, tick: Tick) -> dict[int, float]:
        along, places = self._along(tick), self._cars.places()
        near = 2.0 * self._gap + 1.7 * tick.speed + self._extra
        far = 3.0 * self._gap + 1.7 * tick.speed + self._extra
        speeds: dict[int, float] = {}
        for lane in self._lanes.values():
            for car in lane.cars:
                if car not in places:
                    continue
                apart = math.dist(tick.location, places[car][0])
                if along.get(car, 0.0) > 0.0:
                    share = 0.0 if self._front_stopped else float(np.clip((far - apart) / (far - near), 0.0, 1.0))
                else:
                    share = 0.0 if self._back_stopped else min(1.0 + apart / (far - near), 2.0)
                speeds[car] = share * tick.speed_limit_kmh
        for car in self._opposite:
            speeds[car] = tick.speed_limit_kmh
        if self._crossing is not None:
            speeds |= self._crossing.speeds(tick)
        return {car: min(speed, self._max_kmh) for car, speed in speeds.items()}

    # -- where things are

    def _now(self) -> Tick:
        if self._tick is None:
            raise RuntimeError("the background is not running yet")
        return self._tick

    def _along(self, tick: Tick) -> dict[int, float]:
        """Metres that each car is ahead of the ego along the route, negative behind."""
        return along_route(self._trace, tick, {car: place for car, (place, _) in self._cars.places().items()})

    def _waypoint(self, tick: Tick) -> carla.Waypoint | None:
        return self._map.get_waypoint(carla.Location(*tick.location))

    def _route_waypoint(self, tick: Tick, ahead_m: float) -> carla.Waypoint | None:
        """The route's lane so far ahead, or where the next junction begins if that comes first."""
        here = self._trace.s_m[tick.route_index]
        row = min(int(np.searchsorted(self._trace.s_m, here + ahead_m)), len(self._trace) - 1)
        inside = np.flatnonzero(self._trace.junction[tick.route_index : row + 1])
        row = tick.route_index + int(inside[0]) - 1 if len(inside) else row
        return self._map.get_waypoint(carla.Location(*self._trace.location[max(row, 0)].tolist()))

    def _offset_of(self, lane: carla.Waypoint) -> int | None:
        waypoint = self._waypoint(self._now())
        if waypoint is None:
            return None
        if lane.lane_id * waypoint.lane_id <= 0 and lane.road_id == waypoint.road_id:
            return None
        return abs(lane.lane_id) - abs(waypoint.lane_id)


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
