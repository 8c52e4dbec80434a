"""What disturbs the ego on its way: an emergency vehicle, a blocked exit, debris, traffic that brakes hard."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import carla
import numpy as np

from lead.scenarios.cast import FLOW, Cast, appear, park
from lead.scenarios.conditions import drove, in_front, reached, seconds, within
from lead.scenarios.detours import without_lane
from lead.scenarios.drivers import Care, Floats, ForcedDriver, dense_path, points_of
from lead.scenarios.lanes import back, flat_distance, forward, moved
from lead.scenarios.parameters import NoParameters
from lead.scenarios.registry import declare
from lead.scenarios.scene import YIELD_TO_EMERGENCY_VEHICLE, Fault, Scene
from lead.scenarios.script import Script, every_tick, first_of, in_turn, next_tick

LIGHTS = carla.VehicleLightState
EMERGENCY = {"special_type": "emergency"}
DEBRIS = "static.prop.dirtdebris01"

_LIFT_M = 0.5
# Meant as km/h, used as m/s: the emergency vehicle is 90 km/h faster than the ego, as in the leaderboard.
_FASTER_M_S = 25.0
_CHASE_M, _CHASE_NEAR_M, _CHASE_S = 1500.0, 50.0, 10.0
_OVERTAKEN_M, _AFTERWARDS_M = 10.0, 50.0
_BEHIND_JUNCTION_M, _WAITING_M, _WAITING_S = 5.0, 13.0, 10.0
_DEBRIS_M, _SLIPPERY_M = (14.0, 48.0, 74.0), 2.0
_THROTTLE_NOISE, _STEER_NOISE = (0.03, 0.01), (0.055, 0.015)
_SLIPPED_M, _SLIPPED_ALL_M = 36.0, 110.0
_BRAKING_S, _BRAKED_M = 10.0, 15.0


@dataclass(frozen=True)
class EmergencyParameters:
    """How far (m) behind the trigger the emergency vehicle starts."""

    distance: float = 140.0


def yield_to_emergency_vehicle(scene: Scene, params: EmergencyParameters) -> Script:
    """An emergency vehicle comes fast from behind; the ego has to let it pass."""
    start = back(scene.reference, params.distance)
    pose = moved(start, up=_LIFT_M)
    with scene.cast() as cast:
        vehicle = cast.hidden_vehicle(EMERGENCY, pose)
        path = dense_path(_way_of_route(scene, start, params.distance + _CHASE_M))
        yield scene.triggered
        with without_lane(scene, scene.reference), _judged_in_the_end(scene, vehicle):
            appear(vehicle, pose)
            vehicle.set_light_state(LIGHTS(LIGHTS.Special1 | LIGHTS.Special2 | LIGHTS.Position | LIGHTS.LowBeam))
            driver = ForcedDriver(
                vehicle, path, lambda: scene.tick.speed + _FASTER_M_S, scene.lookout, Care(10.0, 0.15)
            )
            yield first_of(
                in_turn(within(scene, vehicle, _CHASE_NEAR_M), seconds(scene, _CHASE_S)),
                in_turn(in_front(scene, vehicle, scene.ego, _OVERTAKEN_M), drove(scene, _AFTERWARDS_M)),
                every_tick(driver.step),
            )


def blocked_intersection(scene: Scene, params: NoParameters) -> Script:
    """Behind the junction a car stands in the way, for a while."""
    pose = moved(forward(scene.route_after_junction(), _BEHIND_JUNCTION_M), up=_LIFT_M)
    with scene.cast() as cast:
        car = cast.hidden_vehicle(FLOW, pose)
        yield scene.triggered
        appear(car, pose)
        park(car, LIGHTS.Brake)
        scene.traffic.handle_junction(clear=True, clear_ego_entry=True, stop_entries=True)
        with scene.without_blocked_test():
            waited = in_turn(reached(scene, pose.location, _WAITING_M), seconds(scene, _WAITING_S))
            yield first_of(waited, scene.timeout())


def control_loss(scene: Scene, params: NoParameters) -> Script:
    """Debris on the lane, on which the ego's throttle and steering do not obey."""
    with scene.cast() as cast:
        places = [_place_debris(scene, cast, lane) for lane in _debris_lanes(scene.reference)]
        yield scene.triggered
        slips = [_slip(scene, place) for place in places]
        yield first_of(in_turn(*slips, drove(scene, _SLIPPED_M)), drove(scene, _SLIPPED_ALL_M))


def hard_brake(scene: Scene, params: NoParameters) -> Script:
    """All cars ahead brake to a stand at once, and go on after a while."""
    yield scene.triggered
    with stopped_ahead(scene):
        yield seconds(scene, _BRAKING_S)
    yield drove(scene, _BRAKED_M)


@contextmanager
def stopped_ahead(scene: Scene) -> Iterator[None]:
    """The cars ahead of the ego stand while the context lasts."""
    scene.traffic.stop_front(True)
    try:
        yield
    finally:
        scene.traffic.stop_front(False)


# -- building blocks


@contextmanager
def _judged_in_the_end(scene: Scene, vehicle: carla.Vehicle) -> Iterator[None]:
    """In the end, whatever ends it, the vehicle must not be behind the ego any more."""
    try:
        yield
    finally:
        place = vehicle.get_location()
        x, y, _ = scene.tick.location
        ahead = (place.x - x) * np.cos(scene.tick.yaw) + (place.y - y) * np.sin(scene.tick.yaw)
        if ahead < 0.0:
            message = f"Agent did not yield to the emergency vehicle of the scenario {scene.config.name}"
            scene.faults.append(Fault(YIELD_TO_EMERGENCY_VEHICLE, message))


def _way_of_route(scene: Scene, start: carla.Waypoint, length: float) -> Floats:
    """Points (n, 3) down the lane; where it branches, those next to the route."""

    def off_route(place: carla.Waypoint) -> float:
        location = place.transform.location
        return float(np.hypot(*(scene.trace.location[:, :2] - (location.x, location.y)).T).min())

    places = [start]
    for _ in range(int(length)):
        following = places[-1].next(1.0)
        if not following:
            break
        places.append(following[0] if len(following) == 1 else min(following, key=lambda one: off_route(_later(one))))
    return points_of(places)


def _later(place: carla.Waypoint) -> carla.Waypoint:
    """Where the branches of a lane are well apart."""
    return forward(place, 10.0)


def _debris_lanes(reference: carla.Waypoint) -> list[carla.Waypoint]:
    """Where debris lies: one place less where a junction comes too early."""
    lanes: list[carla.Waypoint] = []
    for distance in _DEBRIS_M:
        lane = forward(reference, distance, stop_at_junction=True)
        if not lanes or flat_distance(lane.transform.location, lanes[-1].transform.location) > _SLIPPERY_M:
            lanes.append(lane)
    return lanes


def _place_debris(scene: Scene, cast: Cast, lane: carla.Waypoint) -> carla.Location:
    above = moved(lane, up=_LIFT_M)
    ground = scene.world.ground_projection(above.location, 10.0)
    place = ground.location if ground is not None else lane.transform.location
    cast.prop(DEBRIS, carla.Transform(place, above.rotation))
    return place


def _slip(scene: Scene, place: carla.Location) -> Script:
    """While the ego is on the debris, noise with a drawn sign comes on top of the agent's control."""
    signs = scene.rng.choice((-1.0, 1.0), 2)

    def disturb() -> None:
        told = scene.tick.control
        throttle = told.throttle + scene.rng.normal(signs[0] * _THROTTLE_NOISE[0], _THROTTLE_NOISE[1])
        steer = told.steer + scene.rng.normal(signs[1] * _STEER_NOISE[0], _STEER_NOISE[1])
        control = carla.VehicleControl(
            throttle=float(np.clip(throttle, 0.0, 1.0)),
            steer=float(np.clip(steer, -1.0, 1.0)),
            brake=told.brake,
            hand_brake=told.hand_brake,
            reverse=told.reverse,
        )
        scene.ego.apply_control(control)

    on_debris = reached(scene, place, _SLIPPERY_M)
    yield on_debris
    while on_debris():
        disturb()
        yield next_tick()


SCENARIOS = (
    declare("YieldToEmergencyVehicle", EmergencyParameters, yield_to_emergency_vehicle),
    declare("BlockedIntersection", NoParameters, blocked_intersection),
    declare("ControlLoss", NoParameters, control_loss),
    declare("HardBreakRoute", NoParameters, hard_brake),
)
