"""What scenarios with something in the way share: signs, how the traffic copes, the way round, and their end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import carla

from lead.scenarios.cast import Cast
from lead.scenarios.conditions import past, reached, seconds
from lead.scenarios.flows import oncoming_flow
from lead.scenarios.lanes import LaneError, drivable_side, forward, moved, neighbour, turned
from lead.scenarios.parameters import Interval, Side
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of, forever, in_turn, once

NOTICED_M, REACTION_S = 50.0, 5.0
BEYOND_M = 50.0
_SIGN_SHIFT = 0.3
_SIGN_LIFT_M = 0.2


def place_sign(scene: Scene, cast: Cast, blueprint: str, side: Side) -> carla.Actor:
    """A warning sign at the trigger, beside the outermost lane of a side."""
    edge = drivable_side(scene.reference, side.sign)
    shift = side.sign * (0.5 + _SIGN_SHIFT) * edge.lane_width
    return cast.prop(blueprint, turned(moved(edge, right=shift, up=_SIGN_LIFT_M), 90.0))


def beyond(lane: carla.Waypoint) -> carla.Waypoint:
    """Where a scenario ends whose last obstacle is in `lane`: well behind it, before the next junction."""
    return forward(lane, BEYOND_M, stop_at_junction=True)


def lane_to_the_left(lane: carla.Waypoint) -> carla.Waypoint:
    """The driving lane to the left, where others come; LaneError when there is none."""
    found = neighbour(lane, -1)
    if found is None or found.lane_type != carla.LaneType.Driving:
        raise LaneError("there is no driving lane to the left of the obstacle")
    return found


def until_past(scene: Scene, end: carla.Waypoint, meanwhile: Script) -> Script:
    """Until the ego has passed a place, or takes too long for it; nobody is blocked."""
    with scene.without_blocked_test():
        yield first_of(past(scene, end), scene.timeout(), meanwhile)


def noticed(scene: Scene, place: carla.Location, distance: float = NOTICED_M) -> Script:
    """Until a while after the ego has come near a place."""
    yield reached(scene, place, distance)
    yield seconds(scene, REACTION_S)


def pass_beside_traffic(scene: Scene, start: Script, end: carla.Waypoint, speed_kmh: float) -> Script:
    """Until the ego is past; after `start` no car drives faster than `speed_kmh`."""
    with speed_cap(scene, speed_kmh) as slow_down:
        yield until_past(scene, end, in_turn(start, once(slow_down), forever))


def pass_against_traffic(
    scene: Scene, start: Script, end: carla.Waypoint, oncoming: carla.Waypoint, gap: Interval
) -> Script:
    """Until the ego is past; after `start` the cars that come along the oncoming lane have gaps (m)."""
    yield until_past(scene, end, in_turn(start, against_traffic(scene, oncoming, gap)))


def against_traffic(scene: Scene, oncoming: carla.Waypoint, gap: Interval) -> Script:
    """Replace the oncoming traffic by cars with gaps (m), and let the ego use their lane, without end."""
    with scene.without_wrong_direction_test(), without_opposite(scene):
        yield oncoming_flow(scene, oncoming, gap)


@contextmanager
def without_opposite(scene: Scene) -> Iterator[None]:
    """No oncoming background traffic while the context lasts."""
    scene.traffic.set_opposite(active=False)
    try:
        yield
    finally:
        scene.traffic.set_opposite(active=True)


@contextmanager
def without_lane(scene: Scene, lane: carla.Waypoint, offset: int = 0) -> Iterator[None]:
    """No background traffic in a lane while the context lasts; `offset` says which: 0 the ego's, 1 right of it."""
    scene.traffic.remove_lane(lane)
    try:
        yield
    finally:
        scene.traffic.restore_lane(offset)


@contextmanager
def with_extra_space(scene: Scene, extra_m: float) -> Iterator[None]:
    """The background leaves `extra_m` more room in front of the ego while the context lasts."""
    scene.traffic.change_road(extra_space=extra_m)
    try:
        yield
    finally:
        scene.traffic.change_road(extra_space=0.0)


@contextmanager
def speed_cap(scene: Scene, speed_kmh: float) -> Iterator[Callable[[], None]]:
    """Gives the action of capping the speed of all traffic; in the end the cap is taken away."""
    try:
        yield lambda: scene.traffic.set_max_speed(speed_kmh)
    finally:
        scene.traffic.set_max_speed(None)
