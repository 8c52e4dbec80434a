"""The simplest driver there is: along the route at one speed, whatever is in the way."""

import carla

from lead.agents.context import PrivilegedAgent
from lead.agents.interface import Track
from lead.agents.path import make_path
from lead.agents.route_follower import ego_motion
from lead.control import LateralState, pedals_for, steer_along

SPEED = 6.0
"""Metres a second, unless the agent's configuration says otherwise."""


class ConstantSpeed(PrivilegedAgent):
    """A baseline: knows the route and its own place, nothing else; slows down for bends alone."""

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        super().__init__(carla_host, carla_port, debug)
        self.track = Track.MAP
        self._index = 0
        self._lateral = LateralState()

    def setup(self, path_to_conf_file: str) -> None:
        """Lay the path. The configuration is a speed in m/s; ValueError for another one than a positive number."""
        if self.context.hero is None:
            raise ValueError("constant_speed needs a world with an ego vehicle in it")
        self.speed = float(path_to_conf_file) if path_to_conf_file else SPEED
        if not self.speed > 0.0:
            raise ValueError(f"constant_speed drives at a positive speed, not at {self.speed}")
        self.ego = self.context.hero
        self.path = make_path([pose for pose, _ in self.dense_plan])

    def run_step(self, input_data: dict, timestamp: float) -> carla.VehicleControl:
        """One tick; sensors are not looked at."""
        pose, speed = ego_motion(self.ego)
        self._index = self.path.nearest(pose, self._index)
        ahead = self.path.points[self._index :, :2]
        steer, self._lateral = steer_along(self._lateral, ahead, (pose[0], pose[1]), pose[2], speed)
        pedals = pedals_for(min(self.speed, float(self.path.turn_speed[self._index])), speed)
        return carla.VehicleControl(throttle=pedals.throttle, steer=steer, brake=pedals.brake)
