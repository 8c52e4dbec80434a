"""Streams of vehicles from a source to a sink, as long as a scenario lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import carla
import numpy as np
from numpy.typing import NDArray

from lead.geometry import pose_to_carla
from lead.routes import RouteError, Trace, trace_route
from lead.scenarios.cast import BICYCLE, FLOW, Cast, PlacingError, Wanted
from lead.scenarios.drivers import Care, Floats, PathDriver, bend_speeds, dense_path, points_of
from lead.scenarios.lanes import LaneError, places_along
from lead.scenarios.parameters import Interval
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, next_tick

SINK_M = 2.0
_LIFT_M = 0.2
_BEHIND_JUNCTION = 6  # rows of a way, behind the last in a junction
_PACE_STEP = 0.5  # m/s


@dataclass(frozen=True)
class Stream:
    """A flow: where its vehicles appear and vanish, the gaps between them (m, drawn anew for each), their speed (m/s).

    `prefill`: there are vehicles on the way from the beginning, inside junctions too when `prefill_junction`.
    """

    source: carla.Waypoint
    sink: carla.Waypoint
    gap: Interval
    speed: float
    sink_m: float = SINK_M
    prefill: bool = False
    prefill_junction: bool = False


def actor_flow(scene: Scene, stream: Stream) -> Script:
    """Cars of the Traffic Manager that keep their speed, whatever lights and others do, until one is hit."""
    trace = trace_between(scene, stream.source, stream.sink)
    with scene.cast() as cast:
        flow = _ManagedFlow(scene, cast, stream, trace)
        if stream.prefill:
            flow.prefill()
            yield next_tick()
        while True:
            flow.step()
            yield next_tick()


def oncoming_flow(scene: Scene, lane: carla.Waypoint, gap: Interval) -> Script:
    """Cars that come along a lane past a place, at the speed limit, and brake for who is in their way."""
    reach = 1.5 * scene.tick.speed_limit_kmh + 30.0
    before = places_along(lane, reach, stop_at_junction=True, backward=True)
    after = places_along(lane, reach, stop_at_junction=True)
    way = points_of([*before[:0:-1], *after])
    yield driven_flow(scene, way, gap, FLOW, scene.tick.speed_limit_kmh / 3.6, Care(10.0, 1.6))


def invading_flow(scene: Scene, source: carla.Waypoint, sink: carla.Waypoint, gap: float, right: float) -> Script:
    """Cars that drive `right` metres to the right of their lane's centre (negative: to the left)."""
    path = way_between(scene, source, sink)
    speed = scene.tick.speed_limit_kmh / 3.6
    yield driven_flow(scene, path, Interval(gap, gap), FLOW, speed, Care(10.0, 2.0, room=0.0), right=right)


def bicycle_flow(scene: Scene, way: Floats, gap: Interval, speed: float) -> Script:
    """Bicycles along a way (n, 3), already on it in the beginning, that yield to nobody."""
    yield driven_flow(scene, way, gap, BICYCLE, speed, None, prefill=True)


def driven_flow(
    scene: Scene,
    way: Floats,
    gap: Interval,
    wanted: Wanted,
    speed: float,
    care: Care | None,
    right: float = 0.0,
    prefill: bool = False,
) -> Script:
    """Vehicles that this process drives along a way (n, 3)."""
    path = dense_path(way, right)
    limits = bend_speeds(path)
    with scene.cast() as cast:
        drivers: list[PathDriver] = []
        gaps = _Gaps(scene.rng, gap)

        def enter(index: int) -> None:
            pose = _pose_on(way, index, right)
            try:
                vehicle = cast.vehicle(wanted, pose)
            except PlacingError:
                return
            heading = pose.get_forward_vector()
            vehicle.set_target_velocity(carla.Vector3D(speed * heading.x, speed * heading.y, 0.0))
            first = 10 * index
            driver = PathDriver(vehicle, path[first:], lambda: speed, scene.lookout, care, limits=limits[first:])
            drivers.append(driver)

        if prefill:
            for index in _prefill_rows(way, gaps):
                enter(index)
            yield next_tick()
        while True:
            last = drivers[-1].vehicle.get_location() if drivers else None
            if last is None or _apart(last, way[0]) > gaps.now:
                enter(0)
                gaps.draw()
            gone = [driver for driver in drivers if driver.step()]
            if gone:
                cast.dismiss([driver.vehicle for driver in gone])
            drivers = [driver for driver in drivers if driver not in gone]
            yield next_tick()


class _Gaps:
    """The gap to the next vehicle, drawn from an interval."""

    def __init__(self, rng: np.random.Generator, interval: Interval):
        self._rng, self._interval = rng, interval
        self.now = 0.0
        self.draw()

    def draw(self) -> float:
        self.now = float(self._rng.uniform(*self._interval))
        return self.now


class _ManagedFlow:
    """Cars on autopilot with a constant velocity, lower in bends that would throw them out of their lane, which they
    lose for good when any of them is in a collision.
    """

    def __init__(self, scene: Scene, cast: Cast, stream: Stream, trace: Trace):
        self._scene, self._cast, self._stream = scene, cast, stream
        self._way, self._inside = trace.location, trace.junction
        self._path = dense_path(trace.location)
        self._limits = np.minimum(bend_speeds(self._path), stream.speed)
        self._paces: dict[int, float] = {}
        self._gaps = _Gaps(scene.rng, stream.gap)
        self._cars: list[carla.Vehicle] = []
        self._sensors: dict[int, carla.Sensor] = {}
        self._seen: set[int] = set()
        self._collided: list[int] = []
        self._is_calm = False

    def prefill(self) -> None:
        """Cars along the whole way."""
        for index in _prefill_rows(self._way, self._gaps):
            if self._stream.prefill_junction or not self._inside[index]:
                self._enter(index)

    def step(self) -> None:
        """Let one car in when there is room, and those at the sink out."""
        self._forget_lost()
        for car in self._cars:
            place = car.get_location()
            self._pace(car, np.array([place.x, place.y]))
        source, sink = self._way[0], self._stream.sink.transform.location
        newest = self._cars[-1].get_location() if self._cars else None
        if newest is None or _apart(newest, source) > self._gaps.now:
            self._enter(0)
            self._gaps.draw()
        gone = [car for car in self._cars if car.get_location().distance(sink) < self._stream.sink_m]
        if gone:
            self._dismiss(gone)
        # Sensors tell late when the machine is busy; two ticks make the answer the same in every run.
        if not self._is_calm and any(frame <= self._scene.tick.frame - 2 for frame in tuple(self._collided)):
            self._calm_down()

    def _enter(self, index: int) -> None:
        try:
            car = self._cast.vehicle(FLOW, _pose_on(self._way, index, 0.0))
        except PlacingError:
            return
        manager, port = self._scene.manager, self._scene.manager.get_port()
        car.set_autopilot(True, port)
        if guides := guide_rows(self._inside, index):
            manager.set_path(car, [carla.Location(*self._way[row].tolist()) for row in guides])
        manager.auto_lane_change(car, False)
        manager.set_desired_speed(car, 3.6 * self._stream.speed)
        manager.update_vehicle_lights(car, True)
        manager.ignore_lights_percentage(car, 100.0)
        manager.ignore_signs_percentage(car, 100.0)
        if not self._is_calm:
            manager.ignore_vehicles_percentage(car, 100.0)
            self._watch(car)
        self._pace(car, self._way[index, :2])
        self._cars.append(car)

    def _pace(self, car: carla.Vehicle, place: Floats) -> None:
        """Let a car drive as fast as the stream, or as the bend at `place` (x, y) allows."""
        if self._is_calm:
            return
        limit = float(self._limits[np.hypot(*(self._path - place).T).argmin()])
        if abs(limit - self._paces.get(car.id, 0.0)) >= _PACE_STEP:
            self._paces[car.id] = limit
            car.enable_constant_velocity(carla.Vector3D(limit, 0.0, 0.0))

    def _watch(self, car: carla.Vehicle) -> None:
        blueprint = self._scene.world.get_blueprint_library().find("sensor.other.collision")
        sensor = cast(carla.Sensor, self._scene.world.spawn_actor(blueprint, carla.Transform(), car))
        sensor.listen(lambda event: self._collided.append(event.frame))
        self._cast.adopt([sensor.id])
        self._sensors[car.id] = sensor

    def _calm_down(self) -> None:
        self._is_calm = True
        for car in self._cars:
            car.disable_constant_velocity()
            self._scene.manager.ignore_vehicles_percentage(car, 0.0)

    def _dismiss(self, gone: Sequence[carla.Vehicle]) -> None:
        for car in gone:
            self._paces.pop(car.id, None)
        sensors = [self._sensors.pop(car.id) for car in gone if car.id in self._sensors]
        for sensor in sensors:
            sensor.stop()
        self._cars = [car for car in self._cars if car not in gone]
        self._cast.dismiss([*sensors, *gone])

    def _forget_lost(self) -> None:
        """Cars that the Traffic Manager took away, as it does with those that have stood for long, are gone."""
        present = self._scene.lookout.present()
        absent = self._seen - present
        lost = [car for car in self._cars if not car.is_alive or car.id in absent]
        self._dismiss(lost)
        self._seen = {car.id for car in self._cars if car.id in present}


def guide_rows(inside: NDArray[np.bool_], index: int) -> list[int]:
    """Rows of a way, a metre apart, that guide the Traffic Manager along it from `index` on: one behind each junction.

    `inside` (n,): which rows lie in junctions. The Traffic Manager takes the branch whose exit has the road of the next
    place that it was given, else the one that ends nearest to it. A place before or in a junction can therefore send
    it another way, and if that leads round a block, it adds way points for ever, until there is no memory. Whoever
    starts in a junction may be taken to be on another lane of it, and gets no guide to that junction's exit.
    """
    ahead = np.append(inside[index:], True)
    exits = np.flatnonzero(ahead[:-1] & ~ahead[1:]) + 1
    ends = [int(np.argmax(ahead[row:])) + row - 1 for row in exits]
    rows = [index + min(row + _BEHIND_JUNCTION, end) for row, end in zip(exits.tolist(), ends, strict=True)]
    return rows[1:] if inside[index] else rows


def _prefill_rows(way: Floats, gaps: _Gaps) -> list[int]:
    """Rows of a way at random gaps, the farthest first."""
    travelled = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1)))
    at, rows = gaps.draw(), []
    while at < travelled[-1] - SINK_M:
        rows.append(int(np.searchsorted(travelled, at)))
        at += gaps.draw()
    return rows[::-1]


def _pose_on(way: Floats, index: int, right: float) -> carla.Transform:
    after = min(index + 1, len(way) - 1)
    step = way[after] - way[after - 1]
    yaw = float(np.arctan2(step[1], step[0]))
    x, y, z = way[index]
    return pose_to_carla([x - right * np.sin(yaw), y + right * np.cos(yaw), z + _LIFT_M, 0.0, yaw, 0.0])


def _apart(place: carla.Location, point: Floats) -> float:
    return float(np.hypot(place.x - point[0], place.y - point[1]))


def way_between(scene: Scene, source: carla.Waypoint, sink: carla.Waypoint) -> Floats:
    """The way (n, 3) over the lanes from one place to another. LaneError when there is none."""
    return trace_between(scene, source, sink).location


def trace_between(scene: Scene, source: carla.Waypoint, sink: carla.Waypoint) -> Trace:
    """The way over the lanes from one place to another. LaneError when there is none."""
    places = [waypoint.transform.location for waypoint in (source, sink)]
    try:
        return trace_route(scene.graph, [(place.x, place.y, place.z) for place in places])
    except RouteError as error:
        raise LaneError(str(error)) from error
