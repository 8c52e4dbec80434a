"""A careful privileged driver: follows the route, and gives way to all that it can see.

It knows every actor and every light, so it is no measure of perception; it shows that a route can be driven, and it
is what other drivers can be compared with.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import carla
import numpy as np
from numpy.typing import NDArray

from lead.agents.context import PrivilegedAgent
from lead.agents.hazards import EgoBody, Leader, corridor_ahead, find_conflict, find_leader
from lead.agents.interface import Track
from lead.agents.path import DrivePath, make_path
from lead.agents.signals import SignalMap
from lead.control import (
    BICYCLE_GAP,
    LIGHT_GAP,
    PATH_SPACING,
    STOP_SIGN_GAP,
    VEHICLE_GAP,
    WALKER_GAP,
    Gap,
    LateralState,
    follow_speed,
    pedals_for,
    steer_along,
)
from lead.expert.decision import Decision
from lead.expert.rules.signals import AT_STOP_M, STANDING
from lead.simulator.scene import Kind, Scene, SceneReader

Floats = NDArray[np.float64]

_GAPS: Mapping[Kind, Gap] = {
    Kind.VEHICLE: VEHICLE_GAP,
    Kind.BICYCLE: BICYCLE_GAP,
    Kind.WALKER: WALKER_GAP,
    Kind.OBSTACLE: VEHICLE_GAP,
}
_CONFLICT_GAP = Gap(2.0, 0.25)
_STOP_TICKS = 10  # ticks of standing after which a stop sign is done
_TICKS_PER_SECOND = 20.0


@dataclass(frozen=True)
class DriverState:
    """What the driver remembers from tick to tick.

    `index`: its place on the path; `standing`: ticks without moving; `stop_ticks`: ticks of standing at a stop sign;
    `stops_done`: stop signs that it has stood at.
    """

    index: int = 0
    lateral: LateralState = field(default_factory=LateralState)
    standing: int = 0
    stop_ticks: int = 0
    stops_done: frozenset[int] = frozenset()


class RouteFollower(PrivilegedAgent):
    """The agent around the driving functions below. `decision` is that of the last tick; `path` the way it drives."""

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        super().__init__(carla_host, carla_port, debug)
        self.track = Track.MAP
        self.decision = Decision(0.0, "ready")
        self.state = DriverState()

    def setup(self, path_to_conf_file: str) -> None:
        """Lay the path; there is nothing to configure."""
        ego, world = self.context.hero, self.context.world
        if ego is None or world is None:
            raise ValueError("the route follower needs a world with an ego vehicle in it")
        self.ego = ego
        self.world = world
        self.path = make_path([pose for pose, _ in self.dense_plan])
        self.signals = SignalMap(self.path)
        self.body = ego_body(ego)
        self._reader = SceneReader(world, ego.id, self.signals.add)

    def run_step(self, input_data: dict, timestamp: float) -> carla.VehicleControl:
        """One tick; sensors are not looked at."""
        snapshot = self.world.get_snapshot()
        pose, speed = ego_motion(self.ego)
        scene = self._reader.read(snapshot, pose)
        self.state = progress(self.state, self.path, pose, speed)
        limit = max(self.ego.get_speed_limit(), 10.0) / 3.6
        view = View(self.path, self.signals, self.body, scene, pose, speed, limit)
        self.state = heed_stop_signs(self.state, view)
        self.decision = decide(self.state, view)
        ahead = self.path.points[self.state.index :, :2]
        steer, lateral = steer_along(self.state.lateral, ahead, (pose[0], pose[1]), pose[2], speed)
        self.state = replace(self.state, lateral=lateral)
        pedals = pedals_for(self.decision.speed, speed)
        brake = 1.0 if pedals.throttle == 0.0 and speed < 0.5 else pedals.brake
        return carla.VehicleControl(throttle=pedals.throttle, steer=steer, brake=brake)


@dataclass(frozen=True)
class View:
    """What there is to decide on: `pose` x, y, yaw (m, rad) of the ego, `speed` and `limit` in m/s."""

    path: DrivePath
    signals: SignalMap
    body: EgoBody
    scene: Scene
    pose: Floats
    speed: float
    limit: float


def ego_body(ego: carla.Vehicle) -> EgoBody:
    """The reach of a vehicle from its origin."""
    box = ego.bounding_box
    return EgoBody(box.extent.x + box.location.x, box.extent.x - box.location.x, box.extent.y)


def ego_motion(ego: carla.Vehicle) -> tuple[Floats, float]:
    """Pose x, y, yaw (m, rad) and forward speed (m/s) of a vehicle."""
    transform, velocity = ego.get_transform(), ego.get_velocity()
    yaw = math.radians(transform.rotation.yaw)
    speed = velocity.x * math.cos(yaw) + velocity.y * math.sin(yaw)
    return np.array([transform.location.x, transform.location.y, yaw]), max(speed, 0.0)


def progress(state: DriverState, path: DrivePath, pose: Floats, speed: float) -> DriverState:
    """The state with the place on the path and the time of standing brought up to date."""
    standing = state.standing + 1 if speed < STANDING else 0
    return replace(state, index=path.nearest(pose, state.index), standing=standing)


def heed_stop_signs(state: DriverState, view: View) -> DriverState:
    """The state with a stop sign marked done once the ego has stood at it."""
    s = state.index * PATH_SPACING
    stop = view.signals.next_stop(s - 3.0, state.stops_done)
    if stop is None or stop.s - s > AT_STOP_M or view.speed >= STANDING:
        return replace(state, stop_ticks=0)
    if state.stop_ticks + 1 < _STOP_TICKS:
        return replace(state, stop_ticks=state.stop_ticks + 1)
    return replace(state, stop_ticks=0, stops_done=state.stops_done | {stop.id})


def decide(state: DriverState, view: View) -> Decision:
    """The slowest of all that asks for a speed."""
    turn = float(view.path.turn_speed[state.index : state.index + 5].min())
    free = Decision(view.limit, "free") if view.limit <= turn else Decision(turn, "turn")
    reach = min(15.0 + view.speed * 2.0 + view.speed**2 / 8.0, 100.0)
    corridor = corridor_ahead(view.path, state.index, view.body.rear, reach)
    leader = find_leader(corridor, view.scene, view.body, _margin(state))
    wishes = [
        free,
        _for_leader(free, view, leader),
        _for_conflict(free, view, state),
        _for_light(free, view, state, leader),
        _for_stop_sign(free, view, state),
    ]
    slowest = min((wish for wish in wishes if wish is not None), key=lambda wish: wish.speed)
    # Creeping the last centimetres towards something that stands would only rock the car.
    return replace(slowest, speed=0.0) if slowest.speed < 0.15 else slowest


def _margin(state: DriverState) -> float:
    """Metres kept free at each side; a car that has long stood squeezes past what hardly is in its way."""
    return 0.35 if state.standing < 8.0 * _TICKS_PER_SECOND else 0.1


def _for_leader(free: Decision, view: View, leader: Leader | None) -> Decision | None:
    if leader is None:
        return None
    speed = follow_speed(free.speed, view.speed, leader.gap, _GAPS[leader.kind], leader.speed)
    return Decision(speed, f"behind {leader.kind.name.lower()}", leader.id, leader.gap)


def _for_conflict(free: Decision, view: View, state: DriverState) -> Decision | None:
    # From a standstill it takes longer to be across; after a long wait smaller gaps must do.
    waited = state.standing / _TICKS_PER_SECOND
    horizon = (3.5 if view.speed < 4.0 else 2.5) - min(waited / 10.0, 2.0)
    corridor = corridor_ahead(view.path, state.index, view.body.rear, 60.0)
    conflict = find_conflict(corridor, view.scene, view.body, view.pose, view.speed, free.speed, horizon)
    if conflict is None:
        return None
    speed = follow_speed(free.speed, view.speed, conflict.distance, _CONFLICT_GAP)
    return Decision(speed, f"yielding to {conflict.kind.name.lower()}", conflict.id, conflict.distance)


def _for_light(free: Decision, view: View, state: DriverState, leader: Leader | None) -> Decision | None:
    front = state.index * PATH_SPACING + view.body.front
    light = view.signals.next_light(front - 1.5)
    if light is None:
        return None
    distance = light.s - front
    if distance > 100.0:
        return None
    reason = _reason_to_wait(light.actor.get_state(), distance, view, leader)
    if reason is None:
        return None
    speed = follow_speed(free.speed, view.speed, distance + LIGHT_GAP.standstill - 1.5, LIGHT_GAP)
    return Decision(speed, reason, light.actor.id, distance)


def _reason_to_wait(light: carla.TrafficLightState, distance: float, view: View, leader: Leader | None) -> str | None:
    if light == carla.TrafficLightState.Red:
        return "red light"
    # At yellow, stop where a moderate brake suffices.
    if light == carla.TrafficLightState.Yellow and distance > view.speed**2 / 10.0:
        return "yellow light"
    length = view.body.front + view.body.rear
    if leader is not None and leader.speed < 0.5 and 0.5 < distance < leader.gap < distance + length + 1.0:
        return "no room beyond the light"
    return None


def _for_stop_sign(free: Decision, view: View, state: DriverState) -> Decision | None:
    s = state.index * PATH_SPACING
    stop = view.signals.next_stop(s - 3.0, state.stops_done)
    if stop is None or stop.s - s > 60.0:
        return None
    distance = max(stop.s - s, 0.0)
    speed = follow_speed(free.speed, view.speed, distance + STOP_SIGN_GAP.standstill, STOP_SIGN_GAP)
    return Decision(speed if distance > 0.4 else 0.0, "stop sign", stop.id, distance)
