"""A junction on the route: the cars that come into it from the other roads, and what scenarios change about them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import carla
import numpy as np

from lead.routes import Trace
from lead.scenarios.lanes import back, flat_distance, forward, junction_entries, junction_exits
from lead.scenarios.tick import Tick
from lead.traffic.cars import Cars

_EXIT_PLACES_M = (30.0, 15.0)
_LEAST_ROOM_M = 15.0
_FAR_M = 80.0


@dataclass
class Entry:
    """A lane into a junction that the route does not use: where its cars appear, and who they are."""

    lane: carla.Waypoint
    source: carla.Waypoint
    active: bool
    cars: list[int] = field(default_factory=list)


@dataclass
class Crossing:
    """The junction between the rows `first_row` and `last_row` of the route, with its entries and exits."""

    junction_id: int
    first_row: int
    last_row: int
    entries: list[carla.Waypoint]
    exits: list[carla.Waypoint]
    route_exits: list[carla.Waypoint]
    streams: list[Entry] = field(default_factory=list)
    exit_cars: list[int] = field(default_factory=list)
    stopped: bool = False
    _gap_m: float = 15.0
    _most: int = 6
    _centre: carla.Location = field(default_factory=carla.Location)
    _reach_m: float = 30.0

    def enter(
        self, cars: Cars, rng: np.random.Generator, *, share: float, source_m: float, gap_m: float, most: int
    ) -> None:
        """Choose the roads that have traffic, and put the first cars on the route's exits."""
        self._gap_m, self._most = gap_m, most
        for lane in self.entries:
            source = back(lane, source_m, stop_at_junction=True)
            if flat_distance(source.transform.location, lane.transform.location) >= _LEAST_ROOM_M:
                self.streams.append(Entry(lane, source, active=bool(rng.uniform() < share)))
        for lane in self.route_exits:
            places = [forward(lane, metres, stop_at_junction=True) for metres in _EXIT_PLACES_M]
            self.exit_cars += cars.spawn(places)

    def prepare(
        self,
        cars: Cars,
        clear: bool,
        remove_entries: Sequence[carla.Waypoint],
        remove_exits: Sequence[carla.Waypoint],
        stop_entries: bool,
        extend_exit: float,
    ) -> None:
        """What a scenario asks of the junction."""
        places = cars.places()
        if clear:
            inside = [car for stream in self.streams for car in stream.cars if self._is_inside(places, car)]
            cars.remove(inside)
        for stream in self.streams:
            if any(_same_lane(stream.lane, lane) for lane in remove_entries):
                stream.active = False
                cars.remove(stream.cars)
        if remove_exits or extend_exit > 0.0:
            cars.remove(self.exit_cars)
            self.exit_cars = []
        if extend_exit > 0.0:
            spots = [forward(lane, extend_exit, stop_at_junction=True) for lane in self.route_exits]
            self.exit_cars = cars.spawn(spots)
        self.stopped = self.stopped or stop_entries

    def step(self, cars: Cars, tick: Tick) -> None:
        """Let cars come in from the other roads, and those that are through and far away go."""
        present, places = set(cars.ids), cars.places()
        for stream in self.streams:
            stream.cars = [car for car in stream.cars if car in present]
            gone = [car for car in stream.cars if car in places and self._is_far(places[car][0], tick)]
            cars.remove(gone)
            stream.cars = [car for car in stream.cars if car not in gone]
            if stream.active and not self.stopped and len(stream.cars) < self._most:
                self._let_in(cars, stream, places, tick)

    def leave(self, cars: Cars) -> None:
        """The ego is through: who came from the other roads is not needed any more."""
        cars.remove([car for stream in self.streams for car in stream.cars])
        cars.remove(self.exit_cars)

    def speeds(self, tick: Tick) -> dict[int, float]:
        """Commanded speeds (km/h): cars that enter drive at the limit or stand, those on the exit wait for the ego."""
        entering = 0.0 if self.stopped else tick.speed_limit_kmh
        speeds = {car: entering for stream in self.streams for car in stream.cars}
        return speeds | dict.fromkeys(self.exit_cars, 0.5 * tick.speed_limit_kmh)

    def _let_in(self, cars: Cars, stream: Entry, places: dict, tick: Tick) -> None:
        spot = stream.source.transform.location
        point = np.array([spot.x, spot.y, spot.z])
        apart = [float(np.linalg.norm(places[car][0] - point)) for car in stream.cars if car in places]
        if min(apart, default=math.inf) > self._gap_m and tick.distance_to(spot) > self._gap_m:
            stream.cars += cars.spawn([stream.source])

    def _is_inside(self, places: dict, car: int) -> bool:
        if car not in places:
            return False
        x, y, _ = places[car][0]
        return math.hypot(x - self._centre.x, y - self._centre.y) < self._reach_m

    def _is_far(self, place: np.ndarray, tick: Tick) -> bool:
        x, y, _ = place
        out = math.hypot(x - self._centre.x, y - self._centre.y) > self._reach_m + _FAR_M
        return out and math.dist(place, tick.location) > _FAR_M


def next_crossing(town: carla.Map, trace: Trace, row: int, look_ahead_m: float) -> Crossing | None:
    """The first junction on the route from `row` on within `look_ahead_m`, None when there is none."""
    inside = np.flatnonzero(trace.junction[row:])
    if not len(inside) or trace.s_m[row + inside[0]] - trace.s_m[row] > look_ahead_m:
        return None
    first = row + int(inside[0])
    outside = np.flatnonzero(~trace.junction[first:])
    last = first + int(outside[0]) if len(outside) else len(trace) - 1
    waypoint = town.get_waypoint(carla.Location(*trace.location[first].tolist()))
    if waypoint is None or not waypoint.is_junction:
        return None
    junction = waypoint.get_junction()
    before = town.get_waypoint(carla.Location(*trace.location[max(first - 1, 0)].tolist()))
    after = town.get_waypoint(carla.Location(*trace.location[last].tolist()))
    entries, exits = junction_entries(junction), junction_exits(junction)
    box = junction.bounding_box
    return Crossing(
        junction_id=junction.id,
        first_row=first,
        last_row=last,
        entries=[lane for lane in entries if before is None or not _same_road(lane, before)],
        exits=exits,
        route_exits=[lane for lane in exits if after is not None and _same_road(lane, after)],
        _centre=box.location,
        _reach_m=math.hypot(box.extent.x, box.extent.y),
    )


def _same_road(lane: carla.Waypoint, other: carla.Waypoint) -> bool:
    return lane.road_id == other.road_id and lane.lane_id * other.lane_id > 0


def _same_lane(lane: carla.Waypoint, other: carla.Waypoint) -> bool:
    return lane.road_id == other.road_id and lane.lane_id == other.lane_id
