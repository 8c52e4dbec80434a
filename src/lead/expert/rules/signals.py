"""Stop at red lights and at stop signs."""

from collections.abc import Iterator

import numpy as np

from lead.control import LIGHT_GAP, STOP_SIGN_GAP, follow_speed
from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.scene import LightState
from lead.expert.situation import Situation, Way
from lead.expert.visibility import last_sight_of_light, visible_lights

STANDING = 0.1
"""Slower than this (m/s) the ego stands."""
AT_STOP_M = 0.7
"""How near (m) the place where a stop sign wants a stand counts as there."""

_FAR_M = 100.0
_OVERRUN_M = 1.5  # the line counts until the front is this far beyond it,
_STOOD_M, _HARDLY_MOVING = 2.5, 1.0  # and so far where the ego had to stop on it
_YELLOW_BRAKING = 5.0
_EARLIER_M = 8.0  # before the line at most, where the light can still be seen
_BELIEVED_S = 45.0
_LINE_M = 1.5  # to stop before the line
_STOP_FAR_M, _STOP_PASSED_M = 60.0, 3.0


def next_light(situation: Situation) -> int | None:
    """The number of the first light whose line is not behind the ego."""
    overrun = _STOOD_M if situation.scene.ego.speed < _HARDLY_MOVING else _OVERRUN_M
    ahead = np.flatnonzero(situation.scene.signals.light_s >= situation.front - overrun)
    return int(ahead[0]) if len(ahead) else None


def heed_light(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Stop before a line whose light is not green, or beyond which there is no room."""
    index, ego = next_light(situation), situation.scene.ego
    if index is None:
        return
    distance = float(situation.scene.signals.light_s[index]) - situation.front
    reason = _why_wait(situation, way, index, distance) if distance < _FAR_M else None
    if reason is None:
        return
    # Whoever stops at the line where the light is behind it would not see it change.
    room = distance - _LINE_M
    if situation.config.visibility:
        room = min(room, max(last_sight_of_light(situation.scene, index) - ego.s, distance - _EARLIER_M))
    speed = follow_speed(situation.free_speed, ego.speed, room + LIGHT_GAP.standstill, LIGHT_GAP)
    yield Decision(speed, reason, int(situation.scene.signals.light_id[index]), distance)


def _why_wait(situation: Situation, way: Way, index: int, distance: float) -> str | None:
    state, ego = situation.light_states[index], situation.scene.ego
    if state == LightState.RED and not _is_outdated(situation, index):
        return "red light"
    if state == LightState.YELLOW and distance > ego.speed**2 / (2.0 * _YELLOW_BRAKING):
        return "yellow light"
    spans = way.spans
    stopped = spans.within(ego.half_width) & (spans.along < 0.5) & (situation.actors.speed < 0.5)
    room = np.where(stopped & (spans.first > situation.front), spans.first, np.inf) - situation.front
    if len(room) and 0.5 < distance < room.min() < distance + ego.length + 1.0:
        return "no room beyond the light"
    return None


def _is_outdated(situation: Situation, index: int) -> bool:
    """Whether the ego has stood so long where it cannot see the light that it has surely changed."""
    if situation.memory.standing_s <= _BELIEVED_S or not situation.config.visibility:
        return False
    return not visible_lights(situation.scene)[index]


def next_stop(situation: Situation) -> int | None:
    """The number of the first stop sign that is still to be heeded."""
    signals, done = situation.scene.signals, situation.memory.stops_done
    for index in np.flatnonzero(signals.stop_s >= situation.scene.ego.s - _STOP_PASSED_M).tolist():
        if int(signals.stop_id[index]) not in done:
            return index
    return None


def heed_stop_sign(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Come to a stand at a stop sign."""
    index, ego = next_stop(situation), situation.scene.ego
    if index is None:
        return
    distance = max(float(situation.scene.signals.stop_s[index]) - ego.s, 0.0)
    if distance < _STOP_FAR_M:
        speed = follow_speed(situation.free_speed, ego.speed, distance + STOP_SIGN_GAP.standstill, STOP_SIGN_GAP)
        speed = speed if distance > 0.4 else 0.0
        yield Decision(speed, "stop sign", int(situation.scene.signals.stop_id[index]), distance)


def stands_at_stop(situation: Situation) -> int | None:
    """The id of the stop sign that the ego is standing at."""
    index, ego = next_stop(situation), situation.scene.ego
    if index is None or ego.speed >= STANDING:
        return None
    is_there = float(situation.scene.signals.stop_s[index]) - ego.s <= AT_STOP_M
    return int(situation.scene.signals.stop_id[index]) if is_there else None


STOP_S = 1.3
"""How long (s) the ego stands at a stop sign."""
