"""The agent around the expert's pure functions."""

import os

import carla

from lead.agents.context import PrivilegedAgent
from lead.agents.expert.labels import labels_of
from lead.agents.expert.perception import Perception
from lead.agents.interface import Track
from lead.agents.labels import DecisionLabels
from lead.control import LateralState, pedals_for, steer_along
from lead.expert.config import parse_config
from lead.expert.corridor import Corridor
from lead.expert.decision import Decision, Memory
from lead.expert.driver import Plan, drive
from lead.expert.scene import Floats, Scene

CONFIG_VARIABLE = "LEAD_EXPERT_CONFIG"
"""Settings for all drives, such as `visibility=false`; those of the agent's configuration come on top."""

_HOLD = 0.5  # slower than this (m/s) a car without throttle is held by the brake
_BACKING_THROTTLE = 0.4


class Expert(PrivilegedAgent):
    """Drives by rules on what a student could know. `plan`, `decision`, `scene`, `memory`: those of the last tick."""

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        super().__init__(carla_host, carla_port, debug)
        self.track = Track.MAP
        self.decision = Decision(0.0, "ready")
        self.memory = Memory()
        self.scene: Scene | None = None
        self.plan: Plan | None = None
        self._lateral = LateralState()

    def setup(self, path_to_conf_file: str) -> None:
        """Look at the route. The configuration is settings such as `visibility=false max_speed=15`."""
        self.config = parse_config(path_to_conf_file, parse_config(os.environ.get(CONFIG_VARIABLE, "")))
        sparse = [pose for pose, _ in self._global_plan_world_coord or ()]
        self._perception = Perception(self.context, self.dense_plan, sparse)

    @property
    def way(self) -> Floats | None:
        """The way (n, 2), m in the world, that it has settled on, from where it is on; None before the first tick."""
        if self.scene is None:
            return None
        route = self.scene.route
        corridor = Corridor.along(route, self.memory.way_offset(route.s))
        return corridor.points[corridor.row(self.scene.ego.s) :]

    @property
    def labels(self) -> DecisionLabels:
        """What was decided in the last tick and why, for recordings."""
        return labels_of(self.plan, self.way) if self.plan is not None else DecisionLabels()

    def run_step(self, input_data: dict, timestamp: float) -> carla.VehicleControl:
        """One tick; sensors are not looked at."""
        self.scene = scene = self._perception.read()
        plan, self.memory = drive(scene, self.memory, self.config)
        self.plan, self.decision = plan, plan.decision
        if plan.decision.speed < 0.0:
            return carla.VehicleControl(throttle=_BACKING_THROTTLE, reverse=True)
        ego = scene.ego
        at = ego.position[:2].tolist()
        steer, self._lateral = steer_along(self._lateral, plan.path, at, ego.yaw, ego.speed, plan.bend)
        pedals = pedals_for(plan.decision.speed, ego.speed)
        brake = 1.0 if pedals.throttle == 0.0 and ego.speed < _HOLD else pedals.brake
        return carla.VehicleControl(throttle=pedals.throttle, steer=steer, brake=brake)
