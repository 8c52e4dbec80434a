"""Fail2Drive's road works: incomplete ones, ones with a worker, and ones beside the ego's lane."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import carla

from lead.scenarios.cast import Cast, appear
from lead.scenarios.conditions import near
from lead.scenarios.construction import (
    BOARD,
    CONSTRUCTION_SIGN,
    DEBRIS,
    NOTICED_M,
    Prop,
    hide_road_works,
    reveal,
)
from lead.scenarios.detours import (
    beyond,
    lane_to_the_left,
    noticed,
    pass_against_traffic,
    pass_beside_traffic,
    place_sign,
    speed_cap,
    until_past,
    without_lane,
    without_opposite,
)
from lead.scenarios.fail2drive_obstacles import quiet_road
from lead.scenarios.lanes import LaneError, forward, neighbour, shifted, turned
from lead.scenarios.parameters import Interval, ParameterError, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of, forever, in_turn, once
from lead.scenarios.walkers import WALKER_LIFT_M, hidden_walker, walk

NONE = "none"
_CONES = 7
_QUIET_KMH = 1.0
_WORKER_SPEED, _WORKER_WAY_M, _WORKER_S, _WORKER_NEAR_M = 2.0, 8.0, 1.5, 6.0
#: The worker stands not before a cone but beside it.
_BETWEEN_CONES_M = 1.0
_BESIDE_M, _BESIDE_CONE_SHIFT = 0.1, 0.9


@dataclass(frozen=True)
class PermutedParameters:
    """Road works `distance` (m) ahead, open on the other side than `direction`, passed at `speed` (km/h).

    `warning_sign`, `debris`: blueprints or "none"; `cones`: a 1 for each that is there, four at the side and three at
    the end.
    """

    distance: float = 100.0
    direction: Side = Side.RIGHT
    speed: float = 60.0
    warning_sign: str = BOARD
    debris: str = DEBRIS
    cones: str = "1" * _CONES

    def __post_init__(self):
        if len(self.cones) != _CONES or set(self.cones) - set("01"):
            raise ParameterError(f"cones: {self.cones!r} is not {_CONES} digits, each 0 or 1")


@dataclass(frozen=True)
class PermutedTwoWaysParameters(PermutedParameters):
    """As `PermutedParameters`, where the way round leads over the oncoming lane: gaps (m) of the oncoming cars."""

    frequency: Interval = Interval(20.0, 100.0)


@dataclass(frozen=True)
class WorkerParameters:
    """Road works `distance` (m) ahead, open on the other side than `direction`, and who works there."""

    distance: float = 100.0
    direction: Side = Side.RIGHT
    pedestrian: str = "walker.pedestrian.0030"


@dataclass(frozen=True)
class RightLaneParameters:
    """Road works `distance` (m) ahead, `y_offset` (m) farther to the right than just beside the ego's lane."""

    distance: float = 100.0
    direction: Side = Side.RIGHT
    y_offset: float = 0.0


@dataclass(frozen=True)
class OppositeLaneParameters:
    """Road works `distance` (m) ahead in the oncoming lane, there open on the other side than `direction`."""

    distance: float = 100.0
    direction: Side = Side.RIGHT


def permuted_construction(scene: Scene, params: PermutedParameters) -> Script:
    """Road works of which parts are missing or others than usual; the cars beside slow down."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        props = _hide_permuted(scene, cast, site, params)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_beside_traffic(scene, start, beyond(site), params.speed)


def permuted_construction_two_ways(scene: Scene, params: PermutedTwoWaysParameters) -> Script:
    """Road works of which parts are missing or others than usual; the way round leads through oncoming traffic."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        oncoming = lane_to_the_left(site)
        props = _hide_permuted(scene, cast, site, params)
        yield scene.triggered
        with without_lane(scene, scene.reference):
            reveal(props)
            start = noticed(scene, site.transform.location, NOTICED_M)
            yield pass_against_traffic(scene, start, beyond(site), oncoming, params.frequency)


def construction_pedestrian(scene: Scene, params: WorkerParameters) -> Script:
    """A worker steps out of road works into the lane in which the ego passes them."""
    side = params.direction.sign
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        beside = neighbour(site, -side)
        if beside is None:
            raise LaneError("there is no lane in which the ego could pass the road works")
        place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
        props = hide_road_works(cast, site.transform, site.lane_width, params.direction)
        pose = turned(shifted(site.transform, ahead_m=_BETWEEN_CONES_M, up=WALKER_LIFT_M), -90.0 * side)
        worker = hidden_walker(cast, params.pedestrian, pose)
        yield scene.triggered
        with without_lane(scene, scene.reference), quiet_road(scene), speed_cap(scene, _QUIET_KMH) as slow_down:
            reveal(props)
            appear(worker, pose)
            slowly = in_turn(noticed(scene, site.transform.location, NOTICED_M), once(slow_down), forever)
            step_out = in_turn(
                near(scene, beside.transform.location, _WORKER_S, _WORKER_NEAR_M),
                walk(scene, worker, _WORKER_SPEED, _WORKER_WAY_M),
                once(lambda: cast.dismiss([worker])),
                forever,
            )
            yield until_past(scene, beyond(site), first_of(slowly, step_out))


def construction_right_lane(scene: Scene, params: RightLaneParameters) -> Script:
    """Road works in the lane or strip to the right of the ego's, which stays free."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
        there = shifted(site.transform, right=site.lane_width + _BESIDE_M + params.y_offset)
        props = hide_road_works(cast, there, site.lane_width, params.direction, cone_shift=_BESIDE_CONE_SHIFT)
        yield scene.triggered
        with _without_right_lane(scene):
            reveal(props)
            yield until_past(scene, beyond(site), _nothing())


def construction_opposite_lane(scene: Scene, params: OppositeLaneParameters) -> Script:
    """Road works in the oncoming lane, from which nobody comes; the ego's own lane stays free."""
    with scene.cast() as cast:
        site = forward(scene.reference, params.distance)
        there = lane_to_the_left(site)
        if there.lane_id * site.lane_id > 0:
            raise LaneError("the lane to the left of the ego's is no oncoming lane")
        place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
        props = hide_road_works(cast, there.transform, there.lane_width, params.direction)
        yield scene.triggered
        with without_opposite(scene):
            reveal(props)
            yield until_past(scene, beyond(site), _nothing())


# -- building blocks


def _nothing() -> Script:
    yield forever


def _without_right_lane(scene: Scene) -> AbstractContextManager[None]:
    """No background traffic in the lane to the right, if there is one, while the context lasts."""
    right = neighbour(scene.reference, 1)
    if right is None or right.lane_type != carla.LaneType.Driving:
        return nullcontext()
    return without_lane(scene, right, offset=1)


def _hide_permuted(scene: Scene, cast: Cast, site: carla.Waypoint, params: PermutedParameters) -> list[Prop]:
    """A sign at the trigger, and what there is of the road works, hidden."""
    place_sign(scene, cast, CONSTRUCTION_SIGN, params.direction)
    return hide_road_works(
        cast,
        site.transform,
        site.lane_width,
        params.direction,
        board=None if params.warning_sign == NONE else params.warning_sign,
        debris=None if params.debris == NONE else params.debris,
        cones=[digit == "1" for digit in params.cones],
    )


SCENARIOS = (
    declare("PermutedConstructionObstacle", PermutedParameters, permuted_construction),
    declare("PermutedConstructionObstacleTwoWays", PermutedTwoWaysParameters, permuted_construction_two_ways),
    declare("ConstructionObstaclePedestrian", WorkerParameters, construction_pedestrian),
    declare("ConstructionObstacleRightLane", RightLaneParameters, construction_right_lane),
    declare("ConstructionObstacleOppositeLane", OppositeLaneParameters, construction_opposite_lane),
)
