"""Collisions of the ego, each counted once."""

import math

from lead.evaluation.criteria.base import Criterion
from lead.evaluation.infractions import Event, Infraction, at
from lead.evaluation.observation import Contact, Observation, Vector

SAME_ACTOR_S = 5.0
SAME_PLACE_M = 5.0
STANDING_SPEED = 0.1


class Collision(Criterion):
    """A contact counts unless it is with the actor of the last one, within 5 s; or the ego has not yet left the
    5 m around the place of the last one; or the ego stands and did so a tick ago: who is stopped dead has not stood.

    What is neither layout, vehicle nor walker (the sidewalk) is not scored, but is remembered as the last one.
    """

    def __init__(self) -> None:
        self._last_id = 0
        self._last_time = -math.inf
        self._last_place: Vector | None = None
        self._last_speed = 0.0

    def step(self, seen: Observation) -> tuple[Event, ...]:
        """Infractions of this tick's contacts."""
        place = seen.ego.location
        if self._last_place is not None and math.dist(place, self._last_place) > SAME_PLACE_M:
            self._last_place = None
        if seen.time_s - self._last_time > SAME_ACTOR_S:
            self._last_id = 0
        events = [self._judge(contact, seen) for contact in seen.contacts]
        self._last_speed = seen.ego.speed
        return tuple(event for event in events if event is not None)

    def _judge(self, contact: Contact, seen: Observation) -> Event | None:
        same_actor = contact.other_id != 0 and contact.other_id == self._last_id
        stood = max(seen.ego.speed, self._last_speed) < STANDING_SPEED
        if same_actor or self._last_place is not None or stood:
            return None
        self._last_id, self._last_time, self._last_place = contact.other_id, seen.time_s, seen.ego.location
        kind = kind_of(contact.other_type)
        if kind is None:
            return None
        text = f"Agent collided against object with type={contact.other_type} and id={contact.other_id}"
        return Event(kind, seen.time_s, f"{text} at {at(seen.ego.location)}")


def kind_of(type_id: str) -> Infraction | None:
    """The kind of collision that an actor's type makes, None when it is not scored."""
    if ("static" in type_id or "traffic" in type_id) and "sidewalk" not in type_id:
        return Infraction.COLLISION_LAYOUT
    if "vehicle" in type_id:
        return Infraction.COLLISION_VEHICLE
    if "walker" in type_id:
        return Infraction.COLLISION_PEDESTRIAN
    return None
