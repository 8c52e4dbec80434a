"""Where things are on the lanes: ways along them, neighbours, junctions with their entries and exits.

Waypoints are CARLA's; distances in metres, angles in degrees where they are CARLA's.
"""

import math
from collections.abc import Iterator, Sequence
from enum import Enum

import carla

STEP_M = 1.0
_STRAIGHT_DEG, _SIDE_DEG, _OPPOSITE_DEG = 30.0, 135.0, 225.0
_LOOK_M = 10.0
_LONGEST_M = 500.0


class LaneError(ValueError):
    """The road has not what a scenario needs; the message says what."""


class Approach(str, Enum):
    """Where a lane into a junction comes from, seen by the ego."""

    REFERENCE = "reference"
    LEFT = "left"
    OPPOSITE = "opposite"
    RIGHT = "right"


class Turn(Enum):
    """A way through a junction."""

    LEFT = -1
    STRAIGHT = 0
    RIGHT = 1


def forward(start: carla.Waypoint, distance: float, stop_at_junction: bool = False) -> carla.Waypoint:
    """The place `distance` down the lane, in steps of a metre; before a junction, or at the lane's end, if that comes
    first.
    """
    return places_along(start, distance, stop_at_junction)[-1]


def back(start: carla.Waypoint, distance: float, stop_at_junction: bool = False) -> carla.Waypoint:
    """The place `distance` up the lane, against the traffic."""
    return places_along(start, distance, stop_at_junction, backward=True)[-1]


def places_along(
    start: carla.Waypoint, distance: float, stop_at_junction: bool = False, backward: bool = False
) -> list[carla.Waypoint]:
    """Places down the lane (up, when `backward`) a metre apart, from `start` to `distance` away; fewer before a
    junction, or where the lane ends.
    """
    whole, rest = divmod(distance, STEP_M)
    places = [start]
    for step in [STEP_M] * int(whole) + ([rest] if rest > 1e-3 else []):
        found = places[-1].previous(step) if backward else places[-1].next(step)
        if not found or (stop_at_junction and found[0].is_junction):
            break
        places.append(found[0])
    return places


def ahead(start: carla.Waypoint, distance: float) -> carla.Waypoint:
    """The place `distance` down the lane, in one step, through junctions. LaneError when the lane ends before."""
    found = start.next(distance) if distance > 0.0 else [start]
    if not found:
        raise LaneError(f"the lane ends less than {distance:g} m ahead")
    return found[0]


def neighbour(waypoint: carla.Waypoint, side: int) -> carla.Waypoint | None:
    """The lane to the right (1) or left (-1), None when there is none."""
    return waypoint.get_right_lane() if side > 0 else waypoint.get_left_lane()


def drivable_side(waypoint: carla.Waypoint, side: int) -> carla.Waypoint:
    """The outermost driving or parking lane of this direction on a side, the waypoint's own when there is no other."""
    drivable = (carla.LaneType.Driving, carla.LaneType.Parking)
    found = waypoint
    while (beside := neighbour(found, side)) is not None:
        if beside.lane_type not in drivable or beside.lane_id * waypoint.lane_id < 0:
            break
        found = beside
    return found


def sidewalk(waypoint: carla.Waypoint, side: int) -> carla.Waypoint:
    """The pavement on a side, beyond the oncoming lanes where those are in between; or the last lane there is."""
    found = waypoint
    while found.lane_type != carla.LaneType.Sidewalk:
        beside = neighbour(found, side)
        if beside is None:
            break
        if beside.lane_id * found.lane_id < 0:
            side = -side
        found = beside
    return found


def same_direction(waypoint: carla.Waypoint) -> list[carla.Waypoint]:
    """The driving lanes of this direction at this place, from the left."""
    lanes = [waypoint]
    for side in (-1, 1):
        beside = neighbour(waypoint, side)
        while beside is not None and beside.lane_type == carla.LaneType.Driving:
            if beside.lane_id * waypoint.lane_id < 0:
                break
            lanes.append(beside)
            beside = neighbour(beside, side)
    return sorted(lanes, key=lambda lane: abs(lane.lane_id))


def opposite_lanes(waypoint: carla.Waypoint) -> list[carla.Waypoint]:
    """The driving lanes of the other direction at this place, the nearest first."""
    beside: carla.Waypoint | None = waypoint
    while beside is not None and beside.lane_id * waypoint.lane_id > 0:
        beside = beside.get_left_lane()
    if beside is None or beside.lane_type != carla.LaneType.Driving:
        return []
    return same_direction(beside)


def moved(waypoint: carla.Waypoint, right: float = 0.0, ahead_m: float = 0.0, up: float = 0.0) -> carla.Transform:
    """A waypoint's pose shifted to its right, ahead and up (m)."""
    return shifted(waypoint.transform, right, ahead_m, up)


def shifted(pose: carla.Transform, right: float = 0.0, ahead_m: float = 0.0, up: float = 0.0) -> carla.Transform:
    """A pose shifted to its right, ahead and up (m)."""
    side, front = pose.get_right_vector(), pose.get_forward_vector()
    place = pose.location
    there = carla.Location(
        place.x + right * side.x + ahead_m * front.x,
        place.y + right * side.y + ahead_m * front.y,
        place.z + right * side.z + ahead_m * front.z + up,
    )
    return carla.Transform(there, pose.rotation)


def turned(pose: carla.Transform, yaw_deg: float) -> carla.Transform:
    """A pose turned by `yaw_deg`, clockwise seen from above."""
    turn = pose.rotation
    return carla.Transform(pose.location, carla.Rotation(turn.pitch, turn.yaw + yaw_deg, turn.roll))


def junction_ahead(start: carla.Waypoint) -> carla.Waypoint:
    """The first place inside the next junction on the lane. LaneError when there is none within half a kilometre."""
    for waypoint in _steps(start, _LONGEST_M):
        if waypoint.is_junction:
            return waypoint
    raise LaneError("there is no junction ahead")


def before_junction(start: carla.Waypoint) -> carla.Waypoint:
    """The last place before the next junction on the lane. LaneError when there is none."""
    last = start
    for waypoint in _steps(start, _LONGEST_M):
        if waypoint.is_junction:
            return last
        last = waypoint
    raise LaneError("there is no junction ahead")


def out_of_junction(start: carla.Waypoint) -> carla.Waypoint:
    """The first place on the lane outside of junctions. LaneError when the lane ends before."""
    for waypoint in _steps(start, _LONGEST_M):
        if not waypoint.is_junction:
            return waypoint
    raise LaneError("the lane ends inside a junction")


def junction_entries(junction: carla.Junction) -> list[carla.Waypoint]:
    """The last places before a junction, one a driving lane that leads into it."""
    return _unique(before for begin, _ in _ways(junction) for before in begin.previous(STEP_M))


def junction_exits(junction: carla.Junction) -> list[carla.Waypoint]:
    """The first places after a junction, one a driving lane that leads out of it."""
    return _unique(after for _, end in _ways(junction) for after in end.next(STEP_M))


def entry_ahead(lane: carla.Waypoint) -> carla.Waypoint:
    """Where a lane enters its next junction; the lane as it is when there is none."""
    try:
        return before_junction(lane)
    except LaneError:
        return lane


def is_same_road(first: carla.Waypoint, second: carla.Waypoint) -> bool:
    """Whether two lanes belong to one road and have the same direction."""
    return first.road_id == second.road_id and first.lane_id * second.lane_id > 0


def approach_of(entry: carla.Waypoint, reference: carla.Waypoint) -> Approach:
    """Where an entry comes from, seen from the ego's own entry `reference`."""
    turn = (entry.transform.rotation.yaw - reference.transform.rotation.yaw) % 360.0
    if turn <= _STRAIGHT_DEG or turn > 360.0 - _STRAIGHT_DEG:
        return Approach.REFERENCE
    if turn <= _SIDE_DEG:
        return Approach.LEFT
    return Approach.OPPOSITE if turn <= _OPPOSITE_DEG else Approach.RIGHT


def through_junction(start: carla.Waypoint, turn: Turn) -> carla.Waypoint:
    """Follow a lane through its next junction, taking the branch that turns most to the left or right, or least; the
    first place after it. LaneError when the way ends before.
    """
    return way_through_junction(start, turn)[-1]


def way_through_junction(start: carla.Waypoint, turn: Turn) -> list[carla.Waypoint]:
    """The places, a metre apart, from `start` to the first one after the next junction; see `through_junction`."""
    way, entered = [start], start.is_junction
    for _ in range(int(_LONGEST_M / STEP_M)):
        branches = way[-1].next(STEP_M)
        if not branches:
            raise LaneError("the lane ends before it has passed a junction")
        way.append(branches[0] if len(branches) == 1 else _branch(way[-1], branches, turn))
        entered = entered or way[-1].is_junction
        if entered and not way[-1].is_junction:
            return way
    raise LaneError("there is no junction ahead")


def yaw_between(first: carla.Transform, second: carla.Transform) -> float:
    """Angle (deg, 0 to 180) between two headings."""
    return abs((first.rotation.yaw - second.rotation.yaw + 180.0) % 360.0 - 180.0)


def flat_distance(first: carla.Location, second: carla.Location) -> float:
    """Distance seen from above (m)."""
    return math.hypot(first.x - second.x, first.y - second.y)


def _steps(start: carla.Waypoint, length: float) -> Iterator[carla.Waypoint]:
    waypoint = start
    yield waypoint
    for _ in range(int(length / STEP_M)):
        following = waypoint.next(STEP_M)
        if not following:
            return
        waypoint = following[0]
        yield waypoint


def _branch(waypoint: carla.Waypoint, branches: Sequence[carla.Waypoint], turn: Turn) -> carla.Waypoint:
    heading = waypoint.transform.get_forward_vector()

    def bend(branch: carla.Waypoint) -> float:
        later = branch.next(_LOOK_M)
        way = (later[0] if later else branch).transform.location - waypoint.transform.location
        return (heading.x * way.y - heading.y * way.x) / max(math.hypot(way.x, way.y), 1e-6)

    if turn is Turn.STRAIGHT:
        return min(branches, key=lambda branch: abs(bend(branch)))
    return max(branches, key=lambda branch: turn.value * bend(branch))


def _ways(junction: carla.Junction) -> list[tuple[carla.Waypoint, carla.Waypoint]]:
    return junction.get_waypoints(carla.LaneType.Driving)


def _unique(waypoints: Iterator[carla.Waypoint]) -> list[carla.Waypoint]:
    lanes = {(w.road_id, w.section_id, w.lane_id): w for w in waypoints if not w.is_junction}
    return list(lanes.values())
