"""The ego starts in a parking place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import carla

from lead.scenarios.cast import FLOW, Cast
from lead.scenarios.conditions import drove, place_of
from lead.scenarios.conditions import moved as travelled
from lead.scenarios.cut_ins import kerb_pose, place_parked
from lead.scenarios.lanes import LaneError, back, forward, moved, neighbour
from lead.scenarios.parameters import Side
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of, forever, in_turn, once

_LIFT_M = 0.2
_BESIDE_WAY_M, _OUT_M = 50.0, 15.0
_USUAL_GAP_M = 15.0


@dataclass(frozen=True)
class ParkingExitParameters:
    """Distances (m) of the parked cars in front and behind, the side on which the ego parks, and the gap (m) between
    the cars that come along.
    """

    front_vehicle_distance: float = 20.0
    behind_vehicle_distance: float = 10.0
    direction: Side = Side.RIGHT
    flow_distance: float = 25.0


def parking_exit(scene: Scene, params: ParkingExitParameters) -> Script:
    """The ego starts between parked cars and has to get into the traffic beside it."""
    lane, side = scene.reference, params.direction
    place = neighbour(lane, side.sign)
    if place is None:
        raise LaneError(f"there is no lane to the {side.value} for the ego to park in")
    with scene.cast() as cast:
        place_parked(cast, forward(lane, params.front_vehicle_distance), side)
        place_parked(cast, back(lane, params.behind_vehicle_distance), side)
        scene.ego.set_transform(kerb_pose(place, side, scene.ego))
        scene.ego.set_target_velocity(carla.Vector3D())
        beside = cast.vehicle(FLOW, moved(lane, up=_LIFT_M))
        yield scene.triggered
        with _traffic_gap(scene, params.flow_distance), scene.without_blocked_test():
            out = drove(scene, params.front_vehicle_distance + _OUT_M)
            yield first_of(out, scene.timeout(), _drive_on(scene, cast, beside))


def _drive_on(scene: Scene, cast: Cast, car: carla.Vehicle) -> Script:
    """A car drives on with the Traffic Manager, which may take it away if it is stuck, and is gone after a while."""
    car.set_autopilot(True, scene.manager.get_port())
    is_far = travelled(place_of(car), _BESIDE_WAY_M)
    yield in_turn(lambda: not car.is_alive or is_far(), once(lambda: cast.dismiss([car])), forever)


@contextmanager
def _traffic_gap(scene: Scene, gap: float) -> Iterator[None]:
    """The background's cars come at this gap (m) while the context lasts."""
    scene.traffic.change_road(gap=gap)
    try:
        yield
    finally:
        scene.traffic.change_road(gap=_USUAL_GAP_M)


SCENARIOS = (declare("ParkingExit", ParkingExitParameters, parking_exit),)
