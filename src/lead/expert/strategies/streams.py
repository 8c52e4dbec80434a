"""How fast to drive among the vehicles of a stream that yields to nobody."""

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.expert.situation import Situation

_BRISK_SPEED = 40.0 / 3.6
_BEHIND_M, _CLOSE_M, _CLOSE_BEHIND_MORE = 16.0, 8.0, 5.0
_DRIVING = 5.0
_ALIGNED = np.radians(40.0)
_IN_LANE_M = 1.8


def stream_speed(situation: Situation, fact: ScenarioFact) -> float:
    """The speed (m/s) of the scenario's fastest vehicle in sight; more where one comes up close behind."""
    rows = situation.rows_of(fact.actors)
    fastest = situation.actors.speed[rows].max(initial=_BRISK_SPEED)
    return float(min(max(fastest, _chased_speed(situation)), situation.config.max_speed))


def _chased_speed(situation: Situation) -> float:
    """The speed (m/s) not to be run into from behind; 0 where nobody comes up fast."""
    spans, ego, speed = situation.spans, situation.scene.ego, situation.actors.speed
    gap = situation.rear - spans.last
    behind = spans.near & (np.abs(spans.side) < _IN_LANE_M) & (np.abs(spans.turn) < _ALIGNED)
    behind &= (gap > 0.0) & (gap < _BEHIND_M) & (speed > max(ego.speed, _DRIVING))
    wanted = speed + np.where(gap < _CLOSE_M, _CLOSE_BEHIND_MORE, 0.0)
    return float(wanted[behind].max(initial=0.0))
