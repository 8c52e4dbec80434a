"""Oncoming cars that cut a bend because of cones, and come into the ego's lane."""

from collections.abc import Iterator
from dataclasses import dataclass

import carla

from lead.scenarios.conditions import past
from lead.scenarios.construction import CONE, Prop, reveal
from lead.scenarios.detours import lane_to_the_left, without_lane, without_opposite
from lead.scenarios.flows import invading_flow
from lead.scenarios.lanes import forward, moved
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of

_BEYOND_M, _AT_END_M = 30.0, 50.0
_GAP_M = 40.0
_HALF_WIDTH_M = 0.7
_FIRST_CONE_M, _CONES_APART_M, _CONED_SHARE, _CONE_SHIFT = 10.0, 5.0, 0.5, 0.8


@dataclass(frozen=True)
class InvadingParameters:
    """Over `distance` (m) from the trigger on, the sides of oncoming cars are `offset` (m) inside the ego's lane."""

    distance: float = 100.0
    offset: float = 0.25


def invading_turn(scene: Scene, params: InvadingParameters) -> Script:
    """Cones push the oncoming cars into the ego's lane, which has to make room."""
    end = forward(scene.reference, params.distance + _BEYOND_M)
    source, sink = lane_to_the_left(end), lane_to_the_left(scene.reference)
    right = -(params.offset + 0.5 * source.lane_width - _HALF_WIDTH_M)
    with scene.cast() as cast:
        cones = [
            Prop(cast.hidden_prop(CONE, pose), pose) for pose in _cone_poses(source, _CONED_SHARE * params.distance)
        ]
        yield scene.triggered
        with without_lane(scene, scene.reference), without_opposite(scene), scene.without_blocked_test():
            reveal(cones)
            flow = invading_flow(scene, source, sink, _GAP_M, right)
            yield first_of(past(scene, end, _AT_END_M), scene.timeout(), flow)


def _cone_poses(source: carla.Waypoint, length: float) -> Iterator[carla.Transform]:
    """Cones along the oncoming lane, at the edge that is farther from the ego."""
    metres = _FIRST_CONE_M
    while metres < _FIRST_CONE_M + length:
        lane = forward(source, metres)
        yield moved(lane, right=_CONE_SHIFT * 0.5 * lane.lane_width)
        metres += _CONES_APART_M


SCENARIOS = (declare("InvadingTurn", InvadingParameters, invading_turn),)
