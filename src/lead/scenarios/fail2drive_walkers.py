"""Fail2Drive's walkers: a crowd on the pavement, and a group that walks along on the road."""

from dataclasses import dataclass

import carla

from lead.scenarios.cast import Cast, PlacingError, appear
from lead.scenarios.conditions import drove, in_front, seconds
from lead.scenarios.detours import with_extra_space
from lead.scenarios.lanes import LaneError, back, forward, moved, sidewalk, turned
from lead.scenarios.parameters import ParameterError, Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, all_of, first_of, forever
from lead.scenarios.walkers import WALKER, WALKER_LIFT_M, hidden_walker, walk

_CROWD_BEYOND_M, _LATERAL_SHARE, _TRIES = 20.0, 0.35, 10
_GROUP = ((0.5, 0.5), (0.0, 0.0), (1.0, -0.5))
_GROUP_SPACE_M, _GROUP_BEYOND_M, _STAND_S = 50.0, 20.0, 5.0


@dataclass(frozen=True)
class CrowdParameters:
    """How many stand on the pavement of a side, from `pedestrian_center` - `pedestrian_radius` to their sum (m)."""

    pedestrian_center: float = 40.0
    pedestrian_radius: float = 20.0
    pedestrians: float = 20.0
    side: Side = Side.RIGHT


@dataclass(frozen=True)
class GroupParameters:
    """Up to three walkers `distance` (m) ahead, who are there for `walker_duration` (s) and walk at `walker_speed`
    (m/s).
    """

    distance: float = 20.0
    walker_duration: float = 20.0
    walker_speed: float = 2.0
    pedestrians: tuple[str, ...] = (WALKER,)

    def __post_init__(self):
        if not 1 <= len(self.pedestrians) <= len(_GROUP):
            raise ParameterError(f"pedestrians: there are {len(self.pedestrians)}, not 1 to {len(_GROUP)}")
        if self.walker_speed <= 0.0 or self.walker_duration <= _STAND_S:
            raise ParameterError(f"walker_speed, walker_duration: more than 0 m/s and {_STAND_S:g} s are needed")


def pedestrian_crowd(scene: Scene, params: CrowdParameters) -> Script:
    """Many people stand on the pavement, and stay there."""
    with scene.cast() as cast:
        crowd = [_stand_somewhere(scene, cast, params) for _ in range(round(params.pedestrians))]
        standing = [one for one in crowd if one is not None]
        if crowd and not standing:
            raise PlacingError("there is no room for anybody on the pavement")
        yield scene.triggered
        for walker, pose in standing:
            appear(walker, pose)
        with scene.without_blocked_test():
            way = params.pedestrian_center + params.pedestrian_radius + _CROWD_BEYOND_M
            yield first_of(drove(scene, way), scene.timeout())


def pedestrians_on_road(scene: Scene, params: GroupParameters) -> Script:
    """People walk along in the ego's lane, which it has to follow or pass."""
    lane = forward(scene.reference, params.distance)
    poses = [moved(lane, right=right, ahead_m=ahead, up=WALKER_LIFT_M) for ahead, right in _GROUP]
    with scene.cast() as cast:
        group = [(hidden_walker(cast, who, pose), pose) for who, pose in zip(params.pedestrians, poses, strict=False)]
        yield scene.triggered
        for walker, pose in group:
            appear(walker, pose)
        scene.traffic.leave_space(params.distance + _GROUP_SPACE_M)
        with with_extra_space(scene, params.distance + _GROUP_SPACE_M):
            way = params.walker_speed * (params.walker_duration - _STAND_S)
            walks = [_walk_and_stand(scene, walker, params.walker_speed, way) for walker, _ in group]
            far = params.distance + params.walker_duration * params.walker_speed + _GROUP_BEYOND_M
            passed = all_of(*(in_front(scene, scene.ego, walker) for walker, _ in group), drove(scene, far))
            yield first_of(passed, seconds(scene, params.walker_duration), *walks)


# -- building blocks


def _walk_and_stand(scene: Scene, walker: carla.Walker, speed: float, way: float) -> Script:
    yield walk(scene, walker, speed, way)
    walker.apply_control(carla.WalkerControl(speed=0.0))
    yield forever


def _stand_somewhere(scene: Scene, cast: Cast, params: CrowdParameters) -> tuple[carla.Walker, carla.Transform] | None:
    """Somebody at a random place of the pavement, hidden; None when there is no room at any of some."""
    for _ in range(_TRIES):
        pose = _pavement_pose(scene, params)
        try:
            return hidden_walker(cast, WALKER, pose), pose
        except PlacingError:
            continue
    return None


def _pavement_pose(scene: Scene, params: CrowdParameters) -> carla.Transform:
    """A random pose on the pavement. LaneError when there is none beside any of some random places of the lane."""
    rng, radius = scene.rng, params.pedestrian_radius
    for _ in range(_TRIES):
        ahead = params.pedestrian_center + float(rng.uniform(-radius, radius))
        lane = forward(scene.reference, ahead) if ahead >= 0.0 else back(scene.reference, -ahead)
        place = sidewalk(lane, params.side.sign)
        if place.lane_type == carla.LaneType.Sidewalk:
            right = float(rng.uniform(-_LATERAL_SHARE, _LATERAL_SHARE)) * place.lane_width
            return turned(moved(place, right=right, up=WALKER_LIFT_M), float(rng.uniform(0.0, 360.0)))
    raise LaneError(f"there is no pavement to the {params.side.value} for a crowd")


SCENARIOS = (
    declare("PedestrianCrowd", CrowdParameters, pedestrian_crowd),
    declare("PedestriansOnRoad", GroupParameters, pedestrians_on_road),
)
