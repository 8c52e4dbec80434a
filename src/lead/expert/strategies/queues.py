"""Queues that do not go on, such as behind cars that wait for each other: told like a scenario, passed like one."""

from collections.abc import Iterator

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.expert.intent import intended_side
from lead.expert.scene import Bools, LightState, Neighbour
from lead.expert.situation import Situation
from lead.kinds import Kind

TYPE = "StuckQueue"
_WAITED_S, _STANDING_S, _STANDING, _MOVING = 20.0, 15.0, 0.1, 3.0
_NEXT_M, _APART_M, _LIGHT_M, _BESIDE_M = 12.0, 10.0, 80.0, 1.6


def stuck_queues(situation: Situation) -> Iterator[ScenarioFact]:
    """The queue that the ego stands in, if others go by in a lane beside it and no light holds it; one that it is
    already passing until it is past.
    """
    notes = situation.memory.notes
    passing = [name for name, note in notes.items() if name.startswith(TYPE) and note.phase == "passing"]
    if not passing and not _is_stuck(situation):
        return
    standing = situation.spans.within(0.5 * situation.lane_width(situation.front) - 0.1) & (
        (situation.actors.kind == Kind.VEHICLE) & (situation.actors.speed < _STANDING)
    )
    for name in passing:
        yield ScenarioFact(name, TYPE, True, tuple(situation.actors.id[_queue(situation, standing)].tolist()))
    queue = _queue(situation, standing & (situation.actors.standing_s > _STANDING_S))
    sides = _flowing_sides(situation) if not passing and queue.any() else []
    if sides:
        rows = _queue(situation, standing)
        first = int(situation.actors.id[rows][situation.spans.first[rows].argmin()])
        intended = intended_side(situation.scene) if situation.config.intent else 0.0
        side = intended if intended in sides else sides[0]
        yield ScenarioFact(f"{TYPE} {first}", TYPE, True, tuple(situation.actors.id[rows].tolist()), {"side": side})


def _is_stuck(situation: Situation) -> bool:
    """Whether the ego has long stood outside junctions and without a light."""
    if situation.memory.slow_s <= _WAITED_S or is_held_by_light(situation):
        return False
    route = situation.scene.route
    row = int(np.searchsorted(route.s, situation.scene.ego.s).clip(0, len(route.s) - 1))
    return not bool(route.in_junction[row])


def is_held_by_light(situation: Situation) -> bool:
    """Whether a light ahead is not known to be green."""
    signals = situation.scene.signals
    near = (signals.light_s > situation.scene.ego.s) & (signals.light_s < situation.front + _LIGHT_M)
    return bool(np.any(near & (np.array(situation.light_states, dtype=np.int64) != LightState.GREEN)))


def _flowing_sides(situation: Situation) -> list[float]:
    """The sides (-1 left, 1 right) on which others go by in a lane of the ego's direction."""
    spans = situation.spans
    centre = 0.5 * (spans.left + spans.right)
    moving = spans.near & (spans.along > _MOVING) & (situation.actors.kind == Kind.VEHICLE)
    lanes = [(side, *situation.neighbour(situation.scene.ego.s, side)) for side in (-1.0, 1.0)]
    return [
        side
        for side, kind, offset in lanes
        if kind == Neighbour.SAME and (moving & (np.abs(centre - offset) < _BESIDE_M)).any()
    ]


def _queue(situation: Situation, standing: Bools) -> Bools:
    """Those of the standing (n,) who stand one behind the other before the ego."""
    spans = situation.spans
    found, end = np.zeros(len(standing), dtype=bool), situation.front + _NEXT_M - _APART_M
    for row in np.argsort(spans.first).tolist():
        if standing[row] and spans.last[row] > situation.rear and spans.first[row] < end + _APART_M:
            found[row] = True
            end = max(end, float(spans.last[row]))
    return found
