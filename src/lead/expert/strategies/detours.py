"""Round something that stands in the lane, over a lane of the same direction."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lead.control import Gap, follow_speed
from lead.expert.advice import Advice, Strategy
from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.intent import intended_side
from lead.expert.path import Shift
from lead.expert.scene import Neighbour
from lead.expert.situation import Situation
from lead.expert.strategies import queues
from lead.expert.strategies.blockage import Blockage, find_blockage, free_side, lane_is_free
from lead.expert.strategies.overtaking import OVERTAKINGS, overtake

_STOP_GAP = Gap(1.0, 0.3)
_CLEARANCE_M, _OVER_THE_LINE_M = 0.5, 0.2


@dataclass(frozen=True)
class Detour:
    """How to pass: metres `before` and `after` that the way is all in the other lane, what part of the distance to
    that lane it goes (`share`), and how far ahead (s) it is looked for.
    """

    before: float
    after: float
    share: float = 1.0
    ahead_s: float = 6.0


DETOURS: Mapping[str, Detour] = MappingProxyType(
    {
        "Accident": Detour(2.0, 1.2),
        queues.TYPE: Detour(1.0, 1.5),
        "ParkedObstacle": Detour(2.0, 1.0),
        "ConstructionObstacle": Detour(2.5, 1.5, share=1.08),
        "HazardAtSideLane": Detour(4.0, 6.0),
        "BadParkingObstacle": Detour(2.0, 1.0),
        "CustomObstacle": Detour(2.5, 1.5, share=1.08),
        "ConstructionObstaclePedestrian": Detour(2.5, 1.5, share=1.08),
        "PermutedConstructionObstacle": Detour(2.5, 1.5, share=1.08),
    }
)


def detour(situation: Situation, fact: ScenarioFact, note: Note) -> tuple[Advice, Note]:
    """Change to the other lane when it is free, and come back behind the obstacle; wait before it when not."""
    spec = DETOURS[fact.type]
    found = find_blockage(situation, fact, 0.5 * situation.lane_width(situation.front) - 0.1)
    if found is not None:
        first = found.first if note.phase == "approach" else min(note.first, found.first)
        note = replace(note, first=first, last=found.last)
    if note.phase == "done" or not math.isfinite(note.first):
        return Advice(), note
    if note.phase == "passing":
        return _pass(situation, fact, note, spec)
    kind, offset = free_side(situation, note.first, _preferred_side(situation, fact))
    if kind != Neighbour.SAME and found is not None and fact.type in DETOURS:
        return overtake(situation, fact, note, OVERTAKINGS["ParkedObstacleTwoWays"])
    return _approach(situation, fact, note, spec, found, offset)


def _preferred_side(situation: Situation, fact: ScenarioFact) -> float:
    """The side (-1 left, 1 right) to pass on if both are free: as the fact, target points or the scenario say."""
    if "side" in fact.values:
        return fact.number("side", 0.0)
    side = intended_side(situation.scene) if situation.config.intent else 0.0
    if side != 0.0:
        return side
    return 1.0 if fact.word("direction", "right") == "left" else -1.0


def _approach(
    situation: Situation, fact: ScenarioFact, note: Note, spec: Detour, found: Blockage | None, offset: float
) -> tuple[Advice, Note]:
    ego = situation.scene.ego
    distance = note.first - situation.front
    ramp = min(max(10.0, 2.0 * ego.speed), 30.0)
    if distance > max(30.0, spec.ahead_s * ego.speed):
        return Advice(), note
    if distance < -ego.length:
        return Advice(), replace(note, phase="done")
    if lane_is_free(situation, offset):
        # At once: the gap that is there now may be gone at the obstacle.
        room = note.first - spec.before - ego.front - ego.s
        begin = max(min(ramp, room), 5.0)
        end = note.last + spec.after + ego.rear
        across = _clear_of(situation, note.first, spec.share * offset, offset, found)
        shift = Shift(fact.name, ego.s + begin, end, across, begin, max(10.0, ego.speed))
        return Advice(shifts=(shift,)), replace(note, phase="passing")
    gap = max(distance - 12.0, 0.0)
    actor = found.actor if found is not None else 0
    speed = follow_speed(situation.free_speed, ego.speed, gap + _STOP_GAP.standstill, _STOP_GAP)
    return Advice(wishes=(Decision(speed, "waiting for a free lane", actor, distance),)), note


def _clear_of(situation: Situation, s: float, wanted: float, offset: float, found: Blockage | None) -> float:
    """The offset `wanted`, or farther over in the lane at `offset`, as far as the obstacle asks for and it allows."""
    if found is None:
        return wanted
    half = situation.scene.ego.half_width
    side = math.copysign(1.0, offset)
    needed = (found.right if side > 0.0 else -found.left) + half + _CLEARANCE_M
    widest = abs(offset) + max(0.5 * situation.lane_width(s) - half, 0.0) + _OVER_THE_LINE_M
    return side * max(abs(wanted), min(needed, widest))


def _pass(situation: Situation, fact: ScenarioFact, note: Note, spec: Detour) -> tuple[Advice, Note]:
    ego = situation.scene.ego
    mine = [shift for shift in situation.memory.shifts if shift.key == fact.name]
    if not mine:
        return Advice(), replace(note, phase="done")
    shift = replace(mine[0], end=max(mine[0].end, note.last + spec.after + ego.rear))
    # Coming back takes as much room as is left behind the obstacle.
    if situation.rear > shift.finish:
        return Advice(), replace(note, phase="done")
    return Advice(shifts=(shift,)), note


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(dict.fromkeys(DETOURS, detour))
