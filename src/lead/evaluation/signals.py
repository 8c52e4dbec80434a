"""Traffic lights and stop signs of a world, prepared once: where they are, and which lanes a light stops."""

import math
from collections.abc import Sequence
from typing import Generic, TypeVar

import carla
import numpy as np

from lead.evaluation.observation import LanePoint, Light, StopLine, StopSign, Vector

#: In large maps the simulator only tells of signals around the hero, so they are asked for again after this way.
REFRESH_M = 100.0

_Actor = TypeVar("_Actor", bound=carla.TrafficSign)


def lane_point(waypoint: carla.Waypoint) -> LanePoint:
    """A waypoint as plain numbers."""
    transform = waypoint.transform
    place = transform.location
    return LanePoint(
        road_id=waypoint.road_id,
        lane_id=waypoint.lane_id,
        in_junction=waypoint.is_junction,
        location=(place.x, place.y, place.z),
        yaw=math.radians(transform.rotation.yaw),
        width=waypoint.lane_width,
    )


class Signals:
    """The lights and stop signs that are known so far; `refresh` looks for new ones."""

    def __init__(self, world: carla.World) -> None:
        self._world = world
        self._lights: _Places[carla.TrafficLight] = _Places()
        self._signs: _Places[carla.TrafficSign] = _Places()
        self._stop_lines: dict[int, tuple[StopLine, ...]] = {}
        self._boxes: dict[int, StopSign] = {}
        self._refreshed_at: Vector | None = None

    def refresh(self, place: Vector) -> None:
        """Take in signals that the simulator told of since the ego was last farther than `REFRESH_M` away."""
        if self._refreshed_at is not None and math.dist(place, self._refreshed_at) < REFRESH_M:
            return
        self._refreshed_at = place
        for actor in self._world.get_actors().filter("traffic.*"):
            if isinstance(actor, carla.TrafficLight):
                self._lights.add(actor, _trigger_centre(actor))
            elif isinstance(actor, carla.TrafficSign) and actor.type_id == "traffic.stop":
                self._signs.add(actor, _trigger_centre(actor))

    def lights_near(self, place: Vector, reach: float) -> tuple[Light, ...]:
        """The lights whose trigger volumes are centred within `reach`, with their present state."""
        return tuple(
            Light(light.id, light.state == carla.TrafficLightState.Red, self._lines_of(light))
            for light in self._lights.near(place, reach)
        )

    def stop_signs_near(self, place: Vector, reach: float) -> tuple[StopSign, ...]:
        """The stop signs whose trigger volumes are centred within `reach`."""
        return tuple(self._box_of(sign) for sign in self._signs.near(place, reach))

    def _lines_of(self, light: carla.TrafficLight) -> tuple[StopLine, ...]:
        if light.id not in self._stop_lines:
            self._stop_lines[light.id] = stop_lines(light)
        return self._stop_lines[light.id]

    def _box_of(self, sign: carla.TrafficSign) -> StopSign:
        if sign.id not in self._boxes:
            box, yaw = sign.trigger_volume, sign.get_transform().rotation.yaw
            heading = math.radians(yaw + box.rotation.yaw)
            self._boxes[sign.id] = StopSign(sign.id, _trigger_centre(sign), heading, box.extent.x, box.extent.y)
        return self._boxes[sign.id]


class _Places(Generic[_Actor]):
    """Actors that do not move, found by distance."""

    def __init__(self) -> None:
        self._actors: dict[int, _Actor] = {}
        self._centres: list[Vector] = []
        self._array = np.empty((0, 3))

    def add(self, actor: _Actor, centre: Vector) -> None:
        if actor.id not in self._actors:
            self._actors[actor.id] = actor
            self._centres.append(centre)
            self._array = np.empty((0, 3))

    def near(self, place: Vector, reach: float) -> Sequence[_Actor]:
        if len(self._array) != len(self._centres):
            self._array = np.array(self._centres)
        if not len(self._array):
            return ()
        offsets = self._array - place
        rows = np.flatnonzero(np.einsum("ij,ij->i", offsets, offsets) <= reach * reach)
        actors = list(self._actors.values()) if len(rows) else []
        return [actors[row] for row in rows]


def stop_lines(light: carla.TrafficLight) -> tuple[StopLine, ...]:
    """Where a light stops each lane: on the lane's last point before the junction.

    The client finds these as the leaderboard does: it samples the trigger volume along the actor's x axis, which lies
    across the lanes, and follows each lane that it meets.
    """
    return tuple(_stop_line(waypoint) for waypoint in light.get_stop_waypoints())


def _stop_line(waypoint: carla.Waypoint) -> StopLine:
    point = lane_point(waypoint)
    return StopLine(point.road_id, point.lane_id, point.location, point.yaw, point.width)


def _trigger_centre(actor: carla.TrafficSign) -> Vector:
    transform, local = actor.get_transform(), actor.trigger_volume.location
    centre = transform.transform(carla.Location(local.x, local.y, local.z))
    return centre.x, centre.y, centre.z
