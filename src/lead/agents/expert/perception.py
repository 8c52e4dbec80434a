"""From the simulator to a scene: the one place where the expert looks at the world."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import carla
import numpy as np

from lead.agents.context import DriveContext
from lead.agents.expert.approaches import read_approaches
from lead.agents.expert.lanes import LanesAhead
from lead.agents.expert.road import RouteTable, read_route
from lead.agents.expert.spread import spread_changes
from lead.agents.expert.targets import TargetPoints
from lead.agents.expert.trails import Trails
from lead.agents.path import make_path
from lead.agents.signals import SignalMap
from lead.expert.facts import ScenarioFact
from lead.expert.scene import LANE_POINTS, Actors, Bools, Ego, Floats, LightState, Scene, Signals, Weather
from lead.geometry import location_array
from lead.kinds import Kind
from lead.routes import RoadOption
from lead.simulator.scene import Scene as Snapshot
from lead.simulator.scene import SceneReader

_HIDDEN_M = 40.0
_MOVING, _DRIVING = 0.25, 1.0
_FEELING_S, _HARDEST_PUSH = 0.25, 10.0  # (s, m/s2)
_SIGNALS_M = 120.0
_PARKED_M = 60.0
_WALLS_M = 70.0
_APPROACHES_M = 60.0
_HIDING = (
    carla.CityObjectLabel.Buildings,
    carla.CityObjectLabel.Walls,
    carla.CityObjectLabel.Car,
    carla.CityObjectLabel.Truck,
    carla.CityObjectLabel.Bus,
)
_LEANING_DEG = 10.0
_LIGHTS = {
    carla.TrafficLightState.Green: LightState.GREEN,
    carla.TrafficLightState.Yellow: LightState.YELLOW,
    carla.TrafficLightState.Red: LightState.RED,
}


@dataclass
class _Trace:
    """What is remembered of an actor: its height (m) and the box's middle above its origin, and how it has moved."""

    half_height: float
    lift: float
    is_emergency: bool
    still_since: float = -1.0
    has_moved: bool = False
    acceleration: float = 0.0
    felt_at: float = -math.inf

    def feel(self, acceleration: float, time_s: float) -> float:
        """The acceleration of late: drivers brake in thrusts of a tick, which nobody should take to last."""
        share = 1.0 - math.exp((self.felt_at - time_s) / _FEELING_S)
        self.acceleration += share * (acceleration - self.acceleration)
        self.felt_at = time_s
        return self.acceleration


class Perception:
    """Reads one scene a tick around the ego of a drive along a dense plan; `sparse` is the student's plan."""

    def __init__(
        self,
        context: DriveContext,
        plan: Sequence[tuple[carla.Transform, RoadOption]],
        sparse: Sequence[carla.Transform],
    ):
        ego, world, town = context.hero, context.world, context.map
        if ego is None or world is None or town is None:
            raise ValueError("the expert needs a world with an ego vehicle in it")
        self._context, self._ego, self._world = context, ego, world
        self._path = make_path(spread_changes(town, [pose for pose, _ in plan]))
        self._table: RouteTable = read_route(town, self._path)
        self._approaches = read_approaches(town, self._table)
        self._signals = SignalMap(self._path)
        self._targets = TargetPoints(np.array([location_array(pose.location)[:2] for pose in sparse]))
        self._traces: dict[int, _Trace] = {}
        self._reader = SceneReader(world, ego.id, self._meet)
        self._parked = _parked_cars(world)
        self._walls = _walls(world)
        self._lanes = LanesAhead(town)
        self._trails = Trails()
        self._index = 0
        box = ego.bounding_box
        self._body = (box.extent.x + box.location.x, box.extent.x - box.location.x, box.extent.y)

    def read(self) -> Scene:
        """The scene of the world's latest snapshot."""
        snapshot = self._world.get_snapshot()
        time_s = snapshot.timestamp.elapsed_seconds
        ego = self._read_ego()
        seen = self._reader.read(snapshot, ego.position)
        facts = tuple(self._context.scenarios())
        route = self._table.window(self._index)
        return Scene(
            time_s=time_s,
            ego=ego,
            actors=self._read_actors(seen, snapshot, ego, time_s, facts),
            route=route,
            signals=self._read_signals(ego.s),
            targets=self._targets.step(ego.position[:2]),
            weather=_weather(self._world.get_weather()),
            parked=self._parked[_near(self._parked, ego, _PARKED_M)],
            walls=self._walls[_near(self._walls, ego, _WALLS_M)],
            approaches=self._approaches[np.abs(self._approaches[:, 0] - ego.s) < _APPROACHES_M],
            crossings=self._table.crossings(route),
            facts=facts,
        )

    def _read_ego(self) -> Ego:
        transform, velocity = self._ego.get_transform(), self._ego.get_velocity()
        yaw = math.radians(transform.rotation.yaw)
        speed = velocity.x * math.cos(yaw) + velocity.y * math.sin(yaw)
        position = location_array(transform.location)
        self._index = self._path.nearest(position, self._index)
        front, rear, half_width = self._body
        limit = max(self._ego.get_speed_limit(), 10.0) / 3.6
        return Ego(position, yaw, max(speed, 0.0), self._table.place(self._index), front, rear, half_width, limit)

    def _meet(self, actors: Iterable[carla.Actor]) -> None:
        """Take in actors that are seen for the first time."""
        actors = list(actors)
        self._signals.add(actors)
        for actor in actors:
            if actor.type_id.startswith(("vehicle.", "walker.", "static.prop.")):
                box = actor.bounding_box
                is_emergency = actor.attributes.get("special_type") == "emergency"
                self._traces[actor.id] = _Trace(max(box.extent.z, 0.1), box.location.z, is_emergency)

    def _read_actors(
        self, seen: Snapshot, snapshot: carla.WorldSnapshot, ego: Ego, time_s: float, facts: Sequence[ScenarioFact]
    ) -> Actors:
        seen = seen.pick(np.abs(seen.centre[:, 2] - ego.position[2]) < _HIDDEN_M)
        traces = [self._traces[actor] for actor in seen.id.tolist()]
        self._watch(traces, seen.speed, time_s)
        centre = seen.centre.copy()
        centre[:, 2] += [trace.lift for trace in traces]
        on_lane, lane = self._read_lanes(seen, facts)
        heights = np.array([trace.half_height for trace in traces])
        return Actors(
            id=seen.id,
            kind=seen.kind,
            centre=centre,
            extent=np.column_stack([seen.extent, heights]) if len(seen) else np.zeros((0, 3)),
            yaw=seen.yaw,
            velocity=seen.velocity,
            yaw_rate=seen.yaw_rate,
            acceleration=_accelerations(traces, seen, snapshot, time_s),
            standing_s=np.array([time_s - trace.still_since for trace in traces]),
            has_moved=np.array([trace.has_moved for trace in traces], dtype=bool),
            is_emergency=np.array([trace.is_emergency for trace in traces], dtype=bool),
            on_lane=on_lane,
            lane=lane,
        )

    def _read_lanes(self, seen: Snapshot, facts: Sequence[ScenarioFact]) -> tuple[Bools, Floats]:
        """Which vehicles (n,) drive along a lane, and where it leads (n, k, 2)."""
        on_lane, lane = np.zeros(len(seen), dtype=bool), np.zeros((len(seen), LANE_POINTS, 2))
        drives = (seen.kind <= Kind.BICYCLE) & (seen.speed > _DRIVING)
        rows = np.flatnonzero(drives).tolist()
        places = {int(seen.id[row]): (float(seen.centre[row, 0]), float(seen.centre[row, 1])) for row in rows}
        self._trails.note(facts, places)
        for row in rows:
            actor, (x, y, z), yaw = int(seen.id[row]), seen.centre[row].tolist(), float(seen.yaw[row])
            straight_on = self._lanes.ahead(actor, x, y, z, yaw)
            trail = self._trails.ahead(actor, x, y, yaw, straight_on)
            points = trail if trail is not None else straight_on
            if points is not None:
                on_lane[row], lane[row] = True, points
        return on_lane, lane

    def _watch(self, traces: Sequence[_Trace], speeds: Floats, time_s: float) -> None:
        for trace, speed in zip(traces, speeds.tolist(), strict=True):
            if speed > _MOVING or trace.still_since < 0.0:
                trace.still_since = time_s
                trace.has_moved |= speed > _MOVING

    def _read_signals(self, s: float) -> Signals:
        lights = [one for one in self._signals.lights if -_SIGNALS_M < one.s - s < _SIGNALS_M]
        stops = [one for one in self._signals.stops if -_SIGNALS_M < one.s - s < _SIGNALS_M]
        places = np.array([location_array(one.actor.get_location()) for one in lights])
        states = [_LIGHTS.get(one.actor.get_state(), LightState.DARK) for one in lights]
        return Signals(
            light_id=np.array([one.actor.id for one in lights], dtype=np.int64),
            light_s=np.array([one.s for one in lights], dtype=np.float64),
            light_position=places.reshape(-1, 3),
            light_state=np.array(states, dtype=np.int64),
            stop_id=np.array([one.id for one in stops], dtype=np.int64),
            stop_s=np.array([one.s for one in stops], dtype=np.float64),
        )


def _accelerations(traces: Sequence[_Trace], seen: Snapshot, snapshot: carla.WorldSnapshot, time_s: float) -> Floats:
    """Accelerations (n,) along the headings, as of late."""
    rows = [snapshot.find(actor).get_acceleration() for actor in seen.id.tolist()]
    pushes = np.array([(one.x, one.y) for one in rows]).reshape(-1, 2)
    along = pushes[:, 0] * np.cos(seen.yaw) + pushes[:, 1] * np.sin(seen.yaw)
    now = along.clip(-_HARDEST_PUSH, _HARDEST_PUSH).tolist()
    return np.array([trace.feel(one, time_s) for trace, one in zip(traces, now, strict=True)], dtype=np.float64)


def _near(things: Floats, ego: Ego, reach: float) -> Bools:
    """Which things (n,), by rows that begin with x and y, are within reach of the ego."""
    step = things[:, :2] - ego.position[:2]
    half = things[:, 3:5].max(axis=1) if things.shape[1] > 2 else 0.0
    return np.hypot(step[:, 0], step[:, 1]) < reach + half


def _walls(world: carla.World) -> Floats:
    """What of the town hides what is behind it, as `Scene.walls` (w, 7); boxes that lean are left out."""
    boxes = [box for label in _HIDING for box in world.get_level_bbs(label)]
    upright = [box for box in boxes if max(abs(box.rotation.pitch), abs(box.rotation.roll)) < _LEANING_DEG]
    return np.array([_wall(box) for box in upright]).reshape(-1, 7)


def _wall(box: carla.BoundingBox) -> tuple[float, ...]:
    middle, half = box.location, box.extent
    return (middle.x, middle.y, math.radians(box.rotation.yaw), half.x, half.y, middle.z - half.z, middle.z + half.z)


def _parked_cars(world: carla.World) -> Floats:
    """Places (p, 2) of the cars that belong to the town."""
    cars = world.get_environment_objects(carla.CityObjectLabel.Car)
    return np.array([(car.transform.location.x, car.transform.location.y) for car in cars]).reshape(-1, 2)


def _weather(weather: carla.WeatherParameters) -> Weather:
    return Weather(weather.sun_altitude_angle, weather.precipitation, weather.fog_density, weather.wetness)
