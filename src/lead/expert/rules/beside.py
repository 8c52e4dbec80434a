"""Do not turn into who is beside."""

from collections.abc import Iterator

import numpy as np

from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.rules.leader import name_of
from lead.expert.situation import Situation, Way, footprints_along
from lead.geometry import footprint, footprints_overlap

_SLOW, _PATIENCE_S = 3.0, 30.0
_STEPS_M = (0.5, 1.0, 1.5, 2.0)
_MARGIN_M = 0.05


def mind_the_sides(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """At a few km/h, as in a queue: whoever reaches further ahead and would be touched where he is now is let go first.

    Forecasts of those who stand and go by turns change too quickly to tell.
    """
    ego, actors, spans = situation.scene.ego, situation.actors, way.spans
    if ego.speed > _SLOW or situation.memory.slow_s > _PATIENCE_S:
        return
    asked = spans.near & (actors.speed < _SLOW) & (spans.last > situation.front) & (spans.first < situation.front)
    rows = np.flatnonzero(asked & ~situation.rows_of(tuple(advice.ignored)))
    if not len(rows):
        return
    s = ego.s + np.array([0.0, *_STEPS_M])
    own = footprints_along(situation, way.corridor, s, _MARGIN_M)
    theirs = footprint(actors.centre[rows, :2], actors.yaw[rows], actors.extent[rows, :2])
    touched = footprints_overlap(own[:, None], theirs[None])
    for row, hits in zip(rows.tolist(), touched.T, strict=True):
        if hits[1:].any() and not hits[0]:
            gap = _STEPS_M[int(np.flatnonzero(hits[1:])[0])]
            yield Decision(0.0, f"beside {name_of(int(actors.kind[row]))}", int(actors.id[row]), gap)
