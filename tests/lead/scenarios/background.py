"""What tests of the background activity share: a road, and who is where on it."""

import math
from collections.abc import Callable

import carla
from theatre import Show, synthetic

from lead.routes import Route
from lead.scenarios.lanes import (
    Turn,
    before_junction,
    forward,
    junction_ahead,
    junction_entries,
    through_junction,
)

LANE_M = 3.5
#: A road of Town05 with three lanes either way, 276 m before a junction with traffic lights; the middle lane.
START = carla.Location(193.3, 38.7, 0.0)
TO_JUNCTION_M = 276.0
#: As far ahead as anybody of the ego's road is, with the ego at rest.
WAITING_M = 45.0


def road_to_junction(town: carla.Map, lead_m: float, turn: Turn) -> Route:
    """A route from so far down the road and on over the junction, with a scenario that does nothing."""
    start = forward(town.get_waypoint(START), lead_m)
    entry = before_junction(start)
    leave = through_junction(entry, turn)
    places = [one.transform.location for one in (start, entry, leave, forward(leave, 90.0))]
    points = [(place.x, place.y, place.z) for place in places]
    trigger = (*points[0], start.transform.rotation.yaw)
    return synthetic("Town05", "BackgroundActivityParametrizer", points, trigger)


def cars(play: Show) -> list[carla.Vehicle]:
    """The background's cars that the client knows."""
    known = {actor.id for actor in play.world.get_snapshot()}
    return [play.world.get_actor(i) for i in play.activity.ids if i in known]  # type: ignore[misc]


def speed_of(car: carla.Vehicle) -> float:
    return car.get_velocity().length()


def turn_of(play: Show, car: carla.Vehicle) -> float:
    """Degrees between a car's heading and the ego's, 0 to 180."""
    return abs((car.get_transform().rotation.yaw - math.degrees(play.seen.ego.yaw) + 180.0) % 360.0 - 180.0)


def lane_of(play: Show, car: carla.Vehicle) -> int:
    """Lanes to the right of the route."""
    return round(play.where(car)[1] / LANE_M)


def in_lane(play: Show, lane: int) -> list[carla.Vehicle]:
    """Cars of a lane of the ego's direction, the farthest ahead first."""
    found = [car for car in cars(play) if turn_of(play, car) < 60.0 and lane_of(play, car) == lane]
    return sorted(found, key=play.ahead, reverse=True)


def ahead_in(play: Show, lane: int) -> list[carla.Vehicle]:
    return [car for car in in_lane(play, lane) if play.ahead(car) > 0.0]


def behind_in(play: Show, lane: int) -> list[carla.Vehicle]:
    return [car for car in in_lane(play, lane) if play.ahead(car) < 0.0]


def oncoming(play: Show) -> list[carla.Vehicle]:
    return [car for car in cars(play) if turn_of(play, car) > 120.0]


def is_inside(play: Show, car: carla.Vehicle) -> bool:
    return play.map.get_waypoint(car.get_location()).is_junction


def follow(play: Show, speed: float, until: Callable[[], bool], limit_s: float) -> None:
    """Drive, but hit nobody ahead in the lane."""

    def over() -> bool:
        near = [play.ahead(car) for car in ahead_in(play, 0)]
        play.speed = 0.0 if min(near, default=99.0) < 8.0 + play.seen.ego.speed else speed
        return until()

    play.until(over, limit_s)


def at_junction(play: Show, yaw_deg: float) -> list[carla.Vehicle]:
    """Cars ahead that drive at this angle to the ego, to the right of its heading, before or in the junction."""
    ego = math.degrees(play.seen.ego.yaw)
    return [
        car
        for car in cars(play)
        if abs((car.get_transform().rotation.yaw - ego - yaw_deg + 180.0) % 360.0 - 180.0) < 30.0
        and play.ahead(car) > 0.0
    ]


def is_inside_deep(play: Show, car: carla.Vehicle) -> bool:
    """Whether a car is farther than 3 m inside a junction."""
    back = play.map.get_waypoint(car.get_location()).previous(3.0)
    return bool(back) and back[0].is_junction


def entries_of(entry: carla.Waypoint) -> list[carla.Waypoint]:
    return junction_entries(junction_ahead(entry).get_junction())


def turn_between(lane: carla.Waypoint, other: carla.Waypoint) -> float:
    return abs((lane.transform.rotation.yaw - other.transform.rotation.yaw + 180.0) % 360.0 - 180.0)
