"""Road works in the ego's lane: a warning board, cones round it, and how traffic copes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import carla

from lead.scenarios.cast import Cast, appear
from lead.scenarios.detours import (
    beyond,
    lane_to_the_left,
    noticed,
    pass_against_traffic,
    pass_beside_traffic,
    place_sign,
    without_lane,
)
from lead.scenarios.lanes import forward, shifted, turned
from lead.scenarios.parameters import Interval, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script

CONSTRUCTION_SIGN = "static.prop.warningconstruction"
BOARD, DEBRIS, CONE = "static.prop.trafficwarning", "static.prop.dirtdebris02", "static.prop.constructioncone"
NOTICED_M = 30.0

_BOARD_BEFORE_M = 5.0
_DEBRIS_AFTER_M, _DEBRIS_LIFT_M = 2.0, 1.0
_SIDE_CONES, _SIDE_STEP_M = 4, 2.0
_END_CONES, _END_STEP_M = 3, 1.0
_CONE_SHIFT = 0.85


@dataclass(frozen=True)
class ConstructionParameters:
    """Road works `distance` (m) ahead, open for traffic on the other side than `direction`; the speed (km/h) at which
    traffic passes them.
    """

    distance: float = 100.0
    direction: Side = Side.RIGHT
    speed: float = 60.0


@dataclass(frozen=True)
class ConstructionTwoWaysParameters:
    """As `ConstructionParameters`, where the way round leads over the oncoming lane: gaps (m) of the oncoming cars."""

    distance: float = 100.0
    direction: Side = Side.RIGHT
    frequency: Interval = Interval(20.0, 100.0)


class Prop(NamedTuple):
    """A hidden prop and where it belongs."""

    actor: carla.Actor
    pose: carla.Transform


def construction_obstacle(scene: Scene, params: ConstructionParameters) -> Script:
    """Road works block the lane; the cars beside slow down."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
        props = hide_road_works(cast, site.transform, site.lane_width, params.direction)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_beside_traffic(scene, start, beyond(site), params.speed)


def construction_obstacle_two_ways(scene: Scene, params: ConstructionTwoWaysParameters) -> Script:
    """Road works block the lane; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        oncoming = lane_to_the_left(site)
        place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
        props = hide_road_works(cast, site.transform, site.lane_width, params.direction)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_against_traffic(scene, start, beyond(site), oncoming, params.frequency)


def hide_road_works(
    cast: Cast,
    site: carla.Transform,
    lane_width: float,
    side: Side,
    board: str | None = BOARD,
    debris: str | None = DEBRIS,
    cones: Iterable[bool] = (True,) * (_SIDE_CONES + _END_CONES),
    cone_shift: float = _CONE_SHIFT,
) -> list[Prop]:
    """The props of road works that begin at `site`, hidden.

    `side`: where the lane is closed; `board`, `debris`: their blueprints, None for none; `cones`: which of the seven
    are there, four along the open side and then three across the end; `cone_shift`: share of half the lane's width.
    """
    poses = cone_poses(site, lane_width, side, cone_shift)
    places = [(CONE, pose) for pose, used in zip(poses, cones, strict=True) if used]
    if debris is not None:
        places.insert(0, (debris, shifted(site, ahead_m=_DEBRIS_AFTER_M, up=_DEBRIS_LIFT_M)))
    if board is not None:
        places.insert(0, (board, turned(shifted(site, ahead_m=-_BOARD_BEFORE_M), 180.0)))
    return [Prop(cast.hidden_prop(blueprint, pose), pose) for blueprint, pose in places]


def cone_poses(
    site: carla.Transform, lane_width: float, side: Side, shift: float = _CONE_SHIFT
) -> list[carla.Transform]:
    """An L of cones: along the open side of the lane, then from there across it."""
    edge = -side.sign * shift * 0.5 * lane_width
    along = [(_SIDE_STEP_M * i, edge) for i in range(_SIDE_CONES)]
    across = [(along[-1][0], edge + side.sign * _END_STEP_M * (i + 1)) for i in range(_END_CONES)]
    return [shifted(site, right=right, ahead_m=ahead) for ahead, right in (*along, *across)]


def reveal(props: Iterable[Prop]) -> None:
    """Let hidden props appear."""
    for actor, pose in props:
        appear(actor, pose, physics=False)


SCENARIOS = (
    declare("ConstructionObstacle", ConstructionParameters, construction_obstacle),
    declare("ConstructionObstacleTwoWays", ConstructionTwoWaysParameters, construction_obstacle_two_ways),
)
