"""A junction on the route: the cars that come into it from the other roads, and what scenarios change about them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

import carla
import numpy as np

from lead.routes import Trace
from lead.scenarios.lanes import back, flat_distance, junction_entries, junction_exits, places_along
from lead.traffic.cars import Cars
from lead.traffic.road import Road, lane_at, move_on
from lead.traffic.view import View

#: Metres behind the junction at which the first car stands on a route exit, and from there to the next.
_FIRST_ON_EXIT_M, _LEAST_ROOM_M = 30.0, 15.0
_EXIT_SHARE = 1.5
#: Who stops on an exit of the route, or on another one, does so farther behind the junction than this (m). Else nobody
#: gets into the junction, and the ego waits for them for ever.
_OUT_OF_THE_WAY_M, _OFF_ROUTE_M = 15.0, 40.0
#: Angle (rad) to the route up to which somebody goes the ego's way; speed (m/s) below which they stand.
_SAME_WAY, _STANDING = 0.5, 0.5


@dataclass(frozen=True)
class Density:
    """How busy junctions are: metres from the junction at which cars appear, and between them; how many of a lane
    there are at a time; the share of the lanes that have any.
    """

    source_m: float
    gap_m: float
    most: int
    share: float


class Stage(Enum):
    """How far a car has come."""

    ENTRY = "before the junction"
    MIDDLE = "in it"
    EXIT = "behind it"


@dataclass
class Entry:
    """A lane into a junction that the route does not use: where its cars appear, whether they do, and who they are."""

    lane: carla.Waypoint
    source: carla.Waypoint
    is_active: bool
    cars: list[int] = field(default_factory=list)


@dataclass
class Exit:
    """A lane out of a junction, whether the route uses it, and who is there; `is_closed`: who gets there is gone."""

    lane: carla.Waypoint
    is_route: bool
    cars: list[int] = field(default_factory=list)
    is_closed: bool = False


@dataclass
class Crossing:
    """The junction between the rows `first_row` and `last_row` of the route, with its entries and exits."""

    town: carla.Map
    junction_id: int
    first_row: int
    last_row: int
    density: Density
    entries: list[Entry]
    exits: list[Exit]
    is_cleared: bool = False
    is_stopped: bool = False
    _stage: dict[int, Stage] = field(default_factory=dict)

    @property
    def cars(self) -> list[int]:
        """All cars of the junction."""
        found = [*self._stage, *(car for lane in self.exits for car in lane.cars)]
        return list(dict.fromkeys(found))

    def open(self, cars: Cars, road: Road) -> None:
        """Put the first cars on the exits of the route."""
        metres = [_FIRST_ON_EXIT_M + i * self.density.gap_m for i in range(road.front)]
        for lane in self.exits:
            if lane.is_route:
                places = [places_along(lane.lane, one, stop_at_junction=True) for one in metres]
                free = [way[-1] for way, one in zip(places, metres, strict=True) if len(way) > one]
                lane.cars += cars.spawn(free)

    def step(self, cars: Cars, road: Road, view: View) -> None:
        """Let cars come in from the other roads, and see how far all have come."""
        for car in [car for car in self._stage if car not in cars]:
            self._forget(car)
        self._take_over(road, view)
        for car in list(self._stage):
            self._advance(view, car)
        self._clean(cars, road, view)
        if not self.is_stopped:
            for entry in self.entries:
                self._let_in(cars, view, entry)

    def speeds(self, road: Road, view: View) -> dict[int, float]:
        """Commanded speeds (km/h): on the route's exits cars wait for the ego, unless they hold up others in the
        junction; on other exits they stop once the ego is far.
        """
        limit = view.tick.speed_limit_kmh
        speeds = {car: 0.0 if self.is_stopped and stage is Stage.ENTRY else limit for car, stage in self._stage.items()}
        _, far = road.radii(view)
        go_on = self._is_jammed(view) and not road.is_front_stopped
        for lane in self.exits:
            room = _OUT_OF_THE_WAY_M if lane.is_route else _OFF_ROUTE_M
            for car in lane.cars:
                waits = 1.0 if go_on else _EXIT_SHARE * road.ahead_share(view, car)
                share = waits if lane.is_route else float(view.apart(car) < far)
                speeds[car] = limit * (share if _beyond(view, lane, car) >= room else 1.0)
        return speeds

    # -- requests of scenarios

    def clear(self, cars: Cars, others: Iterable[int], view: View) -> None:
        """Nobody is inside the junction from now on; `others`: cars of the road."""
        self.is_cleared = True
        inside = [car for car in others if car in view.spots and self._is_inside(view, car)]
        cars.remove([*inside, *(car for car, stage in self._stage.items() if stage is Stage.MIDDLE)])

    def remove_entries(self, cars: Cars, lanes: Sequence[carla.Waypoint]) -> None:
        """No cars come in on these lanes, and those that are there are gone."""
        for entry in self.entries:
            if any(_same_lane(entry.lane, lane) or _same_lane(entry.source, lane) for lane in lanes):
                entry.is_active = False
                cars.remove([car for car in entry.cars if self._stage.get(car) is Stage.ENTRY])

    def remove_exits(self, cars: Cars, lanes: Sequence[carla.Waypoint]) -> None:
        """No cars go out on these lanes, and those that are there are gone."""
        for lane in self.exits:
            if any(_same_lane(lane.lane, other) for other in lanes):
                lane.is_closed = True
                cars.remove(lane.cars)
                lane.cars = []

    def extend_exit(self, cars: Cars, view: View, metres: float) -> None:
        """Move the cars on the route's exits on."""
        for lane in self.exits:
            if lane.is_route:
                move_on(cars, view, [car for car in lane.cars if car in view.spots], metres, self.town)
                lane.cars = [car for car in lane.cars if car in cars]

    def leave(self, route: carla.Waypoint | None) -> tuple[list[int], list[int]]:
        """The ego is through: who goes its way, and who waits to come towards it on the road `route`."""
        coming = [
            car
            for entry in self.entries
            if route is not None and entry.lane.road_id == route.road_id
            for car in entry.cars
            if self._stage.get(car) is Stage.ENTRY
        ]
        return [car for car in self.cars if car not in set(coming)], coming

    # -- building blocks

    def _is_jammed(self, view: View) -> bool:
        """Whether somebody who goes the ego's way stands in the junction ahead of it."""
        inside = [car for car, stage in self._stage.items() if stage is Stage.MIDDLE and view.along(car) > 0.0]
        spots = [view.spots[car] for car in inside]
        return any(abs(spot.turn) < _SAME_WAY and spot.speed < _STANDING for spot in spots)

    def _take_over(self, road: Road, view: View) -> None:
        """Cars of the ego's road that are in the junction before it belong to the junction, wherever they go."""
        inside = [car for car in view.ahead(road.cars) if self._is_inside(view, car)]
        road.hand_over(inside)
        self._stage |= dict.fromkeys(inside, Stage.MIDDLE)

    def _advance(self, view: View, car: int) -> None:
        """See how far a car has come."""
        spot, stage = view.spots.get(car), self._stage[car]
        lane = lane_at(self.town, spot) if spot is not None and stage is not Stage.EXIT else None
        if lane is None:
            return
        if stage is Stage.ENTRY and lane.is_junction:
            self._stage[car] = Stage.MIDDLE
        elif stage is Stage.MIDDLE and not lane.is_junction:
            self._stage[car] = Stage.EXIT
            place = lane.transform.location
            nearest = min(self.exits, key=lambda one: one.lane.transform.location.distance(place))
            next((one for one in self.exits if _same_lane(one.lane, lane)), nearest).cars.append(car)

    def _clean(self, cars: Cars, road: Road, view: View) -> None:
        """Remove who is where nobody should be, and who is too many on an exit: the first."""
        if self.is_cleared:
            cars.remove([car for car, stage in self._stage.items() if stage is Stage.MIDDLE])
            cars.remove([car for car in road.cars if car in view.spots and self._is_inside(view, car)])
        for lane in self.exits:
            most = road.front if lane.is_route else road.front + road.back
            present = sorted((car for car in lane.cars if car in view.spots), key=lambda car: _beyond(view, lane, car))
            cars.remove(lane.cars if lane.is_closed else present[most:])
            lane.cars = [car for car in lane.cars if car in cars]
        for car in [car for car in self._stage if car not in cars]:
            self._forget(car)

    def _let_in(self, cars: Cars, view: View, entry: Entry) -> None:
        if not entry.is_active or len(entry.cars) >= self.density.most:
            return
        place = entry.source.transform.location
        if not all(car in view.spots for car in entry.cars) or view.tick.distance_to(place) <= self.density.gap_m:
            return
        apart = [math.dist(view.spots[car].location, (place.x, place.y, place.z)) for car in entry.cars]
        if min(apart, default=math.inf) > self.density.gap_m:
            came = cars.spawn([entry.source])
            entry.cars += came
            self._stage |= dict.fromkeys(came, Stage.ENTRY)

    def _is_inside(self, view: View, car: int) -> bool:
        lane = lane_at(self.town, view.spots[car])
        return lane is not None and lane.is_junction and lane.junction_id == self.junction_id

    def _forget(self, car: int) -> None:
        del self._stage[car]
        for entry in self.entries:
            entry.cars = [one for one in entry.cars if one != car]


def next_crossing(
    town: carla.Map, trace: Trace, row: int, look_ahead_m: float, density: Density, rng: np.random.Generator
) -> Crossing | None:
    """The first junction on the route from `row` on within `look_ahead_m`, None when there is none."""
    inside = np.flatnonzero(trace.junction[row:])
    if not len(inside) or trace.s_m[row + inside[0]] - trace.s_m[row] > look_ahead_m:
        return None
    first = row + int(inside[0])
    outside = np.flatnonzero(~trace.junction[first:])
    last = first + int(outside[0]) if len(outside) else len(trace) - 1
    before, after = (_lane(town, trace, i) for i in (max(first - 1, 0), last))
    # The first row may lie a little before what the map calls the junction.
    ways = (_lane(town, trace, i) for i in range(first, last))
    waypoint = next((lane for lane in ways if lane is not None and lane.is_junction), None)
    if waypoint is None:
        return None
    junction = waypoint.get_junction()
    entries = [lane for lane in _sorted(junction_entries(junction)) if before is None or not _same_road(lane, before)]
    exits = [Exit(lane, after is not None and _same_road(lane, after)) for lane in _sorted(junction_exits(junction))]
    found = [entry for lane in entries if (entry := _entry(lane, density, rng)) is not None]
    return Crossing(town, junction.id, first, last, density, found, exits)


def _lane(town: carla.Map, trace: Trace, row: int) -> carla.Waypoint | None:
    return town.get_waypoint(carla.Location(*trace.location[row].tolist()))


def _entry(lane: carla.Waypoint, density: Density, rng: np.random.Generator) -> Entry | None:
    """An entry with its source, busy by chance; None where there is no room for a source."""
    source = back(lane, density.source_m, stop_at_junction=True)
    is_active = bool(rng.uniform() < density.share)
    room = flat_distance(source.transform.location, lane.transform.location)
    return Entry(lane, source, is_active) if room >= min(_LEAST_ROOM_M, density.source_m) - 1.0 else None


def _beyond(view: View, lane: Exit, car: int) -> float:
    """Metres from the junction to a car on an exit, infinite for unknown ones."""
    if car not in view.spots:
        return math.inf
    return flat_distance(carla.Location(*view.spots[car].location.tolist()), lane.lane.transform.location)


def _sorted(lanes: Iterable[carla.Waypoint]) -> list[carla.Waypoint]:
    return sorted(lanes, key=lambda lane: (lane.road_id, lane.section_id, lane.lane_id))


def _same_road(lane: carla.Waypoint, other: carla.Waypoint) -> bool:
    return lane.road_id == other.road_id and lane.lane_id * other.lane_id > 0


def _same_lane(lane: carla.Waypoint, other: carla.Waypoint) -> bool:
    return lane.road_id == other.road_id and lane.lane_id == other.lane_id
