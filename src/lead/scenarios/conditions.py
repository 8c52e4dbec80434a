"""What scenarios wait for. Each function gives a condition for a script; metres, seconds, m/s."""

import math
from collections.abc import Callable

import carla
import numpy as np

from lead.scenarios.lanes import ahead
from lead.scenarios.scene import Scene
from lead.scenarios.script import Condition

_SLOWEST = 1e-3
_STANDING = 0.1


def seconds(scene: Scene, duration: float) -> Condition:
    """So much time has gone by since the wait began."""
    begin: list[float] = []

    def over() -> bool:
        begin.append(scene.tick.time_s)
        return scene.tick.time_s - begin[0] >= duration - 1e-6

    return over


def near(scene: Scene, place: carla.Location, time_s: float, distance: float) -> Condition:
    """The ego reaches a place within `time_s` at its present speed, or is nearer than `distance`."""

    def over() -> bool:
        apart = scene.tick.distance_to(place)
        return apart < distance or apart / max(scene.tick.speed, _SLOWEST) < time_s

    return over


def within(scene: Scene, actor: carla.Actor, distance: float) -> Condition:
    """The ego is nearer to an actor than `distance`."""
    return lambda: scene.tick.distance_to(actor.get_location()) < distance


def reached(scene: Scene, place: carla.Location, distance: float) -> Condition:
    """The ego is nearer to a place than `distance`."""
    return lambda: scene.tick.distance_to(place) < distance


def near_on_route(scene: Scene, place: carla.Location, distance: float) -> Condition:
    """The way along the route to where it comes nearest to a place is less than `distance`."""
    apart = np.linalg.norm(scene.trace.location - (place.x, place.y, place.z), axis=1)
    there = float(scene.trace.s_m[int(apart.argmin())])
    return lambda: there - float(scene.trace.s_m[scene.tick.route_index]) < distance


def near_junction(scene: Scene, distance: float) -> Condition:
    """The route enters a junction less than `distance` ahead of the ego."""

    def over() -> bool:
        here = scene.tick.route_index
        last = int(np.searchsorted(scene.trace.s_m, scene.trace.s_m[here] + distance))
        return bool(scene.trace.junction[here:last].any())

    return over


def stood(scene: Scene, duration: float) -> Condition:
    """The ego has stood still for so long."""
    since: list[float] = []

    def over() -> bool:
        if scene.tick.speed >= _STANDING:
            since.clear()
            return False
        since.append(scene.tick.time_s)
        return scene.tick.time_s - since[0] >= duration - 1e-6

    return over


def past(scene: Scene, waypoint: carla.Waypoint, within_m: float = math.inf) -> Condition:
    """The ego has passed a place of the road, and is not farther from it than `within_m`."""
    place, heading = waypoint.transform.location, waypoint.transform.get_forward_vector()

    def over() -> bool:
        x, y, z = scene.tick.location
        beyond = (x - place.x) * heading.x + (y - place.y) * heading.y + (z - place.z) * heading.z
        return beyond > 0.0 and scene.tick.distance_to(place) <= within_m

    return over


def in_front(scene: Scene, first: carla.Actor, second: carla.Actor, within_m: float = math.inf) -> Condition:
    """`first` is ahead of `second` on the road by more than both are long."""
    length = first.bounding_box.extent.x + second.bounding_box.extent.x

    def over() -> bool:
        waypoint = scene.map.get_waypoint(second.get_location())
        if waypoint is None:
            return False
        line = ahead(waypoint, length).transform
        way, heading = first.get_location() - line.location, line.get_forward_vector()
        beyond = way.x * heading.x + way.y * heading.y + way.z * heading.z
        return beyond > 0.0 and math.hypot(way.x, way.y) <= within_m

    return over


def drove(scene: Scene, distance: float) -> Condition:
    """The ego has driven so far since the wait began."""
    return moved(lambda: scene.tick.location, distance)


def moved(place: Callable[[], tuple[float, float, float]], distance: float) -> Condition:
    """Something whose place a function gives has moved so far since the wait began."""
    before: list[tuple[float, float, float]] = []
    way = [0.0]

    def over() -> bool:
        now = place()
        if before:
            way[0] += math.dist(before[-1], now)
        before[:] = [now]
        return way[0] >= distance

    return over


def place_of(actor: carla.Actor) -> Callable[[], tuple[float, float, float]]:
    """Where an actor is, as `moved` wants it."""

    def place() -> tuple[float, float, float]:
        location = actor.get_location()
        return location.x, location.y, location.z

    return place


def left_junction(scene: Scene, junction_id: int | None = None) -> Condition:
    """The ego has been inside a junction, this one if given, and is out of it."""
    entered = [False]

    def over() -> bool:
        waypoint = scene.map.get_waypoint(carla.Location(*scene.tick.location))
        if waypoint is None:
            return False
        inside = waypoint.is_junction and (junction_id is None or waypoint.junction_id == junction_id)
        entered[0] = entered[0] or inside
        return entered[0] and not waypoint.is_junction

    return over
