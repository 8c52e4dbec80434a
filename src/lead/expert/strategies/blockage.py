"""What stands in the lane, and where others drive beside it."""

from dataclasses import dataclass

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.expert.scene import Bools, Floats, Neighbour
from lead.expert.situation import Situation
from lead.kinds import Kind

_ALIGNED = np.radians(60.0)
_BRAKING = 3.0  # with which those behind in another lane are taken to brake (m/s2)
_BESIDE_M = 3.0
_URGENT_M, _URGENT_BRAKING = 1.0, 5.0
_REACTION_S = 0.7
_ACROSS_S, _STARTING = 0.4, 2.0  # within which one who starts, slower than that (m/s), has hardly moved to the side
_IMPATIENT_S = 20.0


@dataclass(frozen=True)
class Blockage:
    """Something in the lane from `first` to `last` (m along the route), which reaches from `left` to `right` of its
    centre (m, positive right). `actor` is its nearest part; `speed` (m/s) that of its fastest along the lane.
    """

    first: float
    last: float
    left: float
    right: float
    actor: int
    speed: float = 0.0


def find_blockage(situation: Situation, fact: ScenarioFact, half_width: float, behind: float = 40.0) -> Blockage | None:
    """Those actors of the scenario that reach into a strip of the lane, from `behind` metres behind the ego on."""
    rows = situation.rows_of(fact.actors) & situation.spans.within(half_width)
    rows &= situation.spans.last > situation.rear - behind
    # People are waited for, not passed.
    rows &= situation.actors.kind != Kind.WALKER
    # The traffic that a scenario sends towards the ego is not what has to be passed.
    rows &= ~(situation.actors.has_moved & (np.abs(situation.spans.turn) > _ALIGNED))
    return span_of(situation, rows)


def span_of(situation: Situation, rows: Bools) -> Blockage | None:
    """The blockage that some actors (n,) make together; None for none."""
    if not rows.any():
        return None
    spans, index = situation.spans, np.flatnonzero(rows)
    nearest = index[np.argmin(spans.first[index])]
    return Blockage(
        float(spans.first[index].min()),
        float(spans.last[index].max()),
        float(spans.left[index].min()),
        float(spans.right[index].max()),
        int(situation.actors.id[nearest]),
        max(float(spans.along[index].max()), 0.0),
    )


def side_step(situation: Situation, left: float, clearance: float) -> float:
    """How far to the right (negative: left) the way has to move to pass on its left what reaches to `left` (m)."""
    return left - situation.scene.ego.half_width - clearance


def lane_is_free(situation: Situation, offset: float) -> bool:
    """Whether the ego may move into the lane of its own direction whose centre is `offset` to the right."""
    return not bool(blockers(situation, offset).any())


def blockers(situation: Situation, offset: float | Floats, urgent: bool = False) -> Bools:
    """Which actors (n,) keep the ego out of the lane of its own direction whose centre is `offset` to the right.

    The offset may differ from actor to actor (n,), where the route itself moves across. `urgent`: only those who would
    be touched, or could hardly stop behind the ego.
    """
    spans, ego = situation.spans, situation.scene.ego
    centre = (spans.left + spans.right) / 2.0
    there = spans.near & (np.abs(centre - offset) < 1.6) & (np.abs(spans.turn) < _ALIGNED)
    margin = _URGENT_M if urgent else _BESIDE_M
    beside = (spans.last > situation.rear - margin) & (spans.first < situation.front + margin)
    gap = situation.rear - spans.last
    closing = np.maximum(spans.along - ego.speed, 0.0)
    # Those who let nobody in for long get less of a warning, but enough if the ego speeds up as fast as it can.
    needed = _URGENT_M + closing**2 / (2.0 * _URGENT_BRAKING)
    if not urgent:
        patience = max(1.0 - situation.memory.standing_s / _IMPATIENT_S, 0.3)
        needed = np.maximum(needed, 2.0 + patience * (_REACTION_S * closing + closing**2 / (2.0 * _BRAKING)))
    behind = (gap > -margin) & (gap < needed) & (spans.last < situation.front)
    # Who drives away ahead is no hindrance, nor who will before one who starts from a stand is across.
    soon = _ACROSS_S * closing if ego.speed < _STARTING else 0.0
    leaving = (spans.first + soon > situation.front) & (spans.along > ego.speed - 1.0) & (spans.along > 1.0)
    return there & ((beside & ~leaving) | behind)


def free_side(situation: Situation, s: float, preferred: float) -> tuple[Neighbour, float]:
    """The neighbouring lane to pass something at `s` in: of the ego's direction if there is one, and its offset.

    `preferred` is the side (-1 left, 1 right) that is looked at first.
    """
    sides = [situation.neighbour(s, side) for side in (preferred, -preferred)]
    for kind in (Neighbour.SAME, Neighbour.ONCOMING):
        for found, offset in sides:
            if found == kind:
                return found, offset
    return sides[0]
