"""Do not turn into who is beside, or stands beside a bend."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.rules.leader import name_of
from lead.expert.scene import Bools, Floats
from lead.expert.situation import Situation, Way, footprints_along
from lead.geometry import footprint, footprints_overlap
from lead.kinds import Kind

_SLOW, _STANDING, _REMAINS_S = 3.0, 0.3, 3.0
_PATIENCE_S, _LAST_PATIENCE_S = 30.0, 90.0
_STEP_M, _BESIDE_M, _SWING_M = 0.5, 2.0, 1.0
_MARGIN_M = 0.1
_ALIKE, _GOES_ON_M = math.radians(45.0), 4.0
_SEEN_M = 2.0  # so far behind the ego's front others see that it is before them
_A_LITTLE_FURTHER = np.array([0.5, 1.0])


def mind_the_sides(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Let go first whoever would be touched where he is now: at a few km/h, as in a queue, those beside who reach
    further ahead, since forecasts of those who stand and go by turns change too quickly to tell; and those who stand
    beside a bend, where the front swings out of its lane. Who is touched, or nearly, before the ego moves counts while
    he moves or has just stopped. In a queue, those who are going by where it would move over, too. Whoever has long
    been held up keeps no margin any more, and at last presses on.
    """
    ego, actors = situation.scene.ego, situation.actors
    is_patient = situation.memory.slow_s <= _PATIENCE_S
    if situation.memory.slow_s > _LAST_PATIENCE_S:
        return
    yield from _let_by(situation, way, advice, situation.rear if is_patient else situation.front - _SEEN_M)
    reach = _BESIDE_M + ego.speed**2 / (2.0 * situation.config.braking)
    rows = np.flatnonzero(_asked(situation, way, reach) & ~situation.rows_of(tuple(advice.ignored)))
    if not len(rows):
        return
    steps = np.arange(0.0, reach + 0.01, _STEP_M)
    touched = _touched(situation, way, ego.s + steps, rows, _MARGIN_M if is_patient else 0.0)
    for row, hits in zip(rows.tolist(), touched.T, strict=True):
        if hits.any() and (actors.standing_s[row] < _REMAINS_S or not hits[0]):
            gap = float(steps[int(np.argmax(hits))])
            speed = math.sqrt(2.0 * situation.config.braking * max(gap - _BESIDE_M, 0.0))
            yield Decision(speed, f"beside {name_of(int(actors.kind[row]))}", int(actors.id[row]), gap)


def _let_by(situation: Situation, way: Way, advice: Advice, since: float) -> Iterator[Decision]:
    """Wait for those beside, with their fronts beyond `since` (m along the route), who would touch the ego a little
    further on when they drive on.
    """
    ego, actors, spans = situation.scene.ego, situation.actors, way.spans
    goes_by = (actors.kind == Kind.VEHICLE) & (actors.speed < _SLOW) & (actors.standing_s < _REMAINS_S)
    goes_by &= (ego.speed < _SLOW) & (np.abs(spans.turn) < _ALIKE) & spans.near & (spans.last > since)
    goes_by &= (spans.last <= situation.front) & ~situation.rows_of(tuple(advice.ignored))
    rows = np.flatnonzero(goes_by)
    if not len(rows):
        return
    own = footprints_along(situation, way.corridor, ego.s + _A_LITTLE_FURTHER, _MARGIN_M)
    theirs = _going_on(situation, rows)
    touching = footprints_overlap(own[:, None, None], theirs[None]).any(axis=(0, 2))
    for row in rows[touching].tolist():
        yield Decision(0.0, f"letting {name_of(int(actors.kind[row]))} by", int(actors.id[row]), 0.0)


def _going_on(situation: Situation, rows: NDArray[np.int64]) -> Floats:
    """Footprints (m, k, 4, 2) of actors, by `rows` (m,), at the places along the next metres of their way."""
    actors, steps = situation.actors, np.arange(0.0, _GOES_ON_M + _STEP_M, _STEP_M)
    yaw, extent = actors.yaw[rows], actors.extent[rows, None, :2]
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)
    places = actors.centre[rows, None, :2] + steps[:, None] * ahead[:, None]
    return footprint(places, np.repeat(yaw[:, None], len(steps), axis=1), extent)


def _asked(situation: Situation, way: Way, reach: float) -> Bools:
    """Which actors (n,) are near enough to be touched within the next `reach` metres."""
    ego, actors, spans, front = situation.scene.ego, situation.actors, way.spans, situation.front
    beside = (actors.speed < _SLOW) & (spans.first < front) & (ego.speed < _SLOW)
    stands = (actors.kind == Kind.VEHICLE) & (actors.speed < _STANDING) & (spans.first < front + reach)
    swept = spans.within(ego.half_width + _SWING_M) & ~spans.within(ego.half_width)
    return (beside | (stands & swept)) & spans.near & (spans.last > front)


def _touched(situation: Situation, way: Way, places: Floats, rows: NDArray[np.int64], margin: float) -> Bools:
    """At which places (k,) the ego would touch which actors, by `rows` (m,): (k, m)."""
    actors = situation.actors
    own = footprints_along(situation, way.corridor, places, margin)
    theirs = footprint(actors.centre[rows, :2], actors.yaw[rows], actors.extent[rows, :2])
    return np.asarray(footprints_overlap(own[:, None], theirs[None]))
