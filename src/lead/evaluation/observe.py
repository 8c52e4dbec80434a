"""From the simulator's world to one `Observation` a tick, from the snapshot and the local map alone."""

import math
import queue
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

import carla

from lead.clock import seconds_between
from lead.evaluation.criteria.red_light import REACH_M as LIGHT_REACH_M
from lead.evaluation.criteria.red_light import TAIL_BEHIND_M
from lead.evaluation.criteria.stop_sign import REACH_M as STOP_REACH_M
from lead.evaluation.observation import Contact, Ego, LanePoint, Observation, Progress, RouteLine, Vector
from lead.evaluation.signals import Signals, lane_point
from lead.scenarios.scene import Rules

_LANE_STEP_M = 0.25
_DRIVING = carla.LaneType.Driving
_DRIVING_OR_PARKING = carla.LaneType.Driving | carla.LaneType.Parking


class ContactSensor:
    """The collision sensor of the ego; `take` hands out what it told since the last call.

    Ids of actors are told as they would be in a world in which nothing was driven before: there the ego would be
    `first_id`, the first after those of the town, where it is `ego_id` now.
    """

    def __init__(self, first_id: int = 0, ego_id: int = 0) -> None:
        self._contacts: queue.SimpleQueue[tuple[int, Contact]] = queue.SimpleQueue()
        self._waiting: list[tuple[int, Contact]] = []
        self._first_id, self._shift = first_id, ego_id - first_id

    @contextmanager
    def attached(self, world: carla.World, ego: carla.Actor) -> Iterator["ContactSensor"]:
        """Listen to contacts of `ego` while the context lasts."""
        blueprint = world.get_blueprint_library().find("sensor.other.collision")
        sensor = cast(carla.Sensor, world.spawn_actor(blueprint, carla.Transform(), ego))
        try:
            sensor.listen(self._put)
            yield self
        finally:
            sensor.stop()
            sensor.destroy()

    def take(self, frame: int) -> tuple[Contact, ...]:
        """The contacts before `frame` that were not taken yet.

        Those of a frame come in some time after its tick; that they are in when the next one is over can be relied on.
        """
        while not self._contacts.empty():
            self._waiting.append(self._contacts.get_nowait())
        taken = sorted((one for one in self._waiting if one[0] < frame), key=lambda one: (one[0], one[1].other_id))
        self._waiting = [one for one in self._waiting if one[0] >= frame]
        return tuple(contact for _, contact in taken)

    def _put(self, event: carla.SensorData) -> None:
        other = cast(carla.CollisionEvent, event).other_actor
        known = other.id - self._shift if other.id >= self._first_id else other.id
        self._contacts.put((event.frame, Contact(known, other.type_id)))


class TickReader:
    """Reads the ticks of one route. Between them it keeps the place on the route and the signals known so far."""

    def __init__(
        self, world: carla.World, town: carla.Map, ego: carla.Vehicle, line: RouteLine, contacts: ContactSensor
    ) -> None:
        self._town = town
        self._ego = ego
        self._half_length = ego.bounding_box.extent.x
        self._line = line
        self._contacts = contacts
        self._signals = Signals(world)
        self._index = 0
        self._end: Vector = tuple(line.points[-1].tolist())
        self._start_s: float | None = None

    def read(self, snapshot: carla.WorldSnapshot, background: Iterable[int], rules: Rules) -> Observation:
        """The observation of the tick of `snapshot`; `background` are the ids of the background vehicles."""
        now = snapshot.timestamp.elapsed_seconds
        if self._start_s is None:
            self._start_s = now
        ego = self._read_ego()
        lane, nearest = self._lanes_at(ego.location)
        self._signals.refresh(ego.location)
        lights = self._signals.lights_near(ego.location, LIGHT_REACH_M)
        here = ego.location if lane is None else lane.location
        stop_signs = self._signals.stop_signs_near(here, STOP_REACH_M)
        return Observation(
            frame=snapshot.frame,
            time_s=seconds_between(self._start_s, now),
            ego=ego,
            progress=self._advance(ego.location),
            lane=lane,
            nearest_lane=nearest,
            tail_lane=self._tail_lane(ego) if any(light.is_red for light in lights) else None,
            lane_ahead=self._lane_ahead(ego.location) if stop_signs else (),
            lights=lights,
            stop_signs=stop_signs,
            contacts=self._contacts.take(snapshot.frame),
            traffic_speed=traffic_speed(snapshot, background),
            wrong_lane_counts=not rules.wrong_direction_off,
            standing_counts=not rules.blocked_off,
        )

    def _read_ego(self) -> Ego:
        transform, velocity = self._ego.get_transform(), self._ego.get_velocity()
        place, yaw = transform.location, math.radians(transform.rotation.yaw)
        return Ego(
            location=(place.x, place.y, place.z),
            yaw=yaw,
            half_length=self._half_length,
            speed=velocity.length(),
            forward_speed=velocity.x * math.cos(yaw) + velocity.y * math.sin(yaw),
            speed_limit_kmh=self._ego.get_speed_limit(),
        )

    def _lanes_at(self, place: Vector) -> tuple[LanePoint | None, LanePoint | None]:
        # A search for parking lanes alone takes most of a millisecond in the large towns; one for both does not.
        location = carla.Location(*place)
        waypoint = self._town.get_waypoint(location, True, _DRIVING_OR_PARKING)
        if waypoint is None:
            return None, None
        nearest = lane_point(waypoint)
        if waypoint.lane_type == _DRIVING:
            return nearest, nearest
        driving = self._town.get_waypoint(location, True, _DRIVING)
        return (None if driving is None else lane_point(driving)), nearest

    def _tail_lane(self, ego: Ego) -> LanePoint | None:
        waypoint = self._town.get_waypoint(carla.Location(*ego.along(-ego.half_length - TAIL_BEHIND_M)))
        return None if waypoint is None else lane_point(waypoint)

    def _lane_ahead(self, place: Vector) -> tuple[Vector, ...]:
        waypoint = self._town.get_waypoint(carla.Location(*place))
        points: list[Vector] = []
        while waypoint is not None and len(points) * _LANE_STEP_M <= STOP_REACH_M:
            location = waypoint.transform.location
            points.append((location.x, location.y, location.z))
            following = waypoint.next(_LANE_STEP_M)
            waypoint = following[0] if following else None
        return tuple(points)

    def _advance(self, place: Vector) -> Progress:
        before = self._line.metres[self._index]
        self._index = self._line.advance(self._index, place)
        metres = float(self._line.metres[self._index])
        return Progress(self._index, metres, metres - float(before), self._line.length, math.dist(place, self._end))


def traffic_speed(snapshot: carla.WorldSnapshot, background: Iterable[int]) -> float | None:
    """Mean speed of the background vehicles that the snapshot holds, None without any."""
    seen = (snapshot.find(actor_id) for actor_id in background)
    speeds = [actor.get_velocity().length() for actor in seen if actor is not None]
    return sum(speeds) / len(speeds) if speeds else None
