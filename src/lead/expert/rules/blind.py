"""Creep up to junctions whose crossing traffic is hidden."""

import math
from collections.abc import Iterator

import numpy as np

from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.rules.meeting import is_protected
from lead.expert.scene import Bools, Floats
from lead.expert.situation import Situation, Way
from lead.expert.visibility import in_sight, is_in_field, walls_of
from lead.kinds import Kind

_LOOK_M, _ENTERED_M = 30.0, 2.0
_HIDDEN_SHARE = 0.34  # of the points from which traffic may come
_CREEP = 3.0
_CALM_BRAKING = 2.0
_CAR_M = 1.0  # height of what might come


def heed_blind_junctions(situation: Situation, way: Way, advice: Advice) -> Iterator[Decision]:
    """Slow down until the lanes that lead into the junction from the sides can be seen."""
    approaches = situation.scene.approaches
    distance = approaches[:, 0] - situation.front
    near = (distance > -_ENTERED_M) & (distance < _LOOK_M)
    if not situation.config.uncertainty or not near.any() or is_protected(situation):
        return
    first = float(distance[near].min())
    points = approaches[near & (distance == first), 1:]
    if _hidden(situation, points).mean() > _HIDDEN_SHARE:
        speed = math.sqrt(_CREEP**2 + 2.0 * _CALM_BRAKING * max(first, 0.0))
        yield Decision(speed, "blind junction", distance=first)


def _hidden(situation: Situation, points: Floats) -> Bools:
    """Which places (n, 3) where a car may be are in the sensors' field but out of sight."""
    ego, actors = situation.scene.ego, situation.actors
    standing = (actors.kind == Kind.VEHICLE) & (actors.standing_s > 1.0)
    walls = np.concatenate([situation.scene.walls, walls_of(actors.pick(standing))])
    return is_in_field(ego, points) & ~in_sight(ego, points + (0.0, 0.0, _CAR_M), walls)
