"""Stop for people on the way and for those about to step on it."""

from collections.abc import Iterator

import numpy as np

from lead.control import WALKER_GAP, follow_speed
from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.situation import Situation, Way
from lead.kinds import Kind

_WALKING = 0.25
_MARGIN, _CAREFUL_MARGIN = 0.7, 1.2
_SOON_S, _CAREFUL_S = 2.5, 4.0
_BEFORE_S, _CAREFUL_BEFORE_S = 1.0, 2.0
_AT_KERB_M = 1.5
_BESIDE_M, _STAYS_S = 0.4, 4.0  # who has stood for so long, so far beside the car, lets it pass
_PASSING_SPEED = 5.0
_CALM_BRAKING = 3.0  # careful drivers do not wait until the brakes are needed in full (m/s2)


def heed_walkers(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Whoever walks towards the way and will be on it before the ego is past; careful drivers also slow for others."""
    careful, ego = situation.config.uncertainty, situation.scene.ego
    actors, spans = situation.actors, way.spans
    strip = ego.half_width + (_CAREFUL_MARGIN if careful else _MARGIN)
    ahead = spans.near & (actors.kind == Kind.WALKER) & (spans.last > situation.front - 0.3)
    for row in np.flatnonzero(ahead).tolist():
        gap = max(float(spans.first[row]) - situation.front, 0.0)
        if _will_be_there(situation, way, row, strip, gap, careful):
            speed = follow_speed(situation.free_speed, ego.speed, gap, WALKER_GAP)
            is_close = gap < WALKER_GAP.standstill + ego.speed**2 / (2.0 * _CALM_BRAKING)
            yield Decision(0.0 if careful and is_close else speed, "walker crossing", int(actors.id[row]), gap)
        elif careful and actors.has_moved[row] and _at_kerb(way, row, strip) and gap < 30.0:
            yield Decision(_PASSING_SPEED, "walker at the kerb", int(actors.id[row]), gap)


def _will_be_there(situation: Situation, way: Way, row: int, strip: float, gap: float, careful: bool) -> bool:
    spans, ego = way.spans, situation.scene.ego
    left, right = float(spans.left[row]), float(spans.right[row])
    across = float(spans.across[row])
    if left < strip and right > -strip:
        if situation.actors.standing_s[row] > _STAYS_S and max(left, -right) > ego.half_width + _BESIDE_M:
            return False
        leaves = left > ego.half_width + _BESIDE_M and across > _WALKING
        return not leaves and not (right < -ego.half_width - _BESIDE_M and across < -_WALKING)
    away = left - strip if left >= strip else -strip - right
    towards = -across if left >= strip else across
    if towards < _WALKING:
        return False
    enters = away / towards
    if enters > (_CAREFUL_S if careful else _SOON_S):
        return False
    passed = (gap + ego.length) / max(ego.speed, 1.0) + (_CAREFUL_BEFORE_S if careful else _BEFORE_S)
    return passed > enters


def _at_kerb(way: Way, row: int, strip: float) -> bool:
    return bool(min(abs(way.spans.left[row]), abs(way.spans.right[row])) < strip + _AT_KERB_M)
