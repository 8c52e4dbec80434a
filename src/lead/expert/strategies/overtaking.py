"""Round something that stands in the lane, over the lane of those who come towards the ego."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from lead.control import Gap, follow_speed
from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.path import Shift
from lead.expert.scene import Bools
from lead.expert.situation import Situation
from lead.expert.strategies.blockage import find_blockage, side_step
from lead.kinds import Kind

_WAIT_GAP = Gap(0.5, 0.2)
_LOOK_M = 50.0
_FACING = math.radians(120.0)
_READY_M = 12.0  # before the place of waiting, plus the way to stop, from which gaps are judged
_ASIDE_M, _BACK_ROOM_M, _BACK_SPEED = 0.25, 3.0, 1.5
_EASED_S, _EASE_S = 12.0, 1.0
_CLOSE_M = 1.0
_WAITING_RAMP_M, _SHORT_RAMP_M, _SHORTEST_RAMP_M, _LANE_STRIP_M = 7.0, 7.0, 4.0, 1.0
_BRAKES_S = 1.0  # what it takes longer when the ego has to stop behind somebody as it comes back
_SIDEWAYS_M = 0.05  # a tick
_ROOM_M, _LEAST_CLEARANCE_M = 0.35, 0.4  # beside those who come, and what is kept to what is passed all the same
_BRAKING, _TOO_LATE_S = 6.0, -0.4
_GOES_BY_M, _PAST_M = 6.0, 1.0
_OVERTAKEN_SHARE = 0.6  # nobody faster than this share of the own speed is overtaken


@dataclass(frozen=True)
class Overtaking:
    """`before`, `after`: metres around the obstacle that the way keeps `clearance` (m) to it; `ramp` (m) out and back;
    `speed` (m/s) meanwhile; `margin_s` between the ego's return and the next one to come.
    """

    before: float = 2.5
    after: float = 2.0
    ramp: float = 11.0
    clearance: float = 0.7
    speed: float = 40.0 / 3.6
    margin_s: float = 0.8


OVERTAKINGS: Mapping[str, Overtaking] = MappingProxyType(
    {
        "AccidentTwoWays": Overtaking(),
        "ParkedObstacleTwoWays": Overtaking(),
        "ConstructionObstacleTwoWays": Overtaking(clearance=0.8),
        "VehicleOpensDoorTwoWays": Overtaking(1.5, 0.5, ramp=6.0, clearance=1.15, speed=8.75, margin_s=0.3),
        "HazardAtSideLaneTwoWays": Overtaking(before=4.0, after=3.0, clearance=1.0),
        "BadParkingObstacleTwoWays": Overtaking(),
        "CustomObstacleTwoWays": Overtaking(clearance=0.8),
        "PermutedConstructionObstacleTwoWays": Overtaking(clearance=0.8),
    }
)


def overtake_by_type(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Wait for a gap in the oncoming traffic, then pass."""
    return overtake(situation, fact, note, OVERTAKINGS[fact.type])


def overtake(situation: Situation, fact: ScenarioFact, note: Note, spec: Overtaking) -> tuple[Advice, Note]:
    """As `overtake_by_type`, in the manner of `spec`."""
    ego = situation.scene.ego
    if note.phase == "done":
        return Advice(), note
    half_lane = 0.5 * situation.lane_width(situation.front)
    # A car beside the lane is in the way when a door of it may open.
    strip = half_lane + 0.5 if fact.type == "VehicleOpensDoorTwoWays" else half_lane - 0.1
    found = find_blockage(situation, fact, strip)
    if found is not None:
        # What is nearer may hide the rest by now.
        note = replace(note, first=found.first, last=max(note.last, found.last), left=min(note.left, found.left))
    if not math.isfinite(note.first):
        return Advice(), note
    if note.phase == "passing":
        return _pass(situation, fact, note, spec, found.speed if found is not None else 0.0)
    start = note.first - spec.before - ego.front
    # Who waits close to it is past it sooner.
    waiting = start - min(spec.ramp, _WAITING_RAMP_M) - ego.s
    if found is None or note.first - situation.front > _LOOK_M:
        return Advice(), note
    ready = waiting < _READY_M + ego.speed**2 / (2.0 * situation.config.braking)
    if ready and is_gap(situation, note, spec, found.speed):
        offset = min(side_step(situation, note.left, spec.clearance), -0.3)
        ramp = min(spec.ramp, max(start - ego.s, 6.0))
        end = note.last + spec.after + ego.rear
        back = min(spec.ramp, max(_room_behind(situation, note) - end - ego.front, _SHORTEST_RAMP_M))
        shift = Shift(fact.name, max(start, ego.s + 5.0), end, offset, ramp, back)
        return _passing_advice(situation, shift, spec), replace(note, phase="passing")
    gap, desired = max(waiting, 0.0), min(situation.free_speed, spec.speed)
    if not is_in_lane(situation) and note.first - situation.front - _BACK_ROOM_M > gap:
        # Those who come need the lane that the ego is half in.
        gap, desired = note.first - situation.front - _BACK_ROOM_M, _BACK_SPEED
    speed = follow_speed(desired, ego.speed, gap + _WAIT_GAP.standstill, _WAIT_GAP)
    wish = Decision(speed if gap > 0.3 else 0.0, "waiting for a gap", found.actor, note.first - situation.front)
    return Advice(wishes=(wish,)), note


def _pass(
    situation: Situation, fact: ScenarioFact, note: Note, spec: Overtaking, overtaken: float
) -> tuple[Advice, Note]:
    mine = [shift for shift in situation.memory.shifts if shift.key == fact.name]
    if not mine or situation.scene.ego.s > mine[0].finish:
        return Advice(), replace(note, phase="done")
    ego = situation.scene.ego
    stopping = max(ego.speed - overtaken, 0.0) ** 2 / (2.0 * _BRAKING) + _CLOSE_M
    if note.first - situation.front > stopping and not is_gap(situation, note, spec, overtaken, begun=True):
        # Not beside it yet, and somebody comes who was out of sight: back behind it.
        return Advice(shifts=(replace(mine[0], offset=0.0),)), replace(note, phase="approach")
    end = max(mine[0].end, note.last + spec.after + ego.rear)
    shift = replace(mine[0], end=end, offset=_beside(situation, note, spec, mine[0].offset))
    if situation.rear > note.last + _CLOSE_M and _who_comes(situation, situation.front).any():
        # Past the obstacle and somebody comes: back at once.
        shift = replace(shift, end=min(shift.end, ego.s), ramp_out=max(7.0, 0.7 * ego.speed))
    return _passing_advice(situation, shift, spec), note


def _beside(situation: Situation, note: Note, spec: Overtaking, offset: float) -> float:
    """The offset, a little nearer to the one that is needed by what has come into sight since: on the left of what is
    passed, but closer to it where somebody comes who needs the room.
    """
    wide, narrow = (side_step(situation, note.left, room) for room in (spec.clearance, _LEAST_CLEARANCE_M))
    comes = _who_comes(situation, situation.rear)
    left_to_them = float(situation.spans.right[comes].max(initial=-math.inf))
    needed = max(min(wide, offset), min(left_to_them + _ROOM_M + situation.scene.ego.half_width, narrow))
    return offset + min(max(needed - offset, -_SIDEWAYS_M), _SIDEWAYS_M)


def _who_comes(situation: Situation, since: float) -> Bools:
    """Which actors (n,) come towards the ego on its left, and are not past a place (m along the route)."""
    spans = situation.spans
    ahead = (spans.last > since) & (spans.first < situation.front + _LOOK_M)
    return ahead & _facing(situation) & (spans.left < 0.0)


def _facing(situation: Situation) -> Bools:
    return situation.spans.near & (np.abs(situation.spans.turn) > _FACING)


def _passing_advice(situation: Situation, shift: Shift, spec: Overtaking) -> Advice:
    """Drive on: those who come know that the ego is there, or are beyond its return."""
    ignored = frozenset(situation.actors.id[_facing(situation) & (situation.actors.speed > 0.5)].tolist())
    return Advice(shifts=(shift,), wishes=(Decision(spec.speed, "overtaking"),), ignored=ignored, at_least=spec.speed)


def is_gap(situation: Situation, note: Note, spec: Overtaking, speed: float = 0.0, begun: bool = False) -> bool:
    """Whether all who come are past, or so far away that the ego is back in its lane before, and there is room in it.

    `speed` (m/s) is that of who is overtaken; `begun`: the ego is on its way, and goes on if it just can.
    """
    spans, ego = situation.spans, situation.scene.ego
    back = note.last + spec.after + ego.rear + spec.ramp
    needed = travel_time(ego.speed, spec.speed, situation.config.acceleration, back - ego.s)
    # What rides on is passed with the difference of the speeds only.
    speed = min(speed, _OVERTAKEN_SHARE * spec.speed)
    ridden = speed * needed * spec.speed / (spec.speed - speed)
    back += ridden
    needed += ridden / spec.speed
    eased = 1.0 if begun else min(max(situation.memory.standing_s - _EASED_S, 0.0) / _EASED_S, 1.0)
    ramp = _SHORT_RAMP_M + eased * (_SHORTEST_RAMP_M - _SHORT_RAMP_M)
    room = _room_behind(situation, note, needed)
    if room < back - spec.ramp + ramp + ego.front:
        return False
    margin_s = _TOO_LATE_S if begun else spec.margin_s - eased * _EASE_S
    if room < back + ego.front and not begun:
        margin_s += _BRAKES_S
    centre = (spans.left + spans.right) / 2.0
    comes = _facing(situation) & (centre < -1.2) & (centre > -6.0)
    # One that is just going by is past when the ego moves over, which it does the sooner the faster it is.
    room_left = max(_GOES_BY_M - ego.speed, _PAST_M)
    soon_past = situation.front + np.where(spans.along < -3.0, room_left, _PAST_M)
    comes &= spans.last > (soon_past if begun or is_in_lane(situation) else situation.rear)
    arrives = (spans.first - back) / np.maximum(-spans.along, 0.5)
    standing = (spans.along > -0.5) & (spans.first > back)
    return not bool((comes & ~standing & (arrives < needed + margin_s)).any())


def is_in_lane(situation: Situation) -> bool:
    """Whether those who come have their lane for themselves."""
    ego = situation.scene.ego
    return situation.lane.side_of(ego.position, ego.s) > -_ASIDE_M


def _room_behind(situation: Situation, note: Note, seconds: float = 0.0) -> float:
    """Up to where (m along the route) the lane beyond what is overtaken will be free, some seconds from now."""
    spans = situation.spans
    ahead = spans.within(_LANE_STRIP_M) & (spans.first > note.last + _CLOSE_M) & (np.abs(spans.turn) < _FACING)
    ahead &= situation.actors.kind != Kind.WALKER
    return float((spans.first + np.maximum(spans.along, 0.0) * seconds)[ahead].min(initial=math.inf))


def travel_time(speed: float, target: float, acceleration: float, distance: float) -> float:
    """Seconds for a distance (m) from a speed up to a target (m/s) with a constant acceleration (m/s2)."""
    target = max(target, speed, 0.1)
    speeding = (target**2 - speed**2) / (2.0 * acceleration)
    if distance <= speeding:
        return (math.sqrt(speed**2 + 2.0 * acceleration * max(distance, 0.0)) - speed) / acceleration
    return (target - speed) / acceleration + (distance - speeding) / target


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(dict.fromkeys(OVERTAKINGS, overtake_by_type))
